"""Counts over a sandbox tenant's request logs and deliveries: what a reviewer looks at before saying yes."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import case
from sqlalchemy import cast
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import or_
from sqlalchemy import select

from accounts.logs.models import RequestLog
from accounts.webhooks.models import Delivery
from kit.documents import TENANT
from kit.documents import registered_read
from kit.scope import Scope

_logs = RequestLog.__table__
_deliveries = Delivery.__table__
HASTE_US = 1_000_000
_WRITES = [literal(method) for method in ("POST", "PATCH", "PUT")]
_RESOURCES = {
    "orders": "orders", "menus": "menus", "menu-items": "menus", "categories": "menus", "modifier-groups": "menus",
    "modifiers": "menus", "taxes": "menus", "allergens": "menus", "payments": "payments", "refunds": "refunds",
    "customers": "customers", "locations": "locations", "tables": "tables", "webhooks": "webhooks", "deliveries": "webhooks",
    "events": "events", "logs": "logs",
}  # fmt: skip
_ONE_SCOPE = {"events": "events:read", "logs": "logs:read", "refunds": "refunds:write"}


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _traffic() -> Any:
    later = _logs.alias("later")
    again = exists().where(
        later.c.tenant_id == TENANT, later.c.credential_id == _logs.c.credential_id, later.c.status == 429,
        later.c.at > _logs.c.at, later.c.at < _logs.c.at + HASTE_US,
    ).correlate(_logs)  # fmt: skip
    writes = _logs.c.method.in_(_WRITES)
    has_key = func.lower(cast(_logs.c.request_headers, Text)).like('%"idempotency-key"%')
    return select(
        func.count(), _sum(_logs.c.status >= 400), _sum(_logs.c.status >= 500), _sum(_logs.c.status == 429),
        _sum(and_(_logs.c.status == 429, again)), _sum(writes), _sum(and_(writes, has_key)), func.min(_logs.c.at),
        func.max(_logs.c.at),
    ).where(_logs.c.tenant_id == TENANT)  # fmt: skip


def _delivered() -> Any:
    succeeded, dead = _deliveries.c.state == "succeeded", _deliveries.c.state == "dead"
    return select(_sum(or_(succeeded, dead)), _sum(succeeded)).where(_deliveries.c.tenant_id == TENANT)


def _routes() -> Any:
    good = (_logs.c.tenant_id == TENANT, _logs.c.status < 400, _logs.c.route != "")
    calls = func.count().label("calls")
    by = (_logs.c.method, _logs.c.route)
    return select(*by, calls).where(*good).group_by(*by).order_by(calls.desc(), _logs.c.route, _logs.c.method)


_traffic_read = registered_read("approvals.traffic", _traffic)
_delivered_read = registered_read("approvals.delivered", _delivered)
_routes_read = registered_read("approvals.routes", _routes)


def traffic_of(scope: Scope) -> dict[str, int]:
    """Calls of the tenant by outcome; first_at and last_at are microseconds, or None without calls."""
    names = ("calls", "errors", "server_errors", "limited", "hasty", "writes", "with_key", "first_at", "last_at")
    return dict(zip(names, _traffic_read.rows(scope)[0], strict=True))


def deliveries_of(scope: Scope) -> dict[str, int]:
    """Webhook deliveries that came to an end, and how many of them succeeded."""
    return dict(zip(("finished", "succeeded"), _delivered_read.rows(scope)[0], strict=True))


def routes_of(scope: Scope) -> list[tuple[str, str, int]]:
    """(method, route, calls) of every operation that succeeded at least once, the most called first."""
    return [(method, route, int(calls)) for method, route, calls in _routes_read.rows(scope)]


def scope_of_route(method: str, route: str) -> str:
    """The scope a route of the Core API needs, or an empty string for one that needs none."""
    segment = route.removeprefix("/v1/").partition("/")[0]
    if segment in _ONE_SCOPE:
        return _ONE_SCOPE[segment]
    resource = _RESOURCES.get(segment)
    return f"{resource}:{'read' if method in ('GET', 'HEAD') else 'write'}" if resource else ""
