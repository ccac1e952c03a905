"""Registered statements of reports about moments: rows per location and quarter of an hour, whose business date the
reader knows. (No database here knows a location's zone and the hour its business day begins.)
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import type_coerce

from domain.analytics.queries import total
from domain.bookings.models import Reservation
from domain.loyalty.models import LoyaltyMembership
from domain.loyalty.models import PointsTransaction
from domain.orders.models import Order
from domain.reviews.models import Review
from kit.documents import TENANT
from kit.documents import registered_read

reservations = Reservation.__table__
reviews = Review.__table__
memberships = LoyaltyMembership.__table__
points = PointsTransaction.__table__
orders = Order.__table__

QUARTER_US = 900_000_000
REVIEW_FIGURES = ("reviews", "stars", "positive", "neutral", "negative", "answered")
POINT_REASONS = ("earn", "redeem", "adjust", "expire", "refund_reversal", "merge")


def _quarter(column: Any) -> Any:
    return (type_coerce(column, BigInteger) // QUARTER_US).label("by_quarter")


def _between(table: Any, column: Any, has_location: bool) -> tuple[Any, ...]:
    at = type_coerce(column, BigInteger)
    conditions = (
        table.c.tenant_id == TENANT,
        at >= bindparam("from_us", type_=BigInteger),
        at < bindparam("to_us", type_=BigInteger),
    )
    return (*conditions, table.c.location_id == bindparam("location_id", type_=Text)) if has_location else conditions


def _when(condition: Any) -> Any:
    return total(case((condition, 1), else_=0))


def _reservations(has_location: bool) -> Any:
    table = reservations.c
    keys = (table.location_id.label("by_location"), _quarter(table.start_at), table.status.label("by_status"))
    return (
        select(*keys, func.count(), total(table.party_size))
        .where(*_between(reservations, table.start_at, has_location))
        .group_by("by_location", "by_quarter", "by_status")
    )


def _reviews(has_location: bool) -> Any:
    table = reviews.c
    labels = (_when(table.sentiment_label == label) for label in ("positive", "neutral", "negative"))
    sums = (func.count(), total(table.overall), *labels, _when(table.responded_at.is_not(None)))
    return (
        select(table.location_id.label("by_location"), _quarter(table.created_at), *sums)
        .where(*_between(reviews, table.created_at, has_location))
        .group_by("by_location", "by_quarter")
    )


def _points(filters: tuple[str, ...]) -> Any:
    """Ledger entries; with filters, those that orders of a location or currency made."""
    statement = (
        select(_quarter(points.c.created_at), points.c.reason.label("by_reason"), func.count(), total(points.c.delta))
        .where(*_between(points, points.c.created_at, False))
        .group_by("by_quarter", "by_reason")
    )
    if not filters:
        return statement
    wanted = (orders.c[name] == bindparam(name, type_=Text) for name in filters)
    return statement.where(points.c.order_id.in_(select(orders.c.id).where(orders.c.tenant_id == TENANT, *wanted)))


def _joined() -> Any:
    return (
        select(_quarter(memberships.c.created_at), func.count())
        .where(*_between(memberships, memberships.c.created_at, False), memberships.c.deleted_at.is_(None))
        .group_by("by_quarter")
    )


reservation_moments = registered_read("analytics.reservations", _reservations, example=(True,))
review_moments = registered_read("analytics.reviews", _reviews, example=(True,))
point_moments = registered_read("analytics.points", _points, example=(("location_id", "currency"),))
joined_moments = registered_read("analytics.joined", _joined)
