"""Making a registered tenant real: what spans two planes is done in steps that may be stopped and repeated anywhere.

Control says what to build (a pending tenant), the plane gets its rows, the world's endpoints follow, control says ready.
Nobody is shown the tenant before that. Runs after sign-up and in the sweep.
"""

from accounts.applications.service import get_tenant
from accounts.applications.service import mark_ready
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control_unit
from kit.unit import unit_of_work
from sandbox import service
from sandbox.building import build_world
from sandbox.endpoints import after_reset

FROZEN = "frozen"


def provision(tenant_id: str) -> None:
    """Finish one pending tenant; a ready one is left alone. Call outside any unit of work. Raises NotFound."""
    with control_unit(writes=False):
        tenant = get_tenant(tenant_id=tenant_id)
    if tenant.state == "ready":
        return
    scope = Scope(Environment(tenant.environment), tenant_id, application_id=tenant.application_id)
    is_frozen = tenant.clock_mode == FROZEN and scope.environment == Environment.SANDBOX
    with unit_of_work(scope):
        service.provision(scope, profile=tenant.profile, is_frozen=is_frozen)
    after_reset(tenant_id)
    build_world(scope)
    with control_unit():
        mark_ready(tenant_id=tenant_id)
