"""Points by hand and rewards, on a real database: invariant 14, events, races."""

from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.loyalty.errors import InsufficientPoints
from domain.loyalty.service import change_member
from domain.loyalty.service import change_reward
from domain.loyalty.service import get_member
from domain.loyalty.service import get_redemption
from domain.loyalty.service import list_entries
from domain.loyalty.service import list_rewards
from domain.loyalty.service import post_points
from domain.loyalty.service import redeem_reward
from domain.loyalty.service import reverse_redemption
from domain.orders.service import get_order
from kit.documents import Document
from kit.errors import DuplicateReference
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.locations import create_location
from tests.factories.loyalty import make_member
from tests.factories.loyalty import make_program
from tests.factories.loyalty import make_reward
from tests.factories.orders import create_order

SILVER_RANK = {"code": "silver", "tier": 1, "name": "Silver"}


@pytest.fixture
def member(scope: Scope) -> Document:
    """A member of a program with a reward for 50 points, without points."""
    with unit_of_work(scope):
        member = make_member(scope)
        make_reward(scope, program_id=member["program_id"])
    return member


def balance_of(scope: Scope, member: Document) -> tuple[int, int]:
    with unit_of_work(scope, writes=False):
        now = get_member(scope, member_id=member["id"])
    return now["points"], now["lifetime_points"]


def test_points_when_earned_are_told_with_what_they_unlock_and_reach(scope: Scope, member: Document):
    with unit_of_work(scope):
        entry = post_points(scope, member_id=member["id"], delta=120, reason="earn", note="Opening day")
        after = get_member(scope, member_id=member["id"])
        (reward,) = list_rewards(scope, limit=5, program_id=member["program_id"])
    assert (entry["position"], entry["balance_after"], entry["note"]) == (1, 120, "Opening day")
    assert {name: after["tier"][name] for name in SILVER_RANK} == SILVER_RANK
    earned, unlocked, tier = recorded_events(scope)[2:]
    assert (earned.type, earned.body) == ("loyalty.points.earned", {
        "object": {"id": entry["id"], "member": after, "delta": 120, "balance": 120, "order_id": None},
        "previous": {"balance": 0},
    })  # fmt: skip
    assert (unlocked.type, unlocked.body) == ("loyalty.reward.unlocked", {
        "object": {"id": reward["id"], "member": after, "reward": reward, "redemption_id": None, "order_id": None},
        "previous": None,
    })  # fmt: skip
    assert (tier.type, tier.body) == ("loyalty.tier.updated", {
        "object": {"id": member["id"], "member": after, "from": None, "to": after["tier"]}, "previous": {"tier": None},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("delta", "reason", "after", "types"),
    [
        (30, "adjust", (150, 150), ["membership.updated"]),
        (-30, "adjust", (90, 90), ["loyalty.tier.updated", "membership.updated"]),
        (-30, "expire", (90, 120), ["membership.updated"]),
        (10, "earn", (130, 130), ["loyalty.points.earned"]),
    ],
    ids=["adjust-up", "adjust-down", "expire", "earn"],
)
def test_points_when_moved_by_hand_tell_what_changed(
    scope: Scope, member: Document, delta: int, reason: str, after: tuple[int, int], types: list[str]
):
    with unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=120, reason="earn")
    before = len(recorded_types(scope))
    with unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=delta, reason=reason)
    assert (balance_of(scope, member), recorded_types(scope)[before:]) == (after, types)


@pytest.mark.parametrize(
    ("delta", "reason", "field"),
    [(0, "adjust", "delta"), (-5, "earn", "delta"), (5, "expire", "delta"), (5, "merge", "reason")],
    ids=["zero", "negative-earn", "positive-expire", "not-by-hand"],
)
def test_points_when_the_words_do_not_fit_are_refused(scope: Scope, member: Document, delta: int, reason: str, field: str):
    with pytest.raises(Invalid) as refused, unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=delta, reason=reason)
    assert [error.field for error in refused.value.errors] == [field]


def test_points_when_more_is_taken_than_there_is_leave_no_trace(scope: Scope, member: Document):
    with unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=20, reason="earn")
    before = len(recorded_types(scope))
    with pytest.raises(InsufficientPoints) as refused, unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=-21, reason="adjust")
    assert refused.value.data == {"balance": 20, "required": 21}
    assert (balance_of(scope, member), len(recorded_types(scope))) == ((20, 20), before)


def test_order_when_it_has_earned_earns_for_nobody_of_the_program_again(scope: Scope, member: Document):
    with unit_of_work(scope):
        order = get_order(scope, order_id=create_order(scope, location_id=create_location(scope)))
        other = make_member(scope, program_id=member["program_id"])
        post_points(scope, member_id=member["id"], delta=5, reason="earn", order=order)
        post_points(scope, member_id=member["id"], delta=5, reason="adjust", order=order)
    for one in (member, other):
        with pytest.raises(DuplicateReference), unit_of_work(scope):
            post_points(scope, member_id=one["id"], delta=5, reason="earn", order=order)
    assert (balance_of(scope, member), balance_of(scope, other)) == ((10, 10), (0, 0))


def test_member_when_not_active_neither_earns_nor_redeems(scope: Scope, member: Document):
    with unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=80, reason="earn")
        change_member(scope, member_id=member["id"], status="cancelled")
        (reward,) = list_rewards(scope, limit=5, program_id=member["program_id"])
    with pytest.raises(InvalidTransition), unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=5, reason="earn")
    with pytest.raises(InvalidTransition), unit_of_work(scope):
        redeem_reward(scope, member_id=member["id"], reward_id=reward["id"])
    assert balance_of(scope, member) == (80, 80)


