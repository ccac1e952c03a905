"""Representations of loyalty in the Core API."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.order_parts import RefOut
from api.core.schemas import OrderCustomerIn
from api.core.schemas import PageQuery
from api.core.words import one_of
from api.fields import Amount
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Part
from api.fields import Text
from api.fields import matching
from domain.loyalty.machine import BENEFITS
from domain.loyalty.machine import BY_HAND
from domain.loyalty.machine import KINDS
from domain.loyalty.machine import MOVES
from domain.loyalty.machine import REASONS
from domain.loyalty.rules import MULTIPLIER_UNIT
from domain.loyalty.rules import RATE_UNIT
from domain.loyalty.service import MOST_ROWS
from kit.documents import Document
from kit.money import to_decimal

STATUSES = tuple(MOVES)
MOST_DELTA = 1_000_000
CURRENCY = matching(r"[A-Z]{3}", error="Expected a currency code such as EUR.")
RATE = validate.Range(0, 1_000_000)
DATE = matching(r"\d{4}-\d\d-\d\d", error="Expected a date such as 2026-01-12.")


def _rate(document: Document) -> float | None:
    value = document["rate_millionths"]
    return None if value is None else value / RATE_UNIT


def _multiplier(document: Document) -> float | None:
    value = document["multiplier_hundredths"]
    return None if value is None else value / MULTIPLIER_UNIT


class LoyaltyTierIn(Body):
    code = Text(max_length=40, min_length=1, required=True)
    tier = Integer(required=True, validate=validate.Range(1, 1000), metadata={"description": "Rank, 1 is the lowest"})
    name = Text(max_length=255, min_length=1, required=True)
    threshold = Integer(
        required=True, validate=validate.Range(0, 10**12), metadata={"description": "Lifetime points it starts at"}
    )
    point_multiplier = Amount(
        load_default=1, validate=validate.Range(0, 1000), metadata={"description": "At most two fraction digits"}
    )


class LoyaltyProgramIn(Body):
    name = Text(max_length=255, min_length=1, required=True)
    kind = fields.String(load_default="points", validate=one_of(*KINDS))
    point_rate = Amount(load_default=1, validate=RATE, metadata={"description": "At most six fraction digits"})
    currency = fields.String(validate=CURRENCY, allow_none=True)
    callback_url = Text(max_length=1000, min_length=1, allow_none=True)
    tiers = fields.List(fields.Nested(LoyaltyTierIn), load_default=list, validate=validate.Length(max=20))


class LoyaltyProgramPatch(Body):
    name = Text(max_length=255, min_length=1)
    point_rate = Amount(validate=RATE)
    is_active = Flag()
    callback_url = Text(max_length=1000, min_length=1, allow_none=True)
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        require_change(data)


def require_change(data: dict[str, Any]) -> None:
    """Refuse a PATCH that names no field to change."""
    if not set(data) - {"version"}:
        raise ValidationError("Send at least one field to change.")


class LoyaltyTierOut(Schema):
    id = fields.String()
    code = fields.String()
    tier = fields.Integer()
    name = fields.String()
    threshold = fields.Integer()
    point_multiplier = fields.Function(_multiplier, metadata={"type": "number"})


class LoyaltyProgramQuery(PageQuery):
    ref = fields.String(metadata={"description": "A name in another product: `<product>[:program]:<id>`"})


class LoyaltyProgramOut(Schema):
    id = fields.String()
    name = fields.String()
    kind = fields.String(validate=one_of(*KINDS))
    point_rate = fields.Function(
        _rate,
        metadata={"type": "number", "description": "Points per currency unit, stamps per order, or share of the net"},
    )
    currency = fields.String(allow_none=True)
    is_active = fields.Boolean()
    callback_url = fields.String(allow_none=True)
    tiers = fields.List(fields.Nested(LoyaltyTierOut))
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class LoyaltyProgramSavedOut(LoyaltyProgramOut):
    callback_secret = fields.String(
        allow_none=True, metadata={"description": "Signs what the callback is sent; shown once, when the callback is new"}
    )


class MemberIn(Body):
    customer_id = Identifier(required=True)
    program_id = Identifier(required=True)
    code = Text(max_length=64, min_length=1)
    status = fields.String(load_default="active", validate=one_of("active", "pre_enrollment"))
    start_date = fields.String(validate=DATE)
    expiry_date = fields.String(validate=DATE, allow_none=True)


class MemberPatch(Body):
    status = fields.String(validate=one_of(*STATUSES))
    code = Text(max_length=64, min_length=1)
    start_date = fields.String(validate=DATE)
    expiry_date = fields.String(validate=DATE, allow_none=True)
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        require_change(data)


class MemberQuery(PageQuery):
    program_id = fields.String()
    customer_id = fields.String()
    code = fields.String()
    status = fields.String(validate=one_of(*STATUSES))
    tier = fields.String(metadata={"description": "A tier's code"})
    updated_since = Instant()
    ref = fields.String()


class MemberTierOut(Schema):
    id = fields.String()
    code = fields.String()
    tier = fields.Integer(metadata={"description": "Rank, 1 is the lowest"})
    name = fields.String()


class MemberOut(Schema):
    id = fields.String()
    program_id = fields.String()
    customer_id = fields.Function(
        lambda member: next(iter(member["customer_ids"] or ()), None),
        metadata={"type": ["string", "null"], "description": "The customer it was made for"},
    )
    customer_ids = fields.List(fields.String())
    code = fields.String()
    status = fields.String(validate=one_of(*STATUSES))
    tier = fields.Nested(MemberTierOut, allow_none=True)
    points = fields.Integer(metadata={"description": "The balance; minor units of the currency in a cashback program"})
    lifetime_points = fields.Integer()
    start_date = fields.String(allow_none=True)
    expiry_date = fields.String(allow_none=True)
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class WalletIn(Body):
    program_id = Identifier(required=True)
    customer_id = Identifier()
    customer = fields.Nested(OrderCustomerIn)
    code = Text(max_length=64, min_length=1)
    points = Integer(validate=validate.Range(0, 10**12))
    lifetime_points = Integer(validate=validate.Range(0, 10**12))
    status = fields.String(validate=one_of(*STATUSES))
    start_date = fields.String(validate=DATE)
    expiry_date = fields.String(validate=DATE)

    @validates_schema
    def names_one_customer(self, data: dict[str, Any], **_: object) -> None:
        if ("customer_id" in data) == ("customer" in data):
            raise ValidationError("Send customer_id or customer.", "customer_id")


class WalletImportIn(Body):
    members = fields.List(fields.Nested(WalletIn), required=True, validate=validate.Length(1, MOST_ROWS))


class ImportErrorOut(Schema):
    code = fields.String()
    message = fields.String()
    field = fields.String(allow_none=True)


class WalletResultOut(Schema):
    index = fields.Integer()
    status = fields.String(validate=one_of("created", "updated", "unchanged", "refused"))
    id = fields.String(allow_none=True)
    error = fields.Nested(ImportErrorOut, allow_none=True)


class WalletImportOut(Schema):
    results = fields.List(fields.Nested(WalletResultOut))


class PointsIn(Body):
    delta = Integer(required=True, validate=validate.Range(-MOST_DELTA, MOST_DELTA))
    reason = fields.String(required=True, validate=one_of(*BY_HAND))
    order_id = Identifier(allow_none=True)
    note = Text(max_length=500, allow_none=True)


class PointsTransactionOut(Schema):
    id = fields.String()
    member_id = fields.String(attribute="membership_id")
    program_id = fields.String()
    delta = fields.Integer()
    reason = fields.String(validate=one_of(*REASONS))
    order_id = fields.String(allow_none=True)
    redemption_id = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    balance_after = fields.Integer()
    created_at = Instant()


class BenefitIn(Body):
    type = fields.String(required=True, validate=one_of(*BENEFITS))
    value = Amount(metadata={"description": "Percent, or an amount of the currency"})
    currency = fields.String(validate=CURRENCY)
    item_id = Identifier()


class RewardIn(Body):
    program_id = Identifier(required=True)
    name = Text(max_length=255, min_length=1, required=True)
    description = Text(max_length=2000, allow_none=True)
    points_cost = Integer(required=True, validate=validate.Range(1, 10**12))
    benefit = fields.Nested(BenefitIn, required=True)


class RewardPatch(Body):
    name = Text(max_length=255, min_length=1)
    description = Text(max_length=2000, allow_none=True)
    points_cost = Integer(validate=validate.Range(1, 10**12))
    is_active = Flag()
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        require_change(data)


class RewardQuery(PageQuery):
    program_id = fields.String()
    member_id = fields.String(metadata={"description": "Rewards of this member's program, with is_unlocked"})


def _benefit_value(reward: Document) -> float | None:
    """Percent from basis points, or the decimals of the reward's currency."""
    value = reward["benefit_value"]
    if value is None:
        return None
    return float(value / 100) if reward["benefit"] == "percent" else to_decimal(value, reward["currency"])


