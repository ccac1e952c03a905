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
ACCEPTANCE_TIMEOUT = "acceptance_timeout"  # of an order that failed because nobody accepted it
REASONS = (
    "out_of_stock", "kitchen_busy", "store_closed", "customer_request", "duplicate", "fraud",
    "unable_to_deliver", "other",
)  # fmt: skip

CHANNEL_SOURCES = frozenset({"marketplace"})
# Reasons a restaurant has; with any other one it is the guest or the channel who wants a channel order cancelled.
RESTAURANT_REASONS = frozenset({"out_of_stock", "kitchen_busy", "store_closed", "unable_to_deliver"})
CANCELLED_ON_REQUEST = frozenset({"accepted", "preparing", "ready"})  # a channel has to ask then
OUTLIVES_NO_REQUEST = frozenset({"picked_up", "completed", "rejected", "cancelled", "failed"})  # it is answered by the move
AMENDABLE = frozenset({"pending", "accepted", "preparing"})
WAY = ("scheduled", "pending", "accepted", "preparing", "ready", "picked_up", "completed")


def is_channel_order(order: Mapping[str, Any]) -> bool:
    """Whether an ordering channel sold the order: it waits for an answer and has a say in a cancellation."""
    return order["source"] in CHANNEL_SOURCES or order["collected_by"] == "channel"


def require_move(moves: Mapping[str, tuple[str, ...]], current: str, target: str) -> None:
    """Raise InvalidTransition (409, data from, to, allowed) unless `moves` leads from current to target in one step."""
    allowed = moves[current]
    if target not in allowed:
        choice = f"it may become {', '.join(allowed)}" if allowed else "this status is final"
        data: dict[str, Any] = {"from": current, "to": target, "allowed": list(allowed)}
        raise InvalidTransition(f"From {current} there is no way to {target}: {choice}.", **data)