def test_reward_when_redeemed_and_reversed_costs_nothing_in_the_end(scope: Scope, member: Document):
    with unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=80, reason="earn")
        (reward,) = list_rewards(scope, limit=5, program_id=member["program_id"])
    before = len(recorded_types(scope))
    with unit_of_work(scope):
        redemption = redeem_reward(scope, member_id=member["id"], reward_id=reward["id"])
        after = get_member(scope, member_id=member["id"])
        change_reward(scope, reward_id=reward["id"], points_cost=70)
    assert (redemption["state"], redemption["points_cost"], after["points"], after["lifetime_points"]) == ("redeemed", 50, 30, 80)
    (redeemed,) = recorded_events(scope)[before:]
    assert (redeemed.type, redeemed.body) == ("loyalty.reward.redeemed", {
        "object": {
            "id": redemption["id"], "member": after, "reward": reward, "redemption_id": redemption["id"], "order_id": None,
        },
        "previous": {"balance": 80},
    })  # fmt: skip
    with unit_of_work(scope):
        reversed_ = reverse_redemption(scope, redemption_id=redemption["id"])
        assert reverse_redemption(scope, redemption_id=redemption["id"]) == reversed_
    assert (reversed_["state"], balance_of(scope, member)) == ("reversed", (80, 80))
    assert recorded_types(scope)[before + 1 :] == ["loyalty.reward.unlocked", "membership.updated"]
    assert recorded_events(scope)[-1].body["previous"] == {"points": 30}


def test_reward_when_dear_or_gone_or_of_another_program_is_refused(scope: Scope, member: Document):
    with unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=49, reason="earn")
        (reward,) = list_rewards(scope, limit=5, program_id=member["program_id"])
        stranger = make_reward(scope, program_id=make_program(scope)["id"], points_cost=1)
    for reward_id, refusal in ((reward["id"], InsufficientPoints), (stranger["id"], NotFound)):
        with pytest.raises(refusal), unit_of_work(scope):
            redeem_reward(scope, member_id=member["id"], reward_id=reward_id)
    with unit_of_work(scope):
        change_reward(scope, reward_id=reward["id"], points_cost=1, is_active=False)
    with pytest.raises(Invalid), unit_of_work(scope):
        redeem_reward(scope, member_id=member["id"], reward_id=reward["id"])
    assert balance_of(scope, member) == (49, 49)


def test_rewards_for_a_member_say_which_its_balance_reaches(scope: Scope, member: Document):
    with unit_of_work(scope):
        make_reward(scope, program_id=member["program_id"], points_cost=20)
        make_reward(scope, program_id=make_program(scope)["id"], points_cost=1)
        post_points(scope, member_id=member["id"], delta=49, reason="earn")
        rewards = list_rewards(scope, limit=5, member_id=member["id"])
    assert [(one["points_cost"], one["is_unlocked"]) for one in rewards] == [(20, True), (50, False)]


def test_rewards_when_redeemed_at_once_are_paid_for_each(scope: Scope, member: Document):
    with unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=120, reason="earn")
        (reward,) = list_rewards(scope, limit=5, program_id=member["program_id"])

    def redeem(_: int) -> Any:
        return redeem_reward(scope, member_id=member["id"], reward_id=reward["id"])["state"]

    assert sorted(at_once(scope, 6, redeem)) == [*["insufficient_points"] * 4, *["redeemed"] * 2]
    assert balance_of(scope, member) == (20, 120)


def test_redemption_when_reversed_at_once_gives_back_once(scope: Scope, member: Document):
    with unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=50, reason="earn")
        (reward,) = list_rewards(scope, limit=5, program_id=member["program_id"])
        redemption = redeem_reward(scope, member_id=member["id"], reward_id=reward["id"])
    at_once(scope, 5, lambda _: reverse_redemption(scope, redemption_id=redemption["id"]))
    with unit_of_work(scope):
        assert get_redemption(scope, redemption_id=redemption["id"])["version"] == 2
    assert balance_of(scope, member) == (50, 50)


STEPS = st.lists(st.tuples(st.sampled_from(["earn", "adjust", "expire"]), st.integers(-120, 120)), max_size=12)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_balance_is_the_sum_of_the_ledger_and_never_negative(scope: Scope, steps: list[tuple[str, int]]):
    points, lifetime = 0, 0
    with unit_of_work(scope):
        member = make_member(scope)
    for reason, delta in steps:
        is_legal = delta > 0 if reason == "earn" else delta < 0 if reason == "expire" else delta != 0
        refusal = "validation_failed" if not is_legal else "insufficient_points" if points + delta < 0 else None
        (result,) = at_once(scope, 1, lambda _, d=delta, r=reason: post_points(scope, member_id=member["id"], delta=d, reason=r))
        assert (result if isinstance(result, str) else None) == refusal
        if refusal is None:
            points += delta
            lifetime += 0 if reason == "expire" else delta
    with unit_of_work(scope, writes=False):
        after = get_member(scope, member_id=member["id"])
        entries = list_entries(scope, member_id=member["id"], limit=50, after=None)[::-1]
    assert (after["points"], after["lifetime_points"]) == (points, lifetime)
    assert [entry["position"] for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry["balance_after"] for entry in entries] == [
        sum(entry["delta"] for entry in entries[: count + 1]) for count in range(len(entries))
    ]
    reached = "gold" if lifetime >= 500 else "silver" if lifetime >= 100 else None
    assert (after["tier"] or {}).get("code") == reached
