"""Registered statements of order streams."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import fields_of
from sandbox.models import TrafficRun

runs = TrafficRun.__table__
_ID = bindparam("run_id", type_=Text)


def _documents() -> Any:
    return select(as_document(fields_of(*[column for column in runs.c if column.name != "tenant_id"]))).where(
        runs.c.tenant_id == TENANT
    )


one = registered_read("traffic.one", lambda: _documents().where(runs.c.id == _ID))
listed = registered_read("traffic.listed", lambda: _documents().order_by(runs.c.starts_at.desc(), runs.c.id.desc()).limit(20))
running = registered_read(
    "traffic.running", lambda: _documents().where(runs.c.ends_at > bindparam("now", type_=BigInteger)).limit(20)
)
remove = registered_write(
    "traffic.remove", lambda: delete(runs).where(runs.c.tenant_id == TENANT, runs.c.id == _ID).returning(runs.c.id)
)
progress = registered_write(
    "traffic.progress",
    lambda: (
        update(runs)
        .where(runs.c.tenant_id == TENANT, runs.c.id == _ID)
        .values(
            attempted=bindparam("new_attempted", type_=Integer),
            placed=bindparam("new_placed", type_=Integer),
            refused=bindparam("new_refused", type_=Integer),
            open_order_ids=bindparam("new_open", type_=runs.c.open_order_ids.type),
        )
    ),
)
