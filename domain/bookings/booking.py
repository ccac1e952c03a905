"""Taking a booking. It gets its tables in the same transaction or is refused.

An unpaid required deposit keeps it `requested`. A repeated natural key returns the first reservation.
"""

import secrets
from dataclasses import dataclass
from dataclasses import replace

from domain.bookings import queries
from domain.bookings import slot_queries
from domain.bookings.drafts import Party
from domain.bookings.drafts import ReservationDraft
from domain.bookings.drafts import content_digest
from domain.bookings.events import ReservationCreated
from domain.bookings.floor import active_tables
from domain.bookings.floor import choose_tables
from domain.bookings.floor import named_tables
from domain.bookings.floor import open_floor
from domain.bookings.floor import take
from domain.bookings.hold_rows import read_hold
from domain.bookings.hold_rows import write_hold
from domain.bookings.holds import ensure_within_hours
from domain.bookings.holds import living_hold
from domain.bookings.hours import MINUTE_US
from domain.bookings.hours import instant_of
from domain.bookings.hours import local_date
from domain.bookings.hours import turn_minutes
from domain.bookings.machine import BLOCKING
from domain.bookings.machine import EXPECTED
from domain.bookings.machine import STATUSES
from domain.bookings.parties import checked_party
from domain.bookings.parties import guest_columns
from domain.bookings.policy import refund_ends_at
from domain.bookings.policy import required_deposit
from domain.bookings.rows import add_to_history
from domain.bookings.rows import put_at_tables
from domain.bookings.rows import read_reservation
from domain.locations.errors import StoreUnavailable
from domain.timers.service import set_timer
from kit.documents import Document
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import CROCKFORD
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

NO_SHOW = "reservation.no_show"  # the kind of its timer
NO_SHOW_AFTER_US = 60 * MINUTE_US
CODE_CHARS = 10


@dataclass(frozen=True, slots=True)
class Booked:
    """is_new False: the natural key was used before with the same content, and this is that reservation."""

    document: Document
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Stay:
    """A judged time: who comes, from when to when."""

    party: Party
    start_us: int
    end_us: int
    minutes: int


def book(scope: Scope, *, draft: ReservationDraft) -> Booked:
    """Take a booking and record reservation.created.

    Raises NotFound (the hold), DuplicateReference (409), TableUnavailable (409, with alternatives), HoldExpired (410), and
    with 422 Invalid, PartyTooLarge, OutsideOpeningHours, NonexistentLocalTime, StoreUnavailable, PhoneInvalid,
    EmailInvalid.
    """
    digest = None
    if draft.external_id is not None:
        digest = content_digest(draft)
        first = _replay(scope, draft, digest)
        if first is not None:
            return first
    draft, location = _opened(scope, draft)
    stay = _stay(draft, location)
    is_record = draft.is_import and stay.end_us <= tenant_now_us(scope)  # of the past
    if not (draft.is_import or draft.is_forced):
        ensure_within_hours(location, stay.start_us)
    columns = _columns(scope, draft, location, stay, is_record) | {"content_digest": digest}
    takes_tables = columns["status"] in BLOCKING and not is_record
    table_ids = _tables(scope, draft, location, stay, takes_tables)
    columns |= guest_columns(
        scope, customer_id=draft.customer_id, contact=draft.contact, country=location["country"]
    )  # fmt: skip
    if queries.insert_reservation.row(scope, **queries.parameters(columns)) is None:
        # Another request with this natural key committed between the look above and the insert.
        first = _replay(scope, draft, digest)
        if first is None:
            raise _duplicate(draft)
        return first
    put_at_tables(scope, reservation_id=columns["id"], table_ids=table_ids)
    if takes_tables:
        take(scope, table_ids=table_ids, start_us=stay.start_us, end_us=stay.end_us, reservation_id=columns["id"])
    return Booked(_begun(scope, draft, columns), True)


def expect_no_show(scope: Scope, *, reservation_id: str, status: str, start_us: int) -> None:
    """Have the house look for the party an hour after its start, when it is still to come."""
    if status in EXPECTED and start_us > tenant_now_us(scope):
        set_timer(scope, kind=NO_SHOW, object_id=reservation_id, due_at_us=start_us + NO_SHOW_AFTER_US)


def _opened(scope: Scope, draft: ReservationDraft) -> tuple[ReservationDraft, Document]:
    """The draft completed by its hold, which gives its tables back, and the location with its floor open."""
    hold = None if draft.hold_id is None else read_hold(scope, hold_id=draft.hold_id)
    location_id = draft.location_id or (hold["location_id"] if hold is not None else "")
    location = open_floor(scope, location_id=location_id)
    if not location["is_active"]:
        raise StoreUnavailable("The location is not in service.", location_id=location_id, reason="inactive")
    if hold is None or draft.hold_id is None:
        return draft, location
    hold = living_hold(scope, hold_id=draft.hold_id)
    start_us = hold["start_at"] if draft.start is None else instant_of(location, draft.start)
    wrong = [
        name for name, given, held in (
            ("location_id", location_id, hold["location_id"]), ("start_at", start_us, hold["start_at"]),
            ("table_ids", set(draft.table_ids or hold["table_ids"]), set(hold["table_ids"])),
        ) if given != held
    ]  # fmt: skip
    if wrong:
        raise Invalid(errors=[FieldError(name, "validation_failed", "The hold keeps something else.") for name in wrong])
    slot_queries.release_hold.rows(scope, owner_id=hold["id"])  # the reservation takes them in the same transaction
    party, minutes = draft.party or Party(adult=hold["party_size"]), draft.duration_minutes or hold["duration_minutes"]
    tables = tuple(hold["table_ids"])
    return replace(draft, start=start_us, party=party, duration_minutes=minutes, table_ids=tables), location


