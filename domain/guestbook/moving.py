"""Moving what belonged to merged guests to the one they became, in steps of at most 500 rows."""

from domain.guestbook import moving_queries
from domain.guests.merging import DONE
from domain.guests.merging import MOVE
from domain.guests.merging import hold_merge
from domain.guests.merging import note_moved
from domain.loyalty.service import move_customer as move_memberships
from domain.reviews.service import move_customer as move_reviews
from domain.timers.service import set_task
from kit.documents import Document
from kit.scope import Scope
from kit.unit import tenant_now_us

STEP = 500
FOLIOS = "folios"  # what hotels call the guest
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
    left = STEP
    # One victim at a time: of two who stand in one campaign only the first row may become the victor's.
    for victim_id in merge["victim_ids"]:
        for noun in (*moving_queries.MOVED, FOLIOS):
            if not left:
                return moved
            count = _moved(scope, noun, victim_id=victim_id, victor_id=merge["victor_id"], limit=left)
            if count:
                moved[noun] = moved.get(noun, 0) + count
                left -= count
    return moved


def _moved(scope: Scope, noun: str, *, victim_id: str, victor_id: str, limit: int) -> int:
    if noun == "memberships":
        return move_memberships(scope, victim_id=victim_id, victor_id=victor_id, limit=limit)
    if noun == "reviews":
        return move_reviews(scope, victim_id=victim_id, victor_id=victor_id, limit=limit)
    if noun == FOLIOS:
        return len(moving_queries.move_folios.rows(scope, victim_id=victim_id, victor_id=victor_id, rows=limit))
    rows = moving_queries.move.rows(
        scope, noun, victim_id=victim_id, victor_id=victor_id, rows=limit, changed_at=tenant_now_us(scope)
    )
    return len(rows)
