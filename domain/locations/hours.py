"""When a location is open and which business day an instant belongs to. Pure functions over the location document.

Local times are read in the location's IANA zone. A period whose end is not after its start ends the next day.
"""

from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from zoneinfo import ZoneInfo

from kit.documents import Document

DAY = timedelta(days=1)


def is_open(location: Document, at: datetime) -> bool:
    """Tell whether any service of the location is open. A location without any hours is never closed by them."""
    if not location["opening_hours"] and not location["special_hours"]:
        return True
    local = at.astimezone(ZoneInfo(location["time_zone"])).replace(tzinfo=None)
    # Yesterday's last period may reach past midnight.
    return _covers(location, local.date(), local) or _covers(location, local.date() - DAY, local)


def business_date(location: Document, at: datetime) -> str:
    """The day (YYYY-MM-DD) whose takings an instant belongs to: the local date, counted from the day's cutover."""
    local = at.astimezone(ZoneInfo(location["time_zone"])).replace(tzinfo=None)
    hour, _, minute = location["day_cutover"].partition(":")
    return (local - timedelta(hours=int(hour), minutes=int(minute))).date().isoformat()


def _covers(location: Document, day: date, local: datetime) -> bool:
    return any(start <= local < end for start, end in (_period(day, *period) for period in _periods(location, day)))


def _periods(location: Document, day: date) -> list[tuple[str, str]]:
    text, weekday = day.isoformat(), day.weekday()
    special = [row for row in location["special_hours"] if row["date"] == text]
    if special:
        return [(row["opens"], row["closes"]) for row in special if not row["is_closed"]]
    return [(row["opens"], row["closes"]) for row in location["opening_hours"] if row["weekday"] == weekday]


def _period(day: date, opens: str, closes: str) -> tuple[datetime, datetime]:
    start = datetime.combine(day, _time(opens))
    end_day = day + DAY if closes == "24:00" or closes <= opens else day
    return start, datetime.combine(end_day, _time(closes))


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour) % 24, int(minute))
