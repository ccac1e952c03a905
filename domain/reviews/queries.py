"""Registered statements of reviews: documents, lists, the summary, and the visits reviews are about."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.bookings.models import Reservation
from domain.guests.models import Guest
from domain.locations.models import Location
from domain.orders.models import Order
from domain.references.queries import is_called
from domain.references.queries import refs_of
from domain.reviews.machine import LABELS
from domain.reviews.models import Review
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of

reviews = Review.__table__
orders = Order.__table__
reservations = Reservation.__table__
locations = Location.__table__
guests = Guest.__table__
INTERNAL = ("tenant_id", "author_id")
ASPECTS = ("overall", "food", "service", "ambience")
STARS = (5, 4, 3, 2, 1)


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _number(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _documents() -> Any:
    columns = [column for column in reviews.c if column.name not in INTERNAL]
    document = as_document(fields_of(*columns, refs=as_json(refs_of(reviews.c.id, reviews))))
    return select(document).where(reviews.c.tenant_id == TENANT)


def _condition(name: str) -> Any:
    numbers = {
        "rating_min": reviews.c.overall.__ge__, "rating_max": reviews.c.overall.__le__,
        "from_us": reviews.c.created_at.__ge__, "to_us": reviews.c.created_at.__lt__,
    }  # fmt: skip
    if name in numbers:
        return numbers[name](_number(name))
    if name == "ref":
        return is_called(reviews.c.id, reviews)
    column = reviews.c.sentiment_label if name == "sentiment" else reviews.c[name]
    return column == _text(name)


def _list(filters: tuple[str, ...], statuses: int, is_continued: bool) -> Any:
    """Newest first."""
    statement = _documents().where(*(_condition(name) for name in filters))
    if statuses:
        statement = statement.where(reviews.c.status.in_([_text(f"status_{index}") for index in range(statuses)]))
    if is_continued:
        last = tuple_(_number("after_us"), _text("after_id"))
        statement = statement.where(tuple_(reviews.c.created_at, reviews.c.id) < last)
    return statement.order_by(reviews.c.created_at.desc(), reviews.c.id.desc()).limit(_number("rows"))


def _counted(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _summary(filters: tuple[str, ...]) -> Any:
    """One row: reviews, (sum, count) of each aspect, a count a star, a count a label, answered ones, waiting ones."""
    sums = [part for name in ASPECTS for part in (func.coalesce(func.sum(reviews.c[name]), 0), func.count(reviews.c[name]))]
    return select(
        func.count(),
        *sums,
        *(_counted(reviews.c.overall == star) for star in STARS),
        *(_counted(reviews.c.sentiment_label == label) for label in LABELS),
        _counted(reviews.c.responded_at.is_not(None)),
        _counted(reviews.c.status == "response_needed"),
    ).where(reviews.c.tenant_id == TENANT, *(_condition(name) for name in filters))


def _visit(table: Any) -> Any:
    """Where an order or reservation was and whose it is."""
    return select(table.c.location_id, table.c.customer_id).where(table.c.tenant_id == TENANT, table.c.id == _text("row_id"))


def _known_customer() -> Any:
    return select(guests.c.id).where(
        guests.c.tenant_id == TENANT, guests.c.id == _text("row_id"), guests.c.deleted_at.is_(None),
        guests.c.merged_into_id.is_(None),
    )  # fmt: skip


def _submit() -> Any:
    """Insert a review unless its author has reviewed this visit; returns the id only when it was written."""
    values = {column.name: bindparam(column.name, type_=column.type) for column in reviews.c if column.name != "tenant_id"}
    return insert(reviews).values(tenant_id=TENANT, **values).on_conflict_do_nothing().returning(reviews.c.id)


def _is_review() -> Any:
    return and_(reviews.c.tenant_id == TENANT, reviews.c.id == _text("review_id"))


def _change(*names: str) -> Any:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=reviews.c[name].type) for name in names}
    values |= {"version": reviews.c.version + 1, "updated_at": _number("changed_at")}
    return (
        update(reviews).where(reviews.c.tenant_id == TENANT, reviews.c.id == _text("review_id")).values(values)
    )  # fmt: skip


def _moved_customer() -> Any:
    chosen = (
        select(reviews.c.id)
        .where(reviews.c.tenant_id == TENANT, reviews.c.customer_id == _text("victim_id"))
        .order_by(reviews.c.id)
        .limit(_number("rows"))
    )
    return (
        update(reviews)
        .where(reviews.c.tenant_id == TENANT, reviews.c.id.in_(chosen))
        .values(customer_id=_text("victor_id"))
        .returning(reviews.c.id)
    )


one = registered_read("reviews.one", lambda: _documents().where(_is_review()))
lock = registered_read("reviews.lock", lambda: select(reviews.c.id).where(_is_review()).with_for_update())
listed = registered_read(
    "reviews.listed",
    _list,
    example=(
        ("location_id", "order_id", "reservation_id", "customer_id", "rating_min", "rating_max", "sentiment", "from_us",
         "to_us", "ref"), 2, True,
    ),
)  # fmt: skip
summary = registered_read("reviews.summary", _summary, example=(("location_id", "from_us", "to_us"),))
order_visit = registered_read("reviews.order_visit", lambda: _visit(orders))
reservation_visit = registered_read("reviews.reservation_visit", lambda: _visit(reservations))
known_location = registered_read(
    "reviews.known_location",
    lambda: select(locations.c.id).where(locations.c.tenant_id == TENANT, locations.c.id == _text("row_id")),
)
known_customer = registered_read("reviews.known_customer", _known_customer)
submit = registered_write("reviews.submit", _submit)
change = registered_write("reviews.change", _change, example=("status",))
moved_customer = registered_write("reviews.moved_customer", _moved_customer)
