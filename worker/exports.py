"""Writing export files: the task `export.run`, repeatable at any point, and the clearing away of files nobody owns.

Reads page by page, each in a transaction of its own, straight to the disk: memory stays what one page takes. The file is
complete, named and on the disk before one transaction says that it is ready.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from accounts.applications.service import get_tenant
from accounts.exports import queries
from accounts.exports.files import store
from accounts.exports.running import Written
from accounts.exports.running import claim_export
from accounts.exports.running import fail_export
from accounts.exports.running import finish_export
from accounts.exports.service import RUN
from accounts.exports.writing import Counted
from accounts.exports.writing import Reader
from accounts.exports.writing import form_of
from accounts.exports.writing import rows_of
from accounts.plans.catalog import Tier
from accounts.plans.catalog import tier_of
from domain.timers.service import set_task
from kit.documents import Document
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control_unit
from kit.unit import unit_of_work
from worker.deliver import stop_requested

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
LEASE_S = 600.0
RENEW_S = 120.0


class Interrupted(Exception):
    """The process ends; another attempt begins soon."""


def run_export(scope: Scope, export_id: str) -> None:
    """Write an export's file and say that it is ready. Raises what went wrong while another attempt may mend it."""
    tier = _tier(scope)
    with unit_of_work(scope):
        export = claim_export(scope, export_id=export_id, tier=tier)
    if export is None:
        return
    if export["attempts"] > MOST_ATTEMPTS:
        _give_up(scope, export, "lost")
        return
    try:
        written = _write(scope, export)
    except Exception:
        if export["attempts"] < MOST_ATTEMPTS:
            raise
        log.exception("an export failed", extra={"export": export_id, "attempt": export["attempts"]})
        _give_up(scope, export, "internal_error")
        return
    with unit_of_work(scope):
        is_ours = finish_export(scope, export=export, written=written, tier=tier)
    if not is_ours:
        store.remove(scope, export_id=export_id, attempt=export["attempts"])


def remove_export_files() -> int:
    """Delete files that belong to no unfinished or ready export: expired, failed, superseded, reset away."""
    removed = 0
    for environment in Environment:
        for tenant_id in store.tenants(environment):
            scope = Scope(environment, tenant_id)
            with unit_of_work(scope, writes=False):
                kept = frozenset((str(row[0]), int(row[1])) for row in queries.kept_files.rows(scope))
            removed += store.remove_others(scope, kept)
    return removed


def _write(scope: Scope, export: Document) -> Written:
    form, reader, rows = form_of(export), Reader(scope, export), 0
    step = _Steps(scope, export["id"])
    with store.writing(scope, export_id=export["id"], attempt=export["attempts"]) as file:
        counted = Counted(file)
        counted.write(form.head)
        for row in rows_of(reader, step):
            counted.write(form.row(row, rows))
            rows += 1
        counted.write(form.tail)
    return Written(rows, counted.size, counted.sha256)


class _Steps:
    """Runs each step in a read of its own, and now and then asks for more time before the next attempt."""

    def __init__(self, scope: Scope, export_id: str) -> None:
        self._scope = scope
        self._export_id = export_id
        self._renewed_at = time.monotonic()

    def __call__(self, step: Callable[[], Any]) -> Any:
        if stop_requested.is_set():
            raise Interrupted("this process was told to stop")
        if time.monotonic() - self._renewed_at > RENEW_S:
            self._renewed_at = time.monotonic()
            with unit_of_work(self._scope):
                set_task(self._scope, kind=RUN, object_id=self._export_id, delay_s=LEASE_S)
        with unit_of_work(self._scope, writes=False):
            return step()


def _give_up(scope: Scope, export: Document, failure: str) -> None:
    with unit_of_work(scope):
        fail_export(scope, export=export, failure=failure)


def _tier(scope: Scope) -> Tier:
    with control_unit(writes=False):
        return tier_of(get_tenant(tenant_id=scope.tenant_id).plan_tier)
