"""What changes an order over HTTP, and what events tell of it: amendments, splits, deliveries, cancellations."""

from typing import Any

import pytest
from flask import Flask

from kit.unit import unit_of_work
from sandbox.clock import set_clock
from tests.api.callers import Caller
from tests.api.ordering.conftest import place
from tests.api.ordering.conftest import told
from tests.api.partners import Partner
from tests.factories.locations import create_location
from tests.factories.menus import create_item

HOME = {"type": "delivery", "address": {"line1": "ul. Chmielna 20", "city": "Warszawa"}}


def test_amendment_of_a_paid_order_refunds_and_tells_what_changed(caller: Caller, menu: dict[str, str]) -> None:
    order = place(caller, menu)
    caller.post("/v1/payments", json={"order_id": order["id"], "method": "cash"})
    soup = order["items"][0]
    operations = [{"op": "void", "line_id": soup["id"], "reason": "Spilled"}]
    answer = caller.post(f"/v1/orders/{order['id']}/amendments", json={"operations": operations})
    after = answer.json
    assert answer.status_code == 200
    assert after["items"][1] == {**soup, "status": "voided", "reason": "Spilled"}
    assert {name: after["totals"][name] for name in ("total", "paid", "refunded", "due")} == {
        "total": 64.8, "paid": 81.0, "refunded": 16.2, "due": 0.0,
    }  # fmt: skip
    *_, updated, refunded = told(caller, order["id"])
    assert [updated["type"], refunded["type"]] == ["order.updated", "payment.partially_refunded"]
    previous = updated["data"]["previous"]
    assert set(previous) == {"items", "tax_lines", "totals"}
    assert (previous["items"], previous["totals"]) == (
        order["items"], {"subtotal": 75.0, "tax": 6.0, "total": 81.0},
    )  # fmt: skip
    assert refunded["data"]["object"]["refund"]["reason"] == "price_adjustment"


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ({"op": "void"}, "operations[0].line_id"), ({"op": "add"}, "operations[0].item"),
        ({"op": "quantity", "line_id": "x", "quantity": 0}, "operations[0].quantity"),
        ({"op": "void", "line_id": "x", "quantity": 2}, "operations[0].quantity"), ({"op": "melt"}, "operations[0].op"),
        ({"op": "add", "item": {"name": "Bread", "price": 1.234}}, "operations[0].item.price"),
        ({"op": "add", "item": {"menu_item_id": "itm_none"}}, "operations[0].item.menu_item_id"),
        ({"op": "void", "line_id": "oln_none"}, "operations[0].line_id"),
    ],
    ids=["no line", "no item", "zero", "too much said", "op", "precision", "unknown item", "unknown line"],
)  # fmt: skip
def test_amendment_is_refused_for(caller: Caller, menu: dict[str, str], operation: dict[str, Any], field: str) -> None:
    order = place(caller, menu)
    answer = caller.post(f"/v1/orders/{order['id']}/amendments", json={"operations": [operation]})
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert caller.get(f"/v1/orders/{order['id']}").json == order
    assert [event["type"] for event in told(caller, order["id"])] == ["order.created"]


def test_amendment_comes_too_late_when_the_order_is_ready(caller: Caller, menu: dict[str, str]) -> None:
    order = place(caller, menu)
    for status in ("accepted", "ready"):
        caller.patch(f"/v1/orders/{order['id']}", json={"status": status})
    operations = [{"op": "void", "line_id": order["items"][0]["id"]}]
    answer = caller.post(f"/v1/orders/{order['id']}/amendments", json={"operations": operations})
    assert (answer.status_code, answer.json["code"], answer.json["from"], answer.json["to"]) == (
        409, "invalid_transition", "ready", "amended",
    )  # fmt: skip


def test_amendment_with_an_old_version_is_a_conflict(caller: Caller, menu: dict[str, str]) -> None:
    order = place(caller, menu)
    operations = [{"op": "void", "line_id": order["items"][0]["id"]}]
    answer = caller.post(
        f"/v1/orders/{order['id']}/amendments", json={"operations": operations}, headers={"If-Match": '"9"'}
    )
    assert (answer.status_code, answer.json["code"]) == (409, "version_conflict")


def test_split_lists_a_share_per_payer(caller: Caller, menu: dict[str, str]) -> None:
    order = place(caller, menu)
    soup, steak = (item["id"] for item in order["items"])
    answer = caller.post(f"/v1/orders/{order['id']}/split", json={"mode": "by_line", "groups": [[steak], [soup]]})
    assert (answer.status_code, answer.json) == (200, {
        "order_id": order["id"], "mode": "by_line", "currency": "PLN", "due": 81.0,
        "data": [
            {"payer_label": "Share 1", "amount": 64.8, "line_ids": [steak]},
            {"payer_label": "Share 2", "amount": 16.2, "line_ids": [soup]},
        ],
    })  # fmt: skip
    for body in ({"mode": "even"}, {"mode": "even", "parts": 1}, {"mode": "by_guest", "parts": 2}):
        assert caller.post(f"/v1/orders/{order['id']}/split", json=body).status_code == 422


