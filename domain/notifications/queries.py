"""Registered statements of outgoing messages and notices to staff."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from domain.notifications.models import OutgoingMessage
from domain.notifications.models import StaffNotification
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import one_of
from kit.newest import newest_first

messages = OutgoingMessage.__table__
notices = StaffNotification.__table__
MESSAGE_FILTERS = ("channel", "customer_id", "campaign_id", "kind", "status")
NOTICE_FILTERS = ("location_id", "kind", "is_read", "ref")
ERASED = "•••"


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _document(table: Any) -> Any:
    own = [column for column in table.c if column.name != "tenant_id"]
    named = {"refs": as_json(refs_of(table.c.id, table))} if table is notices else {}
    return as_document(fields_of(*own, **named))


def _one(table: Any) -> Any:
    return select(_document(table)).where(table.c.tenant_id == TENANT, table.c.id == _text("row_id"))


def _listed(table: Any, filters: tuple[str, ...], is_continued: bool) -> Any:
    """Newest first."""
    statement = select(_document(table)).where(table.c.tenant_id == TENANT, *(_condition(table, name) for name in filters))
    return newest_first(statement, table.c.created_at, table.c.id, is_continued=is_continued)


def _condition(table: Any, name: str) -> Any:
    if table is notices and name == "location_id":
        return or_(notices.c.location_id == _text(name), notices.c.location_id.is_(None))
    if name == "ref":
        return is_called(table.c.id, table)
    return table.c[name] == bindparam(name, type_=table.c[name].type)


def _mark() -> Any:
    """Set whether a notice is read, when that is a change; returns its id then."""
    return (
        update(notices)
        .where(notices.c.tenant_id == TENANT, notices.c.id == _text("row_id"))
        .where(notices.c.is_read != bindparam("is_read", type_=Boolean))
        .values(
            is_read=bindparam("is_read", type_=Boolean), read_at=_big("read_at"), version=notices.c.version + 1,
            updated_at=_big("changed_at"),
        )
        .returning(notices.c.id)
    )  # fmt: skip


def _counts() -> Any:
    named = messages.c.campaign_id == _text("campaign_id")
    return (
        select(messages.c.status, func.count())
        .where(messages.c.tenant_id == TENANT, named)
        .group_by(messages.c.status)
        .order_by(messages.c.status)
    )


def _erase() -> Any:
    # A receipt may have been sent to an address before anybody knew whose it is; what names another guest is that one's.
    nameless = and_(messages.c.customer_id.is_(None), one_of(messages.c.recipient, _text("recipients")))
    theirs = or_(one_of(messages.c.customer_id, _text("customer_ids")), nameless)
    return update(messages).where(messages.c.tenant_id == TENANT, theirs).values(recipient=ERASED, subject=None, body=ERASED)


message = registered_read("messages.one", lambda: _one(messages))
message_list = registered_read(
    "messages.listed",
    lambda filters, is_continued: _listed(messages, filters, is_continued),
    example=(MESSAGE_FILTERS, True),
)
message_counts = registered_read("messages.counts", _counts)
erase_messages = registered_write("messages.erase", _erase)
notice = registered_read("notices.one", lambda: _one(notices))
notice_list = registered_read(
    "notices.listed",
    lambda filters, is_continued: _listed(notices, filters, is_continued),
    example=(NOTICE_FILTERS, True),
)
mark_notice = registered_write("notices.mark", _mark)
