"""Sending the events of a window to one endpoint once more, for a consumer that lost some.

A replay is a set of new deliveries under one replay id; the pump sends them like any other. The events keep their ids, so
a consumer that keeps the ids it has handled takes none twice.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from accounts.plans.catalog import Tier
from accounts.webhooks.catalog import covered_types
from accounts.webhooks.dialects import CORE
from accounts.webhooks.dialects import tells
from accounts.webhooks.errors import EndpointIsDisabled
from accounts.webhooks.errors import ReplayInProgress
from accounts.webhooks.matching import Objects
from accounts.webhooks.matching import Represent
from accounts.webhooks.matching import is_fit
from accounts.webhooks.matching import receives
from accounts.webhooks.models import Delivery
from accounts.webhooks.queries import get_delivery
from accounts.webhooks.queries import get_event
from accounts.webhooks.queries import get_subscription
from accounts.webhooks.queries import lock_subscription
from kit.clock import DAY_US
from kit.clock import now_us
from kit.documents import TENANT
from kit.documents import Document
from kit.documents import append
from kit.documents import registered_read
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import new_id
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.json_sql import one_of
from kit.outbox import EventRow
from kit.scope import Scope
from kit.unit import tenant_now_us

MOST_EVENTS = 5_000
PAGE = 500  # events whose bodies are in memory at a time
FILTERS = ("location_id", "object_id")
_events = EventRow.__table__
_deliveries = Delivery.__table__


class Which(StrEnum):
    """Which events of the window are sent."""

    ALL = "all"
    FAILED = "failed"  # those whose newest delivery to the endpoint was given up or is held
    MISSED = "missed"  # those the endpoint never took and does not wait for


@dataclass(frozen=True, slots=True)
class Selection:
    """The events of a window, both instants included. types: some of the endpoint's types; none for all of them."""

    from_us: int
    to_us: int
    types: tuple[str, ...] = ()
    location_id: str | None = None
    object_id: str | None = None
    which: Which = Which.ALL
    names: tuple[str, str] = ("from", "to")  # what a refusal calls the two instants


def _window(types: int, filters: tuple[str, ...], which: Which, locations: int = 0) -> Any:
    """Events of some types and a window of the tenant's clock, oldest first; those made for one endpoint are left out.

    locations: of how many locations, or of none, they must be; 0 for any.
    """
    names = [bindparam(f"type_{index}", type_=Text) for index in range(types)]
    shown = (_events.c.id, _events.c.type, _events.c.application_id)
    query = (
        select(*shown)
        .where(_events.c.tenant_id == TENANT, _events.c.type.in_(names), _events.c.only_endpoint_id.is_(None))
        .where(_events.c.created_at >= bindparam("from_us", type_=BigInteger))
        .where(_events.c.created_at <= bindparam("to_us", type_=BigInteger))
    )
    for name in filters:
        query = query.where(_events.c[name] == bindparam(name, type_=Text))
    if locations:
        listed = _events.c.location_id.in_([bindparam(f"listed_{index}", type_=Text) for index in range(locations)])
        query = query.where(or_(_events.c.location_id.is_(None), listed))
    if which is Which.FAILED:
        query = query.where(_newest_state().in_(("dead", "held")))
    if which is Which.MISSED:
        query = query.where(_events.c.relayed_at.is_not(None))  # its first delivery is still to be made
        query = query.where(~_taken_or_waiting(is_replay=False), ~_taken_or_waiting(is_replay=True))
    return query.order_by(_events.c.sequence).limit(bindparam("most", type_=Integer))


def _of_event(*, is_replay: bool) -> tuple[Any, ...]:
    """An event's deliveries to the endpoint. Those of replays have an index of their own, which is found only by naming it."""
    replay_id, endpoint_id = _deliveries.c.replay_id, _deliveries.c.endpoint_id
    if is_replay:
        endpoint_id = endpoint_id.concat("")  # or SQLite would look through everything the endpoint ever got
    return (
        _deliveries.c.tenant_id == TENANT, _deliveries.c.event_id == _events.c.id,
        endpoint_id == bindparam("endpoint_id", type_=Text),
        replay_id.is_not(None) if is_replay else replay_id.is_(None),
    )  # fmt: skip


