"""What version 2026-11-01 changed, told as how to speak 2026-09-01."""

from decimal import Decimal
from typing import Any

from api.versions.changes import PAGE
from api.versions.changes import Change
from api.versions.changes import Object


def _order_type_out(order: Object) -> Object:
    if "fulfillment" not in order:
        return order  # a fulfillment, whose order takes its type
    fulfillment = dict(order["fulfillment"] or {})
    return {**order, "order_type": fulfillment.pop("type", None), "fulfillment": fulfillment}


def _order_type_in(body: Object) -> Object:
    if "order_type" not in body:
        return body
    body = dict(body)
    order_type, fulfillment = body.pop("order_type"), body.get("fulfillment", {})
    if isinstance(fulfillment, dict):
        body["fulfillment"] = {**fulfillment, "type": order_type}
    return body


def _order_type_described(properties: Object) -> Object:
    if "fulfillment" in properties:
        return {**properties, "order_type": {"type": "string", "enum": ["dine_in", "pickup", "delivery", "curbside"]}}
    return {name: value for name, value in properties.items() if name != "type"}  # of the fulfillment itself


def _amount_with_tip(payment: Object) -> Object:
    if payment["amount"] is None or not payment["tip"]:
        return payment
    return {**payment, "amount": round(payment["amount"] + payment["tip"], 3)}


def _amount_without_tip(body: Object) -> Object:
    amount, tip = body.get("amount"), body.get("tip")
    if not isinstance(amount, int | Decimal) or not isinstance(tip, int | Decimal):
        return body
    return {**body, "amount": amount - tip}


def _codes_out(item: Object) -> Object:
    levels: dict[str, list[str]] = {"contains": [], "may_contain": []}
    for allergen in item["allergens"] or ():
        levels[allergen["level"]].append(allergen["code"])
    return {**item, "allergens": levels["contains"], "may_contain": levels["may_contain"]}


def _codes_in(body: Object) -> Object:
    if not {"allergens", "may_contain"} & body.keys():
        return body
    body = dict(body)
    contains, may_contain = body.pop("allergens", None) or [], body.pop("may_contain", None) or []
    if isinstance(contains, list) and isinstance(may_contain, list):
        body["allergens"] = [_allergen(code, "contains") for code in contains]
        body["allergens"] += [_allergen(code, "may_contain") for code in may_contain]
    return body


def _allergen(code: Any, level: str) -> Any:
    return {"code": code, "level": level} if isinstance(code, str) else code


def _codes_described(properties: Object) -> Object:
    codes = {"type": "array", "items": {"type": "string"}}
    return {**properties, "allergens": codes, "may_contain": codes}


def _paging_out(page: Object) -> Object:
    page = dict(page)
    paging = {"has_more": page.pop("has_more"), "next": page.pop("next_cursor")}
    return {**page, "paging": paging}


def _paging_described(properties: Object) -> Object:
    paging = {
        "type": "object", "required": ["has_more", "next"],
        "properties": {"has_more": {"type": "boolean"}, "next": {"type": ["string", "null"]}},
    }  # fmt: skip
    kept = {name: value for name, value in properties.items() if name not in ("has_more", "next_cursor")}
    return {**kept, "paging": paging}


CHANGES = (
    Change(
        title="An order's type moved into its fulfillment",
        description="`order_type` of an order is `fulfillment.type` now, beside the time and the address it decides about.",
        schemas=frozenset({"OrderIn", "OrderOut", "FulfillmentOut"}),
        older={"order_type": "delivery", "fulfillment": {"requested_at": None}},
        newer={"fulfillment": {"type": "delivery", "requested_at": None}},
        downgrade=_order_type_out,
        upgrade=_order_type_in,
        describe=_order_type_described,
    ),
    Change(
        title="A payment's amount no longer holds the tip",
        description="`amount` is what was paid of the bill and `tip` what came on top; `amount` used to be their sum.",
        schemas=frozenset({"PaymentIn", "PaymentOut"}),
        older={"amount": 50.9, "tip": 5.0},
        newer={"amount": 45.9, "tip": 5.0},
        downgrade=_amount_with_tip,
        upgrade=_amount_without_tip,
    ),
    Change(
        title="Allergens say their level",
        description="`allergens` holds objects with a code and a level; it used to hold codes, with `may_contain` beside it.",
        schemas=frozenset({"ItemIn", "ItemPatch", "ItemOut", "ModifierIn", "ModifierOut"}),
        older={"allergens": ["milk"], "may_contain": ["nuts"]},
        newer={"allergens": [{"code": "milk", "level": "contains"}, {"code": "nuts", "level": "may_contain"}]},
        downgrade=_codes_out,
        upgrade=_codes_in,
        describe=_codes_described,
    ),
    Change(
        title="Lists carry their cursor at the top",
        description="`paging` of a list, with `has_more` and `next`, became `has_more` and `next_cursor` beside `data`.",
        schemas=frozenset({PAGE}),
        older={"data": [], "paging": {"has_more": False, "next": None}},
        newer={"data": [], "has_more": False, "next_cursor": None},
        downgrade=_paging_out,
        describe=_paging_described,
    ),
)
