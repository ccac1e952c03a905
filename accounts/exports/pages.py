"""The statements that read a dataset page by page. Each page is a read of its own, so an export holds no lock and no memory.

A page continues after the position of the last row, never at an offset: it costs the same at the end as at the
beginning, and no row is skipped or repeated while others are written.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import tuple_

from domain.analytics.queries import FIGURES
from domain.analytics.queries import SOLD
from domain.analytics.queries import figures
from domain.bookings.models import Reservation
from domain.guests.models import Guest
from domain.guests.models import GuestContact
from domain.guests.models import GuestTag
from domain.loyalty.models import PointsTransaction
from domain.orders.models import Order
from domain.orders.models import OrderLine
from domain.payments.models import Payment
from domain.payments.models import Refund
from domain.reviews.models import Review
from kit.documents import TENANT
from kit.documents import Registered
from kit.documents import registered_read
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import id_list
from kit.json_sql import json_list

orders = Order.__table__
lines = OrderLine.__table__
payments = Payment.__table__
refunds = Refund.__table__
guests = Guest.__table__
contacts = GuestContact.__table__
tags = GuestTag.__table__
reservations = Reservation.__table__
reviews = Review.__table__
points = PointsTransaction.__table__
_TYPES = {"business_date": Text, "created_at": BigInteger, "start_at": BigInteger, "number": Integer, "position": Integer}


def _page(
    name: str, document: Callable[[], Any], source: Any, position: tuple[Any, ...], *conditions: Any, location: Any = None
) -> Registered:
    """Register a dataset's page statement; shape: (number of locations chosen, whether it continues a page)."""

    def build(places: int, is_continued: bool) -> Any:
        statement = select(as_document(document())).select_from(source).where(*conditions)
        if places:
            statement = statement.where(location.in_([bindparam(f"place_{index}", type_=Text) for index in range(places)]))
        if is_continued:
            last: list[Any] = [
                bindparam(f"after_{index}", type_=_TYPES.get(column.name, Text)) for index, column in enumerate(position)
            ]
            statement = statement.where(tuple_(*position) > tuple_(*last))
        return statement.order_by(*position).limit(bindparam("row_limit", type_=Integer))

    return registered_read(f"exports.page.{name}", build, example=(0 if location is None else 2, True))


def _own(table: Any) -> list[Any]:
    return [column for column in table.c if column.name != "tenant_id"]


def _on_days() -> tuple[Any, ...]:
    """The tenant's orders of the business dates asked for."""
    days = bindparam("from_date", type_=Text), bindparam("to_date", type_=Text)
    return orders.c.tenant_id == TENANT, orders.c.business_date.between(*days)


def made_between(table: Any, column: str = "created_at") -> tuple[Any, ...]:
    """The tenant's rows of a stretch of time that is wider than the days asked for: the reader knows each row's day."""
    at, bounds = table.c[column], (bindparam("from_us", type_=BigInteger), bindparam("to_us", type_=BigInteger))
    return table.c.tenant_id == TENANT, at >= bounds[0], at < bounds[1]


def of_order(table: Any) -> Any:
    """`table` and the order each row belongs to, if any."""
    return table.outerjoin(orders, and_(orders.c.tenant_id == TENANT, orders.c.id == table.c.order_id))


def _contacts(kind: str) -> Any:
    rows = (
        select(fields_of(contacts.c.value).label("doc"))
        .where(contacts.c.tenant_id == TENANT, contacts.c.guest_id == guests.c.id, contacts.c.kind == kind)
        .order_by(contacts.c.position, contacts.c.id)
        .correlate(guests)
        .subquery()
    )
    return as_json(select(json_list(rows.c.doc)).select_from(rows).scalar_subquery())


def _tags() -> Any:
    words = (
        select(tags.c.tag.label("word"))
        .where(tags.c.tenant_id == TENANT, tags.c.guest_id == guests.c.id)
        .order_by(tags.c.tag)
        .correlate(guests)
        .subquery()
    )
    return as_json(select(id_list(words.c.word)).select_from(words).scalar_subquery())


