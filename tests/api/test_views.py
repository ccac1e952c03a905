"""Compiled representations print documents exactly: amounts by their currency, nulls, nested parts, instants."""

from typing import Any

import orjson
import pytest
from marshmallow import Schema
from marshmallow import fields

from accounts.webhooks.catalog import EVENT_TYPES
from api.core.schemas import OrderOut
from api.core.schemas import PaymentOut
from api.events import render
from api.fields import Instant
from api.fields import Money
from api.fields import Part
from api.versions import VERSIONS
from api.views import compile_view
from api.views import plain

LINE = {
    "id": "oln_1", "item_id": "itm_1", "variation_id": None, "name": "Żurek", "quantity": 2, "unit_minor": 3850,
    "gross_minor": 8500, "net_minor": 8500, "notes": None, "guest_name": "Eve", "state": "active", "reason": None,
    "replaces_id": None,
    "modifiers": [{"id": "olm_1", "modifier_id": None, "name": "Bacon", "price_minor": 400, "quantity": 1}],
    "allergens": [{"code": "milk", "level": "contains"}], "tax_id": None, "tax_name": None, "tax_rate": None, "position": 1,
}  # fmt: skip
ORDER: dict[str, Any] = {
    "id": "ord_1", "number": 7, "external_id": None, "source": "api", "status": "pending", "payment_status": "unpaid",
    "collected_by": "restaurant", "channel": None, "pax": 2, "delivery": None, "cancellation_request": None,
    "refs": [{"product": "tabletrack", "type": "order", "id": "62"}],
    "location_id": "loc_1", "table_id": None, "reservation_id": None, "customer_id": "cus_1", "business_date": "2026-01-12",
    "currency": "PLN", "price_mode": "exclusive",
    "fulfillment": {"type": "pickup", "requested_at": 1768219200000000, "promised_at": None, "address": {"city": "Kraków"}},
    "lines": [LINE],
    "discounts": [
        {"type": "promo", "kind": "percent", "value": 1250, "code": "TWELVE", "amount_minor": 1062},
        {"type": "fixed", "kind": "fixed", "value": 550, "code": None, "amount_minor": 550},
    ],
    "charges": [{"id": "chg_1", "name": "Service", "amount_minor": 5}],
    "tax_lines": [{"name": "VAT", "rate": "0.08", "base_minor": 6893, "amount_minor": 551, "included": False}],
    "subtotal_minor": 8500, "discount_minor": 1612, "charges_minor": 5, "tax_minor": 551, "tax_included_minor": 0,
    "tip_minor": 0, "total_minor": 7444, "deposit_applied_minor": 0, "paid_minor": 7400, "refunded_minor": 0, "due_minor": 44,
    "notes": None, "allergy_notes": "nuts", "cancel_reason": None, "reason_detail": None, "metadata": {"till": "7"},
    "status_history": [
        {"status": "pending", "at": 1768219200250999, "actor_type": "api_key", "actor_id": "key_1", "reason": None}
    ],
    "version": 3, "created_at": 1768219200000000, "updated_at": 1768219200250000, "content_digest": None,
}  # fmt: skip
PRINTED = (
    '{"id":"ord_1","number":7,"external_id":null,"source":"api","status":"pending","payment_status":"unpaid",'
    '"collected_by":"restaurant","channel":null,'
    '"location_id":"loc_1","table_id":null,"reservation_id":null,"customer_id":"cus_1","party_size":2,'
    '"business_date":"2026-01-12",'
    '"currency":"PLN","fulfillment":{"type":"pickup","requested_at":"2026-01-12T12:00:00Z","promised_at":null,'
    '"address":{"line1":null,"line2":null,"city":"Kraków","postal_code":null,"country":null,"lat":null,"lng":null,'
    '"instructions":null}},"delivery":null,"items":[{"id":"oln_1","menu_item_id":"itm_1","variation_id":null,"name":"Żurek",'
    '"quantity":2,"price":38.5,"line_total":85.0,"modifiers":[{"id":"olm_1","modifier_id":null,"name":"Bacon","price":4.0,'
    '"quantity":1}],"notes":null,"guest_name":"Eve","status":"active","reason":null,"replaces":null,'
    '"allergens":[{"code":"milk","level":"contains"}]}],'
    '"discounts":[{"type":"promo","kind":"percent","value":12.5,"code":"TWELVE","amount":10.62},'
    '{"type":"fixed","kind":"fixed","value":5.5,"code":null,"amount":5.5}],'
    '"charges":[{"id":"chg_1","name":"Service","amount":0.05}],'
    '"tax_lines":[{"name":"VAT","rate":"0.08","base":68.93,"amount":5.51,"included":false}],'
    '"totals":{"subtotal":85.0,"discount":16.12,"charges":0.05,"tax":5.51,"tax_included":0.0,"tip":0.0,"total":74.44,'
    '"deposit_applied":0.0,"paid":74.0,"refunded":0.0,"due":0.44},"notes":null,"allergy_notes":"nuts","cancel_reason":null,'
    '"reason_detail":null,"cancellation_request":null,"metadata":{"till":"7"},"status_history":[{"status":"pending","at":"2026-01-12T12:00:00.250Z",'
    '"actor":{"type":"api_key","id":"key_1"},"reason":null}],'
    '"refs":[{"product":"tabletrack","type":"order","id":"62"}],"version":3,"created_at":"2026-01-12T12:00:00Z",'
    '"updated_at":"2026-01-12T12:00:00.250Z"}'
)


