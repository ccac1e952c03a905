"""Registered statements of listeners and of what waits for their clients."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from accounts.webhooks.models import Subscription
from kit.documents import TENANT
from kit.documents import JsonColumn
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import fields_of
from sandbox.models import ListenerMessage

_messages = ListenerMessage.__table__
_subscriptions = Subscription.__table__
_NOW: Any = bindparam("now", type_=BigInteger)


def _is(table: Any, column: str) -> Any:
    return table.c[column] == bindparam(f"of_{column}", type_=Text)


def _listener() -> Any:
    names = ("url", "application_id", "listened_at", "is_enabled", "disabled_reason")
    document = as_document(fields_of(*(_subscriptions.c[name] for name in names)))
    return select(document).where(_subscriptions.c.tenant_id == TENANT, _is(_subscriptions, "id"))


def _note(column: str) -> Any:
    which = (_subscriptions.c.tenant_id == TENANT, _is(_subscriptions, column))
    return update(_subscriptions).where(*which).values(listened_at=bindparam("new_at", type_=BigInteger))


def _waiting() -> Any:
    names = ("id", "delivery_id", "attempt", "headers", "body", "created_at", "expires_at")
    return (
        select(as_document(fields_of(*(_messages.c[name] for name in names))))
        .where(_messages.c.tenant_id == TENANT, _is(_messages, "endpoint_id"))
        .where(_messages.c.answer.is_(None), _messages.c.expires_at > _NOW)
        .order_by(_messages.c.created_at, _messages.c.id)
    )


def _answer_of() -> Any:
    mine = (_messages.c.tenant_id == TENANT, _is(_messages, "id"))
    return select(as_document(fields_of(_messages.c.answer))).where(*mine).with_for_update()


def _has_answer() -> Any:
    return select(_messages.c.answer.is_not(None)).where(_messages.c.tenant_id == TENANT, _is(_messages, "id"))


def _put_answer() -> Any:
    mine = (_messages.c.tenant_id == TENANT, _is(_messages, "id"), _is(_messages, "endpoint_id"))
    return (
        update(_messages)
        .where(*mine, _messages.c.answer.is_(None), _messages.c.expires_at > _NOW)
        .values(answer=bindparam("new_answer", type_=JsonColumn))
        .returning(_messages.c.id)
    )


def _remove() -> Any:
    return delete(_messages).where(_messages.c.tenant_id == TENANT, _is(_messages, "id"))


def _remove_stale() -> Any:
    old = (_is(_messages, "endpoint_id"), _messages.c.created_at < bindparam("before", type_=BigInteger))
    return delete(_messages).where(_messages.c.tenant_id == TENANT, *old)


listener = registered_read("listeners.listener", _listener)
note = registered_write("listeners.note", _note, example=("id",))  # by `id` or by `url`
waiting = registered_read("listeners.waiting", _waiting)
answer_of = registered_read("listeners.answer_of", _answer_of)
has_answer = registered_read("listeners.has_answer", _has_answer)
put_answer = registered_write("listeners.put_answer", _put_answer)
remove = registered_write("listeners.remove", _remove)
remove_stale = registered_write("listeners.remove_stale", _remove_stale)
