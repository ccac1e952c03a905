"""The webhook endpoints a sandbox world brings along, on the control plane, and their inbox on the tenant's plane.

Two planes, so two transactions: each function opens its own units, may be stopped anywhere and run again. Never call it
inside an open unit of work, except for fixture_endpoints, which reads the tenant's copies in one.
"""

from accounts.applications.service import Side
from accounts.applications.service import get_tenant
from accounts.applications.service import seeding_side
from accounts.applications.simulation import simulate_plan
from accounts.webhooks import service as webhooks
from accounts.webhooks.options import DEFAULTS
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control_unit
from kit.unit import unit_of_work
from sandbox import inbox
from sandbox import queries
from sandbox.worlds import minimal

WORLD, API = "world", "api"


def after_reset(tenant_id: str) -> str | None:
    """Finish a reset on the control plane: no plan is simulated; API endpoints go, the world's are as new, the portal's stay.

    Returns the plan the tenant then has. Does nothing for a production tenant. Raises NotFound for an unknown one.
    """
    with control_unit(writes=False):
        tenant = get_tenant(tenant_id=tenant_id)
    if tenant.environment == Environment.SANDBOX and tenant.simulated_plan is not None:
        with control_unit():
            simulate_plan(tenant_id=tenant_id, tier=None)
    if tenant.environment == Environment.SANDBOX and tenant.application_id is not None:
        restore(tenant.application_id, tenant_id)
    return tenant.plan_tier


def restore(application_id: str, tenant_id: str) -> None:
    """Bring the endpoints of an application's sandbox back to what its world says, and open the inboxes they name.

    The world's inbox endpoint is left out where the application already has an endpoint at an inbox of its own.
    """
    with control_unit():
        side = seeding_side(application_id=application_id, environment=Environment.SANDBOX, tenant_id=tenant_id)
        for endpoint in webhooks.list_endpoints(side):
            if endpoint.made_by == API:
                webhooks.delete_endpoint(side, endpoint_id=endpoint.id)
        _restore_world(side, tenant_id)
        tokens = [token for endpoint in webhooks.list_endpoints(side) if (token := inbox.token_of(endpoint.url))]
    scope = Scope(Environment.SANDBOX, tenant_id, application_id=application_id)
    with unit_of_work(scope):
        for token in tokens:
            inbox.open_inbox(scope, token=token)


def fixture_endpoints(scope: Scope) -> list[str]:
    """Ids of the tenant's endpoints at the addresses a world has: its inbox, one that answers 200, one that answers 502."""
    known = {spec.url for spec in minimal.ENDPOINTS}
    return [row[0] for row in queries.endpoint_urls.rows(scope) if row[1] in known or inbox.token_of(row[1])]


def ensure_endpoint(scope: Scope, *, url: str, description: str) -> str:
    """The id of the sandbox application's endpoint at a simulated URL, made when it is not there; a reset removes it."""
    with control_unit():
        side = seeding_side(
            application_id=str(scope.application_id), environment=Environment.SANDBOX, tenant_id=scope.tenant_id
        )  # fmt: skip
        for endpoint in webhooks.list_endpoints(side):
            if endpoint.url == url:
                return endpoint.id
        return webhooks.create_endpoint(side, url=url, event_types=["*"], description=description).endpoint.id


def _restore_world(side: Side, tenant_id: str) -> None:
    present = webhooks.list_endpoints(side)
    has_inbox = any(endpoint.made_by != WORLD and inbox.token_of(endpoint.url) for endpoint in present)
    wanted = {
        inbox.HOST + inbox.world_token(tenant_id) if spec.url == minimal.INBOX else spec.url: spec.description
        for spec in minimal.ENDPOINTS
        if not (spec.url == minimal.INBOX and has_inbox)
    }
    for endpoint in present:
        if endpoint.made_by != WORLD:
            continue
        description = wanted.pop(endpoint.url, None)
        if description is None:
            webhooks.delete_endpoint(side, endpoint_id=endpoint.id)
            continue
        webhooks.update_endpoint(
            side, endpoint_id=endpoint.id, event_types=["*"], description=description, exclude_own=False, state="enabled",
            options=DEFAULTS,
        )  # fmt: skip
        webhooks.change_signature(side, endpoint_id=endpoint.id, signature="v1")
    for url, description in wanted.items():
        webhooks.create_endpoint(side, url=url, event_types=["*"], description=description)
