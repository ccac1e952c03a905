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
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import service
from tests.factories.guests import create_guest


@pytest.fixture
def world(scope: Scope) -> Scope:
    with unit_of_work(scope):
        service.reset(scope)
    return scope


def triggered(scope: Scope, type_: str, **wanted: Any) -> Document:
    with unit_of_work(scope):
        event_id = service.trigger_event(scope, type=type_, **wanted)
    with unit_of_work(scope, writes=False):
        [event] = list_events(scope, after_sequence=0, limit=5)
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


@pytest.mark.parametrize(
    ("type_", "prefix"),
    [
        ("reservation.created", "res_"), ("review.submitted", "rev_"), ("campaign.sent", "cam_"),
        ("loyalty.member.created", "mem_"), ("integration.connected", "int_"), ("export.completed", "exp_"),
        ("customer.segment.updated", "seg_"), ("webhook.endpoint.disabled", "we_"),
    ],
)  # fmt: skip
def test_made_up_objects_carry_the_prefix_of_their_kind(world: Scope, type_: str, prefix: str) -> None:
    assert triggered(world, type_)["object_id"].startswith(prefix)


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
        ("menu.modifier.available", "mod_unknown"), ("review.submitted", "rev_1"),
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


def test_empty_sandbox_has_made_up_objects_but_no_orders(scope: Scope) -> None:
    with unit_of_work(scope):
        service.trigger_event(scope, type="review.submitted")
    with pytest.raises(NotFound), unit_of_work(scope):
        service.trigger_event(scope, type="order.created")


def test_event_for_one_endpoint_says_so(world: Scope) -> None:
    assert triggered(world, "order.updated", only_endpoint_id="we_1")["only_endpoint_id"] == "we_1"
