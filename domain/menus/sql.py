"""SQL that menu statements share: pages and arrays of what belongs to a row."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import literal_column
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_

from domain.locations.models import Location
from kit.documents import TENANT
from kit.json_sql import as_json
from kit.json_sql import id_list
from kit.json_sql import json_list

locations = Location.__table__


def text_param(name: str) -> Any:
    """A text parameter."""
    return bindparam(name, type_=Text)


def part(statement: Any) -> Any:
    """A scalar subquery that yields JSON, embedded as JSON."""
    return as_json(statement.scalar_subquery())


def sold_at(table: Any) -> Any:
    """The row belongs to the location asked for, or to all."""
    return or_(table.c.location_id.is_(None), table.c.location_id == text_param("location_id"))


def own_columns(table: Any, *left_out: str) -> list[Any]:
    """A table's columns without the tenant and those left out."""
    return [column for column in table.c if column.name not in ("tenant_id", *left_out)]


def paged(statement: Any, column: Any, row_id: Any, kind: Any, is_continued: bool) -> Any:
    """One page in the order (column, id), behind the row with the sort values after_value and after_id."""
    if is_continued:
        after = tuple_(bindparam("after_value", type_=kind), text_param("after_id"))
        statement = statement.where(tuple_(column, row_id) > after)
    return statement.order_by(column, row_id).limit(bindparam("rows", type_=BigInteger))


def ordered(document: Any, where: tuple[Any, ...], order: tuple[Any, ...], outer: Any) -> Any:
    """A JSON array of the documents of rows that belong to a row of `outer`, in order."""
    rows = select(document.label("doc")).where(*where).order_by(*order).correlate(outer).subquery()
    return as_json(select(json_list(rows.c.doc)).select_from(rows).scalar_subquery())


def ordered_ids(column: Any, where: tuple[Any, ...], order: tuple[Any, ...], outer: Any) -> Any:
    """A JSON array of one text column of rows that belong to a row of `outer`, in order."""
    rows = select(column.label("one")).where(*where).order_by(*order).correlate(outer).subquery()
    return as_json(select(id_list(rows.c.one)).select_from(rows).scalar_subquery())


def _of_location(column: Any, table: Any, fallback: str) -> Any:
    """A column of the row's location, or of the first one when the row has none."""
    own = (
        select(column)
        .where(locations.c.tenant_id == TENANT, locations.c.id == table.c.location_id)
        .correlate(table)
        .scalar_subquery()
    )
    return func.coalesce(own, _of_first_location(column), literal_column(fallback))


def _of_first_location(column: Any) -> Any:
    return select(column).where(locations.c.tenant_id == TENANT).order_by(locations.c.id).limit(1).scalar_subquery()


def zone_of(table: Any) -> Any:
    """Time zone of the row's location, or of the first one when it belongs to all."""
    return _of_location(locations.c.time_zone, table, "'UTC'")


def currency_of(table: Any) -> Any:
    """Currency of the row's location, or of the first one when it belongs to all."""
    return _of_location(locations.c.currency, table, "'EUR'")


def group_currency(groups: Any) -> Any:
    """Currency of a modifier group's prices: its own, or the first location's."""
    return func.coalesce(groups.c.currency, _of_first_location(locations.c.currency), literal_column("'EUR'"))
