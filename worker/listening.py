"""An attempt to a listener: the webhook waits in a table until the client on the developer's machine has answered it.

No transaction is open while it waits. Without an answer in time the attempt is a timeout like any other; a listener whose
client has not asked for a while is told apart, so that what happens meanwhile is held for it. The client POSTs everything to one
URL, so a request with another method or an address below the listener's own cannot be handed to it.
"""

import asyncio
import time

from accounts.webhooks.sync import LISTENER_AWAY
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import listeners
from worker.claims import Claimed
from worker.dialects.request import Request
from worker.egress import Answer

FIRST_LOOK_S = 0.05
LONGEST_LOOK_S = 0.25


async def ask_client(scope: Scope, claimed: Claimed, request: Request, deadline_s: float) -> Answer:
    """Have the client of a listener deliver a webhook and return what its receiver answered."""
    if (request.method, request.url) != ("POST", claimed.target.url):
        return Answer(None, "blocked_request")
    ends_at = time.monotonic() + deadline_s
    message_id = await asyncio.to_thread(_put, scope, claimed, request, deadline_s)
    if message_id is None:
        return Answer(None, LISTENER_AWAY)
    pause_s = FIRST_LOOK_S
    try:
        while time.monotonic() + pause_s < ends_at:
            await asyncio.sleep(pause_s)
            if await asyncio.to_thread(_is_answered, scope, message_id):
                break
            pause_s = min(pause_s * 1.5, LONGEST_LOOK_S)
    finally:
        outcome = await asyncio.to_thread(_take, scope, message_id)
    if outcome is None:
        return Answer(None, "timeout")
    return Answer(outcome.status, outcome.reason, outcome.headers, outcome.body)


def _put(scope: Scope, claimed: Claimed, request: Request, wait_s: float) -> str | None:
    with unit_of_work(scope):
        return listeners.put_message(
            scope, endpoint_id=claimed.endpoint_id, delivery_id=claimed.id, attempt=claimed.attempt,
            headers=request.headers, body=request.body, wait_s=wait_s,
        )  # fmt: skip


def _is_answered(scope: Scope, message_id: str) -> bool:
    with unit_of_work(scope, writes=False):
        return listeners.is_answered(scope, message_id=message_id)


def _take(scope: Scope, message_id: str) -> listeners.Outcome | None:
    with unit_of_work(scope):
        return listeners.take_outcome(scope, message_id=message_id)
