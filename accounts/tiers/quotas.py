"""Tells an organisation how much of a day's calls are spent: at 50, 80 and 100 %, each once a day."""

from dataclasses import dataclass

from sqlalchemy import Text
from sqlalchemy import cast
from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.models import Tenant
from accounts.notices.service import Told
from accounts.notices.service import notify
from accounts.plans.catalog import SANDBOX
from accounts.plans.catalog import TIERS
from accounts.plans.catalog import tier_of
from kit.planes import Environment
from kit.unit import control

STEPS = (100, 80, 50)
LEAST = min(tier.daily_quota for tier in (*TIERS.values(), SANDBOX) if tier.daily_quota) // 2  # calls; below, no plan is told of


@dataclass(frozen=True, slots=True)
class Allowance:
    """An application's day at one tenant."""

    application_id: str
    application: str
    organisation_id: str
    tenant_id: str
    tenant: str
    environment: Environment
    quota: int


def with_own_quota() -> list[str]:
    """Ids of the applications whose day an operator has set: theirs may be shorter than any plan's."""
    query = select(Application.id).where(cast(Application.limits, Text).like('%"daily"%'))
    return list(control().session.scalars(query))


def allowance_of(*, application_id: str, tenant_id: str) -> Allowance | None:
    """What an application may call a day at a tenant; None without a quota, or when either is gone."""
    application: Application | None = control().session.get(Application, application_id)
    tenant: Tenant | None = control().session.get(Tenant, tenant_id)
    if application is None or tenant is None:
        return None
    environment = Environment(tenant.environment)
    own = application.limits.get("daily") if environment == Environment.PRODUCTION else None
    quota = own or tier_of(tenant.plan).daily_quota
    if not quota:
        return None
    return Allowance(
        application.id, application.name, application.organisation_id, tenant.id, tenant.name, environment, quota
    )


def step_of(spent: int, quota: int) -> int:
    """The highest step that was reached, in percent; 0 for none."""
    return next((step for step in STEPS if spent * 100 >= step * quota), 0)


def tell_of_quota(allowance: Allowance, *, step: int, spent: int, day: str) -> None:
    """Tell an organisation that a step was reached: by notice, and by mail too where restaurants depend on it."""
    is_live = allowance.environment == Environment.PRODUCTION
    place = "live" if is_live else "sandbox"
    title = f"{allowance.application} has used {step} % of today's calls"
    left = "Calls are refused with 429 quota_exceeded until then." if step == 100 else ""
    text = f"{spent} of {allowance.quota} for {allowance.tenant}. The count begins anew at midnight UTC. {left}".strip()
    told = Told(
        kind="quota.reached", severity="error" if step == 100 else "warning" if step == 80 else "info", title=title, text=text,
        link=f"/{place}/usage?application={allowance.application_id}",
        dedupe_key=f"quota:{allowance.application_id}:{allowance.tenant_id}:{day}:{step}",
    )  # fmt: skip
    mail = {
        "title": title, "application": allowance.application, "restaurant": allowance.tenant, "step": step, "spent": spent,
        "quota": allowance.quota, "day": day,
    }  # fmt: skip
    notify(
        told, organisation_id=allowance.organisation_id, application_id=allowance.application_id, mail=mail if is_live else None
    )
