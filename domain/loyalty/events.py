"""Events of loyalty.

membership.* and loyalty.member.created carry the member document. The others say what happened to it: {member, delta,
balance, order_id}, {member, reward, redemption_id, order_id} or {member, from, to}.
"""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Event):
    """A membership became active, for the first time or again."""

    type: ClassVar[str] = "loyalty.member.created"


@dataclass(frozen=True, kw_only=True)
class PointsEarned(Event):
    type: ClassVar[str] = "loyalty.points.earned"


@dataclass(frozen=True, kw_only=True)
class RewardUnlocked(Event):
    """The balance rose to or above what a reward costs."""

    type: ClassVar[str] = "loyalty.reward.unlocked"


@dataclass(frozen=True, kw_only=True)
class RewardRedeemed(Event):
    type: ClassVar[str] = "loyalty.reward.redeemed"


@dataclass(frozen=True, kw_only=True)
class TierUpdated(Event):
    type: ClassVar[str] = "loyalty.tier.updated"


@dataclass(frozen=True, kw_only=True)
class MembershipCreated(Event):
    type: ClassVar[str] = "membership.created"


@dataclass(frozen=True, kw_only=True)
class MembershipUpdated(Event):
    """A membership changed, and no loyalty event tells of it: its data, or points that were not earned or redeemed."""

    type: ClassVar[str] = "membership.updated"


@dataclass(frozen=True, kw_only=True)
class MembershipDeleted(Event):
    type: ClassVar[str] = "membership.deleted"
