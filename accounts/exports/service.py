"""Exports as a partner asks for them: starting, listing, downloading, and schedules that start them again and again.

Writing the files is the worker's business (accounts.exports.running). Jobs and schedules belong to the application
that made them: another one of the same restaurant neither sees nor downloads them.
"""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from accounts.exports import queries
from accounts.exports.errors import ExportExpired
from accounts.exports.models import ExportJob
from accounts.exports.models import ExportSchedule
from accounts.exports.rules import days_between
from accounts.exports.rules import require_places
from accounts.exports.rules import require_plan
from accounts.exports.rules import require_scope
from accounts.exports.rules import take_one
from accounts.plans.catalog import Tier
from domain.timers.service import drop_timer
from domain.timers.service import set_task
from domain.timers.service import set_timer
from kit.clock import to_us
from kit.documents import Document
from kit.documents import append
from kit.errors import FieldError
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.newest import newest_documents
from kit.scope import Scope
from kit.unit import tenant_now
from kit.unit import tenant_now_us

RUN, EXPIRE, SCHEDULE = "export.run", "export.expire", "export.schedule"  # kinds of timers
PERSONAL = "customers:pii"
HOURLY = "hourly"


def start_export(
    scope: Scope, *, tier: Tier, scopes: frozenset[str], dataset: str, format: str, from_date: str, to_date: str,
    location_ids: tuple[str, ...] = (), has_bom: bool = False,
) -> Document:  # fmt: skip
    """Queue an export and return its document, status queued. A worker writes the file.

    from_date, to_date: business dates (YYYY-MM-DD), both included. Contacts are hidden unless scopes hold customers:pii.
    Raises Invalid (422), Forbidden (403) without the dataset's scope, PlanRequired (403), QuotaExceeded (429).
    """
    days = days_between(from_date, to_date)
    wanted = require_scope(dataset, scopes)
    require_plan(tier, dataset=dataset, format=format, days=days)
    _require_csv(format, has_bom)
    require_places(scope, wanted, location_ids)
    take_one(scope, tier, application_id=scope.application_id or "")
    return queue(scope, {
        "application_id": scope.application_id or "", "dataset": dataset, "format": format, "has_bom": has_bom,
        "from_date": from_date, "to_date": to_date, "location_ids": list(location_ids),
        "is_masked": PERSONAL not in scopes,
    })  # fmt: skip


def queue(scope: Scope, values: Document) -> Document:
    """Write a queued job and its task. Trusts its caller to have checked plan, scope and count."""
    at, export_id = tenant_now_us(scope), new_id("exp")
    append(scope, ExportJob, [{"id": export_id, "status": "queued", **values, "created_at": at, "updated_at": at}])
    set_task(scope, kind=RUN, object_id=export_id)
    return _found(queries.any_job.document(scope, row_id=export_id), "export", export_id)


def get_export(scope: Scope, *, export_id: str) -> Document:
    """Read one export of the scope's application. Raises NotFound."""
    row = queries.job.document(scope, row_id=export_id, application_id=scope.application_id or "")
    return _found(row, "export", export_id)


def list_exports(
    scope: Scope, *, limit: int, after: list[Any] | None = None, status: str | None = None, dataset: str | None = None
) -> list[Document]:
    """List up to limit + 1 exports, newest first. `after` is [created_at in us, id] of the last one before."""
    return newest_documents(
        queries.job_list, scope, limit=limit, after=after, filters={"status": status, "dataset": dataset},
        application_id=scope.application_id or "",
    )  # fmt: skip


