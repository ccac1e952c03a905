"""Loyalty programs, members and rewards, by the services that make them. Inside an open unit of work."""

from typing import Any

from domain.loyalty.service import TierDraft
from domain.loyalty.service import create_member
from domain.loyalty.service import create_program
from domain.loyalty.service import create_reward
from kit.documents import Document
from kit.scope import Scope
from tests.factories.guests import create_guest

SILVER = TierDraft(code="silver", tier=1, name="Silver", threshold=100)
GOLD = TierDraft(code="gold", tier=2, name="Gold", threshold=500, multiplier_hundredths=150)


def make_program(scope: Scope, **changes: Any) -> Document:
    """One point for each currency unit; silver from 100 lifetime points, gold with 1.5 times the points from 500."""
    return create_program(scope, **{"name": "Regulars", "tiers": (SILVER, GOLD), **changes}).document


def make_member(scope: Scope, *, program_id: str | None = None, customer_id: str | None = None, **changes: Any) -> Document:
    """An active member without points, of a new program and a new customer unless they are named."""
    program_id = program_id or make_program(scope)["id"]
    return create_member(scope, program_id=program_id, customer_ids=(customer_id or create_guest(scope),), **changes)


def make_reward(scope: Scope, *, program_id: str, **changes: Any) -> Document:
    """10 % off for 50 points."""
    given = {"name": "Ten percent", "points_cost": 50, "benefit": "percent", "benefit_value": 1000, **changes}
    return create_reward(scope, program_id=program_id, **given)
