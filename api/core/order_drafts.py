"""Turns the bodies of the Core API into the drafts of the domain: decimals become minor units, ids stay as sent."""

from typing import Any

from api.amounts import Amounts
from api.core.quotes import open_quote
from api.operations import Call
from domain.locations.service import get_location
from domain.locations.service import only_location
from domain.orders.drafts import DiscountDraft
from domain.orders.drafts import LineDraft
from domain.orders.drafts import ModifierDraft
from domain.orders.drafts import OrderDraft
from domain.orders.service import Operation
from domain.orders.service import get_order
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import said_in


def order_draft(call: Call, body: dict[str, Any] | None = None) -> OrderDraft:
    """An order body, by default that of the call, in the domain's terms."""
    body, scope = call.body if body is None else body, call.scope
    location_id = body.get("location_id")

    def currency() -> str:
        with said_in("location_id"):
            location = get_location(scope, location_id=location_id) if location_id else only_location(scope)
        return str(location["currency"])

    to = Amounts(currency)
    return OrderDraft(
        location_id=location_id,
        source=body["source"],
        external_id=body.get("external_id"),
        fulfillment={"requested_at": None, "promised_at": None, "address": None, **body["fulfillment"]},
        table_id=body.get("table_id"),
        table_less=body["table_less"],
        reservation_id=body.get("reservation_id"),
        customer_id=body.get("customer_id"),
        customer=body.get("customer"),
        lines=[line_draft(item, f"items[{index}]", to) for index, item in enumerate(body["items"])],
        discounts=[discount_draft(item, f"discounts[{index}]", to) for index, item in enumerate(body["discounts"])],
        charge_ids=body["charges"],
        tip_minor=to.minor(body.get("tip"), "tip"),
        notes=body.get("notes"),
        allergy_notes=body.get("allergy_notes"),
        metadata=body.get("metadata") or {},
        quoted_prices=open_quote(scope, body["quote_id"]) if body.get("quote_id") else None,
        allow_open_items=call.principal.allow_open_items,
    )


def operations_of(call: Call, order_id: str) -> list[Operation]:
    """The operations of an amendment body in the domain's terms."""
    to = Amounts(lambda: str(get_order(call.scope, order_id=order_id)["currency"]))
    return [
        Operation(
            op=row["op"],
            line_id=row.get("line_id"),
            quantity=row.get("quantity"),
            item=line_draft(row["item"], f"operations[{index}].item", to) if "item" in row else None,
            reason=row.get("reason"),
        )
        for index, row in enumerate(call.body["operations"])
    ]


def line_draft(item: dict[str, Any], path: str, to: Amounts) -> LineDraft:
    """One line of a body."""
    return LineDraft(
        item_id=item.get("menu_item_id"),
        variation_id=item.get("variation_id"),
        name=item.get("name"),
        price_minor=to.minor(item["price"], f"{path}.price") if "price" in item else None,
        quantity=item["quantity"],
        modifiers=[
            ModifierDraft(
                modifier_id=modifier.get("modifier_id"),
                name=modifier.get("name"),
                price_minor=to.minor(modifier["price"], f"{path}.modifiers[{n}].price") if "price" in modifier else None,
                quantity=modifier["quantity"],
            )
            for n, modifier in enumerate(item["modifiers"])
        ],
        notes=item.get("notes"),
        guest_name=item.get("guest_name"),
    )


def discount_draft(item: dict[str, Any], path: str, to: Amounts) -> DiscountDraft:
    """Percent as basis points, fixed as minor units, a promo by its code."""
    if item["type"] == "promo":
        return DiscountDraft("promo", code=item["code"])
    if item["type"] == "fixed":
        return DiscountDraft("fixed", to.minor(item["value"], f"{path}.value"))
    points = item["value"] * 100
    if points > 10_000 or points != int(points):
        message = "A percentage from 0 to 100 with at most two fraction digits."
        raise Invalid(message, errors=[FieldError(f"{path}.value", "invalid", message)])
    return DiscountDraft("percent", int(points))
