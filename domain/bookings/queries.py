"""Registered statements of reservations: the document, lists of it, locks and changes."""

from typing import Any

import orjson
from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import cast
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.bookings.models import Reservation
from domain.bookings.models import ReservationStatusChange
from domain.bookings.models import ReservationTable
from domain.locations.models import DiningTable
from domain.locations.models import Location
from domain.orders.models import Order
from domain.payments.models import Payment
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import json_list

reservations = Reservation.__table__
seated_at = ReservationTable.__table__
tables = DiningTable.__table__
changes = ReservationStatusChange.__table__
payments = Payment.__table__
orders = Order.__table__
locations = Location.__table__
INTERNAL = (
    "tenant_id", "content_digest", "contact_name", "contact_phone", "contact_email", "deposit_required_minor",
    "deposit_paid_minor", "deposit_refunded_minor", "deposit_pending_minor", "deposit_refund_ends_at",
)  # fmt: skip
EQUALS = ("location_id", "customer_id", "external_id", "local_date", "source")
BOUNDS = {
    "from_us": reservations.c.start_at.__ge__,
    "to_us": reservations.c.start_at.__lt__,
    "updated_since_us": reservations.c.updated_at.__ge__,
}
SORTS = {
    "-created_at": "created_at", "created_at": "created_at", "start_at": "start_at", "-start_at": "start_at",
    "updated_at": "updated_at",
}  # fmt: skip
JSON_COLUMNS = frozenset(column.name for column in reservations.c if isinstance(column.type, JSON))
TAKEN = ("confirmed", "partially_refunded", "refunded")  # payments that were money at some time
WORTHLESS = ("rejected", "cancelled", "failed")  # orders whose part of a deposit is free again


