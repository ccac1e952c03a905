"""Reports about things that happen at a moment: reservations, reviews, loyalty. Same head and buckets as reports of sales.

Members belong to no location, so loyalty counts days of UTC.
"""

from collections.abc import Callable
from typing import Any

from domain.analytics import moment_queries as queries
from domain.analytics.moment_queries import POINT_REASONS
from domain.analytics.moment_queries import QUARTER_US
from domain.analytics.moment_queries import REVIEW_FIGURES
from domain.analytics.periods import HOUR_US
from domain.analytics.periods import Days
from domain.analytics.periods import Span
from domain.analytics.periods import bucket_of
from domain.analytics.reports import Figures
from domain.analytics.reports import Frame
from domain.analytics.reports import Series
from domain.analytics.reports import ratio
from kit.documents import Document
from kit.errors import BadRequest
from kit.scope import Scope

RESERVATION_STATUSES = ("requested", "confirmed", "arrived", "seated", "completed", "cancelled", "rejected", "no_show")
CAME = ("arrived", "seated", "completed")


def reservation_report(
    scope: Scope, *, span: Span, location_id: str | None = None, currency: str | None = None
) -> Document:
    """Reservations by the business date they are for: head, totals and buckets.

    currency: of the locations counted. covers: people of all but cancelled and rejected ones. no_show_share: of those
    that came or should have.
    Raises NotFound for an unknown location, ParameterMissing (400) for hours of several.
    """
    frame = Frame(scope, span, location_id=location_id, currency=currency)
    series = Series(frame, ("reservations", "covers", "party_total", *RESERVATION_STATUSES))
    place = _Placing(frame)
    rows = queries.reservation_moments.rows(scope, location_id is not None, **place.parameters)
    for location, quarter, status, count, people in rows:
        bucket = place.bucket(location, quarter)
        covers = 0 if status in ("cancelled", "rejected") else people
        if bucket is not None:
            values = {"reservations": count, "covers": covers, "party_total": people, status: count}
            series.add("", bucket, **values)
    return _report(frame, series, _finish_reservations)


def review_report(
    scope: Scope, *, span: Span, location_id: str | None = None, currency: str | None = None
) -> Document:
    """Reviews by the business date they were written on: head, totals and buckets. Raises like reservation_report."""
    frame = Frame(scope, span, location_id=location_id, currency=currency)
    series = Series(frame, REVIEW_FIGURES)
    place = _Placing(frame)
    for location, quarter, *sums in queries.review_moments.rows(scope, location_id is not None, **place.parameters):
        bucket = place.bucket(location, quarter)
        if bucket is not None:
            series.add("", bucket, **dict(zip(REVIEW_FIGURES, sums, strict=True)))
    return _report(frame, series, _finish_reviews)


def loyalty_report(
    scope: Scope, *, span: Span, location_id: str | None = None, currency: str | None = None
) -> Document:
    """Points and new members by UTC days: head, totals and buckets.

    With a location or currency only what orders there moved counts, and `joined` is None: nobody joins a location.
    Raises BadRequest (400) for hours, NotFound for an unknown location.
    """
    if span.granularity == "hour":
        raise BadRequest("Loyalty is counted by day, week or month.", parameter="granularity")
    frame = Frame(scope, span, location_id=location_id, currency=currency)
    series = Series(frame, ("joined", "transactions", *(_name(reason) for reason in POINT_REASONS)))
    days = Days(span, time_zone="UTC", day_cutover="00:00")
    bounds = {"from_us": days.start_us, "to_us": days.end_us}
    for quarter, count in () if frame.filters else queries.joined_moments.rows(scope, **bounds):
        series.add("", _utc_bucket(days, quarter, span), joined=count)
    for quarter, reason, count, delta in queries.point_moments.rows(scope, frame.filters, **frame.parameters, **bounds):
        series.add("", _utc_bucket(days, quarter, span), transactions=count, **{_name(reason): delta})
    return _report(frame, series, _without_joined if frame.filters else _as_they_are)


class _Placing:
    """Finds the bucket of a location's moment."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        counted = {place.id for place in frame.places if frame.currency in (None, place.currency)}
        self._days = {location_id: days for location_id, days in frame.days().items() if location_id in counted}

    @property
    def parameters(self) -> dict[str, Any]:
        """Driver values: a stretch that covers the span wherever the locations are."""
        starts = [days.start_us for days in self._days.values()]
        ends = [days.end_us for days in self._days.values()]
        return {"from_us": min(starts, default=0), "to_us": max(ends, default=0), "location_id": self._frame.location_id}

    def bucket(self, location_id: str, quarter: int) -> str | None:
        """The bucket, None when the moment lies outside the location's span or the location does not count."""
        days, instant = self._days.get(location_id), quarter * QUARTER_US
        day = None if days is None else days.date_of(instant)
        if days is None or day is None:
            return None
        return self._frame.bucket((day, (instant - days.start_us) // HOUR_US) if self._frame.hours else (day,))


def _utc_bucket(days: Days, quarter: int, span: Span) -> str:
    return bucket_of(days.date_of(quarter * QUARTER_US) or span.from_date, span.granularity)


def _report(frame: Frame, series: Series, finish: Callable[[Figures], Document]) -> Document:
    series.open("")
    return frame.describe() | series.documents(lambda _: {}, finish)[0]


def _name(reason: str) -> str:
    return f"points_{reason}"


def _as_they_are(sums: Figures) -> Document:
    return dict(sums)


def _without_joined(sums: Figures) -> Document:
    return {**sums, "joined": None}


def _finish_reservations(sums: Figures) -> Document:
    shown = {name: value for name, value in sums.items() if name != "party_total"}
    came = sum(sums[status] for status in CAME)
    return shown | {
        "average_party": _rounded(sums["party_total"], sums["reservations"]),
        "no_show_share": ratio(sums["no_show"], came + sums["no_show"]),
    }


def _finish_reviews(sums: Figures) -> Document:
    shown = {name: value for name, value in sums.items() if name != "stars"}
    return shown | {
        "average_overall": _rounded(sums["stars"], sums["reviews"]),
        "answered_share": ratio(sums["answered"], sums["reviews"]),
    }


def _rounded(part: int, whole: int) -> float | None:
    return round(part / whole, 2) if whole else None
