"""Who comes back to the minimal world: its segments, its loyalty program and the cards of two guests."""

from typing import Any

from domain.guests.models import Segment
from domain.guests.models import SegmentMembership
from domain.loyalty.models import LoyaltyMembership
from domain.loyalty.models import MembershipCustomer
from domain.loyalty.models import MembershipProgram
from domain.loyalty.models import MembershipTier
from domain.loyalty.models import PointsTransaction
from domain.loyalty.models import Reward
from domain.loyalty.rules import kept_minor
from domain.loyalty.rules import points_of
from domain.loyalty.rules import points_taken_back
from domain.orders.service import get_order
from kit.clock import from_us
from kit.documents import append
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import Seeds

PROGRAM_ID = "prg_regulars"
SEGMENTS: tuple[tuple[str, str, dict[str, Any], tuple[str, ...]], ...] = (
    # id, name, rule, who satisfies it
    ("seg_regulars", "Regulars", {"tags_any": ["regular"]}, ("cus_anna", "cus_piotr", "cus_jonas", "cus_hanako")),
    ("seg_newsletter", "Newsletter", {"consents": {"email_marketing": "granted"}}, ("cus_anna", "cus_piotr", "cus_hanako")),
)
TIERS = (
    # id, code, rank, name, lifetime points, multiplier in hundredths
    ("tir_bronze", "bronze", 1, "Bronze", 0, 100),
    ("tir_silver", "silver", 2, "Silver", 500, 125),
    ("tir_gold", "gold", 3, "Gold", 2000, 150),
)
REWARDS: tuple[dict[str, Any], ...] = (
    {"id": "rwd_apple_pie", "name": "Free apple pie", "points_cost": 150, "benefit": "item", "item_id": "itm_apple_pie"},
    {"id": "rwd_ten_off", "name": "10 PLN off", "points_cost": 300, "benefit": "fixed", "benefit_value": 1000,
     "currency": "PLN"},
)  # fmt: skip
# A card's ledger: (delta, reason, note). Entries of an order come after these.
CARDS: tuple[tuple[str, str, str, str, tuple[tuple[int, str, str], ...]], ...] = (
    ("mem_anna", "R-1042", "cus_anna", "tir_silver",
     ((640, "adjust", "Carried over from the paper card"), (-358, "expire", "Older than two years"))),
    ("mem_piotr", "R-1043", "cus_piotr", "tir_bronze", ((40, "adjust", "Welcome points"),)),
)  # fmt: skip
EARNED_BY = {"mem_piotr": "ord_89407"}


def build_regulars(scope: Scope, *, seeds: Seeds, dated: dict[str, int], now_us: int) -> None:
    """Write segments with their members, and the program with tiers, rewards, cards and ledgers."""
    _build_segments(scope, seeds, dated, now_us)
    append(scope, MembershipProgram, [{"id": PROGRAM_ID, "name": "Regulars", "currency": "PLN", **dated}])
    append(scope, MembershipTier, [
        {"id": tier_id, "program_id": PROGRAM_ID, "code": code, "tier": rank, "name": name, "threshold": threshold,
         "multiplier_hundredths": multiplier}
        for tier_id, code, rank, name, threshold, multiplier in TIERS
    ])  # fmt: skip
    append(scope, Reward, [{"program_id": PROGRAM_ID, **reward, **dated} for reward in REWARDS])
    entries = {card[0]: _ledger(scope, seeds, card[0], card[4], dated["updated_at"]) for card in CARDS}
    append(scope, LoyaltyMembership, [
        {
            "id": member_id, "program_id": PROGRAM_ID, "code": code, "tier_id": tier_id, "status": "active",
            "points": entries[member_id][-1]["balance_after"], "entries": len(entries[member_id]),
            "lifetime_points": sum(entry["delta"] for entry in entries[member_id] if entry["reason"] != "expire"),
            "start_date": from_us(dated["created_at"]).date().isoformat(), "version": len(entries[member_id]) + 1, **dated,
        }
        for member_id, code, _, tier_id, _ in CARDS
    ])  # fmt: skip
    append(scope, MembershipCustomer, [
        {"id": seeds.id("mcu"), "membership_id": member_id, "customer_id": guest_id} for member_id, _, guest_id, _, _ in CARDS
    ])  # fmt: skip
    append(scope, PointsTransaction, [entry for ledger in entries.values() for entry in ledger])


def _build_segments(scope: Scope, seeds: Seeds, dated: dict[str, int], now_us: int) -> None:
    append(scope, Segment, [
        {"id": segment_id, "name": name, "rule": rule, "evaluated_at": now_us - DAY_US, **dated}
        for segment_id, name, rule, _ in SEGMENTS
    ])  # fmt: skip
    append(scope, SegmentMembership, [
        {"id": seeds.id("sgm"), "segment_id": segment_id, "guest_id": guest_id, "entered_at": dated["updated_at"]}
        for segment_id, _, _, guest_ids in SEGMENTS
        for guest_id in guest_ids
    ])  # fmt: skip


def _ledger(
    scope: Scope, seeds: Seeds, member_id: str, moves: tuple[tuple[int, str, str], ...], at: int
) -> list[dict[str, Any]]:
    """The entries of one card: what was written by hand, then what its order earned and the refund took back."""
    entries: list[dict[str, Any]] = [{"delta": delta, "reason": reason, "note": note} for delta, reason, note in moves]
    if member_id in EARNED_BY:
        entries += _earned(scope, EARNED_BY[member_id])
    balance = 0
    for position, entry in enumerate(entries, start=1):
        balance += entry["delta"]
        entry |= {
            "id": seeds.id("ptx"), "membership_id": member_id, "program_id": PROGRAM_ID, "position": position,
            "balance_after": balance, "created_at": entry.get("created_at", at),
        }  # fmt: skip
    return entries


def _earned(scope: Scope, order_id: str) -> list[dict[str, Any]]:
    order = get_order(scope, order_id=order_id)
    before = order | {"refunded_minor": 0}
    earned = points_of(
        {"kind": "points", "rate_millionths": 1_000_000, "currency": "PLN"}, before, multiplier_hundredths=100
    )  # fmt: skip
    base_minor, refunded = kept_minor(before), order["refunded_minor"]
    lost = points_taken_back(earned=earned, base_minor=base_minor, refunded_minor=refunded, now_minor=refunded)
    shared = {"order_id": order_id, "created_at": order["updated_at"]}
    return [
        {"delta": earned, "reason": "earn", "base_minor": base_minor, "refunded_before_minor": 0, **shared},
        {"delta": -lost, "reason": "refund_reversal", **shared},
    ]
