"""Representations of reports and analytics records in the Core API. A report's amounts are in the currency of its series."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate

from api.core.export_schemas import Day
from api.core.schemas import PageQuery
from api.core.schemas import one_of
from api.fields import Body
from api.fields import Identifier
from api.fields import Instant
from api.fields import Money
from api.fields import Text
from api.fields import matching
from domain.analytics.periods import GRANULARITIES

CURRENCY = matching(r"[A-Z]{3}", error="Expected an ISO 4217 code such as EUR.")


class Figure(fields.Float):
    """A decimal number of either sign, kept exact."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValidationError("Expected a number.")
        exact = Decimal(value)
        if not exact.is_finite() or (exact and not -9 <= exact.adjusted() <= 15) or len(exact.as_tuple().digits) > 30:
            raise ValidationError("The number has too many digits.")
        return exact


class SpanQuery(Body):
    from_date = Day(data_key="from", required=True, metadata={"description": "First business date"})
    to_date = Day(data_key="to", required=True, metadata={"description": "Last business date, included; at most 400 days"})
    granularity = fields.String(
        load_default="day", validate=one_of(*GRANULARITIES),
        metadata={"description": "Hours: at most 31 days of one location"},
    )  # fmt: skip


class ReportQuery(SpanQuery):
    location_id = fields.String()
    currency = fields.String(validate=CURRENCY)


class ItemReportQuery(ReportQuery):
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 100), metadata={"description": "Items ranked"})


class HeadOut(Schema):
    from_date = Day(data_key="from")
    to_date = Day(data_key="to")
    granularity = fields.String(validate=one_of(*GRANULARITIES))
    days = fields.Integer()
    location_id = fields.String(allow_none=True)


class BucketOut(Schema):
    start = fields.String(metadata={"description": "First date of the bucket, or its hour with the location's UTC offset"})
    days = fields.Integer(metadata={"description": "How many of its days the report covers"})


class SalesFiguresOut(Schema):
    orders = fields.Integer()
    gross = Money(attribute="gross_minor")
    discount = Money(attribute="discount_minor")
    charges = Money(attribute="charges_minor")
    tax = Money(attribute="tax_minor")
    tip = Money(attribute="tip_minor")
    net = Money(attribute="net_minor")
    total = Money(attribute="total_minor")
    refunded = Money(attribute="refunded_minor")
    average = Money(attribute="average_minor", allow_none=True)


class SalesBucketOut(BucketOut, SalesFiguresOut):
    pass


class SalesSeriesOut(Schema):
    currency = fields.String()
    totals = fields.Nested(SalesFiguresOut)
    buckets = fields.List(fields.Nested(SalesBucketOut))


class SalesReportOut(HeadOut):
    series = fields.List(fields.Nested(SalesSeriesOut))


class ChannelSeriesOut(SalesSeriesOut):
    source = fields.String()
    share = fields.Float(allow_none=True, metadata={"description": "Of the currency's total"})


class ChannelReportOut(HeadOut):
    series = fields.List(fields.Nested(ChannelSeriesOut))


class LocationSeriesOut(SalesSeriesOut):
    location_id = fields.String()
    name = fields.String()
    share = fields.Float(allow_none=True, metadata={"description": "Of the currency's total"})


class LocationReportOut(HeadOut):
    series = fields.List(fields.Nested(LocationSeriesOut))


class OrderFiguresOut(Schema):
    orders = fields.Integer(metadata={"description": "All but drafts"})
    sold = fields.Integer(metadata={"description": "Pending, accepted or further, and not called off"})
    scheduled = fields.Integer()
    open = fields.Integer(metadata={"description": "Sold and not completed yet"})
    completed = fields.Integer()
    rejected = fields.Integer()
    cancelled = fields.Integer()
    failed = fields.Integer()
    lost_share = fields.Float(allow_none=True, metadata={"description": "Rejected, cancelled and failed, of all"})
    total = Money(attribute="sold_minor")
    average = Money(attribute="average_minor", allow_none=True)


class OrderBucketOut(BucketOut, OrderFiguresOut):
    pass


class FulfillmentCountOut(Schema):
    type = fields.String(allow_none=True)
    orders = fields.Integer()
    total = Money(attribute="total_minor")


class OrderSeriesOut(Schema):
    currency = fields.String()
    totals = fields.Nested(OrderFiguresOut)
    buckets = fields.List(fields.Nested(OrderBucketOut))
    fulfillment = fields.List(fields.Nested(FulfillmentCountOut))


class OrderReportOut(HeadOut):
    series = fields.List(fields.Nested(OrderSeriesOut))


