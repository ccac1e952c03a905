"""One attempt: body, signature, request, answer. Opens no transaction except for webhooks to a sandbox's inbox or listener."""

import asyncio
import logging
import time
from functools import lru_cache

from accounts.webhooks.listeners import is_listener
from api.events import render
from kit.clock import now_us
from kit.crypto import vault
from kit.errors import NotFound
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import hosts
from sandbox import inbox
from worker import signing
from worker.claims import Claimed
from worker.egress import INTERNAL_ERROR
from worker.egress import MAX_ANSWER_BYTES
from worker.egress import Answer
from worker.egress import Egress
from worker.listening import ask_client
from worker.results import Result

log = logging.getLogger(__name__)


async def attempt(egress: Egress, claimed: Claimed) -> Result:
    """Make one request and return its result. Never raises: what cannot be sent is a failed attempt too."""
    started_us = now_us()
    sent: tuple[dict[str, str], bytes] = {}, b""
    try:
        secrets = secrets_of(claimed)
        body = body_of(claimed)
        sent = signed(claimed, secrets, started_us // 1_000_000, body), body
        answer = await _deliver(egress, claimed, secrets, *sent)
    except Exception:  # one delivery that cannot be rendered or signed must not stop the others
        log.exception("delivery could not be made", extra={"delivery_id": claimed.id})
        answer = Answer(None, INTERNAL_ERROR)
    return Result(claimed, answer, started_us, *sent)


def body_of(claimed: Claimed) -> bytes:
    """The event as the endpoint's version and scopes show it; printed once for all endpoints that agree in them."""
    form = claimed.api_version, claimed.scopes
    if form not in claimed.bodies:
        claimed.bodies[form] = render(claimed.event, api_version=claimed.api_version, scopes=claimed.scopes)
    return claimed.bodies[form]


def signed(claimed: Claimed, secrets: tuple[str, ...], timestamp_s: int, body: bytes) -> dict[str, str]:
    """The headers of an attempt, signature included."""
    return signing.headers(
        secrets, event_id=claimed.event["id"], event_type=claimed.event["type"], attempt=claimed.attempt,
        timestamp_s=timestamp_s, body=body,
    )  # fmt: skip


def secrets_of(claimed: Claimed) -> tuple[str, ...]:
    """The signing secrets of a delivery's endpoint, opened: two while an old one is still valid."""
    place = (claimed.event["environment"], claimed.tenant_id, "subscriptions", claimed.endpoint_id, "secret")
    return tuple(_opened(sealed, place) for sealed in claimed.sealed_secrets)


@lru_cache(maxsize=2048)
def _opened(sealed: str, place: tuple[str, ...]) -> str:
    return vault.box.open(sealed, *place)


async def _deliver(
    egress: Egress, claimed: Claimed, secrets: tuple[str, ...], headers: dict[str, str], body: bytes
) -> Answer:
    if not hosts.is_simulated(claimed.url):
        return await egress.post(claimed.url, headers, body, claimed.timeout_s)
    environment = Environment(claimed.event["environment"])
    if environment == Environment.PRODUCTION:
        return Answer(None, "blocked_url")  # these names exist in the sandbox only and are never resolved
    started, scope = time.monotonic(), Scope(environment, claimed.tenant_id)
    if is_listener(claimed.url):
        answer = await ask_client(scope, claimed, headers, body, claimed.timeout_s)
    elif token := inbox.token_of(claimed.url):
        answer = await asyncio.to_thread(_into_inbox, scope, token, headers, body, secrets)
    else:
        answer = await _simulated(claimed)
    return Answer(answer.status, answer.reason, answer.headers, answer.body, round((time.monotonic() - started) * 1000))


def _into_inbox(scope: Scope, token: str, headers: dict[str, str], body: bytes, secrets: tuple[str, ...]) -> Answer:
    try:
        with unit_of_work(scope):
            inbox.receive(scope, token=token, headers=headers, body=body, secrets=secrets)
    except NotFound:
        return Answer(404, "http_404", body="there is no such inbox")
    return Answer(200, "ok", body="ok")


async def _simulated(claimed: Claimed) -> Answer:
    given = hosts.answer(claimed.url, claimed.attempt)
    if given is None:
        return Answer(None, "dns")
    if given.delay_s >= claimed.timeout_s:
        await asyncio.sleep(claimed.timeout_s)
        return Answer(None, "timeout")
    await asyncio.sleep(given.delay_s)
    return Answer(given.status, given.reason, given.headers, given.body[:MAX_ANSWER_BYTES].decode("utf-8", "replace"))
