"""Putting a production tenant on another plan. It acts on the next request, and what has no room is held back in the same step.

The newest go first and nothing is deleted: with a larger plan, or when something else is removed, they work again.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.models import Connection
from accounts.applications.models import Tenant
from accounts.applications.revocations import revocations
from accounts.applications.service import lock_application
from accounts.approvals.texts import checked_text
from accounts.audit import service as audit
from accounts.keys.room import settle_keys
from accounts.oauth.room import settle_clients
from accounts.organisations.members import Member
from accounts.organisations.permissions import ensure
from accounts.plans.catalog import TIERS
from accounts.plans.catalog import tier_of
from accounts.plans.limits import Settled
from accounts.tiers.impact import tiers_of_application
from accounts.tiers.telling import tell_of_change
from accounts.webhooks.room import settle_endpoints
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.planes import Environment
from kit.unit import control


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change did to one application."""

    application: Application
    keys: Settled
    clients: Settled
    endpoints: Settled

    def named(self, which: str) -> dict[str, list[str]]:
        """What was `held` or `released`, by kind, as its owner knows it."""
        kinds = {"keys": self.keys, "clients": self.clients, "endpoints": self.endpoints}
        names = {kind: [_name(one) for one in getattr(settled, which)] for kind, settled in kinds.items()}
        return {kind: found for kind, found in names.items() if found}

    def ids(self, which: str) -> list[str]:
        """The ids of what was `held` or `released`."""
        return [one.id for settled in (self.keys, self.clients, self.endpoints) for one in getattr(settled, which)]


def checked_tier(name: str) -> str:
    """The name of a plan. Raises Invalid (422)."""
    if name not in TIERS:
        message = f"one of {', '.join(TIERS)}"
        raise Invalid(f"The plan must be {message}.", errors=[FieldError("tier", "invalid_value", message)])
    return name


def change_tier(operator: Member, *, tenant_id: str, tier: str, reason: str) -> Tenant:
    """Put a production tenant on another plan; the one it has is no change. reason: what the partners read.

    Raises NotFound (also for anyone but an operator and for a sandbox), Invalid (422).
    """
    ensure(operator, "platform.plan_decide")
    wanted, reason = checked_tier(tier), checked_text(reason, "reason", needed="say why the plan changes")
    return apply_tier(operator, tenant_id=tenant_id, tier=wanted, reason=reason)


def apply_tier(operator: Member, *, tenant_id: str, tier: str, reason: str) -> Tenant:
    """Do what change_tier says. Trusts its caller that the operator may and that plan and reason are checked."""
    tenant = lock_tenant(tenant_id)
    before = tenant.plan_tier or ""
    if before == tier:
        return tenant
    tenant.plan_tier = tier
    control().session.flush()  # endpoints go by the plans of all tenants of their application
    for application in _connected(tenant_id):
        outcome = _settle(application, tenant)
        details = {"tenant_id": tenant_id, "from": before, "to": tier, "reason": reason,
                   "held": outcome.ids("held"), "released": outcome.ids("released")}  # fmt: skip
        _note(operator, application.organisation_id, tenant, details)
        tell_of_change(application, tenant, before=before, reason=reason, held=outcome.named("held"),
                       released=outcome.named("released"))  # fmt: skip
    if tenant.organisation_id is not None:
        _note(operator, tenant.organisation_id, tenant, {"from": before, "to": tier, "reason": reason})
    revocations.announce()  # every process looks its credentials up again, and with them the plan
    return tenant


def lock_tenant(tenant_id: str) -> Tenant:
    """A production tenant, its row locked until commit. Raises NotFound."""
    query = select(Tenant).where(Tenant.id == tenant_id, Tenant.environment == Environment.PRODUCTION)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    tenant: Tenant | None = control().session.scalar(locked)
    if tenant is None:
        raise NotFound
    return tenant


def _connected(tenant_id: str) -> list[Application]:
    """The applications that work with a tenant, locked, always in the same order."""
    query = select(Connection.application_id).where(Connection.tenant_id == tenant_id).order_by(Connection.application_id)
    return [lock_application(application_id) for application_id in control().session.scalars(query)]


def _settle(application: Application, tenant: Tenant) -> Outcome:
    tier, of = tier_of(tenant.plan_tier), {"application_id": application.id, "tenant_id": tenant.id}
    endpoints = settle_endpoints(application_id=application.id, tiers=tiers_of_application(application.id))
    return Outcome(application, settle_keys(**of, tier=tier), settle_clients(**of, tier=tier), endpoints)


def _name(thing: Any) -> str:
    return str(getattr(thing, "name", "") or thing.url)


def _note(operator: Member, organisation_id: str, tenant: Tenant, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=organisation_id, person_id=operator.person_id, action="plan.changed", target=tenant.id, details=details
    )
