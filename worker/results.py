"""Writing down what came back: an attempt for every request, and the delivery's next state if its lease still holds.

A late answer of a lost lease is recorded as an attempt and changes nothing else: whoever holds the lease now decides.
"""

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from accounts.webhooks.models import Subscription
from accounts.webhooks.sync import LISTENER_AWAY
from accounts.webhooks.sync import UNTOLD
from kit.clock import now_us
from kit.clock import to_us
from kit.ids import new_id
from kit.planes import Environment
from worker.claims import LEASE
from worker.claims import Claimed
from worker.egress import Answer
from worker.keys import is_among
from worker.keys import keys
from worker.operations import Operations
from worker.operations import Reason
from worker.operations import operations
from worker.retries import Verdict
from worker.retries import judge

log = logging.getLogger(__name__)

GONE = "gone_410"
FAILING = "no_success_for_5_days"
FAILING_US = 5 * 24 * 3600 * 1_000_000
FAILING_DEAD = 20

_D: Any = Delivery.__table__
_S: Any = Subscription.__table__

_there = select(_D.c.tenant_id, _D.c.id).where(is_among(_D))
ENDING = ("state", "due_at", "last_status", "last_reason", "finished_at")
_of_endpoint = (_D.c.tenant_id == bindparam("of_tenant"), _D.c.endpoint_id == bindparam("of_endpoint"))
_last_success = select(func.max(_D.c.finished_at)).where(*_of_endpoint, _D.c.state == "succeeded")
_exhausted = select(func.count()).where(*_of_endpoint, _D.c.state == "dead", _D.c.finished_at > bindparam("since"))
_subscribed_at = select(_S.c.created_at).where(
    _S.c.tenant_id == bindparam("of_tenant"), _S.c.id == bindparam("of_endpoint")
)
_disable = (
    update(_S)
    .where(_S.c.tenant_id == bindparam("of_tenant"), _S.c.id == bindparam("of_endpoint"), _S.c.is_enabled)
    .where(_S.c.version == bindparam("of_version"))  # an endpoint changed meanwhile gets a new chance
    .values(is_enabled=False, disabled_reason=bindparam("why"))
    .returning(_S.c.id)
)
_is_on = select(_S.c.id).where(_S.c.tenant_id == _D.c.tenant_id, _S.c.id == _D.c.endpoint_id, _S.c.is_enabled).correlate(_D)
_hold = (
    update(_D)
    .where(*_of_endpoint, _D.c.state == "pending", _D.c.lease_id.is_(None))  # those under way follow with their results
    .where(~exists(_is_on))
    .values(state="held", due_at=None)
)


@dataclass(frozen=True)
class Result:
    """One request that was made, or could not be, and its answer."""

    claimed: Claimed
    answer: Answer
    started_us: int
    request_headers: dict[str, str]
    request_body: bytes


@dataclass(frozen=True)
class Disabled:
    """An endpoint that was switched off on a plane; control has to learn of it."""

    endpoint_id: str
    version: int
    reason: str


def record(environment: Environment, results: list[Result]) -> list[Disabled]:
    """Write a batch of results in one transaction. Returns the endpoints that were switched off by it."""
    at = now_us()
    with operations(environment, reason=Reason.RECORD) as unit:
        verdicts = [
            judge(r.answer, attempt=r.claimed.attempt, schedule=r.claimed.retry_schedule, now_us=at) for r in results
        ]
        changes = [_change(result, verdict) for result, verdict in zip(results, verdicts, strict=True)]
        there = unit.change(Delivery, changes, keys=LEASE, columns=ENDING, cleared=("lease_id", "lease_until"))
        if lost := {r.claimed.key for r in results} - there:
            # The lease went to somebody else, or a sandbox reset or retention removed the delivery meanwhile.
            there |= {(row.tenant_id, row.id) for row in unit.execute(_there, {"keys": keys(lost)})}
        known = [(r, verdict) for r, verdict in zip(results, verdicts, strict=True) if r.claimed.key in there]
        unit.append(DeliveryAttempt, [_attempt(result) for result, _ in known])
        return _switch_off(unit, known, at)


def _attempt(result: Result) -> dict[str, Any]:
    claimed, answer = result.claimed, result.answer
    return {
        "tenant_id": claimed.tenant_id, "id": new_id("att"), "delivery_id": claimed.id, "endpoint_id": claimed.endpoint_id,
        "number": claimed.attempt, "started_at": result.started_us, "duration_ms": answer.duration_ms, "timings": answer.timings,
        "status": answer.status, "reason": answer.reason, "request_headers": result.request_headers,
        "request_body": result.request_body.decode(), "response_headers": answer.headers, "response_body": answer.body,
    }  # fmt: skip


def _change(result: Result, verdict: Verdict) -> dict[str, Any]:
    claimed = result.claimed
    return {
        "tenant_id": claimed.tenant_id, "id": claimed.id, "lease_id": claimed.lease_id, "state": verdict.state,
        "due_at": verdict.due_us, "finished_at": verdict.finished_us,
        "last_status": result.answer.status, "last_reason": result.answer.reason,
    }  # fmt: skip


def _switch_off(unit: Operations, results: list[tuple[Result, Verdict]], at: int) -> list[Disabled]:
    """Disable the endpoints that said 410, have failed for too long or are listeners without a client.

    Of those that fail only a dead delivery can be the last straw.
    """
    away = {r.claimed.endpoint: r for r, _ in results if r.answer.reason == LISTENER_AWAY}
    last = away | {r.claimed.endpoint: r for r, verdict in results if verdict.state == "dead"}
    reasons = dict.fromkeys(away, LISTENER_AWAY) | {r.claimed.endpoint: GONE for r, _ in results if r.answer.status == 410}
    disabled = []
    for endpoint, result in sorted(last.items(), key=lambda entry: entry[0]):
        if endpoint not in reasons and not _is_failing(unit, *endpoint, at):
            continue
        which = {"of_tenant": endpoint[0], "of_endpoint": endpoint[1]}
        version, reason = result.claimed.subscription_version, reasons.get(endpoint, FAILING)
        if unit.execute(_disable, {**which, "of_version": version, "why": UNTOLD + reason}).first() is not None:
            disabled.append(Disabled(endpoint[1], version, reason))
        unit.execute(_hold, which)
    return disabled


def _is_failing(unit: Operations, tenant_id: str, endpoint_id: str, at: int) -> bool:
    which = {"of_tenant": tenant_id, "of_endpoint": endpoint_id}
    since = unit.execute(_last_success, which).scalar() or unit.execute(_subscribed_at, which).scalar()
    if since is None or at - to_us(since) < FAILING_US:
        return False
    return bool(unit.execute(_exhausted, {**which, "since": since}).scalar_one() >= FAILING_DEAD)
