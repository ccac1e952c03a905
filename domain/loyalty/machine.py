"""The membership's states and the moves between them, and the words of the ledger."""

from collections.abc import Mapping
from typing import Any

from kit.errors import InvalidTransition

UNSET: Any = object()  # an argument that was not given, where None means "clear it"
MOVES: Mapping[str, tuple[str, ...]] = {
    "pre_enrollment": ("active",),
    "active": ("cancelled",),
    "cancelled": ("active",),
}
KINDS = ("points", "stamps", "cashback")
BENEFITS = ("percent", "fixed", "item")
REASONS = ("earn", "redeem", "adjust", "expire", "refund_reversal", "merge")
BY_HAND = ("earn", "adjust", "expire")
# Spending and expiring lower the balance only; everything else is part of what a member ever had.
LIFETIME = frozenset({"earn", "adjust", "refund_reversal", "merge"})


def require_move(current: str, target: str) -> None:
    """Raise InvalidTransition (409, data from, to, allowed) unless a membership may go from current to target."""
    if target not in MOVES[current]:
        raise refused_move(current, target, f"A {current} membership may become {', '.join(MOVES[current])}.")


def refused_move(current: str, target: str, detail: str) -> InvalidTransition:
    """The refusal of something a membership's status does not allow."""
    data: dict[str, Any] = {"from": current, "to": target, "allowed": list(MOVES[current])}
    return InvalidTransition(detail, **data)
