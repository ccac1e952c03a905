"""What an event's type says about its object: an order.ready is about a ready order, a refund is of some money.

Values to lay over the object, so that a triggered event looks like one that happened. Nothing is written.
"""

from collections.abc import Callable
from typing import Any

from domain.orders.service import get_order
from domain.payments.service import list_refunds
from kit.documents import Document
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us
from sandbox.restaurant import GUEST
from sandbox.restaurant import RIDER

HOUR_US = 3_600_000_000
SAMPLE_SHA256 = "9f" * 32
_NOTHING = {"created": 0, "updated": 0, "deleted": 0}
_FIXED: dict[str, dict[str, Any]] = {
    **{f"order.{status}": {"status": status} for status in
       ("accepted", "preparing", "ready", "picked_up", "completed", "failed")},
    "order.created": {"status": "pending"},
    "order.rejected": {"status": "rejected", "reject_reason": "kitchen_busy"},
    "order.cancelled": {"status": "cancelled", "cancel_reason": "customer_request"},
    "payment.created": {"status": "created", "decline_code": None},
    "payment.confirmed": {"status": "confirmed", "decline_code": None},
    "payment.failed": {"status": "failed", "decline_code": "generic_decline"},
    "payment.cancelled": {"status": "cancelled"},
    "menu.created": {"menu_changes": _NOTHING},
    "menu.updated": {"menu_changes": {**_NOTHING, "updated": 1}},
    "menu.item.unavailable": {"available": False, "unavailable_reason": "manual_86"},
    "menu.item.available": {"available": True, "unavailable_reason": None},
    "menu.modifier.unavailable": {"available": False, "unavailable_reason": "manual_86"},
    "menu.modifier.available": {"available": True, "unavailable_reason": None},
    "loyalty.member.created": {"status": "active"},
    "reservation.cancelled": {"status": "cancelled"},
    "reservation.completed": {"status": "completed"},
    "reservation.no_show": {"status": "no_show"},
    "reservation.hold_expired": {"status": "expired"},
    "review.submitted": {"status": "new"},
    "review.response_needed": {"status": "response_needed"},
    "review.resolved": {"status": "resolved"},
    "campaign.created": {"status": "draft"},
    "integration.connected": {"state": "connected"},
    "integration.disconnected": {"state": "disconnected"},
    "integration.sync_failed": {"status": "failed"},
    "integration.sync_completed": {"status": "succeeded"},
    "membership.deleted": {"status": "cancelled"},
    "customer.merged": {"state": "done"},
    "export.failed": {"status": "failed", "failure": "internal_error", "sha256": None, "expires_at": None},
}  # fmt: skip


def meaning(scope: Scope, *, type: str, found: Document) -> Document:
    """What the type says: values to lay over the object, among them what an event carries beside it."""
    told = _COMPUTED[type](scope, found) if type in _COMPUTED else _FIXED.get(type, {})
    shown = {name: value for name, value in told.items() if name in found or name in _BESIDE}
    history = found.get("status_history")
    if history and shown.get("status", found["status"]) != found["status"]:
        last = {**history[-1], "status": shown["status"], "at": tenant_now_us(scope)}
        shown["status_history"] = [*history, last]
    return shown


def previous_of(found: Document, shown: Document) -> Document | None:
    """The old values of what a triggered event shows otherwise than the object has it."""
    return {
        name: value for name, value in found.items() if name in shown and shown[name] != value and name not in _UNTOLD
    } or None  # fmt: skip


def _delivery(scope: Scope, _found: Document) -> Document:
    at = tenant_now_us(scope)
    reached = [{"status": "assigned", "at": at}]
    return {"delivery": {"status": "assigned", "courier": RIDER, "eta_at": at + HOUR_US // 2, "history": reached}}


def _cancellation(scope: Scope, _found: Document) -> Document:
    return {"cancellation_request": {
        "status": "requested", "reason": "customer_request", "reason_detail": None, "actor_type": GUEST.type,
        "actor_id": GUEST.id, "requested_at": tenant_now_us(scope), "decided_at": None,
    }}  # fmt: skip


def _confirmed(scope: Scope, found: Document) -> Document:
    order = {"order": get_order(scope, order_id=found["order_id"])} if found["order_id"] else {}
    return {**_FIXED["payment.confirmed"], **order}


def _refunded(scope: Scope, found: Document) -> Document:
    paid = found["amount_minor"] + found["tip_minor"]
    return {"status": "refunded", "refunded_minor": paid, "refund": _refund(scope, found, paid - found["refunded_minor"] or paid)}


def _partially_refunded(scope: Scope, found: Document) -> Document:
    paid = found["amount_minor"] + found["tip_minor"]
    given_back = found["refunded_minor"] if 0 < found["refunded_minor"] < paid else paid // 2
    return {"status": "partially_refunded", "refunded_minor": given_back, "refund": _refund(scope, found, given_back)}


def _refund(scope: Scope, payment: Document, amount_minor: int) -> Document:
    """The payment's newest refund, else one that could be."""
    known = list_refunds(scope, limit=1, payment_id=payment["id"])
    now_us = tenant_now_us(scope)
    return known[0] if known else {
        "id": new_id("rfd"), "payment_id": payment["id"], "order_id": payment["order_id"], "currency": payment["currency"],
        "amount_minor": amount_minor, "reason": "customer_request", "line_ids": [], "status": "succeeded", "refs": [],
        "version": 1, "created_at": now_us, "updated_at": now_us,
    }  # fmt: skip


def _repriced(scope: Scope, found: Document) -> Document:
    price = found["base_price_minor"]
    change = {
        "kind": "base", "id": found["id"], "name": found["name"], "old_price_minor": max(0, price - 100),
        "new_price_minor": price,
    }  # fmt: skip
    return {"price_change": {
        "currency": found["currency"], "effective_at": tenant_now_us(scope), "changes": [change],
    }}  # fmt: skip


def _booked(_scope: Scope, found: Document) -> Document:
    return {"status": found["status"] if found["status"] in ("requested", "confirmed") else "confirmed"}


def _sent(scope: Scope, found: Document) -> Document:
    return {"status": "sent", "sent_at": found["sent_at"] or tenant_now_us(scope)}


def _exported(scope: Scope, found: Document) -> Document:
    """A file that is there stays as it is; one that is not there yet is told as if it were."""
    if found["status"] == "ready":
        return {}
    now_us = tenant_now_us(scope)
    return {
        "status": "ready", "row_count": 128, "size_bytes": 24_310, "sha256": SAMPLE_SHA256, "failure": None,
        "finished_at": now_us, "expires_at": now_us + 24 * HOUR_US,
    }  # fmt: skip


_COMPUTED: dict[str, Callable[[Scope, Document], Document]] = {
    "order.delivery.updated": _delivery,
    "order.cancellation_requested": _cancellation,
    "payment.confirmed": _confirmed,
    "payment.refunded": _refunded,
    "payment.partially_refunded": _partially_refunded,
    "menu.price.updated": _repriced,
    "reservation.created": _booked,
    "campaign.sent": _sent,
    "export.completed": _exported,
}
_BESIDE = frozenset({"order", "refund", "menu_changes", "price_change"})  # in the event, and not in the object
_UNTOLD = frozenset({"status_history", "version", "updated_at"})
