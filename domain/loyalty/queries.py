"""Registered statements of loyalty: documents, lists, locks, and the only statement that moves a balance."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.guests.models import Guest
from domain.loyalty.models import EARN
from domain.loyalty.models import LoyaltyMembership
from domain.loyalty.models import MembershipCustomer
from domain.loyalty.models import MembershipProgram
from domain.loyalty.models import MembershipTier
from domain.loyalty.models import PointsCalculation
from domain.loyalty.models import PointsTransaction
from domain.loyalty.models import Reward
from domain.loyalty.models import RewardRedemption
from domain.menus.models import MenuItem
from domain.menus.sql import part
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import id_list
from kit.json_sql import json_list
from kit.json_sql import one_of
from kit.newest import newest_first

guests = Guest.__table__
items = MenuItem.__table__
programs = MembershipProgram.__table__
tiers = MembershipTier.__table__
memberships = LoyaltyMembership.__table__
customers = MembershipCustomer.__table__
ledger = PointsTransaction.__table__
rewards = Reward.__table__
redemptions = RewardRedemption.__table__
calculations = PointsCalculation.__table__
INTERNAL = ("tenant_id", "sealed_callback_secret", "entries", "deleted_at", "base_minor", "refunded_before_minor")


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _number(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _own(table: Any) -> list[Any]:
    return [column for column in table.c if column.name not in INTERNAL]


def _customers() -> Any:
    rows = (
        select(customers.c.customer_id)
        .where(customers.c.tenant_id == TENANT, customers.c.membership_id == memberships.c.id)
        .order_by(customers.c.position, customers.c.id)
        .correlate(memberships)
        .subquery()
    )
    return part(select(id_list(rows.c.customer_id)).select_from(rows))


def _tier() -> Any:
    return part(
        select(fields_of(tiers.c.id, tiers.c.code, tiers.c.tier, tiers.c.name))
        .where(tiers.c.tenant_id == TENANT, tiers.c.id == memberships.c.tier_id)
        .correlate(memberships)
    )


def _members() -> Any:
    named = {"customer_ids": _customers(), "tier": _tier(), "refs": as_json(refs_of(memberships.c.id, memberships))}
    document = as_document(fields_of(*_own(memberships), **named))
    return select(document).where(memberships.c.tenant_id == TENANT, memberships.c.deleted_at.is_(None))


def _belongs_to_customer() -> Any:
    return exists(
        select(customers.c.id)
        .where(customers.c.tenant_id == TENANT, customers.c.membership_id == memberships.c.id)
        .where(customers.c.customer_id == _text("customer_id"))
        .correlate(memberships)
    )


def _is_in_tier() -> Any:
    return exists(
        select(tiers.c.id)
        .where(tiers.c.tenant_id == TENANT, tiers.c.id == memberships.c.tier_id, tiers.c.code == _text("tier"))
        .correlate(memberships)
    )


def _condition(name: str) -> Any:
    if name == "customer_id":
        return _belongs_to_customer()
    if name == "tier":
        return _is_in_tier()
    if name == "ref":
        return is_called(memberships.c.id, memberships)
    if name == "updated_since_us":
        return memberships.c.updated_at >= _number(name)
    return memberships.c[name] == _text(name)


def _member_list(filters: tuple[str, ...], is_continued: bool) -> Any:
    statement = _members().where(*(_condition(name) for name in filters))
    return newest_first(statement, memberships.c.created_at, memberships.c.id, is_continued=is_continued)


def _programs() -> Any:
    rows = (
        select(fields_of(*[column for column in _own(tiers) if column.name != "program_id"]).label("doc"))
        .where(tiers.c.tenant_id == TENANT, tiers.c.program_id == programs.c.id)
        .order_by(tiers.c.tier)
        .correlate(programs)
        .subquery()
    )
    levels = part(select(json_list(rows.c.doc)).select_from(rows))
    document = fields_of(*_own(programs), tiers=levels, refs=as_json(refs_of(programs.c.id, programs)))
    return select(as_document(document)).where(programs.c.tenant_id == TENANT)


def _program_list(is_named: bool, is_continued: bool) -> Any:
    statement = _programs().where(is_called(programs.c.id, programs)) if is_named else _programs()
    return newest_first(statement, programs.c.created_at, programs.c.id, is_continued=is_continued)


def _rewards(is_for_member: bool) -> Any:
    """Rewards; for a member, those of its program and whether its balance reaches them."""
    mine = (
        select(memberships.c.id)
        .where(memberships.c.tenant_id == TENANT, memberships.c.id == _text("member_id"))
        .where(memberships.c.program_id == rewards.c.program_id)
        .correlate(rewards)
    )
    is_unlocked = exists(mine.where(memberships.c.points >= rewards.c.points_cost)) if is_for_member else null()
    statement = select(as_document(fields_of(*_own(rewards), is_unlocked=is_unlocked)))
    statement = statement.where(rewards.c.tenant_id == TENANT)
    return statement.where(exists(mine)) if is_for_member else statement


def _reward_list(filters: tuple[str, ...], is_continued: bool) -> Any:
    """Cheapest first."""
    statement = _rewards("member_id" in filters).where(rewards.c.is_active)
    if "program_id" in filters:
        statement = statement.where(rewards.c.program_id == _text("program_id"))
    if is_continued:
        last = tuple_(_number("after_cost"), _text("after_id"))
        statement = statement.where(tuple_(rewards.c.points_cost, rewards.c.id) > last)
    return statement.order_by(rewards.c.points_cost, rewards.c.id).limit(_number("rows"))


def _crossed() -> Any:
    """Rewards whose cost lies above the old balance and not above the new one, cheapest first."""
    return (
        _rewards(False)
        .where(rewards.c.is_active, rewards.c.program_id == _text("program_id"))
        .where(rewards.c.points_cost > _number("old_points"), rewards.c.points_cost <= _number("new_points"))
        .order_by(rewards.c.points_cost, rewards.c.id)
    )


def _entries(is_continued: bool) -> Any:
    """A member's ledger, newest first."""
    document = as_document(fields_of(*_own(ledger)))
    statement = select(document).where(ledger.c.tenant_id == TENANT, ledger.c.membership_id == _text("member_id"))
    if is_continued:
        statement = statement.where(ledger.c.position < _number("after_position"))
    return statement.order_by(ledger.c.position.desc()).limit(_number("rows"))


