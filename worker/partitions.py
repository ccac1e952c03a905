"""Makes the days ahead of what is partitioned by day, and drops those that are over. SQLite has no partitions.

The database does both itself, in one function of the owner's; see migrations/partitions.py and docs/adr/0018.
"""

import logging
from dataclasses import dataclass

from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from accounts.logs.models import RequestLog
from accounts.plans.catalog import SANDBOX
from accounts.plans.catalog import TIERS
from accounts.webhooks.models import DeliveryAttempt
from kit.clock import DAY_US
from kit.clock import day_of
from kit.clock import from_us
from kit.clock import now_us
from kit.planes import Environment
from kit.planes import planes
from worker.operations import Reason
from worker.operations import operations

log = logging.getLogger(__name__)

PARTITIONED = (DeliveryAttempt.__tablename__, RequestLog.__tablename__)
# How long something may be kept. A plane has no more partitions than it needs: whatever deletes a delivery asks each of them.
LONGEST_DAYS = {
    Environment.SANDBOX: max(SANDBOX.event_days, SANDBOX.log_days),
    Environment.PRODUCTION: max(days for tier in TIERS.values() for days in (tier.event_days, tier.log_days)),
}
SPARE_DAYS = 3  # made beyond the last day something is written for
FEWEST_SPARE = 2  # between midnight and the next run there is one less

_keep_partitions = func.keep_partitions(bindparam("today", type_=Integer), bindparam("ahead", type_=Integer))
_keep = select(*_keep_partitions.table_valued("done", "busy", "blocked", name="kept").c)
_has_day = select(*(func.to_regclass(bindparam(table, type_=Text)).is_not(None) for table in PARTITIONED))


@dataclass(frozen=True)
class Partitions:
    """What was made and dropped, how many tables were locked, and how many days lie in a DEFAULT partition."""

    changed: tuple[str, ...] = ()
    busy: int = 0
    blocked: int = 0


def keep_partitions(environment: Environment, today: int) -> Partitions:
    """Make and drop what is missing and over on one plane, each in a transaction of its own."""
    changed: list[str] = []
    while _is_partitioned(environment):
        with operations(environment, reason=Reason.RETENTION) as unit:
            row = unit.execute(_keep, {"today": today, "ahead": LONGEST_DAYS[environment] + SPARE_DAYS}).one()
        if row.done is None:
            return Partitions(tuple(changed), row.busy, row.blocked)
        changed.append(row.done)
    return Partitions()


def look_ahead(environment: Environment) -> None:
    """Make the days ahead when they are about to run out, and warn when that does not help. For the sweep."""
    today = day_of(now_us())
    needed = today + LONGEST_DAYS[environment] + FEWEST_SPARE
    if not _is_partitioned(environment) or _has(environment, needed):
        return
    kept = keep_partitions(environment, today)
    if not _has(environment, needed):
        log.warning(
            "partitions are about to run out", extra={"plane": environment.value, "busy": kept.busy, "blocked": kept.blocked}
        )


def _is_partitioned(environment: Environment) -> bool:
    return planes.engine(environment, "ops").dialect.name == "postgresql"


def _has(environment: Environment, day: int) -> bool:
    """Whether every partitioned table has a day's partition."""
    names = {table: f"public.{table}_{from_us(day * DAY_US):%Y%m%d}" for table in PARTITIONED}
    with operations(environment, reason=Reason.SWEEP, writes=False) as unit:
        return all(unit.execute(_has_day, names).one())
