import pytest

from domain.timekeeping import service as timekeeping
from domain.timers import service as timers
from kit.clock import now_us
from kit.planes import Environment
from kit.scope import SYSTEM
from kit.scope import Scope
from kit.unit import tenant_now_us
from kit.unit import unit_of_work
from sandbox.clock import put_clock
from sandbox.clock import set_clock
from tests.worker.rows import NewScope

SECOND = 1_000_000
START = 1_768_219_200 * SECOND
Fired = list[tuple[str, int]]  # (object id, the instant it believed it was)


@pytest.fixture
def fired(monkeypatch: pytest.MonkeyPatch) -> Fired:
    """Handlers of two kinds that write down when they were called."""
    seen: Fired = []

    def note(scope: Scope, object_id: str) -> None:
        assert scope.actor == SYSTEM
        seen.append((object_id, tenant_now_us(scope)))

    def again(scope: Scope, object_id: str) -> None:
        note(scope, object_id)
        if len(seen) < 3:
            timers.set_timer(scope, kind="test.again", object_id=object_id, due_at_us=tenant_now_us(scope) + 10 * SECOND)

    monkeypatch.setitem(timekeeping.HANDLERS, "test.note", note)
    monkeypatch.setitem(timekeeping.HANDLERS, "test.again", again)
    return seen


@pytest.fixture
def still(scope: Scope) -> Scope:
    """A sandbox whose clock stands at START."""
    with unit_of_work(scope):
        put_clock(scope, frozen_at=START)
    return scope


def set_notes(scope: Scope, **seconds: int) -> None:
    with unit_of_work(scope):
        for object_id, after_s in seconds.items():
            timers.set_timer(scope, kind="test.note", object_id=object_id, due_at_us=START + after_s * SECOND)


def advance(scope: Scope, seconds: int) -> None:
    with unit_of_work(scope):
        set_clock(scope, advance_s=seconds)


def test_timers_fire_in_order_at_their_own_instants_when_the_clock_jumps(still: Scope, fired: Fired):
    set_notes(still, late=30, early=10, never=61)
    advance(still, 60)
    assert fired == [("early", START + 10 * SECOND), ("late", START + 30 * SECOND)]
    with unit_of_work(still, writes=False):
        assert tenant_now_us(still) == START + 60 * SECOND
        assert timers.due_instant_us(still, kind="test.note", object_id="never") == START + 61 * SECOND
        assert timers.due_instant_us(still, kind="test.note", object_id="early") is None


def test_timer_that_sets_itself_again_fires_within_the_same_jump(still: Scope, fired: Fired):
    with unit_of_work(still):
        timers.set_timer(still, kind="test.again", object_id="x", due_at_us=START + SECOND)
    advance(still, 60)
    assert fired == [("x", START + second * SECOND) for second in (1, 11, 21)]


def test_timer_is_replaced_or_dropped_when_asked(still: Scope, fired: Fired):
    set_notes(still, moved=10, gone=10)
    set_notes(still, moved=20)
    with unit_of_work(still):
        timers.drop_timer(still, kind="test.note", object_id="gone")
        timers.drop_timer(still, kind="test.note", object_id="gone")
    advance(still, 60)
    assert fired == [("moved", START + 20 * SECOND)]


def test_timer_of_a_rolled_back_change_never_was(still: Scope, fired: Fired):
    def set_and_fail() -> None:
        timers.set_timer(still, kind="test.note", object_id="x", due_at_us=START + SECOND)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), unit_of_work(still):
        set_and_fail()
    advance(still, 60)
    assert fired == []


def test_timer_of_another_tenant_stays_when_this_clock_jumps(still: Scope, new_scope: NewScope, fired: Fired):
    other = new_scope()
    with unit_of_work(other):
        put_clock(other, frozen_at=START)
    set_notes(other, foreign=10)
    set_notes(still, own=10)
    advance(still, 60)
    assert fired == [("own", START + 10 * SECOND)]


@pytest.mark.parametrize("environment", list(Environment))
def test_timer_wakes_on_real_time_when_the_clock_runs(new_scope: NewScope, environment: Environment):
    scope, due = new_scope(environment), now_us() + 3600 * SECOND
    with unit_of_work(scope):
        timers.set_timer(scope, kind="test.note", object_id="x", due_at_us=due)
        assert timers.next_due(scope, until_us=due - 1, on_tenants_clock=False) is None
        assert timers.next_due(scope, until_us=due, on_tenants_clock=False) == timers.Due("test.note:x", "test.note", "x", due, 0)


def test_timer_sleeps_while_the_clock_stands_and_wakes_when_it_runs_again(still: Scope, fired: Fired):
    set_notes(still, x=3600)
    with unit_of_work(still):
        assert timers.next_due(still, until_us=2**62, on_tenants_clock=False) is None
        timers.set_task(still, kind="test.note", object_id="task")
        assert timers.next_due(still, until_us=now_us(), on_tenants_clock=False).object_id == "task"
        timers.drop_timer(still, kind="test.note", object_id="task")
        set_clock(still, mode="real")
    with unit_of_work(still):
        assert timers.next_due(still, until_us=now_us(), on_tenants_clock=False) is None
    assert [object_id for object_id, _ in fired] == ["x"]


def test_failed_timer_waits_before_it_is_tried_again(still: Scope):
    with unit_of_work(still):
        timers.set_task(still, kind="test.note", object_id="x")
        timers.postpone(still, timer_id="test.note:x", delay_s=30)
        assert timers.next_due(still, until_us=now_us() + 29 * SECOND, on_tenants_clock=False) is None
        due = timers.next_due(still, until_us=now_us() + 31 * SECOND, on_tenants_clock=False)
    assert due is not None
    assert due.attempts == 1
