"""Refuses one more of something a plan counts, and says which of too many stay. Callers hold the lock that makes counts true."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from accounts.plans.catalog import Tier
from accounts.plans.catalog import lowest_tier_above
from kit.clock import now
from kit.errors import Invalid
from kit.errors import PlanRequired


def ensure_room(tier: Tier, attribute: str, *, used: int, noun: str) -> None:
    """Raise PlanRequired (403) when a larger plan would allow one more, Invalid (422) when none does."""
    allowed: int = getattr(tier, attribute)
    if used < allowed:
        return
    detail = f"The {tier.label} plan includes {allowed} {noun}, and {used} exist."
    required = lowest_tier_above(tier, attribute)
    if required is None:
        raise Invalid(f"{detail} Remove one first.")
    raise PlanRequired(detail, required_plan=required)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a change of a plan did to the things of one kind: what was held back, the newest first, and what works again."""

    held: list[Any] = field(default_factory=list)
    released: list[Any] = field(default_factory=list)


def surplus(oldest_first: Sequence[Any], *, most: int) -> list[Any]:
    """What a plan with room for `most` has no room for, the newest first."""
    return list(oldest_first[most:])[::-1]


def settle(oldest_first: Sequence[Any], *, most: int) -> Settled:
    """Hold back the newest of what has a `held_at` beyond `most`, and let those within it work."""
    newest_first, within = surplus(oldest_first, most=most), oldest_first[:most]
    settled = Settled([one for one in newest_first if one.held_at is None], [one for one in within if one.held_at])
    at = now()
    for one in settled.held:
        one.held_at = at
    for one in settled.released:
        one.held_at = None
    return settled


def release(oldest_first: Sequence[Any], *, most: int) -> list[Any]:
    """Let the oldest that are held back work, as far as there is room now. Returns them."""
    room = max(0, most - sum(one.held_at is None for one in oldest_first))
    released = [one for one in oldest_first if one.held_at][:room]
    for one in released:
        one.held_at = None
    return released
