"""The catalogue of public events."""

import pytest

from accounts.keys.catalog import SCOPES
from accounts.plans.catalog import BASIC_EVENTS
from accounts.webhooks.catalog import EVENT_TYPES


def test_catalogue_has_68_types_each_behind_a_known_scope():
    assert len(EVENT_TYPES) == 68
    assert {event.scope for event in EVENT_TYPES.values()} <= set(SCOPES)
    assert set(EVENT_TYPES) >= BASIC_EVENTS


@pytest.mark.parametrize(
    ("name", "scope", "noun"),
    [
        ("order.created", "orders:read", "order"),
        ("payment.partially_refunded", "payments:read", "payment"),
        ("menu.item.unavailable", "menus:read", "item"),
        ("promo_code.used", "campaigns:read", "promo_code_use"),
        ("membership.deleted", "loyalty:read", "membership"),
        ("store.status.updated", "locations:read", "location"),
        ("webhook.endpoint.disabled", "webhooks:read", "webhook_endpoint"),
    ],
)
def test_event_needs_the_read_scope_of_its_object(name: str, scope: str, noun: str):
    assert (EVENT_TYPES[name].scope, EVENT_TYPES[name].object) == (scope, noun)