def parameters(columns: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Column values of a reservation as driver parameters: JSON columns as text."""
    return {
        prefix + name: orjson.dumps(value).decode() if name in JSON_COLUMNS and value is not None else value
        for name, value in columns.items()
    }


def _mine(*more: Any) -> tuple[Any, ...]:
    return (reservations.c.tenant_id == TENANT, *more)


def _is_one() -> Any:
    return reservations.c.id == bindparam("reservation_id", type_=Text)


def _listed(rows: Any) -> Any:
    part = rows.correlate(reservations).subquery()
    return as_json(select(json_list(part.c.doc)).select_from(part).scalar_subquery())


def _history() -> Any:
    entry = fields_of(changes.c.status, changes.c.at, changes.c.actor_type, changes.c.actor_id, changes.c.reason)
    return _listed(
        select(entry.label("doc"))
        .where(changes.c.tenant_id == TENANT, changes.c.reservation_id == reservations.c.id)
        .order_by(changes.c.position)
    )


def _tables() -> Any:
    joined = seated_at.join(tables, (tables.c.tenant_id == TENANT) & (tables.c.id == seated_at.c.table_id))
    return _listed(
        select(fields_of(tables.c.id, tables.c.name).label("doc"))
        .select_from(joined)
        .where(seated_at.c.tenant_id == TENANT, seated_at.c.reservation_id == reservations.c.id)
        .order_by(seated_at.c.position)
    )


def _applied() -> Any:
    return (
        select(func.coalesce(func.sum(orders.c.deposit_applied_minor), 0))
        .where(orders.c.tenant_id == TENANT, orders.c.reservation_id == reservations.c.id)
        .where(orders.c.status.not_in(WORTHLESS))
        .correlate(reservations)
        .scalar_subquery()
    )


def _grace() -> Any:
    return (
        select(locations.c.no_show_grace_min)
        .where(locations.c.tenant_id == TENANT, locations.c.id == reservations.c.location_id)
        .correlate(reservations)
        .scalar_subquery()
    )


def _document() -> Any:
    deposit = fields_of(
        required_minor=reservations.c.deposit_required_minor, refund_ends_at=reservations.c.deposit_refund_ends_at,
        paid_minor=reservations.c.deposit_paid_minor, refunded_minor=reservations.c.deposit_refunded_minor,
        pending_minor=reservations.c.deposit_pending_minor, applied_minor=_applied(),
    )  # fmt: skip
    contact = fields_of(
        name=reservations.c.contact_name, phone=reservations.c.contact_phone, email=reservations.c.contact_email
    )
    return as_document(
        fields_of(
            *[column for column in reservations.c if column.name not in INTERNAL],
            contact=contact, tables=_tables(), deposit=deposit, no_show_grace_min=_grace(), status_history=_history(),
            refs=as_json(refs_of(reservations.c.id, reservations)),
        )
    )  # fmt: skip


def _sums() -> Any:
    """What the payments of a reservation amount to: paid, refunded, pending."""

    def total(column: Any, *statuses: str) -> Any:
        return func.coalesce(func.sum(case((payments.c.status.in_(statuses), column), else_=0)), 0)

    taken = (total(payments.c.amount_minor, *TAKEN), total(payments.c.refunded_minor, *TAKEN))
    return select(*(cast(each, BigInteger) for each in (*taken, total(payments.c.amount_minor, "created")))).where(
        payments.c.tenant_id == TENANT, payments.c.reservation_id == bindparam("reservation_id", type_=Text)
    )


def _list(filters: tuple[str, ...], statuses: int, sort: str, is_continued: bool) -> Any:
    """One page. The ids are chosen first, so documents are built for the rows of the page only."""
    column = reservations.c[SORTS[sort]]
    chosen = select(reservations.c.id).where(*_mine(*(_condition(name) for name in filters)))
    if statuses:
        names = [bindparam(f"is_status_{index}", type_=Text) for index in range(statuses)]
        chosen = chosen.where(reservations.c.status.in_(names))
    is_descending = sort.startswith("-")
    direction = [column.desc(), reservations.c.id.desc()] if is_descending else [column, reservations.c.id]
    if is_continued:
        last = tuple_(bindparam("after_us", type_=BigInteger), bindparam("after_id", type_=Text))
        row = tuple_(column, reservations.c.id)
        chosen = chosen.where(row < last if is_descending else row > last)
    page = chosen.order_by(*direction).limit(bindparam("rows", type_=BigInteger)).subquery()
    joined = reservations.join(page, page.c.id == reservations.c.id)
    return select(_document()).select_from(joined).where(*_mine()).order_by(*direction)


def _condition(name: str) -> Any:
    if name in BOUNDS:
        return BOUNDS[name](bindparam(name, type_=BigInteger))
    if name == "ref":
        return is_called(reservations.c.id, reservations)
    if name == "table_id":
        return exists(
            select(seated_at.c.id)
            .where(seated_at.c.tenant_id == TENANT, seated_at.c.reservation_id == reservations.c.id)
            .where(seated_at.c.table_id == bindparam(name, type_=Text))
            .correlate(reservations)
        )
    return reservations.c[name] == bindparam(name, type_=Text)


def _insert() -> Any:
    """Insert a reservation unless its natural key or its ref is taken; returns the id only when it was written."""
    values = {c.name: bindparam(c.name, type_=c.type) for c in reservations.c if c.name != "tenant_id"}
    return insert(reservations).values(tenant_id=TENANT, **values).on_conflict_do_nothing().returning(reservations.c.id)


def _change(names: tuple[str, ...]) -> Any:
    """Set the named columns (parameters new_<name>), the next version and the time of change."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=reservations.c[name].type) for name in names}
    values |= {"version": reservations.c.version + 1, "updated_at": bindparam("changed_at", type_=BigInteger)}
    return update(reservations).where(*_mine(_is_one())).values(values)


def _seated() -> Any:
    """The reservation that sits at a table: the one that came last, should an earlier one never have been closed."""
    joined = seated_at.join(
        reservations, (reservations.c.tenant_id == TENANT) & (reservations.c.id == seated_at.c.reservation_id)
    )
    return (
        select(reservations.c.id)
        .select_from(joined)
        .where(seated_at.c.tenant_id == TENANT, seated_at.c.table_id == bindparam("table_id", type_=Text))
        .where(reservations.c.status == "seated")
        .order_by(reservations.c.start_at.desc(), reservations.c.id.desc())
        .limit(1)
    )


one = registered_read("bookings.one", lambda: select(_document()).where(*_mine(_is_one())))
lock = registered_read("bookings.lock", lambda: select(reservations.c.id).where(*_mine(_is_one())).with_for_update())
try_lock = registered_read(
    "bookings.try_lock", lambda: select(reservations.c.id).where(*_mine(_is_one())).with_for_update(skip_locked=True)
)
by_reference = registered_read(
    "bookings.by_reference",
    lambda: select(reservations.c.id, reservations.c.content_digest).where(
        *_mine(
            reservations.c.source == bindparam("source", type_=Text),
            reservations.c.external_id == bindparam("external_id", type_=Text),
        )
    ),
)
listed = registered_read(
    "bookings.listed", _list, example=((*EQUALS, *BOUNDS, "ref", "table_id"), 2, "-created_at", True)
)
insert_reservation = registered_write("bookings.insert", _insert)
change = registered_write("bookings.change", _change, example=(("status",),))
leave_tables = registered_write(
    "bookings.leave_tables",
    lambda: delete(seated_at).where(
        seated_at.c.tenant_id == TENANT, seated_at.c.reservation_id == bindparam("reservation_id", type_=Text)
    ),
)
seated = registered_read("bookings.seated", _seated)
deposit_sums = registered_read("bookings.deposit_sums", _sums)
deposit_payments = registered_read(
    "bookings.deposit_payments",
    lambda: (
        select(payments.c.id, payments.c.status)
        .where(payments.c.tenant_id == TENANT, payments.c.reservation_id == bindparam("reservation_id", type_=Text))
        .order_by(payments.c.created_at, payments.c.id)
    ),
)
has_order = registered_read(
    "bookings.has_order",
    lambda: (
        select(orders.c.id)
        .where(orders.c.tenant_id == TENANT, orders.c.reservation_id == bindparam("reservation_id", type_=Text))
        .where(orders.c.status.not_in(WORTHLESS))
        .limit(1)
    ),
)