def _has_earned(program_id: Any, *outer: Any) -> Any:
    return exists(
        select(ledger.c.id)
        .where(ledger.c.tenant_id == TENANT, ledger.c.program_id == program_id, ledger.c.reason == EARN)
        .where(ledger.c.order_id == _text("order_id"))
        .correlate(*outer)
    )


def _is_asked() -> Any:
    return exists(
        select(calculations.c.id)
        .where(calculations.c.tenant_id == TENANT, calculations.c.program_id == memberships.c.program_id)
        .where(calculations.c.order_id == _text("order_id"))
        .correlate(memberships)
    )


def _cards() -> Any:
    """The active memberships of a customer that may still earn for an order, oldest first, with what earning needs."""
    joined = (
        customers.join(memberships, and_(memberships.c.tenant_id == TENANT, memberships.c.id == customers.c.membership_id))
        .join(programs, and_(programs.c.tenant_id == TENANT, programs.c.id == memberships.c.program_id))
        .outerjoin(tiers, and_(tiers.c.tenant_id == TENANT, tiers.c.id == memberships.c.tier_id))
    )
    card = fields_of(
        programs.c.kind, programs.c.rate_millionths, programs.c.currency, programs.c.callback_url,
        membership_id=memberships.c.id, program_id=programs.c.id, multiplier_hundredths=tiers.c.multiplier_hundredths,
    )  # fmt: skip
    return (
        select(as_document(card))
        .select_from(joined)
        .where(
            customers.c.tenant_id == TENANT, customers.c.customer_id == _text("customer_id"),
            memberships.c.status == "active", memberships.c.deleted_at.is_(None), programs.c.is_active,
            ~_has_earned(memberships.c.program_id, memberships), ~_is_asked(),
        )
        .order_by(memberships.c.created_at, memberships.c.id)
    )  # fmt: skip


