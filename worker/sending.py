"""One attempt: the request in the endpoint's dialect, and the answer to it.

Opens no transaction except for webhooks to a sandbox's inbox or listener.
"""

import asyncio
import logging
import time
from dataclasses import replace
from functools import lru_cache

import orjson

from accounts.webhooks.listeners import is_listener
from kit.clock import now_us
from kit.crypto import vault
from kit.errors import NotFound
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import hosts
from sandbox import inbox
from worker.claims import Claimed
from worker.dialects.chosen import request_of
from worker.dialects.request import Request
from worker.egress import INTERNAL_ERROR
from worker.egress import KEPT_HEADERS
from worker.egress import MAX_ANSWER_BYTES
from worker.egress import Answer
from worker.egress import Egress
from worker.listening import ask_client
from worker.results import Result

log = logging.getLogger(__name__)
HIDDEN = "•••"  # what is noted of a header whose value only its owner knows


async def attempt(egress: Egress, claimed: Claimed) -> Result:
    """Make one request and return its result. Never raises: what cannot be sent is a failed attempt too."""
    started_us = now_us()
    noted = Request("", "", {}, b"")
    try:
        secrets = secrets_of(claimed)
        request = request_of(claimed, secrets, started_us // 1_000_000)
        noted = request
        if own := own_headers(claimed, request):
            noted = replace(request, headers=request.headers | dict.fromkeys(own, HIDDEN))
            request = replace(request, headers=request.headers | own)
        answer = await _deliver(egress, claimed, secrets, request)
    except Exception:  # one delivery that cannot be rendered or signed must not stop the others
        log.exception("delivery could not be made", extra={"delivery_id": claimed.id})
        answer = Answer(None, INTERNAL_ERROR)
    return Result(
        claimed, answer, started_us, noted.headers, noted.body, request_method=noted.method, request_url=noted.url
    )


def secrets_of(claimed: Claimed) -> tuple[str, ...]:
    """The signing secrets of a delivery's endpoint, opened: two while an old one is still valid."""
    place = _place(claimed, "secret")
    return tuple(_opened(sealed, place) for sealed in claimed.target.sealed_secrets)


def own_headers(claimed: Claimed, request: Request) -> dict[str, str]:
    """The headers an endpoint's owner adds. Those of the request and of the connection are never replaced."""
    if claimed.target.sealed_headers is None:
        return {}
    taken = KEPT_HEADERS | {name.lower() for name in request.headers}
    wanted: dict[str, str] = orjson.loads(_opened(claimed.target.sealed_headers, _place(claimed, "headers")))
    return {name: value for name, value in wanted.items() if name.lower() not in taken}


def _place(claimed: Claimed, name: str) -> tuple[str, ...]:
    return claimed.event["environment"], claimed.tenant_id, "subscriptions", claimed.endpoint_id, name


@lru_cache(maxsize=2048)
def _opened(sealed: str, place: tuple[str, ...]) -> str:
    return vault.box.open(sealed, *place)


async def _deliver(egress: Egress, claimed: Claimed, secrets: tuple[str, ...], request: Request) -> Answer:
    if not hosts.is_simulated(request.url):
        return await egress.send(request.method, request.url, request.headers, request.body, claimed.target.timeout_s)
    environment = Environment(claimed.event["environment"])
    if environment == Environment.PRODUCTION:
        return Answer(None, "blocked_url")  # these names exist in the sandbox only and are never resolved
    started, scope = time.monotonic(), Scope(environment, claimed.tenant_id)
    if is_listener(request.url):
        answer = await ask_client(scope, claimed, request, claimed.target.timeout_s)
    elif token := inbox.token_of(request.url):
        answer = await asyncio.to_thread(_into_inbox, scope, token, request, secrets)
    else:
        answer = await _simulated(claimed, request.url)
    return Answer(answer.status, answer.reason, answer.headers, answer.body, round((time.monotonic() - started) * 1000))


def _into_inbox(scope: Scope, token: str, request: Request, secrets: tuple[str, ...]) -> Answer:
    try:
        with unit_of_work(scope):
            inbox.receive(
                scope, token=token, method=request.method, path=inbox.path_of(request.url), headers=request.headers,
                body=request.body, secrets=secrets,
            )  # fmt: skip
    except NotFound:
        return Answer(404, "http_404", body="there is no such inbox")
    return Answer(200, "ok", body="ok")


async def _simulated(claimed: Claimed, url: str) -> Answer:
    given = hosts.answer(url, claimed.attempt)
    if given is None:
        return Answer(None, "dns")
    if given.delay_s >= claimed.target.timeout_s:
        await asyncio.sleep(claimed.target.timeout_s)
        return Answer(None, "timeout")
    await asyncio.sleep(given.delay_s)
    return Answer(given.status, given.reason, given.headers, given.body[:MAX_ANSWER_BYTES].decode("utf-8", "replace"))
