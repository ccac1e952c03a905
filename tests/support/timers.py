"""Timers that other tests' tenants have left: a worker of the next test would do their work first."""

from sqlalchemy import select
from sqlalchemy import text

from domain.timers.models import Timer
from kit.planes import Environment
from kit.planes import owner_engine
from kit.scope import Scope
from kit.settings import Settings
from kit.unit import session
from kit.unit import unit_of_work
from worker.operations import Reason
from worker.operations import operations


def empty_timers(settings: Settings) -> None:
    """Delete every timer there is."""
    for environment in Environment:
        engine = owner_engine(settings, environment)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM timers" if engine.dialect.name == "sqlite" else "TRUNCATE timers"))
        engine.dispose()


def drop_timers(kind: str) -> None:
    """Delete the timers of one kind of every tenant."""
    of_kind = select(Timer.__table__.c.tenant_id).where(Timer.__table__.c.kind == kind).distinct()
    for environment in Environment:
        with operations(environment, reason=Reason.TIMERS, writes=False) as unit:
            tenants = [row.tenant_id for row in unit.execute(of_kind)]
        for tenant_id in tenants:
            scope = Scope(environment, tenant_id)
            with unit_of_work(scope):
                for row in session(scope).scalars(Timer.owned_by(scope)):
                    if row.kind == kind:
                        session(scope).delete(row)