class BenefitOut(Schema):
    type = fields.String(attribute="benefit", validate=one_of(*BENEFITS))
    value = fields.Function(_benefit_value, metadata={"type": ["number", "null"]})
    currency = fields.String(allow_none=True)
    item_id = fields.String(allow_none=True)


class RedeemedRewardOut(Schema):
    id = fields.String()
    name = fields.String()
    points_cost = fields.Integer()
    benefit = Part(BenefitOut)


class RewardOut(Schema):
    id = fields.String()
    program_id = fields.String()
    name = fields.String()
    description = fields.String(allow_none=True)
    points_cost = fields.Integer()
    benefit = Part(BenefitOut)
    is_active = fields.Boolean()
    is_unlocked = fields.Boolean(
        allow_none=True, metadata={"description": "Whether the balance of `member_id` reaches it; null without one"}
    )
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class RedeemIn(Body):
    order_id = Identifier(allow_none=True)


class RedemptionOut(Schema):
    id = fields.String()
    member_id = fields.String(attribute="membership_id")
    reward_id = fields.String()
    order_id = fields.String(allow_none=True)
    points_cost = fields.Integer()
    reward = fields.Nested(RedeemedRewardOut)
    state = fields.String(validate=one_of("redeemed", "reversed"))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class PointsEventOut(Schema):
    id = fields.String()
    member = fields.Nested(MemberOut)
    delta = fields.Integer()
    balance = fields.Integer()
    order_id = fields.String(allow_none=True)


class RewardEventOut(Schema):
    id = fields.String()
    member = fields.Nested(MemberOut)
    reward = fields.Nested(RewardOut)
    redemption_id = fields.String(allow_none=True)
    order_id = fields.String(allow_none=True)


class TierEventOut(Schema):
    id = fields.String()
    member = fields.Nested(MemberOut)
    from_ = fields.Nested(MemberTierOut, attribute="from", data_key="from", allow_none=True)
    to = fields.Nested(MemberTierOut, allow_none=True)
