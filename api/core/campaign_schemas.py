"""Representations of campaigns, promo codes and SMS alerts in the Core API."""

import re
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.order_parts import RefOut
from api.core.schemas import OrderOut
from api.core.schemas import PageQuery
from api.core.words import one_of
from api.fields import Amount
from api.fields import Body
from api.fields import DiscountValue
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Money
from api.fields import Part
from api.fields import Text
from api.fields import matching

CHANNELS = ("email", "sms", "push")
CAMPAIGN_STATUSES = ("draft", "scheduled", "sending", "sent", "cancelled")
RECIPIENT_STATUSES = ("sent", "suppressed", "failed")
PROMO_KINDS = ("percent", "fixed")
PROMO_REASONS = (
    "unknown", "inactive", "not_started", "expired", "exhausted", "wrong_location", "wrong_currency", "min_subtotal",
    "per_customer_limit", "customer_required",
)  # fmt: skip
LARGEST_COUNT = 1_000_000_000
WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+\S*")
CURRENCY = matching(r"[A-Z]{3}", error="Expected a currency code.")


def changes_something(data: dict[str, Any]) -> None:
    """Refuse a patch that names nothing but the version."""
    if not set(data) - {"version"}:
        raise ValidationError("Send at least one field to change.")


def is_web_address(value: str) -> None:
    """Refuse a link that is no http or https address."""
    if WEB_ADDRESS.fullmatch(value) is None:
        raise ValidationError("Expected a web address.")


class MessageIn(Body):
    subject = Text(max_length=255, allow_none=True, metadata={"description": "Of an e-mail, which needs one"})
    body = Text(max_length=10_000, min_length=1, required=True, metadata={"description": "At most 480 characters by SMS"})
    link = Text(max_length=2000, allow_none=True, validate=is_web_address)


class MessagePatch(Body):
    subject = Text(max_length=255, allow_none=True)
    body = Text(max_length=10_000, min_length=1)
    link = Text(max_length=2000, allow_none=True, validate=is_web_address)


class CampaignIn(Body):
    name = Text(max_length=255, min_length=1, required=True)
    channel = fields.String(required=True, validate=one_of(*CHANNELS))
    segment_id = Identifier(allow_none=True, metadata={"description": "Without one every customer is meant"})
    message = fields.Nested(MessageIn, required=True)
    scheduled_at = Instant(allow_none=True, metadata={"description": "When it starts by itself"})


class CampaignPatch(Body):
    name = Text(max_length=255, min_length=1)
    channel = fields.String(validate=one_of(*CHANNELS))
    segment_id = Identifier(allow_none=True)
    message = fields.Nested(MessagePatch)
    scheduled_at = Instant(allow_none=True)
    status = fields.String(validate=one_of("draft", "scheduled", "cancelled"))
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def says_something(self, data: dict[str, Any], **_: object) -> None:
        changes_something(data)


class CampaignQuery(PageQuery):
    status = fields.String(validate=one_of(*CAMPAIGN_STATUSES))
    channel = fields.String(validate=one_of(*CHANNELS))
    segment_id = fields.String()
    ref = fields.String()


class MessageOut(Schema):
    subject = fields.String(allow_none=True)
    body = fields.String()
    link = fields.String(allow_none=True)


class CampaignCountsOut(Schema):
    recipients = fields.Integer(metadata={"description": "Looked at so far: sent, suppressed and failed"})
    sent = fields.Integer()
    suppressed = fields.Integer(metadata={"description": "Without consent, or without an address for the channel"})
    failed = fields.Integer()
    clicked = fields.Integer(metadata={"description": "Recipients who followed the link"})
    redeemed = fields.Integer(metadata={"description": "Completed orders with a promo code of the campaign"})


class CampaignCodeOut(Schema):
    id = fields.String()
    code = fields.String()


class CampaignOut(Schema):
    id = fields.String()
    name = fields.String()
    channel = fields.String(validate=one_of(*CHANNELS))
    segment_id = fields.String(allow_none=True)
    message = Part(MessageOut)
    status = fields.String(validate=one_of(*CAMPAIGN_STATUSES))
    scheduled_at = Instant(allow_none=True)
    started_at = Instant(allow_none=True)
    sent_at = Instant(allow_none=True)
    cancelled_at = Instant(allow_none=True)
    stats = Part(CampaignCountsOut)
    promo_codes = fields.List(fields.Nested(CampaignCodeOut))
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class CampaignStatsOut(CampaignCountsOut):
    campaign_id = fields.String(attribute="id")
    status = fields.String(validate=one_of(*CAMPAIGN_STATUSES))
    version = fields.Integer()
    updated_at = Instant()


class RecipientQuery(PageQuery):
    status = fields.String(validate=one_of(*RECIPIENT_STATUSES))


class RecipientOut(Schema):
    customer_id = fields.String()
    status = fields.String(validate=one_of(*RECIPIENT_STATUSES))
    reason = fields.String(allow_none=True, metadata={"description": "no_consent, no_address, or why it failed"})
    at = Instant()
    clicked_at = Instant(allow_none=True)


class ClickIn(Body):
    customer_id = Identifier(required=True)


class ClickOut(Schema):
    campaign_id = fields.String()
    customer_id = fields.String()
    clicked_at = Instant(metadata={"description": "When this customer clicked first"})
    is_first = fields.Boolean()


