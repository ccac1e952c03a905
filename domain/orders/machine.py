"""The order's states and the moves between them, as data. Nothing else may decide whether a move is legal."""

from collections.abc import Mapping
from typing import Any

from kit.errors import InvalidTransition

MOVES: Mapping[str, tuple[str, ...]] = {
    "draft": ("pending", "scheduled", "cancelled"),
    "scheduled": ("pending", "cancelled"),
    "pending": ("accepted", "rejected", "cancelled", "failed"),
    "accepted": ("preparing", "ready", "completed", "cancelled", "failed"),
    "preparing": ("ready", "completed", "cancelled", "failed"),
    "ready": ("picked_up", "completed", "cancelled", "failed"),
    "picked_up": ("completed", "failed"),
    "completed": (),
    "rejected": (),
    "cancelled": (),
    "failed": (),
}
STATUSES = tuple(MOVES)
HOLDS_STOCK = frozenset({"pending", "accepted", "preparing", "ready", "picked_up"})
GIVES_STOCK_BACK = frozenset({"rejected", "cancelled", "failed"})
NEEDS_REASON = {"rejected": "reject_reason", "cancelled": "cancel_reason"}  # status → the field callers give it in
REASONS = (
    "out_of_stock", "kitchen_busy", "store_closed", "customer_request", "duplicate", "fraud",
    "unable_to_deliver", "other",
)  # fmt: skip


def require_move(moves: Mapping[str, tuple[str, ...]], current: str, target: str) -> None:
    """Raise InvalidTransition (409, data from, to, allowed) unless `moves` leads from current to target in one step."""
    allowed = moves[current]
    if target not in allowed:
        choice = f"it may become {', '.join(allowed)}" if allowed else "this status is final"
        data: dict[str, Any] = {"from": current, "to": target, "allowed": list(allowed)}
        raise InvalidTransition(f"From {current} there is no way to {target}: {choice}.", **data)
