"""Changes of an existing order: moves through the machine, other fields, and money that arrived or went back.

Every change locks the order row first and judges what it reads after that. `write_change` is the only place that writes
an order's status; `settle` is the only place that writes its paid, refunded and due amounts.
"""

from datetime import datetime
from typing import Any

from domain.locations.service import get_table
from domain.menus.service import release_stock
from domain.menus.service import reserve_stock
from domain.orders import queries
from domain.orders.drafts import UNSET
from domain.orders.events import REACHED
from domain.orders.events import OrderCreated
from domain.orders.events import OrderUpdated
from domain.orders.machine import GIVES_STOCK_BACK
from domain.orders.machine import HOLDS_STOCK
from domain.orders.machine import MOVES
from domain.orders.machine import NEEDS_REASON
from domain.orders.machine import REASONS
from domain.orders.machine import require_move
from domain.orders.models import OrderStatusChange
from kit.clock import to_us
from kit.documents import Document
from kit.documents import append
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

ALWAYS_DIFFERENT = ("version", "updated_at", "status_history")
TOLD_BY_THE_MOVE = ("status", "cancel_reason", "reason_detail")


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
) -> Document:
    """Change an order and return its document. What equals the present value is no change and records nothing.

    reason (machine.REASONS) is required with rejected and cancelled. A move records order.<status reached>; other
    fields record order.updated, also when both change in one call. Raises NotFound, Conflict (409 version_conflict),
    InvalidTransition (409), Invalid (422), ItemUnavailable (422) when a scheduled order starts and its stock is gone.
    """
    before = lock_order(scope, order_id=order_id)
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The order is at version {before['version']} now.", current_version=before["version"])
    given = {"promised_at": promised_at, "table_id": table_id, "notes": notes, "metadata": metadata}
    fields = _changed_fields(scope, before, {name: value for name, value in given.items() if value is not UNSET})
    target = None if status is UNSET or status == before["status"] else status
    if target is not None:
        _check_move(before["status"], target, reason)
    if target is None and not fields:
        return before
    return write_change(scope, before=before, fields=fields, target=target, reason=reason, reason_detail=reason_detail)


def lock_order(scope: Scope, *, order_id: str) -> Document:
    """Hold the order row until the transaction ends and read it after that. Raises NotFound.

    Two statements: PostgreSQL re-reads a row it waited for, but not the subqueries of the same statement.
    """
    if queries.lock.row(scope, order_id=order_id) is None:
        raise NotFound(f"There is no order {order_id}.")
    return read_order(scope, order_id=order_id)


def read_order(scope: Scope, *, order_id: str) -> Document:
    """Read one order document. Raises NotFound."""
    document = queries.one.document(scope, order_id=order_id)
    if document is None:
        raise NotFound(f"There is no order {order_id}.")
    return document


def write_change(
    scope: Scope,
    *,
    before: Document,
    fields: dict[str, Any],
    target: str | None,
    reason: str | None = None,
    reason_detail: str | None = None,
) -> Document:
    """Write changed columns and a move, record events, keep stock. Trusts that `before` is locked and judged."""
    columns = dict(fields)
    if target is not None:
        columns["status"] = target
        if target in GIVES_STOCK_BACK:
            columns |= {"cancel_reason": reason, "reason_detail": reason_detail}
    at = _write(scope, before, columns)
    if target is not None:
        _append_history(scope, before["id"], len(before["status_history"]), target, at, reason)
    after = read_order(scope, order_id=before["id"])
    _announce(scope, before, after)
    if target is not None:
        _keep_stock(scope, after, before["status"], target)
    return after


def settle(
    scope: Scope, *, before: Document, paid_minor: int = 0, refunded_minor: int = 0, tip_minor: int = 0
) -> Document:
    """Add money to a locked order: what was paid now (tip included), given back, and how much of it is tip.

    A tip raises the order's tip and total. A refund never makes anything due again. Records nothing: the caller's
    payment events come first.
    """
    paid, refunded = before["paid_minor"] + paid_minor, before["refunded_minor"] + refunded_minor
    total = before["total_minor"] + tip_minor
    due = max(0, total - before["deposit_applied_minor"] - paid)
    columns = {
        "paid_minor": paid, "refunded_minor": refunded,
        "tip_minor": before["tip_minor"] + tip_minor, "total_minor": total,
        "due_minor": due, "payment_status": payment_status(paid_minor=paid, refunded_minor=refunded, due_minor=due),
    }  # fmt: skip
    _write(scope, before, columns)
    return read_order(scope, order_id=before["id"])


