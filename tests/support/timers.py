"""Timers that other tests' tenants have left: a worker of the next test would do their work first."""

from domain.timers.models import Timer
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from worker.operations import Reason
from worker.operations import operations


def drop_timers(kind: str | None = None) -> None:
    """Delete the timers of one kind, or all, of every tenant."""
    for environment in Environment:
        with operations(environment, reason=Reason.TIMERS, writes=False) as unit:
            tenants = {row.tenant_id for row in unit.execute(Timer.__table__.select()) if kind in (None, row.kind)}
        for tenant_id in tenants:
            scope = Scope(environment, tenant_id)
            with unit_of_work(scope):
                for row in session(scope).scalars(Timer.owned_by(scope)):
                    if kind in (None, row.kind):
                        session(scope).delete(row)
