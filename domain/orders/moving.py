"""Moves and other changes a caller asks for, and the restaurant's ordinary way with an order."""

from datetime import datetime
from typing import Any

from domain.locations.service import get_table
from domain.orders.cancelling import ask_to_cancel
from domain.orders.cancelling import must_ask
from domain.orders.cancelling import take_consequences
from domain.orders.changes import lock_order
from domain.orders.changes import write_change
from domain.orders.drafts import UNSET
from domain.orders.machine import GIVES_STOCK_BACK
from domain.orders.machine import MOVES
from domain.orders.machine import NEEDS_REASON
from domain.orders.machine import REASONS
from domain.orders.machine import WAY
from domain.orders.machine import require_move
from kit.clock import to_us
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import said_in
from kit.scope import Scope


def change_order(
    scope: Scope,
    *,
    order_id: str,
    expected_version: int | None = None,
    status: str = UNSET,
    reason: str | None = None,
    reason_detail: str | None = None,
    promised_at: datetime | int | None = UNSET,
    table_id: str | None = UNSET,
    notes: str | None = UNSET,
    metadata: dict[str, str] = UNSET,
    item_ids: tuple[str, ...] | list[str] = (),
    by_restaurant: bool = True,
) -> Document:
    """Change an order and return its document. What equals the present value is no change and records nothing.

    reason (machine.REASONS) is required with rejected and cancelled. A move records order.<status reached>; other
    fields record order.updated, also when both change in one call. A restaurant's cancellation has consequences: the
    store pauses (store_closed, kitchen_busy), the named items of the order go off sale (out_of_stock). by_restaurant
    False: a channel's accepted order is cancelled at once within 60 s of acceptance only; later a request is opened and
    the status stays. Raises NotFound, Conflict (409 version_conflict), InvalidTransition (409), Invalid (422),
    ItemUnavailable (422) when a scheduled order starts and its stock is gone.
    """
    before = lock_order(scope, order_id=order_id, expected_version=expected_version)
    given = {"promised_at": promised_at, "table_id": table_id, "notes": notes, "metadata": metadata}
    fields = _changed_fields(scope, before, {name: value for name, value in given.items() if value is not UNSET})
    target = None if status is UNSET or status == before["status"] else status
    if target is not None:
        _check_move(before, target, reason, item_ids)
    if target is None and not fields:
        return before
    if target == "cancelled" and not by_restaurant and must_ask(scope, before):
        changed = write_change(scope, before=before, fields=fields, target=None) if fields else before
        return ask_to_cancel(scope, before=changed, reason=str(reason), reason_detail=reason_detail)
    after = write_change(
        scope, before=before, fields=fields, target=target, reason=reason, reason_detail=reason_detail
    )
    if target == "cancelled" and by_restaurant:
        take_consequences(scope, order=after, reason=str(reason), item_ids=item_ids)
    return after


def advance_order(scope: Scope, *, order_id: str, to: str | None = None) -> Document:
    """Move an order one step on its ordinary way, or step by step up to a status; each step has its event.

    The way: scheduled, pending, accepted, preparing, ready, picked_up (not for guests at a table), completed. `to` may also
    be rejected, cancelled or failed. Raises NotFound, InvalidTransition (409) when the status does not lie ahead.
    """
    order = lock_order(scope, order_id=order_id)
    if to in GIVES_STOCK_BACK:
        return change_order(scope, order_id=order_id, status=str(to), reason="other")
    is_dine_in = order["fulfillment"]["type"] == "dine_in"
    way = [status for status in WAY if status != "picked_up" or not is_dine_in]
    place = way.index(order["status"]) if order["status"] in way else len(way)
    steps = way[place + 1 : place + 2] if to is None else way[place + 1 : way.index(to) + 1] if to in way else []
    if not steps:
        data: dict[str, Any] = {"from": order["status"], "to": to, "allowed": list(MOVES[order["status"]])}
        raise InvalidTransition(f"From {order['status']} there is nothing ahead to go to.", **data)
    for step in steps:
        order = change_order(scope, order_id=order_id, status=step)
    return order


def _changed_fields(scope: Scope, before: Document, given: dict[str, Any]) -> dict[str, Any]:
    """Columns that really change."""
    if "promised_at" in given:
        promised = given.pop("promised_at")
        promised_us = to_us(promised) if isinstance(promised, datetime) else promised
        given["fulfillment"] = {**before["fulfillment"], "promised_at": promised_us}
    fields = {name: value for name, value in given.items() if value != before[name]}
    if fields.get("table_id") is not None:
        with said_in("table_id"):
            get_table(scope, location_id=before["location_id"], table_id=fields["table_id"])
    return fields


def _check_move(before: Document, target: str, reason: str | None, item_ids: tuple[str, ...] | list[str]) -> None:
    if target not in MOVES:
        raise Invalid(errors=[FieldError("status", "validation_failed", f"Expected one of {', '.join(MOVES)}.")])
    require_move(MOVES, before["status"], target)
    errors = []
    if target in NEEDS_REASON and reason not in REASONS:
        errors.append((NEEDS_REASON[target], f"Say why, with one of {', '.join(REASONS)}."))
    own = {line["item_id"] for line in before["lines"]}
    for index, item_id in enumerate(item_ids):
        if target != "cancelled" or reason != "out_of_stock":
            errors.append((f"item_ids[{index}]", "Goes with a cancellation for out_of_stock."))
        elif item_id not in own:
            errors.append((f"item_ids[{index}]", f"The order has no item {item_id}."))
    if errors:
        raise Invalid(errors=[FieldError(path, "validation_failed", message) for path, message in errors])
