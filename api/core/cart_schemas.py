"""Representations of carts in the Core API. A cart takes the fields of an order."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.order_parts import FulfillmentAddressOut
from api.core.order_parts import OrderAllergenOut
from api.core.order_parts import OrderChargeOut
from api.core.order_parts import OrderDiscountOut
from api.core.order_parts import TaxLineOut
from api.core.order_parts import TotalsOut
from api.core.schemas import FulfillmentIn
from api.core.schemas import OrderCustomerIn
from api.core.schemas import OrderDiscountIn
from api.core.schemas import OrderItemIn
from api.core.schemas import OrderModifierIn
from api.core.schemas import OrderOut
from api.core.schemas import PaymentOut
from api.core.words import FULFILLMENTS
from api.core.words import METHODS
from api.core.words import SOURCES
from api.core.words import one_of
from api.fields import Amount
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Money
from api.fields import Text


class _CartFields(Body):
    """What both bodies of a cart may say; absent is left as it is."""

    source = fields.String(validate=one_of(*SOURCES))
    external_id = Text(max_length=64, min_length=1, allow_none=True)
    fulfillment = fields.Nested(FulfillmentIn)
    table_id = Identifier(allow_none=True)
    table_less = Flag()
    reservation_id = Identifier(allow_none=True)
    customer_id = Identifier(allow_none=True)
    customer = fields.Nested(OrderCustomerIn, allow_none=True)
    discounts = fields.List(fields.Nested(OrderDiscountIn), validate=validate.Length(max=20))
    charges = fields.List(Identifier(), validate=validate.Length(max=20))
    tip = Amount()
    notes = Text(max_length=2000, allow_none=True)
    allergy_notes = Text(max_length=500, allow_none=True)
    metadata = fields.Dict(
        keys=Text(max_length=40, min_length=1), values=Text(max_length=500), validate=validate.Length(max=50)
    )


class CartIn(_CartFields):
    location_id = Identifier(metadata={"description": "May be left out where there is one location"})
    items = fields.List(fields.Nested(OrderItemIn), load_default=list, validate=validate.Length(max=200))


class CartPatch(_CartFields):
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def says_something(self, data: dict[str, Any], **_: object) -> None:
        if not set(data) - {"version"}:
            raise ValidationError("Send at least one field to change.")


class CartItemPatch(Body):
    variation_id = Identifier(allow_none=True)
    quantity = Integer(validate=validate.Range(1, 999))
    modifiers = fields.List(fields.Nested(OrderModifierIn), validate=validate.Length(max=50))
    notes = Text(max_length=500, allow_none=True)
    guest_name = Text(max_length=80, allow_none=True)

    @validates_schema
    def says_something(self, data: dict[str, Any], **_: object) -> None:
        if not data:
            raise ValidationError("Send at least one field to change.")


class CartPromoIn(Body):
    code = Text(max_length=40, min_length=1, required=True)


class CheckoutPaymentIn(Body):
    method = fields.String(required=True, validate=one_of(*METHODS))
    source = Text(max_length=80, min_length=1, metadata={"description": "Token of the card or wallet"})
    tip = Amount(metadata={"description": "On top of the cart's own"})
    tendered = Amount(metadata={"description": "Cash handed over; the excess is change"})
    payer_label = Text(max_length=60)


class CheckoutIn(Body):
    payment = fields.Nested(CheckoutPaymentIn, metadata={"description": "May be left out only when nothing is due"})
    expected_total = Amount(metadata={"description": "The total the guest agreed to; another one is refused"})
    version = Integer(validate=validate.Range(min=1))


class CartModifierOut(Schema):
    modifier_id = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    price = Money(attribute="price_minor", allow_none=True)
    quantity = fields.Integer()


class CartItemOut(Schema):
    id = fields.String()
    menu_item_id = fields.String(attribute="item_id", allow_none=True)
    variation_id = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    quantity = fields.Integer()
    price = Money(attribute="unit_minor", allow_none=True, metadata={"description": "Unit price without modifiers"})
    line_total = Money(attribute="gross_minor", allow_none=True)
    modifiers = fields.List(fields.Nested(CartModifierOut))
    notes = fields.String(allow_none=True)
    guest_name = fields.String(allow_none=True)
    allergens = fields.List(fields.Nested(OrderAllergenOut))
    is_available = fields.Boolean(metadata={"description": "False: left out of the totals; `problems` says why"})


class CartDiscountOut(OrderDiscountOut):
    amount = Money(attribute="amount_minor", allow_none=True)


class CartFulfillmentOut(Schema):
    type = fields.String(validate=one_of(*FULFILLMENTS))
    requested_at = Instant(allow_none=True)
    address = fields.Nested(FulfillmentAddressOut, allow_none=True)


class CartCustomerOut(Schema):
    name = fields.String()
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)


class CartProblemOut(Schema):
    code = fields.String(metadata={"description": "A code of the error registry, such as item_unavailable"})
    field = fields.String(allow_none=True)
    item_id = fields.String(attribute="line_id", allow_none=True, metadata={"description": "Id of the cart's item"})
    message = fields.String()


class CartOut(Schema):
    id = fields.String()
    status = fields.String(validate=one_of("open", "checked_out"))
    location_id = fields.String()
    source = fields.String(validate=one_of(*SOURCES))
    external_id = fields.String(allow_none=True)
    currency = fields.String()
    fulfillment = fields.Nested(CartFulfillmentOut)
    table_id = fields.String(allow_none=True)
    table_less = fields.Boolean()
    reservation_id = fields.String(allow_none=True)
    customer_id = fields.String(allow_none=True)
    customer = fields.Nested(CartCustomerOut, allow_none=True)
    items = fields.List(fields.Nested(CartItemOut), attribute="lines")
    promo_code = fields.String(allow_none=True)
    discounts = fields.List(fields.Nested(CartDiscountOut))
    charges = fields.List(fields.Nested(OrderChargeOut))
    tax_lines = fields.List(fields.Nested(TaxLineOut))
    tip = Money(attribute="tip_minor")
    totals = fields.Nested(
        TotalsOut, allow_none=True, metadata={"description": "Null while the cart cannot be priced, as when the store is closed"}
    )
    notes = fields.String(allow_none=True)
    allergy_notes = fields.String(allow_none=True)
    metadata = fields.Dict(keys=fields.String(), values=fields.String())
    problems = fields.List(fields.Nested(CartProblemOut))
    is_ready = fields.Boolean(metadata={"description": "It could be checked out now"})
    order_id = fields.String(allow_none=True)
    expires_at = Instant()
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class CheckoutOut(Schema):
    order = fields.Nested(OrderOut)
    payment = fields.Nested(PaymentOut, allow_none=True)
