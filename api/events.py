"""How an event looks from outside: the envelope, and the object in the same representation the API answers with.

render() makes the webhook body for one endpoint's version and scopes; the poll feed shows the same bytes. A body above
20 kB is trimmed to ids. Source: contract §4.1; Standard Webhooks, "Payload structure".
"""

from collections.abc import Callable
from typing import Any

import orjson
from marshmallow import Schema

from accounts.webhooks.catalog import EVENT_TYPES
from api.core.campaign_schemas import CampaignClickOut
from api.core.campaign_schemas import CampaignOfferOut
from api.core.campaign_schemas import CampaignOut
from api.core.campaign_schemas import PromoUseOut
from api.core.customer_out_schemas import CustomerConsentEventOut
from api.core.customer_out_schemas import CustomerMergeOut
from api.core.customer_out_schemas import CustomerOut
from api.core.customer_out_schemas import CustomerSegmentEventOut
from api.core.customer_out_schemas import CustomerTagEventOut
from api.core.customer_out_schemas import masked_guest
from api.core.export_schemas import ExportOut
from api.core.integration_schemas import IntegrationOut
from api.core.integration_schemas import MappingRequiredOut
from api.core.integration_schemas import SyncRunOut
from api.core.location_schemas import LocationOut
from api.core.loyalty_schemas import MemberOut
from api.core.loyalty_schemas import PointsEventOut
from api.core.loyalty_schemas import RewardEventOut
from api.core.loyalty_schemas import TierEventOut
from api.core.menu_schemas import ItemOut
from api.core.menu_schemas import MenuChangesOut
from api.core.menu_schemas import MenuOut
from api.core.menu_schemas import PriceChangeOut
from api.core.modifier_schemas import ModifierOut
from api.core.notification_schemas import NotificationOut
from api.core.platform_schemas import WebhookFailingOut
from api.core.platform_schemas import WebhookOut
from api.core.reservation_schemas import HoldOut
from api.core.reservation_schemas import ReservationOut
from api.core.reservation_schemas import with_contact
from api.core.review_schemas import ReviewOut
from api.core.schemas import OrderOut
from api.core.schemas import PaymentOut
from api.core.schemas import RefundOut
from api.core.table_schemas import TableOut
from api.versions import CURRENT
from api.versions import downgrade
from api.views import compile_view
from api.views import plain
from kit.clock import iso
from kit.documents import Document

MAX_BODY = 20_000
_SCHEMAS: dict[str, type[Schema]] = {
    "order": OrderOut,
    "payment": PaymentOut,
    "refund": RefundOut,
    "item": ItemOut,
    "menu": MenuOut,
    "menu_changes": MenuChangesOut,  # what menu.updated counts
    "price_change": PriceChangeOut,  # what menu.price.updated tells
    "modifier": ModifierOut,
    "location": LocationOut,
    "table": TableOut,
    "customer": CustomerOut,
    "customer_consent": CustomerConsentEventOut,
    "customer_merge": CustomerMergeOut,
    "customer_segment": CustomerSegmentEventOut,
    "customer_tag": CustomerTagEventOut,
    "notification": NotificationOut,
    "campaign": CampaignOut,
    "campaign_click": CampaignClickOut,
    "campaign_offer": CampaignOfferOut,
    "promo_code_use": PromoUseOut,
    "export": ExportOut,
    "integration": IntegrationOut,
    "integration_mapping": MappingRequiredOut,
    "sync_run": SyncRunOut,
    "reservation": ReservationOut,
    "hold": HoldOut,
    "review": ReviewOut,
    "membership": MemberOut,
    "loyalty_member": MemberOut,
    "loyalty_points": PointsEventOut,
    "loyalty_reward": RewardEventOut,
    "loyalty_tier": TierEventOut,
    "webhook_endpoint": WebhookOut,
    "webhook_failing": WebhookFailingOut,
}
_VIEWS: dict[str, Callable[[Document], dict[str, Any]]] = {noun: compile_view(schema) for noun, schema in _SCHEMAS.items()}


def render(event: Document, *, api_version: str, scopes: frozenset[str]) -> bytes:
    """The JSON body of one event for a subscriber.

    event: an EventRow document. Contact data is masked unless scopes hold customers:pii.
    """
    body = event["body"]
    kind = EVENT_TYPES[event["type"]].object
    shown = represent(kind, body["object"], api_version=api_version, scopes=scopes)
    data: dict[str, Any] = {"object": shown}
    if body.get("previous") is not None:
        data["previous"] = _previous(kind, body, scopes, api_version)
    if event["is_synthetic"]:
        data["synthetic"] = True
    rendered = orjson.dumps(_envelope(event, api_version, data))
    if len(rendered) > MAX_BODY:
        ids = {key: value for key, value in shown.items() if key == "id" or key.endswith("_id") or key == "status"}
        rendered = orjson.dumps(_envelope(event, api_version, {"object": ids, "truncated": True}))
    return rendered


def represent(kind: str, document: Document, *, api_version: str, scopes: frozenset[str]) -> dict[str, Any]:
    """An object of an event as the API shows it. kind: what the catalogue calls it."""
    return _shown(kind, _sparse(document), scopes, api_version)


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
    """An object as it was recorded, maybe by an older release or made up by a trigger: what it leaves out reads as null."""

    def __missing__(self, key: str) -> None:
        return None


def _sparse(value: Any) -> Any:
    if isinstance(value, dict):
        return _Sparse({key: _sparse(item) for key, item in value.items()})
    return [_sparse(item) for item in value] if isinstance(value, list) else value


def _shown(kind: str, document: Document, scopes: frozenset[str], version: str) -> dict[str, Any]:
    document = _readable(kind, document, scopes)
    shown = _printed(kind, document, version)
    for name, nested in document.items():
        # payment events carry the refund or order they are about
        if name in _VIEWS and isinstance(nested, dict) and name != kind:
            shown[name] = _printed(name, _readable(name, nested, scopes), version)
    return shown


def _printed(kind: str, document: Document, version: str) -> dict[str, Any]:
    view = _VIEWS.get(kind)
    shown = view(document) if view is not None else plain(document, document.get("currency"))
    return shown if version == CURRENT else downgrade(version, _SCHEMAS.get(kind), shown)


def _readable(kind: str, document: Document, scopes: frozenset[str]) -> Document:
    """A customer or reservation with the contact data its reader may see; anything else as it is."""
    if kind == "reservation":
        return with_contact(scopes, document)
    return masked_guest(document) if kind == "customer" and "customers:pii" not in scopes else document


def _previous(kind: str, body: Document, scopes: frozenset[str], version: str) -> dict[str, Any]:
    """The old values of what changed, as the representation names and prints them where it shows them at all."""
    previous, current = body["previous"], body["object"]
    if kind == "menu" or kind not in _VIEWS or not previous.keys() <= current.keys():  # a menu names old categories by id
        return plain(previous, current.get("currency"))
    documents = [_readable(kind, document, scopes) for document in (_before(current, previous), current)]
    before, after = (_printed(kind, _sparse(document), version) for document in documents)
    return _changed(before, after)


def _before(current: Document, previous: Document) -> Document:
    """The whole document as it was. A location's status is told in parts: the others had not changed."""
    status = previous.get("status")
    parts = {"status": {**current["status"], **status}} if isinstance(status, dict) else {}
    return {**current, **previous, **parts}


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The old values that differ; of an order's totals and a location's status only the parts that do."""
    return {
        name: _changed(value, after[name]) if name == "totals" or (name == "status" and isinstance(value, dict)) else value
        for name, value in before.items()
        if value != after[name]
    }
