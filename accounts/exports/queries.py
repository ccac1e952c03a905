"""Registered statements of export jobs and schedules: documents, lists, claims and the daily count."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from accounts.exports.models import ExportCount
from accounts.exports.models import ExportJob
from accounts.exports.models import ExportSchedule
from domain.locations.models import Location
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.newest import newest_first

jobs = ExportJob.__table__
schedules = ExportSchedule.__table__
counts = ExportCount.__table__
locations = Location.__table__
_ID = bindparam("row_id", type_=Text)


def _document(table: Any) -> Any:
    return select(as_document(fields_of(*[column for column in table.c if column.name != "tenant_id"])))


def _ours(table: Any) -> Any:
    return table.c.application_id == bindparam("application_id", type_=Text)


def _one(table: Any) -> Any:
    """One row of the reading application: several may work with one production tenant."""
    return _document(table).where(table.c.tenant_id == TENANT, table.c.id == _ID, _ours(table))


def _listed(table: Any, filters: tuple[str, ...], is_continued: bool) -> Any:
    """Newest first."""
    statement = _document(table).where(table.c.tenant_id == TENANT, _ours(table))
    for name in filters:
        statement = statement.where(table.c[name] == bindparam(name, type_=Text))
    return newest_first(statement, table.c.created_at, table.c.id, is_continued=is_continued)


def _change(table: Any, names: tuple[str, ...], held: tuple[str, ...]) -> Any:
    """Set columns (parameters new_<name>) where the columns in `held` are what they were (parameters was_<name>)."""
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    conditions = [table.c[name] == bindparam(f"was_{name}", type_=table.c[name].type) for name in held]
    return (
        update(table)
        .where(table.c.tenant_id == TENANT, table.c.id == _ID, *conditions)
        .values(**values, version=table.c.version + 1, updated_at=bindparam("changed_at", type_=BigInteger))
        .returning(table.c.id)
    )


def _take() -> Any:
    """Count one more export of a day unless the day's number is reached; returns the count only when it was counted."""
    first = insert(counts).values(tenant_id=TENANT, id=_ID, used=1)
    return first.on_conflict_do_update(
        index_elements=[counts.c.tenant_id, counts.c.id], set_={"used": counts.c.used + 1},
        where=counts.c.used < bindparam("most", type_=Integer),
    ).returning(counts.c.used)  # fmt: skip


job = registered_read("exports.job", lambda: _one(jobs))
job_list = registered_read(
    "exports.jobs", lambda filters, after: _listed(jobs, filters, after), example=(("status", "dataset"), True)
)
# The worker acts for every application of the tenant.
any_job = registered_read("exports.any_job", lambda: _document(jobs).where(jobs.c.tenant_id == TENANT, jobs.c.id == _ID))
change_job = registered_write(
    "exports.change_job", lambda names, held: _change(jobs, names, held), example=(("status",), ("status", "attempts"))
)
kept_files = registered_read(
    "exports.kept_files",
    lambda: select(jobs.c.id, jobs.c.attempts).where(jobs.c.tenant_id == TENANT, jobs.c.status.in_(("running", "ready"))),
)
schedule = registered_read("exports.schedule", lambda: _one(schedules))
any_schedule = registered_read(
    "exports.any_schedule",
    lambda: _document(schedules).where(schedules.c.tenant_id == TENANT, schedules.c.id == _ID).with_for_update(),
)
schedule_list = registered_read(
    "exports.schedules", lambda filters, after: _listed(schedules, filters, after), example=((), True)
)
change_schedule = registered_write(
    "exports.change_schedule", lambda names: _change(schedules, names, ()), example=(("next_run_at",),)
)
delete_schedule = registered_write(
    "exports.delete_schedule",
    lambda: (
        delete(schedules)
        .where(schedules.c.tenant_id == TENANT, schedules.c.id == _ID, _ours(schedules))
        .returning(schedules.c.id)
    ),
)
take = registered_write("exports.take", _take)
used = registered_read("exports.used", lambda: select(counts.c.used).where(counts.c.tenant_id == TENANT, counts.c.id == _ID))
days_of = registered_read(
    "exports.days_of",
    lambda: select(locations.c.id, locations.c.time_zone, locations.c.day_cutover).where(locations.c.tenant_id == TENANT),
)
