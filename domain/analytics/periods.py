"""The span a report covers and the buckets it is divided into. Pure functions over business dates (YYYY-MM-DD).

Every bucket of the span exists, also one in which nothing happened, so two reports of equal spans compare bucket by
bucket. A week starts on Monday. A week or month the span covers in part says how many of its days are covered.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from zoneinfo import ZoneInfo

from kit.clock import to_us
from kit.errors import BadRequest

GRANULARITIES = ("hour", "day", "week", "month")
LONGEST_DAYS = 400
LONGEST_DAYS_BY_HOUR = 31
HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """Business dates from first to last, both included, and how they are divided."""

    first: date
    last: date
    granularity: str

    @property
    def from_date(self) -> str:
        return self.first.isoformat()

    @property
    def to_date(self) -> str:
        return self.last.isoformat()

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def dates(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]


def span_of(from_date: str, to_date: str, granularity: str = "day") -> Span:
    """Check and build a span. Raises BadRequest (400) for an end before the start or a span too long to divide so."""
    span = Span(date.fromisoformat(from_date), date.fromisoformat(to_date), granularity)
    longest = LONGEST_DAYS_BY_HOUR if granularity == "hour" else LONGEST_DAYS
    if span.last < span.first:
        raise BadRequest("`to` lies before `from`.", parameter="to")
    if span.days > longest:
        raise BadRequest(f"By {granularity}, a report covers at most {longest} days.", parameter="to")
    return span


def bucket_of(business_date: str, granularity: str) -> str:
    """The first date of the day, week or month a business date belongs to."""
    if granularity == "month":
        return business_date[:8] + "01"
    if granularity == "week":
        day = date.fromisoformat(business_date)
        return (day - timedelta(days=day.weekday())).isoformat()
    return business_date


def buckets_of(span: Span) -> dict[str, int]:
    """Start of every day, week or month of a span, in order, and how many days of it the span covers."""
    covered: dict[str, int] = {}
    for day in span.dates():
        start = bucket_of(day.isoformat(), span.granularity)
        covered[start] = covered.get(start, 0) + 1
    return covered


class Days:
    """The business days of a span at one location as stretches of the time line."""

    def __init__(self, span: Span, *, time_zone: str, day_cutover: str) -> None:
        self._zone = ZoneInfo(time_zone)
        hour, _, minute = day_cutover.partition(":")
        cutover = time(int(hour) % 24, int(minute))
        self._dates = [*span.dates(), span.last + timedelta(days=1)]
        self._starts = [to_us(datetime.combine(day, cutover, self._zone).astimezone(UTC)) for day in self._dates]
        self.start_us, self.end_us = self._starts[0], self._starts[-1]

    def date_of(self, instant_us: int) -> str | None:
        """The business date an instant belongs to, None outside the span."""
        if not self.start_us <= instant_us < self.end_us:
            return None
        return self._dates[bisect_right(self._starts, instant_us) - 1].isoformat()

    def bucket_of(self, business_date: str, hour: int) -> str:
        """Label of the hour (counted from the span's start) of something that belongs to a business date.

        What was ordered before its business day began counts in the day's first hour, what came after in its last.
        """
        index = (date.fromisoformat(business_date) - self._dates[0]).days
        first = (self._starts[index] - self.start_us) // HOUR_US
        last = (self._starts[index + 1] - self.start_us - 1) // HOUR_US
        return self._label(min(max(hour, first), last))

    def buckets(self) -> dict[str, int]:
        """The label of every hour of the span, in order: a clock change adds or drops one. Each is part of one day."""
        return {self._label(hour): 1 for hour in range(-(-(self.end_us - self.start_us) // HOUR_US))}

    def _label(self, hour: int) -> str:
        instant = datetime.fromtimestamp((self.start_us + hour * HOUR_US) / 1_000_000, UTC)
        return instant.astimezone(self._zone).isoformat(timespec="minutes")
