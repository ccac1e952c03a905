"""What a sandbox pretends towards its callers: a plan it plays and faults that may strike (control plane).

Kept beside the tenant because every credential's look-up reads it anyway. A change is announced, so that each serving
process looks its credentials up again before it answers the next call.
"""

from datetime import datetime

from accounts.applications.models import Tenant
from accounts.applications.revocations import revocations
from accounts.applications.service import get_tenant
from accounts.plans.catalog import TIERS
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.planes import Environment
from kit.unit import control


def simulate_plan(*, tenant_id: str, tier: str | None) -> Tenant:
    """Let a sandbox behave as a plan from the next call on; None: as its own. Returns the tenant.

    Raises NotFound for a production tenant, Invalid (422) for an unknown plan.
    """
    if tier is not None and tier not in TIERS:
        message = f"Expected one of {', '.join(TIERS)}, or null."
        raise Invalid(message, errors=[FieldError("tier", "validation_failed", message)])
    tenant = _sandbox(tenant_id)
    if tenant.simulated_plan != tier:
        tenant.simulated_plan = tier
        revocations.announce()
    return tenant


def expect_faults(*, tenant_id: str, until: datetime) -> None:
    """Have the sandbox's calls look for injected faults until an instant, at least. Raises NotFound for production.

    Only ever moved on: whoever adds a fault says so first, and a fault another call adds meanwhile is not overlooked.
    """
    tenant = _sandbox(tenant_id)
    if tenant.faults_until is None or tenant.faults_until < until:
        tenant.faults_until = until
        revocations.announce()


def _sandbox(tenant_id: str) -> Tenant:
    tenant = control().session.get(Tenant, get_tenant(tenant_id=tenant_id).id, with_for_update=True)
    if tenant.environment != Environment.SANDBOX:
        raise NotFound("Only a sandbox can pretend.")
    return tenant
