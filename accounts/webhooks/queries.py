"""What a partner sees of deliveries, attempts and events: documents read on the tenant's plane."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import literal_column
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from accounts.webhooks.catalog import OWN_ONLY
from accounts.webhooks.errors import DeliveryNotRetryable
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from accounts.webhooks.models import EndpointHealth
from accounts.webhooks.models import Subscription
from kit.clock import now_us
from kit.documents import TENANT
from kit.documents import Document
from kit.documents import registered_read
from kit.documents import registered_write
from kit.errors import NotFound
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.outbox import EventRow
from kit.scope import Scope

_deliveries = Delivery.__table__
_attempts = DeliveryAttempt.__table__
_events = EventRow.__table__
_subscriptions = Subscription.__table__
_health = EndpointHealth.__table__
HEALTH = ("failing_since", "paused_until", "pause_reason", "pauses", "recovered_at", "next_send_at")
STATES = ("pending", "succeeded", "dead", "held")


def _document(table: Any) -> Any:
    return as_document(fields_of(*(column for column in table.columns if column.name != "tenant_id")))


def _is_ours() -> Any:
    """The delivery's endpoint belongs to the reading application: several may work with one production tenant."""
    ours = (
        _subscriptions.c.tenant_id == TENANT, _subscriptions.c.id == _deliveries.c.endpoint_id,
        _subscriptions.c.application_id == bindparam("application_id", type_=Text),
    )  # fmt: skip
    return exists().where(*ours).correlate(_deliveries)


def _delivery_list(filters: tuple[str, ...], has_after: bool) -> Any:
    mine = (_deliveries.c.tenant_id == TENANT, _deliveries.c.endpoint_id == bindparam("endpoint_id", type_=Text))
    query = select(_document(_deliveries)).where(*mine, _is_ours())
    for name in filters:
        query = query.where(_deliveries.c[name] == bindparam(name, type_=Text))
    if has_after:
        at, id_ = bindparam("after_at", type_=BigInteger), bindparam("after_id", type_=Text)
        created_at = _deliveries.c.created_at
        query = query.where(or_(created_at < at, (created_at == at) & (_deliveries.c.id < id_)))
    order = (_deliveries.c.created_at.desc(), _deliveries.c.id.desc())
    return query.order_by(*order).limit(bindparam("limit", type_=Integer))


def _delivery_one() -> Any:
    mine = (_deliveries.c.tenant_id == TENANT, _deliveries.c.id == bindparam("id", type_=Text))
    return select(_document(_deliveries)).where(*mine, _is_ours())


def _attempt_list() -> Any:
    mine = (_attempts.c.tenant_id == TENANT, _attempts.c.delivery_id == bindparam("delivery_id", type_=Text))
    return select(_document(_attempts)).where(*mine).order_by(_attempts.c.number, _attempts.c.id)


def _counts() -> Any:
    mine = (_deliveries.c.tenant_id == TENANT, _deliveries.c.endpoint_id == bindparam("endpoint_id", type_=Text))
    return select(_deliveries.c.state, func.count()).where(*mine, _is_ours()).group_by(_deliveries.c.state)


def _counts_since() -> Any:
    joined = _subscriptions.join(
        _deliveries, (_deliveries.c.tenant_id == TENANT) & (_deliveries.c.endpoint_id == _subscriptions.c.id)
    )
    return (
        select(_deliveries.c.state, func.count())
        .select_from(joined)
        .where(_subscriptions.c.tenant_id == TENANT, _deliveries.c.created_at >= bindparam("since_us", type_=BigInteger))
        .where(_subscriptions.c.application_id == bindparam("application_id", type_=Text))
        .group_by(_deliveries.c.state)
    )


