"""Runs that compare an integration's mappings with the restaurant as it is. A worker does them, one transaction each."""

from typing import Any

import orjson

from domain.integrations import queries
from domain.integrations.events import SyncCompleted
from domain.integrations.events import SyncFailed
from domain.integrations.machine import CONNECTED
from domain.integrations.machine import DEGRADED
from domain.integrations.machine import DISCONNECTED
from domain.integrations.machine import MAPPING_REQUIRED
from domain.integrations.machine import MISSING
from domain.integrations.machine import UNMAPPED
from domain.integrations.mappings import MAPPED
from domain.integrations.mappings import require_mapping
from domain.integrations.models import SyncRun
from domain.integrations.service import announce
from domain.integrations.service import get_integration
from domain.integrations.service import lock_integration
from domain.integrations.service import write
from domain.timers.service import set_task
from kit.documents import Document
from kit.documents import append
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

SYNC = "integration.sync"  # kind of task
SUCCEEDED, FAILED = "succeeded", "failed"
MOST_FAILURES = 100


def start_sync(scope: Scope, *, integration_id: str, started_by: str = "manual") -> Document:
    """Queue a run and return its document; the one under way when there is one.

    Raises NotFound, InvalidTransition (409) while the integration is disconnected.
    """
    integration = lock_integration(scope, integration_id=integration_id)
    if integration["state"] == DISCONNECTED:
        data: dict[str, Any] = {"from": DISCONNECTED, "to": "syncing", "allowed": [CONNECTED]}
        raise InvalidTransition("A disconnected integration is not synchronised; connect it first.", **data)
    present = queries.open_run.document(scope, integration_id=integration_id)
    if present is not None:
        return present
    run_id = new_id("run")
    append(scope, SyncRun, [{
        "id": run_id, "integration_id": integration_id, "status": "queued", "started_by": started_by,
        "created_at": tenant_now_us(scope),
    }])  # fmt: skip
    set_task(scope, kind=SYNC, object_id=run_id)
    return get_run(scope, run_id=run_id)


def get_run(scope: Scope, *, run_id: str) -> Document:
    """Read one run. Raises NotFound."""
    document = queries.run.document(scope, run_id=run_id)
    if document is None:
        raise NotFound(f"There is no run {run_id}.")
    return document


def list_runs(scope: Scope, *, integration_id: str, limit: int, after: list[Any] | None = None) -> list[Document]:
    """List up to limit + 1 runs of an integration, newest first. `after` is [created_at in us, id]. Raises NotFound."""
    get_integration(scope, integration_id=integration_id)
    after_us, after_id = after or (None, None)
    return queries.run_list.documents(
        scope, after is not None, integration_id=integration_id, after_us=after_us, after_id=after_id, rows=limit + 1
    )


def run_sync(scope: Scope, run_id: str) -> None:
    """Task: compare, write down what was found, and move the integration to the state that follows.

    A mapping whose object is gone fails the run (degraded); a reference without a meaning asks for one
    (mapping_required); neither means connected. Records integration.sync_completed or .sync_failed, and what the
    state's change means.
    """
    run = queries.run.document(scope, run_id=run_id)
    if run is None or run["finished_at"] is not None:
        return
    integration = lock_integration(scope, integration_id=run["integration_id"])
    counts, failures = _compare(scope, integration)
    status = FAILED if failures or counts[MISSING] else SUCCEEDED
    queries.finish_run.rows(
        scope, run_id=run_id, new_status=status, new_counts=orjson.dumps(counts).decode(),
        new_failures=orjson.dumps(failures).decode(), now=tenant_now_us(scope),
    )  # fmt: skip
    _settle(scope, integration, counts, status)
    event = SyncCompleted if status == SUCCEEDED else SyncFailed
    after = get_run(scope, run_id=run_id)
    record(scope, event(object=after, previous={"status": run["status"]}, location_id=integration["location_id"]))


def _compare(scope: Scope, integration: Document) -> tuple[dict[str, int], list[Document]]:
    """Counts of mapped, unmapped and missing references and of menu items none stands for; and what is wrong."""
    integration_id = integration["id"]
    counts = dict.fromkeys((MAPPED, UNMAPPED, MISSING), 0)
    counts |= {status: int(number) for status, number in queries.mapping_counts.rows(scope, integration_id=integration_id)}
    counts["unmapped_items"] = int(queries.unmapped_items.rows(scope, integration_id=integration_id)[0][0])
    if integration["state"] == DISCONNECTED:
        return counts, [{"kind": None, "external_ref": None, "object_id": None, "reason": DISCONNECTED}]
    rows = queries.mapping_list.documents(scope, True, False, integration_id=integration_id, row_limit=MOST_FAILURES)
    failures = [
        {"kind": row["kind"], "external_ref": row["external_ref"], "object_id": row["object_id"], "reason": MISSING}
        for row in rows
        if row["status"] == MISSING
    ]
    return counts, failures


def _settle(scope: Scope, before: Document, counts: dict[str, int], status: str) -> None:
    changes: Document = {"last_sync_at": tenant_now_us(scope), "last_sync_status": status}
    needs_meaning = counts[UNMAPPED] > 0 and status == SUCCEEDED
    if before["state"] != DISCONNECTED:
        target = DEGRADED if status == FAILED else MAPPING_REQUIRED if needs_meaning else CONNECTED
        if target not in (before["state"], MAPPING_REQUIRED):
            changes["state"] = target
    write(scope, integration_id=before["id"], changes=changes)
    if needs_meaning and before["state"] in (CONNECTED, DEGRADED):
        require_mapping(scope, before=before)
    else:
        announce(scope, before=before)
