"""Moving what belonged to merged guests to the one they became, in steps of at most 500 rows."""

from domain.guestbook import moving_queries
from domain.guests.merging import DONE
from domain.guests.merging import MOVE
from domain.guests.merging import hold_merge
from domain.guests.merging import note_moved
from domain.timers.service import set_task
from kit.documents import Document
from kit.scope import Scope
from kit.unit import tenant_now_us

STEP = 500
LATECOMERS_S = 30.0


def move_merged(scope: Scope, merge_id: str) -> None:
    """Move at most 500 rows of a merge, then go on in another task. The task of a merge.

    When nothing is left the merge is done and customer.merged is recorded. It looks once more half a minute later: a
    request that had read a victim before it vanished may have written afterwards.
    """
    merge = hold_merge(scope, merge_id=merge_id)
    if merge is None:
        return
    moved = _step(scope, merge)
    is_complete = sum(moved.values()) < STEP
    if moved or merge["state"] != DONE:
        note_moved(scope, merge=merge, moved=moved, is_done=is_complete or merge["state"] == DONE)
    if not is_complete:
        set_task(scope, kind=MOVE, object_id=merge_id)
    elif merge["state"] != DONE:
        set_task(scope, kind=MOVE, object_id=merge_id, delay_s=LATECOMERS_S)


def _step(scope: Scope, merge: Document) -> dict[str, int]:
    moved: dict[str, int] = {}
    left, now_us = STEP, tenant_now_us(scope)
    # One victim at a time: of two who stand in one campaign only the first row may become the victor's.
    for victim_id in merge["victim_ids"]:
        for noun in moving_queries.MOVED:
            if not left:
                return moved
            rows = moving_queries.move.rows(
                scope, noun, victim_id=victim_id, victor_id=merge["victor_id"], rows=left, changed_at=now_us
            )
            if rows:
                moved[noun] = moved.get(noun, 0) + len(rows)
                left -= len(rows)
    return moved
