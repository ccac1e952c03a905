"""Making any event of the catalogue happen: through the real outbox, marked synthetic, without changing any object.

The object is the tenant's own where the platform holds such objects, else a made-up one. What the event says about itself
(an order.ready is about a ready order) and the caller's overrides are laid over it.
"""

from collections.abc import Callable
from typing import Any

import orjson

from accounts.webhooks.catalog import EVENT_TYPES
from domain.guests.service import get_guest
from domain.guests.service import list_guests
from domain.locations.service import get_location
from domain.locations.service import list_locations
from domain.locations.service import list_tables
from domain.menus.service import get_item
from domain.menus.service import get_menu
from domain.menus.service import list_items
from domain.menus.service import list_menus
from domain.menus.service import list_modifier_groups
from domain.orders.service import get_order
from domain.orders.service import list_orders
from domain.payments.service import get_payment
from domain.payments.service import list_payments
from kit.documents import Document
from kit.errors import NotFound
from kit.outbox import Event
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us
from sandbox.errors import refused
from sandbox.overrides import overlaid
from sandbox.samples import has_sample
from sandbox.samples import sample

MAX_OVERRIDES_BYTES = 8_192
_EVENTS: dict[str, type[Event]] = {name: type("Triggered", (Event,), {"type": name}) for name in EVENT_TYPES}
# What an event's type says about its object; types without an entry show the object as it is.
_MEANING: dict[str, dict[str, Any]] = {
    **{f"order.{status}": {"status": status} for status in
       ("accepted", "rejected", "preparing", "ready", "picked_up", "completed", "cancelled", "failed")},
    "order.created": {"status": "pending"},
    "payment.created": {"status": "created", "decline_code": None},
    "payment.confirmed": {"status": "confirmed", "decline_code": None},
    "payment.failed": {"status": "failed", "decline_code": "generic_decline"},
    "payment.refunded": {"status": "refunded"},
    "payment.partially_refunded": {"status": "partially_refunded"},
    "payment.cancelled": {"status": "cancelled"},
    "menu.item.unavailable": {"available": False, "unavailable_reason": "manual_86"},
    "menu.item.available": {"available": True, "unavailable_reason": None},
    "reservation.cancelled": {"status": "cancelled"},
    "reservation.completed": {"status": "completed"},
    "reservation.no_show": {"status": "no_show"},
    "reservation.hold_expired": {"status": "expired"},
    "review.submitted": {"status": "new"},
    "review.resolved": {"status": "resolved"},
    "campaign.created": {"status": "draft"},
    "integration.disconnected": {"state": "disconnected"},
    "integration.sync_failed": {"status": "failed"},
    "loyalty.reward.redeemed": {"state": "redeemed"},
    "membership.deleted": {"status": "cancelled"},
    "export.failed": {"status": "failed", "failure": "internal_error", "sha256": None, "expires_at": None},
}  # fmt: skip


def trigger_event(
    scope: Scope, *, type: str, object_id: str | None = None, overrides: dict[str, Any] | None = None,
    only_endpoint_id: str | None = None,
) -> str:  # fmt: skip
    """Record one event of any type and return its id. Deletes, changes and creates nothing else.

    object_id: one of the tenant's objects of that kind; without it the latest one. overrides: fields of the object to show
    with other values. only_endpoint_id: deliver to this endpoint alone.
    Raises NotFound for an object that is not the tenant's, Invalid (422) for an unknown type or field.
    """
    if type not in EVENT_TYPES:
        raise refused("type", f"{type} is not an event type.")
    if len(orjson.dumps(overrides or {})) > MAX_OVERRIDES_BYTES:
        raise refused("overrides", f"Expected at most {MAX_OVERRIDES_BYTES} bytes.")
    kind = EVENT_TYPES[type].object
    found = _own_object(scope, kind, object_id)
    shown = overlaid({**found, **_meaning(type, found)}, overrides or {})
    previous = {name: found[name] for name in shown if name in found and found[name] != shown[name]}
    location_id = found["id"] if kind == "location" else shown.get("location_id")
    event = _EVENTS[type](
        object=shown, previous=previous or None, location_id=location_id, is_synthetic=True,
        only_endpoint_id=only_endpoint_id,
    )  # fmt: skip
    return record(scope, event).id


def _meaning(type_: str, found: Document) -> dict[str, Any]:
    return {name: value for name, value in _MEANING.get(type_, {}).items() if name in found}


def _own_object(scope: Scope, kind: str, object_id: str | None) -> Document:
    if kind in _READERS:
        get, newest = _READERS[kind]
        if object_id is not None:
            return get(scope, object_id)
        rows = newest(scope)
        if not rows:
            raise NotFound(f"The sandbox holds no {kind} to make this event about; reset it to fill it again.")
        return rows[0]
    if object_id is not None or not has_sample(kind):
        raise NotFound(f"The sandbox holds no {kind} {object_id}; leave object_id out to get a sample.")
    known = {name: _newest_id(scope, name) for name in ("customer", "order", "location")}
    return sample(kind, now_us=tenant_now_us(scope), known=known)


def _newest_id(scope: Scope, kind: str) -> str | None:
    rows = _READERS[kind][1](scope)
    return rows[0]["id"] if rows else None


def _modifiers(scope: Scope) -> list[Document]:
    groups = list_modifier_groups(scope, limit=100, after=None)
    return [{**modifier, "group_id": group["id"]} for group in groups for modifier in group["modifiers"]]


def _modifier(scope: Scope, object_id: str) -> Document:
    return _picked(_modifiers(scope), object_id)


def _table(scope: Scope, object_id: str) -> Document:
    return _picked(list_tables(scope, limit=1000, after=None), object_id)


def _picked(rows: list[Document], object_id: str) -> Document:
    for row in rows:
        if row["id"] == object_id:
            return row
    raise NotFound(f"There is no {object_id}.")


_READERS: dict[str, tuple[Callable[[Scope, str], Document], Callable[[Scope], list[Document]]]] = {
    "order": (lambda s, id_: get_order(s, order_id=id_), lambda s: list_orders(s, limit=1, after=None)),
    "payment": (lambda s, id_: get_payment(s, payment_id=id_), lambda s: list_payments(s, limit=1, after=None)),
    "item": (lambda s, id_: get_item(s, item_id=id_), lambda s: list_items(s, limit=1, after=None)),
    "menu": (lambda s, id_: get_menu(s, menu_id=id_), lambda s: list_menus(s, limit=1, after=None)),
    "customer": (lambda s, id_: get_guest(s, guest_id=id_), lambda s: list_guests(s, limit=1, after=None)),
    "location": (lambda s, id_: get_location(s, location_id=id_), lambda s: list_locations(s, limit=1, after=None)),
    "modifier": (_modifier, _modifiers),
    "table": (_table, lambda s: list_tables(s, limit=1, after=None)),
}
