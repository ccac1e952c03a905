"""Orders over HTTP: what a partner sends and sees."""

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
from tests.api.ordering.conftest import place
from tests.api.partners import Partner
from tests.api.test_query_counts import statements
from tests.domain.recorded import recorded_types
from tests.factories.guests import create_guest
from tests.factories.locations import create_table
from tests.factories.menus import create_item
from tests.factories.orders import create_burger

HOME = {"type": "delivery", "address": {"line1": "ul. Chmielna 20", "city": "Warszawa"}}
PHONE = "+48600100200"


def test_order_shows_everything_about_itself(caller: Caller, menu: dict[str, str]) -> None:
    order = place(caller, menu, source="marketplace", external_id=new_id("x"), fulfillment=HOME)
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
    order = place(caller, menu, discounts=promo)
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


def test_order_is_found_by_its_name_in_another_product(caller: Caller, shop: Partner, menu: dict[str, str]) -> None:
    order, _ = place(caller, menu), place(caller, menu)
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
    order = place(caller, menu, customer_id=guest_id)
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
    order = place(caller, menu, reservation_id=booked["id"])
    path = f"/v1/orders/{order['id']}?expand=reservation"
    assert caller.get(path).json == {**order, "reservation": caller.get(f"/v1/reservations/{booked['id']}").json}
    masked = Caller(app, shop.issue({"orders:read", "reservations:read"}).text).get(path).json["reservation"]
    assert masked["contact"] == {"name": "Jane Doe", "phone": "+4860•••200", "email": None}
    refused = Caller(app, shop.issue({"orders:read"}).text).get(path)
    assert (refused.status_code, refused.json["required_scopes"]) == (403, ["reservations:read"])


def test_order_keeps_as_much_metadata_as_there_may_be(caller: Caller, menu: dict[str, str]) -> None:
    metadata = {f"{n:040}": "v" * 500 for n in range(50)}
    order = place(caller, menu, metadata=metadata)
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
    order = place(caller, menu)
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
    path = f"/v1/orders/{place(caller, menu)['id']}"
    caller.get(path)
    with statements(monkeypatch) as seen:
        caller.get(path)
    assert len(seen) == 1, seen


def test_plain_order_costs_no_statement_for_what_it_lacks(
    caller: Caller, menu: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place(caller, menu)
    request_log.flush()
    with statements(monkeypatch) as seen:
        place(caller, menu)
    tables = ("timers", "promo_codes", "reservations", "guests", "memberships", "segments")
    assert [sql for sql in seen if any(f" {table}" in sql for table in tables)] == []
    assert len(seen) <= 12, seen


def test_scope_of_each_new_door_is_needed(caller_of: NewCaller, shop: Partner, menu: dict[str, str], caller: Caller) -> None:
    order = place(caller, menu)
    reader = caller_of(shop.issue({"orders:read"}).text)
    operations = [{"op": "void", "line_id": order["items"][0]["id"]}]
    assert reader.post(f"/v1/orders/{order['id']}/split", json={"mode": "even", "parts": 2}).status_code == 200
    assert reader.post(f"/v1/orders/{order['id']}/amendments", json={"operations": operations}).status_code == 403