def test_delivery_goes_forward_and_takes_the_order_along(caller: Caller, menu: dict[str, str]) -> None:
    order = place(caller, menu, fulfillment=HOME)
    path = f"/v1/orders/{order['id']}/delivery"
    assert caller.send("PUT", path, json={"status": "delivered"}).json["code"] == "invalid_transition"
    caller.patch(f"/v1/orders/{order['id']}", json={"status": "accepted"})
    sent = {"status": "en_route_to_customer", "courier": {"name": "Ola"}, "eta_at": "2026-01-12T13:00:00Z"}
    update = caller.send("PUT", path, json=sent).json
    assert {name: update[name] for name in ("order_id", "order_status", "status", "eta_at", "ignored", "courier")} == {
        "order_id": order["id"], "order_status": "picked_up", "status": "en_route_to_customer",
        "eta_at": "2026-01-12T13:00:00Z", "ignored": False,
        "courier": {"name": "Ola", "phone": None, "vehicle": None, "lat": None, "lng": None},
    }  # fmt: skip
    late = caller.send("PUT", path, json={"status": "assigned"}).json
    assert late == {**update, "ignored": True}
    *_, delivery, picked_up = told(caller, order["id"])
    assert (delivery["type"], delivery["data"]["previous"]) == ("order.delivery.updated", {"delivery": None})
    assert (picked_up["type"], picked_up["data"]["object"]["delivery"]["courier"]["name"]) == ("order.picked_up", "Ola")
    assert caller.send("PUT", path, json={}).status_code == 422


def test_marketplace_order_is_cancelled_on_request(app: Flask, menu: dict[str, str], shop: Partner, caller: Caller) -> None:
    order = place(caller, menu, source="marketplace")
    path = f"/v1/orders/{order['id']}"
    caller.patch(path, json={"status": "accepted"})
    with unit_of_work(shop.scope):
        set_clock(shop.scope, advance_s=61)
    body = {"status": "cancelled", "cancel_reason": "customer_request", "reason_detail": "Too slow"}
    asked = caller.patch(path, json=body)
    request = asked.json["cancellation_request"]
    assert (asked.status_code, asked.json["status"]) == (202, "accepted")
    assert (request["status"], request["reason"], request["reason_detail"], request["decided_at"]) == (
        "requested", "customer_request", "Too slow", None,
    )  # fmt: skip
    assert caller.patch(path, json=body).json == asked.json
    approved = caller.post(f"{path}/cancellation/approve", json={})
    assert (approved.status_code, approved.json["status"], approved.json["cancel_reason"]) == (
        200, "cancelled", "customer_request",
    )  # fmt: skip
    assert caller.patch(path, json=body).status_code == 200
    assert [event["type"] for event in told(caller, order["id"])] == [
        "order.created", "order.accepted", "order.cancellation_requested", "order.cancelled",
    ]  # fmt: skip


def test_denied_cancellation_leaves_the_order(menu: dict[str, str], shop: Partner, caller: Caller) -> None:
    order = place(caller, menu, source="marketplace")
    path = f"/v1/orders/{order['id']}"
    caller.patch(path, json={"status": "accepted"})
    with unit_of_work(shop.scope):
        set_clock(shop.scope, advance_s=61)
    caller.patch(path, json={"status": "cancelled", "cancel_reason": "customer_request"})
    denied = caller.post(f"{path}/cancellation/deny")
    assert (denied.status_code, denied.json["status"], denied.json["cancellation_request"]["status"]) == (
        200, "accepted", "denied",
    )  # fmt: skip
    assert caller.post(f"{path}/cancellation/approve").json["code"] == "invalid_transition"


def test_restaurant_that_is_busy_cancels_at_once_and_pauses(caller: Caller, shop: Partner) -> None:
    with unit_of_work(shop.scope):
        menu = {"location_id": create_location(shop.scope), "soup": create_item(shop.scope), "steak": create_item(shop.scope)}
    order = place(caller, menu, source="marketplace")
    caller.patch(f"/v1/orders/{order['id']}", json={"status": "accepted"})
    with unit_of_work(shop.scope):
        set_clock(shop.scope, advance_s=61)
    answer = caller.patch(f"/v1/orders/{order['id']}", json={"status": "cancelled", "cancel_reason": "kitchen_busy"})
    assert (answer.status_code, answer.json["status"]) == (200, "cancelled")
    body = {"location_id": menu["location_id"], "items": [{"menu_item_id": menu["soup"]}]}
    assert caller.post("/v1/orders", json=body).json["code"] == "store_unavailable"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "rejected", "cancel_reason": "fraud"}, "cancel_reason"),
        ({"status": "cancelled", "reject_reason": "fraud"}, "reject_reason"),
        ({"status": "accepted", "reject_reason": "other"}, "reject_reason"),
        ({"notes": "x", "reason_detail": "why"}, "reason_detail"), ({"status": "cancelled"}, "cancel_reason"),
        ({"status": "rejected"}, "reject_reason"), ({"status": "cancelled", "cancel_reason": "mood"}, "cancel_reason"),
        ({"status": "cancelled", "cancel_reason": "other", "item_ids": ["itm_none"]}, "item_ids[0]"),
        ({"metadata": {f"key{n}": "" for n in range(51)}}, "metadata"), ({"metadata": {"k" * 41: ""}}, "metadata"),
        ({"metadata": {"key": "v" * 501}}, "metadata"), ({"metadata": {"key": 1}}, "metadata"),
        ({"promised_at": "soon"}, "promised_at"), ({"notes": "n" * 2001}, "notes"), ({"number": 7}, "number"), ({}, None),
    ],
    ids=["rejected, why cancelled", "cancelled, why rejected", "accepted, why rejected", "detail of nothing", "cancelled",
         "rejected", "unknown reason", "items", "51 keys", "long key", "long value", "number as value", "instant", "notes",
         "what cannot change", "nothing"],
)  # fmt: skip
def test_change_is_refused_for(caller: Caller, menu: dict[str, str], change: dict[str, Any], field: str | None) -> None:
    order = place(caller, menu)
    answer = caller.patch(f"/v1/orders/{order['id']}", json=change)
    assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
    assert field is None or [error["field"].split(".")[0] for error in answer.json["errors"]] == [field]
    assert caller.get(f"/v1/orders/{order['id']}").json == order
    assert [event["type"] for event in told(caller, order["id"])] == ["order.created"]
