"""Instants. Stored as integer microseconds since the epoch (UTC), handled as aware datetimes, printed as ISO 8601.

`now()` is real time. Restaurant code asks `Scope.now()`, which follows a sandbox tenant's own clock.
"""

import time
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import type_coerce
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_US = 1_000_000
DAY_US = 24 * 3600 * SECOND_US


def now() -> datetime:
    """Real time, aware UTC."""
    return datetime.now(UTC)


def now_us() -> int:
    """Real time in microseconds since the epoch."""
    return time.time_ns() // 1000


def to_us(instant: datetime) -> int:
    """Aware datetime to microseconds since the epoch. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (instant - EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    """Microseconds since the epoch to aware UTC."""
    return EPOCH + timedelta(microseconds=us)


def day_of(us: int) -> int:
    """The UTC day an instant lies in, counted from the epoch."""
    return us // DAY_US


@lru_cache(maxsize=8192)  # an object's instants repeat: created, updated and the first entry of its history
def iso(us: int) -> str:
    """Print as `2026-01-12T12:00:00Z`: no fraction when it is zero, else exactly three digits."""
    seconds, micros = divmod(us, 1_000_000)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{text}.{micros // 1000:03d}Z" if micros >= 1000 else text + "Z"


class Instant(TypeDecorator[datetime]):
    """Column type: aware datetime in Python, BIGINT microseconds since the epoch in both databases.

    One exact, indexable representation for SQLite and PostgreSQL that JSON built in SQL can carry unchanged.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> int | None:
        if value is None or isinstance(value, int):
            return value
        return to_us(value)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        return None if value is None else from_us(value)


def as_us(column: Any) -> Any:
    """A column of instants selected as the microseconds it holds; any other column unchanged."""
    return type_coerce(column, BigInteger).label(column.name) if isinstance(column.type, Instant) else column
