"""What a plan and a credential allow of exports. Pure but for the daily count, which is one atomic statement."""

from datetime import date
from datetime import datetime

from accounts.exports import queries
from accounts.exports.datasets import DATASETS
from accounts.exports.datasets import Dataset
from accounts.plans.catalog import Exports
from accounts.plans.catalog import Tier
from accounts.plans.catalog import lowest_tier_where
from kit.clock import now
from kit.errors import FieldError
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import PlanRequired
from kit.errors import QuotaExceeded
from kit.scope import Scope

DAY_S = 86_400
MOST_DAYS = 36_600


def days_between(from_date: str, to_date: str) -> int:
    """Days of a window, both ends included. Raises Invalid (422) when it ends before it starts."""
    days = (date.fromisoformat(to_date) - date.fromisoformat(from_date)).days + 1
    if days < 1:
        raise Invalid(errors=[FieldError("to", "validation_failed", "Lies before `from`.")])
    return days


def require_plan(tier: Tier, *, dataset: str, format: str, days: int, frequency: str | None = None) -> None:
    """Raise PlanRequired (403) with the cheapest plan that would allow the export."""

    def allows(plan: Exports) -> bool:
        fits = plan.window_days is None or days <= plan.window_days
        is_known = dataset in plan.datasets and format in plan.formats
        return is_known and fits and (frequency is None or frequency in plan.frequencies)

    if not allows(tier.exports):
        required = lowest_tier_where(lambda other: allows(other.exports))
        what = f"a {frequency} schedule of {dataset}" if frequency else f"{dataset} as {format} over {days} days"
        raise PlanRequired(f"The {tier.label} plan does not export {what}.", required_plan=required, docs="/docs/plans")


def require_scope(name: str, scopes: frozenset[str]) -> Dataset:
    """The dataset, which a credential with these scopes may have. Raises Forbidden (403) naming what is missing."""
    dataset = DATASETS[name]
    if dataset.scope not in scopes:
        raise Forbidden(f"Exporting {name} needs the scope {dataset.scope}.", required_scopes=[dataset.scope])
    return dataset


def require_places(scope: Scope, dataset: Dataset, location_ids: tuple[str, ...]) -> None:
    """Raise Invalid (422) for a location that does not exist, or any for a dataset that knows none."""
    if not location_ids:
        return
    if not dataset.has_locations:
        raise Invalid(errors=[FieldError("location_ids", "validation_failed", "This dataset belongs to no location.")])
    known = {row[0] for row in queries.days_of.rows(scope)}
    errors = [
        FieldError(f"location_ids[{index}]", "resource_not_found", f"There is no location {name}.")
        for index, name in enumerate(location_ids)
        if name not in known
    ]
    if errors:
        raise Invalid(errors=errors)


def take_one(scope: Scope, tier: Tier, *, application_id: str) -> None:
    """Count one export against the application's day (UTC, real time). Raises QuotaExceeded (429) with the time to wait."""
    at, most = now(), tier.exports.daily
    if most and queries.take.row(scope, row_id=_count_id(application_id, at), most=most) is not None:
        return
    wait_s = DAY_S - (at.hour * 3600 + at.minute * 60 + at.second)
    raise QuotaExceeded(f"The {tier.label} plan includes {most} exports a day.", retry_after_s=wait_s)


def used_today(scope: Scope) -> int:
    """How many exports of the scope's application count against its current day."""
    row = queries.used.row(scope, row_id=_count_id(scope.application_id or "", now()))
    return int(row[0]) if row is not None else 0


def _count_id(application_id: str, at: datetime) -> str:
    return f"{application_id}:{at:%Y-%m-%d}"
