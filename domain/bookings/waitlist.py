"""Parties at the door without a table: joining, being called, seated or removed.

Seating makes a reservation of its own, taken and seated at once. The waitlist itself records no events.
"""

from collections.abc import Mapping
from typing import Any

from domain.bookings import waiting_queries as queries
from domain.bookings.booking import book
from domain.bookings.changes import change_reservation
from domain.bookings.drafts import Party
from domain.bookings.drafts import ReservationDraft
from domain.bookings.floor import active_tables
from domain.bookings.floor import taken
from domain.bookings.hours import MINUTE_US
from domain.bookings.hours import SLOT_US
from domain.bookings.hours import on_grid
from domain.bookings.hours import turn_minutes
from domain.bookings.models import WaitlistEntry
from domain.bookings.parties import checked_party
from domain.bookings.parties import guest_columns
from domain.bookings.seating import choices
from domain.bookings.seating import first_free
from domain.locations.service import get_location
from domain.orders.machine import require_move
from kit.documents import Document
from kit.documents import append
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us

MOVES: Mapping[str, tuple[str, ...]] = {
    "waiting": ("called", "seated", "removed"),
    "called": ("seated", "removed"),
    "seated": (),
    "removed": (),
}
STATUSES = tuple(MOVES)
LONGEST_QUOTE_MIN = 240


def join_waitlist(
    scope: Scope,
    *,
    location_id: str,
    party_size: int,
    customer_id: str | None = None,
    contact: Mapping[str, Any] | None = None,
    quoted_minutes: int | None = None,
    seat_kind: str | None = None,
    notes: str | None = None,
) -> Document:
    """Put a party on the waitlist of a location and return its entry.

    quoted_minutes: the wait the party was told; None: until tables that seat it are free for a whole stay, as far as
    bookings know, or None when that is more than four hours. Raises Invalid (422), PhoneInvalid, EmailInvalid.
    """
    try:
        location = get_location(scope, location_id=location_id)
    except NotFound as error:
        raise Invalid(error.detail, errors=[FieldError("location_id", error.code, error.detail)]) from error
    checked_party(Party(adult=party_size))
    now_us, entry_id = tenant_now_us(scope), new_id("wtl")
    columns = guest_columns(scope, customer_id=customer_id, contact=contact, country=location["country"])
    quote = _quote(scope, location, party_size) if quoted_minutes is None else quoted_minutes
    append(scope, WaitlistEntry, [{
        "id": entry_id, "location_id": location_id, "party_size": party_size, "seat_kind": seat_kind, "notes": notes,
        "quoted_minutes": quote, "status": "waiting", "version": 1, "created_at": now_us, "updated_at": now_us, **columns,
    }])  # fmt: skip
    return get_waiting(scope, entry_id=entry_id)


def get_waiting(scope: Scope, *, entry_id: str) -> Document:
    """Read one waitlist entry; position counts those before it at its location, itself included. Raises NotFound."""
    document = queries.one.document(scope, entry_id=entry_id)
    if document is None:
        raise NotFound(f"There is no waitlist entry {entry_id}.")
    return document


def list_waitlist(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    status: tuple[str, ...] = (),
    location_id: str | None = None,
    customer_id: str | None = None,
    ref: str | None = None,
) -> list[Document]:
    """List up to limit + 1 entries, first come first. `after` is [created_at in us, id] of the last one before."""
    wanted = {"location_id": location_id, "customer_id": customer_id, "ref": ref}
    filters = {name: value for name, value in wanted.items() if value is not None}
    statuses = {f"is_status_{index}": value for index, value in enumerate(status)}
    after_us, after_id = after or (None, None)
    return queries.listed.documents(
        scope, tuple(filters), len(status), after is not None, **filters, **statuses,
        after_us=after_us, after_id=after_id, rows=limit + 1,
    )  # fmt: skip


def call_waiting(scope: Scope, *, entry_id: str, expected_version: int | None = None) -> Document:
    """Tell a party that its table is ready. Doing it again changes nothing. Raises NotFound, InvalidTransition (409)."""
    before = _locked(scope, entry_id, expected_version)
    return _moved(scope, before, "called")


def remove_waiting(scope: Scope, *, entry_id: str, expected_version: int | None = None) -> Document:
    """Take a party off the waitlist. Doing it again changes nothing. Raises NotFound, InvalidTransition (409)."""
    before = _locked(scope, entry_id, expected_version)
    return _moved(scope, before, "removed")


def seat_waiting(
    scope: Scope,
    *,
    entry_id: str,
    table_ids: tuple[str, ...] = (),
    duration_minutes: int | None = None,
    expected_version: int | None = None,
) -> Document:
    """Seat a party now, at these tables or the best free ones, and return its entry. Doing it again changes nothing.

    Its reservation records reservation.created and reservation.updated. Raises NotFound, InvalidTransition (409),
    TableUnavailable (409), PartyTooLarge, Invalid (422).
    """
    before = _locked(scope, entry_id, expected_version)
    if before["status"] == "seated":
        return before
    require_move(MOVES, before["status"], "seated")
    draft = ReservationDraft(
        source="walk_in", location_id=before["location_id"], start=tenant_now_us(scope),
        party=Party(adult=before["party_size"]), duration_minutes=duration_minutes, table_ids=table_ids,
        customer_id=before["customer_id"], contact=before["contact"], seat_kind=before["seat_kind"],
        special_request=before["notes"], deposit_minor=0, is_forced=True,
    )  # fmt: skip
    reservation_id = book(scope, draft=draft).document["id"]
    change_reservation(scope, reservation_id=reservation_id, status="seated")
    return _moved(scope, before, "seated", reservation_id=reservation_id)


def _locked(scope: Scope, entry_id: str, expected_version: int | None) -> Document:
    if queries.lock.row(scope, entry_id=entry_id) is None:
        raise NotFound(f"There is no waitlist entry {entry_id}.")
    before = get_waiting(scope, entry_id=entry_id)
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The entry is at version {before['version']} now.", current_version=before["version"])
    return before


def _moved(scope: Scope, before: Document, target: str, reservation_id: str | None = None) -> Document:
    if before["status"] == target:
        return before
    require_move(MOVES, before["status"], target)
    now_us = max(tenant_now_us(scope), before["updated_at"])
    queries.change.rows(
        scope, entry_id=before["id"], new_status=target, new_reservation_id=reservation_id, changed_at=now_us,
        new_called_at=now_us if target == "called" else before["called_at"],
        new_ended_at=now_us if target in ("seated", "removed") else None,
    )  # fmt: skip
    return get_waiting(scope, entry_id=before["id"])


def _quote(scope: Scope, location: Document, party_size: int) -> int | None:
    now_us, stay_us = tenant_now_us(scope), turn_minutes(location, party_size) * MINUTE_US
    options = choices(active_tables(scope, location_id=location["id"]), party_size=party_size)
    longest_us = LONGEST_QUOTE_MIN * MINUTE_US
    busy = taken(scope, location_id=location["id"], from_us=now_us, to_us=now_us + longest_us + stay_us)
    for wait_us in range(0, longest_us + 1, SLOT_US):
        if first_free(options, busy, *on_grid(now_us + wait_us, now_us + wait_us + stay_us)) is not None:
            return wait_us // MINUTE_US
    return None
