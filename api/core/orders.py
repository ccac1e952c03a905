"""Orders in the Core API."""

from typing import Any

import orjson

from api.amounts import Amounts
from api.core.blueprint import blueprint
from api.core.customers import print_customer
from api.core.payments import print_payment
from api.core.quotes import open_quote
from api.core.quotes import seal_quote
from api.core.schemas import ExpandQuery
from api.core.schemas import OrderDetailOut
from api.core.schemas import OrderIn
from api.core.schemas import OrderOut
from api.core.schemas import OrderPatch
from api.core.schemas import OrderQuery
from api.core.schemas import PreviewOut
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.guests.service import get_guest
from domain.locations.service import get_location
from domain.locations.service import only_location
from domain.orders import service as orders
from domain.orders.drafts import DiscountDraft
from domain.orders.drafts import LineDraft
from domain.orders.drafts import ModifierDraft
from domain.orders.drafts import OrderDraft
from domain.payments.service import list_payments
from kit.errors import FieldError
from kit.errors import Invalid

EXPANDED_PAYMENTS = 100
SAID_WITH_STATUS = {"version", "cancel_reason", "reject_reason", "reason_detail"}
print_order = compile_view(OrderOut)


def bucket_of(raw: bytes) -> str:
    """`status` for a body whose only effect is a status change, else `write`."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return "write"
    is_status = isinstance(body, dict) and set(body) - SAID_WITH_STATUS == {"status"}
    return "status" if is_status else "write"


@endpoint(blueprint, "GET", "/orders", scope="orders:read", area="orders", query=OrderQuery, returns=OrderOut, is_list=True)
def list_orders(call: Call) -> Reply:
    """List orders, newest first.

    Filter by status, location, customer, source, payment status or time. Pages never overlap: pass `next_cursor` on.
    """
    query = call.query
    rows = orders.list_orders(
        call.scope, limit=query["limit"], after=call.after(), sort=query["sort"], status=query.get("status", ()),
        location_id=query.get("location_id"), source=query.get("source"), payment_status=query.get("payment_status"),
        customer_id=query.get("customer_id"), reservation_id=query.get("reservation_id"),
        table_id=query.get("table_id"), external_id=query.get("external_id"),
        created_from_us=query.get("created_from"), created_to_us=query.get("created_to"),
        updated_since_us=query.get("updated_since"),
    )  # fmt: skip
    column = query["sort"].removeprefix("-")
    return call.page(rows, lambda order: [order[column], order["id"]])


@endpoint(
    blueprint, "POST", "/orders", scope="orders:write", area="orders", body=OrderIn, returns=OrderOut, status=201,
    repeat_status=200,
)  # fmt: skip
def create_order(call: Call) -> Reply:
    """Place an order.

    Prices come from the menu. The order starts `pending` (or `scheduled` for a later time) until staff accept it. The same
    `external_id` with the same content answers 200 with the first order.
    """
    placed = orders.place_order(call.scope, draft=_draft(call))
    location = f"/v1/orders/{placed.document['id']}"
    return Reply(document=placed.document, status=201 if placed.is_new else 200, headers={"Location": location})


@endpoint(
    blueprint, "POST", "/orders/preview", scope="orders:read", area="orders", body=OrderIn, printed=PreviewOut, bucket="read"
)
def preview_order(call: Call) -> Reply:
    """Price an order without placing it.

    Answers as creating would, problems included, and changes nothing. The `quote_id` guarantees these prices for 15 minutes.
    """
    document = orders.preview_order(call.scope, draft=_draft(call))
    return Reply(payload={**print_order(document), "quote_id": seal_quote(call.scope, document)})


@endpoint(
    blueprint, "GET", "/orders/<order_id>", scope="orders:read", area="orders", query=ExpandQuery, returns=OrderOut,
    printed=OrderDetailOut,
)  # fmt: skip
def read_order(call: Call, order_id: str) -> Reply:
    """Read one order."""
    document = orders.get_order(call.scope, order_id=order_id)
    if not call.query["expand"]:
        return Reply(document=document)
    return Reply(payload=_expanded(call, document))


@endpoint(
    blueprint, "PATCH", "/orders/<order_id>", scope="orders:write", area="orders", body=OrderPatch, returns=OrderOut,
    bucket=bucket_of,
)  # fmt: skip
def change_order(call: Call, order_id: str) -> Reply:
    """Change an order: move its status, table, promised time, notes or metadata.

    Send `If-Match` (or `version`) to refuse the change when somebody else was faster.
    """
    body = dict(call.body)
    body.pop("version", None)
    reason = body.pop("cancel_reason", None) or body.pop("reject_reason", None)
    body.pop("reject_reason", None)
    document = orders.change_order(
        call.scope, order_id=order_id, expected_version=expected_version(call), reason=reason, **body
    )
    return Reply(document=document)


@endpoint(blueprint, "GET", "/orders/<order_id>/events", scope="orders:read", area="orders")
def read_order_history(call: Call, order_id: str) -> Reply:
    """Read an order's status history: what happened, when and by whom."""
    history = print_order(orders.get_order(call.scope, order_id=order_id))["status_history"]
    return Reply(payload={"data": history, "has_more": False, "next_cursor": None})


def _expanded(call: Call, document: dict[str, Any]) -> dict[str, Any]:
    payload = print_order(document)
    wanted = call.query["expand"]
    if "customer" in wanted and document["customer_id"]:
        guest = get_guest(call.scope, guest_id=document["customer_id"])
        payload["customer"] = print_customer(call.principal.scopes, guest)
    if "payments" in wanted:
        rows = list_payments(call.scope, limit=EXPANDED_PAYMENTS, after=None, order_id=document["id"])
        payload["payments"] = [print_payment(row) for row in rows]
    return payload


def _draft(call: Call) -> OrderDraft:
    """The order body in the domain's terms."""
    body, scope = call.body, call.scope
    location_id = body.get("location_id")

    def currency() -> str:
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
        lines=[_line(item, f"items[{index}]", to) for index, item in enumerate(body["items"])],
        discounts=[_discount(item, f"discounts[{index}]", to) for index, item in enumerate(body["discounts"])],
        charge_ids=body["charges"],
        tip_minor=to.minor(body.get("tip"), "tip"),
        notes=body.get("notes"),
        allergy_notes=body.get("allergy_notes"),
        metadata=body.get("metadata") or {},
        quoted_prices=open_quote(scope, body["quote_id"]) if body.get("quote_id") else None,
        allow_open_items=call.principal.allow_open_items,
    )


def _line(item: dict[str, Any], path: str, to: Amounts) -> LineDraft:
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


def _discount(item: dict[str, Any], path: str, to: Amounts) -> DiscountDraft:
    """Percent as basis points, fixed as minor units."""
    if item["type"] == "fixed":
        return DiscountDraft("fixed", to.minor(item["value"], f"{path}.value"))
    points = item["value"] * 100
    if points > 10_000 or points != int(points):
        message = "A percentage from 0 to 100 with at most two fraction digits."
        raise Invalid(message, errors=[FieldError(f"{path}.value", "invalid", message)])
    return DiscountDraft("percent", int(points))
