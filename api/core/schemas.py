"""Representations of the Core API: XIn (create), XPatch (absent is not null), XQuery, XOut (made from documents)."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.order_parts import CancellationOut
from api.core.order_parts import FulfillmentOut
from api.core.order_parts import OrderChargeOut
from api.core.order_parts import OrderDeliveryOut
from api.core.order_parts import OrderDiscountOut
from api.core.order_parts import OrderItemOut
from api.core.order_parts import RefOut
from api.core.order_parts import StatusChangeOut
from api.core.order_parts import TaxLineOut
from api.core.order_parts import TotalsOut
from api.core.words import CANCEL_REASONS
from api.core.words import FULFILLMENTS
from api.core.words import METHODS
from api.core.words import ORDER_STATUSES
from api.core.words import PAYMENT_MOVES
from api.core.words import PAYMENT_STATUSES
from api.core.words import REASON_FIELDS
from api.core.words import REFUND_REASONS
from api.core.words import SOURCES
from api.core.words import one_of
from api.fields import Amount
from api.fields import Body
from api.fields import CommaList
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Money
from api.fields import Part
from api.fields import Text


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
    type = fields.String(load_default="pickup", validate=one_of(*FULFILLMENTS))
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
    type = fields.String(required=True, validate=one_of("percent", "fixed", "promo"))
    value = Amount()
    code = Text(max_length=40, min_length=1)

    @validates_schema
    def has_its_value(self, data: dict[str, Any], **_: object) -> None:
        wanted, other = ("code", "value") if data.get("type") == "promo" else ("value", "code")
        if wanted not in data:
            raise ValidationError(f"A {data.get('type')} discount needs its {wanted}.", wanted)
        if other in data:
            raise ValidationError(f"A {data.get('type')} discount has no {other}.", other)


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
    quote_id = fields.String(validate=validate.Length(max=700_000))  # holds the prices of 200 lines with 50 modifiers each
    metadata = fields.Dict(
        keys=Text(max_length=40, min_length=1), values=Text(max_length=500), validate=validate.Length(max=50)
    )

    @validates_schema
    def names_its_customer_once(self, data: dict[str, Any], **_: object) -> None:
        if data.get("customer_id") is not None and data.get("customer") is not None:
            raise ValidationError("Send customer_id or customer, not both.", "customer")


class OrderPatch(Body):
    status = fields.String(validate=one_of(*ORDER_STATUSES))
    cancel_reason = fields.String(validate=one_of(*CANCEL_REASONS))
    reject_reason = fields.String(validate=one_of(*CANCEL_REASONS))
    reason_detail = Text(max_length=500)
    item_ids = fields.List(
        Identifier(), validate=validate.Length(max=200),
        metadata={"description": "With `cancel_reason` `out_of_stock`: items of the order to take off sale"},
    )
    promised_at = Instant(allow_none=True)
    table_id = Identifier(allow_none=True)
    notes = Text(max_length=2000, allow_none=True)
    metadata = fields.Dict(
        keys=Text(max_length=40, min_length=1), values=Text(max_length=500), validate=validate.Length(max=50)
    )
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not set(data) - {"version", "reason_detail", "cancel_reason", "reject_reason", "item_ids"}:
            raise ValidationError("Send at least one field to change.")

    @validates_schema
    def gives_reasons_of_its_status(self, data: dict[str, Any], **_: object) -> None:
        target = data.get("status")
        for status, name in REASON_FIELDS.items():
            if name in data and target != status:
                raise ValidationError(f"Goes with status {status}.", name)
        if "reason_detail" in data and target not in REASON_FIELDS:
            raise ValidationError("Goes with a cancellation or rejection.", "reason_detail")


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
    ref = fields.String(metadata={"description": "A name in another product: `tabletrack:order:62`"})
    sort = fields.String(load_default="-created_at", validate=one_of("-created_at", "created_at", "updated_at"))


class ExpandQuery(Body):
    expand = CommaList(allowed=("customer", "payments", "reservation"), load_default=())


class OrderOut(Schema):
    id = fields.String()
    number = fields.Integer()
    external_id = fields.String(allow_none=True)
    source = fields.String()
    status = fields.String(validate=one_of(*ORDER_STATUSES))
    payment_status = fields.String(validate=one_of(*PAYMENT_STATUSES))
    collected_by = fields.String(validate=one_of("restaurant", "channel"))
    channel = fields.String(allow_none=True)
    location_id = fields.String()
    table_id = fields.String(allow_none=True)
    reservation_id = fields.String(allow_none=True)
    customer_id = fields.String(allow_none=True)
    party_size = fields.Integer(attribute="pax", allow_none=True)
    business_date = fields.String()
    currency = fields.String()
    fulfillment = fields.Nested(FulfillmentOut)
    delivery = fields.Nested(OrderDeliveryOut, allow_none=True)
    items = fields.List(fields.Nested(OrderItemOut), attribute="lines")
    discounts = fields.List(fields.Nested(OrderDiscountOut))
    charges = fields.List(fields.Nested(OrderChargeOut))
    tax_lines = fields.List(fields.Nested(TaxLineOut))
    totals = Part(TotalsOut)
    notes = fields.String(allow_none=True)
    allergy_notes = fields.String(allow_none=True)
    cancel_reason = fields.String(allow_none=True)
    reason_detail = fields.String(allow_none=True)
    cancellation_request = fields.Nested(CancellationOut, allow_none=True)
    metadata = fields.Dict(keys=fields.String(), values=fields.String())
    status_history = fields.List(fields.Nested(StatusChangeOut))
    refs = fields.List(fields.Nested(RefOut))
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
        if "reservation_id" in data and data.get("tip"):
            raise ValidationError("A deposit takes no tip.", "tip")


class PaymentQuery(PageQuery):
    order_id = fields.String()
    reservation_id = fields.String()
    status = fields.String(validate=one_of(*PAYMENT_MOVES))
    method = fields.String(validate=one_of(*METHODS))
    ref = fields.String(metadata={"description": "A name in another product: `tabletrack:payment:7`"})
    created_from = Instant()
    created_to = Instant()


class PaymentOut(Schema):
    id = fields.String()
    order_id = fields.String(allow_none=True)
    reservation_id = fields.String(allow_none=True)
    purpose = fields.String(validate=one_of("order", "deposit"))
    method = fields.String(validate=one_of(*METHODS))
    status = fields.String(validate=one_of(*PAYMENT_MOVES))
    currency = fields.String()
    amount = Money(attribute="amount_minor")
    tip = Money(attribute="tip_minor")
    tendered = Money(attribute="tendered_minor", allow_none=True)
    change = Money(attribute="change_minor", allow_none=True)
    refunded = Money(attribute="refunded_minor")
    decline_code = fields.String(allow_none=True)
    provider_ref = fields.String(allow_none=True)
    payer_label = fields.String(allow_none=True)
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class RefundIn(Body):
    amount = Amount()
    reason = fields.String(required=True, validate=one_of(*REFUND_REASONS))
    line_ids = fields.List(Identifier(), load_default=list, validate=validate.Length(max=200))


class RefundQuery(PageQuery):
    payment_id = fields.String()
    order_id = fields.String()
    status = fields.String(validate=one_of("pending", "succeeded", "failed"))
    ref = fields.String(metadata={"description": "A name in another product: `tabletrack:refund:3`"})
    created_from = Instant()
    created_to = Instant()


class RefundOut(Schema):
    id = fields.String()
    payment_id = fields.String()
    order_id = fields.String(allow_none=True)
    currency = fields.String()
    amount = Money(attribute="amount_minor")
    reason = fields.String(validate=one_of(*REFUND_REASONS))
    line_ids = fields.List(fields.String())
    status = fields.String(validate=one_of("pending", "succeeded", "failed"))
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()
