"""Registered statements of reports: each sums up a span in the database and returns compact rows."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Float
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import cast
from sqlalchemy import distinct
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import type_coerce

from domain.analytics.periods import HOUR_US
from domain.analytics.sql import text_of
from domain.locations.models import Location
from domain.menus.models import MenuItem
from domain.orders.models import Order
from domain.orders.models import OrderLine
from kit.documents import TENANT
from kit.documents import registered_read

orders = Order.__table__
lines = OrderLine.__table__
items = MenuItem.__table__
locations = Location.__table__

SOLD = ("pending", "accepted", "preparing", "ready", "picked_up", "completed")
# What a report of sales sums up, in this order.
FIGURES = ("orders", "gross_minor", "discount_minor", "charges_minor", "tax_minor", "tip_minor", "total_minor", "refunded_minor")
LINE_FIGURES = ("quantity", "gross_minor", "net_minor", "revenue_minor", "costed_minor", "cost_minor", "costed_lines")


def total(expression: Any) -> Any:
    """Sum as a 64-bit integer, 0 for no rows."""
    return cast(func.coalesce(func.sum(expression), 0), BigInteger)


def within(filters: tuple[str, ...]) -> tuple[Any, ...]:
    """Conditions: the tenant's orders of the span's business dates, and of a location or currency."""
    return (
        orders.c.tenant_id == TENANT,
        orders.c.business_date.between(bindparam("from_date", type_=Text), bindparam("to_date", type_=Text)),
        *(orders.c[name] == bindparam(name, type_=Text) for name in filters),
    )


def figures() -> tuple[Any, ...]:
    """The sums of FIGURES over sold orders. tax: all of it, whether inside the prices or on top of them."""
    table = orders.c
    return (
        func.count(), total(table.subtotal_minor), total(table.discount_minor), total(table.charges_minor),
        total(table.tax_minor + table.tax_included_minor), total(table.tip_minor), total(table.total_minor),
        total(table.refunded_minor),
    )  # fmt: skip


def _hour() -> Any:
    """Hours from the span's start until an order was made."""
    return (type_coerce(orders.c.created_at, BigInteger) - bindparam("start_us", type_=BigInteger)) // HOUR_US


def _grouped(statement: Any, groups: tuple[str, ...]) -> Any:
    """Group by labelled keys under their labels: PostgreSQL takes two parameters of one value for two expressions."""
    return statement.group_by(*(f"by_{name}" for name in groups))


def _keys(groups: tuple[str, ...]) -> list[Any]:
    return [(_hour() if name == "hour" else orders.c[name]).label(f"by_{name}") for name in groups]


def _sales(groups: tuple[str, ...], filters: tuple[str, ...]) -> Any:
    statement = select(*_keys(groups), *figures()).where(*within(filters), orders.c.status.in_(SOLD))
    return _grouped(statement, groups)


def _orders_by_status(groups: tuple[str, ...], filters: tuple[str, ...]) -> Any:
    statement = select(*_keys(groups), orders.c.status.label("by_status"), func.count(), total(orders.c.total_minor))
    return _grouped(statement.where(*within(filters), orders.c.status != "draft"), (*groups, "status"))


def _orders_by_fulfillment(filters: tuple[str, ...]) -> Any:
    kind = text_of(orders.c.fulfillment, "type").label("by_type")
    statement = select(orders.c.currency.label("by_currency"), kind, func.count(), total(orders.c.total_minor))
    return _grouped(statement.where(*within(filters), orders.c.status.in_(SOLD)), ("currency", "type"))


def _line_figures() -> tuple[Any, ...]:
    """The sums of LINE_FIGURES. revenue: net without the tax inside it. cost: at today's cost of the item, where known."""
    rate = cast(func.coalesce(lines.c.tax_rate, "0"), Float)
    untaxed = cast(func.round(lines.c.net_minor / (1 + rate)), BigInteger)
    revenue = case((orders.c.price_mode == "inclusive", untaxed), else_=lines.c.net_minor)
    is_costed = items.c.cost_minor.is_not(None)
    return (
        total(lines.c.quantity), total(lines.c.gross_minor), total(lines.c.net_minor), total(revenue),
        total(case((is_costed, revenue), else_=0)), total(items.c.cost_minor * lines.c.quantity),
        total(case((is_costed, 1), else_=0)),
    )  # fmt: skip


def _sold_lines(filters: tuple[str, ...], *columns: Any) -> Any:
    sold = orders.join(lines, and_(lines.c.tenant_id == TENANT, lines.c.order_id == orders.c.id))
    sold = sold.outerjoin(items, and_(items.c.tenant_id == TENANT, items.c.id == lines.c.item_id))
    conditions = (*within(filters), orders.c.status.in_(SOLD), lines.c.state == "active")
    return select(*columns, func.count(distinct(orders.c.id)), *_line_figures()).select_from(sold).where(*conditions)


def _lines(groups: tuple[str, ...], filters: tuple[str, ...]) -> Any:
    return _grouped(_sold_lines(filters, *_keys(groups)), groups)


def _ranking(filters: tuple[str, ...]) -> Any:
    """What sold best, by net amount. Lines without an item of the menu are told apart by their name."""
    item, currency = lines.c.item_id.label("by_item"), orders.c.currency.label("by_currency")
    free_name = case((lines.c.item_id.is_(None), lines.c.name), else_="").label("by_free_name")
    name = func.coalesce(func.max(items.c.name), func.max(lines.c.name))
    statement = _grouped(_sold_lines(filters, currency, item, free_name, name), ("currency", "item", "free_name"))
    ranked = statement.order_by(total(lines.c.net_minor).desc(), "by_item", "by_free_name")
    return ranked.limit(bindparam("row_limit", type_=Integer))


def _places(has_location: bool) -> Any:
    table = locations.c
    columns = (table.id, table.name, table.currency, table.time_zone, table.day_cutover)
    statement = select(*columns).where(table.tenant_id == TENANT).order_by(table.name, table.id)
    return statement.where(table.id == bindparam("location_id", type_=Text)) if has_location else statement


_EXAMPLE = (("business_date", "hour", "currency"), ("location_id", "currency"))
sales = registered_read("analytics.sales", _sales, example=_EXAMPLE)
orders_by_status = registered_read("analytics.orders_by_status", _orders_by_status, example=_EXAMPLE)
orders_by_fulfillment = registered_read(
    "analytics.orders_by_fulfillment", _orders_by_fulfillment, example=(("location_id", "currency"),)
)
sold_lines = registered_read("analytics.lines", _lines, example=_EXAMPLE)
ranking = registered_read("analytics.ranking", _ranking, example=(("location_id", "currency"),))
places = registered_read("analytics.places", _places, example=(True,))
