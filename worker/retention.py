"""Deletes what is past its time: logs, events with their deliveries, idempotency records, mails and notices.

Small transactions, oldest first, so that no request waits long behind one and a killed process loses nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import tuple_

from accounts.applications.models import Tenant
from accounts.logs.models import RequestCount
from accounts.logs.models import RequestLog
from accounts.logs.usage import KEPT_DAYS
from accounts.mail.service import KEPT
from accounts.mail.service import forget_mails
from accounts.notices.service import forget_notices
from accounts.plans.catalog import Tier
from accounts.plans.catalog import tier_of
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from api.idempotency import RETENTION_US
from api.idempotency import IdempotencyRecord
from kit.clock import iso
from kit.clock import now_us
from kit.outbox import EventRow
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from worker.exports import remove_export_files
from worker.mail_routes import mail_files
from worker.operations import Reason
from worker.operations import operations

log = logging.getLogger(__name__)

BATCH = 500
DAY_US = 24 * 3600 * 1_000_000

_E: Any = EventRow.__table__
_D: Any = Delivery.__table__
_A: Any = DeliveryAttempt.__table__
_L: Any = RequestLog.__table__
_I: Any = IdempotencyRecord.__table__
_C: Any = RequestCount.__table__
_MINE: Any = bindparam("of_tenant")
_BEFORE: Any = bindparam("before")


def _chunk(table: Any, *conditions: Any) -> Any:
    """Delete one batch of a table's rows that meet the conditions."""
    doomed = select(table.c.tenant_id, table.c.id).where(*conditions).limit(bindparam("most", type_=Integer))
    return delete(table).where(tuple_(table.c.tenant_id, table.c.id).in_(doomed))


_old_deliveries = select(_D.c.id).where(_D.c.tenant_id == _MINE, _D.c.created_at < _BEFORE)
_has_delivery = exists(select(_D.c.id).where(_D.c.tenant_id == _E.c.tenant_id, _D.c.event_id == _E.c.id).correlate(_E))
_has_attempt = exists(
    select(_A.c.id).where(_A.c.tenant_id == _D.c.tenant_id, _A.c.delivery_id == _D.c.id).correlate(_D)
)

# Children first: the references between these tables are checked by the database.
_old_attempts = _chunk(_A, _A.c.tenant_id == _MINE, _A.c.delivery_id.in_(_old_deliveries))
_bare_deliveries = _chunk(_D, _D.c.tenant_id == _MINE, _D.c.created_at < _BEFORE, ~_has_attempt)
_bare_events = _chunk(
    _E, _E.c.tenant_id == _MINE, _E.c.committed_at < _BEFORE, _E.c.relayed_at.is_not(None), ~_has_delivery
)
_old_logs = _chunk(_L, _L.c.tenant_id == _MINE, _L.c.at < _BEFORE)
_old_records = _chunk(_I, _I.c.created_us < _BEFORE)
_old_counts = _chunk(_C, _C.c.day < _BEFORE)


@dataclass(frozen=True)
class Kept:
    """A tenant and what its plan keeps."""

    tenant_id: str
    environment: Environment
    tier: Tier


def retain() -> int:
    """Delete everything past its time on both planes. Returns the number of rows deleted."""
    at = now_us()
    deleted = 0
    for kept in _tenants():
        events_before, logs_before = at - kept.tier.event_days * DAY_US, at - kept.tier.log_days * DAY_US
        for statement in (_old_attempts, _bare_deliveries, _bare_events):
            deleted += _drain(kept.environment, statement, of_tenant=kept.tenant_id, before=events_before)
        deleted += _drain(kept.environment, _old_logs, of_tenant=kept.tenant_id, before=logs_before)
    for environment in Environment:
        deleted += _drain(environment, _old_records, before=at - RETENTION_US)
        deleted += _drain(environment, _old_counts, before=iso(at - KEPT_DAYS * DAY_US)[:10])
    for forget in (forget_mails, forget_notices):
        deleted += _drain_control(forget)
    files = remove_export_files() + mail_files.forget(kept_s=KEPT.total_seconds())
    if deleted or files:
        log.info("retention", extra={"rows": deleted, "files": files})
    return deleted


def _drain_control(forget: Callable[..., int]) -> int:
    total = 0
    while True:
        with control_unit():
            deleted = forget(limit=BATCH)
        total += deleted
        if deleted < BATCH:
            return total


def _tenants() -> list[Kept]:
    with control_unit(writes=False):
        rows = control().session.execute(select(Tenant.id, Tenant.environment, Tenant.plan_tier)).all()
    return [Kept(row.id, Environment(row.environment), tier_of(row.plan_tier)) for row in rows]


def _drain(environment: Environment, statement: Any, **parameters: Any) -> int:
    total = 0
    while True:
        with operations(environment, reason=Reason.RETENTION) as unit:
            deleted = unit.execute(statement, {**parameters, "most": BATCH}).rowcount
        total += deleted
        if deleted < BATCH:
            return total
