import sys
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from itertools import takewhile
from threading import Thread
from time import monotonic
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from kit.clock import now
from kit.clock import now_us
from kit.planes import Environment
from kit.scope import Scope
from tests.worker.rows import NewScope
from tests.worker.rows import attempts
from tests.worker.rows import change_delivery
from tests.worker.rows import create_events
from tests.worker.rows import create_subscription
from tests.worker.rows import deliveries
from worker import claims
from worker.claims import Claimed
from worker.claims import claim
from worker.claims import waiting
from worker.egress import Answer
from worker.pace import Pace
from worker.relay import relay
from worker.results import Result
from worker.results import record

pytestmark = pytest.mark.usefixtures("clean_planes")
SANDBOX = Environment.SANDBOX


def due(scope: Scope, count: int = 1, **values: Any) -> str:
    """An endpoint with this many due deliveries."""
    endpoint_id, _ = create_subscription(scope, "https://a.test/", **values)
    create_events(scope, count)
    relay(SANDBOX)
    return endpoint_id


def result(claimed: Claimed, status: int) -> Result:
    return Result(claimed, Answer(status, "ok" if status < 300 else f"http_{status}"), now_us(), {}, b"{}")


def test_claim_takes_a_lease_and_counts_the_attempt(scope: Scope):
    due(scope)
    [claimed] = claim(SANDBOX, limit=10, pace=Pace())
    [row] = deliveries(scope)
    assert (row.state, row.attempts, row.lease_id, claimed.attempt) == ("pending", 1, claimed.lease_id, 1)
    assert timedelta(seconds=28) < row.lease_until - now() <= timedelta(seconds=30)
    assert claim(SANDBOX, limit=10, pace=Pace()) == []


def test_claim_gives_the_event_document_when_taken(scope: Scope):
    due(scope)
    [claimed] = claim(SANDBOX, limit=10, pace=Pace())
    event = claimed.event
    assert (event["tenant_id"], event["environment"], event["sequence"]) == (scope.tenant_id, "sandbox", 1)
    assert event["body"]["object"]["tag"] == "vip"
    assert isinstance(event["created_at"], int)


def test_claim_comes_again_when_the_process_died(scope: Scope):
    due(scope)
    [lost] = claim(SANDBOX, limit=10, pace=Pace())
    change_delivery(scope, lease_until=now(), due_at=now())
    [again] = claim(SANDBOX, limit=10, pace=Pace())
    assert (again.id, again.attempt) == (lost.id, 2)
    assert again.lease_id != lost.lease_id


def test_record_keeps_the_attempt_only_when_the_lease_was_lost(scope: Scope):
    due(scope)
    [lost] = claim(SANDBOX, limit=10, pace=Pace())
    change_delivery(scope, lease_until=now(), due_at=now())
    [again] = claim(SANDBOX, limit=10, pace=Pace())
    record(SANDBOX, [result(lost, 500)])
    [row] = deliveries(scope)
    assert (row.state, row.lease_id, row.last_status) == ("pending", again.lease_id, None)
    record(SANDBOX, [result(again, 200)])
    [row] = deliveries(scope)
    assert (row.state, row.due_at, row.lease_id, row.last_status) == ("succeeded", None, None, 200)
    record(SANDBOX, [result(lost, 500)])
    assert deliveries(scope)[0].state == "succeeded"
    assert [(attempt.number, attempt.status) for attempt in attempts(scope)] == [(1, 500), (2, 200), (1, 500)]


def test_record_skips_a_delivery_when_it_was_deleted_meanwhile(scope: Scope):
    due(scope, 2)
    first, second = claim(SANDBOX, limit=10, pace=Pace())
    gone = replace(first, id="dlv_gone")
    record(SANDBOX, [result(gone, 200), result(second, 200)])
    assert [attempt.delivery_id for attempt in attempts(scope)] == [second.id]


def test_claim_takes_eight_from_one_endpoint_when_more_are_due(scope: Scope):
    due(scope, 20)
    assert len(claim(SANDBOX, limit=100, pace=Pace())) == 8
    assert claim(SANDBOX, limit=100, pace=Pace()) == []


def test_claim_counts_its_own_requests_once_when_asked_again(scope: Scope):
    due(scope, 20)
    pace = Pace()
    first = claim(SANDBOX, limit=5, pace=pace)
    assert (len(first), len(claim(SANDBOX, limit=100, pace=pace))) == (5, 3)


def test_claim_serves_every_endpoint_first_when_one_has_a_backlog(new_scope: NewScope):
    busy, quiet = new_scope(), new_scope()
    due(busy, 30)
    quiet_endpoint = due(quiet, 1)
    assert quiet_endpoint in {claimed.endpoint_id for claimed in claim(SANDBOX, limit=2, pace=Pace())}


