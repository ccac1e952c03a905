"""Orders over HTTP: what a partner sends, sees, and is told by events."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from api.requestlog import request_log
from domain.campaigns.promo_codes import create_promo_code
from domain.orders.drafts import CHANNEL
from domain.orders.service import place_order
from domain.references.service import add_reference
from kit.ids import new_id
from kit.unit import unit_of_work
from sandbox.clock import set_clock
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.api.test_query_counts import statements
from tests.domain.recorded import recorded_types
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.locations import create_table
from tests.factories.menus import create_item
from tests.factories.menus import create_tax
from tests.factories.orders import create_burger

HOME = {"type": "delivery", "address": {"line1": "ul. Chmielna 20", "city": "Warszawa"}}
PHONE = "+48600100200"


@pytest.fixture(scope="module")
def shop(app: Flask) -> Partner:
    """A partner whose restaurant holds only what these tests make."""
    return sandbox_partner(plan_tier="enterprise", profile="empty")


@pytest.fixture(scope="module")
def menu(shop: Partner) -> dict[str, str]:
    """A location that sells soup for 15.00 and steak for 60.00, 8 % tax on top."""
    with unit_of_work(shop.scope):
        tax_id = create_tax(shop.scope, rate="0.08")
        return {
            "location_id": create_location(shop.scope),
            "soup": create_item(shop.scope, name="Soup", tax_id=tax_id),
            "steak": create_item(shop.scope, name="Steak", base_price_minor=6000, tax_id=tax_id),
        }


@pytest.fixture
def caller(app: Flask, shop: Partner) -> Caller:
    return Caller(app, shop.issue().text)


def _place(caller: Caller, menu: dict[str, str], **changes: Any) -> dict[str, Any]:
    """Soup and steak."""
    items = [{"menu_item_id": menu["soup"]}, {"menu_item_id": menu["steak"]}]
    answer = caller.post("/v1/orders", json={"location_id": menu["location_id"], "items": items, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json


def _told(caller: Caller, object_id: str) -> list[dict[str, Any]]:
    """The events about an object, or about a payment of it, as an endpoint receives them."""
    rows, after = [], 0
    while page := caller.get(f"/v1/events?limit=100&after_sequence={after}").json["data"]:
        rows += page
        after = page[-1]["sequence"]
    return [row for row in rows if object_id in (row["data"]["object"]["id"], row["data"]["object"].get("order_id"))]


def test_order_shows_everything_about_itself(caller: Caller, menu: dict[str, str]) -> None:
    order = _place(caller, menu, source="marketplace", external_id=new_id("x"), fulfillment=HOME)
    assert order["totals"] == {
        "subtotal": 75.0, "discount": 0.0, "charges": 0.0, "tax": 6.0, "tax_included": 0.0, "tip": 0.0, "total": 81.0,
        "deposit_applied": 0.0, "paid": 0.0, "refunded": 0.0, "due": 81.0,
    }  # fmt: skip
    assert (order["collected_by"], order["delivery"], order["cancellation_request"], order["refs"]) == (
        "restaurant", None, None, [],
    )  # fmt: skip
    assert order["fulfillment"]["address"] == {
        "line1": "ul. Chmielna 20", "line2": None, "city": "Warszawa", "postal_code": None, "country": None, "lat": None,
        "lng": None, "instructions": None,
    }  # fmt: skip
    assert caller.get(f"/v1/orders/{order['id']}").json == order


def test_promo_lowers_the_order_and_is_used_up(caller: Caller, shop: Partner, menu: dict[str, str]) -> None:
    code = new_id("p")[-12:]
    with unit_of_work(shop.scope):
        create_promo_code(shop.scope, code=code, kind="percent", value=1000, max_uses=1)
    promo = [{"type": "promo", "code": code.lower()}]
    order = _place(caller, menu, discounts=promo)
    assert order["discounts"] == [{"type": "promo", "kind": "percent", "value": 10.0, "code": code.upper(), "amount": 7.5}]
    assert (order["totals"]["discount"], order["totals"]["total"]) == (7.5, 72.9)
    body = {"location_id": menu["location_id"], "items": [{"menu_item_id": menu["soup"]}], "discounts": promo}
    refused = caller.post("/v1/orders", json=body)
    assert (refused.status_code, refused.json["code"], refused.json["errors"][0]["field"]) == (
        422, "promo_invalid", "discounts[0].code",
    )  # fmt: skip
    caller.patch(f"/v1/orders/{order['id']}", json={"status": "cancelled", "cancel_reason": "customer_request"})
    assert caller.post("/v1/orders", json=body).status_code == 201


@pytest.mark.parametrize(
    ("discount", "field"),
    [
        ({"type": "promo"}, "discounts[0].code"), ({"type": "promo", "code": "X", "value": 1}, "discounts[0].value"),
        ({"type": "percent"}, "discounts[0].value"), ({"type": "fixed", "value": 1, "code": "X"}, "discounts[0].code"),
    ],
    ids=["promo without code", "promo with value", "percent without value", "fixed with code"],
)  # fmt: skip
def test_discount_is_refused_for(caller: Caller, menu: dict[str, str], discount: dict[str, Any], field: str) -> None:
    body = {"location_id": menu["location_id"], "items": [{"menu_item_id": menu["soup"]}], "discounts": [discount]}
    answer = caller.post("/v1/orders", json=body)
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])


def test_amendment_of_a_paid_order_refunds_and_tells_what_changed(caller: Caller, menu: dict[str, str]) -> None:
    order = _place(caller, menu)
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
    *_, updated, refunded = _told(caller, order["id"])
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
    order = _place(caller, menu)
    answer = caller.post(f"/v1/orders/{order['id']}/amendments", json={"operations": [operation]})
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert caller.get(f"/v1/orders/{order['id']}").json == order
    assert [event["type"] for event in _told(caller, order["id"])] == ["order.created"]


def test_amendment_comes_too_late_when_the_order_is_ready(caller: Caller, menu: dict[str, str]) -> None:
    order = _place(caller, menu)
    for status in ("accepted", "ready"):
        caller.patch(f"/v1/orders/{order['id']}", json={"status": status})
    operations = [{"op": "void", "line_id": order["items"][0]["id"]}]
    answer = caller.post(f"/v1/orders/{order['id']}/amendments", json={"operations": operations})
    assert (answer.status_code, answer.json["code"], answer.json["from"], answer.json["to"]) == (
        409, "invalid_transition", "ready", "amended",
    )  # fmt: skip


def test_amendment_with_an_old_version_is_a_conflict(caller: Caller, menu: dict[str, str]) -> None:
    order = _place(caller, menu)
    operations = [{"op": "void", "line_id": order["items"][0]["id"]}]
    answer = caller.post(
        f"/v1/orders/{order['id']}/amendments", json={"operations": operations}, headers={"If-Match": '"9"'}
    )
    assert (answer.status_code, answer.json["code"]) == (409, "version_conflict")


def test_split_lists_a_share_per_payer(caller: Caller, menu: dict[str, str]) -> None:
    order = _place(caller, menu)
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
    order = _place(caller, menu, fulfillment=HOME)
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
    *_, delivery, picked_up = _told(caller, order["id"])
    assert (delivery["type"], delivery["data"]["previous"]) == ("order.delivery.updated", {"delivery": None})
    assert (picked_up["type"], picked_up["data"]["object"]["delivery"]["courier"]["name"]) == ("order.picked_up", "Ola")
    assert caller.send("PUT", path, json={}).status_code == 422


def test_marketplace_order_is_cancelled_on_request(app: Flask, menu: dict[str, str], shop: Partner, caller: Caller) -> None:
    order = _place(caller, menu, source="marketplace")
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
    assert [event["type"] for event in _told(caller, order["id"])] == [
        "order.created", "order.accepted", "order.cancellation_requested", "order.cancelled",
    ]  # fmt: skip


def test_denied_cancellation_leaves_the_order(menu: dict[str, str], shop: Partner, caller: Caller) -> None:
    order = _place(caller, menu, source="marketplace")
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
    order = _place(caller, menu, source="marketplace")
    caller.patch(f"/v1/orders/{order['id']}", json={"status": "accepted"})
    with unit_of_work(shop.scope):
        set_clock(shop.scope, advance_s=61)
    answer = caller.patch(f"/v1/orders/{order['id']}", json={"status": "cancelled", "cancel_reason": "kitchen_busy"})
    assert (answer.status_code, answer.json["status"]) == (200, "cancelled")
    body = {"location_id": menu["location_id"], "items": [{"menu_item_id": menu["soup"]}]}
    assert caller.post("/v1/orders", json=body).json["code"] == "store_unavailable"


def test_order_is_found_by_its_name_in_another_product(caller: Caller, shop: Partner, menu: dict[str, str]) -> None:
    order, _ = _place(caller, menu), _place(caller, menu)
    with unit_of_work(shop.scope):
        add_reference(shop.scope, product="tabletrack", noun="order", value="62", object_id=order["id"])
    (found,) = caller.get("/v1/orders?ref=tabletrack:order:62").json["data"]
    assert (found["id"], found["refs"]) == (order["id"], [{"product": "tabletrack", "type": "order", "id": "62"}])
    assert caller.get("/v1/orders?ref=tabletrack:order:63").json["data"] == []
    assert caller.get("/v1/orders?ref=tabletrack:review:62").json["code"] == "invalid_parameter"


def test_expanded_order_holds_customer_and_payments(
    caller: Caller, shop: Partner, menu: dict[str, str], app: Flask
) -> None:
    with unit_of_work(shop.scope):
        guest_id = create_guest(shop.scope, phone=PHONE)
    order = _place(caller, menu, customer_id=guest_id)
    paid = caller.post("/v1/payments", json={"order_id": order["id"], "method": "card", "source": "tok_ok"}).json
    path = f"/v1/orders/{order['id']}?expand=customer,payments,reservation"
    shown = caller.get(path).json
    assert (shown["customer"]["id"], shown["payments"], shown["reservation"]) == (guest_id, [paid], None)
    masked = Caller(app, shop.issue({"orders:read", "customers:read"}).text).get(
        path.replace(",payments,reservation", "")
    ).json
    assert PHONE in str(shown["customer"])
    assert PHONE not in str(masked["customer"])
    refused = Caller(app, shop.issue({"orders:read", "customers:read"}).text).get(path)
    assert (refused.status_code, refused.json["required_scopes"]) == (403, ["payments:read"])


def test_expanded_order_holds_its_reservation(caller: Caller, shop: Partner, menu: dict[str, str], app: Flask) -> None:
    with unit_of_work(shop.scope):
        create_table(shop.scope, location_id=menu["location_id"])
    wish = {"location_id": menu["location_id"], "start_at": "2030-01-12T18:00:00Z", "party_size": 2}
    booked = caller.post("/v1/reservations", json={**wish, "customer": {"name": "Jane Doe", "phone": PHONE}}).json
    order = _place(caller, menu, reservation_id=booked["id"])
    path = f"/v1/orders/{order['id']}?expand=reservation"
    assert caller.get(path).json == {**order, "reservation": caller.get(f"/v1/reservations/{booked['id']}").json}
    masked = Caller(app, shop.issue({"orders:read", "reservations:read"}).text).get(path).json["reservation"]
    assert masked["contact"] == {"name": "Jane Doe", "phone": "+4860•••200", "email": None}
    refused = Caller(app, shop.issue({"orders:read"}).text).get(path)
    assert (refused.status_code, refused.json["required_scopes"]) == (403, ["reservations:read"])


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
    order = _place(caller, menu)
    answer = caller.patch(f"/v1/orders/{order['id']}", json=change)
    assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
    assert field is None or [error["field"].split(".")[0] for error in answer.json["errors"]] == [field]
    assert caller.get(f"/v1/orders/{order['id']}").json == order
    assert [event["type"] for event in _told(caller, order["id"])] == ["order.created"]


def test_order_keeps_as_much_metadata_as_there_may_be(caller: Caller, menu: dict[str, str]) -> None:
    metadata = {f"{n:040}": "v" * 500 for n in range(50)}
    order = _place(caller, menu, metadata=metadata)
    assert caller.get(f"/v1/orders/{order['id']}").json["metadata"] == metadata
    assert caller.patch(f"/v1/orders/{order['id']}", json={"metadata": {"a": "b"}}).json["metadata"] == {"a": "b"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"items": []}, "items"), ({"tip": -1}, "tip"), ({"tip": 0.001}, "tip"), ({"charges": ["chg_none"]}, "charges[0]"),
        ({"fulfillment": {"type": "dine_in"}}, "table_id"), ({"fulfillment": {"type": "delivery"}}, "fulfillment.address"),
        ({"customer_id": "cus_none"}, "customer_id"), ({"customer_id": "cus_none", "customer": {"name": "Jane"}}, "customer"),
        ({"discounts": [{"type": "percent", "value": 101}]}, "discounts[0].value"), ({"quote_id": "quo_x"}, "quote_id"),
        ({"reservation_id": "res_none"}, "reservation_id"), ({"table_id": "tbl_none"}, "table_id"),
        ({"metadata": {"k" * 41: ""}}, "metadata"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_order_is_refused_for(
    caller: Caller, shop: Partner, menu: dict[str, str], wrong: dict[str, Any], field: str
) -> None:
    def state() -> tuple[Any, Any]:
        orders = caller.get(f"/v1/orders?location_id={menu['location_id']}").json["data"]
        return orders, len(recorded_types(shop.scope))

    before = state()
    body = {"location_id": menu["location_id"], "items": [{"menu_item_id": menu["soup"]}], **wrong}
    for path in ("/v1/orders", "/v1/orders/preview"):
        answer = caller.post(path, json=body)
        assert answer.status_code == 422, answer.text
        assert [error["field"].split(".k")[0] for error in answer.json["errors"]] == [field]
    assert state() == before


def test_history_of_an_order_says_who(caller: Caller, menu: dict[str, str]) -> None:
    order = _place(caller, menu)
    answer = caller.get(f"/v1/orders/{order['id']}/events")
    assert answer.json == {"data": order["status_history"], "has_more": False, "next_cursor": None}
    assert answer.json["data"][0]["actor"]["type"] == "api_key"


def test_quote_ends_after_a_quarter_of_an_hour(caller: Caller, shop: Partner, menu: dict[str, str]) -> None:
    body = {"location_id": menu["location_id"], "items": [{"menu_item_id": menu["soup"]}]}
    quote_id = caller.post("/v1/orders/preview", json=body).json["quote_id"]
    with unit_of_work(shop.scope):
        set_clock(shop.scope, advance_s=890)
    assert caller.post("/v1/orders", json={**body, "quote_id": quote_id}).status_code == 201
    with unit_of_work(shop.scope):
        set_clock(shop.scope, advance_s=20)
    refused = caller.post("/v1/orders", json={**body, "quote_id": quote_id})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "quote_id")


def test_quote_of_a_large_order_is_taken_back(caller: Caller, shop: Partner, menu: dict[str, str]) -> None:
    with unit_of_work(shop.scope):
        items = [{"menu_item_id": create_item(shop.scope)} for _ in range(200)]
    body = {"location_id": menu["location_id"], "items": items}
    quote_id = caller.post("/v1/orders/preview", json=body).json["quote_id"]
    answer = caller.post("/v1/orders", json={**body, "quote_id": quote_id})
    assert (answer.status_code, answer.json["totals"]["total"]) == (201, 3000.0)


def test_order_a_channel_collected_is_paid_and_takes_no_payment(shop: Partner, caller: Caller) -> None:
    with unit_of_work(shop.scope):
        draft = replace(create_burger(shop.scope), collected_by=CHANNEL, channel="OneTablet", pax=2)
        order_id = place_order(shop.scope, draft=draft).document["id"]
    order = caller.get(f"/v1/orders/{order_id}").json
    assert (order["payment_status"], order["totals"]["due"], order["channel"], order["party_size"]) == (
        "paid", 0.0, "OneTablet", 2,
    )  # fmt: skip
    refused = caller.post("/v1/payments", json={"order_id": order_id, "method": "cash"})
    assert (refused.status_code, refused.json["code"]) == (422, "amount_exceeds_due")


def test_single_order_costs_one_statement(
    caller: Caller, menu: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/v1/orders/{_place(caller, menu)['id']}"
    caller.get(path)
    with statements(monkeypatch) as seen:
        caller.get(path)
    assert len(seen) == 1, seen


def test_plain_order_costs_no_statement_for_what_it_lacks(
    caller: Caller, menu: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _place(caller, menu)
    request_log.flush()
    with statements(monkeypatch) as seen:
        _place(caller, menu)
    tables = ("timers", "promo_codes", "reservations", "guests", "memberships", "segments")
    assert [sql for sql in seen if any(f" {table}" in sql for table in tables)] == []
    assert len(seen) <= 12, seen


def test_scope_of_each_new_door_is_needed(caller_of: NewCaller, shop: Partner, menu: dict[str, str], caller: Caller) -> None:
    order = _place(caller, menu)
    reader = caller_of(shop.issue({"orders:read"}).text)
    operations = [{"op": "void", "line_id": order["items"][0]["id"]}]
    assert reader.post(f"/v1/orders/{order['id']}/split", json={"mode": "even", "parts": 2}).status_code == 200
    assert reader.post(f"/v1/orders/{order['id']}/amendments", json={"operations": operations}).status_code == 403
