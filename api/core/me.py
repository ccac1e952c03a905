"""GET /v1/me: what this credential is and may do."""

from api.core.blueprint import blueprint
from api.core.platform_schemas import MeOut
from api.gate import endpoint
from api.operations import PUBLIC
from api.operations import Call
from api.operations import Reply


@endpoint(blueprint, "GET", "/me", scope=PUBLIC, printed=MeOut, plane="none")
def read_me(call: Call) -> Reply:
    """Describe the calling credential.

    The answer to "which key is this, what may it do, and how often": environment, tenant, plan, scopes and limits.
    """
    principal = call.principal
    return Reply(payload={
        "credential_id": principal.credential_id,
        "application_id": principal.application_id,
        "environment": principal.environment,
        "tenant_id": principal.scope.tenant_id,
        "plan": principal.tier.name,
        "product": principal.product,
        "scopes": sorted(principal.scopes),
        "api_version": principal.api_version,
        "limits": {"per_minute": dict(principal.tier.limits), "per_day": principal.tier.daily_quota or None},
    })  # fmt: skip
