"""Holds: tables kept for a few minutes while a guest is still typing. Silent until one runs out."""

from datetime import datetime

from domain.bookings import slot_queries
from domain.bookings.errors import HoldExpired
from domain.bookings.errors import OutsideOpeningHours
from domain.bookings.floor import choose_tables
from domain.bookings.floor import open_floor
from domain.bookings.floor import take
from domain.bookings.hold_rows import EXPIRY
from domain.bookings.hold_rows import is_alive
from domain.bookings.hold_rows import lock_hold
from domain.bookings.hold_rows import read_hold
from domain.bookings.hold_rows import run_out
from domain.bookings.hold_rows import write_hold
from domain.bookings.hours import MINUTE_US
from domain.bookings.hours import instant_of
from domain.bookings.hours import is_within_hours
from domain.bookings.hours import turn_minutes
from domain.bookings.models import Hold
from domain.timers.service import set_task
from domain.timers.service import set_timer
from kit.clock import SECOND_US
from kit.documents import Document
from kit.documents import append
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us

TTL_S = 300
SHORTEST_S, LONGEST_S = 59, 86_400
BUSY_S = 5.0  # when another transaction has the row just now


def hold_tables(
    scope: Scope,
    *,
    location_id: str,
    start: datetime | int,
    party_size: int,
    duration_minutes: int | None = None,
    table_ids: tuple[str, ...] = (),
    ttl_s: int = TTL_S,
) -> Document:
    """Keep tables free until ttl_s from now and return the hold document.

    start: as in ReservationDraft. table_ids empty: the best free ones. Raises TableUnavailable (409), and with 422 Invalid
    (also for a start in the past), PartyTooLarge, OutsideOpeningHours, NonexistentLocalTime.
    """
    _check_ttl(ttl_s)
    location = open_floor(scope, location_id=location_id)
    start_us, now_us = instant_of(location, start), tenant_now_us(scope)
    if start_us < now_us:
        raise Invalid(errors=[FieldError("start_at", "validation_failed", "A hold starts now or later.")])
    ensure_within_hours(location, start_us)
    minutes = duration_minutes or turn_minutes(location, party_size)
    end_us = start_us + minutes * MINUTE_US
    chosen = choose_tables(
        scope, location=location, start_us=start_us, end_us=end_us, party_size=party_size, table_ids=table_ids
    )
    hold_id, expires_at = new_id("hld"), now_us + ttl_s * SECOND_US
    append(scope, Hold, [{
        "id": hold_id, "location_id": location_id, "table_ids": chosen, "start_at": start_us, "end_at": end_us,
        "duration_minutes": minutes, "party_size": party_size, "status": "active", "expires_at": expires_at,
        "version": 1, "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    take(scope, table_ids=chosen, start_us=start_us, end_us=end_us, hold_id=hold_id)
    set_timer(scope, kind=EXPIRY, object_id=hold_id, due_at_us=expires_at)
    return read_hold(scope, hold_id=hold_id)


def get_hold(scope: Scope, *, hold_id: str) -> Document:
    """Read one hold, whatever became of it. Raises NotFound."""
    hold = read_hold(scope, hold_id=hold_id)
    is_over = hold["status"] == "active" and not is_alive(scope, hold)
    return hold | {"status": "expired"} if is_over else hold


def renew_hold(scope: Scope, *, hold_id: str, ttl_s: int = TTL_S) -> Document:
    """Let a hold last until ttl_s from now and return it. Raises NotFound, HoldExpired (410), Invalid (422)."""
    _check_ttl(ttl_s)
    before = living_hold(scope, hold_id=hold_id)
    expires_at = tenant_now_us(scope) + ttl_s * SECOND_US
    after = write_hold(scope, before, status="active", expires_at=expires_at)
    set_timer(scope, kind=EXPIRY, object_id=hold_id, due_at_us=expires_at)
    return after


def release_hold(scope: Scope, *, hold_id: str) -> None:
    """Give a hold's tables back. Doing it again, or when it has run out, changes nothing.

    Raises NotFound, and HoldExpired (410) when a reservation has been made of it.
    """
    before = lock_hold(scope, hold_id=hold_id)
    if before["status"] == "used":
        raise _expired(before)
    if before["status"] == "active":
        write_hold(scope, before, status="released")


def living_hold(scope: Scope, *, hold_id: str) -> Document:
    """Lock a hold that still keeps its tables. Raises NotFound, HoldExpired (410)."""
    hold = lock_hold(scope, hold_id=hold_id)
    if not is_alive(scope, hold):
        raise _expired(hold)
    return hold


def expire_hold(scope: Scope, hold_id: str) -> None:
    """Timer: end a hold whose time is over."""
    hold = slot_queries.try_lock_hold.document(scope, hold_id=hold_id)
    if hold is None:
        # Waiting here could block whoever has the row and wants this timer; somebody renews or uses it just now.
        if slot_queries.hold.document(scope, hold_id=hold_id) is not None:
            set_task(scope, kind=EXPIRY, object_id=hold_id, delay_s=BUSY_S)
    elif hold["status"] == "active" and is_alive(scope, hold):
        set_timer(scope, kind=EXPIRY, object_id=hold_id, due_at_us=hold["expires_at"])
    elif hold["status"] == "active":
        run_out(scope, hold)


def ensure_within_hours(location: Document, start_us: int) -> None:
    """Raise OutsideOpeningHours (422) unless guests may be seated then."""
    if not is_within_hours(location, start_us):
        raise OutsideOpeningHours(
            f"{location['name']} seats nobody then.", location_id=location["id"], start_at=start_us
        )


def _check_ttl(ttl_s: int) -> None:
    if not SHORTEST_S <= ttl_s <= LONGEST_S:
        message = f"Expected {SHORTEST_S} to {LONGEST_S} seconds."
        raise Invalid(errors=[FieldError("ttl_seconds", "validation_failed", message)])


def _expired(hold: Document) -> HoldExpired:
    status = "expired" if hold["status"] == "active" else hold["status"]
    return HoldExpired(f"The hold {hold['id']} is {status}.", hold_id=hold["id"], hold_status=status)
