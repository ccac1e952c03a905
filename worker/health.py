"""What a plane learns of its endpoints: which to leave in peace for a while, and how much those get that came back.

A receiver that struggles again and again is paused; what waits for it spends no attempt. Then one request at a time asks
whether it is back, and what it gets grows from one, so that a backlog does not fell it again. Only changes are written.
Source: RFC 9110 section 10.2.3 for Retry-After; Nygard, "Release It!", circuit breaker.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import or_
from sqlalchemy import select

from accounts.webhooks.models import EndpointHealth
from kit.clock import SECOND_US
from kit.clock import as_us
from kit.planes import Environment
from worker.egress import Answer
from worker.keys import is_among
from worker.keys import keys
from worker.operations import Operations
from worker.pace import MOST_PER_ENDPOINT
from worker.pace import Endpoint

STRUGGLING = (408, 429, 500, 502, 503, 504)
TRIP = 10  # struggling answers one after the other that pause an endpoint
FIRST_PAUSE_S = 15
LONGEST_PAUSE_S = {Environment.PRODUCTION: 300, Environment.SANDBOX: 15}  # a Retry-After may ask for more
RAMP_US = SECOND_US  # what a recovered endpoint gets doubles in each of these
BURST_US = SECOND_US // 10  # how much of a second's rate may go out at once

_H: Any = EndpointHealth.__table__
_NOW: Any = bindparam("now")
COLUMNS = tuple(map(as_us, (_H.c.failing_since, _H.c.paused_until, _H.c.pauses, _H.c.recovered_at, _H.c.next_send_at)))
KEY = ("tenant_id", "id")
HEALTHY = {"pauses": 0, "paused_until": None, "pause_reason": None}
may_get_more = and_(
    or_(_H.c.paused_until.is_(None), _H.c.paused_until <= _NOW), or_(_H.c.next_send_at.is_(None), _H.c.next_send_at <= _NOW)
)
_state = (
    select(_H.c.tenant_id, _H.c.id, *COLUMNS)
    .where(is_among(_H))
    .order_by(_H.c.tenant_id, _H.c.id)
    .with_for_update()
)


def of(endpoint: Any) -> Any:
    """The condition that joins their health to endpoints (a table or alias with tenant_id and id)."""
    return and_(_H.c.tenant_id == endpoint.c.tenant_id, _H.c.id == endpoint.c.id)


def is_struggling(answer: Answer) -> bool:
    """Whether an answer, or that none came, says that the receiver can take nothing now."""
    return answer.status is None or answer.status in STRUGGLING


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an endpoint may get at an instant."""

    most: int  # at a time
    burst: int | None = None  # in this instant; None: it has no rate

    @property
    def is_exact(self) -> bool:
        """Whether more may not even be taken than may be sent."""
        return self.most < MOST_PER_ENDPOINT or self.burst is not None


def allowance(row: Any, at: int) -> Allowance:
    """What an endpoint may get. row: COLUMNS, max_in_flight and max_per_second."""
    if at < (row.paused_until or 0) or at < (row.next_send_at or 0):
        return Allowance(0)
    most = min(row.max_in_flight, MOST_PER_ENDPOINT)
    if row.pauses:
        most = 1  # asks whether it is back
    elif row.recovered_at is not None:
        most = min(most, 1 << min(8, max(0, at - row.recovered_at) // RAMP_US))
    rate = row.max_per_second
    return Allowance(most, None if rate is None else max(1, rate * BURST_US // SECOND_US))


def spend(unit: Operations, taken: dict[Endpoint, tuple[int, Any]], at: int) -> int:
    """Note what was taken of endpoints with a rate: how many, and the row of each. Returns when the first may get more."""
    rows = [
        {
            "tenant_id": tenant_id, "id": endpoint_id,
            "next_send_at": max(row.next_send_at or 0, at - BURST_US) + count * SECOND_US // row.max_per_second,
        }
        for (tenant_id, endpoint_id), (count, row) in taken.items()
    ]  # fmt: skip
    know(unit, taken)
    unit.change(EndpointHealth, rows, keys=KEY, columns=("next_send_at",))
    return min(row["next_send_at"] for row in rows)


@dataclass(frozen=True, slots=True)
class Sign:
    """What one answer says of its endpoint."""

    endpoint: Endpoint
    started_us: int
    reason: str
    pause_s: float = 0  # a Retry-After
    is_pause: bool = False
    is_success: bool = False  # not only an answer


def learn(unit: Operations, environment: Environment, signs: Iterable[Sign], at: int) -> None:
    """Write what answers say of their endpoints: pause them, or let them have more again.

    A pause changes nothing when the request was under way before the last one ended: those all fail for the same reason.
    """
    latest = {sign.endpoint: sign for sign in sorted(signs, key=lambda sign: sign.started_us)}
    if not latest:
        return
    know(unit, [endpoint for endpoint, sign in latest.items() if sign.is_pause])
    known = {(row.tenant_id, row.id): row for row in unit.execute(_state, {"keys": keys(latest)})}
    pauses: list[dict[str, Any]] = []
    well: list[dict[str, Any]] = []
    answering: list[dict[str, Any]] = []
    for endpoint, sign in latest.items():
        row, found = known.get(endpoint), {"tenant_id": endpoint[0], "id": endpoint[1]}
        if row is None:
            continue
        if not sign.is_pause:
            # One that answers, if only to refuse, is there; it has failed until it takes something.
            recovered = found | HEALTHY | {"recovered_at": at}
            (well if sign.is_success else answering).append(recovered)
        elif sign.started_us >= (row.paused_until or 0):
            length_s = max(sign.pause_s, min(LONGEST_PAUSE_S[environment], FIRST_PAUSE_S << min(row.pauses, 8)))
            until = at + int(length_s * SECOND_US)
            pauses.append(found | {"pauses": row.pauses + 1, "paused_until": until, "pause_reason": sign.reason})
    columns = ("pauses", "paused_until", "pause_reason")
    if pauses:
        unit.change(EndpointHealth, pauses, keys=KEY, columns=columns)
    if answering:
        unit.change(EndpointHealth, answering, keys=KEY, columns=(*columns, "recovered_at"))
    if well:
        healed = [row | {"failing_since": None, "warned_percent": 0} for row in well]
        unit.change(EndpointHealth, healed, keys=KEY, columns=(*columns, "recovered_at", "failing_since", "warned_percent"))


def know(unit: Operations, endpoints: Iterable[Endpoint]) -> None:
    """Make the rows of endpoints nothing was known of."""
    rows = [
        {"tenant_id": tenant_id, "id": endpoint_id, "pauses": 0, "warned_percent": 0, "told_percent": 0}
        for tenant_id, endpoint_id in sorted(endpoints)
    ]
    if rows:
        unit.append(EndpointHealth, rows, skips_known=True)
