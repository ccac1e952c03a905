"""Buying a reward with points, and undoing that."""

from domain.loyalty import queries
from domain.loyalty.events import RewardRedeemed
from domain.loyalty.ledger import announce
from domain.loyalty.ledger import lock_member
from domain.loyalty.ledger import move_points
from domain.loyalty.ledger import require_active
from domain.loyalty.models import RewardRedemption
from domain.loyalty.programs import get_reward
from kit.documents import Document
from kit.documents import append
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

REDEEM = "redeem"
OF_REWARD = ("id", "name", "points_cost", "benefit", "benefit_value", "currency", "item_id")


def redeem_reward(scope: Scope, *, member_id: str, reward_id: str, order: Document | None = None) -> Document:
    """Take a reward's points from an active member and return the redemption. Records loyalty.reward.redeemed.

    order: the order document it is for. Raises NotFound (also for a reward of another program), InvalidTransition (409),
    Invalid for a reward that is no longer on offer, InsufficientPoints (422).
    """
    before = lock_member(scope, member_id=member_id)
    reward = get_reward(scope, reward_id=reward_id)
    if reward["program_id"] != before["program_id"]:
        raise NotFound(f"There is no reward {reward_id}.")
    require_active(before, REDEEM)
    if not reward["is_active"]:
        raise Invalid("This reward is no longer on offer.")
    redemption_id, order_id, now_us = new_id("rdm"), None if order is None else order["id"], tenant_now_us(scope)
    append(scope, RewardRedemption, [{
        "id": redemption_id, "membership_id": member_id, "reward_id": reward_id, "order_id": order_id,
        "points_cost": reward["points_cost"], "reward": {name: reward[name] for name in OF_REWARD}, "state": "redeemed",
        "version": 1, "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    entry, after = move_points(
        scope, before=before, delta=-reward["points_cost"], reason=REDEEM, order=order, redemption_id=redemption_id
    )
    body = {"id": redemption_id, "member": after, "reward": reward, "redemption_id": redemption_id, "order_id": order_id}
    record(scope, RewardRedeemed(object=body, previous={"balance": before["points"]}))
    announce(scope, before=before, after=after, entry=entry)
    return get_redemption(scope, redemption_id=redemption_id)


def reverse_redemption(scope: Scope, *, redemption_id: str) -> Document:
    """Give the points of a redemption back. Records membership.updated. Reversing again changes nothing. Raises NotFound.

    Reading whose it is before the lock is safe: that never changes.
    """
    member_id = get_redemption(scope, redemption_id=redemption_id)["membership_id"]
    before = lock_member(scope, member_id=member_id)
    redemption = get_redemption(scope, redemption_id=redemption_id)
    if redemption["state"] == "reversed":
        return redemption
    queries.change_redemption.rows(
        scope, "state", row_id=redemption_id, new_state="reversed",
        changed_at=max(tenant_now_us(scope), redemption["updated_at"]),
    )  # fmt: skip
    entry, after = move_points(
        scope, before=before, delta=redemption["points_cost"], reason=REDEEM, redemption_id=redemption_id,
        note="Redemption reversed",
    )  # fmt: skip
    announce(scope, before=before, after=after, entry=entry)
    return get_redemption(scope, redemption_id=redemption_id)


def get_redemption(scope: Scope, *, redemption_id: str) -> Document:
    """Read one redemption. Raises NotFound."""
    document = queries.redemption.document(scope, row_id=redemption_id)
    if document is None:
        raise NotFound(f"There is no redemption {redemption_id}.")
    return document
