"""Registered reads and writes of menu items: documents, lists, what their options contain, stock."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy import update

from domain.menus.availability import STOCK
from domain.menus.models import CategoryItem
from domain.menus.models import GroupPlacement
from domain.menus.models import MenuItem
from domain.menus.models import Modifier
from domain.menus.models import ModifierGroup
from domain.menus.models import Variation
from domain.menus.sql import ordered
from domain.menus.sql import ordered_ids
from domain.menus.sql import own_columns
from domain.menus.sql import paged
from domain.menus.sql import sold_at
from domain.menus.sql import text_param
from domain.menus.sql import zone_of
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import one_of

items = MenuItem.__table__
category_items = CategoryItem.__table__
variations = Variation.__table__
groups = ModifierGroup.__table__
placements = GroupPlacement.__table__
modifiers = Modifier.__table__


def _item_document() -> Any:
    offered = ordered(
        fields_of(*own_columns(variations, "item_id")),
        (variations.c.tenant_id == TENANT, variations.c.item_id == items.c.id),
        (variations.c.sort, variations.c.id),
        items,
    )
    group_ids = ordered_ids(
        placements.c.group_id,
        (placements.c.tenant_id == TENANT, placements.c.item_id == items.c.id),
        (placements.c.sort, placements.c.group_id),
        items,
    )
    category_ids = ordered_ids(
        category_items.c.category_id,
        (category_items.c.tenant_id == TENANT, category_items.c.item_id == items.c.id),
        (category_items.c.category_id,),
        items,
    )
    return as_document(
        fields_of(
            *own_columns(items), variations=offered, modifier_group_ids=group_ids, category_ids=category_ids,
            refs=as_json(refs_of(items.c.id, items)),
        )
    )  # fmt: skip


def _item(is_at_location: bool, may_be_deleted: bool) -> Any:
    statement = select(_item_document(), zone_of(items))
    statement = statement.where(items.c.tenant_id == TENANT, items.c.id == text_param("item_id"))
    if not may_be_deleted:
        statement = statement.where(items.c.deleted_at.is_(None))
    return statement.where(sold_at(items)) if is_at_location else statement


def _item_set() -> Any:
    return select(_item_document(), zone_of(items)).where(
        items.c.tenant_id == TENANT, items.c.deleted_at.is_(None), one_of(items.c.id, text_param("item_ids"))
    )


def _items(is_at_location: bool, is_updated: bool, is_named: bool, is_continued: bool) -> Any:
    statement = select(_item_document(), zone_of(items)).where(items.c.tenant_id == TENANT, items.c.deleted_at.is_(None))
    if is_at_location:
        statement = statement.where(sold_at(items))
    if is_named:
        statement = statement.where(is_called(items.c.id, items))
    if is_updated:
        # Rows change while a caller walks them, so this list is ordered by the change, not by the place on the menu.
        statement = statement.where(items.c.updated_at >= bindparam("updated_since", type_=BigInteger))
        return paged(statement, items.c.updated_at, items.c.id, BigInteger, is_continued)
    return paged(statement, items.c.sort, items.c.id, BigInteger, is_continued)


def _required_modifiers() -> Any:
    """Per asked item the allergens of each option of its required groups (an extra can make a dish unsafe).

    A required group nested under such an option counts too, down to the third level.
    """
    levels = [_required_options(depth) for depth in (1, 2, 3)]
    found = union_all(*levels).subquery()
    return select(as_document(fields_of(found.c.item_id, found.c.allergens)))


def _required_options(depth: int) -> Any:
    """(item_id, allergens) of the options `depth` required groups below an item."""
    place, group, option = placements.alias(), groups.alias(), modifiers.alias()
    first, joined = place, place
    conditions: list[Any] = [one_of(place.c.item_id, text_param("item_ids"))]
    for level in range(depth):
        if level:
            place = placements.alias()
            joined = joined.join(place, and_(place.c.tenant_id == TENANT, place.c.modifier_id == option.c.id))
            group, option = groups.alias(), modifiers.alias()
        joined = joined.join(group, and_(group.c.tenant_id == TENANT, group.c.id == place.c.group_id))
        joined = joined.join(option, and_(option.c.tenant_id == TENANT, option.c.group_id == group.c.id))
        conditions.append(or_(group.c.is_required, group.c.min_selections > 0))
    statement = select(first.c.item_id, option.c.allergens).select_from(joined)
    return statement.where(first.c.tenant_id == TENANT, *conditions)


def _move_stock(sign: int, *conditions: Any) -> Any:
    count = bindparam("quantity", type_=BigInteger)
    return (
        update(items)
        .where(items.c.tenant_id == TENANT, items.c.id == text_param("item_id"), *conditions)
        .values(
            stock_count=items.c.stock_count + count if sign > 0 else items.c.stock_count - count,
            version=items.c.version + 1, updated_at=bindparam("now", type_=BigInteger),
        )
        .returning(items.c.stock_count)
    )  # fmt: skip


item = registered_read("menus.item", _item, example=(True, False))
item_set = registered_read("menus.item_set", _item_set)
item_list = registered_read("menus.items", _items, example=(True, True, True, True))
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
        .where(
            items.c.tenant_id == TENANT, items.c.id == text_param("item_id"),
            or_(~items.c.is_suspended, items.c.suspended_until <= bindparam("now", type_=BigInteger)),
        )
        .values(is_suspended=True, suspend_reason=STOCK, suspended_until=None)
        .returning(items.c.id)
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
take_stock = registered_write(
    "menus.take_stock", lambda: _move_stock(-1, items.c.stock_count >= bindparam("quantity", type_=BigInteger))
)
give_stock = registered_write("menus.give_stock", lambda: _move_stock(1, items.c.stock_count.is_not(None)))
