"""Two loyalty programs with the cards of 220 members, whose ledgers hold what their orders earned and refunds took back."""

from collections import defaultdict
from random import Random

from domain.loyalty.models import LoyaltyMembership
from domain.loyalty.models import MembershipCustomer
from domain.loyalty.models import MembershipProgram
from domain.loyalty.models import MembershipTier
from domain.loyalty.models import PointsTransaction
from domain.loyalty.models import Reward
from domain.loyalty.models import RewardRedemption
from domain.loyalty.redeeming import OF_REWARD
from domain.loyalty.rules import kept_minor
from domain.loyalty.rules import points_of
from domain.loyalty.rules import points_taken_back
from kit.clock import from_us
from kit.documents import Document
from kit.documents import append
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.seeds import Seeds
from sandbox.worlds.standard import queries
from sandbox.worlds.standard.bookings import Ledger
from sandbox.worlds.standard.guests import LARGEST_GROUP
from sandbox.worlds.standard.guests import known_guests
from sandbox.worlds.standard.setting import Row
from sandbox.worlds.standard.setting import Setting

# id, name, currency, rate in millionths of a point a currency unit, members
PROGRAMS = (("prg_medeu", "Medeu Club", "KZT", 10_000, 150), ("prg_table", "Table Club", "USD", 1_000_000, 70))
TIERS = (("bronze", 1, "Bronze", 0), ("silver", 2, "Silver", 500), ("gold", 3, "Gold", 2000), ("platinum", 4, "Platinum", 6000))
TIER_PERCENT = (60, 25, 12, 3)
LONGEST_LIFETIME = 12_000
REWARDS = (("coffee", "A coffee on us", 100, 500), ("ten_off", "10 % off", 300, 1000))  # percent off in basis points
CANCELLED, EXPIRING, SHARED = 5, 3, 2
REDEEMED_SHARE = 0.2
CARRIED = "Carried over from the paper card"
Card = tuple[Row, list[str], list[Document]]  # the membership so far, its customers, their orders


def write_programs(scope: Scope, setting: Setting) -> None:
    """Write programs, tiers and rewards."""
    dated = {"created_at": setting.now_us - 500 * DAY_US, "updated_at": setting.now_us - 200 * DAY_US}
    append(scope, MembershipProgram, [
        {"id": program_id, "name": name, "currency": currency, "rate_millionths": rate, **dated}
        for program_id, name, currency, rate, _ in PROGRAMS
    ])  # fmt: skip
    append(scope, MembershipTier, [
        {"id": _tier_id(program_id, code), "program_id": program_id, "code": code, "tier": rank, "name": name,
         "threshold": threshold}
        for program_id, *_ in PROGRAMS
        for code, rank, name, threshold in TIERS
    ])  # fmt: skip
    append(scope, Reward, [
        {"id": _reward_id(program_id, key), "program_id": program_id, "name": name, "points_cost": cost, "benefit": "percent",
         "benefit_value": value, **dated}
        for program_id, *_ in PROGRAMS
        for key, name, cost, value in REWARDS
    ])  # fmt: skip


def write_cards(scope: Scope, setting: Setting) -> None:
    """Write the memberships and their ledgers, from the orders that were written before."""
    orders: dict[str, list[Document]] = defaultdict(list)
    for order in queries.completed.documents(scope, False):
        orders[order["customer_id"]].append(order)
    ledger = Ledger({LoyaltyMembership: [], MembershipCustomer: [], RewardRedemption: []})
    for index, program in enumerate(PROGRAMS):
        seeds = setting.seeds(f"cards:{program[0]}")
        for position, (member, customers, eaten) in enumerate(_cards(seeds, setting, program, orders, is_first=index == 0)):
            _add(ledger, seeds, setting, program, member, customers, eaten, position)
    ledger.write(scope)


def _cards(
    seeds: Seeds, setting: Setting, program: tuple[str, str, str, int, int], orders: dict[str, list[Document]], *,
    is_first: bool,
) -> list[Card]:  # fmt: skip
    """The cards of a program with their orders; those that earned least come first."""
    draw, (_, _, currency, _, count) = seeds.choices, program
    known = [guest for guest in known_guests(setting) if is_first == (guest.home == LARGEST_GROUP)]
    chosen = draw.sample(known, count + (SHARED if is_first else 0))
    holders = [[guest.id] for guest in chosen[:count]]
    for holder, second in zip(holders, chosen[count:], strict=False):
        holder.append(second.id)
    cards: list[Card] = []
    for holder in holders:
        mine = [order for guest_id in holder for order in orders[guest_id] if order["currency"] == currency]
        cards.append(({"id": seeds.id("mem")}, holder, sorted(mine, key=lambda order: (order["updated_at"], order["id"]))))
    return sorted(cards, key=lambda card: (sum(order["total_minor"] for order in card[2]), card[0]["id"]))


