"""Deletes what is past its time: logs, events with their deliveries, idempotency records, mails and notices.

Small transactions, oldest first, so that no request waits long behind one and a killed process loses nothing.

Request logs and attempts carry the last day they are kept. On PostgreSQL their partitions of past days are dropped whole
(docs/adr/0018); row by row go those of SQLite, and those that no partition was made for.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import tuple_

from accounts.applications.models import Tenant
from accounts.factors.tickets import forget_tickets
from accounts.logs.models import CredentialCount
from accounts.logs.models import RequestCount
from accounts.logs.models import RequestLog
from accounts.logs.usage import KEPT_DAYS
from accounts.mail.service import KEPT
from accounts.mail.service import forget_mails
from accounts.notices.service import forget_notices
from accounts.people.links import forget_links
from accounts.people.sessions import forget_sessions
from accounts.plans.catalog import Tier
from accounts.plans.catalog import keeping_tier
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from api.idempotency import RETENTION_US
from api.idempotency import IdempotencyRecord
from kit.clock import DAY_US
from kit.clock import day_of
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
from worker.partitions import Partitions
from worker.partitions import keep_partitions

log = logging.getLogger(__name__)

BATCH = 500

_E: Any = EventRow.__table__
_D: Any = Delivery.__table__
_A: Any = DeliveryAttempt.__table__
_L: Any = RequestLog.__table__
_I: Any = IdempotencyRecord.__table__
_C: Any = RequestCount.__table__
_K: Any = CredentialCount.__table__
_MINE: Any = bindparam("of_tenant")
_BEFORE: Any = bindparam("before")
_MOST: Any = bindparam("most", type_=Integer)


def _chunk(table: Any, *conditions: Any) -> Any:
    """Delete one batch of a table's rows that meet the conditions."""
    doomed = select(table.c.tenant_id, table.c.id).where(*conditions).limit(_MOST)
    return delete(table).where(tuple_(table.c.tenant_id, table.c.id).in_(doomed))


def _expired_chunk(table: Any) -> Any:
    """Delete one batch of the rows whose last day is over. PostgreSQL looks for them in past days alone, named twice."""
    doomed = select(*table.primary_key).where(table.c.expires_on < _BEFORE).limit(_MOST)
    return delete(table).where(table.c.expires_on < _BEFORE, tuple_(*table.primary_key).in_(doomed))


_has_delivery = exists(select(_D.c.id).where(_D.c.tenant_id == _E.c.tenant_id, _D.c.event_id == _E.c.id).correlate(_E))
_its_attempts = select(_A.c.id).where(_A.c.tenant_id == _D.c.tenant_id, _A.c.delivery_id == _D.c.id).correlate(_D)
# Not EXISTS: PostgreSQL would turn it into a join, and read all attempts of the tenant for every batch.
_has_no_attempt = _its_attempts.limit(1).scalar_subquery().is_(None)

# Children first: the references between these tables are checked by the database.
_expired = (_expired_chunk(_A), _expired_chunk(_L))
_bare_deliveries = _chunk(_D, _D.c.tenant_id == _MINE, _D.c.created_at < _BEFORE, _has_no_attempt)
_bare_events = _chunk(
    _E, _E.c.tenant_id == _MINE, _E.c.committed_at < _BEFORE, _E.c.relayed_at.is_not(None), ~_has_delivery
)
_old_records = _chunk(_I, _I.c.created_us < _BEFORE)
_old_counts = _chunk(_C, _C.c.day < _BEFORE)
_old_credential_counts = _chunk(_K, _K.c.day < _BEFORE)


@dataclass(frozen=True)
class Kept:
    """A tenant and what its plan keeps."""

    tenant_id: str
    environment: Environment
    tier: Tier


def retain() -> int:
    """Delete everything past its time on both planes. Returns the number of rows deleted."""
    at = now_us()
    today = day_of(at)
    deleted = sum(_expire(environment, today) for environment in Environment)
    for kept in _tenants():
        for statement in (_bare_deliveries, _bare_events):
            before = (today - kept.tier.event_days) * DAY_US  # as attempts do, they stay to the end of their last day
            deleted += _drain(kept.environment, statement, of_tenant=kept.tenant_id, before=before)
    for environment in Environment:
        deleted += _drain(environment, _old_records, before=at - RETENTION_US)
        for statement in (_old_counts, _old_credential_counts):
            deleted += _drain(environment, statement, before=iso(at - KEPT_DAYS * DAY_US)[:10])
    for forget in (forget_mails, forget_notices, forget_links, forget_sessions, forget_tickets):
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


def _expire(environment: Environment, today: int) -> int:
    """Remove the attempts and logs whose last day is over. Returns how many rows were deleted one by one."""
    partitions = keep_partitions(environment, today)
    if partitions != Partitions():
        log.info("partitions", extra={"plane": environment.value, **asdict(partitions)})
    if partitions.blocked:
        log.warning("rows in a DEFAULT partition keep days from being made", extra={"plane": environment.value})
    if partitions.busy:
        return 0  # what waits for a lock is dropped whole in the next run; its rows are not worth deleting
    return sum(_drain(environment, statement, before=today) for statement in _expired)


def _tenants() -> list[Kept]:
    with control_unit(writes=False):
        rows = control().session.execute(select(Tenant.id, Tenant.environment, Tenant.plan_tier)).all()
    found = [(row.id, Environment(row.environment), row.plan_tier) for row in rows]
    return [Kept(row_id, plane, keeping_tier(tier, is_sandbox=plane == Environment.SANDBOX)) for row_id, plane, tier in found]


def _drain(environment: Environment, statement: Any, **parameters: Any) -> int:
    total = 0
    while True:
        with operations(environment, reason=Reason.RETENTION) as unit:
            deleted = unit.execute(statement, {**parameters, "most": BATCH}).rowcount
        total += deleted
        if deleted < BATCH:
            return total
