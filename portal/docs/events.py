"""The events page: types from the catalogue, and an example printed by the code that prints real ones."""

import json
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from accounts.plans.catalog import TIERS
from accounts.plans.catalog import lowest_tier_with_event
from accounts.webhooks import filters
from accounts.webhooks.catalog import EVENT_TYPES
from api.core.platform_schemas import EventOut
from api.events import render
from api.versions import CURRENT
from kit.documents import Document
from portal.docs.plans import COLUMNS
from portal.docs.plans import attempts
from portal.docs.plans import span
from portal.filters import pretty

AT = 1_768_219_260_120_000  # 2026-01-12T12:01:00.120Z
PAYMENT: Document = {
    "id": "pay_01K0A1B2C3D4E5F6G7H8J9K0MN", "order_id": "ord_89421", "reservation_id": None, "purpose": "order",
    "method": "card", "status": "confirmed", "currency": "PLN", "amount_minor": 4590, "tip_minor": 500,
    "tendered_minor": None, "change_minor": None, "refunded_minor": 0, "decline_code": None, "provider_ref": "sim_5f2c",
    "payer_label": None, "refs": [], "version": 2, "created_at": AT - 2_000_000, "updated_at": AT,
}  # fmt: skip
EVENT: Document = {
    "id": "evt_01K0A1B2C3D4E5F6G7H8J9K0MN", "type": "payment.confirmed", "environment": "sandbox", "created_at": AT,
    "sequence": 48_211, "tenant_id": "tnt_01K0A1B2C3D4E5F6G7H8J9K0MN", "location_id": "loc_waw_01",
    "actor_type": "api_key", "actor_id": "key_01K0A1B2C3D4E5F6G7H8J9K0MN", "request_id": "req_01K0A1B2C3D4E5F6G7H8J9K0MN",
    "is_synthetic": False, "body": {"object": PAYMENT, "previous": {"status": "created"}},
}  # fmt: skip
ENVELOPE = {
    "id": "The event. It stays the same over retries: keep it to notice what you have seen.",
    "type": "One of the types below.",
    "api_version": "The version your endpoint is pinned to; the object is printed as that version prints it.",
    "environment": "sandbox or production.",
    "created_at": "When the change was committed.",
    "sequence": "Grows with every event of a restaurant, in the order of commits. Deliveries may overtake each other.",
    "restaurant_id": "Whose data it is.",
    "location_id": "The location it happened at, or null.",
    "actor": "Who caused it: type and id.",
    "request_id": "The API call that caused it, or null.",
    "data": "object: the whole object after the change. previous: the fields that changed, with their old values.",
}


OPERATORS = {
    "eq": "equals the value.",
    "ne": "does not equal it.",
    "in": "equals one of a list of up to 50 values.",
    "gt": "is greater than the value, or later.",
    "gte": "is at least the value, or not earlier.",
    "lt": "is less than the value, or earlier.",
    "lte": "is at most the value, or not later.",
    "exists": "has a value (true), or has none (false).",
}
FILTERS = [
    {"field": "totals.total", "operator": "gte", "value": 50},
    {"field": "status", "operator": "in", "value": ["accepted", "ready"]},
]


@dataclass(frozen=True)
class Type:
    """One event type as the page shows it."""

    name: str
    object: str
    description: str
    plan: str


@dataclass(frozen=True)
class Schedule:
    """How one plan retries: at most so many attempts, waiting so long after each failure."""

    label: str
    attempts: str
    waits: tuple[str, ...]


def types_by_scope() -> dict[str, list[Type]]:
    """Every public type under the scope its subscribers need."""
    return {
        scope: [Type(name, kind.object, kind.description, TIERS[lowest_tier_with_event(name)].label) for name, kind in rows]
        for scope, rows in groupby(EVENT_TYPES.items(), key=lambda item: item[1].scope)
    }


def schedules() -> list[Schedule]:
    """The retry schedule of each plan that has webhooks."""
    return [
        Schedule(tier.label, attempts(tier), tuple(span(wait) for wait in tier.retry_schedule_s))
        for tier in COLUMNS
        if tier.retry_schedule_s
    ]


@cache
def example() -> str:
    """A webhook body, printed as an endpoint would receive it."""
    return pretty(render(EVENT, api_version=CURRENT, scopes=frozenset()).decode())


def envelope() -> list[tuple[str, str]]:
    """The fields of the envelope, in the order they are printed."""
    return [(name, ENVELOPE[name]) for name in EventOut().fields]


def operators() -> list[tuple[str, str]]:
    """What a filter may ask, in the order of the API."""
    return [(name, OPERATORS[name]) for name in filters.OPERATORS]


def filters_example() -> str:
    """Filters as an endpoint is given them."""
    return "\n".join(('"filters": [', ",\n".join(f"  {json.dumps(one)}" for one in FILTERS), "]"))
