"""What a sandbox's traffic shows of an integration: the numbers a go-live checklist is made of. Counts, and judges nothing."""

from collections.abc import Callable
from typing import Any

from accounts.approvals.queries import deliveries_of
from accounts.approvals.queries import hasty_of
from accounts.approvals.queries import routes_of
from accounts.approvals.queries import traffic_of
from accounts.plans.scopes import scopes_of
from kit.planes import Environment
from kit.scope import Scope

TOP_ROUTES = 20


def evidence(scope: Scope, *, scope_of: Callable[[str, str], str]) -> dict[str, Any]:
    """What the tenant's traffic shows a reviewer, counted on its plane from request logs and deliveries.

    Rates are 0.0–1.0, or None when there was nothing to count. hasty_after_429: refused calls after which the same
    credential called again before Retry-After had passed. scopes_used: what the calls that succeeded needed; scope_of tells it
    by method and route, and answers an empty text for a call that needs none.
    """
    traffic, delivered = traffic_of(scope), deliveries_of(scope)
    routes = routes_of(scope)
    return {
        "calls": traffic["calls"],
        "first_call_at": traffic["first_at"],
        "last_call_at": traffic["last_at"],
        "error_rate": _rate(traffic["errors"], traffic["calls"]),
        "server_errors": traffic["server_errors"],
        "rate_limited": traffic["limited"],
        "hasty_after_429": hasty_of(scope),
        "writes": traffic["writes"],
        "idempotency_rate": _rate(traffic["with_key"], traffic["writes"]),
        "webhook_deliveries": delivered["finished"],
        "webhook_success_rate": _rate(delivered["succeeded"], delivered["finished"]),
        "routes": [{"method": m, "route": r, "calls": n} for m, r, n in routes[:TOP_ROUTES]],
        "scopes_used": sorted({scope_of(method, route) for method, route, _ in routes} & scopes_of(Environment.PRODUCTION)),
    }


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
