"""GET /v1/usage: what an application calls, and how much of its plan that uses."""

from collections.abc import Iterable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import Any

from accounts.exports.rules import used_today
from accounts.logs.usage import daily_sums
from accounts.webhooks import queries
from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.service import count_endpoints
from api.core.blueprint import blueprint
from api.core.usage_schemas import UsageOut
from api.core.usage_schemas import UsageQuery
from api.core.usage_schemas import window_of
from api.core.webhooks import side_of
from api.gate import endpoint
from api.limits import limiter
from api.operations import PUBLIC
from api.operations import Call
from kit.clock import now
from kit.clock import to_us
from kit.documents import Document
from kit.unit import control_unit

SUMMED = ("calls", "refused", "limited", "failed", "duration_us")


@endpoint(blueprint, "GET", "/usage", scope=PUBLIC, query=UsageQuery, returns=UsageOut)
def read_usage(call: Call) -> Document:
    """Read how much this application calls and what its plan leaves it.

    Calls are those of all the application's credentials, by UTC day, area and rate limit, at most 92 days back; a call is
    counted within a second. Rate limits and the daily quota are what all the application's credentials share, as they stand now.
    """
    first, last = window_of(call.query)
    rows = daily_sums(call.scope, first_day=first.isoformat(), last_day=last.isoformat())
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "plan": call.principal.tier.name, "from_date": first.isoformat(), "to_date": last.isoformat(),
        "totals": _sum(rows), "days": [_day(day, rows) for day in _days(first, last)],
        **_limits(call, midnight), "webhooks": _webhooks(call, midnight),
        "exports_today": {
            "limit": call.principal.tier.exports.daily, "used": used_today(call.scope),
        },
    }  # fmt: skip


def _days(first: date, last: date) -> Iterable[str]:
    return ((first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1))


def _day(day: str, rows: list[Document]) -> Document:
    own = [row for row in rows if row["day"] == day]
    areas = [_sum([row]) | {"area": row["area"], "bucket": row["bucket"]} for row in own]
    return {"date": day, **_sum(own), "areas": areas}


def _sum(rows: list[Document]) -> Document:
    sums: dict[str, Any] = {name: sum(row[name] for row in rows) for name in SUMMED}
    spent_us = sums.pop("duration_us")
    return sums | {"average_ms": round(spent_us / sums["calls"] / 1000, 3) if sums["calls"] else None}


def _limits(call: Call, midnight: datetime) -> Document:
    principal = call.principal
    limits = {bucket: limit for bucket, limit in principal.tier.limits.items() if limit}
    seen = limiter.look(principal.limiter_key, limits)
    used, spent = seen if seen is not None else (None, None)
    quota = principal.tier.daily_quota
    return {
        "rate_limits": [
            {"bucket": bucket, "limit": limit, "remaining": None if used is None else max(0, limit - used[bucket])}
            for bucket, limit in limits.items()
        ],
        "quota": {
            "limit": quota, "used": spent, "resets_at": to_us(midnight.astimezone(UTC) + timedelta(days=1)),
            "remaining": None if quota is None or spent is None else max(0, quota - spent),
        },
    }  # fmt: skip


def _webhooks(call: Call, midnight: datetime) -> Document:
    tier = call.principal.tier
    with control_unit(writes=False):
        endpoints = count_endpoints(side_of(call))
    return {
        "endpoints": {"limit": tier.max_endpoints, "used": endpoints},
        "event_types": sum(map(tier.allows_event, EVENT_TYPES)),
        "retry_schedule_s": list(tier.retry_schedule_s), "events_kept_days": tier.event_days,
        "deliveries_today": queries.deliveries_since(call.scope, since_us=to_us(midnight)),
    }  # fmt: skip
