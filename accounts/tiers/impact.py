"""What another plan would do to what an application has: counted before it is done, by the rules that then do it."""

from collections.abc import Iterable
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from accounts.applications.models import Tenant
from accounts.applications.service import tenants_of
from accounts.exports.models import ExportSchedule
from accounts.keys.room import counted_keys
from accounts.oauth.room import counted_clients
from accounts.plans.catalog import TIERS
from accounts.plans.catalog import Tier
from accounts.plans.catalog import tier_of
from accounts.plans.limits import surplus
from accounts.webhooks.room import counted_endpoints
from accounts.webhooks.room import types_lost
from domain.integrations.models import Integration
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that would stop working, as its owner knows it."""

    id: str
    name: str


@dataclass(slots=True)
class Impact:
    """What stops with a smaller plan, the newest first; every list is empty for a larger one.

    keys, clients and endpoints are held back and come back with a larger plan. Schedules and integrations stay as they are:
    their runs and calls are refused.
    """

    keys: list[Thing] = field(default_factory=list)
    clients: list[Thing] = field(default_factory=list)
    endpoints: list[Thing] = field(default_factory=list)
    event_types: list[str] = field(default_factory=list)
    schedules: list[Thing] = field(default_factory=list)
    integrations: list[Thing] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """JSON values, to be kept with a request."""
        return asdict(self)


def is_larger(tier: str, than: str) -> bool:
    """Whether a plan stands above another one."""
    order = list(TIERS)
    return order.index(tier) > order.index(than)


def tiers_of_application(application_id: str, *, except_for: Tenant | None = None, tier: Tier | None = None) -> list[Tier]:
    """The plans of the production tenants an application works with; `tier` instead of the plan of one of them."""
    found = tenants_of(application_id=application_id, environment=Environment.PRODUCTION)
    return [
        tier if tier is not None and except_for is not None and one.id == except_for.id else tier_of(one.plan_tier)
        for one in found
    ]  # fmt: skip


def impact_on(*, application_id: str, tenant: Tenant, tier: Tier) -> Impact:
    """What of an application's access a plan of this tenant would hold back. See impact_on_plane for the tenant's own data."""
    keys = counted_keys(application_id=application_id, tenant_id=tenant.id)
    clients = counted_clients(application_id=application_id, tenant_id=tenant.id)
    endpoints = counted_endpoints(application_id=application_id)
    tiers = tiers_of_application(application_id, except_for=tenant, tier=tier)
    most = max((one.max_endpoints for one in tiers), default=tier.max_endpoints)
    return Impact(
        keys=[Thing(key.id, key.name) for key in surplus(keys, most=tier.max_keys)],
        clients=[Thing(client.id, client.name) for client in surplus(clients, most=tier.max_clients)],
        endpoints=[Thing(one.id, one.url) for one in surplus(endpoints, most=most) if one.state == "enabled"],
        event_types=types_lost(endpoints[:most], tier),
    )


def impact_on_plane(scope: Scope, impact: Impact, *, tier: Tier) -> Impact:
    """Add what the plan no longer runs on the tenant's plane: schedules of the scope's application, and integrations."""
    schedules = ExportSchedule.owned_by(scope).where(ExportSchedule.application_id == (scope.application_id or ""))
    found = session(scope).scalars(schedules.order_by(ExportSchedule.created_at.desc(), ExportSchedule.id.desc()))
    impact.schedules = [Thing(one.id, f"{one.frequency} {one.dataset} as {one.format}") for one in found if not _runs(one, tier)]
    integrations = Integration.owned_by(scope).order_by(Integration.created_at.desc(), Integration.id.desc())
    impact.integrations = _not_of(session(scope).scalars(integrations), tier)
    return impact


def _runs(schedule: ExportSchedule, tier: Tier) -> bool:
    plan = tier.exports
    fits = plan.window_days is None or schedule.days <= plan.window_days
    is_known = schedule.dataset in plan.datasets and schedule.format in plan.formats
    return is_known and fits and schedule.frequency in plan.frequencies


def _not_of(integrations: Iterable[Integration], tier: Tier) -> list[Thing]:
    is_open = "integrations" in tier.core_areas
    return [Thing(one.id, one.name) for one in integrations if not is_open or one.kind not in tier.integration_kinds]
