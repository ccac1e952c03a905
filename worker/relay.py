"""From the outbox to deliveries: one committed event becomes one delivery for each endpoint that wants it.

Deliveries and the event's `relayed_at` are written in one transaction, so an event is relayed exactly once however often
this runs, in how many processes it runs, and wherever it is killed.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import Subscription
from kit.clock import now_us
from kit.ids import new_id
from kit.outbox import EventRow
from kit.planes import Environment
from worker.operations import Reason
from worker.operations import operations

BATCH = 200

_E: Any = EventRow.__table__
_S: Any = Subscription.__table__
_D: Any = Delivery.__table__

_unrelayed = (
    select(_E.c.tenant_id, _E.c.id, _E.c.type, _E.c.application_id, _E.c.only_endpoint_id, _E.c.committed_at)
    .where(_E.c.relayed_at.is_(None))
    .order_by(_E.c.committed_at, _E.c.sequence)
    .limit(BATCH)
    .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer at a time
)
_subscriptions = select(
    _S.c.tenant_id, _S.c.id, _S.c.application_id, _S.c.event_types, _S.c.exclude_own, _S.c.scopes, _S.c.created_at
).where(_S.c.is_enabled, _S.c.tenant_id.in_(bindparam("tenants", expanding=True)))
_insert = insert(_D).on_conflict_do_nothing()
_mark = (
    update(_E)
    .where(tuple_(_E.c.tenant_id, _E.c.id).in_(bindparam("keys", expanding=True)))
    .values(relayed_at=bindparam("at"))
)


def relay(environment: Environment) -> int:
    """Turn up to 200 unrelayed events of one plane into deliveries. Returns how many events were relayed."""
    with operations(environment, reason=Reason.RELAY) as unit:
        events = unit.execute(_unrelayed).all()
        if not events:
            return 0
        wanting = defaultdict(list)
        for subscription in unit.execute(_subscriptions, {"tenants": list({event.tenant_id for event in events})}):
            wanting[subscription.tenant_id].append(subscription)
        at = now_us()
        rows = [
            _delivery(event, subscription, at)
            for event in events
            for subscription in wanting[event.tenant_id]
            if wants(subscription, event)
        ]
        if rows:
            unit.execute(_insert, rows)
        unit.execute(_mark, {"keys": [(event.tenant_id, event.id) for event in events], "at": at})
    return len(events)


def wants(subscription: Row[Any] | Any, event: Row[Any] | Any) -> bool:
    """Whether an enabled endpoint receives an event: asked for, allowed to see it, not its own, not before its time.

    A test event names its only endpoint, which then receives it whatever it asked for, but never beyond its scopes.
    """
    kind = EVENT_TYPES.get(event.type)
    if kind is None or kind.scope not in subscription.scopes:
        return False
    if event.only_endpoint_id is not None:
        return bool(event.only_endpoint_id == subscription.id)
    listed: Iterable[str] = subscription.event_types
    if event.type not in listed and "*" not in listed:
        return False
    if subscription.exclude_own and event.application_id == subscription.application_id:
        return False
    return bool(subscription.created_at <= event.committed_at)


def _delivery(event: Row[Any], subscription: Row[Any], at: int) -> dict[str, Any]:
    return {
        "tenant_id": event.tenant_id, "id": new_id("dlv"), "event_id": event.id, "event_type": event.type,
        "endpoint_id": subscription.id, "state": "pending", "attempts": 0, "due_at": at, "created_at": at,
    }  # fmt: skip
