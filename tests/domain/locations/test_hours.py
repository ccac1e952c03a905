"""Overlapping opening hours, held against minutes counted one by one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.locations.hours import special_overlap
from domain.locations.hours import weekly_overlap

# Quarters of a day are enough to meet, touch and overlap each other, across midnight and across the end of the week.
OPENS, CLOSES = ("00:00", "06:00", "12:00", "18:00"), ("00:00", "06:00", "12:00", "18:00", "24:00")
PERIOD = st.tuples(st.integers(0, 6), st.sampled_from(OPENS), st.sampled_from(CLOSES))
DATES = ("2026-12-30", "2026-12-31", "2027-01-01")


def weekly(*periods: tuple[int, str, str], service: str = "dine_in") -> list[dict[str, Any]]:
    return [{"weekday": day, "opens": opens, "closes": closes, "service": service} for day, opens, closes in periods]


def quarters(day: int, opens: str, closes: str) -> list[int]:
    """The quarters of a day a period covers, counted from the first day on."""
    start, end = int(opens[:2]) // 6, int(closes[:2]) // 6
    return [day * 4 + quarter for quarter in range(start, end if end > start else end + 4)]


@settings(max_examples=300, deadline=None)
@given(st.lists(PERIOD, max_size=5))
def test_weekly_periods_overlap_when_they_share_a_quarter(periods: list[tuple[int, str, str]]) -> None:
    covered = [quarter % 28 for period in periods for quarter in quarters(*period)]
    assert (weekly_overlap(weekly(*periods)) is None) == (len(covered) == len(set(covered)))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(OPENS), st.sampled_from(CLOSES)), max_size=4))
def test_special_periods_overlap_when_they_share_a_quarter(periods: list[tuple[int, str, str]]) -> None:
    rows = [{"date": DATES[day], "is_closed": False, "opens": opens, "closes": closes} for day, opens, closes in periods]
    covered = [quarter for period in periods for quarter in quarters(*period)]
    assert (special_overlap(rows) is None) == (len(covered) == len(set(covered)))


def test_services_may_overlap_each_other() -> None:
    rows = weekly((0, "10:00", "22:00")) + weekly((0, "10:00", "22:00"), service="pickup")
    assert weekly_overlap(rows) is None


@pytest.mark.parametrize(
    ("others", "index"),
    [([], None), ([("2026-12-24", False)], 0), ([("2026-12-24", True)], 0), ([("2026-12-25", False)], None)],
    ids=["alone", "open too", "closed twice", "another date"],
)
def test_closed_date_stands_alone(others: list[tuple[str, bool]], index: int | None) -> None:
    rows: list[dict[str, Any]] = [{"date": "2026-12-24", "is_closed": True, "opens": None, "closes": None}]
    rows += [
        {"date": day, "is_closed": closed, "opens": None if closed else "10:00", "closes": None if closed else "12:00"}
        for day, closed in others
    ]
    assert special_overlap(rows) in ((index, 1) if index == 0 else (index,))
