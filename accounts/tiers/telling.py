"""Who is told of what about plans: partners by notice and mail, operators by mail. Part of the same transaction."""

from typing import Any

from accounts.applications.models import Application
from accounts.applications.models import Tenant
from accounts.notices.service import Told
from accounts.notices.service import mail_operators
from accounts.notices.service import notify
from accounts.plans.catalog import TIERS
from accounts.tiers.models import TierRequest

NOUNS = {"keys": "API keys", "clients": "OAuth clients", "endpoints": "webhook endpoints"}


def tell_of_change(
    application: Application, tenant: Tenant, *, before: str, reason: str, held: dict[str, list[str]],
    released: dict[str, list[str]],
) -> None:  # fmt: skip
    """Tell an application's organisation that a restaurant's plan has changed, and what stopped or works again with it."""
    title = f"{tenant.name} is on the {_label(tenant.plan_tier)} plan"
    counted = [_counted("Stopped", held), _counted("Working again", released)]
    told = Told(
        kind="tier.changed", severity="warning" if held else "info", title=title, link=page_of(application, tenant.id),
        text=" ".join(text for text in (*counted, reason) if text) or title + ".",
    )  # fmt: skip
    mail = {
        "title": title, "application": application.name, "restaurant": tenant.name, "before": _label(before),
        "after": _label(tenant.plan_tier), "reason": reason, "held": _listed(held), "released": _listed(released),
    }  # fmt: skip
    notify(told, organisation_id=application.organisation_id, application_id=application.id, mail=mail)


def tell_of_decision(application: Application, tenant: Tenant, request: TierRequest, *, text: str) -> None:
    """Tell the organisation that its request was refused, or that an operator asks something about it."""
    is_refusal = request.state == "refused"
    wanted = _label(request.to_tier)
    title = f"{tenant.name} stays on its plan" if is_refusal else f"A question about the {wanted} plan for {tenant.name}"
    told = Told(kind="tier.answered", severity="warning", title=title, text=text, link=page_of(application, tenant.id))
    mail = {
        "title": title, "application": application.name, "restaurant": tenant.name, "after": wanted, "text": text,
        "is_refusal": is_refusal,
    }  # fmt: skip
    notify(told, organisation_id=application.organisation_id, application_id=application.id, mail=mail)


def tell_operators(
    application: Application, tenant: Tenant, request: TierRequest, *, organisation: str, what: str, text: str
) -> None:
    """Tell everybody who runs the platform. what: new or message."""
    context: dict[str, Any] = {
        "application": application.name, "organisation": organisation, "restaurant": tenant.name,
        "before": _label(request.from_tier), "after": _label(request.to_tier), "what": what, "text": text,
    }  # fmt: skip
    mail_operators(kind="tier.review", path=f"/admin/plans/requests/{request.id}", context=context)


def page_of(application: Application, tenant_id: str) -> str:
    """Where an application's people read about a restaurant's plan."""
    return f"/live/plan?application={application.id}&tenant={tenant_id}"


def _label(tier: str | None) -> str:
    return TIERS[tier].label if tier in TIERS else "no"


def _listed(things: dict[str, list[str]]) -> list[str]:
    return [f"{NOUNS[kind]}: {', '.join(names)}" for kind, names in things.items()]


def _counted(lead: str, things: dict[str, list[str]]) -> str:
    parts = [f"{len(names)} {NOUNS[kind] if len(names) > 1 else NOUNS[kind].removesuffix('s')}" for kind, names in things.items()]
    return f"{lead}: {', '.join(parts)}." if parts else ""
