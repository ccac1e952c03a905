"""The catalogue of public events."""

import pytest

from accounts.keys.catalog import SCOPES
from accounts.plans.catalog import BASIC_EVENTS
from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.catalog import FAMILIES
from accounts.webhooks.catalog import covered_types
from accounts.webhooks.catalog import covers


def test_catalogue_has_69_types_each_behind_a_known_scope():
    assert len(EVENT_TYPES) == 69
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
        ("webhook.endpoint.failing", "webhooks:read", "webhook_failing"),
    ],
)
def test_event_needs_the_read_scope_of_its_object(name: str, scope: str, noun: str):
    assert (EVENT_TYPES[name].scope, EVENT_TYPES[name].object) == (scope, noun)


@pytest.mark.parametrize(
    ("listed", "name", "expected"),
    [
        (["*"], "order.created", True),
        (["order.*"], "order.created", True),
        (["order.*"], "order.delivery.updated", True),
        (["order.delivery.*"], "order.created", False),
        (["menu.item.*"], "menu.item.created", True),
        (["menu.item.*"], "menu.created", False),
        (["payment.*", "menu.created"], "menu.created", True),
        (["order.created"], "order.ready", False),
        (["promo.*", "promo_code"], "promo_code.used", False),
        ([], "order.created", False),
        (["*", "order.*"], "order.exploded", False),
    ],
)
def test_listed_words_cover_a_type(listed: list[str], name: str, expected: bool):
    assert covers(listed, name) is expected


def test_families_hold_the_types_that_begin_like_them():
    assert len(FAMILIES["order.*"]) == 12
    assert FAMILIES["menu.item.*"] == (
        "menu.item.created", "menu.item.updated", "menu.item.unavailable", "menu.item.available",
    )  # fmt: skip
    assert set(FAMILIES["menu.*"]) == {name for name in EVENT_TYPES if name.startswith("menu.")}
    assert "*" not in FAMILIES


def test_covered_types_are_those_the_scopes_may_see():
    assert covered_types(["order.completed", "store.*", "payment.*"], {"orders:read", "locations:read"}) == [
        "order.completed", "store.status.updated",
    ]  # fmt: skip
