"""Writing down what came back: an attempt for every request, and the delivery's next state if its lease still holds.

A late answer of a lost lease is recorded as an attempt and changes nothing else: whoever holds the lease now decides.
"""

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from accounts.webhooks.listeners import is_listener
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from accounts.webhooks.sync import GONE
from accounts.webhooks.sync import LISTENER_AWAY
from kit.clock import day_of
from kit.clock import now_us
from kit.ids import new_id
from kit.planes import Environment
from worker import health
from worker.claims import LEASE
from worker.claims import Claimed
from worker.egress import INTERNAL_ERROR
from worker.egress import Answer
from worker.health import Sign
from worker.health import is_struggling
from worker.keys import is_among
from worker.keys import keys
from worker.ladder import TOP
from worker.ladder import climb
from worker.operations import Operations
from worker.operations import Reason
from worker.operations import operations
from worker.retries import Verdict
from worker.retries import judge
from worker.retries import retry_hint_s
from worker.stopping import FAILING
from worker.stopping import Disabled
from worker.stopping import stop

log = logging.getLogger(__name__)

_D: Any = Delivery.__table__
_there = select(_D.c.tenant_id, _D.c.id).where(is_among(_D))
ENDING = ("state", "due_at", "last_status", "last_reason", "finished_at")


@dataclass(frozen=True)
class Result:
    """One request that was made, or could not be, and its answer."""

    claimed: Claimed
    answer: Answer
    started_us: int
    request_headers: dict[str, str]
    request_body: bytes
    request_method: str = ""
    request_url: str = ""
    is_last_straw: bool = False  # the receiver has struggled so often in a row that it is left in peace


def record(environment: Environment, results: list[Result]) -> list[Disabled]:
    """Write a batch of results in one transaction. Returns the endpoints that were switched off by it."""
    at = now_us()
    with operations(environment, reason=Reason.RECORD) as unit:
        verdicts = [
            judge(r.answer, attempt=r.claimed.attempt, schedule=r.claimed.target.retry_schedule, now_us=at) for r in results
        ]
        changes = [_change(result, verdict) for result, verdict in zip(results, verdicts, strict=True)]
        there = unit.change(Delivery, changes, keys=LEASE, columns=ENDING, cleared=("lease_id", "lease_until"))
        if lost := {r.claimed.key for r in results} - there:
            # The lease went to somebody else, or a sandbox reset or retention removed the delivery meanwhile.
            there |= {(row.tenant_id, row.id) for row in unit.execute(_there, {"keys": keys(lost)})}
        known = [(r, verdict) for r, verdict in zip(results, verdicts, strict=True) if r.claimed.key in there]
        unit.append(DeliveryAttempt, [_attempt(result) for result, _ in known])
        health.learn(unit, environment, filter(None, (_sign(result, at) for result, _ in known)), at)
        return _switch_off(unit, known, at)


def _attempt(result: Result) -> dict[str, Any]:
    claimed, answer = result.claimed, result.answer
    return {
        "tenant_id": claimed.tenant_id, "id": new_id("att"), "delivery_id": claimed.id, "endpoint_id": claimed.endpoint_id,
        "number": claimed.attempt, "started_at": result.started_us, "duration_ms": answer.duration_ms, "timings": answer.timings,
        "status": answer.status, "reason": answer.reason, "request_method": result.request_method,
        "request_url": result.request_url, "request_headers": result.request_headers,
        "request_body": result.request_body.decode(), "response_headers": answer.headers, "response_body": answer.body,
        "expires_on": day_of(result.started_us) + claimed.target.kept_days,
    }  # fmt: skip


def _change(result: Result, verdict: Verdict) -> dict[str, Any]:
    claimed = result.claimed
    return {
        "tenant_id": claimed.tenant_id, "id": claimed.id, "lease_id": claimed.lease_id, "state": verdict.state,
        "due_at": verdict.due_us, "finished_at": verdict.finished_us,
        "last_status": result.answer.status, "last_reason": result.answer.reason,
    }  # fmt: skip


def _sign(result: Result, at: int) -> Sign | None:
    """What a result says of its endpoint, or None when that is nothing new."""
    claimed, answer = result.claimed, result.answer
    if is_listener(claimed.target.url) or answer.reason == INTERNAL_ERROR:
        return None
    hint_s = retry_hint_s(answer, at)
    if is_struggling(answer):
        is_pause = result.is_last_straw or claimed.target.is_probed or hint_s > 0
        return Sign(claimed.endpoint, result.started_us, answer.reason, hint_s, is_pause=True) if is_pause else None
    is_success = answer.reason == "ok"
    is_news = claimed.target.is_probed or (is_success and claimed.target.is_ailing)
    return Sign(claimed.endpoint, result.started_us, answer.reason, is_success=is_success) if is_news else None


def _switch_off(unit: Operations, results: list[tuple[Result, Verdict]], at: int) -> list[Disabled]:
    """Disable the endpoints that said 410, have failed for too long or are listeners without a client.

    Of those that fail only a dead delivery can be the last straw.
    """
    away = {r.claimed.endpoint: r for r, _ in results if r.answer.reason == LISTENER_AWAY}
    last = away | {r.claimed.endpoint: r for r, verdict in results if verdict.state == "dead"}
    reasons = dict.fromkeys(away, LISTENER_AWAY) | {r.claimed.endpoint: GONE for r, _ in results if r.answer.status == 410}
    disabled = []
    for endpoint, result in sorted(last.items(), key=lambda entry: entry[0]):
        reason = reasons.get(endpoint)
        if reason is None and climb(unit, endpoint, at, why=result.answer.reason) == TOP:
            reason = FAILING
        if reason is not None:
            disabled.append(stop(unit, endpoint, version=result.claimed.target.version, reason=reason))
    return [one for one in disabled if one is not None]
