"""An export on its way: claimed by a worker, ready with a file or failed, expired; and schedules when they are due.

A worker that died is followed by another attempt with a higher number. Every step here is conditional on the attempt it
belongs to, so what a dead one left behind, or does late, changes nothing.
"""

from dataclasses import dataclass
from datetime import timedelta

from accounts.exports import queries
from accounts.exports.events import ExportCompleted
from accounts.exports.events import ExportFailed
from accounts.exports.files import store
from accounts.exports.rules import days_between
from accounts.exports.rules import require_plan
from accounts.exports.rules import take_one
from accounts.exports.service import EXPIRE
from accounts.exports.service import HOURLY
from accounts.exports.service import SCHEDULE
from accounts.exports.service import next_run
from accounts.exports.service import queue
from accounts.plans.catalog import Tier
from domain.timers.service import set_timer
from kit.clock import to_us
from kit.documents import Document
from kit.errors import PlanRequired
from kit.errors import QuotaExceeded
from kit.outbox import record
from kit.scope import Scope
from kit.unit import current
from kit.unit import tenant_now
from kit.unit import tenant_now_us

HOUR_US = 3_600_000_000
UNFINISHED = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Written:
    """A file that lies complete on the disk."""

    rows: int
    size: int
    sha256: str


def claim_export(scope: Scope, *, export_id: str, tier: Tier) -> Document | None:
    """Begin an attempt at an unfinished export and return it as running; None when there is nothing to do any more.

    What a schedule started is checked against the plan and counted here, at its first attempt; refused, it fails.
    """
    export = queries.any_job.document(scope, row_id=export_id)
    if export is None or export["status"] not in UNFINISHED:
        return None
    now = tenant_now_us(scope)
    changes = {"status": "running", "attempts": export["attempts"] + 1, "started_at": export["started_at"] or now}
    claimed = _change(scope, export, changes)
    if claimed is None:
        return None
    refusal = _refusal(scope, claimed, tier) if export["schedule_id"] and not export["attempts"] else None
    if refusal is not None:
        fail_export(scope, export=claimed, failure=refusal)
        return None
    return claimed


def _refusal(scope: Scope, export: Document, tier: Tier) -> str | None:
    days = days_between(export["from_date"], export["to_date"])
    try:
        require_plan(tier, dataset=export["dataset"], format=export["format"], days=days)
        take_one(scope, tier, application_id=export["application_id"])
    except (PlanRequired, QuotaExceeded) as refusal:
        return refusal.code
    return None


def finish_export(scope: Scope, *, export: Document, written: Written, tier: Tier) -> bool:
    """Make an attempt's file the export's, and record export.completed. Returns False when another attempt took over."""
    now = tenant_now_us(scope)
    expires_at = now + tier.exports.kept_hours * HOUR_US
    after = _change(scope, export, {
        "status": "ready", "row_count": written.rows, "size_bytes": written.size, "sha256": written.sha256,
        "finished_at": now, "expires_at": expires_at,
    })  # fmt: skip
    if after is None:
        return False
    set_timer(scope, kind=EXPIRE, object_id=export["id"], due_at_us=expires_at)
    record(scope, ExportCompleted(object=after, previous={"status": "running"}))
    return True


def fail_export(scope: Scope, *, export: Document, failure: str) -> None:
    """Give an attempt and its export up and record export.failed; nothing when another attempt took over."""
    after = _change(scope, export, {"status": "failed", "failure": failure, "finished_at": tenant_now_us(scope)})
    if after is not None:
        record(scope, ExportFailed(object=after, previous={"status": "running"}))


def expire_export(scope: Scope, export_id: str) -> None:
    """Timer: the plan keeps the file no longer. The file goes once the row says so."""
    export = queries.any_job.document(scope, row_id=export_id)
    if export is None or export["status"] != "ready" or _change(scope, export, {"status": "expired"}) is None:
        return
    attempt = export["attempts"]
    current(scope).after_commit.append(lambda: store.remove(scope, export_id=export_id, attempt=attempt))


def run_schedule(scope: Scope, schedule_id: str) -> None:
    """Timer: start a schedule's next export, unless its last one is unfinished, and set the timer again."""
    schedule = queries.any_schedule.document(scope, row_id=schedule_id)
    if schedule is None:
        return
    at = tenant_now(scope)
    following = to_us(next_run(at, hour=schedule["hour"]))
    changes = {"next_run_at": following}
    if not _is_busy(scope, schedule):
        last = at.date() if schedule["frequency"] == HOURLY else at.date() - timedelta(days=1)
        copied = ("application_id", "dataset", "format", "has_bom", "location_ids", "is_masked")
        export = queue(scope, {name: schedule[name] for name in copied} | {
            "schedule_id": schedule_id, "to_date": last.isoformat(),
            "from_date": (last - timedelta(days=schedule["days"] - 1)).isoformat(),
        })  # fmt: skip
        changes["last_export_id"] = export["id"]
    parameters = {f"new_{name}": value for name, value in changes.items()}
    queries.change_schedule.rows(
        scope, tuple(changes), row_id=schedule_id, changed_at=tenant_now_us(scope), **parameters
    )
    set_timer(scope, kind=SCHEDULE, object_id=schedule_id, due_at_us=following)


def _is_busy(scope: Scope, schedule: Document) -> bool:
    """Whether the export a schedule started last is unfinished. A clock that jumps far starts one, not hundreds."""
    last = schedule["last_export_id"]
    export = queries.any_job.document(scope, row_id=last) if last else None
    return export is not None and export["status"] in UNFINISHED


def _change(scope: Scope, export: Document, changes: Document) -> Document | None:
    """Write columns if status and attempt are still what they were; the document after, or None."""
    held = ("status", "attempts")
    parameters = {f"new_{name}": value for name, value in changes.items()} | {f"was_{name}": export[name] for name in held}
    row = queries.change_job.row(
        scope, tuple(changes), held, row_id=export["id"], changed_at=tenant_now_us(scope), **parameters
    )
    return None if row is None else queries.any_job.document(scope, row_id=export["id"])
