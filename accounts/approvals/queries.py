"""Requests with whom they are about, and counts over a sandbox tenant's request logs and deliveries."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import case
from sqlalchemy import cast
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import type_coerce

from accounts.applications.models import Application
from accounts.approvals.models import ProductionRequest
from accounts.logs.models import RequestLog
from accounts.organisations.models import Organisation
from accounts.webhooks.models import Delivery
from kit.clock import SECOND_US
from kit.documents import TENANT
from kit.documents import registered_read
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import control

_logs = RequestLog.__table__
_deliveries = Delivery.__table__
MOST_LIMITED = 200  # refusals looked at; who runs into more of them is not judged by the older ones
_READS = [literal(method) for method in ("GET", "HEAD")]
_WRITES = [literal(method) for method in ("POST", "PATCH", "PUT")]


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _traffic() -> Any:
    writes = _logs.c.method.in_(_WRITES)
    has_key = func.lower(cast(_logs.c.request_headers, Text)).like('%"idempotency-key"%')
    return select(
        func.count(), _sum(_logs.c.status >= 400), _sum(_logs.c.status >= 500), _sum(_logs.c.status == 429),
        _sum(writes), _sum(and_(writes, has_key)), func.min(_logs.c.at),
        func.max(_logs.c.at),
    ).where(_logs.c.tenant_id == TENANT)  # fmt: skip


def _limited() -> Any:
    """Calls answered 429, the latest first, with the instant the same credential next read, or wrote, as that call did."""
    later = _logs.alias("later")
    reads, reads_later = _logs.c.method.in_(_READS), later.c.method.in_(_READS)
    next_at = (
        select(later.c.at)
        .where(
            later.c.tenant_id == TENANT, later.c.credential_id == _logs.c.credential_id, later.c.at > _logs.c.at,
            reads_later == reads,
        )
        .order_by(later.c.at).limit(1)
        .correlate(_logs)
        .scalar_subquery()
    )  # fmt: skip
    query = select(_logs.c.at, type_coerce(next_at, BigInteger), _logs.c.response_headers)
    return query.where(_logs.c.tenant_id == TENANT, _logs.c.status == 429).order_by(_logs.c.at.desc()).limit(MOST_LIMITED)


def _delivered() -> Any:
    succeeded, dead = _deliveries.c.state == "succeeded", _deliveries.c.state == "dead"
    return select(_sum(or_(succeeded, dead)), _sum(succeeded)).where(_deliveries.c.tenant_id == TENANT)


def _routes() -> Any:
    good = (_logs.c.tenant_id == TENANT, _logs.c.status < 400, _logs.c.route != "")
    calls = func.count().label("calls")
    by = (_logs.c.method, _logs.c.route)
    return select(*by, calls).where(*good).group_by(*by).order_by(calls.desc(), _logs.c.route, _logs.c.method)


_traffic_read = registered_read("approvals.traffic", _traffic)
_limited_read = registered_read("approvals.limited", _limited)
_delivered_read = registered_read("approvals.delivered", _delivered)
_routes_read = registered_read("approvals.routes", _routes)


def traffic_of(scope: Scope) -> dict[str, int]:
    """Calls of the tenant by outcome; first_at and last_at are microseconds, or None without calls."""
    names = ("calls", "errors", "server_errors", "limited", "writes", "with_key", "first_at", "last_at")
    return dict(zip(names, _traffic_read.rows(scope)[0], strict=True))


def hasty_of(scope: Scope) -> int:
    """How many calls answered 429 were followed by another one before their Retry-After had passed; a second without one."""
    return sum(
        next_at is not None and next_at < at + _wait_us(headers) for at, next_at, headers in _limited_read.rows(scope)
    )


def _wait_us(headers: Any) -> int:
    sent = json.loads(headers) if isinstance(headers, str) else headers
    wait = next((value for name, value in (sent or {}).items() if name.lower() == "retry-after"), "1")
    return int(wait) * SECOND_US if str(wait).isdecimal() else SECOND_US


def deliveries_of(scope: Scope) -> dict[str, int]:
    """Webhook deliveries that came to an end, and how many of them succeeded."""
    return dict(zip(("finished", "succeeded"), _delivered_read.rows(scope)[0], strict=True))


def routes_of(scope: Scope) -> list[tuple[str, str, int]]:
    """(method, route, calls) of every operation that succeeded at least once, the most called first."""
    return [(method, route, int(calls)) for method, route, calls in _routes_read.rows(scope)]


@dataclass(frozen=True, slots=True)
class Submission:
    """A request with whom it is about."""

    request: ProductionRequest
    application: Application
    organisation: Organisation


def submissions() -> Any:
    """Select requests with their applications and organisations, in the order of Submission's fields."""
    return (
        select(ProductionRequest, Application, Organisation)
        .join(Application, Application.id == ProductionRequest.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
    )


def submission_of(request_id: str) -> Submission:
    """One request. Whether its reader may see it is the caller's question. Raises NotFound."""
    row = control().session.execute(submissions().where(ProductionRequest.id == request_id)).first()
    if row is None:
        raise NotFound
    return Submission(*row)