def _newest_state() -> Any:
    """The state of an event's newest delivery to the endpoint; a replay's is newer than the first one."""
    newest = (_deliveries.c.created_at.desc(), _deliveries.c.id.desc())
    states = [
        select(_deliveries.c.state).where(*_of_event(is_replay=is_replay)).order_by(*newest).limit(1).correlate(_events)
        for is_replay in (True, False)
    ]
    return func.coalesce(*(state.scalar_subquery() for state in states))


def _taken_or_waiting(*, is_replay: bool) -> Any:
    states = _deliveries.c.state.in_(("succeeded", "pending"))
    return exists().where(*_of_event(is_replay=is_replay), states).correlate(_events)


def _among() -> Any:
    """Event documents by their ids, oldest first."""
    columns = fields_of(*(column for column in _events.columns if column.name != "tenant_id"))
    mine = (_events.c.tenant_id == TENANT, one_of(_events.c.id, bindparam("ids", type_=Text)))
    return select(as_document(columns)).where(*mine).order_by(_events.c.sequence)


def _unfinished() -> Any:
    mine = (_deliveries.c.tenant_id == TENANT, _deliveries.c.endpoint_id == bindparam("endpoint_id", type_=Text))
    waits = (_deliveries.c.due_at.is_not(None), _deliveries.c.replay_id.is_not(None))
    is_window = _deliveries.c.replay_id != _deliveries.c.id  # one event that is sent again is its own replay
    return select(_deliveries.c.replay_id).where(*mine, *waits, is_window).limit(1)


_events_of = registered_read("webhooks.replayed_events", _window, example=(2, FILTERS, Which.FAILED, 2))
_events_among = registered_read("webhooks.events_among", _among)
_unfinished_of = registered_read("webhooks.unfinished_replay", _unfinished)


def find_unfinished(scope: Scope, *, endpoint_id: str) -> str | None:
    """Id of the replay to an endpoint of the scope's application that is being delivered. Raises NotFound."""
    get_subscription(scope, endpoint_id=endpoint_id)
    row = _unfinished_of.row(scope, endpoint_id=endpoint_id)
    return None if row is None else str(row[0])


def preview_replay(scope: Scope, *, tier: Tier, endpoint_id: str, chosen: Selection, represent: Represent) -> int:
    """How many events a replay would send now. Raises like replay_events, except that another replay may be under way."""
    return len(_chosen(scope, tier, get_subscription(scope, endpoint_id=endpoint_id), chosen, represent))


def replay_events(scope: Scope, *, tier: Tier, endpoint_id: str, chosen: Selection, represent: Represent) -> Document:
    """Queue new deliveries of the events between two instants of the tenant's clock that an endpoint receives.

    represent: prints an object as the endpoint sees it, for its filters (api.events.represent). Returns the selection's
    fields and {id, endpoint_id, deliveries, created_at}. Raises NotFound, EndpointIsDisabled and ReplayInProgress (409),
    Invalid (422) for a window that is turned round, begins before the plan's events or holds more than 5,000 of them, and
    for types the endpoint does not receive.
    """
    lock_subscription(scope, endpoint_id=endpoint_id)
    subscription = get_subscription(scope, endpoint_id=endpoint_id)
    rows = _chosen(scope, tier, subscription, chosen, represent)
    if (unfinished := _unfinished_of.row(scope, endpoint_id=endpoint_id)) is not None:
        raise ReplayInProgress(replay_id=unfinished[0])
    replay_id, at = new_id("rpl"), now_us()
    deliveries = [
        {"id": new_id("dlv"), "event_id": event_id, "event_type": type_, "endpoint_id": endpoint_id, "state": "pending",
         "attempts": 0, "due_at": at, "created_at": at, "replay_id": replay_id}
        for event_id, type_ in rows
    ]  # fmt: skip
    append(scope, Delivery, deliveries)
    return {
        "id": replay_id, "endpoint_id": endpoint_id, "from_us": chosen.from_us, "to_us": chosen.to_us,
        "types": list(chosen.types), "location_id": chosen.location_id, "object_id": chosen.object_id,
        "which": str(chosen.which), "deliveries": len(deliveries), "created_at": at,
    }  # fmt: skip


def recover_events(scope: Scope, *, tier: Tier, endpoint_id: str, since_us: int, represent: Represent) -> Document:
    """Queue every event from an instant of the tenant's clock until now that an endpoint never took and does not wait for.

    Returns and raises like replay_events; what is wrong with the window is wrong with `since`.
    """
    chosen = Selection(since_us, tenant_now_us(scope), which=Which.MISSED, names=("since", "since"))
    return replay_events(scope, tier=tier, endpoint_id=endpoint_id, chosen=chosen, represent=represent)


