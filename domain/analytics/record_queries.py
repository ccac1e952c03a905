"""Registered statements of analytics records."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import select

from domain.analytics.models import AnalyticsRecord
from kit.documents import TENANT
from kit.documents import registered_read
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.newest import newest_first

records = AnalyticsRecord.__table__
_BOUNDS = {"from_us": records.c.at.__ge__, "to_us": records.c.at.__lt__}


def _documents() -> Any:
    columns = (column for column in records.c if column.name != "tenant_id")
    return select(as_document(fields_of(*columns))).where(records.c.tenant_id == TENANT)


def _listed(filters: tuple[str, ...], is_continued: bool) -> Any:
    """Latest first."""
    statement = _documents()
    for name in filters:
        bound = _BOUNDS.get(name)
        statement = statement.where(
            bound(bindparam(name, type_=BigInteger)) if bound else records.c[name] == bindparam(name, type_=Text)
        )
    return newest_first(statement, records.c.at, records.c.id, is_continued=is_continued)


one = registered_read(
    "analytics.record", lambda: _documents().where(records.c.id == bindparam("record_id", type_=Text))
)
listed = registered_read("analytics.records", _listed, example=(("metric", "location_id", "from_us", "to_us"), True))
