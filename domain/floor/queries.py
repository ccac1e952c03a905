"""The one read of a live floor: tables, and the orders, reservations and holds that may matter to them now."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from domain.bookings.models import Hold
from domain.bookings.models import Reservation
from domain.bookings.models import ReservationStatusChange
from domain.bookings.models import ReservationTable
from domain.locations.models import DiningTable
from domain.locations.models import TableLock
from domain.orders.models import Order
from domain.orders.models import OrderStatusChange
from kit.documents import TENANT
from kit.documents import registered_read
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import json_list

tables = DiningTable.__table__
locks = TableLock.__table__
orders = Order.__table__
order_changes = OrderStatusChange.__table__
reservations = Reservation.__table__
reservation_tables = ReservationTable.__table__
reservation_changes = ReservationStatusChange.__table__
holds = Hold.__table__
_LOCATION = bindparam("location_id", type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _ended_at(changes: Any, owner_column: Any, owner: Any) -> Any:
    """When an order or reservation was completed."""
    return (
        select(func.max(changes.c.at))
        .where(changes.c.tenant_id == TENANT, owner_column == owner.c.id, changes.c.status == "completed")
        .correlate(owner)
        .scalar_subquery()
    )


def _tables() -> Any:
    lock = (
        select(fields_of(locks.c.locked_by, locks.c.expires_at))
        .where(locks.c.tenant_id == TENANT, locks.c.table_id == tables.c.id)
        .correlate(tables)
        .scalar_subquery()
    )
    columns = [column for column in tables.c if column.name not in ("tenant_id", "created_at")]
    return select(json_list(fields_of(*columns, lock=as_json(lock)))).where(
        tables.c.tenant_id == TENANT, tables.c.location_id == _LOCATION, tables.c.is_active
    )


def _orders() -> Any:
    """Orders at a table that are open or unpaid, or ended a short while ago."""
    ended_at = _ended_at(order_changes, order_changes.c.order_id, orders)
    document = fields_of(
        orders.c.id, orders.c.number, orders.c.table_id, orders.c.status, orders.c.currency, orders.c.total_minor,
        orders.c.due_minor, orders.c.created_at, ended_at=ended_at,
    )  # fmt: skip
    is_open = orders.c.status.in_(("pending", "accepted", "preparing", "ready", "picked_up"))
    is_recent = and_(orders.c.status == "completed", orders.c.updated_at >= _big("since"))
    return select(json_list(document)).where(
        orders.c.tenant_id == TENANT, orders.c.location_id == _LOCATION, orders.c.table_id.is_not(None),
        or_(is_open, is_recent),
    )  # fmt: skip


def _reservations() -> Any:
    """Reservations whose party sits, is due soon or has left a short while ago, once per table."""
    ended_at = _ended_at(reservation_changes, reservation_changes.c.reservation_id, reservations)
    document = fields_of(
        reservations.c.id, reservation_tables.c.table_id, reservations.c.status, reservations.c.start_at,
        reservations.c.end_at, reservations.c.party_size, ended_at=ended_at,
    )  # fmt: skip
    is_due = and_(
        reservations.c.status.in_(("requested", "confirmed", "arrived")), reservations.c.start_at <= _big("soon"),
        reservations.c.end_at > _big("now"),
    )  # fmt: skip
    is_recent = and_(reservations.c.status == "completed", reservations.c.updated_at >= _big("since"))
    return (
        select(json_list(document))
        .select_from(
            reservation_tables.join(
                reservations,
                and_(reservations.c.tenant_id == TENANT, reservations.c.id == reservation_tables.c.reservation_id),
            )
        )
        .where(
            reservation_tables.c.tenant_id == TENANT, reservations.c.location_id == _LOCATION,
            or_(reservations.c.status == "seated", is_due, is_recent),
        )
    )  # fmt: skip


def _holds() -> Any:
    document = fields_of(holds.c.id, holds.c.table_ids, holds.c.start_at, holds.c.expires_at)
    return select(json_list(document)).where(
        holds.c.tenant_id == TENANT, holds.c.location_id == _LOCATION, holds.c.status == "active",
        holds.c.expires_at > _big("now"), holds.c.start_at <= _big("soon"), holds.c.end_at > _big("now"),
    )  # fmt: skip


floor = registered_read(
    "floor.now",
    lambda: select(
        *(as_document(part.scalar_subquery()) for part in (_tables(), _orders(), _reservations(), _holds()))
    ),
)
