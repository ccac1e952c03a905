"""Analytics in the Core API: reports over the restaurant's own records, and figures other systems add."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema

from accounts.plans.catalog import lowest_tier_where
from api.core.analytics_schemas import ChannelReportOut
from api.core.analytics_schemas import ChannelSeriesOut
from api.core.analytics_schemas import HeadOut
from api.core.analytics_schemas import ItemReportOut
from api.core.analytics_schemas import ItemReportQuery
from api.core.analytics_schemas import ItemSeriesOut
from api.core.analytics_schemas import LocationReportOut
from api.core.analytics_schemas import LocationSeriesOut
from api.core.analytics_schemas import LoyaltyReportOut
from api.core.analytics_schemas import OrderReportOut
from api.core.analytics_schemas import OrderSeriesOut
from api.core.analytics_schemas import RecordIn
from api.core.analytics_schemas import RecordOut
from api.core.analytics_schemas import RecordQuery
from api.core.analytics_schemas import ReportQuery
from api.core.analytics_schemas import ReservationReportOut
from api.core.analytics_schemas import ReviewReportOut
from api.core.analytics_schemas import SalesReportOut
from api.core.analytics_schemas import SalesSeriesOut
from api.core.blueprint import blueprint
from api.gate import endpoint
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.analytics import moments
from domain.analytics import records
from domain.analytics import service as analytics
from domain.analytics.periods import span_of
from kit.documents import Document
from kit.errors import PlanRequired

READ, WRITE, AREA = "analytics:read", "integrations:write", "analytics"
print_head = compile_view(HeadOut)


def _printer(schema: type[Schema]) -> Callable[[Document], Reply]:
    """Prints a report whose series are each in their own currency."""
    view = compile_view(schema)

    def reply(report: Document) -> Reply:
        return Reply(payload={**print_head(report), "series": [view(one) for one in report["series"]]})

    return reply


print_sales, print_channels, print_locations = map(_printer, (SalesSeriesOut, ChannelSeriesOut, LocationSeriesOut))
print_orders, print_items = map(_printer, (OrderSeriesOut, ItemSeriesOut))


@endpoint(blueprint, "GET", "/analytics/sales", scope=READ, area=AREA, query=ReportQuery, printed=SalesReportOut)
def report_sales(call: Call) -> Reply:
    """Report sales, one series for each currency.

    Days are business dates: what is sold after midnight belongs to the evening before, until the location's day cutover.
    An order counts from `pending` on unless it was rejected, cancelled or failed. `gross` are the prices before discounts,
    `total` is what guests owe, `net` = `total` − `tip` − `tax`; `refunded` was given back on these orders and lowers no
    other figure. Every bucket of the span is there, empty ones too, and the buckets add up to the totals.
    """
    return print_sales(analytics.sales_report(call.scope, **_asked(call)))


@endpoint(blueprint, "GET", "/analytics/orders", scope=READ, area=AREA, query=ReportQuery, printed=OrderReportOut)
def report_orders(call: Call) -> Reply:
    """Report how many orders there were and what became of them, one series for each currency.

    `fulfillment` counts the sold ones by type, the most frequent first.
    """
    return print_orders(analytics.order_report(call.scope, **_asked(call)))


@endpoint(blueprint, "GET", "/analytics/items", scope=READ, area=AREA, query=ItemReportQuery, printed=ItemReportOut)
def report_items(call: Call) -> Reply:
    """Report what was sold, the best selling items first, one series for each currency.

    Margins are known for items with a `cost`: what they brought in without tax, less today's cost. `ticket_margin` is the
    margin per order.
    """
    return print_items(analytics.item_report(call.scope, **_asked(call), limit=call.query["limit"]))


@endpoint(blueprint, "GET", "/analytics/channels", scope=READ, area=AREA, query=ReportQuery, printed=ChannelReportOut)
def report_channels(call: Call) -> Reply:
    """Report sales by where orders came from, one series for each currency and source."""
    return print_channels(analytics.channel_report(call.scope, **_asked(call)))


@endpoint(
    blueprint, "GET", "/analytics/locations", scope=READ, area=AREA, query=ReportQuery, printed=LocationReportOut,
    errors=(PlanRequired,),
)  # fmt: skip
def report_locations(call: Call) -> Reply:
    """Report the sales of every location side by side, those without sales too. Needs the Enterprise plan."""
    tier = call.principal.tier
    if not tier.has_group_views:
        required = lowest_tier_where(lambda other: other.has_group_views)
        raise PlanRequired(f"The {tier.label} plan has no group views.", required_plan=required, docs="/docs/plans")
    return print_locations(analytics.location_report(call.scope, **_asked(call)))


@endpoint(
    blueprint, "GET", "/analytics/reservations", scope=READ, area=AREA, query=ReportQuery, returns=ReservationReportOut
)  # fmt: skip
def report_reservations(call: Call) -> Document:
    """Report reservations by the business date they are for."""
    return moments.reservation_report(call.scope, **_asked(call))


@endpoint(blueprint, "GET", "/analytics/reviews", scope=READ, area=AREA, query=ReportQuery, returns=ReviewReportOut)
def report_reviews(call: Call) -> Document:
    """Report reviews by the business date they were written on."""
    return moments.review_report(call.scope, **_asked(call))


@endpoint(blueprint, "GET", "/analytics/loyalty", scope=READ, area=AREA, query=ReportQuery, returns=LoyaltyReportOut)
def report_loyalty(call: Call) -> Document:
    """Report new members and points.

    Members belong to no location, so days are UTC days. With `location_id` or `currency` only points that orders there
    moved are counted, and `joined` is null.
    """
    return moments.loyalty_report(call.scope, **_asked(call))


@endpoint(blueprint, "GET", "/analytics/records", scope=READ, area=AREA, query=RecordQuery, returns=RecordOut, is_list=True)
def list_records(call: Call) -> Reply:
    """List figures other systems added, latest first."""
    query = call.query
    rows = records.list_records(
        call.scope, limit=query["limit"], after=call.after(), metric=query.get("metric"),
        location_id=query.get("location_id"), from_us=query.get("at_from"), to_us=query.get("at_to"),
    )  # fmt: skip
    return call.page([_number(row) for row in rows], lambda row: [row["at"], row["id"]])


@endpoint(
    blueprint, "POST", "/analytics/records", scope=WRITE, area=AREA, body=RecordIn, returns=RecordOut, status=201
)  # fmt: skip
def add_record(call: Call) -> Reply:
    """Add a figure of your own: foot traffic, labour cost, the weather.

    It is read back under the same path and never changed; a wrong one is corrected by another. Needs
    `integrations:write`, because it is another system that reports it.
    """
    body = call.body
    record = records.add_record(
        call.scope, metric=body["metric"], value=body["value"], at_us=body.get("at"), currency=body.get("currency"),
        location_id=body.get("location_id"), dimensions=body["dimensions"],
    )  # fmt: skip
    return Reply(document=_number(record), headers={"Location": f"/v1/analytics/records/{record['id']}"})


@endpoint(blueprint, "GET", "/analytics/records/<record_id>", scope=READ, area=AREA, returns=RecordOut)
def read_record(call: Call, record_id: str) -> Document:
    """Read one figure another system added."""
    return _number(records.get_record(call.scope, record_id=record_id))


def _asked(call: Call) -> dict[str, Any]:
    """Span and filters of a report."""
    query = call.query
    span = span_of(query["from_date"], query["to_date"], query["granularity"])
    return {"span": span} | {name: query[name] for name in ("location_id", "currency") if name in query}


def _number(record: Document) -> Document:
    return record | {"value": float(record["value"])}
