"""Which production endpoints the plans of an application's tenants have room for: the oldest.

An endpoint serves every tenant that connected its application, so the largest of their plans counts. What a smaller one leaves
out of an endpoint (types, attempts) is left out of that tenant's copy by accounts.webhooks.sync.
"""

from sqlalchemy import select

from accounts.plans.catalog import Tier
from accounts.plans.limits import Settled
from accounts.plans.limits import surplus
from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.catalog import covers
from accounts.webhooks.models import UNCOUNTED
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.service import apply_changes
from accounts.webhooks.sync import BEYOND_PLAN
from kit.planes import Environment
from kit.unit import control


def counted_endpoints(*, application_id: str) -> list[WebhookEndpoint]:
    """The application's production endpoints that count against a plan, the oldest first."""
    query = select(WebhookEndpoint).where(
        WebhookEndpoint.application_id == application_id, WebhookEndpoint.environment == Environment.PRODUCTION,
        WebhookEndpoint.deleted_at.is_(None), WebhookEndpoint.made_by.not_in(UNCOUNTED),
    )  # fmt: skip
    return list(control().session.scalars(query.order_by(WebhookEndpoint.created_at, WebhookEndpoint.id)))


def settle_endpoints(*, application_id: str, tiers: list[Tier]) -> Settled:
    """Switch off the newest endpoints beyond the largest of these plans, and on again what an earlier change switched off.

    Every endpoint's copies follow after the commit, because they depend on the plan as well. Trusts that the application is
    locked; the caller writes it down.
    """
    endpoints, most = counted_endpoints(application_id=application_id), max(tier.max_endpoints for tier in tiers)
    held = [one for one in surplus(endpoints, most=most) if one.state == "enabled"]
    released = [one for one in endpoints[:most] if one.disabled_reason == BEYOND_PLAN]
    for endpoint in endpoints:
        if endpoint in held:
            apply_changes(endpoint, state="disabled", disabled_reason=BEYOND_PLAN)
        elif endpoint in released:
            apply_changes(endpoint, state="enabled", disabled_reason=None)
        else:
            apply_changes(endpoint)
    return Settled(held, released)


def types_lost(endpoints: list[WebhookEndpoint], tier: Tier) -> list[str]:
    """Event types that endpoints ask for and a plan leaves out, in the catalogue's order."""
    return [
        name for name in EVENT_TYPES
        if not tier.allows_event(name) and any(covers(endpoint.event_types, name) for endpoint in endpoints)
    ]  # fmt: skip
