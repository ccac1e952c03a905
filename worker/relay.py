"""From the outbox to deliveries: one committed event becomes one delivery for each endpoint that wants it.

Deliveries and the event's `relayed_at` are written in one transaction, so an event is relayed exactly once however often
this runs, in how many processes it runs, and wherever it is killed. A delivery whose endpoint has room is written under
lease at once, which saves the claim that would follow.
"""

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from sqlalchemy import Row
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

from accounts.webhooks.matching import Objects
from accounts.webhooks.matching import receives
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import Subscription
from api.events import represent
from kit.clock import as_us
from kit.clock import now_us
from kit.ids import new_id
from kit.outbox import EventRow
from kit.planes import Environment
from worker.claims import EVENT_COLUMNS
from worker.claims import LEASE_US
from worker.claims import Bodies
from worker.claims import Claimed
from worker.claims import event_document
from worker.claims import has_backlog
from worker.claims import lease_counts
from worker.claims import may_lease
from worker.keys import is_among
from worker.keys import keys
from worker.operations import Operations
from worker.operations import Reason
from worker.operations import operations
from worker.pace import Endpoint
from worker.pace import Pace
from worker.places import Places
from worker.targets import COLUMNS
from worker.targets import Target
from worker.targets import target_of
from worker.targets import with_health

BATCH = 200

_E: Any = EventRow.__table__
_S: Any = Subscription.__table__

_unrelayed = (
    select(*EVENT_COLUMNS)
    .where(_E.c.relayed_at.is_(None))
    .order_by(_E.c.committed_at, _E.c.sequence)
    .limit(BATCH)
    .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer at a time
)
_subscriptions = select(
    *COLUMNS, _S.c.application_id, _S.c.event_types, _S.c.exclude_own, _S.c.location_ids, _S.c.filters,
    as_us(_S.c.created_at), _S.c.max_in_flight, _S.c.max_per_second, *lease_counts, has_backlog.label("has_backlog"),
).select_from(with_health).where(_S.c.is_enabled, _S.c.tenant_id.in_(bindparam("tenants", expanding=True)))  # fmt: skip
_mark = update(_E).where(is_among(_E)).values(relayed_at=bindparam("at"))


@dataclass
class Relayed:
    """How many events were relayed, the deliveries of them that are under lease, and whether others are due."""

    events: int = 0
    claimed: list[Claimed] = field(default_factory=list)
    leaves_due: bool = False


def relay(environment: Environment, *, pace: Pace | None = None, room: int = 0) -> Relayed:
    """Turn up to 200 unrelayed events of one plane into deliveries, up to `room` of them under lease.

    Those are counted in `pace` as leased; the caller takes each back with finished or dropped.
    """
    relayed = Relayed()
    try:
        with operations(environment, reason=Reason.RELAY) as unit:
            _relay(unit, environment, pace, room, relayed)
    except BaseException:
        if pace is not None:
            for one in relayed.claimed:
                pace.dropped(one.endpoint)
        raise
    return relayed


def _relay(unit: Operations, environment: Environment, pace: Pace | None, room: int, relayed: Relayed) -> None:
    events = [event_document(environment, row) for row in unit.execute(_unrelayed).all()]
    if not events:
        return
    at, wanting = now_us(), defaultdict(list)
    tenants = {"tenants": list({event["tenant_id"] for event in events}), "now": at}
    for subscription in unit.execute(_subscriptions, tenants).all():
        wanting[subscription.tenant_id].append(subscription)
    leases = _Leases(pace if pace is not None and room and may_lease(unit) else None, room, at)
    rows: list[dict[str, Any]] = []
    for event in events:
        bodies, objects = Bodies(), Objects(event, represent)
        rows += [
            _delivery(event, subscription, at) | leases.take(subscription, event, bodies, relayed)
            for subscription in wanting[event["tenant_id"]]
            if subscription.created_at <= event["committed_at"] and receives(subscription, event, objects)
        ]
    leases.settle(unit)
    unit.append(Delivery, rows, skips_known=True)  # one that is there already must not hold up the others for ever
    unit.execute(_mark, {"keys": keys((event["tenant_id"], event["id"]) for event in events), "at": at})
    relayed.events, relayed.leaves_due = len(events), len(rows) > len(relayed.claimed)


class _Leases:
    """Which deliveries of one batch are leased as they are written: as many as fit, none in front of older ones."""

    def __init__(self, pace: Pace | None, room: int, at: int) -> None:
        self._places = Places(pace, at) if pace is not None else None
        self._room, self._at, self._lease_id = room, at, new_id("lse")
        self._targets: dict[Endpoint, Target] = {}

    def take(self, subscription: Row[Any], event: dict[str, Any], bodies: Bodies, relayed: Relayed) -> dict[str, Any]:
        """The columns of a lease, or none. A lease is added to what was relayed and counted in the pace."""
        delivery_id, endpoint = new_id("dlv"), (subscription.tenant_id, subscription.id)
        if self._places is None or len(relayed.claimed) >= self._room or subscription.has_backlog:
            return {"id": delivery_id}
        if not self._places.take(endpoint, subscription):
            return {"id": delivery_id}
        if endpoint not in self._targets:
            self._targets[endpoint] = target_of(subscription, self._at)
        target = self._targets[endpoint]
        relayed.claimed.append(
            Claimed(subscription.tenant_id, delivery_id, self._lease_id, self._at, 1, False, target, event, bodies)
        )
        until = self._at + LEASE_US
        return {"id": delivery_id, "attempts": 1, "lease_id": self._lease_id, "lease_until": until, "due_at": until}

    def settle(self, unit: Operations) -> None:
        """Write what the leases take of the endpoints' rates."""
        if self._places is not None:
            self._places.settle(unit)


def _delivery(event: dict[str, Any], subscription: Row[Any], at: int) -> dict[str, Any]:
    return {
        "tenant_id": event["tenant_id"], "event_id": event["id"], "event_type": event["type"],
        "endpoint_id": subscription.id, "state": "pending", "attempts": 0, "due_at": at, "created_at": at,
    }  # fmt: skip
