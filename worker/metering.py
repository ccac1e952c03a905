"""Holds the day's counts in Redis to those in the database, and tells of quotas that run out.

`request_counts` is the truth: a Redis that was emptied in the middle of a day knows of fewer calls than were made, and is told of
them here, once a minute, for every application that has spent half of the smallest quota or has a quota of its own. Redis may
know of more: permits that were leased and not used are spent.
"""

import logging
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from accounts.logs.models import RequestCount
from accounts.tiers.quotas import LEAST
from accounts.tiers.quotas import allowance_of
from accounts.tiers.quotas import step_of
from accounts.tiers.quotas import tell_of_quota
from accounts.tiers.quotas import with_own_quota
from api.auth import limiter_key
from api.limits import limiter
from kit.clock import iso
from kit.clock import now_us
from kit.planes import Environment
from kit.unit import control_unit
from worker.operations import Reason
from worker.operations import operations

log = logging.getLogger(__name__)
REMEMBERED = 10_000

_C: Any = RequestCount.__table__
_spent = func.sum(_C.c.calls - _C.c.limited)  # a call refused for a limit spends nothing
_busy = (
    select(_C.c.tenant_id, _C.c.application_id, _spent.label("spent"))
    .where(_C.c.day == bindparam("day"))
    .group_by(_C.c.tenant_id, _C.c.application_id)
    .having(or_(_spent >= LEAST, _C.c.application_id.in_(bindparam("special", expanding=True))))
)


class Meter:
    """Remembers what was told, so that a minute without news costs no write. Another process may tell first: once is enough."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str, str, int]] = set()

    def read(self) -> None:
        """Look at both planes."""
        day = iso(now_us())[:10]
        with control_unit(writes=False):
            special = with_own_quota()
        for environment in Environment:
            with operations(environment, reason=Reason.METERING, writes=False) as unit:
                found = unit.execute(_busy, {"day": day, "special": special}).all()
            for row in found:
                self._judge(environment, row.tenant_id, row.application_id, int(row.spent), day)

    def _judge(self, environment: Environment, tenant_id: str, application_id: str, counted: int, day: str) -> None:
        key = limiter_key(environment, tenant_id, application_id)
        limiter.recall_day(key, counted)
        with control_unit(writes=False):
            allowance = allowance_of(application_id=application_id, tenant_id=tenant_id)
        if allowance is None:
            return
        seen = limiter.look(key, ())
        spent = min(allowance.quota, max(counted, seen[1] if seen else 0))
        step = step_of(spent, allowance.quota)
        told = (tenant_id, application_id, day, step)
        if not step or told in self._told:
            return
        with control_unit():
            tell_of_quota(allowance, step=step, spent=spent, day=day)
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        self._told.add(told)
