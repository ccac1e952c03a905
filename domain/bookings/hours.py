"""When a location takes guests at its tables, and how long they stay. Pure functions over the location document.

Instants are integer microseconds. Local times are read in the location's IANA zone: one that the clocks skip is refused,
one that happens twice means the first time.
"""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.bookings.errors import NonexistentLocalTime
from kit.clock import from_us
from kit.clock import to_us
from kit.documents import Document

MINUTE_US = 60_000_000
SLOT_US = 5 * MINUTE_US
QUARTER_US = 15 * MINUTE_US
DAY = timedelta(days=1)
USUAL_TURN_MIN = 120  # where the location says nothing


def instant_of(location: Document, start: datetime | int) -> int:
    """Microseconds of a start: an aware datetime, microseconds, or a naive datetime meaning the location's local time.

    Raises NonexistentLocalTime (422).
    """
    if isinstance(start, int):
        return start
    if start.tzinfo is not None:
        return to_us(start)
    zone = ZoneInfo(location["time_zone"])
    instant = start.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None, fold=0) != start:
        shown = start.isoformat(timespec="minutes")
        raise NonexistentLocalTime(
            f"{shown} does not exist in {location['time_zone']}: the clocks go forward over it.",
            time_zone=location["time_zone"],
        )
    return to_us(instant)


def local_date(location: Document, instant_us: int) -> str:
    """The local date (YYYY-MM-DD) of an instant."""
    return from_us(instant_us).astimezone(ZoneInfo(location["time_zone"])).date().isoformat()


def sittings(location: Document, day: date) -> list[tuple[int, int]]:
    """[(opens, closes)] of the dining hours that begin on a local day, in order; closes may lie on the next day.

    A location without any hours is open all day.
    """
    zone = ZoneInfo(location["time_zone"])
    if not location["opening_hours"] and not location["special_hours"]:
        return [(_at(day, time(0), zone), _at(day + DAY, time(0), zone))]
    periods = [_period(day, row["opens"], row["closes"]) for row in _rows_of(location, day)]
    return sorted((to_us(start.replace(tzinfo=zone)), to_us(end.replace(tzinfo=zone))) for start, end in periods)


def is_within_hours(location: Document, instant_us: int) -> bool:
    """Whether guests may be seated at an instant."""
    today = date.fromisoformat(local_date(location, instant_us))
    # Yesterday's last sitting may reach past midnight.
    return any(opens <= instant_us < closes for day in (today - DAY, today) for opens, closes in sittings(location, day))


def turn_minutes(location: Document, party_size: int) -> int:
    """How long a party of that size keeps its table, by the location's `turn_minutes` ({"1-2": 90, …, "7+": 150})."""
    for sizes, minutes in location["turn_minutes"].items():
        fewest, _, most = sizes.removesuffix("+").partition("-")
        if int(fewest) <= party_size <= (party_size if sizes.endswith("+") else int(most or fewest)):
            return int(minutes)
    return USUAL_TURN_MIN


def slots_between(start_us: int, end_us: int) -> range:
    """The five-minute slots that [start, end) touches."""
    return range(start_us - start_us % SLOT_US, end_us, SLOT_US)


def on_grid(start_us: int, end_us: int) -> tuple[int, int]:
    """[start, end) widened to whole slots."""
    return start_us - start_us % SLOT_US, end_us + -end_us % SLOT_US


def _rows_of(location: Document, day: date) -> list[dict[str, Any]]:
    text, weekday = day.isoformat(), day.weekday()
    special = [row for row in location["special_hours"] if row["date"] == text]
    if special:
        return [row for row in special if not row["is_closed"] and row.get("service", "dine_in") in ("dine_in", None)]
    return [row for row in location["opening_hours"] if row["weekday"] == weekday and row["service"] == "dine_in"]


def _period(day: date, opens: str, closes: str) -> tuple[datetime, datetime]:
    start = datetime.combine(day, _time(opens))
    end_day = day + DAY if closes == "24:00" or closes <= opens else day
    return start, datetime.combine(end_day, _time(closes))


def _at(day: date, at: time, zone: ZoneInfo) -> int:
    return to_us(datetime.combine(day, at, zone))


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour) % 24, int(minute))
