"""Registered reads of the restaurant, its locations, areas and dining tables."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import tuple_

from domain.locations.models import Area
from domain.locations.models import DiningTable
from domain.locations.models import Franchise
from domain.locations.models import Location
from domain.locations.models import OpeningHour
from domain.locations.models import SpecialHour
from domain.locations.models import StoreStatus
from domain.locations.models import TableLock
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.json_sql import as_bool
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import json_list

locations = Location.__table__
hours = OpeningHour.__table__
special = SpecialHour.__table__
statuses = StoreStatus.__table__
tables = DiningTable.__table__
locks = TableLock.__table__
areas = Area.__table__
franchises = Franchise.__table__
NEAR_DAYS = 4  # the local date differs from UTC's by one at most, and the evening before may reach past midnight


def _own_columns(table: Any) -> list[Any]:
    return [column for column in table.c if column.name != "tenant_id"]


def _hours() -> Any:
    rows = (
        select(fields_of(hours.c.weekday, hours.c.opens, hours.c.closes, hours.c.service).label("doc"))
        .where(hours.c.tenant_id == TENANT, hours.c.location_id == locations.c.id)
        .order_by(hours.c.weekday, hours.c.opens, hours.c.id)
        .correlate(locations)
        .subquery()
    )
    return as_json(select(json_list(rows.c.doc)).select_from(rows).scalar_subquery())


def _special_hours() -> Any:
    document = fields_of(special.c.is_closed, special.c.opens, special.c.closes, date=special.c.on_date)
    rows = (
        select(document.label("doc"))
        .where(special.c.tenant_id == TENANT, special.c.location_id == locations.c.id)
        .order_by(special.c.on_date, special.c.opens, special.c.id)
        .correlate(locations)
        .subquery()
    )
    return as_json(select(json_list(rows.c.doc)).select_from(rows).scalar_subquery())


def _status() -> Any:
    document = fields_of(
        statuses.c.status, statuses.c.reason, statuses.c.until, statuses.c.changed_at, statuses.c.changed_by
    )
    row = (
        select(document)
        .where(statuses.c.tenant_id == TENANT, statuses.c.location_id == locations.c.id)
        .correlate(locations)
    )
    return as_json(row.scalar_subquery())


def _document() -> Any:
    return as_document(
        fields_of(
            *_own_columns(locations), opening_hours=_hours(), special_hours=_special_hours(), status=_status(),
            refs=as_json(refs_of(locations.c.id, locations)),
        )
    )  # fmt: skip


def _has(table: Any) -> Any:
    found = select(table.c.id).where(table.c.tenant_id == TENANT, table.c.location_id == locations.c.id)
    return found.correlate(locations).exists()


def _serving() -> Any:
    """What placing an order needs of its location: its terms, when it is open around now and whether it is paused."""
    near = [bindparam(f"weekday_{number}", type_=BigInteger) for number in range(NEAR_DAYS)]
    weekly = (
        select(json_list(fields_of(hours.c.weekday, hours.c.opens, hours.c.closes, hours.c.service)))
        .where(hours.c.tenant_id == TENANT, hours.c.location_id == locations.c.id, hours.c.weekday.in_(near))
        .correlate(locations)
    )
    exceptions = (
        select(json_list(fields_of(special.c.is_closed, special.c.opens, special.c.closes, date=special.c.on_date)))
        .where(special.c.tenant_id == TENANT, special.c.location_id == locations.c.id)
        .correlate(locations)
    )
    document = fields_of(
        locations.c.id, locations.c.is_active, locations.c.time_zone, locations.c.day_cutover, locations.c.country,
        locations.c.currency, locations.c.price_mode, locations.c.tax_rounding, locations.c.default_tax_id,
        locations.c.auto_accept, has_hours=as_bool(_has(hours) | _has(special)), opening_hours=as_json(weekly.scalar_subquery()),
        special_hours=as_json(exceptions.scalar_subquery()), status=_status(),
    )  # fmt: skip
    return select(as_document(document)).where(
        locations.c.tenant_id == TENANT, locations.c.id == bindparam("location_id", type_=Text)
    )


def _position() -> Any:
    return tuple_(bindparam("after_name", type_=Text), bindparam("after_id", type_=Text))


def _list(is_filtered: bool, is_named: bool, is_continued: bool) -> Any:
    statement = select(_document()).where(locations.c.tenant_id == TENANT)
    if is_filtered:
        statement = statement.where(locations.c.is_active == bindparam("is_active", type_=Boolean))
    if is_named:
        statement = statement.where(is_called(locations.c.id, locations))
    return _paged(statement, locations.c.name, locations.c.id, is_continued)


def _paged(statement: Any, name: Any, row_id: Any, is_continued: bool) -> Any:
    if is_continued:
        statement = statement.where(tuple_(name, row_id) > _position())
    return statement.order_by(name, row_id).limit(bindparam("rows", type_=BigInteger))


def _table_document() -> Any:
    lock = (
        select(fields_of(locks.c.locked_by, locks.c.locked_at, locks.c.expires_at))
        .where(locks.c.tenant_id == TENANT, locks.c.table_id == tables.c.id)
        .correlate(tables)
        .scalar_subquery()
    )
    return as_document(
        fields_of(*_own_columns(tables), lock=as_json(lock), refs=as_json(refs_of(tables.c.id, tables)))
    )


def _tables_of(is_at_location: bool, is_in_area: bool, is_named: bool, is_continued: bool) -> Any:
    statement = select(_table_document()).where(tables.c.tenant_id == TENANT)
    if is_at_location:
        statement = statement.where(tables.c.location_id == bindparam("location_id", type_=Text))
    if is_in_area:
        statement = statement.where(tables.c.area_id == bindparam("area_id", type_=Text))
    if is_named:
        statement = statement.where(is_called(tables.c.id, tables))
    return _paged(statement, tables.c.name, tables.c.id, is_continued)


def _areas_of(is_at_location: bool, is_named: bool, is_continued: bool) -> Any:
    statement = select(_area_document()).where(areas.c.tenant_id == TENANT)
    if is_at_location:
        statement = statement.where(areas.c.location_id == bindparam("location_id", type_=Text))
    if is_named:
        statement = statement.where(is_called(areas.c.id, areas))
    return _paged(statement, areas.c.name, areas.c.id, is_continued)


def _area_document() -> Any:
    return as_document(fields_of(*_own_columns(areas), refs=as_json(refs_of(areas.c.id, areas))))


one = registered_read(
    "locations.one",
    lambda: select(_document()).where(
        locations.c.tenant_id == TENANT, locations.c.id == bindparam("location_id", type_=Text)
    ),
)
serving = registered_read("locations.serving", _serving)
first_two = registered_read(
    "locations.first_two",
    lambda: select(_document()).where(locations.c.tenant_id == TENANT).order_by(locations.c.id).limit(2),
)
listed = registered_read("locations.listed", _list, example=(True, True, True))
one_table = registered_read(
    "locations.one_table",
    lambda: select(_table_document()).where(
        tables.c.tenant_id == TENANT, tables.c.id == bindparam("table_id", type_=Text)
    ),
)
listed_tables = registered_read("locations.listed_tables", _tables_of, example=(True, True, True, True))
one_area = registered_read(
    "locations.one_area",
    lambda: select(_area_document()).where(areas.c.tenant_id == TENANT, areas.c.id == bindparam("area_id", type_=Text)),
)
listed_areas = registered_read("locations.listed_areas", _areas_of, example=(True, True, True))
franchise = registered_read(
    "locations.franchise",
    lambda: select(as_document(fields_of(*_own_columns(franchises)))).where(
        franchises.c.tenant_id == TENANT, franchises.c.id == TENANT
    ),
)
