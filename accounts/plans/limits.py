"""Refuses one more of something a plan counts. Callers hold the lock that makes their count true."""

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
