"""Cancelling: who may at once, the request a channel opens otherwise, and what a restaurant's reason entails."""

from typing import Any

from domain.locations.service import get_location
from domain.locations.service import set_store_status
from domain.menus.service import set_item_availability
from domain.orders.changes import changed_at
from domain.orders.changes import lock_order
from domain.orders.changes import read_order
from domain.orders.changes import record_updated
from domain.orders.changes import write_change
from domain.orders.changes import write_columns
from domain.orders.events import OrderCancellationRequested
from domain.orders.machine import CANCELLED_ON_REQUEST
from domain.orders.machine import MOVES
from domain.orders.machine import REASONS
from domain.orders.machine import is_channel_order
from domain.orders.machine import require_move
from kit.clock import SECOND_US
from kit.clock import from_us
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

FREE_CANCEL_US = 60 * SECOND_US
REQUESTED, APPROVED, DENIED = "requested", "approved", "denied"
PAUSES_US = {"store_closed": 12 * 3600 * SECOND_US, "kitchen_busy": 900 * SECOND_US}


def request_cancellation(
    scope: Scope, *, order_id: str, reason: str, reason_detail: str | None = None, expected_version: int | None = None
) -> Document:
    """Cancel an order for the channel or guest who wants it, or open a request the restaurant answers.

    A channel's order that was accepted over 60 s ago only gets the request (order.cancellation_requested); anything else
    that may be cancelled is (order.cancelled). Asking again changes nothing. Raises NotFound, Conflict, InvalidTransition
    (409) for an order that cannot be cancelled any more, Invalid (422) for an unknown reason.
    """
    before = lock_order(scope, order_id=order_id, expected_version=expected_version)
    if before["status"] == "cancelled":
        return before
    if reason not in REASONS:
        message = f"Say why, with one of {', '.join(REASONS)}."
        raise Invalid(errors=[FieldError("reason", "validation_failed", message)])
    require_move(MOVES, before["status"], "cancelled")
    if must_ask(scope, before):
        return ask_to_cancel(scope, before=before, reason=reason, reason_detail=reason_detail)
    return write_change(
        scope, before=before, fields={}, target="cancelled", reason=reason, reason_detail=reason_detail
    )


def decide_cancellation(
    scope: Scope, *, order_id: str, approve: bool, expected_version: int | None = None
) -> Document:
    """Answer the open cancellation request of an order: cancel it (order.cancelled), or not (order.updated).

    The same answer again changes nothing. Raises NotFound, Conflict, InvalidTransition (409) when nothing is open.
    """
    before = lock_order(scope, order_id=order_id, expected_version=expected_version)
    request = before["cancellation_request"] or {"status": "none"}
    answer = APPROVED if approve else DENIED
    if request["status"] == answer:
        return before
    if request["status"] != REQUESTED:
        data: dict[str, Any] = {"from": request["status"], "to": answer, "allowed": []}
        raise InvalidTransition("Nobody asks to cancel this order.", **data)
    if approve:
        return write_change(
            scope, before=before, fields={}, target="cancelled", reason=request["reason"],
            reason_detail=request["reason_detail"],
        )  # fmt: skip
    at = changed_at(scope, before)
    denied = request | {"status": DENIED, "decided_at": at}
    write_columns(scope, before=before, columns={"cancellation_request": denied}, at=at)
    after = read_order(scope, order_id=order_id)
    record_updated(scope, before=before, after=after)
    return after


def must_ask(scope: Scope, order: Document) -> bool:
    """Tell whether a channel's cancellation needs the restaurant's consent: accepted, and that over 60 s ago."""
    if order["status"] not in CANCELLED_ON_REQUEST or not is_channel_order(order):
        return False
    accepted = [entry["at"] for entry in order["status_history"] if entry["status"] == "accepted"]
    return not accepted or tenant_now_us(scope) - accepted[0] > FREE_CANCEL_US


def ask_to_cancel(scope: Scope, *, before: Document, reason: str, reason_detail: str | None) -> Document:
    """Open a cancellation request; one that is open stays as it is. Trusts that the order is locked and judged."""
    if (before["cancellation_request"] or {}).get("status") == REQUESTED:
        return before
    at = changed_at(scope, before)
    request = {
        "status": REQUESTED, "reason": reason, "reason_detail": reason_detail, "actor_type": scope.actor.type,
        "actor_id": scope.actor.id, "requested_at": at, "decided_at": None,
    }  # fmt: skip
    write_columns(scope, before=before, columns={"cancellation_request": request}, at=at)
    after = read_order(scope, order_id=before["id"])
    previous = {"cancellation_request": before["cancellation_request"]}
    record(scope, OrderCancellationRequested(object=after, previous=previous, location_id=after["location_id"]))
    return after


def take_consequences(scope: Scope, *, order: Document, reason: str, item_ids: tuple[str, ...] | list[str]) -> None:
    """Pause the store (store_closed 12 h, kitchen_busy 15 min) or take the named items off sale (out_of_stock).

    A pause that lasts longer and a store that is offline stay as they are.
    """
    if reason in PAUSES_US:
        until = tenant_now_us(scope) + PAUSES_US[reason]
        now = get_location(scope, location_id=order["location_id"])["status"]
        is_longer = now["status"] == "paused" and (now["until"] is None or now["until"] >= until)
        if now["status"] != "offline" and not is_longer:
            set_store_status(
                scope, location_id=order["location_id"], status="paused", until=from_us(until), reason=reason
            )
    elif reason == "out_of_stock":
        for item_id in sorted(set(item_ids)):
            set_item_availability(scope, item_id=item_id, available=False)

