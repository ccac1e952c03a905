"""Registered reads over everything that names a guest: statistics and the timeline."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import cast
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import union_all

from domain.bookings.models import Reservation
from domain.guests.models import ConsentChange
from domain.guests.models import Guest
from domain.guests.models import GuestTag
from domain.loyalty.models import LoyaltyMembership
from domain.loyalty.models import MembershipCustomer
from domain.loyalty.models import MembershipTier
from domain.orders.models import Order
from domain.reviews.models import Review
from kit.documents import TENANT
from kit.documents import registered_read
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import json_list
from kit.json_sql import one_of

guests = Guest.__table__
orders = Order.__table__
reservations = Reservation.__table__
reviews = Review.__table__
consents = ConsentChange.__table__
tags = GuestTag.__table__
cards = LoyaltyMembership.__table__
holders = MembershipCustomer.__table__
tiers = MembershipTier.__table__
GIVEN_UP = ("draft", "rejected", "cancelled", "failed")
HONOURED = ("seated", "completed")
EXPECTED = ("requested", "confirmed")
KINDS = ("order", "reservation", "review", "consent", "tag")


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def own_orders(*columns: Any) -> Any:
    """SELECT of the outer guest's orders that were not given up."""
    return (
        select(*columns)
        .where(orders.c.tenant_id == TENANT, orders.c.customer_id == guests.c.id, orders.c.status.not_in(GIVEN_UP))
        .correlate(guests)
    )


def own_reservations(*columns: Any, statuses: tuple[str, ...]) -> Any:
    """SELECT of the outer guest's reservations in one of these statuses."""
    return (
        select(*columns)
        .where(reservations.c.tenant_id == TENANT, reservations.c.customer_id == guests.c.id)
        .where(reservations.c.status.in_(statuses))
        .correlate(guests)
    )


def spent() -> Any:
    """What one order brought in: what was kept of its payments and deposit, or its total where a channel collected."""
    kept = orders.c.paid_minor + orders.c.deposit_applied_minor
    return case((orders.c.collected_by == "channel", orders.c.total_minor), else_=kept) - orders.c.refunded_minor


def _count(*statuses: str) -> Any:
    return own_reservations(func.count(), statuses=statuses).scalar_subquery()


def _spend() -> Any:
    rows = own_orders(orders.c.currency, func.sum(spent()).label("amount")).group_by(orders.c.currency).subquery()
    listed = select(fields_of(rows.c.currency, amount_minor=cast(rows.c.amount, BigInteger)).label("doc"))
    ordered = listed.select_from(rows).order_by(rows.c.currency).subquery()
    return as_json(select(json_list(ordered.c.doc)).select_from(ordered).scalar_subquery())


def _members() -> Any:
    """The cards a guest holds, oldest first."""
    tier = select(fields_of(tiers.c.id, tiers.c.code, tiers.c.tier, tiers.c.name))
    own_tier = tier.where(tiers.c.tenant_id == TENANT, tiers.c.id == cards.c.tier_id).correlate(cards).scalar_subquery()
    shown = (cards.c.id, cards.c.program_id, cards.c.code, cards.c.status, cards.c.points, cards.c.lifetime_points)
    held = (
        select(fields_of(*shown, tier=as_json(own_tier)).label("doc"))
        .select_from(cards.join(holders, holders.c.membership_id == cards.c.id))
        .where(cards.c.tenant_id == TENANT, holders.c.tenant_id == TENANT, cards.c.deleted_at.is_(None))
        .where(holders.c.customer_id == guests.c.id)
        .order_by(cards.c.created_at, cards.c.id)
        .correlate(guests)
        .subquery()
    )
    return as_json(select(json_list(held.c.doc)).select_from(held).scalar_subquery())


def _stats() -> Any:
    """One document per guest: {id, members, visits, cancels, no_shows, orders, lifetime_spend, last_…_at, next_visit_at}."""
    upcoming = own_reservations(func.min(reservations.c.start_at), statuses=EXPECTED)
    document = fields_of(
        guests.c.id,
        members=_members(),
        visits=_count(*HONOURED),
        cancels=_count("cancelled"),
        no_shows=_count("no_show"),
        orders=own_orders(func.count()).scalar_subquery(),
        lifetime_spend=_spend(),
        last_visit_at=own_reservations(func.max(reservations.c.start_at), statuses=HONOURED).scalar_subquery(),
        last_order_at=own_orders(func.max(orders.c.created_at)).scalar_subquery(),
        next_visit_at=upcoming.where(reservations.c.start_at > _big("now_us")).scalar_subquery(),
    )
    return select(as_document(document)).where(guests.c.tenant_id == TENANT, one_of(guests.c.id, _text("guest_ids")))


def _entry(kind: str, table: Any, at: Any, owner: Any, *, amount_minor: Any = None, **texts: Any) -> Any:
    """One branch of the timeline; what a kind does not have is null."""
    return (
        select(
            literal(kind, String).label("type"), table.c.id.label("id"), at.label("at"),
            *(cast(texts.get(name, null()), Text).label(name) for name in ("location_id", "status", "label", "currency")),
            cast(null() if amount_minor is None else amount_minor, BigInteger).label("amount_minor"),
        )
        .where(table.c.tenant_id == TENANT, owner == _text("guest_id"))
    )  # fmt: skip


def _branch(kind: str) -> Any:
    if kind == "order":
        return _entry(
            kind, orders, orders.c.created_at, orders.c.customer_id, location_id=orders.c.location_id,
            status=orders.c.status, label=orders.c.number, currency=orders.c.currency, amount_minor=orders.c.total_minor,
        )  # fmt: skip
    if kind == "reservation":
        return _entry(
            kind, reservations, reservations.c.start_at, reservations.c.customer_id,
            location_id=reservations.c.location_id, status=reservations.c.status, label=reservations.c.party_size,
        )  # fmt: skip
    if kind == "review":
        return _entry(
            kind, reviews, reviews.c.created_at, reviews.c.customer_id, location_id=reviews.c.location_id,
            status=reviews.c.status, label=reviews.c.overall,
        )  # fmt: skip
    if kind == "consent":
        return _entry(
            kind, consents, consents.c.at, consents.c.guest_id, status=consents.c.new_status, label=consents.c.channel
        )
    return _entry(kind, tags, tags.c.added_at, tags.c.guest_id, label=tags.c.tag)


def _timeline(kinds: tuple[str, ...], is_continued: bool) -> Any:
    """Newest first; an instant's entries in the order of their ids, backwards."""
    entries = union_all(*(_branch(kind) for kind in kinds)).subquery()
    statement = select(as_document(fields_of(*entries.c))).select_from(entries)
    if is_continued:
        last = tuple_(_big("after_us"), _text("after_id"))
        statement = statement.where(tuple_(entries.c.at, entries.c.id) < last)
    return statement.order_by(entries.c.at.desc(), entries.c.id.desc()).limit(_big("rows"))


def _consent_history() -> Any:
    shown = [column for column in consents.c if column.name not in ("tenant_id", "guest_id")]
    return (
        select(as_document(fields_of(*shown)))
        .where(consents.c.tenant_id == TENANT, consents.c.guest_id == _text("guest_id"))
        .order_by(consents.c.at, consents.c.id)
    )


stats = registered_read("guestbook.stats", _stats)
timeline = registered_read("guestbook.timeline", _timeline, example=(KINDS, True))
consent_history = registered_read("guestbook.consent_history", _consent_history)
