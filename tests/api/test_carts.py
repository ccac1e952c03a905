"""Carts and checkout over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.callers import Caller

ITEM = {"menu_item_id": "itm_bacon_cheeseburger", "modifiers": [{"modifier_id": "mod_extra_bacon"}]}
CONTACT = {"name": "Anna Nowak", "phone": "+48600000001", "email": "anna@example.com"}


@pytest.fixture
def cart(caller: Caller) -> dict[str, Any]:
    body = {"location_id": "loc_waw_01", "items": [ITEM], "customer": CONTACT, "tip": 5}
    answer = caller.post("/v1/carts", json=body)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/carts/{answer.json['id']}")
    return dict(answer.json)


def last_events(caller: Caller, count: int) -> list[str]:
    rows = caller.get("/v1/events?limit=100").json
    while rows["has_more"]:
        rows = caller.get(f"/v1/events?limit=100&after_sequence={rows['data'][-1]['sequence']}").json
    return [row["type"] for row in rows["data"][-count:]]


def test_cart_is_shown_with_its_prices(caller: Caller, restricted: Callable[..., Caller], cart: dict[str, Any]):
    answer = caller.get(f"/v1/carts/{cart['id']}")
    assert (answer.status_code, answer.json, answer.headers["ETag"]) == (200, cart, '"1"')
    assert caller.get(f"/v1/carts/{cart['id']}", headers={"If-None-Match": '"1"'}).status_code == 200
    assert (cart["totals"]["subtotal"], cart["totals"]["tip"], cart["totals"]["total"]) == (42.5, 5, 50.9)
    assert (cart["status"], cart["currency"], cart["is_ready"], cart["problems"]) == ("open", "PLN", True, [])
    assert cart["customer"] == CONTACT
    masked = restricted("orders:read").get(f"/v1/carts/{cart['id']}").json["customer"]
    assert masked == {"name": "Anna Nowak", "phone": "+4860•••001", "email": "a•••@example.com"}


def test_cart_is_changed_by_fields_items_and_promo(caller: Caller, cart: dict[str, Any]):
    path = f"/v1/carts/{cart['id']}"
    caller.post("/v1/promo-codes", json={"code": "cart-five", "kind": "fixed", "value": 5, "currency": "PLN"})
    changed = caller.patch(path, json={"tip": 0, "notes": "Ring twice", "discounts": [{"type": "percent", "value": 10}]}).json
    assert (changed["notes"], changed["totals"]["discount"], changed["version"]) == ("Ring twice", 4.25, 2)
    added = caller.post(f"{path}/items", json={"menu_item_id": "itm_nowhere"}).json
    assert [(row["code"], row["item_id"]) for row in added["problems"]] == [("unknown_item", added["items"][1]["id"])]
    removed = caller.send("DELETE", f"{path}/items/{added['items'][1]['id']}").json
    assert (len(removed["items"]), removed["is_ready"]) == (1, True)
    doubled = caller.patch(f"{path}/items/{removed['items'][0]['id']}", json={"quantity": 2}).json
    assert doubled["items"][0]["line_total"] == 85
    assert caller.post(f"{path}/promo", json={"code": "NOPE"}).json["reason"] == "unknown"
    promoted = caller.post(f"{path}/promo", json={"code": "Cart-Five"}).json
    assert (promoted["promo_code"], promoted["totals"]["discount"]) == ("CART-FIVE", 13.5)
    assert caller.send("DELETE", f"{path}/promo").json["promo_code"] is None
    stale = caller.patch(path, json={"notes": "No"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (409, "version_conflict")
    assert caller.send("DELETE", path).status_code == 204
    assert caller.get(path).status_code == 404


def test_checkout_answers_with_order_and_payment(caller: Caller, cart: dict[str, Any]):
    body = {"payment": {"method": "card", "source": "tok_ok"}, "expected_total": 50.9}
    answer = caller.post(f"/v1/carts/{cart['id']}/checkout", json=body)
    order, payment = answer.json["order"], answer.json["payment"]
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/orders/{order['id']}")
    assert (order["payment_status"], order["totals"]["total"], order["totals"]["due"]) == ("paid", 50.9, 0)
    assert (payment["order_id"], payment["amount"], payment["status"]) == (order["id"], 50.9, "confirmed")
    assert last_events(caller, 4) == ["order.created", "payment.created", "payment.confirmed", "order.updated"]
    again = caller.post(f"/v1/carts/{cart['id']}/checkout", json=body)
    assert (again.status_code, again.json["code"], again.json["order_id"]) == (409, "invalid_transition", order["id"])


def test_declined_checkout_leaves_the_cart_open(caller: Caller, cart: dict[str, Any]):
    before = last_events(caller, 100)
    body = {"payment": {"method": "card", "source": "tok_declined"}}
    answer = caller.post(f"/v1/carts/{cart['id']}/checkout", json=body)
    assert (answer.status_code, answer.json["code"], answer.json["decline_code"]) == (402, "payment_declined", "generic_decline")
    assert caller.get(f"/v1/carts/{cart['id']}").json == cart
    assert last_events(caller, 100) == before


def test_checkout_is_refused_when_a_scope_or_the_price_is_wrong(
    caller: Caller, restricted: Callable[..., Caller], cart: dict[str, Any]
):
    path, body = f"/v1/carts/{cart['id']}/checkout", {"payment": {"method": "cash"}, "expected_total": 50}
    refused = restricted("orders:write").post(path, json=body)
    assert (refused.status_code, refused.json["required_scopes"]) == (403, ["payments:write"])
    dearer = caller.post(path, json=body)
    assert (dearer.status_code, dearer.json["code"], dearer.json["total"]) == (422, "totals_mismatch", 50.9)


def test_expired_cart_is_gone(new_partner: Callable[..., Any], caller_of: Callable[..., Caller]):
    caller = caller_of(new_partner().key)
    cart = caller.post("/v1/carts", json={"location_id": "loc_waw_01", "items": [ITEM]}).json
    assert caller.post("/sandbox/v1/clock", json={"advance_seconds": 7200}).status_code == 200
    answer = caller.get(f"/v1/carts/{cart['id']}")
    assert (answer.status_code, answer.json["code"]) == (410, "cart_expired")
