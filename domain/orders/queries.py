"""Registered statements of orders: the order document, lists of it, locks and the writes of the hot path."""

from typing import Any

import orjson
from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.orders.models import Order
from domain.orders.models import OrderCounter
from domain.orders.models import OrderLine
from domain.orders.models import OrderStatusChange
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import json_list

orders = Order.__table__
lines = OrderLine.__table__
changes = OrderStatusChange.__table__
counters = OrderCounter.__table__
INTERNAL = ("tenant_id", "content_digest")
EQUALS = ("location_id", "source", "payment_status", "customer_id", "reservation_id", "table_id", "external_id")
BOUNDS = {
    "created_from_us": orders.c.created_at.__ge__,
    "created_to_us": orders.c.created_at.__lt__,
    "updated_since_us": orders.c.updated_at.__ge__,
}
JSON_COLUMNS = frozenset(column.name for column in orders.c if isinstance(column.type, JSON))
SORTS = {"-created_at": "created_at", "created_at": "created_at", "updated_at": "updated_at"}


def parameters(columns: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Column values of an order as driver parameters: JSON columns as text."""
    return {
        prefix + name: orjson.dumps(value).decode() if name in JSON_COLUMNS and value is not None else value
        for name, value in columns.items()
    }


def _own(table: Any) -> list[Any]:
    return [column for column in table.c if column.name not in INTERNAL]


def _part(document: Any, table: Any, *order: Any) -> Any:
    """The rows of `table` that belong to an order as an ordered JSON array."""
    rows = (
        select(document.label("doc"))
        .where(table.c.tenant_id == TENANT, table.c.order_id == orders.c.id)
        .order_by(*order)
        .correlate(orders)
        .subquery()
    )
    return as_json(select(json_list(rows.c.doc)).select_from(rows).scalar_subquery())


def _document() -> Any:
    shown = [column for column in _own(lines) if column.name != "order_id"]
    history = fields_of(changes.c.status, changes.c.at, changes.c.actor_type, changes.c.actor_id, changes.c.reason)
    return as_document(
        fields_of(
            *_own(orders),
            lines=_part(fields_of(*shown), lines, lines.c.state != "active", lines.c.position),
            status_history=_part(history, changes, changes.c.position),
            refs=as_json(refs_of(orders.c.id, orders)),
        )
    )


def _mine(*more: Any) -> tuple[Any, ...]:
    return (orders.c.tenant_id == TENANT, *more)


def _is_order() -> Any:
    return orders.c.id == bindparam("order_id", type_=Text)


def _list(filters: tuple[str, ...], statuses: int, sort: str, is_continued: bool) -> Any:
    """One page. The ids are chosen first, so documents are built for the rows of the page only."""
    column = orders.c[SORTS[sort]]
    chosen = select(orders.c.id).where(*_mine(*(_condition(name) for name in filters)))
    if statuses:
        chosen = chosen.where(
            orders.c.status.in_([bindparam(f"status_{index}", type_=Text) for index in range(statuses)])
        )
    direction = [column.desc(), orders.c.id.desc()] if sort.startswith("-") else [column, orders.c.id]
    if is_continued:
        row, last = (
            tuple_(column, orders.c.id),
            tuple_(bindparam("after_us", type_=BigInteger), bindparam("after_id", type_=Text)),
        )
        chosen = chosen.where(row < last if sort.startswith("-") else row > last)
    page = chosen.order_by(*direction).limit(bindparam("rows", type_=BigInteger)).subquery()
    joined = orders.join(page, page.c.id == orders.c.id)
    return select(_document()).select_from(joined).where(*_mine()).order_by(*direction)


def _condition(name: str) -> Any:
    if name in BOUNDS:
        return BOUNDS[name](bindparam(name, type_=BigInteger))
    if name == "ref":
        return is_called(orders.c.id, orders)
    return orders.c[name] == bindparam(name, type_=Text)


def _next_number() -> Any:
    first = insert(counters).values(tenant_id=TENANT, id=bindparam("counter_id", type_=Text), last_number=1)
    return first.on_conflict_do_update(
        index_elements=[counters.c.tenant_id, counters.c.id], set_={"last_number": counters.c.last_number + 1}
    ).returning(counters.c.last_number)


def _insert() -> Any:
    """Insert an order unless its natural key is taken; returns the id only when it was written."""
    values = {
        column.name: bindparam(column.name, type_=column.type) for column in orders.c if column.name != "tenant_id"
    }
    return (
        insert(orders)
        .values(tenant_id=TENANT, **values)
        .on_conflict_do_nothing(
            index_elements=[orders.c.tenant_id, orders.c.source, orders.c.external_id],
            index_where=orders.c.external_id.is_not(None),
        )
        .returning(orders.c.id)
    )


def _change(names: tuple[str, ...]) -> Any:
    """Set the named columns (parameters new_<name>), the next version and the time of change."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=orders.c[name].type) for name in names}
    values |= {"version": orders.c.version + 1, "updated_at": bindparam("changed_at", type_=BigInteger)}
    return update(orders).where(*_mine(_is_order())).values(values)


def _change_line(names: tuple[str, ...]) -> Any:
    """Set the named columns (parameters new_<name>) of one line."""
    values = {name: bindparam(f"new_{name}", type_=lines.c[name].type) for name in names}
    is_line = (lines.c.order_id == bindparam("order_id", type_=Text), lines.c.id == bindparam("line_id", type_=Text))
    return update(lines).where(lines.c.tenant_id == TENANT, *is_line).values(values)


one = registered_read("orders.one", lambda: select(_document()).where(*_mine(_is_order())))
lock = registered_read("orders.lock", lambda: select(orders.c.id).where(*_mine(_is_order())).with_for_update())
by_reference = registered_read(
    "orders.by_reference",
    lambda: select(orders.c.id, orders.c.content_digest).where(
        *_mine(
            orders.c.source == bindparam("source", type_=Text),
            orders.c.external_id == bindparam("external_id", type_=Text),
        )
    ),
)
listed = registered_read("orders.listed", _list, example=((*EQUALS, *BOUNDS, "ref"), 2, "-created_at", True))
next_number = registered_write("orders.next_number", _next_number)
insert_order = registered_write("orders.insert", _insert)
change = registered_write("orders.change", _change, example=(("status",),))
change_line = registered_write("orders.change_line", _change_line, example=(("net_minor",),))
