"""Which keys a tenant's plan has room for: the oldest. The others are held back, unchanged, until there is room again."""

from typing import Any

from sqlalchemy import or_
from sqlalchemy import select

from accounts.applications.service import get_tenant
from accounts.keys.models import ApiKey
from accounts.plans.catalog import Tier
from accounts.plans.catalog import tier_of
from accounts.plans.limits import Settled
from accounts.plans.limits import release
from accounts.plans.limits import settle
from kit.clock import now
from kit.unit import control


def counted_keys(*, application_id: str, tenant_id: str) -> list[ApiKey]:
    """Keys that count against the tenant's plan, the oldest first: not revoked, expired or living out their grace."""
    query = select(ApiKey).where(*is_counted(application_id, tenant_id)).order_by(ApiKey.created_at, ApiKey.id)
    return list(control().session.scalars(query))


def is_counted(application_id: str, tenant_id: str) -> tuple[Any, ...]:
    """The conditions of a key that counts."""
    return (
        ApiKey.application_id == application_id, ApiKey.tenant_id == tenant_id, ApiKey.revoked_at.is_(None),
        ApiKey.rolled_into_id.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now()),
    )  # fmt: skip


def settle_keys(*, application_id: str, tenant_id: str, tier: Tier) -> Settled:
    """Hold back the newest keys beyond a plan and let those within it work. Trusts that the application is locked.

    The caller announces it (accounts.applications.revocations) and writes it down.
    """
    return settle(counted_keys(application_id=application_id, tenant_id=tenant_id), most=tier.max_keys)


def release_keys(*, application_id: str, tenant_id: str) -> list[ApiKey]:
    """Let the oldest held keys work for which there is room now. Trusts that the application is locked."""
    tier = tier_of(get_tenant(tenant_id=tenant_id).plan_tier)
    return release(counted_keys(application_id=application_id, tenant_id=tenant_id), most=tier.max_keys)
