"""Channel: callbacks. Each has a method and a path of its own below the endpoint's address.

The product that owns the dialect prints what is its own (a menu, or a whole callback under its name); what an answer to an
order, an availability or a store's status says stands in the event.
"""

from collections.abc import Callable
from typing import Any
from typing import NamedTuple
from urllib.parse import quote
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

import orjson

from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.dialects import CHANNEL
from accounts.webhooks.dialects import ITEM_AVAILABILITY
from accounts.webhooks.dialects import MENU_PUSH
from accounts.webhooks.dialects import OPTION_AVAILABILITY
from accounts.webhooks.dialects import ORDER_CANCELLATION
from accounts.webhooks.dialects import ORDER_CONFIRMATION
from accounts.webhooks.dialects import ORDER_READY
from accounts.webhooks.dialects import STORE_STATUS
from accounts.webhooks.dialects import name_in
from api.dialects import PRODUCTS
from api.dialects import Printer
from api.dialects import Told
from api.dialects import name_of
from api.dialects import place_in
from api.dialects import printer_of
from kit.clock import iso
from worker import signing
from worker.claims import Claimed
from worker.dialects.request import Request
from worker.dialects.request import told

FAILURES = {
    "store_closed": "Store is currently closed", "kitchen_busy": "The kitchen is too busy", "out_of_stock": "An item is sold out",
    "acceptance_timeout": "The restaurant did not answer in time", "unable_to_deliver": "The order cannot be delivered",
}  # fmt: skip
CANCEL_REASONS = {"out_of_stock": "ITEM_OUT_OF_STOCK", "store_closed": "STORE_CLOSED", "kitchen_busy": "KITCHEN_BUSY"}
STORE_REASONS = ("operational_issues", "store_self_disabled", "out_of_hours", "kitchen_busy")


def request(claimed: Claimed, secrets: tuple[str, ...], timestamp_s: int) -> Request:
    """The callback of an event."""
    event = claimed.event
    name = name_in(CHANNEL, event, claimed.target.dialect_options)
    if name is None:
        raise ValueError(f"not told here: {event['type']}")
    callback = _CALLBACKS[name]
    about = told(claimed, EVENT_TYPES[event["type"]].object, event["body"]["object"])
    body = orjson.dumps(printer_of(CHANNEL, name, callback.prints)(about))
    url = below(claimed.target.url, callback.path.format(quote(callback.named_by(about), safe="")))
    headers = signing.standard_headers(event["id"], timestamp_s, signing.signature, secrets, body)
    return Request(callback.method, url, headers, body)


def below(url: str, path: str) -> str:
    """An address below another; a query stays behind it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path))


def _order_id(about: Told) -> str:
    """The channel's own id of an order."""
    order = about.object
    named = any(ref["product"] == PRODUCTS[CHANNEL] for ref in order.get("refs") or ())
    return name_of(CHANNEL, order) if named else str(order.get("external_id") or order["id"])


def _object_id(about: Told) -> str:
    return name_of(CHANNEL, about.object)


def _store_id(about: Told) -> str:
    return place_in(CHANNEL, about) or about.event["tenant_id"]


def _confirmation(about: Told) -> dict[str, Any]:
    order = about.object
    if about.event["type"] == "order.accepted":
        promised_at = (order.get("fulfillment") or {}).get("promised_at")
        prep_time = {} if promised_at is None else {"prep_time": iso(promised_at)}
        return {"merchant_supplied_id": order["id"], "order_status": "success", **prep_time}
    code = order.get("cancel_reason") or "other"
    text = order.get("reason_detail") or FAILURES.get(code, "The restaurant did not take the order")
    return {"merchant_supplied_id": order["id"], "order_status": "fail", "failure_reason": text, "failure_code": code}


def _ready(about: Told) -> dict[str, Any]:
    reached = [entry["at"] for entry in about.object.get("status_history") or () if entry["status"] == "ready"]
    ready_at = reached[-1] if reached else about.event["created_at"]
    return {"merchant_supplied_id": about.object["id"], "ready_at": iso(ready_at)}


def _cancellation(about: Told) -> dict[str, Any]:
    order = about.object
    is_refused = about.event["type"] == "order.updated"
    request_ = order["cancellation_request"] if is_refused else {}
    reason = request_.get("reason") or order.get("cancel_reason") or ""
    return {
        "merchant_supplied_id": order["id"], "cancel_reason": CANCEL_REASONS.get(reason, "OTHER"),
        "cancel_details": request_.get("reason_detail") or order.get("reason_detail"),
        "outcome": "cancellation_denied" if is_refused else "cancelled",
    }  # fmt: skip


def _availability(about: Told) -> list[dict[str, Any]]:
    is_active, until = about.event["type"].endswith(".available"), about.object.get("available_again_at")
    end = {} if is_active or until is None else {"until": iso(until)}
    return [{"merchant_supplied_id": _object_id(about), "is_active": is_active, **end}]


def _store_status(about: Told) -> dict[str, Any]:
    status = about.object["status"]
    if status["status"] == "online":
        return {"is_active": True}
    word = status["reason"] if status["reason"] in STORE_REASONS else STORE_REASONS[status["status"] == "paused"]
    end = {} if status["until"] is None else {"end_time": iso(status["until"])}
    return {"is_active": False, "reason": word, "notes": status["reason"], **end}


class _Callback(NamedTuple):
    """prints: None for what the product's printer, or Core's representation, shows."""

    method: str
    path: str
    named_by: Callable[[Told], str]
    prints: Printer | None


_CALLBACKS = {
    ORDER_CONFIRMATION: _Callback("PATCH", "/orders/{}", _order_id, _confirmation),
    ORDER_READY: _Callback("PATCH", "/orders/{}/events/order_ready_for_pickup", _order_id, _ready),
    ORDER_CANCELLATION: _Callback("PATCH", "/orders/{}/cancellation", _order_id, _cancellation),
    MENU_PUSH: _Callback("PATCH", "/menus/{}", _object_id, None),
    ITEM_AVAILABILITY: _Callback("PUT", "/stores/{}/items/status", _store_id, _availability),
    OPTION_AVAILABILITY: _Callback("PUT", "/stores/{}/item_options/status", _store_id, _availability),
    STORE_STATUS: _Callback("PUT", "/stores/{}/status", _store_id, _store_status),
}
