"""Uploading a whole menu: what it says is compared with what is there and the difference is written, in steps.

A job works off its document a few entries at a time, each step a task of its own, so a large menu blocks nobody. An entry
that breaks a rule is left out and named in the job's errors; then nothing is deleted either, since what is missing from the
result may only have been refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from domain.menus import menu_queries as queries
from domain.menus.checks import Values
from domain.menus.entries import Entries
from domain.menus.item_changes import delete_item
from domain.menus.models import MenuJob
from domain.menus.sections import MENU_COLUMNS
from domain.menus.sections import change_category
from domain.menus.sections import delete_category
from domain.menus.sections import lock_menu
from domain.menus.whole import announce_menu
from domain.menus.whole import get_whole_menu
from domain.menus.whole import menus_with
from domain.timers.service import set_task
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.scope import Actor
from kit.scope import Scope
from kit.unit import current
from kit.unit import savepoint
from kit.unit import session
from kit.unit import tenant_now

KIND = "menu.document"
STEP = 20  # entries in one transaction
WAIT_S = 1.0  # for an older upload of the same menu to end
QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"


def upload_menu(scope: Scope, *, menu_id: str, document: Values) -> Document:
    """Accept a whole menu to be written soon, and return the job's document.

    document: MENU_COLUMNS (what is absent stays), and categories: [{id?, name, CATEGORY_COLUMNS, items: [{id?, name,
    base_price_minor, item COLUMNS, stock_count, variations, modifier_groups: [{id?, name, group COLUMNS, modifiers: [{id?,
    name, price_minor, …, modifier_groups}]}]}]}]. An entry that is only an id refers to what is there. Without ids items
    match by sku, then by name; the rest by name in the same place. Raises NotFound.
    """
    lock_menu(scope, menu_id=menu_id)
    now = tenant_now(scope)
    categories = document["categories"]
    job = MenuJob(
        menu_id=menu_id, document=document, total=len(categories) + sum(len(row["items"]) for row in categories),
        counts={"created": 0, "updated": 0, "deleted": 0}, errors=[], created_at=now, updated_at=now,
        notes={"actor": [scope.actor.type, scope.actor.id], "application_id": scope.application_id,
               "request_id": scope.request_id},
    )  # fmt: skip
    session(scope).add(job)
    set_task(scope, kind=KIND, object_id=job.id)
    return get_menu_job(scope, job_id=job.id)


def get_menu_job(scope: Scope, *, job_id: str) -> Document:
    """Read one upload job: its columns without the document. Raises NotFound."""
    document = queries.job.document(scope, job_id=job_id)
    if document is None:
        raise NotFound(f"There is no menu job {job_id}.")
    return document


def step_upload(scope: Scope, job_id: str) -> None:
    """Do the next entries of a job, and ask for another step or end it. Does nothing to a job that has ended."""
    job = session(scope).scalar(MenuJob.owned_by(scope).where(MenuJob.id == job_id).with_for_update())
    if job is None or job.document is None:
        return
    if queries.unfinished_before.row(scope, menu_id=job.menu_id, job_id=job_id) is not None:
        set_task(scope, kind=KIND, object_id=job_id, delay_s=WAIT_S)
        return
    # Whoever uploaded the menu caused its events, not the worker.
    scope = replace(
        scope, actor=Actor(*job.notes["actor"]), application_id=job.notes["application_id"], request_id=job.notes["request_id"]
    )
    try:
        _begin(scope, job)
    except NotFound as gone:
        _end(scope, job, [FieldError("menu_id", gone.code, gone.detail)])
        return
    errors = _write_entries(scope, job)
    job.errors = [*job.errors, *(error.as_dict() for error in errors)]
    job.version += 1
    job.updated_at = tenant_now(scope)
    if job.position < job.total:
        set_task(scope, kind=KIND, object_id=job_id)
        return
    _finish(scope, job)
    _end(scope, job, [])


def _begin(scope: Scope, job: MenuJob) -> None:
    """Lock the menu, and at the first step write its own fields and note what it held. Raises NotFound."""
    menu = lock_menu(scope, menu_id=job.menu_id)
    if job.state == RUNNING:
        return
    document = job.document or {}
    previous = {name: getattr(menu, name) for name in MENU_COLUMNS if name in document and getattr(menu, name) != document[name]}
    for name in previous:
        setattr(menu, name, document[name])
    before = get_whole_menu(scope, menu_id=menu.id)
    held = {row["id"]: row["item_ids"] for row in before["categories"]}
    job.notes = {**job.notes, "previous": previous, "held": held, "categories": [], "items": []}
    job.state, job.started_at = RUNNING, tenant_now(scope)


def _write_entries(scope: Scope, job: MenuJob) -> list[FieldError]:
    """Write the entries of one step into the menu, moving the job's position; return what was refused."""
    entries = Entries(scope, job.menu_id, job.document or {}, job.notes)
    refused: list[FieldError] = []
    for place in entries.places()[job.position : job.position + STEP]:
        try:
            with _undone_when_refused(scope):
                entries.write(place)
        except PlatformError as refusal:
            entries.leave_out(place)
            path = place.path
            refused += [
                replace(error, field=f"{path}.{error.field}" if error.field else path) for error in refusal.errors
            ] or [FieldError(path, refusal.code, refusal.detail)]
        job.position += 1
    job.notes = entries.notes()
    job.counts = {name: job.counts[name] + entries.counts[name] for name in job.counts}
    return refused


