"""Which clients a tenant's plan has room for: the oldest. Tokens of the others are refused until there is room again."""

from sqlalchemy import select

from accounts.applications.service import get_tenant
from accounts.oauth.models import OAuthClient
from accounts.plans.catalog import Tier
from accounts.plans.catalog import tier_of
from accounts.plans.limits import Settled
from accounts.plans.limits import release
from accounts.plans.limits import settle
from kit.unit import control


def counted_clients(*, application_id: str, tenant_id: str) -> list[OAuthClient]:
    """Clients that count against the tenant's plan, the oldest first."""
    query = select(OAuthClient).where(
        OAuthClient.application_id == application_id, OAuthClient.tenant_id == tenant_id, OAuthClient.revoked_at.is_(None)
    )
    return list(control().session.scalars(query.order_by(OAuthClient.created_at, OAuthClient.id)))


def settle_clients(*, application_id: str, tenant_id: str, tier: Tier) -> Settled:
    """Hold back the newest clients beyond a plan and let those within it work. Trusts that the application is locked.

    The caller announces it (accounts.applications.revocations) and writes it down.
    """
    return settle(counted_clients(application_id=application_id, tenant_id=tenant_id), most=tier.max_clients)


def release_clients(*, application_id: str, tenant_id: str) -> list[OAuthClient]:
    """Let the oldest held clients work for which there is room now. Trusts that the application is locked."""
    tier = tier_of(get_tenant(tenant_id=tenant_id).plan_tier)
    return release(counted_clients(application_id=application_id, tenant_id=tenant_id), most=tier.max_clients)
