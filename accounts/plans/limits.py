"""Refuses one more of something a plan counts, and says which of too many stay. Callers hold the lock that makes counts true."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from accounts.plans.catalog import Tier
from accounts.plans.catalog import lowest_tier_above
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
