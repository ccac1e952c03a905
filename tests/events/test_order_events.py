"""Events of orders and payments: each by exactly its change, with the old values of what changed."""

from dataclasses import replace
from typing import Any

import pytest

from domain.orders.service import place_order
from domain.orders.service import request_cancellation
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.api.partners import Partner
from tests.events.conftest import Do
from tests.events.feed import Feed
from tests.factories.orders import create_burger

DELIVERY = {"type": "delivery", "address": {"line1": "Krucza 1", "city": "Warszawa"}}


def place(do: Do, feed: Feed, *statuses: str, **body: Any) -> dict[str, Any]:
    """An order moved through statuses, with the feed read up to here."""
    order = do("POST", "/v1/orders", BURGER | body)
    for status in statuses:
        order = do("PATCH", f"/v1/orders/{order['id']}", {"status": status})
    feed.read()
    return order


def order_from_channel(partner: Partner) -> str:
    """The id of an order a delivery channel sent."""
    with unit_of_work(partner.scope):
        draft = replace(create_burger(partner.scope), collected_by="channel", channel="bistro", source="marketplace")
        return str(place_order(partner.scope, draft=draft).document["id"])


@pytest.mark.emits("order.created")
def test_order_is_created_once_and_whole(do: Do, feed: Feed) -> None:
    order = do("POST", "/v1/orders", BURGER)
    [event] = feed.read()
    assert (event["type"], event["data"]) == ("order.created", {"object": order})
    assert (event["location_id"], event["actor"]["type"]) == ("loc_waw_01", "api_key")
    do("POST", "/v1/orders/preview", BURGER)
    assert feed.types() == []


@pytest.mark.parametrize(
    ("statuses", "change", "previous"),
    [
        pytest.param((), {"status": "accepted"}, {"status": "pending"}, marks=pytest.mark.emits("order.accepted")),
        pytest.param((), {"status": "rejected", "reject_reason": "kitchen_busy"},
                     {"status": "pending", "cancel_reason": None}, marks=pytest.mark.emits("order.rejected")),
        pytest.param(("accepted",), {"status": "preparing"}, {"status": "accepted"},
                     marks=pytest.mark.emits("order.preparing")),
        pytest.param(("accepted",), {"status": "ready"}, {"status": "accepted"}, marks=pytest.mark.emits("order.ready")),
        pytest.param(("accepted", "ready"), {"status": "picked_up"}, {"status": "ready"},
                     marks=pytest.mark.emits("order.picked_up")),
        pytest.param(("accepted", "ready"), {"status": "completed"}, {"status": "ready"},
                     marks=pytest.mark.emits("order.completed")),
        pytest.param((), {"status": "cancelled", "cancel_reason": "duplicate"}, {"status": "pending", "cancel_reason": None},
                     marks=pytest.mark.emits("order.cancelled")),
    ],
    ids=["accepted", "rejected", "preparing", "ready", "picked_up", "completed", "cancelled"],
)  # fmt: skip
def test_order_tells_the_status_it_reached_and_no_other(
    do: Do, feed: Feed, statuses: tuple[str, ...], change: dict[str, str], previous: dict[str, Any]
) -> None:
    order = place(do, feed, *statuses)
    after = do("PATCH", f"/v1/orders/{order['id']}", change)
    [event] = feed.read()
    assert (event["type"], event["data"]) == (f"order.{change['status']}", {"object": after, "previous": previous})
    do("PATCH", f"/v1/orders/{order['id']}", change)
    assert feed.types() == []


@pytest.mark.emits("order.failed")
def test_channels_order_fails_when_nobody_accepts_it(partner: Partner, caller: Caller, do: Do, feed: Feed) -> None:
    order_from_channel(partner)
    feed.read()
    do("POST", "/sandbox/v1/clock", {"advance_seconds": 690})
    [event] = feed.read()
    assert (event["type"], event["actor"]["type"]) == ("order.failed", "system")
    assert event["data"]["previous"] == {"status": "pending", "cancel_reason": None}


@pytest.mark.emits("order.updated")
def test_order_tells_what_else_changed(do: Do, feed: Feed) -> None:
    order = place(do, feed)
    path, line = f"/v1/orders/{order['id']}", order["items"][0]
    do("PATCH", path, {"notes": "No onions"})
    assert feed.told() == [("order.updated", {"notes": None})]
    do("POST", f"{path}/amendments", {"operations": [{"op": "quantity", "line_id": line["id"], "quantity": 2}]})
    [(type_, previous)] = feed.told()
    assert (type_, previous["items"], previous["totals"]["total"]) == ("order.updated", [line], order["totals"]["total"])
    do("PATCH", path, {"status": "accepted", "notes": "With onions"})
    assert feed.told() == [("order.updated", {"notes": "No onions"}), ("order.accepted", {"status": "pending"})]


