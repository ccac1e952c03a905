"""Endpoints that struggle, come back, or want no more than so much at a time."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import EndpointHealth
from accounts.webhooks.models import Subscription
from kit.clock import from_us
from kit.clock import now
from kit.clock import now_us
from kit.documents import append
from kit.ids import new_id
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.worker.receiver import Receiver
from tests.worker.rows import attempts
from tests.worker.rows import create_events
from tests.worker.rows import create_subscription
from tests.worker.rows import deliveries
from worker.claims import claim
from worker.claims import waiting
from worker.deliver import pump
from worker.health import Allowance
from worker.health import Sign
from worker.health import allowance
from worker.health import learn
from worker.ladder import climb
from worker.ladder import climb_on
from worker.operations import Reason
from worker.operations import operations
from worker.pace import Pace
from worker.relay import relay

pytestmark = pytest.mark.usefixtures("clean_planes")
SANDBOX = Environment.SANDBOX
SECOND = 1_000_000
DAY = timedelta(days=1)


def health(scope: Scope) -> EndpointHealth:
    with unit_of_work(scope, writes=False):
        return session(scope).scalars(EndpointHealth.owned_by(scope)).one()


def set_health(scope: Scope, endpoint_id: str, **values: Any) -> None:
    with unit_of_work(scope):
        row = session(scope).scalar(EndpointHealth.owned_by(scope).where(EndpointHealth.id == endpoint_id))
        if row is None:
            row = EndpointHealth(id=endpoint_id)
            session(scope).add(row)
        for name, value in values.items():
            setattr(row, name, value)


def test_endpoint_is_paused_when_it_struggles_ten_times_and_what_waits_spends_no_attempt(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url)
    receiver.answers = [(503, {}, b"")]
    create_events(scope, 40)
    assert pump(SANDBOX) == 10
    assert sorted(row.attempts for row in deliveries(scope)) == [0] * 30 + [1] * 10
    assert timedelta(seconds=13) < health(scope).paused_until - now() <= timedelta(seconds=15)
    assert (health(scope).pauses, health(scope).pause_reason) == (1, "http_503")
    assert not waiting(SANDBOX).anything  # a paused endpoint wakes nobody
    assert pump(SANDBOX) == 0


def test_answers_that_are_no_struggle_pause_nothing(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url)
    receiver.answers = [(404, {}, b"")]
    create_events(scope, 30)
    assert pump(SANDBOX) == 30


def test_one_request_asks_whether_a_paused_endpoint_is_back(scope: Scope, receiver: Receiver):
    endpoint_id, _ = create_subscription(scope, receiver.url)
    set_health(scope, endpoint_id, pauses=1, paused_until=now() - DAY, failing_since=now() - DAY, warned_percent=50)
    receiver.answers = [(500, {}, b"")]
    create_events(scope, 20)
    assert pump(SANDBOX) == 1
    assert (health(scope).pauses, health(scope).paused_until > now()) == (2, True)

    set_health(scope, endpoint_id, paused_until=now())
    receiver.answers = [(200, {}, b"")]
    pump(SANDBOX)
    assert [row.state for row in deliveries(scope)].count("succeeded") == 19  # the first waits for its own retry
    row = health(scope)
    assert (row.pauses, row.paused_until, row.failing_since, row.warned_percent) == (0, None, None, 0)
    assert row.recovered_at is not None


def test_endpoint_that_answers_but_refuses_is_there_and_still_failing(scope: Scope, receiver: Receiver):
    endpoint_id, _ = create_subscription(scope, receiver.url)
    set_health(scope, endpoint_id, pauses=3, paused_until=now() - DAY, failing_since=now() - DAY)
    receiver.answers = [(404, {}, b"")]
    create_events(scope)
    pump(SANDBOX)
    assert (health(scope).pauses, health(scope).failing_since is not None) == (0, True)


def test_busy_receiver_is_left_alone_as_long_as_it_asks(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url)
    receiver.answers = [(429, {"Retry-After": "600"}, b"")]
    create_events(scope)
    pump(SANDBOX)
    create_events(scope)
    assert pump(SANDBOX) == 0
    assert timedelta(seconds=595) < health(scope).paused_until - now() <= timedelta(seconds=600)


@pytest.mark.parametrize(
    ("environment", "lengths"),
    [(Environment.PRODUCTION, [15, 30, 60, 120, 240, 300, 300]), (SANDBOX, [15, 15, 15, 15, 15, 15, 15])],
)
def test_pauses_double_up_to_a_limit(new_scope: Any, environment: Environment, lengths: list[int]):
    scope, at, found = new_scope(environment=environment), now_us(), []
    endpoint = scope.tenant_id, new_id("we")
    for _ in lengths:
        with operations(environment, reason=Reason.RECORD) as unit:
            learn(unit, environment, [Sign(endpoint, at, "timeout", is_pause=True)], at)
        paused_until = int((health(scope).paused_until - from_us(0)) / timedelta(microseconds=1))
        found.append((paused_until - at) // SECOND)
        at = paused_until
    assert found == lengths


def test_failures_of_requests_that_were_under_way_prolong_no_pause(scope: Scope):
    at = now_us()
    endpoint = scope.tenant_id, new_id("we")
    for started in (at, at - SECOND, at + SECOND):
        with operations(SANDBOX, reason=Reason.RECORD) as unit:
            learn(unit, SANDBOX, [Sign(endpoint, started, "timeout", is_pause=True)], at)
    assert health(scope).pauses == 1


@pytest.mark.parametrize(
    ("values", "allowed"),
    [
        ({}, Allowance(32)),
        ({"max_in_flight": 3}, Allowance(3)),
        ({"paused_until": 101 * SECOND, "pauses": 1}, Allowance(0)),
        ({"paused_until": 99 * SECOND, "pauses": 1}, Allowance(1)),
        ({"recovered_at": 100 * SECOND}, Allowance(1)),
        ({"recovered_at": 98 * SECOND}, Allowance(4)),
        ({"recovered_at": 90 * SECOND}, Allowance(32)),
        ({"max_per_second": 3}, Allowance(32, 1)),
        ({"max_per_second": 200}, Allowance(32, 20)),
        ({"max_per_second": 3, "next_send_at": 101 * SECOND}, Allowance(0)),
    ],
    ids=["usual", "limited", "paused", "asks", "just-back", "back-for-2s", "well", "slow-rate", "rate", "rate-used-up"],
)
def test_allowance_follows_limits_and_health(values: dict[str, Any], allowed: Allowance):
    usual = dict.fromkeys(("paused_until", "pauses", "recovered_at", "next_send_at", "max_per_second")) | {"max_in_flight": 32}
    assert allowance(SimpleNamespace(**usual | values), 100 * SECOND) == allowed


def test_endpoint_gets_no_more_than_its_limit_at_a_time(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url, max_in_flight=3)
    receiver.delay_s = 0.02
    create_events(scope, 20)
    assert pump(SANDBOX) == 20
    assert receiver.most_at_once == 3


def test_rate_spreads_deliveries_and_loses_none(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url, max_per_second=20)
    create_events(scope, 9)
    assert pump(SANDBOX) == 9
    starts = sorted(attempt.started_at for attempt in attempts(scope))
    # Two may go out at once, then one each 50 ms: the last after 350 ms, less what may be caught up with.
    assert timedelta(milliseconds=240) < starts[-1] - starts[0] < timedelta(seconds=3)


def test_rate_counts_what_is_leased_in_any_process(scope: Scope):
    endpoint_id, _ = create_subscription(scope, "https://hooks.sandbox.invalid/ok", max_per_second=1)
    create_events(scope, 3)
    relay(SANDBOX)
    assert [len(claim(SANDBOX, limit=9, pace=Pace())) for _ in range(2)] == [1, 0]
    set_health(scope, endpoint_id, next_send_at=now())
    assert len(claim(SANDBOX, limit=9, pace=Pace())) == 1


def test_replays_get_a_share_and_live_deliveries_the_rest(scope: Scope):
    endpoint_id, _ = create_subscription(scope, "https://hooks.sandbox.invalid/ok")
    event_ids = create_events(scope, 40)
    relay(SANDBOX)
    _replay(scope, endpoint_id, event_ids)
    pace = Pace()
    kinds = [one.is_replay for one in claim(SANDBOX, limit=100, pace=pace)]
    assert (kinds.count(True), kinds.count(False)) == (2, 6)  # of the eight a new endpoint gets
    assert claim(SANDBOX, limit=100, pace=pace) == []


def test_replays_alone_do_not_fill_an_endpoint(scope: Scope):
    endpoint_id, _ = create_subscription(scope, "https://hooks.sandbox.invalid/ok", max_in_flight=1)
    event_ids = create_events(scope, 2)
    relay(SANDBOX)
    _replay(scope, endpoint_id, event_ids)
    [live] = claim(SANDBOX, limit=100, pace=Pace(chance=lambda: 0.5))
    assert not live.is_replay


def test_replays_wait_for_nothing_when_nothing_else_is_due(scope: Scope):
    endpoint_id, _ = create_subscription(scope, "https://hooks.sandbox.invalid/ok")
    event_ids = create_events(scope, 12)
    relay(SANDBOX)
    _replay(scope, endpoint_id, event_ids)
    claimed = claim(SANDBOX, limit=100, pace=Pace(chance=lambda: 0.5), kinds=(True,))
    assert [one.is_replay for one in claimed] == [True] * 8


def _replay(scope: Scope, endpoint_id: str, event_ids: list[str]) -> None:
    _add(scope, endpoint_id, event_ids, replay_id=new_id("rpl"), state="pending", due_at=from_us(1))


def _add(scope: Scope, endpoint_id: str, event_ids: list[str], **values: Any) -> None:
    with unit_of_work(scope):
        append(scope, Delivery, [
            {"id": new_id("dlv"), "event_id": event_id, "event_type": "x", "endpoint_id": endpoint_id, "attempts": 1,
             "created_at": now(), **values}
            for event_id in event_ids
        ])  # fmt: skip


@pytest.mark.parametrize(
    ("days", "dead", "percent", "rung"),
    [(6, 20, 100, 90), (6, 19, 95, 90), (4, 20, 80, 70), (3, 11, 55, 50), (6, 9, 45, 0), (0, 20, 0, 0)],
)
def test_endpoint_climbs_with_time_and_exhausted_deliveries(scope: Scope, days: int, dead: int, percent: int, rung: int):
    endpoint_id, _ = create_subscription(scope, "https://hooks.sandbox.invalid/ok", created_at=now() - days * DAY)
    _add(scope, endpoint_id, create_events(scope, dead), state="dead", finished_at=now())
    with operations(SANDBOX, reason=Reason.RECORD) as unit:
        assert climb(unit, (scope.tenant_id, endpoint_id), now_us()) == percent
    assert (health(scope).warned_percent, health(scope).failing_since is not None) == (rung, True)


def test_endpoint_is_switched_off_when_only_time_passes(scope: Scope):
    endpoint_id, _ = create_subscription(scope, "https://hooks.sandbox.invalid/ok", created_at=now() - 6 * DAY)
    _add(scope, endpoint_id, create_events(scope, 20), state="dead", finished_at=now())
    set_health(scope, endpoint_id, failing_since=now() - 6 * DAY, warned_percent=90)
    assert [one.reason for one in climb_on(SANDBOX)] == ["no_success_for_5_days"]
    assert climb_on(SANDBOX) == []
    with unit_of_work(scope, writes=False):
        assert session(scope).scalars(Subscription.owned_by(scope)).one().is_enabled is False


def test_what_was_before_an_endpoint_was_switched_on_again_is_forgotten(scope: Scope):
    endpoint_id, _ = create_subscription(scope, "https://hooks.sandbox.invalid/ok", created_at=now() - 9 * DAY)
    _add(scope, endpoint_id, create_events(scope, 30), state="dead", finished_at=now() - DAY)
    set_health(scope, endpoint_id, judged_from=now() - timedelta(hours=1))
    with operations(SANDBOX, reason=Reason.RECORD) as unit:
        assert climb(unit, (scope.tenant_id, endpoint_id), now_us()) == 0