def _stay(draft: ReservationDraft, location: Document) -> _Stay:
    missing = [name for name, given in (("start_at", draft.start), ("party_size", draft.party)) if given is None]
    if draft.start is None or draft.party is None:
        raise Invalid(errors=[FieldError(name, "required", "Needed without a hold.") for name in missing])
    party, start_us = checked_party(draft.party), instant_of(location, draft.start)
    minutes = draft.duration_minutes or turn_minutes(location, party.total)
    return _Stay(party, start_us, start_us + minutes * MINUTE_US, minutes)


def _columns(scope: Scope, draft: ReservationDraft, location: Document, stay: _Stay, is_record: bool) -> Document:
    required = required_deposit(location, stay.party.total) if draft.deposit_minor is None else draft.deposit_minor
    required = 0 if is_record else required
    reservation_id, now_us = new_id("res"), tenant_now_us(scope)
    return {
        "id": reservation_id, "ref": draft.ref or _code(), "external_id": draft.external_id,
        "source": draft.source, "channel": draft.channel, "location_id": location["id"],
        "start_at": stay.start_us, "end_at": stay.end_us, "duration_minutes": stay.minutes,
        "local_date": local_date(location, stay.start_us),
        "party_size": stay.party.total, "party": stay.party.as_document(),
        "status": _first_status(draft, required), "sub_status": draft.sub_status, "seat_kind": draft.seat_kind,
        "special_request": draft.special_request, "memo": draft.memo, "flags": list(draft.flags),
        "currency": location["currency"], "deposit_required_minor": required,
        "deposit_paid_minor": 0, "deposit_refunded_minor": 0, "deposit_pending_minor": 0,
        "deposit_refund_ends_at": refund_ends_at(location, stay.start_us) if required else None,
        "is_on_request": draft.status == "requested", "is_import": draft.is_import, "cancel": None,
        "version": 1, "created_at": now_us, "updated_at": now_us,
    }  # fmt: skip


def _first_status(draft: ReservationDraft, required_minor: int) -> str:
    allowed = STATUSES if draft.is_import else ("requested", "confirmed")
    status = draft.status or "confirmed"
    if status not in allowed:
        message = f"Expected one of {', '.join(allowed)}."
        raise Invalid(errors=[FieldError("status", "validation_failed", message)])
    return "requested" if required_minor and status == "confirmed" else status


def _tables(
    scope: Scope, draft: ReservationDraft, location: Document, stay: _Stay, takes_tables: bool
) -> list[str]:
    if takes_tables:
        return choose_tables(
            scope, location=location, start_us=stay.start_us, end_us=stay.end_us, party_size=stay.party.total,
            table_ids=draft.table_ids, preferred_kind=draft.seat_kind,
        )  # fmt: skip
    if not draft.table_ids:
        return []
    return [table.id for table in named_tables(active_tables(scope, location_id=location["id"]), draft.table_ids, 0)]


def _begun(scope: Scope, draft: ReservationDraft, columns: Document) -> Document:
    """Finish what hangs on a new row: history, hold, timer and event. Returns the document."""
    reservation_id, status = columns["id"], columns["status"]
    add_to_history(scope, reservation_id=reservation_id, position=0, status=status, at=columns["created_at"])
    if draft.hold_id is not None:
        write_hold(scope, read_hold(scope, hold_id=draft.hold_id), status="used", reservation_id=reservation_id)
    expect_no_show(scope, reservation_id=reservation_id, status=status, start_us=columns["start_at"])
    document = read_reservation(scope, reservation_id=reservation_id)
    record(scope, ReservationCreated(object=document, location_id=document["location_id"]))
    return document


def _replay(scope: Scope, draft: ReservationDraft, digest: str | None) -> Booked | None:
    """The reservation this natural key already made. Raises DuplicateReference when it was made from other content."""
    row = queries.by_reference.row(scope, source=draft.source, external_id=draft.external_id)
    if row is None:
        return None
    if row[1] != digest:
        raise _duplicate(draft)
    return Booked(read_reservation(scope, reservation_id=row[0]), False)


def _duplicate(draft: ReservationDraft) -> DuplicateReference:
    name = f"external_id {draft.external_id}" if draft.external_id is not None else f"ref {draft.ref}"
    return DuplicateReference(f"{name} already belongs to a reservation with other content.")


def _code() -> str:
    """A code to tell a guest: no letters that are mistaken for digits."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(CODE_CHARS))