@pytest.mark.emits("order.delivery.updated")
def test_order_tells_its_delivery(do: Do, feed: Feed) -> None:
    order = place(do, feed, "accepted", fulfillment=DELIVERY)
    path = f"/v1/orders/{order['id']}/delivery"
    do("PUT", path, {"status": "assigned"})
    first = do("GET", f"/v1/orders/{order['id']}")
    assert feed.told() == [("order.delivery.updated", {"delivery": order["delivery"]})]
    do("PUT", path, {"status": "assigned"})
    assert feed.told() == []
    do("PUT", path, {"courier": {"name": "Ewa"}})
    assert feed.told() == [("order.delivery.updated", {"delivery": first["delivery"]})]


@pytest.mark.emits("order.cancellation_requested")
def test_order_tells_that_its_channel_wants_to_cancel(partner: Partner, do: Do, feed: Feed) -> None:
    order_id = order_from_channel(partner)
    do("PATCH", f"/v1/orders/{order_id}", {"status": "accepted"})
    do("POST", "/sandbox/v1/clock", {"advance_seconds": 61})
    feed.read()
    for _ in range(2):
        with unit_of_work(partner.scope):
            request_cancellation(partner.scope, order_id=order_id, reason="customer_request")
    assert feed.told() == [("order.cancellation_requested", {"cancellation_request": None})]
    do("POST", f"/v1/orders/{order_id}/cancellation/approve", {})
    [(type_, previous)] = feed.told()
    assert (type_, previous["status"], previous["cancellation_request"]["status"]) == (
        "order.cancelled", "accepted", "requested",
    )  # fmt: skip


@pytest.mark.emits("payment.created", "payment.confirmed", "order.updated")
def test_payment_is_created_confirmed_and_told_by_its_order(do: Do, feed: Feed) -> None:
    order = place(do, feed)
    due = order["totals"]["due"]
    payment = do("POST", "/v1/payments", {"order_id": order["id"], "method": "cash"})
    created, confirmed, updated = feed.read()
    assert (created["type"], created["data"]) == (
        "payment.created", {"object": payment | {"status": "created", "provider_ref": None, "version": 1}},
    )  # fmt: skip
    assert (confirmed["type"], confirmed["data"]["previous"]) == ("payment.confirmed", {"status": "created"})
    assert confirmed["data"]["object"]["order"]["totals"]["due"] == 0
    assert (updated["type"], updated["data"]["previous"]) == (
        "order.updated", {"payment_status": "unpaid", "totals": {"paid": 0.0, "due": due}},
    )  # fmt: skip


@pytest.mark.emits("payment.failed")
def test_declined_payment_is_told_although_the_call_is_refused(caller: Caller, do: Do, feed: Feed) -> None:
    order = place(do, feed)
    body = {"order_id": order["id"], "method": "card", "source": "tok_insufficient_funds"}
    assert caller.post("/v1/payments", json=body).status_code == 402
    assert feed.told() == [("payment.created", None), ("payment.failed", {"status": "created", "decline_code": None})]


@pytest.mark.emits("payment.cancelled")
def test_payment_is_cancelled_while_it_waits(do: Do, feed: Feed) -> None:
    order = place(do, feed)
    payment = do("POST", "/v1/payments", {"order_id": order["id"], "method": "card", "source": "tok_3ds"})
    assert feed.types() == ["payment.created"]
    do("POST", f"/v1/payments/{payment['id']}/cancel")
    assert feed.told() == [("payment.cancelled", {"status": "created"})]


@pytest.mark.emits("payment.partially_refunded", "payment.refunded")
def test_refund_tells_how_much_was_given_back_before(do: Do, feed: Feed) -> None:
    order = place(do, feed)
    payment = do("POST", "/v1/payments", {"order_id": order["id"], "method": "cash"})
    feed.read()
    path = f"/v1/payments/{payment['id']}/refunds"
    refund = do("POST", path, {"reason": "quality", "amount": 1})
    [event] = feed.read()
    assert (event["type"], event["data"]["object"]["refund"]) == ("payment.partially_refunded", refund)
    assert event["data"]["previous"] == {"status": "confirmed", "refunded": 0.0}
    do("POST", path, {"reason": "quality"})
    assert feed.told() == [("payment.refunded", {"status": "partially_refunded", "refunded": 1.0})]
