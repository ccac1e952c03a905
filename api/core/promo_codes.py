"""Promo codes in the Core API."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from api.amounts import Amounts
from api.core.blueprint import blueprint
from api.core.campaign_schemas import PromoCodeIn
from api.core.campaign_schemas import PromoCodeOut
from api.core.campaign_schemas import PromoCodePatch
from api.core.campaign_schemas import PromoCodeQuery
from api.core.campaign_schemas import ValidationOut
from api.core.order_drafts import order_draft
from api.core.schemas import OrderIn
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.campaigns import promo_codes as codes
from domain.campaigns.errors import PromoInvalid
from domain.orders.drafts import PROMO
from domain.orders.drafts import DiscountDraft
from domain.orders.service import preview_order
from domain.references.service import parse_reference
from kit.documents import Document
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid


@endpoint(
    blueprint, "GET", "/promo-codes", scope="campaigns:read", area="campaigns", query=PromoCodeQuery, returns=PromoCodeOut,
    is_list=True,
)  # fmt: skip
def list_promo_codes(call: Call) -> Reply:
    """List promo codes, newest first."""
    query = call.query
    rows = codes.list_promo_codes(
        call.scope, limit=query["limit"], after=call.after(), campaign_id=query.get("campaign_id"),
        is_active={"true": True, "false": False}.get(query.get("is_active", "")),
        ref=parse_reference(query["ref"], noun="promo_code") if "ref" in query else None,
    )  # fmt: skip
    return call.page(rows, lambda row: [row["created_at"], row["id"]])


@endpoint(
    blueprint, "POST", "/promo-codes", scope="campaigns:write", area="campaigns", body=PromoCodeIn, returns=PromoCodeOut,
    status=201, errors=(DuplicateReference,),
)  # fmt: skip
def create_promo_code(call: Call) -> Reply:
    """Create a promo code.

    A `percent` code takes off a percentage, a `fixed` one an amount in its `currency`, never more than the order has.
    Orders use it as `discounts: [{type: promo, code}]`.
    """
    body = call.body
    document = codes.create_promo_code(call.scope, **_columns(body, body["kind"], body.get("currency")))
    return Reply(document=document, headers={"Location": f"/v1/promo-codes/{document['code']}"})


@endpoint(blueprint, "GET", "/promo-codes/<code>", scope="campaigns:read", area="campaigns", returns=PromoCodeOut)
def read_promo_code(call: Call, code: str) -> Document:
    """Read one promo code, however it is capitalised."""
    return codes.get_promo_code(call.scope, code=code)


@endpoint(
    blueprint, "PATCH", "/promo-codes/<code>", scope="campaigns:write", area="campaigns", body=PromoCodePatch,
    returns=PromoCodeOut,
)  # fmt: skip
def change_promo_code(call: Call, code: str) -> Document:
    """Change a promo code or switch it off. Orders that used it keep what they got."""
    body, present = dict(call.body), codes.get_promo_code(call.scope, code=code)
    body.pop("version", None)
    changes = _columns(body, str(body.get("kind", present["kind"])), body.get("currency", present["currency"]))
    return codes.change_promo_code(call.scope, code=code, expected_version=expected_version(call), changes=changes)


@endpoint(
    blueprint, "POST", "/promo-codes/<code>/validate", scope="campaigns:read", area="campaigns", body=OrderIn,
    returns=ValidationOut, bucket="read",
)  # fmt: skip
def validate_promo_code(call: Call, code: str) -> Document:
    """Tell whether a promo code could be used on an order, and what it would take off.

    Takes the body of `POST /v1/orders/preview` and changes nothing. A code that cannot be used answers 200 with `valid:
    false` and the reason; a body that could not become an order is refused as a preview refuses it.
    """
    known = codes.get_promo_code(call.scope, code=code)["code"]
    draft = order_draft(call)
    others = [discount for discount in draft.discounts if discount.type != PROMO]
    wanted = DiscountDraft(PROMO, code=known)
    answer: Document = {"code": known, "valid": True, "reason": None}
    try:
        preview = preview_order(call.scope, draft=replace(draft, discounts=[*others, wanted]))
    except PromoInvalid as refusal:
        preview = preview_order(call.scope, draft=replace(draft, discounts=others))
        return answer | {
            "valid": False, "reason": refusal.reason, "currency": preview["currency"], "discount_minor": 0,
            "total_minor": preview["total_minor"],
        }  # fmt: skip
    taken = preview["discounts"][-1]["amount_minor"]
    return answer | {"currency": preview["currency"], "discount_minor": taken, "total_minor": preview["total_minor"]}


def _columns(body: dict[str, Any], kind: str, currency: str | None) -> dict[str, Any]:
    """The body in the domain's terms: amounts in minor units, a percentage in basis points."""
    columns, to = dict(body), Amounts(lambda: currency or "EUR")
    if "min_subtotal" in columns:
        columns["min_subtotal_minor"] = to.minor_or_none(columns.pop("min_subtotal"), "min_subtotal")
    if "value" in columns:
        columns["value"] = _basis_points(columns["value"]) if kind == "percent" else to.minor(columns["value"], "value")
    return columns


def _basis_points(percent: Decimal) -> int:
    points = percent * 100
    if points > 10_000 or points != int(points):
        message = "A percentage above 0 up to 100 with at most two fraction digits."
        raise Invalid(message, errors=[FieldError("value", "invalid", message)])
    return int(points)
