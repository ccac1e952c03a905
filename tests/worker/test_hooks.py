"""Every behaviour of hooks.sandbox.invalid through the engine: what an attempt notes, and what follows from it."""

from typing import Any

import pytest

from accounts.webhooks.models import Subscription
from kit.clock import now
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from sandbox.hosts import BEHAVIOURS
from sandbox.triggers import trigger_event
from tests.worker.rows import attempts
from tests.worker.rows import change_delivery
from tests.worker.rows import create_subscription
from tests.worker.rows import deliveries
from worker.deliver import pump

pytestmark = pytest.mark.usefixtures("clean_planes")
GONE = "stopped:gone_410"
# Behaviour: status and reason of the first attempt, state of the delivery after it, wait in seconds, why the endpoint is off.
FIRST: dict[str, tuple[int | None, str, str, int | None, str | None]] = {
    "ok": (200, "ok", "succeeded", None, None),
    "html-200": (200, "ok", "succeeded", None, None),
    "fail-500": (500, "http_500", "pending", 5, None),
    "fail-502": (502, "http_502", "pending", 5, None),
    "fail-502-then-ok?n=2": (502, "http_502", "pending", 5, None),
    "timeout": (None, "timeout", "pending", 5, None),
    "slow-8s": (None, "timeout", "pending", 5, None),  # for an endpoint that waits less than eight seconds
    "gone-410": (410, "http_410", "dead", None, GONE),
    "redirect-302": (302, "http_302", "pending", 5, None),
    "rate-429?after=600": (429, "http_429", "pending", 600, None),
    "bad-tls": (None, "tls", "pending", 5, None),
    "no-such-behaviour": (404, "http_404", "pending", 5, None),
}


def subscriptions(scope: Scope) -> dict[str, Subscription]:
    with unit_of_work(scope, writes=False):
        rows = session(scope).scalars(Subscription.owned_by(scope))
        return {row.url.removeprefix("https://hooks.sandbox.invalid/"): row for row in rows}


def test_every_behaviour_has_its_attempt_and_its_consequence(scope: Scope) -> None:
    assert {path.partition("?")[0] for path in FIRST} == {*BEHAVIOURS, "no-such-behaviour"}
    for path in FIRST:
        waits: dict[str, Any] = {"timeout_s": 0} if path in ("timeout", "slow-8s") else {}
        create_subscription(scope, f"https://hooks.sandbox.invalid/{path}", **waits)
    with unit_of_work(scope):
        trigger_event(scope, type="customer.segment.updated")
    pump(Environment.SANDBOX)
    asked_at = now()

    by_path, rows = subscriptions(scope), {row.endpoint_id: row for row in deliveries(scope)}
    tried = {row.endpoint_id: row for row in attempts(scope)}
    found = {}
    for path, endpoint in by_path.items():
        attempt, row = tried[endpoint.id], rows[endpoint.id]
        wait_s = None if row.due_at is None else (row.due_at - asked_at).total_seconds()
        planned = FIRST[path][3]
        is_planned = wait_s == planned or (wait_s and planned and planned - 2 < wait_s <= planned * 1.2)
        found[path] = attempt.status, attempt.reason, row.state, planned if is_planned else wait_s, endpoint.disabled_reason
    assert found == FIRST
    assert {path for path, endpoint in by_path.items() if not endpoint.is_enabled} == {"gone-410"}


def test_one_that_recovers_succeeds_at_the_second_attempt(scope: Scope) -> None:
    create_subscription(scope, "https://hooks.sandbox.invalid/fail-502-then-ok")
    with unit_of_work(scope):
        trigger_event(scope, type="customer.segment.updated")
    for _ in range(2):
        pump(Environment.SANDBOX)
        if deliveries(scope)[0].due_at:
            change_delivery(scope, due_at=now())
    assert [(row.number, row.status, row.reason) for row in attempts(scope)] == [(1, 502, "http_502"), (2, 200, "ok")]
    assert [(row.state, row.attempts, row.due_at) for row in deliveries(scope)] == [("succeeded", 2, None)]


def test_one_that_never_recovers_is_given_up_after_its_last_attempt(scope: Scope) -> None:
    create_subscription(scope, "https://hooks.sandbox.invalid/fail-502", retry_schedule=[])
    with unit_of_work(scope):
        trigger_event(scope, type="customer.segment.updated")
    pump(Environment.SANDBOX)
    assert [(row.state, row.attempts, row.last_reason) for row in deliveries(scope)] == [("dead", 1, "http_502")]
