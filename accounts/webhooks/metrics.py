"""How well deliveries to one endpoint go: rates, durations and what waits, over the deliveries made in the last hours.

Attempts count for the hour their delivery was made in, because deliveries have an index by time and attempts have none.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import not_
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import type_coerce

from accounts.plans.catalog import SANDBOX
from accounts.plans.catalog import TIERS
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from accounts.webhooks.models import Subscription
from accounts.webhooks.outlook import condition_of
from accounts.webhooks.queries import get_subscription
from kit.clock import DAY_US
from kit.clock import SECOND_US
from kit.clock import day_of
from kit.clock import now_us
from kit.documents import TENANT
from kit.documents import Document
from kit.documents import registered_read
from kit.scope import Scope

HOUR_US = 3600 * SECOND_US
MOST_HOURS = 168
TARGET = 0.999  # of the events due are delivered within a day
SAMPLE = 10_000  # newest deliveries whose attempts tell the durations
COUNTED = ("deliveries", "succeeded", "dead", "attempts", "tried", "at_once", "due", "in_time")
KEPT_DAYS = sorted({tier.event_days for tier in (*TIERS.values(), SANDBOX)})  # how long attempts may be kept
SHOWN = ("deliveries", "succeeded", "dead", "attempts")  # of each hour
_deliveries = Delivery.__table__
_attempts = DeliveryAttempt.__table__
_subscriptions = Subscription.__table__


def _of_endpoint() -> tuple[Any, ...]:
    """Deliveries of the endpoint, if it belongs to the reading application: several may work with one production tenant."""
    endpoint_id = bindparam("endpoint_id", type_=Text)
    ours = exists().where(
        _subscriptions.c.tenant_id == TENANT, _subscriptions.c.id == endpoint_id,
        _subscriptions.c.application_id == bindparam("application_id", type_=Text),
    )  # fmt: skip
    return _deliveries.c.tenant_id == TENANT, _deliveries.c.endpoint_id == endpoint_id, ours


def _made_since() -> Any:
    return _deliveries.c.created_at >= bindparam("from_us", type_=BigInteger)


def _number(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _made_then() -> Any:
    """Attempts made in this time, under whichever plan: only their partitions are looked into, not all there are."""
    first, last = bindparam("first_day", type_=Integer), bindparam("last_day", type_=Integer)
    return or_(*(_attempts.c.expires_on.between(first + days, last + days) for days in KEPT_DAYS))


def _by_hour() -> Any:
    is_first = _deliveries.c.replay_id.is_(None)  # an event is due once, however often it is sent again
    is_taken, is_dead = _deliveries.c.state == "succeeded", _deliveries.c.state == "dead"
    is_old = _deliveries.c.created_at <= bindparam("day_ago_us", type_=BigInteger)
    took_us = type_coerce(_deliveries.c.finished_at, BigInteger) - type_coerce(_deliveries.c.created_at, BigInteger)
    is_at_first = and_(_deliveries.c.attempts == 1, _deliveries.c.lease_id.is_not(None))  # and not answered yet
    hour = (type_coerce(_deliveries.c.created_at, BigInteger) // HOUR_US).label("hour")
    return (
        select(
            hour, func.count(), _number(is_taken), _number(is_dead), func.sum(_deliveries.c.attempts),
            _number(and_(_deliveries.c.attempts > 0, not_(is_at_first))),
            _number(and_(is_taken, _deliveries.c.attempts == 1)),
            _number(and_(is_first, or_(is_taken, is_dead, is_old))),
            _number(and_(is_first, is_taken, took_us <= DAY_US)),
        )
        .where(*_of_endpoint(), _made_since())
        .group_by(hour)
    )  # fmt: skip


def _durations_and_backlog() -> Any:
    """One row: p50 and p95 (the discrete ones) of the attempts' durations, and number and age of what is not finished."""
    newest = (
        select(_deliveries.c.id)
        .where(*_of_endpoint(), _made_since())
        .order_by(_deliveries.c.created_at.desc())
        .limit(bindparam("most", type_=Integer))
        .subquery("newest")
    )
    took = _attempts.c.duration_ms
    ranked = (
        select(
            took.label("took"), func.row_number().over(order_by=took).label("place"), func.count().over().label("number")
        )
        .where(_attempts.c.tenant_id == TENANT, _attempts.c.delivery_id == newest.c.id, _made_then())
        .subquery("ranked")
    )
    shares = (func.min(case((ranked.c.place * 100 >= ranked.c.number * share, ranked.c.took))) for share in (50, 95))
    durations = select(*(value.label(name) for name, value in zip(("p50", "p95"), shares, strict=True))).subquery("durations")
    live, replayed = _waiting(is_replay=False).subquery("live"), _waiting(is_replay=True).subquery("replayed")
    columns = (durations.c.p50, durations.c.p95, live.c.number, replayed.c.number, live.c.oldest, replayed.c.oldest)
    return select(*columns).select_from(durations.join(live, literal(True)).join(replayed, literal(True)))


