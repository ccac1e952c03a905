"""Reports over the restaurant's own records, each from one or two set-based statements.

Days are business dates: what is taken after midnight belongs to the evening before (the location's day_cutover). Amounts
are integer minor units and never summed across currencies. An order counts as sold from `pending` on, until it is
rejected, cancelled or failed.

gross: prices of the lines before discounts. net = total - tip - tax: what the restaurant keeps. total: what guests owe.
refunded: given back on these orders, whenever that was; no other figure is lowered by it.
"""

from typing import Any

from domain.analytics import queries
from domain.analytics.periods import Span
from domain.analytics.reports import Figures
from domain.analytics.reports import Frame
from domain.analytics.reports import Series
from domain.analytics.reports import average
from domain.analytics.reports import ratio
from kit.documents import Document
from kit.scope import Scope

RANKED = 50
STATUSES = ("scheduled", "open", "completed", "rejected", "cancelled", "failed")


def sales_report(
    scope: Scope, *, span: Span, location_id: str | None = None, currency: str | None = None
) -> Document:  # fmt: skip
    """Sales by currency: {from_date, to_date, granularity, days, location_id, series: [{currency, totals, buckets}]}.

    Raises NotFound for an unknown location, ParameterMissing (400) for hours of several locations.
    """
    frame = Frame(scope, span, location_id=location_id, currency=currency)
    return _sales_by(scope, frame, None)


def channel_report(
    scope: Scope, *, span: Span, location_id: str | None = None, currency: str | None = None
) -> Document:  # fmt: skip
    """Sales by currency and source of the order. Each series also has `source` and `share` of the currency's total."""
    frame = Frame(scope, span, location_id=location_id, currency=currency)
    return _with_shares(_sales_by(scope, frame, "source"))


def location_report(
    scope: Scope, *, span: Span, location_id: str | None = None, currency: str | None = None
) -> Document:  # fmt: skip
    """Sales of every location side by side, those without sales too. Each series also has location_id, name and share."""
    frame = Frame(scope, span, location_id=location_id, currency=currency)
    report = _sales_by(scope, frame, "location_id")
    names = {place.id: place.name for place in frame.places}
    for series in report["series"]:
        series["name"] = names.get(series["location_id"], "")
    return _with_shares(report)


def order_report(
    scope: Scope, *, span: Span, location_id: str | None = None, currency: str | None = None
) -> Document:  # fmt: skip
    """How many orders there were and what became of them, by currency; `fulfillment` counts the sold ones by type."""
    frame = Frame(scope, span, location_id=location_id, currency=currency)
    series = Series(frame, ("orders", *STATUSES, "sold", "sold_minor"))
    for code in frame.currencies:
        series.open(code)
    rows = queries.orders_by_status.rows(scope, (*frame.groups, "currency"), frame.filters, **frame.parameters)
    for *keys, code, status, count, amount in rows:
        is_sold = status in queries.SOLD
        word = status if status in STATUSES else "open"
        sold = {"sold": count, "sold_minor": amount} if is_sold else {}
        series.add(code, frame.bucket(tuple(keys)), orders=count, **{word: count}, **sold)
    report = frame.describe() | {"series": series.documents(_by_currency, _finish_orders)}
    types = queries.orders_by_fulfillment.rows(scope, frame.filters, **frame.parameters)
    for one in report["series"]:
        one["fulfillment"] = [
            {"type": kind, "orders": count, "total_minor": amount}
            for code, kind, count, amount in sorted(types, key=lambda row: (-row[2], row[1] or ""))
            if code == one["currency"]
        ]
    return report


def item_report(
    scope: Scope, *, span: Span, location_id: str | None = None, currency: str | None = None, limit: int = RANKED
) -> Document:
    """What was sold, by currency: totals, buckets, and `items`, the best selling first, up to `limit` over all currencies.

    net: after discounts. revenue: net without tax. cost: at today's cost of each item; margin = revenue - cost of the
    lines whose item has a cost, None when none has. ticket_margin: margin per order.
    """
    frame = Frame(scope, span, location_id=location_id, currency=currency)
    series = Series(frame, ("orders", *queries.LINE_FIGURES))
    for code in frame.currencies:
        series.open(code)
    depth = len(frame.groups)
    rows = queries.sold_lines.rows(scope, (*frame.groups, "currency"), frame.filters, **frame.parameters)
    for row in rows:
        code, count, *sums = row[depth:]
        figures = dict(zip(queries.LINE_FIGURES, sums, strict=True))
        series.add(code, frame.bucket(tuple(row[:depth])), orders=count, **figures)
    report = frame.describe() | {"series": series.documents(_by_currency, _finish_lines)}
    ranked = queries.ranking.rows(scope, frame.filters, **frame.parameters, row_limit=limit)
    for one in report["series"]:
        one["items"] = [_ranked(row) for row in ranked if row[0] == one["currency"]]
    return report


def _sales_by(scope: Scope, frame: Frame, dimension: str | None) -> Document:
    series = Series(frame, queries.FIGURES)
    if dimension is None:
        for code in frame.currencies:
            series.open((code,))
    elif dimension == "location_id":
        for place in frame.places:
            if place.currency in frame.currencies:
                series.open((place.currency, place.id))
    more = () if dimension is None else (dimension,)
    groups = (*frame.groups, "currency", *more)
    for row in queries.sales.rows(scope, groups, frame.filters, **frame.parameters):
        keys, sums = row[: len(groups)], row[len(groups) :]
        depth = len(frame.groups)
        figures = dict(zip(queries.FIGURES, sums, strict=True))
        series.add(tuple(keys[depth:]), frame.bucket(tuple(keys[:depth])), **figures)
    names = ("currency", *more)
    return frame.describe() | {
        "series": series.documents(lambda key: dict(zip(names, key, strict=True)), _finish_sales)
    }  # fmt: skip


def _with_shares(report: Document) -> Document:
    totals: dict[str, int] = {}
    for one in report["series"]:
        totals[one["currency"]] = totals.get(one["currency"], 0) + one["totals"]["total_minor"]
    for one in report["series"]:
        one["share"] = ratio(one["totals"]["total_minor"], totals[one["currency"]])
    return report


def _by_currency(code: str) -> dict[str, Any]:
    return {"currency": code}


def _finish_sales(sums: Figures) -> Document:
    return sums | {
        "net_minor": sums["total_minor"] - sums["tip_minor"] - sums["tax_minor"],
        "average_minor": average(sums["total_minor"], sums["orders"]),
    }


def _finish_orders(sums: Figures) -> Document:
    return sums | {
        "average_minor": average(sums["sold_minor"], sums["sold"]),
        "lost_share": ratio(sums["rejected"] + sums["cancelled"] + sums["failed"], sums["orders"]),
    }


def _finish_lines(sums: Figures) -> Document:
    is_costed = sums["costed_lines"] > 0
    margin = sums["costed_minor"] - sums["cost_minor"] if is_costed else None
    return {name: value for name, value in sums.items() if name not in ("costed_minor", "costed_lines")} | {
        "cost_minor": sums["cost_minor"] if is_costed else None,
        "margin_minor": margin,
        "margin_share": ratio(margin, sums["costed_minor"]) if margin is not None else None,
        "ticket_margin_minor": average(margin, sums["orders"]) if margin is not None else None,
    }


def _ranked(row: tuple[Any, ...]) -> Document:
    _, item_id, _, name, count, *sums = row
    figures = dict(zip(queries.LINE_FIGURES, sums, strict=True))
    return {"item_id": item_id, "name": name, **_finish_lines({"orders": count, **figures})}