def _subscription_one() -> Any:
    hidden = ("tenant_id", "previous_secret_expires_at")
    columns = [one for one in _subscriptions.columns if one.name not in hidden and not one.name.startswith("sealed_")]
    known = _subscriptions.outerjoin(_health, (_health.c.tenant_id == TENANT) & (_health.c.id == _subscriptions.c.id))
    return select(as_document(fields_of(*columns, *(_health.c[name] for name in HEALTH)))).select_from(known).where(
        _subscriptions.c.tenant_id == TENANT, _subscriptions.c.id == bindparam("id", type_=Text),
        _subscriptions.c.application_id == bindparam("application_id", type_=Text),
    )  # fmt: skip


def _lock() -> Any:
    mine = (_subscriptions.c.tenant_id == TENANT, _subscriptions.c.id == bindparam("endpoint_id", type_=Text))
    return select(_subscriptions.c.id).where(*mine).with_for_update()


def _replay_counts() -> Any:
    mine = (_deliveries.c.tenant_id == TENANT, _deliveries.c.endpoint_id == bindparam("endpoint_id", type_=Text))
    of_replay = (_deliveries.c.replay_id == bindparam("replay_id", type_=Text), _deliveries.c.replay_id.is_not(None))
    return select(_deliveries.c.state, func.count()).where(*mine, *of_replay, _is_ours()).group_by(_deliveries.c.state)


def _may_know() -> Any:
    """Events about an application's own settings are for that application only."""
    mine = _events.c.application_id == bindparam("application_id", type_=Text)
    return or_(_events.c.type.not_in([literal_column(f"'{name}'") for name in OWN_ONLY]), mine)


def _event_list(types: int) -> Any:
    query = select(_document(_events)).where(
        _events.c.tenant_id == TENANT, _events.c.sequence > bindparam("after_sequence", type_=BigInteger), _may_know()
    )
    if types:
        query = query.where(_events.c.type.in_([bindparam(f"type_{index}", type_=Text) for index in range(types)]))
    return query.order_by(_events.c.sequence).limit(bindparam("limit", type_=Integer))


def _event_one() -> Any:
    mine = (_events.c.tenant_id == TENANT, _events.c.id == bindparam("id", type_=Text))
    return select(_document(_events)).where(*mine, _may_know())


def _retry() -> Any:
    mine = (_deliveries.c.tenant_id == TENANT, _deliveries.c.id == bindparam("id", type_=Text))
    waits = (or_(_deliveries.c.state == "dead", _deliveries.c.state == "pending"), _deliveries.c.lease_id.is_(None))
    return (
        update(_deliveries)
        .where(*mine, *waits)
        .values(state="pending", due_at=bindparam("now_us", type_=BigInteger), finished_at=None, lease_until=None)
        .returning(_deliveries.c.id)
    )


_list = registered_read("webhooks.deliveries", _delivery_list, example=(("state", "replay_id"), True))
_delivery = registered_read("webhooks.delivery", _delivery_one)
_attempts_of = registered_read("webhooks.attempts", _attempt_list)
_count = registered_read("webhooks.delivery_counts", _counts)
_count_since = registered_read("webhooks.deliveries_since", _counts_since)
_feed = registered_read("webhooks.events", _event_list, example=(2,))
_event = registered_read("webhooks.event", _event_one)
_subscription = registered_read("webhooks.subscription", _subscription_one)
_locked = registered_read("webhooks.lock_subscription", _lock)
_count_replay = registered_read("webhooks.replay_counts", _replay_counts)
_make_due = registered_write("webhooks.retry_delivery", _retry)


def get_subscription(scope: Scope, *, endpoint_id: str) -> Document:
    """One endpoint of the scope's application as this tenant has it, without secrets. Raises NotFound.

    Holds what the plane has learnt of it too (HEALTH); all of that is None for one that never failed.
    """
    return _found(_subscription.document(scope, id=endpoint_id, application_id=_application(scope)))


def lock_subscription(scope: Scope, *, endpoint_id: str) -> None:
    """Keep others from switching an endpoint off, or replaying to it, until this transaction ends. An unknown one: nothing."""
    _locked.rows(scope, endpoint_id=endpoint_id)


