"""When a location is open and which business day an instant belongs to. Pure functions over the location document.

Local times are read in the location's IANA zone. A period whose end is not after its start ends the next day.
"""

from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from kit.documents import Document

DAY = timedelta(days=1)
DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN


def is_open(location: Document, at: datetime, service: str | None = None) -> bool:
    """Tell whether a service of the location is open (None: any). A location without any hours is never closed by them.

    Special hours replace those of every service; a service without weekly hours of its own follows the others.
    """
    weekly = location["opening_hours"]
    if not location.get("has_hours", weekly or location["special_hours"]):
        return True
    if service is not None:
        weekly = [row for row in weekly if row["service"] == service] or weekly
    local = at.astimezone(ZoneInfo(location["time_zone"]))
    day, minute = local.date(), local.hour * 60 + local.minute
    # Yesterday's last period may reach past midnight.
    return _covers(location, weekly, day, minute) or _covers(location, weekly, day - DAY, minute + DAY_MIN)


def business_date(location: Document, at: datetime) -> str:
    """The day (YYYY-MM-DD) whose takings an instant belongs to: the local date, counted from the day's cutover."""
    local = at.astimezone(ZoneInfo(location["time_zone"])).replace(tzinfo=None)
    return (local - timedelta(minutes=_minute(location["day_cutover"]))).date().isoformat()


def weekly_overlap(rows: list[dict[str, Any]]) -> int | None:
    """The index of a weekly period that overlaps another one of its service, or None. The week is a circle."""
    for service in {row["service"] for row in rows}:
        spans = sorted((*_week_span(row), index) for index, row in enumerate(rows) if row["service"] == service)
        following = [*spans[1:], (spans[0][0] + WEEK_MIN, spans[0][1] + WEEK_MIN, spans[0][2])]
        for (_, end, _), (start, _, index) in zip(spans, following, strict=True):
            if start < end:
                return index
    return None


def special_overlap(rows: list[dict[str, Any]]) -> int | None:
    """The index of a special period that overlaps another one or stands on a closed date, or None."""
    closed = [row["date"] for row in rows if row["is_closed"]]
    for index, row in enumerate(rows):
        if closed.count(row["date"]) > (1 if row["is_closed"] else 0):
            return index
    spans = sorted(
        (*_period(date.fromisoformat(row["date"]), row["opens"], row["closes"]), index)
        for index, row in enumerate(rows) if not row["is_closed"]
    )  # fmt: skip
    return next((index for (_, end, _), (start, _, index) in pairwise(spans) if start < end), None)


def _week_span(row: dict[str, Any]) -> tuple[int, int]:
    """Start and end of a weekly period in minutes since Monday 00:00; the end may lie in the next week."""
    opens, closes = (_minute(row[name]) for name in ("opens", "closes"))
    start = row["weekday"] * DAY_MIN + opens
    return start, start + (closes - opens if closes > opens else closes - opens + DAY_MIN)


@lru_cache(maxsize=DAY_MIN)
def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _covers(location: Document, weekly: list[dict[str, Any]], day: date, minute: int) -> bool:
    """Whether a period that starts on `day` covers a minute, counted from that day's midnight."""
    for opens, closes in _periods(location, weekly, day):
        if _minute(opens) <= minute < _minute(closes) + (DAY_MIN if closes <= opens else 0):
            return True
    return False


def _periods(location: Document, weekly: list[dict[str, Any]], day: date) -> list[tuple[str, str]]:
    weekday = day.weekday()
    if location["special_hours"]:
        text = day.isoformat()
        special = [row for row in location["special_hours"] if row["date"] == text]
        if special:
            return [(row["opens"], row["closes"]) for row in special if not row["is_closed"]]
    return [(row["opens"], row["closes"]) for row in weekly if row["weekday"] == weekday]


def _period(day: date, opens: str, closes: str) -> tuple[datetime, datetime]:
    start = datetime.combine(day, _time(opens))
    end_day = day + DAY if closes == "24:00" or closes <= opens else day
    return start, datetime.combine(end_day, _time(closes))


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour) % 24, int(minute))
