"""What an application calls and how much of its plan that is: by day, by bucket, by key."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from flask import render_template
from flask import request

from accounts.keys import service as keys
from accounts.logs.usage import credential_sums
from accounts.logs.usage import daily_sums
from accounts.oauth.service import list_clients
from accounts.plans.catalog import Tier
from accounts.plans.catalog import tier_of
from accounts.plans.catalog import tier_with
from kit.clock import now
from kit.planes import Environment
from portal.pages import ENV
from portal.pages import Plane
from portal.pages import Visit
from portal.pages import page

PERIODS = {"7": 7, "30": 30, "90": 90}
COUNTED = ("calls", "refused", "limited", "failed")


@page(f"{ENV}/usage", permission="usage.read", plane=Plane.READ)
def show_usage(visit: Visit) -> str:
    """Calls of a period against the quota, by UTC day, rate limit bucket and credential."""
    period = request.args.get("days", "30")
    count = PERIODS.get(period, 30)
    today = now()
    days = [f"{today - timedelta(days=back):%Y-%m-%d}" for back in range(count)]
    window = {"first_day": days[-1], "last_day": days[0]}
    rows = daily_sums(visit.scope, **window)
    by_day, tier = _summed(rows, "day"), tier_in_force(visit)
    used, names = by_day.get(days[0], {"calls": 0, "limited": 0}), _names(visit)
    return render_template(
        "portal/usage/show.html", tier=tier, quota=tier.daily_quota, used=_spent(used), by_bucket=_summed(rows, "bucket"),
        by_day=[(day, by_day[day], _spent(by_day[day])) for day in days if day in by_day],
        credentials=[(row, names.get(row["credential_id"])) for row in credential_sums(visit.scope, **window)],
        period=str(count), periods=tuple(PERIODS),
    )  # fmt: skip


def tier_in_force(visit: Visit) -> Tier:
    """The plan of the tenant with the limits an operator has set for the application, which hold in production."""
    limits = visit.application.limits if visit.application and visit.environment == Environment.PRODUCTION else {}
    plan = visit.side.plan_tier
    return tier_with(plan, tuple(sorted(limits.items()))) if limits else tier_of(plan)


def _summed(rows: list[dict[str, Any]], by: str) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for row in rows:
        for name in COUNTED:
            sums[row[by]][name] += row[name]
    return dict(sums)


def _spent(day: dict[str, int]) -> int:
    """What a day's calls take of the quota: a call that was refused for a limit takes nothing."""
    return day["calls"] - day["limited"]


def _names(visit: Visit) -> dict[str, tuple[str, str, str]]:
    """Credential id → its kind, its name and how it is recognised."""
    named = {key.id: ("key", key.name, f"{key.head}…{key.last4}") for key in keys.list_keys(visit.side)}
    return named | {client.id: ("client", client.name, client.id) for client in list_clients(visit.side)}
