"""Deliveries to listeners: what a client answers is the attempt's answer, and nobody's silence is held against it."""

import asyncio
from threading import Thread
from typing import Any

import pytest

from accounts.webhooks.listeners import HOST
from accounts.webhooks.models import Subscription
from kit.clock import from_us
from kit.clock import now
from kit.clock import now_us
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from sandbox import listeners
from sandbox.listeners import Outcome
from sandbox.models import ListenerMessage
from tests.worker.rows import attempts
from tests.worker.rows import create_events
from tests.worker.rows import create_subscription
from tests.worker.rows import deliveries
from worker.deliver import pump

pytestmark = pytest.mark.usefixtures("clean_planes")
TAKEN = Outcome(418, "http_418", {"x-till": "7"}, "żółw")


def listen(scope: Scope, *, asked_at: Any = None, **values: Any) -> str:
    """A listener whose client asked at that instant, or just now."""
    endpoint_id, _secret = create_subscription(
        scope, f"{HOST}one", listened_at=asked_at or now(), application_id=scope.application_id, **values
    )
    return endpoint_id


def left(scope: Scope) -> list[str]:
    with unit_of_work(scope, writes=False):
        return [row.id for row in session(scope).scalars(ListenerMessage.owned_by(scope))]


def answer_next(scope: Scope, endpoint_id: str, outcome: Outcome, seen: list[Any]) -> None:
    """Be the client: wait for one message, answer it twice."""
    until = now_us() + 8_000_000
    while now_us() < until and not seen:
        with unit_of_work(scope, writes=False):
            seen += listeners.waiting_messages(scope, endpoint_id=endpoint_id)
    for told in (outcome, Outcome(200, "ok", {}, "late")):
        with unit_of_work(scope):
            named = {"endpoint_id": endpoint_id, "message_id": seen[0]["id"]}
            seen.append(listeners.answer_message(scope, **named, outcome=told))


def test_answer_of_the_client_is_the_attempts(scope: Scope) -> None:
    endpoint_id = listen(scope)
    [event_id] = create_events(scope)
    seen: list[Any] = []
    client = Thread(target=answer_next, args=(scope, endpoint_id, TAKEN, seen))
    client.start()
    pump(Environment.SANDBOX)
    client.join()

    message, *counted = seen
    [attempt] = attempts(scope)
    assert counted == [True, False]
    assert (attempt.status, attempt.reason, attempt.response_headers, attempt.response_body) == (
        418, "http_418", {"x-till": "7"}, "żółw",
    )  # fmt: skip
    assert (message["body"], message["headers"]) == (attempt.request_body, attempt.request_headers)
    assert (message["headers"]["webhook-id"], message["attempt"]) == (event_id, 1)
    assert left(scope) == []


def test_silence_is_a_timeout(scope: Scope) -> None:
    listen(scope, timeout_s=1)
    create_events(scope)
    pump(Environment.SANDBOX)
    [attempt], [delivery] = attempts(scope), deliveries(scope)
    assert (attempt.status, attempt.reason, delivery.state, delivery.attempts) == (None, "timeout", "pending", 1)
    assert left(scope) == []


@pytest.mark.parametrize("away_s", [16, None], ids=["away", "never there"])
def test_listener_without_a_client_is_switched_off_and_its_events_held(scope: Scope, away_s: int | None) -> None:
    at = from_us(now_us() - (away_s or 3600) * 1_000_000)
    endpoint_id = listen(scope, asked_at=at)
    create_events(scope, 2)
    pump(Environment.SANDBOX)

    assert {(row.state, row.last_reason) for row in deliveries(scope)} == {("held", "listener_away")}
    with unit_of_work(scope, writes=False):
        row = session(scope).scalar(Subscription.owned_by(scope).where(Subscription.id == endpoint_id))
    assert (row.is_enabled, row.disabled_reason) == (False, "stopped:listener_away")


def test_webhook_waits_without_an_open_transaction(scope: Scope) -> None:
    endpoint_id = listen(scope, timeout_s=1)
    create_events(scope)

    async def both() -> None:
        work = asyncio.create_task(asyncio.to_thread(pump, Environment.SANDBOX))
        await asyncio.sleep(0.6)
        with unit_of_work(scope):  # on SQLite a writer that waits would be waited for
            listeners.note_client(scope, endpoint_id=endpoint_id)
        await work

    asyncio.run(both())
    assert [attempt.reason for attempt in attempts(scope)] == ["timeout"]
