"""How an event looks from outside: the envelope, and the object in the same representation the API answers with.

render() makes the webhook body for one endpoint's version and scopes; the poll feed shows the same bytes. A body above
20 kB is trimmed to ids. Source: contract §4.1; Standard Webhooks, "Payload structure".
"""

from collections.abc import Callable
from typing import Any

import orjson

from accounts.webhooks.catalog import EVENT_TYPES
from api.core.menu_schemas import ItemOut
from api.core.menu_schemas import LocationOut
from api.core.menu_schemas import MenuOut
from api.core.schemas import OrderOut
from api.core.schemas import PaymentOut
from api.core.schemas import RefundOut
from api.views import compile_view
from api.views import plain
from kit.clock import iso
from kit.documents import Document

MAX_BODY = 20_000
PERSONAL = frozenset({"name", "first_name", "last_name", "phone", "email", "phones", "emails", "address", "addresses"})
_VIEWS: dict[str, Callable[[Document], dict[str, Any]]] = {
    "order": compile_view(OrderOut),
    "payment": compile_view(PaymentOut),
    "refund": compile_view(RefundOut),
    "item": compile_view(ItemOut),
    "menu": compile_view(MenuOut),
    "location": compile_view(LocationOut),
}


def render(event: Document, *, api_version: str, scopes: frozenset[str]) -> bytes:
    """The JSON body of one event for a subscriber.

    event: an EventRow document. Contact data is masked unless scopes hold customers:pii.
    """
    body = event["body"]
    kind = EVENT_TYPES[event["type"]].object
    shown = _shown(kind, _sparse(body["object"]) if event["is_synthetic"] else body["object"], scopes)
    data: dict[str, Any] = {"object": shown}
    if body.get("previous") is not None:
        data["previous"] = _previous(body["previous"], body["object"])
    if event["is_synthetic"]:
        data["synthetic"] = True
    rendered = orjson.dumps(_envelope(event, api_version, data))
    if len(rendered) > MAX_BODY:
        ids = {key: value for key, value in shown.items() if key == "id" or key.endswith("_id") or key == "status"}
        rendered = orjson.dumps(_envelope(event, api_version, {"object": ids, "truncated": True}))
    return rendered


def _envelope(event: Document, api_version: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": event["id"],
        "type": event["type"],
        "api_version": api_version,
        "environment": event["environment"],
        "created_at": iso(event["created_at"]),
        "sequence": event["sequence"],
        "restaurant_id": event["tenant_id"],
        "location_id": event["location_id"],
        "actor": {"type": event["actor_type"], "id": event["actor_id"]},
        "request_id": event["request_id"],
        "data": data,
    }


class _Sparse(dict[str, Any]):
    """A made-up object of a sandbox trigger: what it leaves out reads as null."""

    def __missing__(self, key: str) -> None:
        return None


def _sparse(value: Any) -> Any:
    if isinstance(value, dict):
        return _Sparse({key: _sparse(item) for key, item in value.items()})
    return [_sparse(item) for item in value] if isinstance(value, list) else value


def _shown(kind: str, document: Document, scopes: frozenset[str]) -> dict[str, Any]:
    view = _VIEWS.get(kind)
    shown = view(document) if view is not None else plain(document, document.get("currency"))
    for name, nested in document.items():
        # payment events carry the refund or order they are about
        if name in _VIEWS and isinstance(nested, dict) and name != kind:
            shown[name] = _VIEWS[name](nested)
    return shown if "customers:pii" in scopes or kind not in ("customer", "reservation") else _masked(shown)


def _previous(previous: Document, current: Document) -> dict[str, Any]:
    return plain(previous, current.get("currency"))


def _masked(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        key: "•••" if key in PERSONAL and value else _masked(value) if isinstance(value, dict) else value
        for key, value in shown.items()
    }
