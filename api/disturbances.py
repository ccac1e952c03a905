"""Acting out what a sandbox was told to go wrong: injected faults, and the two headers that ask for it call by call.

The gate asks once a call. A production credential is never disturbed, and a sandbox without faults pays for two look-ups
in the request's headers. Waiting happens outside of any transaction, and few calls of a process may wait at once.
"""

import time
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any

from flask import Response
from flask import request

from api.auth import Principal
from api.operations import Operation
from kit.clock import now_us
from kit.errors import BadRequest
from kit.errors import PlatformError
from kit.errors import RateLimited
from kit.errors import Unavailable
from kit.planes import Environment
from kit.unit import side_transaction
from sandbox.faults import AFTER
from sandbox.faults import strike

FORCE_STATUS, LATENCY = "HTTP_X_SANDBOX_FORCE_STATUS", "HTTP_X_SANDBOX_LATENCY_MS"
DISTURBED = "X-Sandbox-Disturbed"  # on every answer an injected fault had a hand in, naming its effects
LONGEST_LATENCY_MS = 30_000
STATUSES = range(400, 600)
MOST_WAITING = 2  # of a process's threads; the others go on serving
_waiting = BoundedSemaphore(MOST_WAITING)


class InjectedFault(Unavailable):
    """The sandbox was asked for this failure. Answers with the status that was asked for."""

    code, title = "injected_fault", "This failure was asked for"

    def __init__(self, status: int = 503) -> None:
        super().__init__(f"Nothing is wrong: this sandbox was told to answer {status} here.")
        self.status = status


class TooManyWaiting(RateLimited):
    """Other calls of this kind already wait; the code stays rate_limited."""


@dataclass(slots=True)
class Disturbance:
    """What goes wrong with one call."""

    effect: dict[str, Any]

    def before(self) -> None:
        """Wait, and refuse the call unless its answer is to be spoilt afterwards. Raises InjectedFault, RateLimited."""
        if latency_ms := self.effect.get("latency_ms"):
            _wait(latency_ms / 1000)
        if self.effect.get("when") == AFTER:
            return
        if self.effect.get("drop"):
            raise InjectedFault(Unavailable.status)  # nobody will read it
        if (refusal := _refusal(self.effect)) is not None:
            raise refusal

    def after(self, response: Response, answer_with: Any) -> Response:
        """Replace or spoil the answer of a finished call, and mark it. answer_with: makes the answer of a refusal."""
        if self.effect.get("when") == AFTER and (refusal := _refusal(self.effect)) is not None:
            response = answer_with(refusal)
        if self.effect.get("malformed_json"):
            body = response.get_data()
            response.set_data(body[: len(body) // 2] or b"{")
        if self.effect.get("drop"):
            response = Dropped(response)
        response.headers[DISTURBED] = ", ".join(name for name, value in self.effect.items() if value and name != "when")
        return response


class Dropped(Response):
    """An answer that never arrives: it announces a body and ends the connection instead of sending it."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.get_data(), status=response.status_code, content_type=response.content_type)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.headers["Content-Length"] = str(len(self.get_data()) + 1)
        self.headers["Connection"] = "close"
        start_response(self.status, self.headers.to_wsgi_list())
        return [b""]


def disturbance_of(principal: Principal, operation: Operation) -> Disturbance | None:
    """What goes wrong with this call, or None. Counts the call against the faults it matches.

    Raises BadRequest (400) for a malformed header.
    """
    environ = request.environ
    if principal.scope.environment is not Environment.SANDBOX or operation.product == "sandbox":
        return None
    if principal.faults_until_us is None and FORCE_STATUS not in environ and LATENCY not in environ:
        return None
    effect = _asked_for(environ)
    if not effect and (principal.faults_until_us or 0) > now_us():
        with side_transaction(principal.scope):
            found = strike(principal.scope, product=operation.product, method=operation.method, path=request.path)
        effect = found or {}
    return Disturbance(effect) if effect else None


def _asked_for(environ: dict[str, Any]) -> dict[str, Any]:
    effect: dict[str, Any] = {}
    if FORCE_STATUS in environ:
        effect["status"] = _number(environ[FORCE_STATUS], "X-Sandbox-Force-Status", STATUSES)
    if LATENCY in environ:
        effect["latency_ms"] = _number(environ[LATENCY], "X-Sandbox-Latency-Ms", range(LONGEST_LATENCY_MS + 1))
    return effect


def _number(text: str, header: str, allowed: range) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) in allowed):
        raise BadRequest(f"{header} takes a number from {allowed.start} to {allowed.stop - 1}.", parameter=header)
    return int(text)


def _refusal(effect: dict[str, Any]) -> PlatformError | None:
    if effect.get("status") is not None:
        return InjectedFault(effect["status"])
    if effect.get("rate_limit") is not None:
        return RateLimited("This sandbox was told to refuse the call.", retry_after_s=effect["rate_limit"])
    return None


def _wait(seconds: float) -> None:
    if not _waiting.acquire(blocking=False):
        raise TooManyWaiting("Too many calls of sandboxes wait at this moment.", retry_after_s=1)
    try:
        time.sleep(seconds)
    finally:
        _waiting.release()