def payment_status(*, paid_minor: int, refunded_minor: int, due_minor: int) -> str:
    """The derived payment status. An order of which nothing is due counts as paid, also when it was free."""
    if refunded_minor:
        return "refunded" if refunded_minor == paid_minor else "partially_refunded"
    if not due_minor:
        return "paid"
    return "partially_paid" if paid_minor else "unpaid"


def record_updated(scope: Scope, *, before: Document, after: Document) -> None:
    """Record order.updated with the old values of what differs."""
    record(scope, OrderUpdated(object=after, previous=_differences(before, after), location_id=after["location_id"]))


def start_history(scope: Scope, *, order_id: str, status: str, at: int) -> None:
    """Write the first entry of a new order's history."""
    _append_history(scope, order_id, 0, status, at, None)


def _changed_fields(scope: Scope, before: Document, given: dict[str, Any]) -> dict[str, Any]:
    """Columns that really change."""
    if "promised_at" in given:
        promised = given.pop("promised_at")
        promised_us = to_us(promised) if isinstance(promised, datetime) else promised
        given["fulfillment"] = {**before["fulfillment"], "promised_at": promised_us}
    fields = {name: value for name, value in given.items() if value != before[name]}
    if fields.get("table_id") is not None:
        get_table(scope, location_id=before["location_id"], table_id=fields["table_id"])
    return fields


def _check_move(current: str, target: str, reason: str | None) -> None:
    if target not in MOVES:
        raise Invalid(errors=[FieldError("status", "validation_failed", f"Expected one of {', '.join(MOVES)}.")])
    require_move(MOVES, current, target)
    if target in NEEDS_REASON and reason not in REASONS:
        message = f"Say why, with one of {', '.join(REASONS)}."
        raise Invalid(errors=[FieldError(NEEDS_REASON[target], "validation_failed", message)])


def _write(scope: Scope, before: Document, columns: dict[str, Any]) -> int:
    """Update the row; returns the time of change, never behind the history (a sandbox clock can be set back)."""
    at: int = max(tenant_now_us(scope), before["updated_at"], before["status_history"][-1]["at"])
    names = tuple(columns)
    queries.change.rows(scope, names, order_id=before["id"], changed_at=at, **queries.parameters(columns, "new_"))
    return at


def _append_history(scope: Scope, order_id: str, position: int, status: str, at: int, reason: str | None) -> None:
    append(scope, OrderStatusChange, [{
        "id": new_id("osc"), "order_id": order_id, "position": position, "status": status, "at": at,
        "actor_type": scope.actor.type, "actor_id": scope.actor.id, "reason": reason,
    }])  # fmt: skip


def _announce(scope: Scope, before: Document, after: Document) -> None:
    previous, location_id = _differences(before, after), after["location_id"]
    if before["status"] == "draft" and after["status"] != "cancelled":
        record(scope, OrderCreated(object=after, location_id=location_id))
        return
    move = {name: previous.pop(name) for name in TOLD_BY_THE_MOVE if name in previous}
    event = REACHED.get(after["status"]) if "status" in move else None
    if event is None:  # pending has no event of its own, because order.created told of it
        previous |= move
    if previous:
        record(scope, OrderUpdated(object=after, previous=previous, location_id=location_id))
    if event is not None:
        record(scope, event(object=after, previous=move, location_id=location_id))


def _differences(before: Document, after: Document) -> Document:
    return {name: value for name, value in before.items() if value != after[name] and name not in ALWAYS_DIFFERENT}


def _keep_stock(scope: Scope, order: Document, left: str, reached: str) -> None:
    """Take stock on entering pending, give it back on rejected, cancelled and failed."""
    quantities: dict[str, int] = {}
    for line in order["lines"]:
        if line["item_id"] is not None and line["state"] == "active":
            quantities[line["item_id"]] = quantities.get(line["item_id"], 0) + line["quantity"]
    if left not in HOLDS_STOCK and reached in HOLDS_STOCK:
        reserve_stock(scope, quantities=quantities)
    elif left in HOLDS_STOCK and reached in GIVES_STOCK_BACK:
        release_stock(scope, quantities=quantities)
