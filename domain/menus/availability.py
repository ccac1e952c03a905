"""When an item or modifier can be ordered. Pure functions over canonical documents; nothing here reads the database.

Available means active, inside its schedule, not suspended and not out of stock. A suspension ends by itself the moment
`suspended_until` has passed on the tenant's clock, so no job has to lift it before reads are right.
"""

from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import Any
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kit.clock import from_us
from kit.clock import to_us

MANUAL, STOCK, SCHEDULE, INACTIVE = "manual_86", "stock", "schedule", "inactive"


class Availability(NamedTuple):
    """reason is None when available; again_at is microseconds since the epoch, None when nobody can say."""

    available: bool
    reason: str | None
    again_at: int | None


AVAILABLE = Availability(True, None, None)


def availability(row: dict[str, Any], *, now_us: int, time_zone: str) -> Availability:
    """Judge an item or modifier document (is_active and schedule may be absent, as they are on modifiers)."""
    if not row.get("is_active", True):
        return Availability(False, INACTIVE, None)
    if is_suspended(row, now_us=now_us):
        return Availability(False, row["suspend_reason"] or MANUAL, row["suspended_until"])
    if row["stock_count"] is not None and row["stock_count"] <= 0:
        return Availability(False, STOCK, None)
    schedule = row.get("schedule")
    if not schedule:
        return AVAILABLE
    return _scheduled(schedule, from_us(now_us).astimezone(ZoneInfo(time_zone)))


def is_suspended(row: dict[str, Any], *, now_us: int) -> bool:
    """True while a suspension is in force."""
    until = row["suspended_until"]
    return bool(row["is_suspended"]) and (until is None or until > now_us)


def _scheduled(schedule: list[dict[str, Any]], local: datetime) -> Availability:
    starts = []
    # From yesterday, because a window that passes midnight belongs to the day it starts on.
    for offset in range(-1, 8):
        day = local.date() + timedelta(days=offset)
        for window in schedule:
            if day.weekday() not in window.get("days", range(7)):
                continue
            start, end = window_on(day, window["from"], window["to"], local.tzinfo)
            if start <= local < end:
                return AVAILABLE
            if start > local:
                starts.append(start)
    return Availability(False, SCHEDULE, to_us(min(starts)) if starts else None)


def window_on(day: Any, opens: str, closes: str, zone: Any) -> tuple[datetime, datetime]:
    """Start and end of a local window "HH:MM" to "HH:MM" that starts on `day`; 24:00 and ends past midnight allowed."""
    start = datetime.combine(day, clock_time(opens), zone)
    end_day = day + timedelta(days=1) if closes <= opens or closes == "24:00" else day
    return start, datetime.combine(end_day, clock_time(closes), zone)


def clock_time(text: str) -> time:
    """Parse "HH:MM"; 24:00 is the midnight that ends the day."""
    hour, _, minute = text.partition(":")
    return time(int(hour) % 24, int(minute))
