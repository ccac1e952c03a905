"""How much an application calls: sums by day, made as the calls are logged, so reading them costs the same however many."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from accounts.logs.models import CredentialCount
from accounts.logs.models import RequestCount
from kit.documents import TENANT
from kit.documents import Document
from kit.documents import registered_read
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.scope import Scope

KEPT_DAYS = 92
_counts, _own = RequestCount.__table__, CredentialCount.__table__


def _days() -> Any:
    shown = ("day", "area", "bucket", "calls", "refused", "limited", "failed", "duration_us")
    return (
        select(as_document(fields_of(*(_counts.c[name] for name in shown))))
        .where(_counts.c.tenant_id == TENANT, _counts.c.application_id == bindparam("application_id", type_=Text))
        .where(_counts.c.day >= bindparam("first_day", type_=Text), _counts.c.day <= bindparam("last_day", type_=Text))
        .order_by(_counts.c.day, _counts.c.area, _counts.c.bucket)
    )


def _credentials() -> Any:
    sums = [func.sum(_own.c[name]) for name in ("calls", "refused", "limited", "failed")]
    return (
        select(_own.c.credential_id, *sums)
        .where(_own.c.tenant_id == TENANT, _own.c.application_id == bindparam("application_id", type_=Text))
        .where(_own.c.day >= bindparam("first_day", type_=Text), _own.c.day <= bindparam("last_day", type_=Text))
        .group_by(_own.c.credential_id)
        .order_by(sums[0].desc(), _own.c.credential_id)
    )


_read = registered_read("logs.usage", _days)
_by_credential = registered_read("logs.usage_of_credentials", _credentials)


def daily_sums(scope: Scope, *, first_day: str, last_day: str) -> list[Document]:
    """What the scope's application called, by UTC day, area and rate limit bucket; days and areas without a call are absent.

    Days as 2026-01-12, both included; none older than 92 days is kept. A call is counted within a second.
    """
    return _read.documents(
        scope, application_id=scope.application_id or "", first_day=first_day, last_day=last_day
    )


def credential_sums(scope: Scope, *, first_day: str, last_day: str) -> list[Document]:
    """What each credential of the scope's application called in a period, the busiest first; those without a call are absent."""
    rows = _by_credential.rows(
        scope, application_id=scope.application_id or "", first_day=first_day, last_day=last_day
    )
    names = ("credential_id", "calls", "refused", "limited", "failed")
    return [dict(zip(names, (row[0], *map(int, row[1:])), strict=True)) for row in rows]


def demand(scope: Scope, *, first_day: str, last_day: str, quota: int | None) -> Document:
    """How the scope's application stands to its day's quota: what somebody who decides about its plan looks at.

    calls, limited (answered 429), limited_days, peak_day and peak_calls (of the busiest day), peak_share of the quota (0.0 on,
    None without a quota or a call).
    """
    days: dict[str, dict[str, int]] = {}
    for row in daily_sums(scope, first_day=first_day, last_day=last_day):
        day = days.setdefault(row["day"], {"calls": 0, "limited": 0})
        day["calls"] += row["calls"]
        day["limited"] += row["limited"]
    peak = max(days, key=lambda day: days[day]["calls"], default=None)
    peak_calls = days[peak]["calls"] if peak else 0
    return {
        "calls": sum(day["calls"] for day in days.values()), "limited": sum(day["limited"] for day in days.values()),
        "limited_days": sum(day["limited"] > 0 for day in days.values()), "peak_day": peak, "peak_calls": peak_calls,
        "peak_share": peak_calls / quota if quota and peak else None,
    }  # fmt: skip
