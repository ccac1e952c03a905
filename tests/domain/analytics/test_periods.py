"""Spans and their buckets."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.analytics.periods import HOUR_US
from domain.analytics.periods import Days
from domain.analytics.periods import bucket_of
from domain.analytics.periods import buckets_of
from domain.analytics.periods import span_of
from kit.clock import to_us
from kit.errors import BadRequest


@pytest.mark.parametrize(
    ("granularity", "buckets"),
    [
        ("day", {"2026-01-30": 1, "2026-01-31": 1, "2026-02-01": 1, "2026-02-02": 1}),
        ("week", {"2026-01-26": 3, "2026-02-02": 1}),
        ("month", {"2026-01-01": 2, "2026-02-01": 2}),
    ],
)
def test_span_is_divided_into_buckets_that_say_how_much_they_cover(granularity: str, buckets: dict[str, int]) -> None:
    assert buckets_of(span_of("2026-01-30", "2026-02-02", granularity)) == buckets


@pytest.mark.parametrize(
    ("last", "granularity"), [("2026-01-11", "day"), ("2027-02-16", "day"), ("2026-02-12", "hour")], ids=["back", "long", "hours"]
)
def test_span_is_refused_when_it_ends_early_or_is_too_long(last: str, granularity: str) -> None:
    with pytest.raises(BadRequest):
        span_of("2026-01-12", last, granularity)


@settings(max_examples=300, deadline=None)
@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 399), st.sampled_from(["day", "week", "month"]))
def test_every_date_of_a_span_falls_into_one_of_its_buckets(first: date, more: int, granularity: str) -> None:
    span = span_of(first.isoformat(), (first + timedelta(days=more)).isoformat(), granularity)
    buckets = buckets_of(span)
    assert sum(buckets.values()) == more + 1
    assert {bucket_of(day.isoformat(), granularity) for day in span.dates()} == set(buckets)
    assert list(buckets) == sorted(buckets)


def test_hours_of_the_day_clocks_go_back_are_25() -> None:
    days = Days(span_of("2026-10-24", "2026-10-24", "hour"), time_zone="Europe/Warsaw", day_cutover="05:00")
    labels = list(days.buckets())
    assert len(labels) == 25
    assert labels[0] == "2026-10-24T05:00+02:00"
    assert labels[21:23] == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]
    assert labels[-1] == "2026-10-25T04:00+01:00"


@settings(max_examples=300, deadline=None)
@given(st.integers(-HOUR_US * 30, HOUR_US * 100), st.sampled_from(["Europe/Warsaw", "America/New_York", "Asia/Kolkata"]))
def test_an_hour_of_the_span_belongs_to_the_business_date_it_lies_in(offset: int, zone: str) -> None:
    days = Days(span_of("2026-03-28", "2026-03-29", "hour"), time_zone=zone, day_cutover="05:00")
    instant = days.start_us + offset
    day = days.date_of(instant)
    assert (day is None) == (not days.start_us <= instant < days.end_us)
    if day is not None:
        assert days.bucket_of(day, offset // HOUR_US) in days.buckets()


def test_instant_after_midnight_belongs_to_the_evening_before() -> None:
    days = Days(span_of("2026-01-12", "2026-01-12"), time_zone="Europe/Warsaw", day_cutover="05:00")
    assert days.date_of(to_us(datetime(2026, 1, 13, 3, 59, tzinfo=UTC))) == "2026-01-12"
    assert days.date_of(to_us(datetime(2026, 1, 13, 4, 0, tzinfo=UTC))) is None
