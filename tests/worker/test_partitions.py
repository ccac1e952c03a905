"""Partitions by the last day a row is kept, on PostgreSQL; what they do to rows is in test_retention.py."""

import logging
from collections.abc import Callable

import psycopg
import pytest

from accounts.logs.models import RequestLog
from kit.clock import DAY_US
from kit.clock import day_of
from kit.clock import from_us
from kit.clock import now_us
from kit.documents import append
from kit.ids import new_id
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from migrations.roles import AHEAD
from worker import partitions
from worker.partitions import LONGEST_DAYS
from worker.partitions import Partitions
from worker.partitions import keep_partitions
from worker.partitions import look_ahead
from worker.retention import retain

pytestmark = [pytest.mark.postgresql, pytest.mark.usefixtures("app")]
Connect = Callable[[str], psycopg.Connection]
PLANE = Environment.SANDBOX


def name(table: str, days: int) -> str:
    """What the partition of a day is called, counted from today."""
    return f"{table}_{from_us(now_us() + days * DAY_US):%Y%m%d}"


def log_row(scope: Scope, days: int) -> None:
    """A call whose last day is so many days from now."""
    with unit_of_work(scope):
        append(scope, RequestLog, [{
            "id": new_id("req"), "application_id": "app", "credential_id": "key", "product": "core", "method": "GET", "path": "/",
            "status": 200, "duration_us": 1, "at": now_us(), "expires_on": day_of(now_us()) + days,
        }])  # fmt: skip


def logs(scope: Scope) -> int:
    with unit_of_work(scope, writes=False):
        return len(session(scope).scalars(RequestLog.owned_by(scope)).all())


def partitions_of(connection: psycopg.Connection, table: str) -> set[str]:
    connection.rollback()
    rows = connection.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", (table,))
    return {row[0] for row in rows}


def test_days_are_there_for_the_longest_plan_and_more(connect: Connect) -> None:
    found = partitions_of(connect("owner"), "delivery_attempts")
    assert LONGEST_DAYS == {"sandbox": 7, "production": 90}
    assert AHEAD == {"sandbox": 10, "production": 93}
    assert {name("delivery_attempts", days) for days in range(11)} | {"delivery_attempts_default"} == found


def test_days_are_made_and_dropped_when_they_come_and_go(connect: Connect, scope: Scope) -> None:
    connection, today = connect("owner"), day_of(now_us())
    made = keep_partitions(PLANE, today - 2).changed
    assert made == tuple(name(table, days) for days in (-2, -1) for table in ("delivery_attempts", "request_logs"))
    log_row(scope, -2)
    log_row(scope, -1)
    keep_partitions(PLANE, today - 1)
    assert name("request_logs", -1) in partitions_of(connection, "request_logs")
    assert logs(scope) == 1
    assert keep_partitions(PLANE, today).changed == (name("delivery_attempts", -1), name("request_logs", -1))
    assert logs(scope) == 0
    assert keep_partitions(PLANE, today) == Partitions()


def test_a_day_is_dropped_in_the_next_run_when_somebody_reads_it(connect: Connect, scope: Scope) -> None:
    today = day_of(now_us())
    keep_partitions(PLANE, today - 1)
    log_row(scope, -1)
    reader = connect("ops")
    reader.execute("SELECT count(*) FROM request_logs")
    assert keep_partitions(PLANE, today) == Partitions((name("delivery_attempts", -1),), busy=1)
    retain()
    assert logs(scope) == 1
    reader.rollback()
    assert retain() == 0
    assert logs(scope) == 0


def test_rows_are_deleted_when_no_day_was_made_for_them(scope: Scope, caplog: pytest.LogCaptureFixture) -> None:
    log_row(scope, -1)
    assert keep_partitions(PLANE, day_of(now_us()) - 1) == Partitions((name("delivery_attempts", -1),), blocked=1)
    assert retain() == 1
    assert logs(scope) == 0


def test_the_sweep_makes_days_when_they_are_about_to_run_out(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    owner = connect("owner")
    owner.execute(f"DROP TABLE {name('request_logs', 9)}")
    owner.commit()
    look_ahead(PLANE)
    assert name("request_logs", 9) in partitions_of(owner, "request_logs")
    assert caplog.records == []


def test_the_sweep_warns_when_days_run_out(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "FEWEST_SPARE", 4)
    look_ahead(PLANE)
    assert [(row.levelno, row.getMessage()) for row in caplog.records] == [
        (logging.WARNING, "partitions are about to run out")
    ]
