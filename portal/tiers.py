"""The operator's pages about plans: requests with their evidence and impact, and changing a restaurant's plan directly."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.applications.models import Application
from accounts.applications.models import Tenant
from accounts.applications.service import applications_of_tenant
from accounts.applications.service import get_tenant
from accounts.approvals.messages import messages_of
from accounts.logs.usage import demand
from accounts.plans.catalog import TIERS
from accounts.plans.catalog import tier_of
from accounts.tiers import service as tiers
from accounts.tiers.changing import change_tier
from accounts.tiers.models import TierMessage
from kit.clock import now
from kit.errors import NotFound
from kit.planes import Environment
from kit.scope import Scope
from portal import forms
from portal.evidence import Line
from portal.evidence import percent
from portal.pages import Visit
from portal.pages import looked_up_at
from portal.pages import page
from portal.plan import LABELS
from portal.plan import preview_of

DAYS = 30
SAID = {
    "approve": "The plan has changed. It holds from the next request on.", "refuse": "The request was refused.",
    "ask": "The partner was asked.",
}  # fmt: skip


@dataclass(frozen=True)
class Affected:
    """An application a change of plan touches, and how."""

    application: Application
    preview: dict[str, Any]
    evidence: list[Line]


@page("/admin/plans", permission="platform.plans")
def show_plan_requests(visit: Visit) -> str:
    """Requests that wait, and every restaurant with its plan."""
    return render_template(
        "portal/admin/plans.html", asked=tiers.queue(visit.member), tenants=tiers.list_tenants(visit.member), names=TIERS
    )


@page("/admin/plans/requests/<request_id>", permission="platform.plans")
def show_plan_request(visit: Visit, request_id: str) -> str:
    """One request: who asks for what, how they use what they have, what would change, and the decision."""
    asked = tiers.get_asked(visit.member, request_id=request_id)
    return render_template(
        "portal/admin/plan_request.html", asked=asked, names=TIERS, labels=LABELS,
        messages=messages_of(TierMessage, request_id=request_id),
        affected=_affected(asked.tenant, asked.request.to_tier), is_pending=asked.request.state in tiers.PENDING,
    )  # fmt: skip


@page("/admin/plans/requests/<request_id>", methods=("POST",), permission="platform.plan_decide", form="show_plan_request",
      step_up=True)  # fmt: skip
def decide_plan_request(visit: Visit, request_id: str) -> Response:
    """Approve, refuse or ask. The partner is told."""
    word = forms.choice("verdict", tuple(SAID), label="Decision")
    note = forms.text("note", label="Note", longest=2000, optional=word == "approve")
    tiers.decide(visit.member, request_id=request_id, word=word, note=note)
    return forms.done(SAID[word], url_for("portal.show_plan_requests"))


@page("/admin/plans/<tenant_id>", permission="platform.plans")
def show_tenant_plan(visit: Visit, tenant_id: str) -> str:
    """A restaurant's plan; with ?tier= what another one would do to each application."""
    tenant = _production(tenant_id)
    wanted = request.values.get("tier", "")
    is_other = wanted in TIERS and wanted != tenant.plan_tier
    return render_template(
        "portal/admin/plan.html", tenant=tenant, names=TIERS, labels=LABELS, wanted=TIERS[wanted] if is_other else None,
        affected=_affected(tenant, wanted if is_other else tenant.plan_tier or ""),
    )  # fmt: skip


@page("/admin/plans/<tenant_id>", methods=("POST",), permission="platform.plan_decide", form="show_tenant_plan", step_up=True)
def change_tenant_plan(visit: Visit, tenant_id: str) -> Response:
    """Put a restaurant on another plan."""
    reason = forms.text("reason", label="Reason", longest=2000)
    change_tier(visit.member, tenant_id=tenant_id, tier=forms.choice("tier", tuple(TIERS), label="Plan"), reason=reason)
    return forms.done(SAID["approve"], url_for("portal.show_tenant_plan", tenant_id=tenant_id))


def _production(tenant_id: str) -> Tenant:
    tenant = get_tenant(tenant_id=tenant_id)
    if tenant.environment != Environment.PRODUCTION:
        raise NotFound("Sandboxes have no plan.")
    return tenant


def _affected(tenant: Tenant, tier: str) -> list[Affected]:
    found = applications_of_tenant(tenant_id=tenant.id)
    return [Affected(one, preview_of(one.id, tenant, tier), _evidence(one, tenant)) for one in found]


def _evidence(application: Application, tenant: Tenant) -> list[Line]:
    """How an application used its plan in the last 30 days."""
    if tenant.state != "ready":
        return []
    quota = application.limits.get("daily", tier_of(tenant.plan_tier).daily_quota)
    scope = Scope(Environment.PRODUCTION, tenant.id, application_id=application.id)
    today = now()
    seen = looked_up_at(
        scope, demand, first_day=f"{today - timedelta(days=DAYS - 1):%Y-%m-%d}", last_day=f"{today:%Y-%m-%d}", quota=quota
    )
    share, limited = seen["peak_share"], seen["limited"]
    busiest = f"{seen['peak_calls']} on {seen['peak_day']}" + (f", {percent(share)} of the quota of {quota}" if share else "")
    return [
        Line("Calls, 30 days", str(seen["calls"]), "idle"),
        Line("Busiest day", busiest if seen["calls"] else "none", "idle" if share is None else "ok" if share < 0.8 else "warn"),
        Line("Answers 429", f"{limited}, on {seen['limited_days']} days" if limited else "none", "warn" if limited else "ok"),
    ]  # fmt: skip
