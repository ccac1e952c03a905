"""Timers fired by a worker: each in its own transaction, none lost, none done twice."""

from collections.abc import Callable
from threading import Barrier
from threading import Thread

import pytest

from domain.timekeeping import service as timekeeping
from domain.timers import service as timers
from domain.timers.models import Timer
from kit.clock import now_us
from kit.outbox import EventRow
from kit.outbox import record
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.worker.rows import NewScope
from tests.worker.rows import TagAdded
from worker import timekeeping as worker

pytestmark = pytest.mark.usefixtures("clean_planes", "no_timers")
SANDBOX = Environment.SANDBOX
Handler = Callable[[Scope, str], None]


@pytest.fixture
def handled_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler], None]:
    """Makes a function the handler of kind `test.do`."""
    return lambda handler: monkeypatch.setitem(timekeeping.HANDLERS, "test.do", handler)


def set_task(scope: Scope, object_id: str = "x") -> None:
    with unit_of_work(scope):
        timers.set_task(scope, kind="test.do", object_id=object_id)


def waiting(scope: Scope) -> list[tuple[str, int]]:
    with unit_of_work(scope, writes=False):
        return [(row.object_id, row.attempts) for row in session(scope).scalars(Timer.owned_by(scope))]


def tag(scope: Scope) -> None:
    record(scope, TagAdded(object={"id": "cus_x", "tag": "vip"}))


def events(scope: Scope) -> int:
    with unit_of_work(scope, writes=False):
        return len(session(scope).scalars(EventRow.owned_by(scope)).all())


def test_tasks_of_every_tenant_and_plane_are_done(new_scope: NewScope, handled_by: Callable[[Handler], None]):
    done: list[str] = []
    handled_by(lambda scope, _object_id: done.append(scope.tenant_id))
    scopes = [new_scope(), new_scope(), new_scope(Environment.PRODUCTION)]
    for scope in scopes:
        set_task(scope)
    assert [worker.is_anything_due(environment) for environment in (SANDBOX, Environment.PRODUCTION)] == [True, True]
    assert (worker.keep_time(SANDBOX), worker.keep_time(Environment.PRODUCTION)) == (2, 1)
    assert sorted(done) == sorted(scope.tenant_id for scope in scopes)
    assert [waiting(scope) for scope in scopes] == [[], [], []]
    assert not worker.is_anything_due(SANDBOX)


def test_failed_task_leaves_no_trace_and_is_tried_later(scope: Scope, handled_by: Callable[[Handler], None]):
    def fail(scope: Scope, _object_id: str) -> None:
        tag(scope)
        raise ZeroDivisionError

    handled_by(fail)
    set_task(scope)
    assert worker.keep_time(SANDBOX) == 1
    assert (waiting(scope), events(scope)) == ([("x", 1)], 0)
    assert worker.keep_time(SANDBOX) == 0


def test_failing_tenant_does_not_hold_up_the_others(new_scope: NewScope, handled_by: Callable[[Handler], None]):
    bad, good = new_scope(), new_scope()
    done: list[str] = []

    def handle(scope: Scope, _object_id: str) -> None:
        if scope.tenant_id == bad.tenant_id:
            raise ZeroDivisionError
        done.append(scope.tenant_id)

    handled_by(handle)
    set_task(bad)
    set_task(good)
    worker.keep_time(SANDBOX)
    assert done == [good.tenant_id]


def test_task_is_done_once_when_two_workers_look_at_once(scope: Scope, handled_by: Callable[[Handler], None]):
    handled_by(lambda scope, _object_id: tag(scope))
    for number in range(20):
        set_task(scope, f"x{number}")
    barrier = Barrier(2)

    def work() -> None:
        barrier.wait()
        worker.keep_time(SANDBOX)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.keep_time(SANDBOX)
    assert (waiting(scope), events(scope)) == ([], 20)


def test_leased_task_is_given_back_when_its_process_died(scope: Scope, monkeypatch: pytest.MonkeyPatch):
    started: list[int] = []

    def die(_scope: Scope, _object_id: str) -> None:
        started.append(now_us())
        if len(started) == 1:
            raise SystemExit  # as hard an end as a test can have

    monkeypatch.setitem(worker.LEASED, "test.do", die)
    set_task(scope)
    with pytest.raises(SystemExit):
        worker.keep_time(SANDBOX)
    assert waiting(scope) == [("x", 1)]
    assert worker.keep_time(SANDBOX) == 0  # the lease holds
    with unit_of_work(scope):
        timers.set_task(scope, kind="test.do", object_id="x")  # as when it has ended
    assert worker.keep_time(SANDBOX) == 1
    assert (len(started), waiting(scope)) == (2, [])