@contextmanager
def _undone_when_refused(scope: Scope) -> Iterator[None]:
    """Take back the rows and the events of work that is refused halfway; the rest of the transaction goes on."""
    recorded: list[Any] = current(scope).memo.get("events", [])
    count = len(recorded)
    try:
        with savepoint(scope):
            yield
    except PlatformError:
        del current(scope).memo.get("events", [])[count:]
        raise


def _finish(scope: Scope, job: MenuJob) -> None:
    """Put the items into their categories, remove what the document no longer holds, and tell about the menu once."""
    notes, removed = job.notes, 0
    wanted: dict[str, list[str]] = {}
    for category_id, item_ids in zip(notes["categories"], notes["items"], strict=True):
        if category_id is not None:
            wanted[category_id] = [item_id for item_id in item_ids if item_id is not None]
    for category_id, item_ids in wanted.items():
        kept = [] if not job.errors else [one for one in notes["held"].get(category_id, []) if one not in item_ids]
        change_category(scope, category_id=category_id, changes={"item_ids": item_ids + kept}, tells_menu=False)
    if not job.errors:
        removed = _remove_missing(scope, notes, wanted)
    job.counts = {**job.counts, "deleted": job.counts["deleted"] + removed}
    menu = lock_menu(scope, menu_id=job.menu_id)
    menu.version += 1
    menu.updated_at = tenant_now(scope)
    announce_menu(scope, menu_id=job.menu_id, previous=notes["previous"] or None, counts=job.counts)


def _remove_missing(scope: Scope, notes: Document, wanted: dict[str, list[str]]) -> int:
    missing = [category_id for category_id in notes["held"] if category_id not in wanted]
    for category_id in missing:
        delete_category(scope, category_id=category_id, tells_menu=False)
    present = {item_id for item_ids in wanted.values() for item_id in item_ids}
    gone = sorted({item_id for item_ids in notes["held"].values() for item_id in item_ids} - present)
    count = 0
    for item_id in gone:
        if not menus_with(scope, item_ids=[item_id]):
            delete_item(scope, item_id=item_id, stamps=False)
            count += 1
    return len(missing) + count


def _end(scope: Scope, job: MenuJob, errors: list[FieldError]) -> None:
    job.errors = [*job.errors, *(error.as_dict() for error in errors)]
    job.state = FAILED if job.errors else DONE
    job.document, job.finished_at = None, tenant_now(scope)
