"""Registered statements of the sandbox: clearing a tenant, its clock, counts and inboxes."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import Subscription
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.planes import PlaneModel
from kit.scope import TenantState
from sandbox.models import Inbox
from sandbox.models import InboxMessage
from sandbox.models import WorldBuild

states = TenantState.__table__
builds = WorldBuild.__table__
inboxes = Inbox.__table__
messages = InboxMessage.__table__
subscriptions = Subscription.__table__
deliveries = Delivery.__table__
# What a reset leaves: the tenant itself, its endpoints' copies, the addresses of its inboxes and the log of its calls.
KEPT = frozenset({"tenant_state", "subscriptions", "inboxes", "request_logs", "request_counts", "credential_counts"})

# Locked before anything is deleted, in this order: the part of a world being written and orders being placed end first and
# none starts in between; the relay passes locked events by, so it makes no delivery for one; no attempt is written down for
# a delivery that goes.
LOCKED = ("world_builds", "locations", "events", "deliveries")


def cleared_tables() -> list[str]:
    """Names of the tables a reset empties for a tenant, children before parents. Covers every model that is imported."""
    tables = PlaneModel.metadata.sorted_tables
    return [table.name for table in reversed(tables) if table.name not in KEPT]


def _table(name: str) -> Any:
    return PlaneModel.metadata.tables[name]


def _state() -> Any:
    build = select(fields_of(builds.c.parts_done, builds.c.parts)).where(builds.c.tenant_id == TENANT).scalar_subquery()
    columns = [column for column in states.c if column.name != "tenant_id"]
    return select(as_document(fields_of(*columns, build=as_json(build)))).where(states.c.tenant_id == TENANT)


def _create_state() -> Any:
    values = {column.name: bindparam(column.name, type_=column.type) for column in states.c if column.name != "tenant_id"}
    statement = insert(states).values(tenant_id=TENANT, **values)
    return statement.on_conflict_do_nothing(index_elements=[states.c.tenant_id]).returning(states.c.tenant_id)


def _change_state(names: tuple[str, ...]) -> Any:
    values = {name: bindparam(f"new_{name}", type_=states.c[name].type) for name in names}
    return update(states).where(states.c.tenant_id == TENANT).values(values)


def _counts(*names: str) -> Any:
    """One document {table: rows}."""
    rows = {
        name: select(func.count()).select_from(_table(name)).where(_table(name).c.tenant_id == TENANT).scalar_subquery()
        for name in names
    }
    return select(as_document(fields_of(**rows)))


def _newest(name: str, is_applications: bool) -> Any:
    """How the newest row of a table that is still there is called; is_applications: of one application's."""
    table = _table(name)
    gone = [table.c[column].is_(None) for column in ("deleted_at", "merged_into_id") if column in table.c]
    passing = [table.c.is_temporary.is_(False)] if "is_temporary" in table.c else []
    owned = [table.c.application_id == bindparam("application_id", type_=Text)] if is_applications else []
    called = table.c.code if name == "promo_codes" else table.c.id
    newest = select(called).where(table.c.tenant_id == TENANT, *gone, *passing, *owned)
    return newest.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(1)


def _endpoint(is_named: bool) -> Any:
    """The tenant's copy of one webhook endpoint, or of the newest."""
    names = (
        "id", "url", "event_types", "api_version", "exclude_own", "location_ids", "filters", "header_names", "signature",
        "public_key", "max_in_flight", "max_per_second", "version", "created_at",
    )  # fmt: skip
    columns = [subscriptions.c[name] for name in names]
    statement = select(as_document(fields_of(*columns))).where(subscriptions.c.tenant_id == TENANT)
    if is_named:
        return statement.where(subscriptions.c.id == bindparam("endpoint_id", type_=Text))
    return statement.order_by(subscriptions.c.created_at.desc(), subscriptions.c.id.desc()).limit(1)


def _hasten_retries() -> Any:
    """Deliveries that wait for another attempt, and are in nobody's hands, become due earlier."""
    waiting = (deliveries.c.state == "pending", deliveries.c.attempts > 0, deliveries.c.lease_id.is_(None))
    earlier = deliveries.c.due_at - bindparam("by_us", type_=BigInteger)
    return update(deliveries).where(deliveries.c.tenant_id == TENANT, *waiting).values(due_at=earlier)


