"""Merging duplicates: the victims vanish at once, together with their names in other products; their belongings move later.

Scalars, lists and consents of victims are not combined into the victor. Moving is domain.guestbook's, in steps.
Source: contract, invariant 16 and the CRM product's merge.
"""

from typing import Any

import orjson

from domain.guests import merge_queries
from domain.guests import watch_queries
from domain.guests.changing import read_guest
from domain.guests.errors import MergeConflict
from domain.guests.errors import SelfMerge
from domain.guests.events import CustomerDeleted
from domain.guests.events import CustomerMerged
from domain.guests.events import CustomerUpdated
from domain.guests.models import GuestMerge
from domain.guests.watching import guest_changed
from domain.timers.service import set_task
from kit.documents import Document
from kit.documents import append
from kit.errors import FieldError
from kit.errors import NotFound
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

MOVE = "customer.merge"
QUEUED, MOVING, DONE = "queued", "moving", "done"


def merge_guests(scope: Scope, *, victor_id: str, victim_ids: list[str]) -> Document:
    """Merge victims into a victor and return the merge document, queued. What was merged before is left out.

    When nothing is left, the victor's last merge is returned and nothing happens. Records customer.deleted for each
    victim and customer.updated for the victor. Raises NotFound (victor or victim), SelfMerge (422), and MergeConflict
    (409) for a victim that is merged elsewhere or whose own merge is not finished.
    """
    if victor_id in victim_ids:
        at = f"victim_ids[{victim_ids.index(victor_id)}]"
        raise SelfMerge(errors=[FieldError(at, "self_merge", "This is the customer to merge into.")])
    guest_changed(scope, guest_id=victor_id)  # its timer before the guests: who evaluates holds them in this order
    wanted = _held(scope, victor_id, list(dict.fromkeys(victim_ids)))
    if not wanted:
        return _last_merge(scope, victor_id)
    _require_no_merge_into(scope, wanted)
    before = read_guest(scope, guest_id=victor_id)
    merge_id = _write(scope, victor_id, wanted)
    for victim_id in wanted:
        gone = read_guest(scope, guest_id=victim_id, is_gone_too=True)
        record(scope, CustomerDeleted(object=gone, previous={"merged_into_id": None}))
    after = read_guest(scope, guest_id=victor_id)
    previous = {name: before[name] for name in ("merged_customer_ids", "refs") if before[name] != after[name]}
    record(scope, CustomerUpdated(object=after, previous=previous, location_id=after["parent_location_id"]))
    return get_merge(scope, merge_id=merge_id)


def get_merge(scope: Scope, *, merge_id: str) -> Document:
    """Read one merge document: id, victor_id, victim_ids, state, moved_counts, finished_at. Raises NotFound."""
    document = merge_queries.one.document(scope, merge_id=merge_id)
    if document is None:
        raise NotFound(f"There is no merge {merge_id}.")
    return document


def hold_merge(scope: Scope, *, merge_id: str) -> Document | None:
    """Hold a merge until the transaction ends and read it after that, or return None."""
    merge_queries.lock.row(scope, merge_id=merge_id)
    return merge_queries.one.document(scope, merge_id=merge_id)


def note_moved(scope: Scope, *, merge: Document, moved: dict[str, int], is_done: bool) -> None:
    """Add what was moved by noun, e.g. {"orders": 500}; the last note records customer.merged. Trusts that it is held."""
    counts = dict(merge["moved_counts"])
    for noun, count in moved.items():
        counts[noun] = counts.get(noun, 0) + count
    now_us = tenant_now_us(scope)
    merge_queries.change.rows(
        scope, merge_id=merge["id"], new_state=DONE if is_done else MOVING, new_moved_counts=orjson.dumps(counts).decode(),
        new_finished_at=now_us if is_done else None, changed_at=now_us,
    )  # fmt: skip
    if is_done and merge["state"] != DONE:
        document = get_merge(scope, merge_id=merge["id"])
        record(scope, CustomerMerged(object=document))
        guest_changed(scope, guest_id=merge["victor_id"])


def _held(scope: Scope, victor_id: str, victim_ids: list[str]) -> list[str]:
    """Hold everybody concerned and return the victims not merged into the victor yet.

    Raises NotFound, MergeConflict for one merged into somebody else.
    """
    rows = merge_queries.hold_guests.rows(scope, guest_ids=orjson.dumps([victor_id, *victim_ids]).decode())
    into: dict[str, Any] = {row[0]: row[1] for row in rows}
    if into.get(victor_id, victor_id) is not None:
        raise NotFound(f"There is no customer {victor_id}.")
    left = []
    for index, victim_id in enumerate(victim_ids):
        if victim_id not in into:
            raise NotFound(f"There is no customer {victim_id}.")
        if into[victim_id] is None:
            left.append(victim_id)
        elif into[victim_id] != victor_id:
            detail = "Merged into another customer already."
            raise MergeConflict(errors=[FieldError(f"victim_ids[{index}]", "merge_conflict", detail)])
    return left


def _require_no_merge_into(scope: Scope, guest_ids: list[str]) -> None:
    row = merge_queries.unfinished_into.row(scope, guest_ids=orjson.dumps(guest_ids).decode())
    if row is not None:
        detail = f"The merge {row[0]} into one of these customers is not finished; try again in a moment."
        raise MergeConflict(detail, merge_id=row[0])


def _last_merge(scope: Scope, victor_id: str) -> Document:
    row = merge_queries.last_into.row(scope, victor_id=victor_id)
    if row is None:
        raise NotFound(f"Nothing was merged into {victor_id}.")
    return get_merge(scope, merge_id=row[0])


def _write(scope: Scope, victor_id: str, victim_ids: list[str]) -> str:
    merge_id, now_us = new_id("mrg"), tenant_now_us(scope)
    ids = orjson.dumps(victim_ids).decode()
    merge_queries.vanish.rows(scope, guest_ids=ids, victor_id=victor_id, changed_at=now_us)
    merge_queries.rename.rows(scope, guest_ids=ids, victor_id=victor_id)
    merge_queries.touch.rows(scope, victor_id=victor_id, changed_at=now_us)
    watch_queries.forget_members.rows(scope, guest_ids=ids)
    watch_queries.forget_duplicates.rows(scope, guest_ids=ids)
    append(scope, GuestMerge, [{
        "id": merge_id, "victor_id": victor_id, "victim_ids": victim_ids, "state": QUEUED, "moved_counts": {},
        "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    set_task(scope, kind=MOVE, object_id=merge_id)
    return merge_id
