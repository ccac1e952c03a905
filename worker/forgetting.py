"""Forgetting an erased guest in what the platform keeps about calls and deliveries.

Request logs, stored answers of idempotency keys, attempts, inboxes and listeners hold bodies as they went over the wire.
Those that mention the guest, or what was the guest's, by id lose their text; that a call or attempt happened stays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

from accounts.logs.models import RequestLog
from accounts.webhooks.models import DeliveryAttempt
from api.errors import problem
from api.idempotency import IdempotencyRecord
from domain.guestbook.erasing import traces_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.errors import NotFound
from kit.json_sql import one_of
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox.models import InboxMessage
from sandbox.models import ListenerMessage

PAGE = 200
_GONE = NotFound("What this answered was about a customer who has been erased since.")


@dataclass(frozen=True, slots=True)
class _Record:
    """Where texts stand, and what stands there afterwards. Only a value that is there is overwritten."""

    table: Any
    searched: tuple[str, ...]
    left: dict[str, Any]


_RECORDS = {
    "request_logs": _Record(
        RequestLog.__table__, ("request_body", "response_body"), {"query": "", "request_body": "", "response_body": ""}
    ),
    "delivery_attempts": _Record(
        DeliveryAttempt.__table__, ("request_body", "response_body"), {"request_body": "", "response_body": ""}
    ),
    "inbox_messages": _Record(InboxMessage.__table__, ("body",), {"body": "{}"}),
    "listener_messages": _Record(ListenerMessage.__table__, ("body",), {"body": "{}"}),
    # Repeating the request must neither make the customer anew nor tell who it was.
    "idempotency_records": _Record(IdempotencyRecord.__table__, ("body",), {
        "status": _GONE.status, "headers": orjson.dumps({"Content-Type": "application/problem+json"}).decode(),
        "body": orjson.dumps(problem(_GONE, "")).decode(),
    }),
}  # fmt: skip


def forget(scope: Scope, guest_id: str) -> None:
    """Overwrite the texts that mention an erased guest. May be repeated: what has no text left mentions nobody."""
    with unit_of_work(scope):
        traces = traces_of(scope, guest_id=guest_id)
    if not traces:
        return
    mention = re.compile("|".join(re.escape(trace) for trace in sorted(traces)))
    for name in _RECORDS:
        for found in _mentioning(scope, name, mention):
            with unit_of_work(scope):
                _overwrite.rows(scope, name, row_ids=orjson.dumps(found).decode())


def _mentioning(scope: Scope, name: str, mention: re.Pattern[str]) -> Iterator[list[str]]:
    """Ids of the records that mention somebody, a page at a time, each read in a transaction of its own."""
    after_id = ""
    while True:
        with unit_of_work(scope, writes=False):
            rows = _page.rows(scope, name, after_id=after_id, rows=PAGE)
        found = [row[0] for row in rows if any(mention.search(text or "") for text in row[1:])]
        if found:
            yield found
        if len(rows) < PAGE:
            return
        after_id = rows[-1][0]


def _page_of(name: str) -> Any:
    record = _RECORDS[name]
    table = record.table
    rows = select(table.c.id, *(table.c[column] for column in record.searched)).where(table.c.tenant_id == TENANT)
    return rows.where(table.c.id > bindparam("after_id", type_=Text)).order_by(table.c.id).limit(
        bindparam("rows", type_=BigInteger)
    )  # fmt: skip


def _overwritten(name: str) -> Any:
    table = _RECORDS[name].table
    named = (table.c.tenant_id == TENANT, one_of(table.c.id, bindparam("row_ids", type_=Text)))
    return update(table).where(*named).values(_RECORDS[name].left)


_page = registered_read("forgetting.page", _page_of, example=("request_logs",))
_overwrite = registered_write("forgetting.overwrite", _overwritten, example=("request_logs",))