def _line() -> Any:
    shown = [column for column in _own(lines) if column.name not in ("order_id", "allergens")]
    order = orders.c
    return fields_of(
        *shown, order.business_date, order.location_id, order.currency, order_id=order.id, order_number=order.number,
        order_status=order.status,
    )  # fmt: skip


_daily = (
    select(orders.c.business_date, orders.c.location_id, orders.c.currency,
           *(sums.label(name) for name, sums in zip(FIGURES, figures(), strict=True)))
    .where(*_on_days(), orders.c.status.in_(SOLD))
    .group_by(orders.c.business_date, orders.c.location_id, orders.c.currency)
    .subquery()
)  # fmt: skip

# PostgreSQL builds an object of at most 50 members, so the columns are named.
_ORDER = (
    "id", "number", "business_date", "location_id", "source", "external_id", "status", "payment_status", "fulfillment",
    "table_id", "reservation_id", "customer_id", "currency", "price_mode", "subtotal_minor", "discount_minor",
    "charges_minor", "tax_minor", "tax_included_minor", "tip_minor", "total_minor", "deposit_applied_minor", "paid_minor",
    "refunded_minor", "due_minor", "cancel_reason", "notes", "metadata", "discounts", "tax_lines", "created_at",
    "updated_at",
)  # fmt: skip

_NUMBERED = (orders.c.business_date, orders.c.location_id, orders.c.number)
ORDERS = _page(
    "orders", lambda: fields_of(*(orders.c[name] for name in _ORDER)), orders,
    _NUMBERED, *_on_days(), location=orders.c.location_id,
)  # fmt: skip
ORDER_LINES = _page(
    "order_lines", _line, orders.join(lines, and_(lines.c.tenant_id == TENANT, lines.c.order_id == orders.c.id)),
    (*_NUMBERED, lines.c.position), *_on_days(), location=orders.c.location_id,
)  # fmt: skip
_booking = and_(reservations.c.tenant_id == TENANT, reservations.c.id == payments.c.reservation_id)
_of_something = of_order(payments).outerjoin(reservations, _booking)
_payment_place = func.coalesce(orders.c.location_id, reservations.c.location_id)
PAYMENTS = _page(
    "payments", lambda: fields_of(*_own(payments), location_id=_payment_place), _of_something,
    (payments.c.created_at, payments.c.id), *made_between(payments), location=_payment_place,
)  # fmt: skip
REFUNDS = _page(
    "refunds", lambda: fields_of(*_own(refunds), location_id=orders.c.location_id), of_order(refunds),
    (refunds.c.created_at, refunds.c.id), *made_between(refunds), location=orders.c.location_id,
)  # fmt: skip
DAILY_SALES = _page(
    "daily_sales", lambda: fields_of(*_daily.c), _daily, (_daily.c.business_date, _daily.c.location_id, _daily.c.currency),
    location=_daily.c.location_id,
)  # fmt: skip
_GUEST = (
    "id", "external_id", "name", "first_name", "last_name", "gender", "locale", "country", "allergies", "consents",
    "is_temporary", "source", "created_at", "updated_at",
)  # fmt: skip
CUSTOMERS = _page(
    "customers",
    lambda: fields_of(
        *(guests.c[name] for name in _GUEST), tags=_tags(), phones=_contacts("phone"), emails=_contacts("email")
    ),
    guests,
    (guests.c.created_at, guests.c.id), *made_between(guests), guests.c.deleted_at.is_(None),
    guests.c.merged_into_id.is_(None),
)  # fmt: skip
RESERVATIONS = _page(
    "reservations", lambda: fields_of(*_own(reservations)), reservations, (reservations.c.start_at, reservations.c.id),
    *made_between(reservations, "start_at"), location=reservations.c.location_id,
)  # fmt: skip
REVIEWS = _page(
    "reviews", lambda: fields_of(*_own(reviews)), reviews, (reviews.c.created_at, reviews.c.id), *made_between(reviews),
    location=reviews.c.location_id,
)  # fmt: skip
LOYALTY_TRANSACTIONS = _page(
    "loyalty_transactions", lambda: fields_of(*_own(points)), points, (points.c.created_at, points.c.id),
    *made_between(points),
)  # fmt: skip
