"""Representations of the Core API: XIn (create), XPatch (absent is not null), XQuery, XOut (made from documents)."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.fields import Amount
from api.fields import Body
from api.fields import CommaList
from api.fields import DiscountValue
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Money
from api.fields import Part
from api.fields import Text

ORDER_STATUSES = (
    "draft", "scheduled", "pending", "accepted", "preparing", "ready", "picked_up",
    "completed", "rejected", "cancelled", "failed",
)  # fmt: skip
SOURCES = ("website", "app", "qr", "kiosk", "pos", "phone", "marketplace", "voice", "api")
PAYMENT_STATUSES = ("unpaid", "partially_paid", "paid", "partially_refunded", "refunded")
METHODS = ("cash", "card", "wallet", "bank", "voucher", "points", "room_charge", "other")
CANCEL_REASONS = (
    "out_of_stock", "kitchen_busy", "store_closed", "customer_request", "duplicate", "fraud",
    "unable_to_deliver", "other",
)  # fmt: skip
REFUND_REASONS = (
    "quality", "missing_item", "late", "duplicate", "fraud", "customer_request", "price_adjustment", "other",
)  # fmt: skip


def one_of(*choices: str) -> validate.OneOf:
    """Accept these words only, and name them in the refusal."""
    return validate.OneOf(choices, error="Expected one of: {choices}.")


class PageQuery(Body):
    """Paging of every list."""

    limit = fields.Integer(load_default=25, validate=validate.Range(1, 100), metadata={"description": "Rows per page"})
    cursor = fields.String(metadata={"description": "next_cursor of the previous page, unchanged"})


class AddressIn(Body):
    line1 = Text(max_length=255, min_length=1, required=True)
    line2 = Text(max_length=255, allow_none=True)
    city = Text(max_length=120, min_length=1, required=True)
    postal_code = Text(max_length=20, allow_none=True)
    country = Text(max_length=2, allow_none=True)
    lat = fields.Float(allow_nan=False, validate=validate.Range(-90, 90))
    lng = fields.Float(allow_nan=False, validate=validate.Range(-180, 180))
    instructions = Text(max_length=500, allow_none=True)


class FulfillmentIn(Body):
    type = fields.String(load_default="pickup", validate=one_of("dine_in", "pickup", "delivery", "curbside"))
    requested_at = Instant(allow_none=True)
    address = fields.Nested(AddressIn, allow_none=True)

    @validates_schema
    def needs_address(self, data: dict[str, Any], **_: object) -> None:
        if data.get("type") == "delivery" and not data.get("address"):
            raise ValidationError("A delivery needs an address.", "address")


class OrderModifierIn(Body):
    modifier_id = Identifier()
    name = Text(max_length=255, min_length=1)
    price = Amount()
    quantity = Integer(load_default=1, validate=validate.Range(1, 20))

    @validates_schema
    def names_something(self, data: dict[str, Any], **_: object) -> None:
        require_reference(data, "modifier_id")


class OrderItemIn(Body):
    menu_item_id = Identifier()
    name = Text(max_length=255, min_length=1)
    price = Amount()
    variation_id = Identifier(allow_none=True)
    quantity = Integer(load_default=1, validate=validate.Range(1, 999))
    modifiers = fields.List(fields.Nested(OrderModifierIn), load_default=list, validate=validate.Length(max=50))
    notes = Text(max_length=500, allow_none=True)
    guest_name = Text(max_length=80, allow_none=True)

    @validates_schema
    def names_something(self, data: dict[str, Any], **_: object) -> None:
        require_reference(data, "menu_item_id")


def require_reference(data: dict[str, Any], field: str) -> None:
    """Accept a reference to the menu or a free name with its price, not both and not neither."""
    if field in data and ("name" in data or "price" in data):
        raise ValidationError(f"Send {field}, or name and price, not both.", field)
    if field not in data and not ("name" in data and "price" in data):
        raise ValidationError(f"Send {field}, or name and price.", field)


class OrderDiscountIn(Body):
    type = fields.String(required=True, validate=one_of("percent", "fixed"))
    value = Amount(required=True)


class OrderCustomerIn(Body):
    name = Text(max_length=255, min_length=1, required=True)
    phone = Text(max_length=40, allow_none=True)
    email = Text(max_length=254, allow_none=True)


class OrderIn(Body):
    location_id = Identifier()
    source = fields.String(load_default="api", validate=one_of(*SOURCES))
    external_id = Text(max_length=64, min_length=1, allow_none=True)
    fulfillment = fields.Nested(FulfillmentIn, load_default=lambda: {"type": "pickup"})
    table_id = Identifier(allow_none=True)
    table_less = Flag(load_default=False)
    reservation_id = Identifier(allow_none=True)
    customer_id = Identifier(allow_none=True)
    customer = fields.Nested(OrderCustomerIn, allow_none=True)
    items = fields.List(fields.Nested(OrderItemIn), required=True, validate=validate.Length(1, 200))
    discounts = fields.List(fields.Nested(OrderDiscountIn), load_default=list, validate=validate.Length(max=20))
    charges = fields.List(Identifier(), load_default=list, validate=validate.Length(max=20))
    tip = Amount()
    notes = Text(max_length=2000, allow_none=True)
    allergy_notes = Text(max_length=500, allow_none=True)
    quote_id = fields.String(validate=validate.Length(max=4000))
    metadata = fields.Dict(
        keys=Text(max_length=40, min_length=1), values=Text(max_length=500), validate=validate.Length(max=50)
    )


class OrderPatch(Body):
    status = fields.String(validate=one_of(*ORDER_STATUSES))
    cancel_reason = fields.String(validate=one_of(*CANCEL_REASONS))
    reject_reason = fields.String(validate=one_of(*CANCEL_REASONS))
    reason_detail = Text(max_length=500)
    promised_at = Instant(allow_none=True)
    table_id = Identifier(allow_none=True)
    notes = Text(max_length=2000, allow_none=True)
    metadata = fields.Dict(
        keys=Text(max_length=40, min_length=1), values=Text(max_length=500), validate=validate.Length(max=50)
    )
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not set(data) - {"version", "reason_detail", "cancel_reason", "reject_reason"}:
            raise ValidationError("Send at least one field to change.")


class OrderQuery(PageQuery):
    status = CommaList(allowed=ORDER_STATUSES)
    location_id = fields.String()
    source = fields.String(validate=one_of(*SOURCES))
    payment_status = fields.String(validate=one_of(*PAYMENT_STATUSES))
    customer_id = fields.String()
    reservation_id = fields.String()
    table_id = fields.String()
    external_id = fields.String()
    created_from = Instant()
    created_to = Instant()
    updated_since = Instant()
    sort = fields.String(load_default="-created_at", validate=one_of("-created_at", "created_at", "updated_at"))


class ExpandQuery(Body):
    expand = CommaList(allowed=("customer", "payments", "reservation"), load_default=())


class OrderModifierOut(Schema):
    id = fields.String()
    modifier_id = fields.String(allow_none=True)
    name = fields.String()
    price = Money(attribute="price_minor")
    quantity = fields.Integer()


class OrderItemOut(Schema):
    id = fields.String()
    menu_item_id = fields.String(attribute="item_id", allow_none=True)
    variation_id = fields.String(allow_none=True)
    name = fields.String()
    quantity = fields.Integer()
    price = Money(attribute="unit_minor", metadata={"description": "Unit price without modifiers"})
    line_total = Money(attribute="gross_minor")
    modifiers = fields.List(fields.Nested(OrderModifierOut))
    notes = fields.String(allow_none=True)
    guest_name = fields.String(allow_none=True)
    status = fields.String(attribute="state")
    allergens = fields.Raw()


class OrderDiscountOut(Schema):
    type = fields.String()
    value = DiscountValue(allow_none=True)
    amount = Money(attribute="amount_minor")


class OrderChargeOut(Schema):
    id = fields.String()
    name = fields.String()
    amount = Money(attribute="amount_minor")


class TaxLineOut(Schema):
    name = fields.String()
    rate = fields.String()
    base = Money(attribute="base_minor")
    amount = Money(attribute="amount_minor")
    included = fields.Boolean()


class TotalsOut(Schema):
    subtotal = Money(attribute="subtotal_minor")
    discount = Money(attribute="discount_minor")
    charges = Money(attribute="charges_minor")
    tax = Money(attribute="tax_minor")
    tax_included = Money(attribute="tax_included_minor")
    tip = Money(attribute="tip_minor")
    total = Money(attribute="total_minor")
    deposit_applied = Money(attribute="deposit_applied_minor")
    paid = Money(attribute="paid_minor")
    refunded = Money(attribute="refunded_minor")
    due = Money(attribute="due_minor")


class ActorOut(Schema):
    type = fields.String(attribute="actor_type")
    id = fields.String(attribute="actor_id")


class StatusChangeOut(Schema):
    status = fields.String()
    at = Instant()
    actor = Part(ActorOut)
    reason = fields.String(allow_none=True)


class FulfillmentOut(Schema):
    type = fields.String()
    requested_at = Instant(allow_none=True)
    promised_at = Instant(allow_none=True)
    address = fields.Raw()


class OrderOut(Schema):
    id = fields.String()
    number = fields.Integer()
    external_id = fields.String(allow_none=True)
    source = fields.String()
    status = fields.String()
    payment_status = fields.String()
    location_id = fields.String()
    table_id = fields.String(allow_none=True)
    reservation_id = fields.String(allow_none=True)
    customer_id = fields.String(allow_none=True)
    business_date = fields.String()
    currency = fields.String()
    fulfillment = fields.Nested(FulfillmentOut)
    items = fields.List(fields.Nested(OrderItemOut), attribute="lines")
    discounts = fields.List(fields.Nested(OrderDiscountOut))
    charges = fields.List(fields.Nested(OrderChargeOut))
    tax_lines = fields.List(fields.Nested(TaxLineOut))
    totals = Part(TotalsOut)
    notes = fields.String(allow_none=True)
    allergy_notes = fields.String(allow_none=True)
    cancel_reason = fields.String(allow_none=True)
    reason_detail = fields.String(allow_none=True)
    metadata = fields.Raw()
    status_history = fields.List(fields.Nested(StatusChangeOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class PreviewItemOut(OrderItemOut):
    id = fields.String(allow_none=True)


class PreviewOut(OrderOut):
    id = fields.String(allow_none=True)
    number = fields.Integer(allow_none=True)
    items = fields.List(fields.Nested(PreviewItemOut), attribute="lines")
    quote_id = fields.String()


class PaymentIn(Body):
    order_id = Identifier()
    reservation_id = Identifier()
    amount = Amount()
    tip = Amount()
    method = fields.String(required=True, validate=one_of(*METHODS))
    source = Text(max_length=80, min_length=1)
    tendered = Amount()
    currency = Text(max_length=3, min_length=3)
    payer_label = Text(max_length=60)
    purpose = fields.String(load_default="order", validate=one_of("order", "deposit"))

    @validates_schema
    def pays_something(self, data: dict[str, Any], **_: object) -> None:
        if ("order_id" in data) == ("reservation_id" in data):
            raise ValidationError("Send order_id or reservation_id.", "order_id")


class PaymentQuery(PageQuery):
    order_id = fields.String()
    reservation_id = fields.String()
    status = fields.String(
        validate=one_of("created", "confirmed", "failed", "cancelled", "partially_refunded", "refunded")
    )
    method = fields.String(validate=one_of(*METHODS))
    created_from = Instant()
    created_to = Instant()


class PaymentOut(Schema):
    id = fields.String()
    order_id = fields.String(allow_none=True)
    reservation_id = fields.String(allow_none=True)
    purpose = fields.String()
    method = fields.String()
    status = fields.String()
    currency = fields.String()
    amount = Money(attribute="amount_minor")
    tip = Money(attribute="tip_minor")
    tendered = Money(attribute="tendered_minor", allow_none=True)
    change = Money(attribute="change_minor", allow_none=True)
    refunded = Money(attribute="refunded_minor")
    decline_code = fields.String(allow_none=True)
    provider_ref = fields.String(allow_none=True)
    payer_label = fields.String(allow_none=True)
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class OrderDetailOut(OrderOut):
    customer = fields.Raw(metadata={"x-when-asked-for": "expand=customer"})
    payments = fields.List(fields.Nested(PaymentOut), metadata={"x-when-asked-for": "expand=payments"})


class RefundIn(Body):
    amount = Amount()
    reason = fields.String(required=True, validate=one_of(*REFUND_REASONS))
    line_ids = fields.List(Identifier(), load_default=list, validate=validate.Length(max=200))


class RefundQuery(PageQuery):
    payment_id = fields.String()
    order_id = fields.String()


class RefundOut(Schema):
    id = fields.String()
    payment_id = fields.String()
    order_id = fields.String(allow_none=True)
    currency = fields.String()
    amount = Money(attribute="amount_minor")
    reason = fields.String()
    line_ids = fields.Raw()
    status = fields.String()
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()