def _waiting(*, is_replay: bool) -> Any:
    """Number and oldest of what is not finished. Live events and replays each have an index for it.

    Together: alone, the least of an indexed column would be looked for among all that was ever delivered.
    """
    replay_id = _deliveries.c.replay_id
    return select(func.count().label("number"), func.min(_deliveries.c.created_at).label("oldest")).where(
        *_of_endpoint(), _deliveries.c.due_at.is_not(None), replay_id.is_not(None) if is_replay else replay_id.is_(None)
    )


_hours = registered_read("webhooks.metrics_by_hour", _by_hour)
_present = registered_read("webhooks.metrics_durations", _durations_and_backlog)


def read_metrics(scope: Scope, *, endpoint_id: str, hours: int) -> Document:
    """What became of the deliveries made to an endpoint in this hour and the hours - 1 before it, by real time.

    hours: 1..168. Rates are 0..1, or None when there is nothing to divide; durations are milliseconds; `backlog` and
    `oldest_pending_age_s` are about everything that waits, however old. `delivered_within_24h` is a share of the events
    that were decided or are a day old, each counted once. Raises NotFound.
    """
    endpoint = get_subscription(scope, endpoint_id=endpoint_id)
    at = now_us()
    this_hour = at // HOUR_US
    first = this_hour - hours + 1
    whose: dict[str, Any] = {"endpoint_id": endpoint_id, "application_id": scope.application_id or "", "from_us": first * HOUR_US}
    found = {row[0]: dict(zip(COUNTED, row[1:], strict=True)) for row in _hours.rows(scope, **whose, day_ago_us=at - DAY_US)}
    sums = {name: sum(row[name] for row in found.values()) for name in COUNTED}
    days = {"first_day": day_of(whose["from_us"]), "last_day": day_of(at)}
    p50, p95, live, replayed, *oldest = _present.rows(scope, **whose, **days, most=SAMPLE)[0]
    oldest_us = min((made for made in oldest if made is not None), default=None)
    nothing = dict.fromkeys(COUNTED, 0)
    return {
        "endpoint_id": endpoint_id, "hours": hours, "from_us": first * HOUR_US, "to_us": at,
        **{name: sums[name] for name in SHOWN},
        "success_rate": _share(sums["succeeded"], sums["succeeded"] + sums["dead"]),
        "first_attempt_success_rate": _share(sums["at_once"], sums["tried"]),
        "delivered_within_24h": _share(sums["in_time"], sums["due"]),
        "duration_p50_ms": p50, "duration_p95_ms": p95, "backlog": live + replayed,
        "oldest_pending_age_s": None if oldest_us is None else max(0, at - oldest_us) // SECOND_US,
        "health": condition_of(endpoint, at_us=at),
        "buckets": [
            {"at": hour * HOUR_US, **{name: found.get(hour, nothing)[name] for name in SHOWN}}
            for hour in range(first, this_hour + 1)
        ],
    }  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