class PromoCodeIn(Body):
    code = Text(max_length=40, min_length=3, required=True, metadata={"description": "Upper and lower case are the same"})
    description = Text(max_length=255, allow_none=True)
    kind = fields.String(required=True, validate=one_of(*PROMO_KINDS))
    value = Amount(required=True, metadata={"description": "Percent, or an amount in `currency`"})
    currency = Text(max_length=3, min_length=3, allow_none=True, validate=CURRENCY)
    min_subtotal = Amount(allow_none=True, metadata={"description": "Before discounts, in `currency`"})
    starts_at = Instant(allow_none=True)
    ends_at = Instant(allow_none=True)
    max_uses = Integer(allow_none=True, validate=validate.Range(1, LARGEST_COUNT))
    per_customer = Integer(allow_none=True, validate=validate.Range(1, LARGEST_COUNT))
    location_ids = fields.List(Identifier(), validate=validate.Length(max=200))
    campaign_id = Identifier(allow_none=True)
    is_active = Flag()


class PromoCodePatch(Body):
    description = Text(max_length=255, allow_none=True)
    kind = fields.String(validate=one_of(*PROMO_KINDS))
    value = Amount()
    currency = Text(max_length=3, min_length=3, allow_none=True, validate=CURRENCY)
    min_subtotal = Amount(allow_none=True)
    starts_at = Instant(allow_none=True)
    ends_at = Instant(allow_none=True)
    max_uses = Integer(allow_none=True, validate=validate.Range(1, LARGEST_COUNT))
    per_customer = Integer(allow_none=True, validate=validate.Range(1, LARGEST_COUNT))
    location_ids = fields.List(Identifier(), validate=validate.Length(max=200))
    campaign_id = Identifier(allow_none=True)
    is_active = Flag()
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def says_something(self, data: dict[str, Any], **_: object) -> None:
        changes_something(data)
        if "kind" in data and "value" not in data:
            raise ValidationError("Another kind needs its value.", "value")


class PromoCodeQuery(PageQuery):
    campaign_id = fields.String()
    is_active = fields.String(validate=one_of("true", "false"))
    ref = fields.String()


class PromoCodeOut(Schema):
    id = fields.String()
    code = fields.String()
    description = fields.String(allow_none=True)
    kind = fields.String(validate=one_of(*PROMO_KINDS))
    value = DiscountValue()
    currency = fields.String(allow_none=True)
    min_subtotal = Money(attribute="min_subtotal_minor", allow_none=True)
    starts_at = Instant(allow_none=True)
    ends_at = Instant(allow_none=True)
    max_uses = fields.Integer(allow_none=True)
    per_customer = fields.Integer(allow_none=True)
    used_count = fields.Integer(metadata={"description": "Uses on orders that were not called off"})
    location_ids = fields.List(fields.String())
    campaign_id = fields.String(allow_none=True)
    is_active = fields.Boolean()
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class ValidationOut(Schema):
    code = fields.String()
    valid = fields.Boolean()
    currency = fields.String(allow_none=True)
    discount = Money(attribute="discount_minor", metadata={"description": "What the code takes off this order; 0 when invalid"})
    total = Money(attribute="total_minor", allow_none=True, metadata={"description": "Of the order with the code"})
    reason = fields.String(allow_none=True, validate=one_of(*PROMO_REASONS))


class AlertIn(Body):
    customer_id = Identifier()
    segment_id = Identifier()
    text = Text(max_length=480, min_length=1, required=True)

    @validates_schema
    def has_one_audience(self, data: dict[str, Any], **_: object) -> None:
        if ("customer_id" in data) == ("segment_id" in data):
            raise ValidationError("Send customer_id or segment_id.", "customer_id")


class AlertOut(Schema):
    id = fields.String()
    customer_id = fields.String(allow_none=True)
    segment_id = fields.String(allow_none=True)
    text = fields.String()
    status = fields.String(validate=one_of("sending", "sent"))
    accepted = fields.Integer(metadata={"description": "Customers who allow it and have a phone number"})
    suppressed = fields.Integer()
    sent = fields.Integer()
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class CampaignClickOut(Schema):
    """Object of campaign.clicked."""

    id = fields.String()
    campaign_id = fields.String()
    customer_id = fields.String()
    clicked_at = Instant()
    campaign = fields.Nested(CampaignOut, allow_none=True)


class CampaignOfferOut(Schema):
    """Object of campaign.offer_redeemed."""

    id = fields.String()
    campaign_id = fields.String()
    order_id = fields.String()
    customer_id = fields.String(allow_none=True)
    promo_code = fields.String()
    at = Instant()
    campaign = fields.Nested(CampaignOut, allow_none=True)
    order = fields.Nested(OrderOut, allow_none=True)


class PromoUseOut(Schema):
    """Object of promo_code.used."""

    id = fields.String()
    promo_id = fields.String()
    order_id = fields.String()
    customer_id = fields.String(allow_none=True)
    currency = fields.String()
    discount = Money(attribute="discount_minor")
    used_at = Instant()
    promo = fields.Nested(PromoCodeOut, allow_none=True)
    order = fields.Nested(OrderOut, allow_none=True)
