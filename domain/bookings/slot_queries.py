"""Registered statements of what is taken: tables of a location, their slots, holds and the lock that orders bookings."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from domain.bookings.hours import SLOT_US
from domain.bookings.models import Hold
from domain.bookings.models import ReservationSlot
from domain.locations.models import DiningTable
from domain.locations.models import Location
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import fields_of

slots = ReservationSlot.__table__
holds = Hold.__table__
tables = DiningTable.__table__
locations = Location.__table__
SEATING = (
    tables.c.id, tables.c.name, tables.c.seats_min, tables.c.seats_max, tables.c.kind, tables.c.combinable_with,
    tables.c.is_active,
)  # fmt: skip


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _tables_of() -> Any:
    return (
        select(as_document(fields_of(*SEATING)))
        .where(tables.c.tenant_id == TENANT, tables.c.location_id == _text("location_id"))
        .order_by(tables.c.name, tables.c.id)
    )


def _taken() -> Any:
    """(table, from, to) of everything that blocks a table of a location in a window. A hold whose time is over does not."""
    here = select(tables.c.id).where(tables.c.tenant_id == TENANT, tables.c.location_id == _text("location_id"))
    is_over = exists(
        select(holds.c.id)
        .where(holds.c.tenant_id == TENANT, holds.c.id == slots.c.hold_id, holds.c.expires_at <= _big("now"))
        .correlate(slots)
    )
    return (
        select(slots.c.table_id, func.min(slots.c.slot_at), func.max(slots.c.slot_at) + SLOT_US)
        .where(slots.c.tenant_id == TENANT, slots.c.table_id.in_(here))
        .where(slots.c.slot_at >= _big("from_us"), slots.c.slot_at < _big("to_us"))
        .where(~is_over)
        .group_by(slots.c.table_id, slots.c.reservation_id, slots.c.hold_id)
    )


def _released(owner: Any) -> Any:
    return delete(slots).where(slots.c.tenant_id == TENANT, owner == _text("owner_id"))


def _hold() -> Any:
    columns = [column for column in holds.c if column.name != "tenant_id"]
    return select(as_document(fields_of(*columns))).where(holds.c.tenant_id == TENANT, holds.c.id == _text("hold_id"))


def _over() -> Any:
    """Active holds of a location whose time is over. Those another transaction is ending already are passed by."""
    return (
        select(holds.c.id)
        .where(holds.c.tenant_id == TENANT, holds.c.location_id == _text("location_id"))
        .where(holds.c.status == "active", holds.c.expires_at <= _big("now"))
        .order_by(holds.c.expires_at, holds.c.id)
        .with_for_update(skip_locked=True)
    )


def _change_hold() -> Any:
    return (
        update(holds)
        .where(holds.c.tenant_id == TENANT, holds.c.id == _text("hold_id"))
        .values(
            status=_text("new_status"), expires_at=_big("new_expires_at"), reservation_id=_text("new_reservation_id"),
            version=holds.c.version + 1, updated_at=_big("changed_at"),
        )
    )  # fmt: skip


# Bookings of one location wait for each other here. FOR NO KEY UPDATE lets orders refer to the location meanwhile.
lock_floor = registered_read(
    "bookings.lock_floor",
    lambda: (
        select(locations.c.id)
        .where(locations.c.tenant_id == TENANT, locations.c.id == _text("location_id"))
        .with_for_update(key_share=True)
    ),
)
tables_of = registered_read("bookings.tables_of", _tables_of)
taken = registered_read("bookings.taken", _taken)
release_reservation = registered_write("bookings.release_reservation", lambda: _released(slots.c.reservation_id))
release_hold = registered_write("bookings.release_hold", lambda: _released(slots.c.hold_id))
hold = registered_read("bookings.hold", _hold)
lock_hold = registered_read("bookings.lock_hold", lambda: _hold().with_for_update())
try_lock_hold = registered_read("bookings.try_lock_hold", lambda: _hold().with_for_update(skip_locked=True))
holds_over = registered_read("bookings.holds_over", _over)
change_hold = registered_write("bookings.change_hold", _change_hold)