def _known_message() -> Any:
    """Whether an inbox has a webhook of this id."""
    return select(messages.c.id).where(
        messages.c.tenant_id == TENANT, messages.c.inbox_id == bindparam("inbox_id", type_=Text),
        messages.c.webhook_id == bindparam("webhook_id", type_=Text),
    ).limit(1)  # fmt: skip


def _messages(is_continued: bool) -> Any:
    document = as_document(fields_of(*[column for column in messages.c if column.name != "tenant_id"]))
    statement = select(document).where(messages.c.tenant_id == TENANT, messages.c.inbox_id == bindparam("inbox_id", type_=Text))
    if is_continued:
        after = tuple_(bindparam("after_received", type_=BigInteger), bindparam("after_id", type_=Text))
        statement = statement.where(tuple_(messages.c.received_at, messages.c.id) < after)
    newest_first = statement.order_by(messages.c.received_at.desc(), messages.c.id.desc())
    return newest_first.limit(bindparam("rows", type_=BigInteger))


def _beyond_newest() -> Any:
    """The messages of one inbox behind the newest `kept` ones."""
    return (
        select(messages.c.id)
        .where(messages.c.tenant_id == TENANT, messages.c.inbox_id == bindparam("inbox_id", type_=Text))
        .order_by(messages.c.received_at.desc(), messages.c.id.desc())
        .offset(bindparam("kept", type_=Integer))
        .limit(1000)
    )


state = registered_read("sandbox.state", _state)
create_state = registered_write("sandbox.create_state", _create_state)
change_state = registered_write("sandbox.change_state", _change_state, example=(("clock_offset_us",),))
clear = registered_write(
    "sandbox.clear", lambda name: delete(_table(name)).where(_table(name).c.tenant_id == TENANT), example=("orders",)
)
# Whoever writes one of these rows locks it first, in the order of ids, as this does.
lock = registered_read(
    "sandbox.lock",
    lambda name: (
        select(_table(name).c.id).where(_table(name).c.tenant_id == TENANT).order_by(_table(name).c.id).with_for_update()
    ),
    example=("orders",),
)
counts = registered_read("sandbox.counts", _counts, example=("orders", "payments"))
endpoint = registered_read("sandbox.endpoint", _endpoint, example=(True,))
endpoint_urls = registered_read(
    "sandbox.endpoint_urls",
    lambda: (
        select(subscriptions.c.id, subscriptions.c.url)
        .where(subscriptions.c.tenant_id == TENANT, subscriptions.c.is_enabled)
        .order_by(subscriptions.c.created_at, subscriptions.c.id)
    ),
)
hasten_retries = registered_write("sandbox.hasten_retries", _hasten_retries)
newest = registered_read("sandbox.newest", _newest, example=("guests", False))
inbox = registered_read(
    "sandbox.inbox",
    lambda: select(inboxes.c.id).where(inboxes.c.tenant_id == TENANT, inboxes.c.id == bindparam("inbox_id", type_=Text)),
)
create_inbox = registered_write(
    "sandbox.create_inbox",
    lambda: (
        insert(inboxes)
        .values(tenant_id=TENANT, id=bindparam("inbox_id", type_=Text), created_at=bindparam("created_at", type_=BigInteger))
        .on_conflict_do_nothing(index_elements=[inboxes.c.tenant_id, inboxes.c.id])
    ),
)
inbox_list = registered_read(
    "sandbox.inboxes",
    lambda: select(inboxes.c.id).where(inboxes.c.tenant_id == TENANT).order_by(inboxes.c.created_at, inboxes.c.id),
)
known_message = registered_read("sandbox.known_message", _known_message)
message_list = registered_read("sandbox.messages", _messages, example=(True,))
clear_inbox = registered_write(
    "sandbox.clear_inbox",
    lambda: delete(messages).where(messages.c.tenant_id == TENANT, messages.c.inbox_id == bindparam("inbox_id", type_=Text)),
)
trim_inbox = registered_write(
    "sandbox.trim_inbox",
    lambda: delete(messages).where(messages.c.tenant_id == TENANT, messages.c.id.in_(_beyond_newest())),
)
