"""The delivery of an order: where the courier is. It goes one way; what arrives late is ignored.

A courier who has the food moves the order too: picked up and on the way make it picked_up, delivered completes it.
"""

from dataclasses import dataclass
from typing import Any

from domain.orders.changes import changed_at
from domain.orders.changes import lock_order
from domain.orders.changes import read_order
from domain.orders.changes import write_change
from domain.orders.changes import write_columns
from domain.orders.drafts import UNSET
from domain.orders.events import OrderDeliveryUpdated
from domain.orders.machine import GIVES_STOCK_BACK
from domain.orders.machine import MOVES
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.outbox import record
from kit.scope import Scope

STATUSES = (
    "requested", "assigned", "en_route_to_store", "arrived_at_store", "picked_up", "en_route_to_customer", "delivered",
    "cancelled",
)  # fmt: skip
FINAL = frozenset({"delivered", "cancelled"})
REACHES = {"picked_up": "picked_up", "en_route_to_customer": "picked_up", "delivered": "completed"}
NOT_ACCEPTED = frozenset({"draft", "scheduled", "pending"})
COURIER = ("name", "phone", "vehicle", "lat", "lng")


@dataclass(frozen=True, slots=True)
class DeliveryUpdate:
    """The order after an update; is_ignored: the update was older than what is known and changed nothing."""

    document: Document
    is_ignored: bool


def update_delivery(
    scope: Scope,
    *,
    order_id: str,
    status: str = UNSET,
    courier: dict[str, Any] | None = UNSET,
    eta_at: int | None = UNSET,
    expected_version: int | None = None,
) -> DeliveryUpdate:
    """Set the delivery status, courier ({name, phone, vehicle, lat, lng}) or expected time (microseconds) of an order.

    Records order.delivery.updated when something changed, then order.picked_up or order.completed where the status brings
    it. The first update may leave the status out: requested. Raises NotFound, Conflict, Invalid (422) for an order that is
    not delivered or a status that does not exist, InvalidTransition (409) when the food leaves before the order is accepted
    or after it was called off.
    """
    before = lock_order(scope, order_id=order_id, expected_version=expected_version)
    if before["fulfillment"]["type"] != "delivery":
        raise Invalid(errors=[FieldError("status", "validation_failed", "The order is not one to be delivered.")])
    if status is not UNSET and status not in STATUSES:
        raise Invalid(errors=[FieldError("status", "validation_failed", f"Expected one of {', '.join(STATUSES)}.")])
    known = before["delivery"] or {"status": None, "courier": None, "eta_at": None, "history": []}
    wanted = (known["status"] or STATUSES[0]) if status is UNSET else status
    if _is_late(known["status"], wanted):
        return DeliveryUpdate(before, True)
    _check_order(before, wanted)
    at = changed_at(scope, before)
    after = _updated(known, wanted, courier, eta_at, at)
    if after == known:
        return DeliveryUpdate(before, False)
    return DeliveryUpdate(_write(scope, before, after, at=at, moves=wanted != known["status"]), False)


def _is_late(known: str | None, wanted: str) -> bool:
    """Whether a status comes after a later one. Nothing comes after the end."""
    if known is None or known == wanted:
        return False
    return known in FINAL or STATUSES.index(wanted) < STATUSES.index(known)


def _check_order(order: Document, wanted: str) -> None:
    is_over = order["status"] in GIVES_STOCK_BACK and wanted != "cancelled"
    if is_over or (wanted in REACHES and order["status"] in NOT_ACCEPTED):
        data: dict[str, Any] = {"from": order["status"], "to": REACHES.get(wanted, wanted), "allowed": []}
        data["allowed"] = list(MOVES[order["status"]])
        raise InvalidTransition(f"A {order['status']} order is not on its way to the guest.", **data)


def _updated(known: Document, status: str, courier: Any, eta_at: Any, at: int) -> Document:
    after = {**known, "status": status}
    if courier is not UNSET:
        after["courier"] = None if courier is None else {name: courier.get(name) for name in COURIER}
    if eta_at is not UNSET:
        after["eta_at"] = eta_at
    if status != known["status"]:
        after["history"] = [*known["history"], {"status": status, "at": at}]
    return after


def _write(scope: Scope, before: Document, delivery: Document, *, at: int, moves: bool) -> Document:
    write_columns(scope, before=before, columns={"delivery": delivery}, at=at)
    after = read_order(scope, order_id=before["id"])
    previous, target = {"delivery": before["delivery"]}, REACHES.get(delivery["status"])
    record(scope, OrderDeliveryUpdated(object=after, previous=previous, location_id=after["location_id"]))
    if not moves or target is None or target == after["status"] or after["status"] == "completed":
        return after
    # A courier who left with the food says that it was ready, which nobody has to be told.
    through = None if after["status"] == "picked_up" else "ready"
    return write_change(scope, before=after, fields={}, target=target, through=through)
