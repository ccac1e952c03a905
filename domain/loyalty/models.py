"""Programs, tiers, members, the points ledger and rewards. Rows.

Rates are integers: millionths for a program's rate, hundredths for a tier's multiplier. What a point is worth is the
restaurant's business; in a cashback program a point is one minor unit of the program's currency.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.documents import JsonColumn
from kit.scope import TenantOwned
from kit.scope import Versioned

EARN = "earn"


class MembershipProgram(Versioned, TenantOwned):
    """How members earn.

    rate_millionths: points per currency unit (points), stamps per order (stamps), share of the net (cashback).
    """

    __tablename__ = "loyalty_programs"
    _prefix = "prg"

    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(10), default="points")  # points | stamps | cashback
    rate_millionths: Mapped[int] = mapped_column(BigInteger, default=1_000_000)
    currency: Mapped[str | None] = mapped_column(String(3))  # orders in another one earn nothing; None: all earn
    is_active: Mapped[bool] = mapped_column(default=True)
    callback_url: Mapped[str | None] = mapped_column(String(2000))  # asked for the points of an order
    sealed_callback_secret: Mapped[str | None] = mapped_column(String(2000))  # signs what is sent there

    __table_args__ = (
        Index("ix_loyalty_programs_created", "tenant_id", "created_at", "id"),
        CheckConstraint("rate_millionths >= 0", name="rate_not_negative"),
        CheckConstraint("kind IN ('points', 'stamps', 'cashback')", name="kind_known"),
        CheckConstraint("kind <> 'cashback' OR currency IS NOT NULL", name="cashback_has_currency"),
    )


class MembershipTier(TenantOwned):
    """A level of a program. A member stands in the highest one whose threshold its lifetime points reach."""

    __tablename__ = "loyalty_tiers"
    _prefix = "tir"

    program_id: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(40))
    tier: Mapped[int]  # rank, 1 is the lowest
    name: Mapped[str] = mapped_column(String(255))
    threshold: Mapped[int] = mapped_column(BigInteger)  # lifetime points
    multiplier_hundredths: Mapped[int] = mapped_column(default=100)

    __table_args__ = (
        UniqueConstraint("tenant_id", "program_id", "code"),
        UniqueConstraint("tenant_id", "program_id", "tier"),
        UniqueConstraint("tenant_id", "program_id", "threshold"),
        ForeignKeyConstraint(["tenant_id", "program_id"], ["loyalty_programs.tenant_id", "loyalty_programs.id"]),
        CheckConstraint("threshold >= 0", name="threshold_not_negative"),
        CheckConstraint("multiplier_hundredths >= 0", name="multiplier_not_negative"),
    )


class LoyaltyMembership(Versioned, TenantOwned):
    """One card of a program, held by one customer or several.

    points = sum of all ledger deltas; lifetime_points = that sum without redeem and expire, so it is never smaller.
    """

    __tablename__ = "memberships"
    _prefix = "mem"

    program_id: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(64))
    tier_id: Mapped[str | None] = mapped_column(String(64))
    points: Mapped[int] = mapped_column(BigInteger, default=0)
    lifetime_points: Mapped[int] = mapped_column(BigInteger, default=0)
    entries: Mapped[int] = mapped_column(default=0)  # of the ledger; the last one's position
    status: Mapped[str] = mapped_column(String(20), default="active")  # pre_enrollment | active | cancelled
    start_date: Mapped[str | None] = mapped_column(String(10))
    expiry_date: Mapped[str | None] = mapped_column(String(10))  # the last day it is good for, UTC
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("tenant_id", "program_id", "code"),
        Index("ix_memberships_created", "tenant_id", "created_at", "id"),
        Index("ix_memberships_tier", "tenant_id", "tier_id"),
        ForeignKeyConstraint(["tenant_id", "program_id"], ["loyalty_programs.tenant_id", "loyalty_programs.id"]),
        ForeignKeyConstraint(["tenant_id", "tier_id"], ["loyalty_tiers.tenant_id", "loyalty_tiers.id"]),
        CheckConstraint("points >= 0", name="points_not_negative"),
        CheckConstraint("lifetime_points >= points", name="lifetime_covers_points"),
        CheckConstraint("status IN ('pre_enrollment', 'active', 'cancelled')", name="status_known"),
    )


class MembershipCustomer(TenantOwned):
    """One customer of a membership; position 0 is the one it was made for."""

    __tablename__ = "membership_customers"
    _prefix = "mcu"

    membership_id: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("tenant_id", "membership_id", "customer_id"),
        Index("ix_membership_customers_customer", "tenant_id", "customer_id"),
        ForeignKeyConstraint(["tenant_id", "membership_id"], ["memberships.tenant_id", "memberships.id"]),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["guests.tenant_id", "guests.id"]),
    )


class PointsTransaction(TenantOwned):
    """One entry of the ledger; never changed. An order earns once in a program, whoever the member is."""

    __tablename__ = "points_transactions"
    _prefix = "ptx"

    membership_id: Mapped[str] = mapped_column(String(64))
    program_id: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]  # 1, 2, … within the membership
    delta: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))  # earn | redeem | adjust | expire | refund_reversal | merge
    order_id: Mapped[str | None] = mapped_column(String(64))
    redemption_id: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(String(500))
    balance_after: Mapped[int] = mapped_column(BigInteger)
    # What was left of the order's money when it earned, and what had been refunded before: refunds take back pro rata.
    base_minor: Mapped[int | None] = mapped_column(BigInteger)
    refunded_before_minor: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("tenant_id", "membership_id", "position"),
        Index(
            "uq_points_transactions_earned", "tenant_id", "program_id", "order_id", unique=True,
            sqlite_where=reason == EARN, postgresql_where=reason == EARN,
        ),
        Index("ix_points_transactions_program", "tenant_id", "program_id"),
        Index("ix_points_transactions_order", "tenant_id", "order_id"),
        Index("ix_points_transactions_redemption", "tenant_id", "redemption_id"),
        Index("ix_points_transactions_created", "tenant_id", "created_at", "id"),
        ForeignKeyConstraint(["tenant_id", "membership_id"], ["memberships.tenant_id", "memberships.id"]),
        ForeignKeyConstraint(["tenant_id", "program_id"], ["loyalty_programs.tenant_id", "loyalty_programs.id"]),
        ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.id"]),
        ForeignKeyConstraint(["tenant_id", "redemption_id"], ["reward_redemptions.tenant_id", "reward_redemptions.id"]),
        CheckConstraint("balance_after >= 0", name="balance_not_negative"),
        CheckConstraint("delta <> 0", name="delta_moves"),
    )  # fmt: skip


class Reward(Versioned, TenantOwned):
    """What points buy. benefit_value: basis points (percent) or minor units of `currency` (fixed); an item has none."""

    __tablename__ = "loyalty_rewards"
    _prefix = "rwd"

    program_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(String(2000))
    points_cost: Mapped[int] = mapped_column(BigInteger)
    benefit: Mapped[str] = mapped_column(String(10))  # percent | fixed | item
    benefit_value: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    item_id: Mapped[str | None] = mapped_column(String(64))
    is_active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        Index("ix_loyalty_rewards_program", "tenant_id", "program_id", "points_cost", "id"),
        Index("ix_loyalty_rewards_item", "tenant_id", "item_id"),
        ForeignKeyConstraint(["tenant_id", "program_id"], ["loyalty_programs.tenant_id", "loyalty_programs.id"]),
        ForeignKeyConstraint(["tenant_id", "item_id"], ["menu_items.tenant_id", "menu_items.id"]),
        CheckConstraint("points_cost > 0", name="cost_positive"),
        CheckConstraint("benefit <> 'item' OR item_id IS NOT NULL", name="item_named"),
        CheckConstraint("benefit = 'item' OR benefit_value > 0", name="value_positive"),
        CheckConstraint("benefit <> 'fixed' OR currency IS NOT NULL", name="fixed_has_currency"),
    )


class RewardRedemption(Versioned, TenantOwned):
    """A reward a member has bought. `reward` is what it was at that moment."""

    __tablename__ = "reward_redemptions"
    _prefix = "rdm"

    membership_id: Mapped[str] = mapped_column(String(64))
    reward_id: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str | None] = mapped_column(String(64))
    points_cost: Mapped[int] = mapped_column(BigInteger)
    reward: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    state: Mapped[str] = mapped_column(String(10), default="redeemed")  # redeemed | reversed

    __table_args__ = (
        Index("ix_reward_redemptions_membership", "tenant_id", "membership_id"),
        Index("ix_reward_redemptions_reward", "tenant_id", "reward_id"),
        Index("ix_reward_redemptions_order", "tenant_id", "order_id"),
        ForeignKeyConstraint(["tenant_id", "membership_id"], ["memberships.tenant_id", "memberships.id"]),
        ForeignKeyConstraint(["tenant_id", "reward_id"], ["loyalty_rewards.tenant_id", "loyalty_rewards.id"]),
        ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.id"]),
        CheckConstraint("state IN ('redeemed', 'reversed')", name="state_known"),
    )


class PointsCalculation(TenantOwned):
    """An order whose points a program's callback says. Answered once; the row stays as the record of who decided."""

    __tablename__ = "points_calculations"
    _prefix = "pcl"

    membership_id: Mapped[str] = mapped_column(String(64))
    program_id: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str] = mapped_column(String(64))
    order: Mapped[dict[str, Any]] = mapped_column("order_facts", JsonColumn)  # what the callback is told
    default_points: Mapped[int] = mapped_column(BigInteger)  # by the program's rate
    state: Mapped[str] = mapped_column(String(12), default="asked")  # asked | answered | unanswered
    created_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("tenant_id", "program_id", "order_id"),
        Index("ix_points_calculations_membership", "tenant_id", "membership_id"),
        Index("ix_points_calculations_order", "tenant_id", "order_id"),
        ForeignKeyConstraint(["tenant_id", "membership_id"], ["memberships.tenant_id", "memberships.id"]),
        ForeignKeyConstraint(["tenant_id", "program_id"], ["loyalty_programs.tenant_id", "loyalty_programs.id"]),
        ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.id"]),
        CheckConstraint("default_points >= 0", name="default_not_negative"),
    )
