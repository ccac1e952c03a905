"""Which events each dialect tells of, and by what name, where the type alone does not say it."""

from typing import Any

import pytest

from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.dialects import NAMES
from accounts.webhooks.dialects import name_in
from accounts.webhooks.dialects import place_of
from accounts.webhooks.dialects import tells

ACCEPTED, DENIED = {"status_history": [{"status": "accepted"}]}, {"cancellation_request": {"status": "denied"}}
NAMED = {"names": {"loc_1": "store-123"}}


def event(type_: str, object_: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    body = {"object": object_ or {}, "previous": values.pop("previous", None)}
    return {"type": type_, "body": body, "location_id": None, "only_endpoint_id": None, **values}


@pytest.mark.parametrize(
    ("dialect", "told", "options", "name"),
    [
        ("core", event("customer.tag.added"), {}, "customer.tag.added"),
        ("pos", event("customer.created"), {}, None),
        ("pos", event("order.failed"), {}, "order.updated"),
        ("pos", event("reservation.no_show"), {}, None),  # reservation.updated has told of it
        ("pos", event("payment.confirmed", {"order": {"id": "ord_1"}}), {}, "order.paid"),
        ("pos", event("payment.confirmed", {"order_id": None}), {}, None),
        ("sync", event("payment.confirmed", {"order_id": None}), {}, None),
        ("sync", event("customer.merged"), {}, None),  # an update and deletions of its own
        ("channel", event("order.failed"), {}, "order_confirmation"),
        ("channel", event("order.failed", ACCEPTED), {}, "order_cancellation"),
        ("channel", event("order.updated", {"notes": "x"}, previous={"notes": None}), {}, None),
        ("channel", event("order.updated", DENIED, previous={"cancellation_request": {}}), {}, "order_cancellation"),
        ("channel", event("order.updated", DENIED, previous={"notes": None}), {}, None),
        ("channel", event("order.updated", {"cancellation_request": "x"}, previous={"cancellation_request": None}), {}, None),
        ("channel", event("order.failed", {"status_history": ["accepted"]}), {}, "order_confirmation"),
        ("channel", event("order.preparing"), {}, None),
        ("channel", event("menu.modifier.available"), NAMED, "option_availability"),
        ("channel", event("menu.modifier.available"), {}, None),  # a modifier has no location, and which store is not said
        ("channel", event("menu.item.available", location_id="loc_2"), {}, "item_availability"),
        ("unheard-of", event("order.created"), {}, None),
    ],
)  # fmt: skip
def test_name_of_an_event(dialect: str, told: dict[str, Any], options: dict[str, Any], name: str | None) -> None:
    assert (name_in(dialect, told, options), tells(dialect, told | {"only_endpoint_id": "we_1"}, options)) == (
        name, name is not None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("order", "is_test", "is_told"),
    [
        ({"source": "marketplace", "collected_by": "channel", "channel": "eats"}, False, True),
        ({"source": "marketplace", "collected_by": "restaurant", "channel": "eats"}, False, True),
        ({"source": "marketplace", "collected_by": "channel", "channel": "bites"}, False, False),
        ({"source": "website", "collected_by": "restaurant", "channel": None}, False, False),
        ({}, False, False),
        ({"source": "website", "collected_by": "restaurant", "channel": None}, True, True),
    ],
    ids=["its own", "paid at the restaurant", "another channel's", "nobody's", "says nothing", "test event"],
)
def test_channel_hears_of_the_orders_it_sold(order: dict[str, Any], is_test: bool, is_told: bool) -> None:
    told = event("order.ready", order, only_endpoint_id="we_1" if is_test else None)
    assert tells("channel", told, {"channel": "eats"}) is is_told


@pytest.mark.parametrize(
    ("location_id", "names", "place"),
    [
        ("loc_1", {"loc_1": "store-123"}, "store-123"),
        ("loc_2", {"loc_1": "store-123"}, "loc_2"),
        (None, {"loc_1": "store-123"}, "store-123"),
        (None, {"loc_1": "store-123", "loc_2": "store-9"}, None),
        (None, {}, None),
    ],
)
def test_place_of_an_event(location_id: str | None, names: dict[str, str], place: str | None) -> None:
    assert place_of(event("menu.modifier.available", location_id=location_id), {"names": names}) == place


def test_dialects_name_known_types_only() -> None:
    assert {dialect: set(names) - set(EVENT_TYPES) for dialect, names in NAMES.items()} == {
        "core": set(), "pos": set(), "channel": set(), "sync": set(),
    }  # fmt: skip
    assert set(NAMES["pos"].values()) == {
        "reservation.created", "reservation.updated", "reservation.cancelled", "order.created", "order.updated", "order.paid",
        "review.created",
    }  # fmt: skip
