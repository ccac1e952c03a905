"""What an order's representation is made of: lines, discounts, totals, fulfillment, delivery and history."""

from marshmallow import Schema
from marshmallow import fields

from api.core.words import DELIVERY_STATUSES
from api.core.words import FULFILLMENTS
from api.core.words import one_of
from api.fields import DiscountValue
from api.fields import Instant
from api.fields import Money
from api.fields import Part


class RefOut(Schema):
    """A name of the object in another product."""

    product = fields.String()
    type = fields.String()
    id = fields.String()


class OrderModifierOut(Schema):
    id = fields.String()
    modifier_id = fields.String(allow_none=True)
    name = fields.String()
    price = Money(attribute="price_minor")
    quantity = fields.Integer()


class OrderAllergenOut(Schema):
    code = fields.String()
    level = fields.String(validate=one_of("contains", "may_contain"))


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
    status = fields.String(attribute="state", validate=one_of("active", "voided", "substituted"))
    reason = fields.String(allow_none=True, metadata={"description": "Why it was voided or substituted"})
    replaces = fields.String(
        attribute="replaces_id", allow_none=True, metadata={"description": "The line it was given for"}
    )
    allergens = fields.List(fields.Nested(OrderAllergenOut))


class OrderDiscountOut(Schema):
    type = fields.String(validate=one_of("percent", "fixed", "promo"))
    kind = fields.String(validate=one_of("percent", "fixed"), metadata={"description": "How `value` is meant"})
    value = DiscountValue(allow_none=True)
    code = fields.String(allow_none=True, metadata={"description": "The promo code"})
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


class FulfillmentAddressOut(Schema):
    may_lack = True

    line1 = fields.String()
    line2 = fields.String(allow_none=True)
    city = fields.String()
    postal_code = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)
    instructions = fields.String(allow_none=True)


class FulfillmentOut(Schema):
    type = fields.String(validate=one_of(*FULFILLMENTS))
    requested_at = Instant(allow_none=True)
    promised_at = Instant(allow_none=True)
    address = fields.Nested(FulfillmentAddressOut, allow_none=True)


class CourierOut(Schema):
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    vehicle = fields.String(allow_none=True)
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)


class DeliveryChangeOut(Schema):
    status = fields.String(validate=one_of(*DELIVERY_STATUSES))
    at = Instant()


class OrderDeliveryOut(Schema):
    status = fields.String(validate=one_of(*DELIVERY_STATUSES))
    courier = fields.Nested(CourierOut, allow_none=True)
    eta_at = Instant(allow_none=True)
    history = fields.List(fields.Nested(DeliveryChangeOut))


class CancellationOut(Schema):
    status = fields.String(validate=one_of("requested", "approved", "denied"))
    reason = fields.String()
    reason_detail = fields.String(allow_none=True)
    requested_by = Part(ActorOut)
    requested_at = Instant()
    decided_at = Instant(allow_none=True)