def test_claim_takes_all_an_endpoint_may_have_when_it_is_the_only_one(scope: Scope):
    endpoint = scope.tenant_id, due(scope, 140)
    pace = Pace()
    for _ in range(3):  # answers that make it known as one that does well
        pace.finished(endpoint, is_well=True)
    assert (len(claim(SANDBOX, limit=10, pace=pace)), len(claim(SANDBOX, limit=500, pace=pace))) == (10, 118)


def test_claim_skips_an_endpoint_when_it_is_disabled(scope: Scope):
    due(scope, 1)
    create_subscription(scope, "https://b.test/", is_enabled=False)
    assert len(claim(SANDBOX, limit=10, pace=Pace())) == 1


def test_claim_drops_its_places_when_the_transaction_fails(scope: Scope, monkeypatch: pytest.MonkeyPatch):
    due(scope, 3)
    pace = Pace()
    with monkeypatch.context() as patch:
        patch.setattr("worker.claims._take", claims._D.update().values(state=None))
        with pytest.raises(IntegrityError):
            claim(SANDBOX, limit=10, pace=pace)
    assert len(claim(SANDBOX, limit=10, pace=pace)) == 3


def test_claim_never_gives_a_delivery_twice_when_two_pumps_race(new_scope: NewScope):
    for _ in range(12):
        due(new_scope(), 8)
    taken: list[str] = []

    def run() -> None:
        pace, last = Pace(), monotonic() + 20
        while len(taken) < 96 and monotonic() < last:  # a claim that meets another one takes nothing and is tried again
            taken.extend(claimed.id for claimed in claim(SANDBOX, limit=7, pace=pace))

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 96


def test_claim_leaves_out_the_old_secret_when_it_expired(scope: Scope):
    past, future = now() - timedelta(seconds=1), now() + timedelta(hours=1)
    due(scope, 1, sealed_previous_secret="old", previous_secret_expires_at=past)
    [claimed] = claim(SANDBOX, limit=10, pace=Pace())
    assert len(claimed.target.sealed_secrets) == 1
    create_subscription(scope, "https://b.test/", sealed_previous_secret="old", previous_secret_expires_at=future)
    create_events(scope)
    relay(SANDBOX)
    assert sorted(len(claimed.target.sealed_secrets) for claimed in claim(SANDBOX, limit=10, pace=Pace())) == [1, 2]


def test_waiting_sees_only_what_can_be_done(scope: Scope):
    assert waiting(SANDBOX).anything is False
    create_subscription(scope, "https://a.test/")
    create_events(scope)
    assert (waiting(SANDBOX).unrelayed, waiting(SANDBOX).due) == (True, False)
    relay(SANDBOX)
    assert (waiting(SANDBOX).unrelayed, waiting(SANDBOX).due) == (False, True)
    claim(SANDBOX, limit=10, pace=Pace())
    assert waiting(SANDBOX).anything is False


def test_pace_halves_and_doubles_when_a_receiver_fails_and_recovers():
    pace, endpoint = Pace(), ("tn", "we")
    rooms = []
    for is_well in (False, False, False, False, True, True, True, True):
        pace.leased(endpoint)
        pace.sent(endpoint)
        pace.finished(endpoint, is_well=is_well)
        rooms.append(pace.room(endpoint))
    assert rooms == [4, 2, 1, 1, 2, 4, 8, 64]


def test_pace_counts_an_answered_delivery_as_ours_until_it_is_written_down():
    pace, endpoint = Pace(), ("tn", "we")
    for is_replay in (True, False):
        pace.leased(endpoint, is_replay=is_replay)
        pace.sent(endpoint)
        pace.finished(endpoint, is_well=True, is_replay=is_replay)
        pace.answered(endpoint, is_replay=is_replay)
    counts = [pace.ours(endpoint)]
    for is_replay in (True, False):
        pace.written(endpoint, is_replay=is_replay)
        counts.append(pace.ours(endpoint))
    assert counts == [(2, 1), (1, 0), (0, 0)]


def test_pace_is_read_while_answers_come_in():
    pace, endpoints = Pace(), [("tn", str(number)) for number in range(400)]
    ends_at, interval = monotonic() + 1, sys.getswitchinterval()

    def answer() -> None:
        for number, endpoint in takewhile(lambda _: monotonic() < ends_at, enumerate(cycle(endpoints))):
            pace.leased(endpoint)
            pace.sent(endpoint)
            pace.finished(endpoint, is_well=number % 3 == 0)

    thread = Thread(target=answer)
    sys.setswitchinterval(1e-5)
    try:
        thread.start()
        while thread.is_alive():
            pace.full()
    finally:
        thread.join()
        sys.setswitchinterval(interval)


def test_pace_leaves_half_the_slots_when_many_receivers_hang():
    pace = Pace()
    for number in range(200):
        pace.leased(("tn", str(number)))
        pace.sent(("tn", str(number)))
        pace.finished(("tn", str(number)), is_well=False)
    started = 0
    for number in range(200):
        while pace.room(("tn", str(number))):
            pace.leased(("tn", str(number)))
            started += 1
    assert started == 128
    assert ("tn", "199") in pace.full()
    assert pace.room(("tn", "healthy")) == 8