class LineFiguresOut(Schema):
    orders = fields.Integer()
    quantity = fields.Integer()
    gross = Money(attribute="gross_minor")
    net = Money(attribute="net_minor", metadata={"description": "After discounts"})
    revenue = Money(attribute="revenue_minor", metadata={"description": "Net without tax"})
    cost = Money(attribute="cost_minor", allow_none=True, metadata={"description": "At today's cost, of items that have one"})
    margin = Money(attribute="margin_minor", allow_none=True, metadata={"description": "Revenue of these items less cost"})
    margin_share = fields.Float(allow_none=True)
    ticket_margin = Money(attribute="ticket_margin_minor", allow_none=True, metadata={"description": "Margin per order"})


class LineBucketOut(BucketOut, LineFiguresOut):
    pass


class SoldItemOut(LineFiguresOut):
    menu_item_id = fields.String(attribute="item_id", allow_none=True)
    name = fields.String()


class ItemSeriesOut(Schema):
    currency = fields.String()
    totals = fields.Nested(LineFiguresOut)
    buckets = fields.List(fields.Nested(LineBucketOut))
    items = fields.List(fields.Nested(SoldItemOut))


class ItemReportOut(HeadOut):
    series = fields.List(fields.Nested(ItemSeriesOut))


class ReservationFiguresOut(Schema):
    reservations = fields.Integer()
    covers = fields.Integer(metadata={"description": "People, without cancelled and rejected reservations"})
    requested = fields.Integer()
    confirmed = fields.Integer()
    arrived = fields.Integer()
    seated = fields.Integer()
    completed = fields.Integer()
    cancelled = fields.Integer()
    rejected = fields.Integer()
    no_show = fields.Integer()
    no_show_share = fields.Float(allow_none=True, metadata={"description": "Of those that came or should have"})
    average_party = fields.Float(allow_none=True)


class ReservationBucketOut(BucketOut, ReservationFiguresOut):
    pass


class ReservationReportOut(HeadOut):
    totals = fields.Nested(ReservationFiguresOut)
    buckets = fields.List(fields.Nested(ReservationBucketOut))


class ReviewFiguresOut(Schema):
    reviews = fields.Integer()
    positive = fields.Integer()
    neutral = fields.Integer()
    negative = fields.Integer()
    answered = fields.Integer()
    answered_share = fields.Float(allow_none=True)
    average_overall = fields.Float(allow_none=True)


class ReviewBucketOut(BucketOut, ReviewFiguresOut):
    pass


class ReviewReportOut(HeadOut):
    totals = fields.Nested(ReviewFiguresOut)
    buckets = fields.List(fields.Nested(ReviewBucketOut))


class LoyaltyFiguresOut(Schema):
    joined = fields.Integer(allow_none=True, metadata={"description": "New members; null for a part of the orders"})
    transactions = fields.Integer()
    earned = fields.Integer(attribute="points_earn")
    redeemed = fields.Integer(attribute="points_redeem", metadata={"description": "Negative, as in the ledger"})
    adjusted = fields.Integer(attribute="points_adjust")
    expired = fields.Integer(attribute="points_expire")
    taken_back = fields.Integer(attribute="points_refund_reversal", metadata={"description": "After refunds"})
    merged = fields.Integer(attribute="points_merge")


class LoyaltyBucketOut(BucketOut, LoyaltyFiguresOut):
    pass


class LoyaltyReportOut(HeadOut):
    totals = fields.Nested(LoyaltyFiguresOut)
    buckets = fields.List(fields.Nested(LoyaltyBucketOut))


class RecordIn(Body):
    metric = Text(max_length=80, min_length=1, required=True)
    value = Figure(required=True)
    currency = fields.String(validate=CURRENCY, allow_none=True, metadata={"description": "Of an amount of money"})
    location_id = Identifier(allow_none=True)
    dimensions = fields.Dict(
        keys=Text(max_length=40, min_length=1), values=Text(max_length=255), load_default=dict,
        validate=validate.Length(max=20),
    )  # fmt: skip
    at = Instant(allow_none=True, metadata={"description": "When it was; now when absent"})


class RecordQuery(PageQuery):
    metric = fields.String()
    location_id = fields.String()
    at_from = Instant(data_key="from")
    at_to = Instant(data_key="to")


class RecordOut(Schema):
    id = fields.String()
    metric = fields.String()
    value = fields.Float()
    currency = fields.String(allow_none=True)
    location_id = fields.String(allow_none=True)
    dimensions = fields.Dict(keys=fields.String(), values=fields.String())
    at = Instant()
    source = fields.String(metadata={"description": "The application that sent it"})
    created_at = Instant()
