"""Putting summed rows into series: for each currency (and source or location) totals and zero-filled buckets.

A series is {currency, …, totals: {figure: sum}, buckets: [{start, days, figure: sum}]}; sums of buckets are the totals.
"""

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.analytics import queries
from domain.analytics.periods import Days
from domain.analytics.periods import Span
from domain.analytics.periods import bucket_of
from domain.analytics.periods import buckets_of
from kit.documents import Document
from kit.errors import NotFound
from kit.errors import ParameterMissing
from kit.scope import Scope

Figures = dict[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A location as reports need it."""

    id: str
    name: str
    currency: str
    time_zone: str
    day_cutover: str


class Frame:
    """What a report is about: its span, filters, locations and buckets. One statement."""

    def __init__(self, scope: Scope, span: Span, *, location_id: str | None, currency: str | None) -> None:
        self.span, self.currency, self.location_id = span, currency, location_id
        rows = queries.places.rows(scope, location_id is not None, location_id=location_id)
        self.places = [Place(*row) for row in rows]
        if location_id is not None and not self.places:
            raise NotFound(f"There is no location {location_id}.")
        self.hours = self._hours() if span.granularity == "hour" else None
        self.buckets = self.hours.buckets() if self.hours else buckets_of(span)

    def _hours(self) -> Days:
        if len(self.places) != 1:
            raise ParameterMissing("By hour, a report is about one location: name it.", parameter="location_id")
        return self._days_of(self.places[0])

    def _days_of(self, place: Place) -> Days:
        return Days(self.span, time_zone=place.time_zone, day_cutover=place.day_cutover)

    def days(self) -> dict[str, Days]:
        """Each location's business days."""
        return {place.id: self.hours or self._days_of(place) for place in self.places}

    @property
    def groups(self) -> tuple[str, ...]:
        """What rows are grouped by so that each falls into one bucket."""
        return ("business_date", "hour") if self.hours else ("business_date",)

    @property
    def filters(self) -> tuple[str, ...]:
        return tuple(name for name in ("location_id", "currency") if getattr(self, name) is not None)

    @property
    def parameters(self) -> dict[str, Any]:
        """Driver values of every statement of the report."""
        return {
            "from_date": self.span.from_date, "to_date": self.span.to_date, "location_id": self.location_id,
            "currency": self.currency, "start_us": self.hours.start_us if self.hours else 0,
        }  # fmt: skip

    @property
    def currencies(self) -> list[str]:
        """Currencies the report shows even when nothing was sold in them."""
        return [self.currency] if self.currency else sorted({place.currency for place in self.places})

    def bucket(self, keys: tuple[Any, ...]) -> str:
        """The bucket of a row's leading keys, which are `groups`."""
        return self.hours.bucket_of(*keys) if self.hours else bucket_of(keys[0], self.span.granularity)

    def describe(self) -> Document:
        """The head of the report."""
        span = self.span
        return {
            "from_date": span.from_date, "to_date": span.to_date, "granularity": span.granularity, "days": span.days,
            "location_id": self.location_id,
        }  # fmt: skip


class Series:
    """Collects figures by key and bucket. names: the figures, all additive."""

    def __init__(self, frame: Frame, names: Iterable[str]) -> None:
        self._frame = frame
        self._names = tuple(names)
        self._sums: dict[Any, dict[str, Figures]] = {}

    def open(self, key: Any) -> None:
        """Make a series appear even when nothing is added to it."""
        if key not in self._sums:
            self._sums[key] = {start: dict.fromkeys(self._names, 0) for start in self._frame.buckets}

    def add(self, key: Any, bucket: str, **values: int) -> None:
        self.open(key)
        sums = self._sums[key][bucket]
        for name, value in values.items():
            sums[name] += value

    def documents(self, describe: Callable[[Any], Document], finish: Callable[[Figures], Document]) -> list[Document]:
        """One document for each key, in the order of keys. finish: adds derived figures to sums."""
        return [
            describe(key) | {
                "totals": finish(self._total(buckets.values())),
                "buckets": [
                    {"start": start, "days": self._frame.buckets[start], **finish(sums)} for start, sums in buckets.items()
                ],
            }
            for key, buckets in sorted(self._sums.items())
        ]  # fmt: skip

    def _total(self, parts: Iterable[Figures]) -> Figures:
        totals = dict.fromkeys(self._names, 0)
        for part in parts:
            for name, value in part.items():
                totals[name] += value
        return totals


def ratio(part: int, whole: int) -> float | None:
    """part / whole to four digits, None when there is no whole."""
    return round(part / whole, 4) if whole else None


def average(total: int, count: int) -> int | None:
    """Half-up average of amounts in minor units, None for none."""
    return (2 * total + count) // (2 * count) if count else None
