"""Instants as integers, and how they are printed."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from datetime import timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.clock import from_us
from kit.clock import iso
from kit.clock import to_us

NOON_US = 1_768_219_200_000_000


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (NOON_US, "2026-01-12T12:00:00Z"),
        (NOON_US + 999, "2026-01-12T12:00:00Z"),
        (NOON_US + 1_000, "2026-01-12T12:00:00.001Z"),
        (NOON_US + 120_000, "2026-01-12T12:00:00.120Z"),
        (NOON_US + 999_999, "2026-01-12T12:00:00.999Z"),
        (0, "1970-01-01T00:00:00Z"),
        (-1_000, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_instant_prints_no_fraction_or_three_digits(us: int, text: str) -> None:
    assert iso(us) == text


def test_instant_is_read_in_its_own_zone() -> None:
    assert to_us(datetime(2026, 1, 12, 14, 0, tzinfo=timezone(timedelta(hours=2)))) == NOON_US


def test_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_us(datetime(2026, 1, 12, 12))  # noqa: DTZ001 - what is refused


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_instant_survives_the_round_trip(instant: datetime) -> None:
    assert from_us(to_us(instant)) == instant
