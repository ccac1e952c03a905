"""The writes of an existing order that everything else is made of: moves, fields, and money that arrived or went back.

Every change locks the order row first and judges what it reads after that. `write_change` is the only place that writes
an order's status; `settle` is the only place that writes its paid and refunded amounts.
"""

from typing import Any

from domain.menus.service import release_stock
from domain.menus.service import reserve_stock
from domain.orders import queries
from domain.orders.consequences import after_move
from domain.orders.events import REACHED
from domain.orders.events import OrderCreated
from domain.orders.events import OrderUpdated
from domain.orders.machine import GIVES_STOCK_BACK
from domain.orders.machine import HOLDS_STOCK
from domain.orders.machine import OUTLIVES_NO_REQUEST
from domain.orders.models import OrderStatusChange
from domain.orders.order_timers import set_order_timers
from domain.orders.totals import payment_status
from kit.documents import Document
from kit.documents import append
from kit.errors import Conflict
from kit.errors import NotFound
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

ALWAYS_DIFFERENT = ("version", "updated_at", "status_history")
TOLD_BY_THE_MOVE = ("status", "cancel_reason", "reason_detail", "cancellation_request")


def lock_order(scope: Scope, *, order_id: str, expected_version: int | None = None) -> Document:
    """Hold the order row until the transaction ends and read it after that.

    Two statements: PostgreSQL re-reads a row it waited for, but not the subqueries of the same statement.
    Raises NotFound, Conflict (409 version_conflict) when it is not at the expected version.
    """
    order = find_locked(scope, order_id=order_id)
    if order is None:
        raise NotFound(f"There is no order {order_id}.")
    if expected_version is not None and order["version"] != expected_version:
        raise Conflict(f"The order is at version {order['version']} now.", current_version=order["version"])
    return order


def find_locked(scope: Scope, *, order_id: str) -> Document | None:
    """lock_order without a refusal: None when there is no such order."""
    return None if queries.lock.row(scope, order_id=order_id) is None else read_order(scope, order_id=order_id)


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
    through: str | None = None,
    reason: str | None = None,
    reason_detail: str | None = None,
) -> Document:
    """Write changed columns and a move, record events, keep stock, timers, promos and points.

    through: a status passed on the way, which stands in the history and has no event. Trusts that `before` is locked and
    the change judged.
    """
    columns, at = dict(fields), changed_at(scope, before)
    if target is not None:
        columns["status"] = target
        if target in GIVES_STOCK_BACK:
            columns |= {"cancel_reason": reason, "reason_detail": reason_detail}
        if target in OUTLIVES_NO_REQUEST and (before["cancellation_request"] or {}).get("status") == "requested":
            outcome = "approved" if target == "cancelled" else "denied"
            columns["cancellation_request"] = before["cancellation_request"] | {"status": outcome, "decided_at": at}
    write_columns(scope, before=before, columns=columns, at=at)
    if target is not None:
        passed = [(through, None)] if through is not None and through != before["status"] else []
        for offset, (status, why) in enumerate([*passed, (target, reason)]):
            _append_history(scope, before["id"], len(before["status_history"]) + offset, status, at, why)
    after = read_order(scope, order_id=before["id"])
    _announce(scope, before, after)
    if target is not None:
        _keep_stock(scope, after, before["status"], target)
        if target == "pending":
            set_order_timers(scope, order=after)
        after_move(scope, order=after)
    return after


def write_columns(scope: Scope, *, before: Document, columns: dict[str, Any], at: int) -> None:
    """Write columns of a locked order with its next version and the time of change. Records nothing."""
    queries.change.rows(
        scope, tuple(columns), order_id=before["id"], changed_at=at, **queries.parameters(columns, "new_")
    )


def changed_at(scope: Scope, before: Document) -> int:
    """The time of a change now, never behind the order's history (a sandbox clock can be set back)."""
    return max(tenant_now_us(scope), before["updated_at"], before["status_history"][-1]["at"])


def settle(
    scope: Scope, *, before: Document, paid_minor: int = 0, refunded_minor: int = 0, tip_minor: int = 0
) -> Document:
    """Add money to a locked order: what was paid now (tip included), given back, and how much of it is tip.

    A tip raises the order's tip and total. A refund never makes anything due again. Records nothing: the caller's
    payment events come first.
    """
    paid, refunded = before["paid_minor"] + paid_minor, before["refunded_minor"] + refunded_minor
    due = before["due_minor"] - (paid_minor - tip_minor)
    columns = {
        "paid_minor": paid, "refunded_minor": refunded,
        "tip_minor": before["tip_minor"] + tip_minor, "total_minor": before["total_minor"] + tip_minor,
        "due_minor": due, "payment_status": payment_status(paid_minor=paid, refunded_minor=refunded, due_minor=due),
    }  # fmt: skip
    write_columns(scope, before=before, columns=columns, at=changed_at(scope, before))
    return read_order(scope, order_id=before["id"])


def record_updated(scope: Scope, *, before: Document, after: Document) -> None:
    """Record order.updated with the old values of what differs."""
    record(scope, OrderUpdated(object=after, previous=differences(before, after), location_id=after["location_id"]))


def start_history(scope: Scope, *, order_id: str, status: str, at: int) -> Document:
    """Write the first entry of a new order's history and return it as the order's document shows it."""
    return _append_history(scope, order_id, 0, status, at, None)


def differences(before: Document, after: Document) -> Document:
    """The old values of what differs, without what always does."""
    return {name: value for name, value in before.items() if value != after[name] and name not in ALWAYS_DIFFERENT}


def _append_history(scope: Scope, order_id: str, position: int, status: str, at: int, reason: str | None) -> Document:
    entry = {
        "status": status, "at": at, "actor_type": scope.actor.type, "actor_id": scope.actor.id, "reason": reason,
    }  # fmt: skip
    append(scope, OrderStatusChange, [{**entry, "id": new_id("osc"), "order_id": order_id, "position": position}])
    return entry


def _announce(scope: Scope, before: Document, after: Document) -> None:
    previous, location_id = differences(before, after), after["location_id"]
    if before["status"] == "draft" and after["status"] != "cancelled":
        record(scope, OrderCreated(object=after, location_id=location_id))
        return
    has_moved = "status" in previous
    move = {name: previous.pop(name) for name in TOLD_BY_THE_MOVE if has_moved and name in previous}
    event = REACHED.get(after["status"]) if has_moved else None
    if event is None:  # pending has no event of its own, because order.created told of it
        previous |= move
    if previous:
        record(scope, OrderUpdated(object=after, previous=previous, location_id=location_id))
    if event is not None:
        record(scope, event(object=after, previous=move, location_id=location_id))


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
