"""Whether a party came: the look an hour after its start, and the usual next step of a visit."""

from typing import Any

from domain.bookings import queries
from domain.bookings.booking import NO_SHOW
from domain.bookings.booking import NO_SHOW_AFTER_US
from domain.bookings.changes import apply_change
from domain.bookings.changes import change_reservation
from domain.bookings.machine import USUAL
from domain.bookings.rows import read_reservation
from domain.timers.service import set_task
from domain.timers.service import set_timer
from kit.documents import Document
from kit.errors import InvalidTransition
from kit.scope import Scope
from kit.unit import tenant_now_us

BUSY_S = 5.0
NEVER_COMES = "no show"  # a guest of this name does not arrive when the sandbox plays the guests


def call_no_show(scope: Scope, reservation_id: str) -> None:
    """Timer: an hour after its start a confirmed party is a no-show, or seated if somebody has ordered for it."""
    if queries.try_lock.row(scope, reservation_id=reservation_id) is None:
        # Waiting here could block whoever has the row and wants this timer.
        if queries.one.document(scope, reservation_id=reservation_id) is not None:
            set_task(scope, kind=NO_SHOW, object_id=reservation_id, delay_s=BUSY_S)
        return
    before = read_reservation(scope, reservation_id=reservation_id)
    due_at_us = before["start_at"] + NO_SHOW_AFTER_US
    if before["status"] != "confirmed" or before["created_at"] > before["start_at"]:
        return
    if tenant_now_us(scope) < due_at_us:
        set_timer(scope, kind=NO_SHOW, object_id=reservation_id, due_at_us=due_at_us)
        return
    has_ordered = queries.has_order.row(scope, reservation_id=reservation_id) is not None
    apply_change(scope, before=before, columns={}, target="seated" if has_ordered else "no_show")


def advance_reservation(scope: Scope, *, reservation_id: str) -> Document:
    """Let the usual next thing happen: requested, confirmed, arrived, seated, completed. Returns the document.

    A guest named "No Show" never arrives. Raises NotFound, InvalidTransition (409) for a visit that is over and for an
    unpaid deposit.
    """
    before = read_reservation(scope, reservation_id=reservation_id)
    target = USUAL.get(before["status"])
    if target is None:
        data: dict[str, Any] = {"from": before["status"], "to": before["status"], "allowed": []}
        raise InvalidTransition(f"A {before['status']} reservation is over.", **data)
    is_absent = (before["contact"]["name"] or "").strip().casefold() == NEVER_COMES
    if target == "arrived" and is_absent:
        target = "no_show"
    return change_reservation(scope, reservation_id=reservation_id, status=target)