def list_deliveries(
    scope: Scope, *, endpoint_id: str, limit: int, after: list[Any] | None = None, state: str | None = None,
    replay_id: str | None = None,
) -> list[Document]:  # fmt: skip
    """Deliveries to one endpoint, newest first, up to limit + 1. after: [created_at in µs, id] of the last one seen.

    state: pending, succeeded, dead or held. An endpoint of another tenant or application has none.
    """
    params: dict[str, Any] = {"endpoint_id": endpoint_id, "application_id": _application(scope), "limit": limit + 1}
    filters = {name: value for name, value in (("state", state), ("replay_id", replay_id)) if value is not None}
    if after is not None:
        params["after_at"], params["after_id"] = after
    return _list.documents(scope, tuple(filters), after is not None, **params, **filters)


def get_delivery(scope: Scope, *, delivery_id: str) -> Document:
    """One delivery. Raises NotFound, also for another tenant's or application's."""
    return _found(_delivery.document(scope, id=delivery_id, application_id=_application(scope)))


def list_attempts(scope: Scope, *, delivery_id: str) -> list[Document]:
    """Every attempt of one delivery with headers and bodies, in order. Raises NotFound like get_delivery."""
    get_delivery(scope, delivery_id=delivery_id)
    return attempts_of(scope, delivery_id=delivery_id)


def attempts_of(scope: Scope, *, delivery_id: str) -> list[Document]:
    """Every attempt of a delivery that get_delivery has shown to be the reader's, in order."""
    return _attempts_of.documents(scope, delivery_id=delivery_id)


def delivery_counts(scope: Scope, *, endpoint_id: str) -> dict[str, int]:
    """Number of deliveries to one endpoint by state; absent states are 0."""
    return dict.fromkeys(STATES, 0) | dict(_count.rows(scope, endpoint_id=endpoint_id, application_id=_application(scope)))


def replay_counts(scope: Scope, *, endpoint_id: str, replay_id: str) -> dict[str, int]:
    """Number of deliveries one replay makes to an endpoint by state; all 0 for an unknown one."""
    which = {"endpoint_id": endpoint_id, "replay_id": replay_id, "application_id": _application(scope)}
    return dict.fromkeys(STATES, 0) | dict(_count_replay.rows(scope, **which))


def deliveries_since(scope: Scope, *, since_us: int) -> dict[str, int]:
    """Number of deliveries made since an instant for all endpoints of the scope's application, by state."""
    return dict.fromkeys(STATES, 0) | dict(_count_since.rows(scope, since_us=since_us, application_id=_application(scope)))


def retry_delivery(scope: Scope, *, delivery_id: str) -> Document:
    """Make a delivery that waits or was given up due now; its attempts go on counting.

    Raises NotFound like get_delivery, DeliveryNotRetryable (409) for one that succeeded, is held or is under way.
    """
    get_delivery(scope, delivery_id=delivery_id)
    if _make_due.row(scope, id=delivery_id, now_us=now_us()) is None:
        raise DeliveryNotRetryable
    return get_delivery(scope, delivery_id=delivery_id)


def list_events(scope: Scope, *, after_sequence: int, types: tuple[str, ...] = (), limit: int) -> list[Document]:
    """Event documents after a sequence number in commit order, up to limit + 1; of the given types, or of all for none."""
    named = {"application_id": _application(scope), **{f"type_{index}": name for index, name in enumerate(types)}}
    rows = _feed.documents(scope, len(types), after_sequence=after_sequence, limit=limit + 1, **named)
    return [_event_document(scope, row) for row in rows]


def get_event(scope: Scope, *, event_id: str) -> Document:
    """One event document. Raises NotFound, also for another tenant's and for one about another application's settings."""
    return _event_document(scope, _found(_event.document(scope, id=event_id, application_id=_application(scope))))


def _event_document(scope: Scope, row: Document) -> Document:
    return {**row, "tenant_id": scope.tenant_id, "environment": str(scope.environment)}


def _application(scope: Scope) -> str:
    """Whose endpoints the reader sees. A scope without an application sees none."""
    return scope.application_id or ""


def _found(document: Document | None) -> Document:
    if document is None:
        raise NotFound
    return document
