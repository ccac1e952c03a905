"""A restaurant's plan as a partner sees it: all plans side by side, what another one would change, and asking for it."""

from typing import Any

from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.applications.models import Tenant
from accounts.applications.service import get_tenant
from accounts.applications.service import tenants_of
from accounts.approvals.messages import messages_of
from accounts.plans.catalog import SANDBOX
from accounts.plans.catalog import TIERS
from accounts.plans.catalog import tier_of
from accounts.tiers import service as tiers
from accounts.tiers.impact import Impact
from accounts.tiers.impact import impact_on
from accounts.tiers.impact import impact_on_plane
from accounts.tiers.impact import is_larger
from accounts.tiers.models import TierMessage
from kit.errors import NotFound
from kit.planes import Environment
from kit.scope import Scope
from portal import forms
from portal.docs.plans import COLUMNS
from portal.docs.plans import differences
from portal.docs.plans import tables
from portal.pages import ENV
from portal.pages import Visit
from portal.pages import looked_up_at
from portal.pages import page

LABELS = {
    "keys": "API keys", "clients": "OAuth clients", "endpoints": "Webhook endpoints", "event_types": "Event types",
    "schedules": "Export schedules", "integrations": "Integrations",
}  # fmt: skip


@page(f"{ENV}/plan", permission="plans.read")
def show_plan(visit: Visit) -> str:
    """All plans, the one in force marked; with ?tier= what that one would change and the form that asks for it."""
    tenants = tenants_of(application_id=visit.side.application_id, environment=visit.environment)
    tenant = _chosen(visit, tenants)
    current = tier_of(tenant.plan) if tenant else None
    is_live = visit.environment == Environment.PRODUCTION
    preview = _preview(visit, tenant) if tenant and is_live else None
    found = _requests(visit, tenant) if tenant and is_live else []
    pending = next((one for one in found if one.state in tiers.PENDING), None)
    return render_template(
        "portal/plan/show.html", tables=tables(), columns=COLUMNS[:-1] if is_live else COLUMNS, current=current, tenant=tenant,
        tenants=tenants, wanted=preview["tier"] if preview else None, pending=pending, preview=preview,
        past=[one for one in found if one is not pending], labels=LABELS, names=TIERS,
        messages=messages_of(TierMessage, request_id=pending.id) if pending else [], is_simulated=current not in (None, SANDBOX),
    )  # fmt: skip


@page(f"{ENV}/plan", methods=("POST",), permission="plans.request", form="show_plan", step_up=True)
def request_plan(visit: Visit) -> Response:
    """Ask for another plan, with what was shown about it."""
    tenant = _asked_tenant(visit)
    wanted = forms.choice("tier", tuple(TIERS), label="Plan")
    impact = impact_of(visit.side.application_id, tenant, wanted)
    tiers.request_tier(
        visit.member, application_id=visit.side.application_id, tenant_id=tenant.id, tier=wanted,
        reason=forms.text("reason", label="Reason", longest=2000), impact=impact,
    )  # fmt: skip
    return forms.done("The request is in. You are told here and by mail what becomes of it.", _address(tenant))


@page(f"{ENV}/plan/withdraw", methods=("POST",), permission="plans.request", form="show_plan")
def withdraw_plan_request(visit: Visit) -> Response:
    """Take the pending request back."""
    tenant = _asked_tenant(visit)
    tiers.withdraw(visit.member, request_id=_pending(visit, tenant))
    return forms.done("The request was withdrawn.", _address(tenant))


@page(f"{ENV}/plan/message", methods=("POST",), permission="plans.request", form="show_plan")
def answer_about_plan(visit: Visit) -> Response:
    """Write to the operators about the pending request."""
    tenant = _asked_tenant(visit)
    text = forms.text("text", label="Message", longest=2000)
    tiers.answer(visit.member, request_id=_pending(visit, tenant), text=text)
    return forms.done("Sent to the people who run the platform.", _address(tenant))


def impact_of(application_id: str, tenant: Tenant, tier: str) -> Impact:
    """Everything a plan would hold back for one application at a tenant, counted on both planes."""
    impact = impact_on(application_id=application_id, tenant=tenant, tier=TIERS[tier])
    if tenant.state != "ready":
        return impact
    scope = Scope(Environment.PRODUCTION, tenant.id, application_id=application_id)
    return looked_up_at(scope, impact_on_plane, impact=impact, tier=TIERS[tier])


def preview_of(application_id: str, tenant: Tenant, tier: str) -> dict[str, Any]:
    """What a page says about a change: the rows that differ, and what stops."""
    current = tier_of(tenant.plan_tier)
    return {
        "tier": TIERS[tier], "is_larger": is_larger(tier, current.name), "differences": differences(current, TIERS[tier]),
        "impact": impact_of(application_id, tenant, tier).as_dict(),
    }  # fmt: skip


def _preview(visit: Visit, tenant: Tenant) -> dict[str, Any] | None:
    """What the plan that the address names would change; None without one, and for the one in force."""
    wanted = request.values.get("tier", "")
    if wanted not in TIERS or wanted == tenant.plan_tier:
        return None
    return preview_of(visit.side.application_id, tenant, wanted)


def _chosen(visit: Visit, tenants: list[Tenant]) -> Tenant | None:
    """The tenant the address names, or the first one."""
    wanted = request.values.get("tenant")
    if not wanted:
        return tenants[0] if tenants else None
    found = next((tenant for tenant in tenants if tenant.id == wanted), None)
    if found is None:
        raise NotFound("No such restaurant.")
    return found


def _asked_tenant(visit: Visit) -> Tenant:
    tenants = tenants_of(application_id=visit.side.application_id, environment=Environment.PRODUCTION)
    found = _chosen(visit, tenants)
    if found is None or visit.environment != Environment.PRODUCTION:
        raise NotFound("No restaurant has connected this application in production yet.")
    return get_tenant(tenant_id=found.id)


def _requests(visit: Visit, tenant: Tenant) -> list[Any]:
    return list(tiers.list_requests(visit.member, application_id=visit.side.application_id, tenant_id=tenant.id))


def _pending(visit: Visit, tenant: Tenant) -> str:
    found = tiers.find_pending(application_id=visit.side.application_id, tenant_id=tenant.id)
    if found is None:
        raise NotFound("No request for another plan is waiting.")
    return found.id


def _address(tenant: Tenant) -> str:
    return url_for("portal.show_plan", environment="live", tenant=tenant.id)
