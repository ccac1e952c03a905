"""Triggering events of every type."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from accounts.plans.scopes import SCOPES
from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.queries import list_events
from api.events import render
from domain.orders.service import get_order
from kit.documents import Document
from kit.errors import Invalid
from kit.errors import NotFound
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import queries
from sandbox import service
from sandbox.objects import own_object
from tests.factories.guests import create_guest

# Nouns whose events are about one object that can be read, and its kind.
OBJECTS = {
    **{name: name for name in ("order", "payment", "item", "menu", "modifier", "customer", "location", "table", "reservation",
       "hold", "review", "campaign", "integration", "sync_run", "notification", "customer_merge", "export", "membership")},
    "loyalty_member": "membership",
}  # fmt: skip


@pytest.fixture
def world(scope: Scope) -> Scope:
    with unit_of_work(scope):
        service.reset(scope)
    return scope


def triggered(scope: Scope, type_: str, *, newest: int = 1, **wanted: Any) -> Document:
    """The recorded event, which is the newest-th of the tenant."""
    with unit_of_work(scope):
        event_id = service.trigger_event(scope, type=type_, **wanted)
    with unit_of_work(scope, writes=False):
        [event] = list_events(scope, after_sequence=newest - 1, limit=5)
    assert event["id"] == event_id
    return event


@pytest.mark.parametrize("type_", list(EVENT_TYPES))
def test_every_type_is_recorded_as_synthetic_and_renders(world: Scope, type_: str) -> None:
    event = triggered(world, type_)
    body = orjson.loads(render(event, api_version="2026-11-01", scopes=frozenset(SCOPES)))

    assert (event["type"], event["is_synthetic"], event["sequence"]) == (type_, True, 1)
    assert event["object_id"] == event["body"]["object"]["id"]
    assert (body["type"], body["data"]["synthetic"]) == (type_, True)
    # What is said about a customer (a tag, a consent, a segment) names the customer and has no id of its own.
    assert body["data"]["object"].get("id", event["object_id"]) == event["object_id"]


@pytest.mark.parametrize("type_", list(EVENT_TYPES))
def test_every_type_finds_or_makes_an_object_in_an_empty_sandbox(scope: Scope, type_: str) -> None:
    first, again = triggered(scope, type_, newest=1), triggered(scope, type_, newest=2)
    body = orjson.loads(render(again, api_version="2026-11-01", scopes=frozenset(SCOPES)))

    assert (first["sequence"], again["sequence"]) == (1, 2)  # making an object says nothing
    assert body["data"]["object"]
    if EVENT_TYPES[type_].object in OBJECTS:
        assert first["object_id"] == again["object_id"]


def row_counts(scope: Scope) -> dict[str, int]:
    counts: dict[str, int] = {}
    with unit_of_work(scope, writes=False):
        for name in queries.cleared_tables():
            counts |= queries.counts.document(scope, name)
    return counts


def test_nothing_is_made_in_production(new_scope: Callable[..., Scope]) -> None:
    live = new_scope(Environment.PRODUCTION)
    before = row_counts(live)
    for type_ in EVENT_TYPES:
        with unit_of_work(live):
            service.trigger_event(live, type=type_)

    assert {name: rows for name, rows in row_counts(live).items() if rows != before[name]} == {"events": len(EVENT_TYPES)}


@pytest.mark.parametrize("type_", [name for name, type_ in EVENT_TYPES.items() if type_.object in OBJECTS])
def test_object_is_one_that_can_be_read(world: Scope, type_: str) -> None:
    event = triggered(world, type_)
    with unit_of_work(world, writes=False):
        found = own_object(world, kind=OBJECTS[EVENT_TYPES[type_].object], object_id=event["object_id"])

    assert found.keys() <= event["body"]["object"].keys()
    assert event["body"]["previous"] is None or event["body"]["previous"].keys() <= found.keys()


@pytest.mark.parametrize(
    ("type_", "object_id", "about"),
    [
        ("reservation.no_show", "res_waw_2", "res_waw_2"), ("review.resolved", "rev_002", "rev_002"),
        ("campaign.sent", "cam_lunch_week", "cam_lunch_week"), ("loyalty.member.created", "mem_anna", "mem_anna"),
        ("integration.disconnected", "int_till", "int_till"), ("integration.mapping_required", "int_till", "int_till"),
        ("integration.sync_failed", "run_till", "run_till"), ("customer.tag.added", "cus_jonas", "cus_jonas"),
        ("customer.segment.updated", "cus_jonas", "cus_jonas"), ("loyalty.tier.updated", "mem_anna", "mem_anna"),
        ("loyalty.reward.unlocked", "mem_anna", "rwd_apple_pie"), ("menu.modifier.available", "mod_no_ice", "mod_no_ice"),
    ],
)  # fmt: skip
def test_event_is_about_the_named_object(world: Scope, type_: str, object_id: str, about: str) -> None:
    assert triggered(world, type_, object_id=object_id)["object_id"] == about


def test_events_about_two_things_name_both(world: Scope) -> None:
    tier = triggered(world, "loyalty.tier.updated", object_id="mem_anna")["body"]["object"]
    click = triggered(world, "campaign.clicked", newest=2)["body"]["object"]
    use = triggered(world, "promo_code.used", object_id="WELCOME10", newest=3)["body"]["object"]

    assert (tier["from"]["id"], tier["to"]["id"], tier["member"]["id"]) == ("tir_bronze", "tir_silver", "mem_anna")
    assert (click["campaign"]["id"], click["customer_id"]) == ("cam_winter", "cus_anna")
    assert (use["promo"]["id"], use["order"]["id"]) == ("prm_welcome10", use["order_id"])


def test_event_carries_what_happened_beside_the_object(world: Scope) -> None:
    paid = triggered(world, "payment.confirmed")["body"]["object"]
    refunded = triggered(world, "payment.refunded", newest=2)["body"]["object"]
    repriced = triggered(world, "menu.price.updated", newest=3)["body"]["object"]
    brought = triggered(world, "order.delivery.updated", newest=4)["body"]["object"]

    assert paid["order"]["id"] == paid["order_id"]
    assert (refunded["refund"]["payment_id"], refunded["refunded_minor"]) == (
        refunded["id"], refunded["amount_minor"] + refunded["tip_minor"],
    )  # fmt: skip
    assert repriced["price_change"]["changes"][0]["new_price_minor"] == repriced["base_price_minor"]
    assert brought["delivery"]["courier"]["name"] == "Rui Almeida"


def test_order_event_is_about_the_named_order_in_the_state_it_tells(world: Scope) -> None:
    event = triggered(world, "order.ready", object_id="ord_89421")

    assert (event["object_id"], event["location_id"]) == ("ord_89421", "loc_waw_01")
    assert event["body"]["object"]["status"] == "ready"
    assert event["body"]["object"]["total_minor"] == 4590
    assert event["body"]["previous"] == {"status": "preparing"}
    with unit_of_work(world, writes=False):
        assert get_order(world, order_id="ord_89421")["status"] == "preparing"


def test_overrides_are_merged_field_by_field(world: Scope) -> None:
    overrides = {"notes": "No onions", "total_minor": 5000, "fulfillment": {"type": "delivery"}}
    shown = triggered(world, "order.updated", object_id="ord_89421", overrides=overrides)["body"]["object"]

    assert (shown["notes"], shown["total_minor"]) == ("No onions", 5000)
    assert (shown["fulfillment"]["type"], shown["fulfillment"]["promised_at"]) == ("delivery", None)


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"id": "ord_1"}, "overrides.id"),
        ({"total": 1}, "overrides.total"),
        ({"total_minor": "12.00"}, "overrides.total_minor"),
        ({"total_minor": True}, "overrides.total_minor"),
        ({"total_minor": 2**63}, "overrides.total_minor"),
        ({"created_at": 10**18}, "overrides.created_at"),
        ({"lines": []}, "overrides.lines"),
        ({"fulfillment": {"promised_at": "soon"}}, "overrides.fulfillment.promised_at"),
        ({"notes": "a\x00b"}, "overrides.notes"),
        ({"notes": "x" * 9000}, "overrides"),
    ],
    ids=["id", "unknown", "text for money", "bool for money", "too large", "far future", "lines", "nested", "nul", "size"],
)
def test_overrides_that_would_break_the_object_are_refused(world: Scope, overrides: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work(world):
        service.trigger_event(world, type="order.updated", object_id="ord_89421", overrides=overrides)

    assert refusal.value.errors[0].field == field
    with unit_of_work(world, writes=False):
        assert list_events(world, after_sequence=0, limit=5) == []


@pytest.mark.parametrize(
    ("type_", "object_id"),
    [
        ("order.updated", "ord_unknown"), ("menu.item.updated", "itm_unknown"), ("table.updated", "tbl_unknown"),
        ("menu.modifier.available", "mod_unknown"), ("review.submitted", "rev_1"), ("webhook.endpoint.disabled", "we_unknown"),
        ("webhook.endpoint.failing", "we_unknown"),
        ("customer.tag.added", "cus_unknown"), ("promo_code.used", "NOSUCHCODE"),
    ],
)  # fmt: skip
def test_object_that_is_not_the_tenants_is_not_found(world: Scope, type_: str, object_id: str) -> None:
    with pytest.raises(NotFound), unit_of_work(world):
        service.trigger_event(world, type=type_, object_id=object_id)


def test_another_tenants_object_is_not_found(world: Scope, new_scope: Callable[..., Scope]) -> None:
    other = new_scope()
    with unit_of_work(other):
        theirs = create_guest(other)

    with pytest.raises(NotFound), unit_of_work(world):
        service.trigger_event(world, type="customer.updated", object_id=theirs)


def test_unknown_type_is_refused(world: Scope) -> None:
    with pytest.raises(Invalid), unit_of_work(world):
        service.trigger_event(world, type="order.teleported")


def test_event_for_one_endpoint_says_so(world: Scope) -> None:
    assert triggered(world, "order.updated", only_endpoint_id="we_1")["only_endpoint_id"] == "we_1"
