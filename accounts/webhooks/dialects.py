"""Dialects: what the requests of an endpoint look like. Here is what each calls an event, and which it tells of at all.

An event is told to an endpoint once, under one name, or not at all. Data and rules only; worker.dialects makes the
requests. Sources: the products' own documents; docs/adr/0015-dialects.md.
"""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from accounts.plans.catalog import THREE_RETRIES
from accounts.webhooks.catalog import EVENT_TYPES
from domain.orders.machine import is_channel_order

CORE, POS, CHANNEL, SYNC = "core", "pos", "channel", "sync"
ORDER_CONFIRMATION, ORDER_READY, ORDER_CANCELLATION = "order_confirmation", "order_ready", "order_cancellation"
MENU_PUSH, STORE_STATUS = "menu_push", "store_status"
ITEM_AVAILABILITY, OPTION_AVAILABILITY = "item_availability", "option_availability"

SCHEDULES = {POS: THREE_RETRIES, CHANNEL: (1, 2, 4, 8, 16, 32)}  # seconds, whatever the plan; others go by the plan
TIMEOUT_S = 10  # of a request in those

Event = Mapping[Any, Any]  # an event's row or document: type, body, location_id
Options = Mapping[str, Any]  # an endpoint's dialect_options

_POS_NAMES = {
    "reservation.created": "reservation.created",
    "reservation.updated": "reservation.updated",  # every change has this event, so the ends that are not below are told too
    "reservation.cancelled": "reservation.cancelled",
    "order.created": "order.created",
    **{f"order.{move}": "order.updated" for move in (
        "accepted", "rejected", "preparing", "ready", "picked_up", "completed", "cancelled", "failed", "updated",
    )},
    "payment.confirmed": "order.paid",
    "review.submitted": "review.created",
}  # fmt: skip
_CALLBACKS = {
    "order.accepted": ORDER_CONFIRMATION,
    "order.rejected": ORDER_CONFIRMATION,
    "order.failed": ORDER_CONFIRMATION,  # of one that was accepted before: ORDER_CANCELLATION
    "order.ready": ORDER_READY,
    "order.cancelled": ORDER_CANCELLATION,
    "order.updated": ORDER_CANCELLATION,  # only when the restaurant refuses to cancel
    "menu.created": MENU_PUSH,
    "menu.updated": MENU_PUSH,
    "menu.item.unavailable": ITEM_AVAILABILITY,
    "menu.item.available": ITEM_AVAILABILITY,
    "menu.modifier.unavailable": OPTION_AVAILABILITY,
    "menu.modifier.available": OPTION_AVAILABILITY,
    "store.status.updated": STORE_STATUS,
}
_SYNC_NAMES = {  # syncable_type.event_type
    **{f"customer.{change}": f"customer.{change}" for change in ("created", "updated", "deleted")},  # a merge is these
    **{f"membership.{change}": f"membership.{change}" for change in ("created", "updated", "deleted")},
    "reservation.created": "reservation.created",
    "reservation.updated": "reservation.updated",
    "store.status.updated": "shop.updated",
    "order.completed": "pos_journal.created",
    "payment.confirmed": "pos_journal.updated",
}
NAMES: Mapping[str, Mapping[str, str]] = {
    CORE: {name: name for name in EVENT_TYPES},
    POS: _POS_NAMES,
    CHANNEL: _CALLBACKS,
    SYNC: _SYNC_NAMES,
}


def name_in(dialect: str, event: Event, options: Options) -> str | None:
    """What a dialect calls an event; None when it does not tell of it."""
    name = NAMES.get(dialect, {}).get(event["type"])
    rule = _RULES.get((dialect, event["type"]))
    return name if name is None or rule is None else rule(event, options, name)


def tells(dialect: str, event: Event, options: Options) -> bool:
    """Whether an endpoint of a dialect is told of an event. A channel hears of the orders it sold, and of no other's.

    A test event is about any object, whoever sold it.
    """
    if name_in(dialect, event, options) is None:
        return False
    if dialect != CHANNEL or event["only_endpoint_id"] is not None or not event["type"].startswith("order."):
        return True
    order = {"source": None, "collected_by": None, "channel": None, **event["body"]["object"]}
    return is_channel_order(order) and options.get("channel") in (None, order["channel"])


def place_of(event: Event, options: Options) -> str | None:
    """What the product calls the place of an event; None when it has none.

    options["names"] holds what places are called there: {location or restaurant id: name}. What belongs to no location is
    of the only place there is a name for.
    """
    names: dict[str, str] = options.get("names", {})
    if event["location_id"] is None:
        return next(iter(names.values())) if len(names) == 1 else None
    return names.get(event["location_id"], event["location_id"])


def _ended(event: Event, _options: Options, name: str) -> str:
    """An order that failed: its confirmation, or its cancellation when it was confirmed before."""
    history = event["body"]["object"].get("status_history") or []
    return ORDER_CANCELLATION if any(_has_status(entry, "accepted") for entry in history) else name


def _refused(event: Event, _options: Options, name: str) -> str | None:
    """An order that changed: only the restaurant's refusal to cancel it is told."""
    changed = (event["body"].get("previous") or {}).keys()
    request = event["body"]["object"].get("cancellation_request")
    return name if "cancellation_request" in changed and _has_status(request, "denied") else None


def _has_status(part: Any, status: str) -> bool:
    """A trigger's overrides may put a text where a part was empty; that must not stop what relays every tenant's events."""
    return isinstance(part, dict) and part.get("status") == status


def _placed(event: Event, options: Options, name: str) -> str | None:
    return name if place_of(event, options) is not None else None


def _of_order(event: Event, _options: Options, name: str) -> str | None:
    """A payment: only that of an order is told, which it carries; a deposit has none."""
    return name if event["body"]["object"].get("order") else None


_RULES: dict[tuple[str, str], Callable[[Event, Options, str], str | None]] = {
    (POS, "payment.confirmed"): _of_order,
    (SYNC, "payment.confirmed"): _of_order,
    (CHANNEL, "order.failed"): _ended,
    (CHANNEL, "order.updated"): _refused,
    (CHANNEL, "menu.item.unavailable"): _placed,
    (CHANNEL, "menu.item.available"): _placed,
    (CHANNEL, "menu.modifier.unavailable"): _placed,
    (CHANNEL, "menu.modifier.available"): _placed,
}