def _chosen(
    scope: Scope, tier: Tier, subscription: Document, chosen: Selection, represent: Represent
) -> list[tuple[str, str]]:
    """(id, type) of the events a replay sends. Raises what replay_events raises."""
    _require_window(scope, tier, chosen)
    wanted = _wanted(subscription, tier, chosen.types)
    if not subscription["is_enabled"]:
        raise EndpointIsDisabled
    named = {f"type_{index}": name for index, name in enumerate(wanted)}
    filters = {name: value for name in FILTERS if (value := getattr(chosen, name)) is not None}
    locations = subscription["location_ids"]
    listed = {f"listed_{index}": location_id for index, location_id in enumerate(locations)}
    rows = _events_of.rows(
        scope, len(wanted), tuple(filters), chosen.which, len(locations), from_us=chosen.from_us, to_us=chosen.to_us,
        most=MOST_EVENTS + 1, endpoint_id=subscription["id"], **named, **filters, **listed,
    )  # fmt: skip
    if len(rows) > MOST_EVENTS:
        raise _refused(chosen.names[1], f"The window holds more than {MOST_EVENTS} events; replay it in parts.")
    return _looked_at(scope, subscription, rows, represent)


def _looked_at(
    scope: Scope, subscription: Document, rows: list[tuple[str, str, str | None]], represent: Represent
) -> list[tuple[str, str]]:
    """(id, type) of those events that the endpoint receives, as when they happened (worker.relay)."""
    endpoint = SimpleNamespace(**subscription)
    if not endpoint.filters and endpoint.dialect == CORE:  # nothing that has to be looked for in the events themselves
        return [(id_, type_) for id_, type_, by in rows if is_fit(endpoint, {"type": type_, "application_id": by})]
    kept = []
    for start in range(0, len(rows), PAGE):
        ids = orjson.dumps([row[0] for row in rows[start : start + PAGE]]).decode()
        events = _events_among.documents(scope, ids=ids)
        kept += [(one["id"], one["type"]) for one in events if receives(endpoint, one, Objects(one, represent))]
    return kept


def resend_event(scope: Scope, *, tier: Tier, endpoint_id: str, event_id: str) -> Document:
    """Queue one more delivery of one event to an endpoint, whatever came of those before, and return it.

    Raises NotFound for an unknown endpoint or event, EndpointIsDisabled (409), Invalid (422) for an event of a type the
    endpoint does not receive.
    """
    subscription = get_subscription(scope, endpoint_id=endpoint_id)
    event = get_event(scope, event_id=event_id)
    is_told = tells(subscription["dialect"], event, subscription["dialect_options"])
    if event["type"] not in _wanted(subscription, tier, ()) or not is_told:
        raise _refused("webhook_id", f"The endpoint does not receive {event['type']!r}.")
    if not subscription["is_enabled"]:
        raise EndpointIsDisabled
    delivery_id, at = new_id("dlv"), now_us()
    append(scope, Delivery, [{
        "id": delivery_id, "event_id": event_id, "event_type": event["type"], "endpoint_id": endpoint_id, "state": "pending",
        "attempts": 0, "due_at": at, "created_at": at, "replay_id": delivery_id,
    }])  # fmt: skip
    return get_delivery(scope, delivery_id=delivery_id)


def _require_window(scope: Scope, tier: Tier, chosen: Selection) -> None:
    first = chosen.names[0]
    if chosen.from_us > chosen.to_us:
        raise _refused(first, f"Expected an instant that is not after {'`to`' if first == 'from' else 'the present'}.")
    if chosen.from_us < tenant_now_us(scope) - tier.event_days * DAY_US:
        raise _refused(first, f"The {tier.label} plan keeps events for {tier.event_days} days.")


def types_of(subscription: Document, tier: Tier) -> list[str]:
    """The event types an endpoint receives under a plan."""
    covered = covered_types(subscription["event_types"], subscription["scopes"])
    return [name for name in covered if tier.allows_event(name)]


def _wanted(subscription: Document, tier: Tier, types: tuple[str, ...]) -> list[str]:
    """The types to send, or a refusal of the first that the endpoint does not receive."""
    received = types_of(subscription, tier)
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
