"""Telling the segments that a guest may stand elsewhere now. The evaluation itself is domain.guestbook's."""

from domain.guests import watch_queries
from domain.timers.service import set_task
from kit.scope import Scope
from kit.unit import current

EVALUATE_GUEST = "segment.evaluate"
EVALUATE_SEGMENT = "segment.refresh"


def guest_changed(scope: Scope, *, guest_id: str) -> None:
    """Have the guest's segments evaluated soon. Costs one read a transaction where there are no segments."""
    memo = current(scope).memo
    if "has_segments" not in memo:
        memo["has_segments"] = watch_queries.any_segment.row(scope) is not None
    if memo["has_segments"]:
        set_task(scope, kind=EVALUATE_GUEST, object_id=guest_id)
