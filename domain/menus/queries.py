"""Registered reads and writes of menus: documents of items, menus, modifier groups and taxes; stock."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import literal_column
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update

from domain.locations.models import Location
from domain.menus.availability import STOCK
from domain.menus.models import Category
from domain.menus.models import CategoryItem
from domain.menus.models import GroupPlacement
from domain.menus.models import Menu
from domain.menus.models import MenuItem
from domain.menus.models import Modifier
from domain.menus.models import ModifierGroup
from domain.menus.models import Tax
from domain.menus.models import Variation
from domain.menus.sql import id_list
from domain.menus.sql import one_of
from domain.menus.sql import sold_at
from domain.menus.sql import text_param
from kit.documents import TENANT
from kit.documents import as_document
from kit.documents import as_json
from kit.documents import fields_of
from kit.documents import json_list
from kit.documents import registered_read
from kit.documents import registered_write

locations = Location.__table__
items = MenuItem.__table__
menus = Menu.__table__
categories = Category.__table__
category_items = CategoryItem.__table__
variations = Variation.__table__
groups = ModifierGroup.__table__
placements = GroupPlacement.__table__
modifiers = Modifier.__table__
taxes = Tax.__table__


def _own_columns(table: Any) -> list[Any]:
    return [column for column in table.c if column.name != "tenant_id"]


def _page(statement: Any, column: Any, row_id: Any, kind: Any, is_continued: bool) -> Any:
    """One page in the order (column, id), behind the row with the sort values after_value and after_id."""
    if is_continued:
        after = tuple_(bindparam("after_value", type_=kind), text_param("after_id"))
        statement = statement.where(tuple_(column, row_id) > after)
    return statement.order_by(column, row_id).limit(bindparam("rows", type_=BigInteger))


def _ordered(document: Any, where: tuple[Any, ...], order: tuple[Any, ...], outer: Any) -> Any:
    """A JSON array of the documents of rows that belong to a row of `outer`, in order."""
    rows = select(document.label("doc")).where(*where).order_by(*order).correlate(outer).subquery()
    return as_json(select(json_list(rows.c.doc)).select_from(rows).scalar_subquery())


def _ordered_ids(column: Any, where: tuple[Any, ...], order: tuple[Any, ...], outer: Any) -> Any:
    rows = select(column.label("one")).where(*where).order_by(*order).correlate(outer).subquery()
    return as_json(select(id_list(rows.c.one)).select_from(rows).scalar_subquery())


def _item_document() -> Any:
    offered = _ordered(
        fields_of(*[c for c in _own_columns(variations) if c.name != "item_id"]),
        (variations.c.tenant_id == TENANT, variations.c.item_id == items.c.id),
        (variations.c.sort, variations.c.id),
        items,
    )
    group_ids = _ordered_ids(
        placements.c.group_id,
        (placements.c.tenant_id == TENANT, placements.c.item_id == items.c.id),
        (placements.c.sort, placements.c.group_id),
        items,
    )
    category_ids = _ordered_ids(
        category_items.c.category_id,
        (category_items.c.tenant_id == TENANT, category_items.c.item_id == items.c.id),
        (category_items.c.category_id,),
        items,
    )
    return as_document(
        fields_of(*_own_columns(items), variations=offered, modifier_group_ids=group_ids, category_ids=category_ids)
    )


def _zone_of_item() -> Any:
    """Time zone of the item's location, or of the first one when it is sold everywhere."""
    own = (
        select(locations.c.time_zone)
        .where(locations.c.tenant_id == TENANT, locations.c.id == items.c.location_id)
        .correlate(items)
        .scalar_subquery()
    )
    first = (
        select(locations.c.time_zone)
        .where(locations.c.tenant_id == TENANT)
        .order_by(locations.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(own, first, literal_column("'UTC'"))


def _item(location: bool) -> Any:
    statement = select(_item_document(), _zone_of_item())
    statement = statement.where(items.c.tenant_id == TENANT, items.c.id == text_param("item_id"))
    if location:
        statement = statement.where(sold_at(items))
    return statement


def _items(location: bool, updated: bool, is_continued: bool) -> Any:
    statement = select(_item_document(), _zone_of_item()).where(items.c.tenant_id == TENANT)
    if location:
        statement = statement.where(sold_at(items))
    if updated:
        # Rows change while a caller walks them, so this list is ordered by the change, not by the place on the menu.
        statement = statement.where(items.c.updated_at >= bindparam("updated_since", type_=BigInteger))
        return _page(statement, items.c.updated_at, items.c.id, BigInteger, is_continued)
    return _page(statement, items.c.sort, items.c.id, BigInteger, is_continued)


def _category_document() -> Any:
    item_ids = _ordered_ids(
        category_items.c.item_id,
        (category_items.c.tenant_id == TENANT, category_items.c.category_id == categories.c.id),
        (category_items.c.sort, category_items.c.item_id),
        categories,
    )
    return fields_of(*_own_columns(categories), item_ids=item_ids)


def _menu_document() -> Any:
    sections = _ordered(
        _category_document(),
        (categories.c.tenant_id == TENANT, categories.c.menu_id == menus.c.id),
        (categories.c.sort, categories.c.id),
        menus,
    )
    return as_document(fields_of(*_own_columns(menus), categories=sections))


def _menus(location: bool, is_continued: bool) -> Any:
    statement = select(_menu_document()).where(menus.c.tenant_id == TENANT)
    if location:
        statement = statement.where(sold_at(menus))
    return _page(statement, menus.c.sort, menus.c.id, BigInteger, is_continued)


def _categories(menu: bool, is_continued: bool) -> Any:
    statement = select(as_document(_category_document())).where(categories.c.tenant_id == TENANT)
    if menu:
        statement = statement.where(categories.c.menu_id == text_param("menu_id"))
    return _page(statement, categories.c.sort, categories.c.id, BigInteger, is_continued)


def _group_document() -> Any:
    nested = _ordered_ids(
        placements.c.group_id,
        (placements.c.tenant_id == TENANT, placements.c.modifier_id == modifiers.c.id),
        (placements.c.sort, placements.c.group_id),
        modifiers,
    )
    options = _ordered(
        fields_of(*[c for c in _own_columns(modifiers) if c.name != "group_id"], group_ids=nested),
        (modifiers.c.tenant_id == TENANT, modifiers.c.group_id == groups.c.id),
        (modifiers.c.sort, modifiers.c.id),
        groups,
    )
    return as_document(fields_of(*_own_columns(groups), modifiers=options))


def _groups(is_continued: bool) -> Any:
    statement = select(_group_document()).where(groups.c.tenant_id == TENANT)
    return _page(statement, groups.c.sort, groups.c.id, BigInteger, is_continued)


def _taxes(is_continued: bool) -> Any:
    statement = select(as_document(fields_of(*_own_columns(taxes)))).where(taxes.c.tenant_id == TENANT)
    return _page(statement, taxes.c.name, taxes.c.id, Text, is_continued)


def _required_modifiers() -> Any:
    """Per asked item the allergens of each option of its required groups (an extra can make a dish unsafe)."""
    joined = (
        placements.join(groups, and_(groups.c.tenant_id == TENANT, groups.c.id == placements.c.group_id))
        .join(modifiers, and_(modifiers.c.tenant_id == TENANT, modifiers.c.group_id == groups.c.id))
    )  # fmt: skip
    return (
        select(as_document(fields_of(placements.c.item_id, placements.c.group_id, modifiers.c.allergens)))
        .select_from(joined)
        .where(
            placements.c.tenant_id == TENANT,
            one_of(placements.c.item_id, text_param("item_ids")),
            or_(groups.c.is_required, groups.c.min_selections > 0),
        )
        .order_by(placements.c.item_id, placements.c.group_id, modifiers.c.id)
    )


def _take_stock() -> Any:
    count = bindparam("quantity", type_=BigInteger)
    return (
        update(items)
        .where(items.c.tenant_id == TENANT, items.c.id == text_param("item_id"), items.c.stock_count >= count)
        .values(
            stock_count=items.c.stock_count - count, version=items.c.version + 1,
            updated_at=bindparam("now", type_=BigInteger),
        )
        .returning(items.c.stock_count)
    )  # fmt: skip


def _give_stock() -> Any:
    count = bindparam("quantity", type_=BigInteger)
    return (
        update(items)
        .where(items.c.tenant_id == TENANT, items.c.id == text_param("item_id"), items.c.stock_count.is_not(None))
        .values(
            stock_count=items.c.stock_count + count, version=items.c.version + 1,
            updated_at=bindparam("now", type_=BigInteger),
        )
        .returning(items.c.stock_count)
    )  # fmt: skip


def _registered_one(name: str, table: Any, document: Callable[[], Any]) -> Any:
    return registered_read(
        name, lambda: select(document()).where(table.c.tenant_id == TENANT, table.c.id == text_param("one_id"))
    )


item = registered_read("menus.item", _item, example=(True,))
item_list = registered_read("menus.items", _items, example=(True, True, True))
menu = _registered_one("menus.menu", menus, _menu_document)
menu_list = registered_read("menus.menus", _menus, example=(True, True))
category_list = registered_read("menus.categories", _categories, example=(True, True))
group = _registered_one("menus.group", groups, _group_document)
group_list = registered_read("menus.groups", _groups, example=(True,))
tax_list = registered_read("menus.taxes", _taxes, example=(True,))
required_modifiers = registered_read("menus.required_modifiers", _required_modifiers)
tracked_stock = registered_read(
    "menus.tracked_stock",
    lambda: (
        select(items.c.stock_count)
        .where(items.c.tenant_id == TENANT, items.c.id == text_param("item_id"), items.c.stock_count.is_not(None))
    ),
)
suspend_out_of_stock = registered_write(
    "menus.suspend_out_of_stock",
    lambda: (
        update(items)
        .where(items.c.tenant_id == TENANT, items.c.id == text_param("item_id"))
        .values(is_suspended=True, suspend_reason=STOCK, suspended_until=None)
    ),
)
lift_out_of_stock = registered_write(
    "menus.lift_out_of_stock",
    lambda: (
        update(items)
        .where(
            items.c.tenant_id == TENANT, items.c.id == text_param("item_id"), items.c.is_suspended,
            items.c.suspend_reason == STOCK, items.c.stock_count > 0,
        )
        .values(is_suspended=False, suspend_reason=None, suspended_until=None)
        .returning(items.c.id)
    ),
)  # fmt: skip
take_stock = registered_write("menus.take_stock", _take_stock)
give_stock = registered_write("menus.give_stock", _give_stock)