def _earned() -> Any:
    """What an order has earned: (membership, points, base, refunded before), in the order members are locked."""
    return (
        select(ledger.c.membership_id, ledger.c.delta, ledger.c.base_minor, ledger.c.refunded_before_minor)
        .where(ledger.c.tenant_id == TENANT, ledger.c.order_id == _text("order_id"), ledger.c.reason == EARN)
        .order_by(ledger.c.membership_id)
    )


def _reached() -> Any:
    """The tier of a membership once `lifetime_delta` is added to its lifetime points."""
    return (
        select(tiers.c.id)
        .where(tiers.c.tenant_id == TENANT, tiers.c.program_id == memberships.c.program_id)
        .where(tiers.c.threshold <= memberships.c.lifetime_points + _number("lifetime_delta"))
        .order_by(tiers.c.threshold.desc())
        .limit(1)
        .correlate(memberships)
        .scalar_subquery()
    )


def _is_member() -> Any:
    return and_(
        memberships.c.tenant_id == TENANT, memberships.c.id == _text("member_id"), memberships.c.deleted_at.is_(None)
    )


def _move() -> Any:
    """Move a balance, unless it would fall below zero; returns the balance and the ledger position it now stands at."""
    return (
        update(memberships)
        .where(memberships.c.tenant_id == TENANT, memberships.c.id == _text("member_id"))
        .where(memberships.c.deleted_at.is_(None), memberships.c.points + _number("delta") >= 0)
        .values(
            points=memberships.c.points + _number("delta"), tier_id=_reached(), entries=memberships.c.entries + 1,
            lifetime_points=memberships.c.lifetime_points + _number("lifetime_delta"),
            version=memberships.c.version + 1, updated_at=_number("changed_at"),
        )
        .returning(memberships.c.points, memberships.c.entries)
    )  # fmt: skip


def _change(table: Any, names: tuple[str, ...]) -> Any:
    """Set the named columns (parameters new_<name>), the next version and the time of change."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    values |= {"version": table.c.version + 1, "updated_at": _number("changed_at")}
    return update(table).where(table.c.tenant_id == TENANT, table.c.id == _text("row_id")).values(values)


def _enrol() -> Any:
    """Insert a membership unless its code is taken in the program; returns the id only when it was written."""
    values = {column.name: bindparam(column.name, type_=column.type) for column in memberships.c if column.name != "tenant_id"}
    return (
        insert(memberships)
        .values(tenant_id=TENANT, **values)
        .on_conflict_do_nothing(index_elements=[memberships.c.tenant_id, memberships.c.program_id, memberships.c.code])
        .returning(memberships.c.id)
    )


def _lock_customers() -> Any:
    """Hold readable customers until the transaction ends, so that a customer joins a program once."""
    return (
        select(guests.c.id)
        .where(guests.c.tenant_id == TENANT, one_of(guests.c.id, _text("ids")))
        .where(guests.c.deleted_at.is_(None), guests.c.merged_into_id.is_(None))
        .order_by(guests.c.id)
        .with_for_update(key_share=True)
    )


def _membership_in() -> Any:
    """The memberships of some customers in a program: (customer, membership, status)."""
    joined = customers.join(
        memberships, and_(memberships.c.tenant_id == TENANT, memberships.c.id == customers.c.membership_id)
    )
    return (
        select(customers.c.customer_id, memberships.c.id, memberships.c.status)
        .select_from(joined)
        .where(customers.c.tenant_id == TENANT, one_of(customers.c.customer_id, _text("ids")))
        .where(memberships.c.program_id == _text("program_id"), memberships.c.deleted_at.is_(None))
        .order_by(memberships.c.created_at, memberships.c.id)
    )


def _one(table: Any) -> Any:
    document = as_document(fields_of(*_own(table)))
    return select(document).where(table.c.tenant_id == TENANT, table.c.id == _text("row_id"))


def _sealed_secret() -> Any:
    return select(programs.c.sealed_callback_secret).where(programs.c.tenant_id == TENANT, programs.c.id == _text("row_id"))


def _moved_customer() -> Any:
    """Hand up to `rows` of a customer's memberships to another; those both hold are left to `dropped_customer`."""
    theirs = customers.alias("theirs")
    both = exists(
        select(theirs.c.id)
        .where(theirs.c.tenant_id == TENANT, theirs.c.membership_id == customers.c.membership_id)
        .where(theirs.c.customer_id == _text("victor_id"))
        .correlate(customers)
    )
    chosen = (
        select(customers.c.id)
        .where(customers.c.tenant_id == TENANT, customers.c.customer_id == _text("victim_id"), ~both)
        .order_by(customers.c.id)
        .limit(_number("rows"))
    )
    return (
        update(customers)
        .where(customers.c.tenant_id == TENANT, customers.c.id.in_(chosen))
        .values(customer_id=_text("victor_id"))
        .returning(customers.c.id)
    )


