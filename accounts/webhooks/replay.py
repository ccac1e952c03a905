"""Sending the events of a window to one endpoint once more, for a consumer that lost some.

A replay is a set of new deliveries under one replay id; the pump sends them like any other. The events keep their ids, so
a consumer that keeps the ids it has handled takes none twice.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import select

from accounts.plans.catalog import Tier
from accounts.webhooks.catalog import covered_types
from accounts.webhooks.errors import EndpointIsDisabled
from accounts.webhooks.errors import ReplayInProgress
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import Subscription
from accounts.webhooks.queries import get_delivery
from accounts.webhooks.queries import get_event
from accounts.webhooks.queries import get_subscription
from kit.clock import now_us
from kit.documents import TENANT
from kit.documents import Document
from kit.documents import append
from kit.documents import registered_read
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import new_id
from kit.outbox import EventRow
from kit.scope import Scope
from kit.unit import tenant_now_us

MOST_EVENTS = 5_000
DAY_US = 24 * 3600 * 1_000_000
_events = EventRow.__table__
_deliveries = Delivery.__table__
_subscriptions = Subscription.__table__


def _window(types: int) -> Any:
    """Events of some types and a window of the tenant's clock, oldest first; those made for one endpoint are left out."""
    names = [bindparam(f"type_{index}", type_=Text) for index in range(types)]
    shown = (_events.c.id, _events.c.type, _events.c.application_id)
    return (
        select(*shown)
        .where(_events.c.tenant_id == TENANT, _events.c.type.in_(names), _events.c.only_endpoint_id.is_(None))
        .where(_events.c.created_at >= bindparam("from_us", type_=BigInteger))
        .where(_events.c.created_at <= bindparam("to_us", type_=BigInteger))
        .order_by(_events.c.sequence)
        .limit(bindparam("most", type_=Integer))
    )


def _unfinished() -> Any:
    mine = (_deliveries.c.tenant_id == TENANT, _deliveries.c.endpoint_id == bindparam("endpoint_id", type_=Text))
    waits = (_deliveries.c.due_at.is_not(None), _deliveries.c.replay_id.is_not(None))
    is_window = _deliveries.c.replay_id != _deliveries.c.id  # one event that is sent again is its own replay
    return select(_deliveries.c.replay_id).where(*mine, *waits, is_window).limit(1)


def _lock() -> Any:
    mine = (_subscriptions.c.tenant_id == TENANT, _subscriptions.c.id == bindparam("endpoint_id", type_=Text))
    return select(_subscriptions.c.id).where(*mine).with_for_update()


_events_of = registered_read("webhooks.replayed_events", _window, example=(2,))
_unfinished_of = registered_read("webhooks.unfinished_replay", _unfinished)
_locked = registered_read("webhooks.lock_subscription", _lock)


def replay_events(
    scope: Scope, *, tier: Tier, endpoint_id: str, from_us: int, to_us: int, types: tuple[str, ...] = ()
) -> Document:
    """Queue new deliveries of an endpoint's events between two instants of the tenant's clock, both included.

    types: some of the endpoint's types; none for all of them. Returns {id, endpoint_id, from_us, to_us, types, deliveries,
    created_at}. Raises NotFound, EndpointIsDisabled and ReplayInProgress (409), Invalid (422) for a window that is turned
    round, begins before the plan's events or holds more than 5,000 of them, and for types the endpoint does not receive.
    """
    _locked.rows(scope, endpoint_id=endpoint_id)
    subscription = get_subscription(scope, endpoint_id=endpoint_id)
    _require_window(scope, tier, from_us, to_us)
    wanted = _wanted(subscription, tier, types)
    if not subscription["is_enabled"]:
        raise EndpointIsDisabled
    if (unfinished := _unfinished_of.row(scope, endpoint_id=endpoint_id)) is not None:
        raise ReplayInProgress(replay_id=unfinished[0])
    named = {f"type_{index}": name for index, name in enumerate(wanted)}
    rows = _events_of.rows(scope, len(wanted), from_us=from_us, to_us=to_us, most=MOST_EVENTS + 1, **named)
    if len(rows) > MOST_EVENTS:
        raise _refused("to", f"The window holds more than {MOST_EVENTS} events; replay it in parts.")
    own = subscription["application_id"] if subscription["exclude_own"] else object()
    replay_id, at = new_id("rpl"), now_us()
    deliveries = [
        {"id": new_id("dlv"), "event_id": event_id, "event_type": type_, "endpoint_id": endpoint_id, "state": "pending",
         "attempts": 0, "due_at": at, "created_at": at, "replay_id": replay_id}
        for event_id, type_, application_id in rows
        if application_id != own
    ]  # fmt: skip
    append(scope, Delivery, deliveries)
    return {
        "id": replay_id, "endpoint_id": endpoint_id, "from_us": from_us, "to_us": to_us, "types": list(types),
        "deliveries": len(deliveries), "created_at": at,
    }  # fmt: skip


def resend_event(scope: Scope, *, tier: Tier, endpoint_id: str, event_id: str) -> Document:
    """Queue one more delivery of one event to an endpoint, whatever came of those before, and return it.

    Raises NotFound for an unknown endpoint or event, EndpointIsDisabled (409), Invalid (422) for an event of a type the
    endpoint does not receive.
    """
    subscription = get_subscription(scope, endpoint_id=endpoint_id)
    event = get_event(scope, event_id=event_id)
    if event["type"] not in _wanted(subscription, tier, ()):
        raise _refused("webhook_id", f"The endpoint does not receive {event['type']!r}.")
    if not subscription["is_enabled"]:
        raise EndpointIsDisabled
    delivery_id, at = new_id("dlv"), now_us()
    append(scope, Delivery, [{
        "id": delivery_id, "event_id": event_id, "event_type": event["type"], "endpoint_id": endpoint_id, "state": "pending",
        "attempts": 0, "due_at": at, "created_at": at, "replay_id": delivery_id,
    }])  # fmt: skip
    return get_delivery(scope, delivery_id=delivery_id)


def _require_window(scope: Scope, tier: Tier, from_us: int, to_us: int) -> None:
    if from_us > to_us:
        raise _refused("from", "Expected an instant that is not after `to`.")
    if from_us < tenant_now_us(scope) - tier.event_days * DAY_US:
        raise _refused("from", f"The {tier.label} plan keeps events for {tier.event_days} days.")


def _wanted(subscription: Document, tier: Tier, types: tuple[str, ...]) -> list[str]:
    """The types to send, or a refusal of the first that the endpoint does not receive."""
    covered = covered_types(subscription["event_types"], subscription["scopes"])
    received = [name for name in covered if tier.allows_event(name)]
    errors = [
        FieldError(f"types[{index}]", "invalid_value", f"The endpoint does not receive {name!r}.")
        for index, name in enumerate(types)
        if name not in received
    ]
    if errors:
        raise Invalid(errors=errors)
    return [name for name in received if not types or name in types]


def _refused(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[FieldError(field, "invalid_value", message)])
