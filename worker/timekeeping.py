"""Firing timers and tasks of all tenants, each in a transaction of its own, or under a lease where the work is long.

Everything may be repeated: a timer is deleted by the transaction that does its work, and a leased task is fired again when
its process died.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import select

from domain.guestbook.erasing import FORGET
from domain.timekeeping.service import fire
from domain.timers.models import Timer
from domain.timers.service import Due
from domain.timers.service import drop_timer
from domain.timers.service import next_due
from domain.timers.service import postpone
from kit.clock import now_us
from kit.jobs import doorbell
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox.building import BUILD
from worker.calculations import calculate
from worker.deliver import stop_requested
from worker.exports import run_export
from worker.forgetting import forget
from worker.operations import Reason
from worker.operations import operations
from worker.worlds import build

log = logging.getLogger(__name__)

TURN_S = 20.0
MOST_TENANTS = 100  # in one look; each then gets FAIR_SHARE timers before the next look
FAIR_SHARE = 50
LEASE_S = 600.0
FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 3600.0
# Work too long for one transaction: the function opens its own, and may be started again after a lease.
LEASED: dict[str, Callable[[Scope, str], None]] = {
    "export.run": run_export, "loyalty.calculate": calculate, FORGET: forget, BUILD: build,
}  # fmt: skip

_T: Any = Timer.__table__
_is_due = _T.c.wakes_at <= bindparam("now")
_anything_due = select(exists(select(_T.c.id).where(_is_due)))
_tenants = select(_T.c.tenant_id).where(_is_due).group_by(_T.c.tenant_id).limit(MOST_TENANTS)


def is_anything_due(environment: Environment) -> bool:
    """Tell whether a timer of any tenant is due."""
    with operations(environment, reason=Reason.PROBE, writes=False) as unit:
        return bool(unit.execute(_anything_due, {"now": now_us()}).scalar())


def keep_time(environment: Environment) -> int:
    """Fire what is due until nothing is, the turn is over or this process is told to stop. Returns how many fired."""
    doorbell.answered("timers", environment)
    ends_at, fired = time.monotonic() + TURN_S, 0
    while time.monotonic() < ends_at and not stop_requested.is_set():
        with operations(environment, reason=Reason.TIMERS, writes=False) as unit:
            tenants = [row[0] for row in unit.execute(_tenants, {"now": now_us()})]
        before = fired
        for tenant_id in tenants:
            fired += _serve(Scope(environment, tenant_id))
        if fired == before:
            break
    return fired


def _serve(scope: Scope) -> int:
    for count in range(FAIR_SHARE):
        if stop_requested.is_set() or not _fire_one(scope):
            return count
    return FAIR_SHARE


def _fire_one(scope: Scope) -> bool:
    due: Due | None = None
    try:
        with unit_of_work(scope):
            due = next_due(scope, until_us=now_us(), on_tenants_clock=False)
            if due is None:
                return False
            if due.kind in LEASED:
                postpone(scope, timer_id=due.id, delay_s=LEASE_S)
            else:
                fire(scope, due)
        if due.kind in LEASED:
            LEASED[due.kind](scope, due.object_id)
            with unit_of_work(scope):
                drop_timer(scope, kind=due.kind, object_id=due.object_id)
    except Exception:
        if due is None:
            raise
        log.exception("a timer failed", extra={"kind": due.kind, "object": due.object_id, "attempt": due.attempts + 1})
        with unit_of_work(scope):
            postpone(scope, timer_id=due.id, delay_s=min(FIRST_RETRY_S * 2**due.attempts, LONGEST_RETRY_S))
    return True