def _add(
    ledger: Ledger, seeds: Seeds, setting: Setting, program: tuple[str, str, str, int, int], member: Row,
    customers: list[str], orders: list[Document], position: int,
) -> None:  # fmt: skip
    draw, (program_id, _, currency, rate, count) = seeds.choices, program
    joined = setting.now_us - draw.randint(95, 400) * DAY_US
    rules = {"kind": "points", "rate_millionths": rate, "currency": currency}
    entries = [entry for order in orders for entry in _earned(rules, order)]
    gained = sum(entry["delta"] for entry in entries)
    rank = _rank(position, count)
    carried = _carried(draw, rank, gained)
    if carried:
        entries.insert(0, {"delta": carried, "reason": "adjust", "note": CARRIED, "created_at": joined})
    lifetime = carried + gained
    if draw.random() < REDEEMED_SHARE and lifetime >= REWARDS[0][2]:
        entries.append(_redeemed(ledger, seeds, setting, program_id, member["id"]))
    is_cancelled = program_id == PROGRAMS[0][0] and position < CANCELLED
    balance = 0
    for number, entry in enumerate(entries, start=1):
        balance += entry["delta"]
        ledger.add(PointsTransaction, entry | {
            "id": seeds.id("ptx"), "membership_id": member["id"], "program_id": program_id, "position": number,
            "balance_after": balance,
        })  # fmt: skip
    code = next(code for code, _, _, threshold in reversed(TIERS) if lifetime >= threshold)
    updated = max([joined, *(entry["created_at"] for entry in entries)])
    ledger.add(LoyaltyMembership, member | {
        "program_id": program_id, "code": f"{currency}-{position + 1:05d}", "tier_id": _tier_id(program_id, code),
        "points": balance, "lifetime_points": lifetime, "entries": len(entries),
        "status": "cancelled" if is_cancelled else "active", "start_date": _day(joined),
        "expiry_date": _expiry(setting, program_id, position), "version": 1 + len(entries) + is_cancelled,
        "created_at": joined, "updated_at": max(updated, setting.now_us - HOUR_US // 4) if is_cancelled else updated,
    })  # fmt: skip
    for place, customer_id in enumerate(customers):
        ledger.add(MembershipCustomer, {
            "id": seeds.id("mcu"), "membership_id": member["id"], "customer_id": customer_id, "position": place,
        })  # fmt: skip


def _earned(rules: Document, order: Document) -> list[Row]:
    """What an order earned when it was completed, and what its refund took back after that."""
    before = order | {"refunded_minor": 0}
    points = points_of(rules, before, multiplier_hundredths=100)
    if not points:
        return []
    base, refunded, at = kept_minor(before), order["refunded_minor"], order["updated_at"]
    entries: list[Row] = [{
        "delta": points, "reason": "earn", "order_id": order["id"], "base_minor": base, "refunded_before_minor": 0,
        "created_at": at,
    }]  # fmt: skip
    lost = points_taken_back(earned=points, base_minor=base, refunded_minor=refunded, now_minor=refunded)
    if lost:
        entries.append({"delta": -lost, "reason": "refund_reversal", "order_id": order["id"], "created_at": at})
    return entries


def _rank(position: int, count: int) -> int:
    """The tier a card is to stand in, counted from 0: the first ones in the lowest."""
    reached = 0
    for rank, percent in enumerate(TIER_PERCENT[:-1]):
        reached += percent
        if position < round(count * reached / 100):
            return rank
    return len(TIER_PERCENT) - 1


def _carried(draw: Random, rank: int, gained: int) -> int:
    """Points from before, so that the card stands in its tier."""
    least = TIERS[rank][3]
    most = TIERS[rank + 1][3] if rank + 1 < len(TIERS) else LONGEST_LIFETIME
    return max(0, draw.randint(least, most - 1) - gained)


def _redeemed(ledger: Ledger, seeds: Seeds, setting: Setting, program_id: str, member_id: str) -> Row:
    key, name, cost, value = REWARDS[0]
    at, redemption_id = setting.now_us - HOUR_US // 2, seeds.id("rdm")
    reward = dict.fromkeys(OF_REWARD) | {
        "id": _reward_id(program_id, key), "name": name, "points_cost": cost, "benefit": "percent", "benefit_value": value,
    }  # fmt: skip
    ledger.add(RewardRedemption, {
        "id": redemption_id, "membership_id": member_id, "reward_id": reward["id"], "points_cost": cost, "reward": reward,
        "state": "redeemed", "created_at": at, "updated_at": at,
    })  # fmt: skip
    return {"delta": -cost, "reason": "redeem", "redemption_id": redemption_id, "created_at": at}


def _expiry(setting: Setting, program_id: str, position: int) -> str | None:
    if program_id == PROGRAMS[0][0] and CANCELLED <= position < CANCELLED + EXPIRING:
        return _day(setting.now_us + (position - CANCELLED + 2) * DAY_US)
    return _day(setting.now_us + 200 * DAY_US) if position % 3 == 0 else None


def _day(instant_us: int) -> str:
    return from_us(instant_us).date().isoformat()


def _tier_id(program_id: str, code: str) -> str:
    return f"tir_{program_id.removeprefix('prg_')}_{code}"


def _reward_id(program_id: str, key: str) -> str:
    return f"rwd_{program_id.removeprefix('prg_')}_{key}"