member = registered_read("loyalty.member", lambda: _members().where(_is_member()))
lock_member = registered_read("loyalty.lock_member", lambda: select(memberships.c.id).where(_is_member()).with_for_update())
member_list = registered_read(
    "loyalty.members",
    _member_list,
    example=(("program_id", "customer_id", "code", "status", "tier", "ref", "updated_since_us"), True),
)
lock_customers = registered_read("loyalty.lock_customers", _lock_customers)
membership_in = registered_read("loyalty.membership_in", _membership_in)
enrol = registered_write("loyalty.enrol", _enrol)
change_member = registered_write("loyalty.change_member", lambda *n: _change(memberships, n), example=("status",))
move = registered_write("loyalty.move", _move)
entry_list = registered_read("loyalty.entries", _entries, example=(True,))
has_earned = registered_read("loyalty.has_earned", lambda: select(_has_earned(_text("program_id"))))
cards = registered_read("loyalty.cards", _cards)
earned = registered_read("loyalty.earned", _earned)
program = registered_read("loyalty.program", lambda: _programs().where(programs.c.id == _text("row_id")))
program_list = registered_read("loyalty.programs", _program_list, example=(True, True))
change_program = registered_write("loyalty.change_program", lambda *n: _change(programs, n), example=("name",))
lock_program = registered_read("loyalty.lock_program", lambda: _one(programs).with_for_update())
sealed_secret = registered_read("loyalty.sealed_secret", _sealed_secret)
reward = registered_read("loyalty.reward", lambda: _rewards(False).where(rewards.c.id == _text("row_id")))
reward_list = registered_read("loyalty.rewards", _reward_list, example=(("program_id", "member_id"), True))
lock_reward = registered_read("loyalty.lock_reward", lambda: _one(rewards).with_for_update())
change_reward = registered_write("loyalty.change_reward", lambda *n: _change(rewards, n), example=("name",))
item = registered_read(
    "loyalty.item", lambda: select(items.c.id).where(items.c.tenant_id == TENANT, items.c.id == _text("row_id"))
)
crossed = registered_read("loyalty.crossed", _crossed)
redemption = registered_read("loyalty.redemption", lambda: _one(redemptions))
change_redemption = registered_write("loyalty.change_redemption", lambda *n: _change(redemptions, n), example=("state",))
calculation = registered_read("loyalty.calculation", lambda: _one(calculations))
lock_calculation = registered_read("loyalty.lock_calculation", lambda: _one(calculations).with_for_update())
end_calculation = registered_write(
    "loyalty.end_calculation",
    lambda: (
        update(calculations)
        .where(calculations.c.tenant_id == TENANT, calculations.c.id == _text("row_id"))
        .values(state=_text("new_state"))
    ),
)
moved_customer = registered_write("loyalty.moved_customer", _moved_customer)
dropped_customer = registered_write(
    "loyalty.dropped_customer",
    lambda: delete(customers).where(customers.c.tenant_id == TENANT, customers.c.customer_id == _text("victim_id")),
)