def test_order_is_printed_exactly() -> None:
    assert orjson.dumps(compile_view(OrderOut)(ORDER)).decode() == PRINTED


@pytest.mark.parametrize(
    ("currency", "price", "total", "percent", "fixed"),
    [("PLN", 38.5, 74.44, 12.5, 5.5), ("JPY", 3850, 7444, 12.5, 550), ("KWD", 3.85, 7.444, 12.5, 0.55)],
    ids=["two-digits", "no-digits", "three-digits"],
)
def test_amounts_follow_the_currency(currency: str, price: float, total: float, percent: float, fixed: float) -> None:
    shown = compile_view(OrderOut)(ORDER | {"currency": currency})
    assert (shown["items"][0]["price"], shown["totals"]["total"]) == (price, total)
    assert [discount["value"] for discount in shown["discounts"]] == [percent, fixed]
    assert isinstance(shown["totals"]["total"], int) is (currency == "JPY")


def test_amount_without_a_value_is_null() -> None:
    payment = dict.fromkeys(PaymentOut().fields) | {
        "currency": "PLN", "amount_minor": 1, "tip_minor": 0, "tendered_minor": None, "change_minor": None,
        "refunded_minor": 0, "refs": [], "created_at": 0, "updated_at": 999,
    }  # fmt: skip
    shown = compile_view(PaymentOut)(payment)
    assert (shown["amount"], shown["tendered"], shown["created_at"]) == (0.01, None, "1970-01-01T00:00:00Z")
    assert shown["updated_at"] == "1970-01-01T00:00:00Z"


class PartOut(Schema):
    due = Money(attribute="due_minor")


class WholeOut(Schema):
    name = fields.String(data_key="Name")
    at = Instant()
    part = Part(PartOut)
    one = fields.Nested(PartOut)
    many = fields.List(fields.Nested(PartOut))
    several = fields.Nested(PartOut, many=True)
    fixed = fields.Constant("always")
    made = fields.Function(lambda document: document["name"].upper())


def test_every_kind_of_field_is_compiled() -> None:
    document = {"name": "a", "at": None, "due_minor": 5, "one": None, "many": [{"due_minor": 7}], "several": []}
    assert compile_view(WholeOut)(document | {"currency": "EUR"}) == {
        "Name": "a", "at": None, "part": {"due": 0.05}, "one": None, "many": [{"due": 0.07}], "several": [],
        "fixed": "always", "made": "A",
    }  # fmt: skip


def test_document_without_a_schema_is_printed_by_its_names() -> None:
    document = {
        "currency": "KWD", "due_minor": 1500, "until": 1768219200000000, "ends_at": None, "count": 3,
        "inner": {"price_minor": 2, "currency": "JPY"},
    }  # fmt: skip
    assert plain(document, "KWD") == {
        "currency": "KWD", "due": 1.5, "until": "2026-01-12T12:00:00Z", "ends_at": None, "count": 3,
        "inner": {"price": 2, "currency": "JPY"},
    }  # fmt: skip


def test_event_holds_the_order_as_the_api_prints_it() -> None:
    event = {
        "id": "evt_1", "type": "order.created", "sequence": 4, "tenant_id": "tnt_1", "environment": "sandbox",
        "created_at": 1768219200000000, "location_id": "loc_1", "actor_type": "api_key", "actor_id": "key_1",
        "request_id": "req_1", "is_synthetic": False, "body": {"object": ORDER, "previous": None},
    }  # fmt: skip
    body = render(event, api_version="2026-11-01", scopes=frozenset({"orders:read"}))
    assert body.decode() == (
        '{"id":"evt_1","type":"order.created","api_version":"2026-11-01","environment":"sandbox",'
        '"created_at":"2026-01-12T12:00:00Z","sequence":4,"restaurant_id":"tnt_1","location_id":"loc_1",'
        '"actor":{"type":"api_key","id":"key_1"},"request_id":"req_1","data":{"object":' + PRINTED + "}}"
    )


@pytest.mark.parametrize("type_", sorted(EVENT_TYPES))
@pytest.mark.parametrize("version", VERSIONS)
def test_event_of_an_older_release_is_told_with_what_it_has(type_: str, version: str) -> None:
    event = {
        "id": "evt_1", "type": type_, "sequence": 4, "tenant_id": "tnt_1", "environment": "sandbox", "created_at": 0,
        "location_id": None, "actor_type": "system", "actor_id": "tableport", "request_id": None, "is_synthetic": False,
        "body": {"object": {"id": "obj_1", "currency": "PLN"}, "previous": None},
    }  # fmt: skip
    told = orjson.loads(render(event, api_version=version, scopes=frozenset()))
    assert told["data"]["object"].get("id") in ("obj_1", None)