def get_download(scope: Scope, *, export_id: str, scopes: frozenset[str]) -> Document:
    """Read an export whose file may be downloaded by a credential with these scopes.

    Raises NotFound (also while there is no file), ExportExpired (410), Forbidden (403) without the dataset's scope, or
    without customers:pii when the file shows contacts.
    """
    export = get_export(scope, export_id=export_id)
    dataset = require_scope(export["dataset"], scopes)
    if dataset.has_contacts and not export["is_masked"] and PERSONAL not in scopes:
        raise Forbidden("This file shows contacts.", required_scopes=[PERSONAL])
    if export["status"] == "expired":
        raise ExportExpired("The file of this export is no longer kept; start the export again.")
    if export["status"] != "ready":
        raise NotFound(f"The export is {export['status']}; it has a file once it is ready.")
    if export["expires_at"] <= tenant_now_us(scope):
        raise ExportExpired("The file of this export is no longer kept; start the export again.")
    return export


def create_schedule(
    scope: Scope, *, tier: Tier, scopes: frozenset[str], dataset: str, format: str, frequency: str,
    hour: int | None = None, days: int = 1, location_ids: tuple[str, ...] = (), has_bom: bool = False,
) -> Document:  # fmt: skip
    """Have an export started again and again, and return the schedule document.

    daily: at `hour` UTC (default 6) over the `days` business dates before. hourly: at every full hour over the `days`
    dates up to the current one. A run is left out while the run before is unfinished. Raises like start_export.
    """
    wanted = require_scope(dataset, scopes)
    require_plan(tier, dataset=dataset, format=format, days=days, frequency=frequency)
    _require_csv(format, has_bom)
    if hour is not None and frequency == HOURLY:
        raise Invalid(errors=[FieldError("hour", "validation_failed", "Goes with daily schedules.")])
    require_places(scope, wanted, location_ids)
    at, schedule_id = tenant_now_us(scope), new_id("exs")
    hour = None if frequency == HOURLY else 6 if hour is None else hour
    next_us = to_us(next_run(tenant_now(scope), hour=hour))
    append(scope, ExportSchedule, [{
        "id": schedule_id, "application_id": scope.application_id or "", "dataset": dataset, "format": format,
        "has_bom": has_bom, "location_ids": list(location_ids), "frequency": frequency, "hour": hour, "days": days,
        "is_masked": PERSONAL not in scopes, "next_run_at": next_us, "created_at": at, "updated_at": at,
    }])  # fmt: skip
    set_timer(scope, kind=SCHEDULE, object_id=schedule_id, due_at_us=next_us)
    return get_schedule(scope, schedule_id=schedule_id)


def get_schedule(scope: Scope, *, schedule_id: str) -> Document:
    """Read one schedule of the scope's application. Raises NotFound."""
    row = queries.schedule.document(scope, row_id=schedule_id, application_id=scope.application_id or "")
    return _found(row, "export schedule", schedule_id)


def list_schedules(scope: Scope, *, limit: int, after: list[Any] | None = None) -> list[Document]:
    """List up to limit + 1 schedules, newest first. `after` is [created_at in us, id] of the last one before."""
    return newest_documents(
        queries.schedule_list, scope, limit=limit, after=after, filters={}, application_id=scope.application_id or ""
    )


def delete_schedule(scope: Scope, *, schedule_id: str) -> None:
    """End a schedule; the exports it started stay. Raises NotFound."""
    if queries.delete_schedule.row(scope, row_id=schedule_id, application_id=scope.application_id or "") is None:
        raise NotFound(f"There is no export schedule {schedule_id}.")
    drop_timer(scope, kind=SCHEDULE, object_id=schedule_id)


def next_run(after: datetime, *, hour: int | None) -> datetime:
    """The first full hour after an instant (hour None), or the first time it is that hour in UTC."""
    full = after.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if hour is None:
        return full + timedelta(hours=1)
    today = full.replace(hour=hour)
    return today if today > after else today + timedelta(days=1)


def _require_csv(format: str, has_bom: bool) -> None:
    if has_bom and format != "csv":
        raise Invalid(errors=[FieldError("bom", "validation_failed", "Goes with format csv.")])


def _found(document: Document | None, noun: str, object_id: str) -> Document:
    if document is None:
        raise NotFound(f"There is no {noun} {object_id}.")
    return document
