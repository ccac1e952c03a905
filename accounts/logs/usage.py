"""How much an application calls: sums by day, made as the calls are logged, so reading them costs the same however many."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import select

from accounts.logs.models import RequestCount
from kit.documents import TENANT
from kit.documents import Document
from kit.documents import registered_read
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.scope import Scope

KEPT_DAYS = 92
_counts = RequestCount.__table__


def _days() -> Any:
    shown = ("day", "area", "bucket", "calls", "refused", "limited", "failed", "duration_us")
    return (
        select(as_document(fields_of(*(_counts.c[name] for name in shown))))
        .where(_counts.c.tenant_id == TENANT, _counts.c.application_id == bindparam("application_id", type_=Text))
        .where(_counts.c.day >= bindparam("first_day", type_=Text), _counts.c.day <= bindparam("last_day", type_=Text))
        .order_by(_counts.c.day, _counts.c.area, _counts.c.bucket)
    )


_read = registered_read("logs.usage", _days)


def daily_sums(scope: Scope, *, first_day: str, last_day: str) -> list[Document]:
    """What the scope's application called, by UTC day, area and rate limit bucket; days and areas without a call are absent.

    Days as 2026-01-12, both included; none older than 92 days is kept. A call is counted within a second.
    """
    return _read.documents(
        scope, application_id=scope.application_id or "", first_day=first_day, last_day=last_day
    )
