"""The runner itself: each kind of `given`, and that it reports what does not hold."""

from dataclasses import replace

import pytest

from tests.contract.runner import Runner
from tests.contract.runner import Vector

ME = Vector("ME-01", "tm", "GET", "/v1/me", 200, "tm.full")
STATE = replace(ME, id="STATE-01", path="/sandbox/v1/state")


def test_given_clock_when_the_runner_waits_moves_the_sandbox_clock(runner: Runner) -> None:
    expected = {"clock.mode": "frozen", "clock.now": "2026-01-12T12:01:30Z"}
    assert runner.run(replace(STATE, given=("clock +1 min", "clock +30 s"), expected_body=expected)) == []


def test_given_calls_when_the_limit_is_spent_leads_to_429(runner: Runner) -> None:
    limited = replace(ME, status=429, given=("120 GETs in the last 60 s",), expected_body={"code": "rate_limited"})
    assert runner.run(limited) == []


def test_given_inbox_when_a_webhook_is_created_points_it_there(runner: Runner) -> None:
    created = {"data": {"$contains": [{"state": "enabled"}]}, "data.3.url": {"$re": "^https://inbox.sandbox.invalid/"}}
    assert runner.run(Vector("W-01", "tm", "GET", "/v1/webhooks", 200, "tm.full", given=("TM-22 with url=inbox",),
                             expected_body=created)) == []  # fmt: skip


def test_given_profile_when_named_is_built_afresh(runner: Runner) -> None:
    expected = {"profile": "minimal", "clock.now": "2026-01-12T12:00:00Z"}
    assert runner.run(replace(STATE, given=("clock +1 min", "profile minimal"), expected_body=expected)) == []


def test_given_when_of_an_unknown_kind_is_refused(runner: Runner) -> None:
    with pytest.raises(ValueError, match="unknown given 'the moon is full'"):
        runner.run(replace(ME, given=("the moon is full",)))


def test_run_when_nothing_is_as_expected_reports_each_difference(runner: Runner, vectors: dict[str, Vector]) -> None:
    wrong = replace(vectors["TM-02"], status=200, expected_body={"status": "ready"}, expected_events=("order.ready",))
    status, body, events = runner.run(wrong)
    assert status.startswith("status: expected 200, got 201")
    assert body == "status: expected 'ready', got 'pending'"
    assert events == "events: expected ['order.ready'], got ['order.created']"


def test_run_when_a_given_vector_fails_says_which(runner: Runner, vectors: dict[str, Vector]) -> None:
    broken = Runner.__new__(Runner)
    broken.__dict__.update(runner.__dict__, _vectors={**vectors, "TM-12": replace(vectors["TM-12"], status=200)})
    with pytest.raises(AssertionError, match="given TM-12 does not hold"):
        broken.run(vectors["TM-14"])
