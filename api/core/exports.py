"""Exports in the Core API: files of a whole dataset, made by a worker, and schedules that have them made."""

from typing import Any

from accounts.exports import service as exports
from accounts.exports.errors import ExportExpired
from accounts.exports.files import store
from accounts.exports.writing import TYPES
from api.core.blueprint import blueprint
from api.core.export_schemas import ExportIn
from api.core.export_schemas import ExportOut
from api.core.export_schemas import ExportQuery
from api.core.export_schemas import ExportScheduleIn
from api.core.export_schemas import ExportScheduleOut
from api.core.schemas import PageQuery
from api.downloads import FileAnswer
from api.gate import endpoint
from api.operations import Call
from api.operations import Reply
from kit.documents import Document
from kit.errors import PlanRequired
from kit.errors import QuotaExceeded

MEDIA = tuple(content_type.partition(";")[0] for content_type in TYPES.values())


@endpoint(blueprint, "GET", "/exports", scope="exports:read", query=ExportQuery, returns=ExportOut, is_list=True)
def list_exports(call: Call) -> Reply:
    """List this application's exports, newest first."""
    query = call.query
    rows = exports.list_exports(
        call.scope, limit=query["limit"], after=call.after(), status=query.get("status"), dataset=query.get("dataset")
    )
    return call.page(rows, _position)


@endpoint(
    blueprint, "POST", "/exports", scope="exports:write", body=ExportIn, returns=ExportOut, status=202,
    errors=(PlanRequired, QuotaExceeded),
)  # fmt: skip
def start_export(call: Call) -> Reply:
    """Start an export.

    Needs the dataset's read scope too. Dates are business dates and both included; orders, lines, taxes and discounts are
    chosen by the order's date, everything else by the business date of the moment it was made. The answer is `queued`;
    the event `export.completed` (or `export.failed`) tells when the file is there. Contacts are hidden without
    `customers:pii`. In CSV, texts that look like formulas begin with an apostrophe.
    """
    document = exports.start_export(call.scope, **_said(call), from_date=call.body["from_date"], to_date=call.body["to_date"])
    return Reply(document=document, headers={"Location": f"/v1/exports/{document['id']}"})


@endpoint(blueprint, "GET", "/exports/<export_id>", scope="exports:read", returns=ExportOut)
def read_export(call: Call, export_id: str) -> Document:
    """Read one export: how far it is, and of a finished one rows, size, digest and until when it is kept."""
    return exports.get_export(call.scope, export_id=export_id)


@endpoint(
    blueprint, "GET", "/exports/<export_id>/download", scope="exports:read", media=MEDIA, errors=(ExportExpired,)
)  # fmt: skip
def download_export(call: Call, export_id: str) -> Reply:
    """Download an export's file.

    404 until it is ready, 410 once your plan keeps it no longer. Needs the dataset's read scope, and `customers:pii` for a
    file that shows contacts. `Repr-Digest` carries the file's SHA-256.
    """
    export = exports.get_download(call.scope, export_id=export_id, scopes=call.principal.scopes)
    path = store.path(call.scope, export_id=export_id, attempt=export["attempts"])
    if not path.exists():
        raise ExportExpired("The file of this export is lost; start the export again.")
    name = f"{export['dataset']}_{export['from_date']}_{export['to_date']}.{export['format']}"
    return Reply(file=FileAnswer(path, TYPES[export["format"]], name, export["sha256"]))


@endpoint(
    blueprint, "GET", "/export-schedules", scope="exports:read", query=PageQuery, returns=ExportScheduleOut, is_list=True
)
def list_export_schedules(call: Call) -> Reply:
    """List this application's export schedules, newest first."""
    return call.page(exports.list_schedules(call.scope, limit=call.query["limit"], after=call.after()), _position)


@endpoint(
    blueprint, "POST", "/export-schedules", scope="exports:write", body=ExportScheduleIn, returns=ExportScheduleOut,
    status=201, errors=(PlanRequired,),
)  # fmt: skip
def create_export_schedule(call: Call) -> Reply:
    """Have an export started every day or every hour.

    A daily run covers the `days` business dates before it, an hourly one those up to the current date. Each run counts
    against the plan's exports a day; one that the plan does not allow any more fails with `plan_required` or
    `quota_exceeded`. A run is left out while the one before is unfinished.
    """
    body = call.body
    document = exports.create_schedule(
        call.scope, **_said(call), frequency=body["frequency"], hour=body.get("hour"), days=body["days"]
    )
    return Reply(document=document, headers={"Location": f"/v1/export-schedules/{document['id']}"})


@endpoint(blueprint, "GET", "/export-schedules/<schedule_id>", scope="exports:read", returns=ExportScheduleOut)
def read_export_schedule(call: Call, schedule_id: str) -> Document:
    """Read one export schedule."""
    return exports.get_schedule(call.scope, schedule_id=schedule_id)


@endpoint(blueprint, "DELETE", "/export-schedules/<schedule_id>", scope="exports:write", status=204)
def delete_export_schedule(call: Call, schedule_id: str) -> Reply:
    """End an export schedule. The exports it started stay."""
    exports.delete_schedule(call.scope, schedule_id=schedule_id)
    return Reply(status=204)


def _said(call: Call) -> dict[str, Any]:
    """What a job and a schedule have in common, and who asks."""
    body = call.body
    return {
        "tier": call.principal.tier, "scopes": call.principal.scopes, "dataset": body["dataset"], "format": body["format"],
        "location_ids": tuple(dict.fromkeys(body["location_ids"])), "has_bom": body["bom"],
    }  # fmt: skip


def _position(row: Document) -> list[Any]:
    return [row["created_at"], row["id"]]
