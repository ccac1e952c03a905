"""Changes of a reservation: moves through the machine, another time or table, other fields.

Every change locks the row first and judges what it reads after that. `apply_change` is the only place that writes a status;
it keeps tables, history, deposit and events in step with it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.bookings import queries
from domain.bookings.booking import expect_no_show
from domain.bookings.drafts import UNSET
from domain.bookings.drafts import Party
from domain.bookings.events import REACHED
from domain.bookings.events import ReservationUpdated
from domain.bookings.floor import choose_tables
from domain.bookings.floor import open_floor
from domain.bookings.floor import release
from domain.bookings.floor import take
from domain.bookings.holds import ensure_within_hours
from domain.bookings.hours import MINUTE_US
from domain.bookings.hours import instant_of
from domain.bookings.hours import local_date
from domain.bookings.machine import BLOCKING
from domain.bookings.machine import CALLED_OFF
from domain.bookings.machine import MOVES
from domain.bookings.machine import STATUSES
from domain.bookings.parties import checked_contact
from domain.bookings.parties import checked_party
from domain.bookings.policy import refund_ends_at
from domain.bookings.policy import required_deposit
from domain.bookings.rows import add_to_history
from domain.bookings.rows import deposit_columns
from domain.bookings.rows import lock_reservation
from domain.bookings.rows import owed_minor
from domain.bookings.rows import put_at_tables
from domain.bookings.rows import read_reservation
from domain.bookings.rows import write_row
from domain.guests.service import history_changed
from domain.locations.service import business_date
from domain.locations.service import get_location
from domain.orders.machine import require_move
from domain.payments.service import cancel_payment
from domain.payments.service import refund_payment
from kit.clock import from_us
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

ALWAYS_DIFFERENT = frozenset({"version", "updated_at", "status_history", "is_late"})
TOLD_BY_THE_END = ("status", "cancel", "deposit")
PLAIN = ("sub_status", "special_request", "memo", "flags", "seat_kind", "channel")


@dataclass(frozen=True, slots=True)
class Plan:
    """Where and when a party sits, as a change wants it. table_ids empty: where it sits now, else the best there are."""

    start_us: int
    minutes: int
    party: Party
    table_ids: tuple[str, ...]

    @property
    def end_us(self) -> int:
        return self.start_us + self.minutes * MINUTE_US


def change_reservation(
    scope: Scope,
    *,
    reservation_id: str,
    expected_version: int | None = None,
    status: str = UNSET,
    start: datetime | int = UNSET,
    duration_minutes: int = UNSET,
    party: Party = UNSET,
    table_ids: tuple[str, ...] | list[str] = UNSET,
    contact: dict[str, Any] = UNSET,
    cancel: dict[str, Any] | None = None,
    is_forced: bool = False,
    **plain: Any,
) -> Document:
    """Change a reservation and return its document. What equals the present value is no change and records nothing.

    plain: sub_status, special_request, memo, flags, seat_kind, channel. cancel: {reason_type, reason, by_customer}, only
    for a reservation that is or becomes cancelled or rejected. is_forced: whatever the opening hours. Another time or party
    stays at its tables if they are free then. Records reservation.updated, and the event of an end that was reached.
    Raises NotFound, Conflict (409 version_conflict), InvalidTransition (409), TableUnavailable (409), and with 422 Invalid,
    PartyTooLarge, OutsideOpeningHours, NonexistentLocalTime, PhoneInvalid, EmailInvalid.
    """
    before = lock_reservation(scope, reservation_id=reservation_id)
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The reservation is at version {before['version']} now.", current_version=before["version"])
    target = None if status is UNSET or status == before["status"] else status
    if target is not None:
        _check_move(scope, before, target)
    columns = {name: plain[name] for name in PLAIN if name in plain and plain[name] != before[name]}
    columns |= _cancel_columns(before, target, cancel)
    location = get_location(scope, location_id=before["location_id"])
    if contact is not UNSET:
        columns |= _contact_columns(before, contact, location)
    plan = _plan(before, location, start, duration_minutes, party, table_ids)
    if plan is not None and plan.start_us != before["start_at"] and not is_forced:
        ensure_within_hours(location, plan.start_us)
    if target is None and plan is None and not columns:
        return before
    return apply_change(scope, before=before, columns=columns, target=target, plan=plan)


def apply_change(
    scope: Scope, *, before: Document, columns: dict[str, Any], target: str | None, plan: Plan | None = None
) -> Document:
    """Write a change and all that follows from it. Trusts that `before` is locked and the move judged."""
    reservation_id, status = before["id"], target or before["status"]
    columns = dict(columns) | ({} if target is None else {"status": target})
    if status in BLOCKING and (plan is not None or before["status"] not in BLOCKING):
        columns |= _reseated(scope, before, plan or _present(before))
    elif plan is not None:
        columns |= _unseated(scope, before, plan)
    elif before["status"] in BLOCKING and status not in BLOCKING:
        release(scope, reservation_id=reservation_id)
    if target in CALLED_OFF:
        _give_deposit_back(scope, before, target)
        columns |= deposit_columns(scope, reservation_id=reservation_id)
    at = write_row(scope, before, columns)
    if target is not None:
        reason = (columns.get("cancel") or {}).get("reason_type")
        position = len(before["status_history"])
        add_to_history(scope, reservation_id=reservation_id, position=position, status=target, at=at, reason=reason)
    if plan is not None:
        expect_no_show(scope, reservation_id=reservation_id, status=status, start_us=plan.start_us)
    if target is not None and before["customer_id"] is not None:
        history_changed(scope, guest_id=before["customer_id"])
    after = read_reservation(scope, reservation_id=reservation_id)
    _announce(scope, before=before, after=after)
    return after


def _announce(scope: Scope, *, before: Document, after: Document) -> None:
    """Record reservation.updated with the old values of what differs, and the event of an end that was reached."""
    previous = {
        name: value for name, value in before.items() if value != after[name] and name not in ALWAYS_DIFFERENT
    }  # fmt: skip
    if not previous:
        return
    location_id = after["location_id"]
    record(scope, ReservationUpdated(object=after, previous=previous, location_id=location_id))
    event = REACHED.get(after["status"]) if "status" in previous else None
    if event is not None:
        told: Document = {name: previous[name] for name in TOLD_BY_THE_END if name in previous}
        record(scope, event(object=after, previous=told, location_id=location_id))


def is_record(scope: Scope, reservation: Document) -> bool:
    """Whether this is an imported visit of the past, which takes no tables and may be given any status."""
    return bool(reservation["is_import"] and reservation["end_at"] <= tenant_now_us(scope))


def _check_move(scope: Scope, before: Document, target: str) -> None:
    if target not in STATUSES:
        raise Invalid(errors=[FieldError("status", "validation_failed", f"Expected one of {', '.join(STATUSES)}.")])
    if is_record(scope, before):
        return
    require_move(MOVES, before["status"], target)
    if target == "confirmed" and owed_minor(before):
        _refuse_move(before, target, "Its deposit is not paid.")
    if before["status"] == "no_show" and not _is_same_business_day(scope, before):
        _refuse_move(before, target, "Its business day is over.")


def _refuse_move(before: Document, target: str, why: str) -> None:
    allowed = [name for name in MOVES[before["status"]] if name != target and before["status"] != "no_show"]
    data: dict[str, Any] = {"from": before["status"], "to": target, "allowed": allowed}
    raise InvalidTransition(f"From {before['status']} there is no way to {target}: {why}", **data)


def _is_same_business_day(scope: Scope, before: Document) -> bool:
    location = get_location(scope, location_id=before["location_id"])
    start, now = from_us(before["start_at"]), from_us(tenant_now_us(scope))
    return business_date(location, start) == business_date(location, now)


def _cancel_columns(before: Document, target: str | None, cancel: dict[str, Any] | None) -> dict[str, Any]:
    if (target or before["status"]) not in CALLED_OFF:
        if cancel is not None:
            message = "Only a reservation that is cancelled or rejected has a reason for it."
            raise Invalid(errors=[FieldError("cancel", "validation_failed", message)])
        return {"cancel": None} if before["cancel"] is not None else {}
    known = before["cancel"] or {"reason_type": None, "reason": None, "by_customer": False}
    wanted = known | (cancel or {})
    return {"cancel": wanted} if wanted != before["cancel"] else {}


def _contact_columns(before: Document, contact: dict[str, Any], location: Document) -> dict[str, Any]:
    wanted = checked_contact(before["contact"] | contact, location["country"])
    return {name: value for name, value in wanted.items() if value != before["contact"][name.removeprefix("contact_")]}


def _present(before: Document) -> Plan:
    party = Party(**{name: count for name, count in before["party"].items() if name != "total"})
    return Plan(before["start_at"], before["duration_minutes"], party, ())


def _plan(before: Document, location: Document, start: Any, minutes: Any, party: Any, table_ids: Any) -> Plan | None:
    """What the change wants of time, party and tables; None when that is what it has."""
    now = _present(before)
    wanted = Plan(
        now.start_us if start is UNSET else instant_of(location, start),
        now.minutes if minutes is UNSET else minutes,
        now.party if party is UNSET else checked_party(party),
        () if table_ids is UNSET or set(table_ids) == set(before["table_ids"]) else tuple(table_ids),
    )
    return None if wanted == now else wanted


def _reseated(scope: Scope, before: Document, plan: Plan) -> dict[str, Any]:
    """Move a party to its planned time and tables, the old ones given up first. Returns the columns that change."""
    location = open_floor(scope, location_id=before["location_id"])
    columns = _columns_of(scope, before, plan, location)
    if before["is_import"] and plan.end_us <= tenant_now_us(scope):
        return columns
    release(scope, reservation_id=before["id"])
    chosen = choose_tables(
        scope, location=location, start_us=plan.start_us, end_us=plan.end_us, party_size=plan.party.total,
        table_ids=plan.table_ids, preferred_kind=before["seat_kind"], kept=tuple(before["table_ids"]),
    )  # fmt: skip
    put_at_tables(scope, reservation_id=before["id"], table_ids=chosen)
    take(scope, table_ids=chosen, start_us=plan.start_us, end_us=plan.end_us, reservation_id=before["id"])
    return columns


def _unseated(scope: Scope, before: Document, plan: Plan) -> dict[str, Any]:
    """The columns of another plan for a visit that has no tables to move: only a record of the past may be corrected."""
    if not is_record(scope, before):
        data: dict[str, Any] = {"from": before["status"], "to": before["status"], "allowed": []}
        raise InvalidTransition(f"A {before['status']} reservation keeps its time, party and tables.", **data)
    return _columns_of(scope, before, plan, get_location(scope, location_id=before["location_id"]))


def _columns_of(scope: Scope, before: Document, plan: Plan, location: Document) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "start_at": plan.start_us, "end_at": plan.end_us, "duration_minutes": plan.minutes,
        "local_date": local_date(location, plan.start_us),
        "party": plan.party.as_document(), "party_size": plan.party.total,
    }  # fmt: skip
    deposit = before["deposit"]
    if deposit["required_minor"] and not deposit["paid_minor"] and not deposit["pending_minor"]:
        columns["deposit_required_minor"] = required_deposit(location, plan.party.total)
    # Whoever is too late to cancel freely does not get there by moving the date first.
    if deposit["refund_ends_at"] is not None and tenant_now_us(scope) <= deposit["refund_ends_at"]:
        columns["deposit_refund_ends_at"] = refund_ends_at(location, plan.start_us)
    return columns


def _give_deposit_back(scope: Scope, before: Document, target: str | None) -> None:
    """Give up what is not confirmed; give back what was paid when it is early enough or the house said no."""
    deposit, now_us = before["deposit"], tenant_now_us(scope)
    is_free = target == "rejected" or deposit["refund_ends_at"] is None or now_us <= deposit["refund_ends_at"]
    for payment_id, status in queries.deposit_payments.rows(scope, reservation_id=before["id"]):
        if status == "created":
            cancel_payment(scope, payment_id=payment_id)
        elif status in ("confirmed", "partially_refunded") and is_free and not deposit["applied_minor"]:
            refund_payment(scope, payment_id=payment_id, reason="customer_request")
