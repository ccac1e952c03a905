"""Registered reads and writes of menus, their categories, the whole nested menu, and upload jobs."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union
from sqlalchemy import update

from domain.menus.models import Category
from domain.menus.models import CategoryItem
from domain.menus.models import GroupPlacement
from domain.menus.models import Menu
from domain.menus.models import MenuItem
from domain.menus.models import MenuJob
from domain.menus.models import Modifier
from domain.menus.models import ModifierGroup
from domain.menus.models import Variation
from domain.menus.sql import currency_of
from domain.menus.sql import group_currency
from domain.menus.sql import locations
from domain.menus.sql import ordered
from domain.menus.sql import ordered_ids
from domain.menus.sql import own_columns
from domain.menus.sql import paged
from domain.menus.sql import sold_at
from domain.menus.sql import text_param
from domain.references.models import Reference
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import json_list
from kit.json_sql import one_of

menus = Menu.__table__
categories = Category.__table__
category_items = CategoryItem.__table__
items = MenuItem.__table__
variations = Variation.__table__
groups = ModifierGroup.__table__
placements = GroupPlacement.__table__
modifiers = Modifier.__table__
references = Reference.__table__
jobs = MenuJob.__table__


def _category_document() -> Any:
    item_ids = ordered_ids(
        category_items.c.item_id,
        (category_items.c.tenant_id == TENANT, category_items.c.category_id == categories.c.id),
        (category_items.c.sort, category_items.c.item_id),
        categories,
    )
    return fields_of(*own_columns(categories), item_ids=item_ids, refs=as_json(refs_of(categories.c.id, categories)))


def _menu_document() -> Any:
    sections = ordered(
        _category_document(),
        (categories.c.tenant_id == TENANT, categories.c.menu_id == menus.c.id),
        (categories.c.sort, categories.c.id),
        menus,
    )
    return as_document(
        fields_of(
            *own_columns(menus), currency=currency_of(menus), categories=sections, refs=as_json(refs_of(menus.c.id, menus))
        )
    )


def _menu(may_be_deleted: bool) -> Any:
    statement = select(_menu_document()).where(menus.c.tenant_id == TENANT, menus.c.id == text_param("menu_id"))
    return statement if may_be_deleted else statement.where(menus.c.deleted_at.is_(None))


def _menus(is_at_location: bool, is_updated: bool, is_named: bool, is_continued: bool) -> Any:
    statement = select(_menu_document()).where(menus.c.tenant_id == TENANT, menus.c.deleted_at.is_(None))
    if is_at_location:
        statement = statement.where(sold_at(menus))
    if is_named:
        statement = statement.where(is_called(menus.c.id, menus))
    if is_updated:
        statement = statement.where(menus.c.updated_at >= bindparam("updated_since", type_=BigInteger))
        return paged(statement, menus.c.updated_at, menus.c.id, BigInteger, is_continued)
    return paged(statement, menus.c.sort, menus.c.id, BigInteger, is_continued)


def _categories(is_of_menu: bool, is_named: bool, is_continued: bool) -> Any:
    statement = select(as_document(_category_document())).where(categories.c.tenant_id == TENANT)
    if is_of_menu:
        statement = statement.where(categories.c.menu_id == text_param("menu_id"))
    if is_named:
        statement = statement.where(is_called(categories.c.id, categories))
    return paged(statement, categories.c.sort, categories.c.id, BigInteger, is_continued)


def _whole_menu() -> Any:
    """Everything one menu shows, as flat lists to be put together by the caller. No row when the menu is not there."""
    its_items = (
        select(category_items.c.item_id)
        .join(categories, and_(categories.c.tenant_id == TENANT, categories.c.id == category_items.c.category_id))
        .where(category_items.c.tenant_id == TENANT, categories.c.menu_id == text_param("menu_id"))
        .distinct()
        .cte("its_items")
    )
    item_ids = select(its_items.c.item_id)
    group_ids = select(_groups_below(item_ids).c.group_id)
    of_item, of_group = placements.alias(), placements.alias()
    option_ids = select(modifiers.c.id).where(modifiers.c.tenant_id == TENANT, modifiers.c.group_id.in_(group_ids))
    parts = (
        _rows(locations, fields_of(locations.c.id, locations.c.time_zone)),
        _rows(items, fields_of(*own_columns(items)), items.c.id.in_(item_ids)),
        _rows(variations, fields_of(*own_columns(variations)), variations.c.item_id.in_(item_ids)),
        _rows(
            category_items, fields_of(category_items.c.item_id, category_items.c.category_id),
            category_items.c.item_id.in_(item_ids),
        ),
        _rows(
            of_item, fields_of(of_item.c.item_id, of_item.c.group_id, of_item.c.sort), of_item.c.item_id.in_(item_ids)
        ),
        _rows(groups, fields_of(*own_columns(groups, "currency"), currency=group_currency(groups)), groups.c.id.in_(group_ids)),
        _rows(modifiers, fields_of(*own_columns(modifiers)), modifiers.c.group_id.in_(group_ids)),
        _rows(
            of_group, fields_of(of_group.c.modifier_id, of_group.c.group_id, of_group.c.sort),
            of_group.c.modifier_id.in_(option_ids),
        ),
        _rows(
            references, fields_of(references.c.object_id, references.c.product, type=references.c.noun, id=references.c.value),
            references.c.object_id.in_(item_ids),
        ),
    )  # fmt: skip
    return select(_menu_document(), *parts).where(
        menus.c.tenant_id == TENANT, menus.c.id == text_param("menu_id"), menus.c.deleted_at.is_(None)
    )


def _rows(table: Any, document: Any, *conditions: Any) -> Any:
    inner = select(json_list(document)).select_from(table).where(table.c.tenant_id == TENANT, *conditions)
    return as_document(inner.scalar_subquery())


def _groups_below(item_ids: Any) -> Any:
    """The groups placed on items and those nested below them, down to the third level."""
    level: Any = (
        select(placements.c.group_id)
        .where(placements.c.tenant_id == TENANT, placements.c.item_id.in_(item_ids))
        .cte("groups_1")
    )
    levels = [level]
    for depth in (2, 3):
        place, option = placements.alias(), modifiers.alias()
        level = (
            select(place.c.group_id)
            .join(option, and_(option.c.tenant_id == TENANT, option.c.id == place.c.modifier_id))
            .where(place.c.tenant_id == TENANT, option.c.group_id.in_(select(level.c.group_id)))
            .cte(f"groups_{depth}")
        )
        levels.append(level)
    return union(*(select(level.c.group_id) for level in levels)).cte("its_groups")


def _menus_with() -> Any:
    """The menus that show one of the asked items."""
    return (
        select(categories.c.menu_id)
        .join(category_items, and_(category_items.c.tenant_id == TENANT, category_items.c.category_id == categories.c.id))
        .where(categories.c.tenant_id == TENANT, one_of(category_items.c.item_id, text_param("item_ids")))
        .distinct()
    )


def _category_homes() -> Any:
    """(id, menu_id, location_id, currency) of the asked categories' menus."""
    return (
        select(categories.c.id, categories.c.menu_id, menus.c.location_id, locations.c.currency)
        .join(menus, and_(menus.c.tenant_id == TENANT, menus.c.id == categories.c.menu_id))
        .outerjoin(locations, and_(locations.c.tenant_id == TENANT, locations.c.id == menus.c.location_id))
        .where(categories.c.tenant_id == TENANT, one_of(categories.c.id, text_param("category_ids")))
    )


def _stamp() -> Any:
    """Write a menu's new content hash. The hash is no edit of the menu itself, so its version stays."""
    return (
        update(menus)
        .where(
            menus.c.tenant_id == TENANT, menus.c.id == text_param("menu_id"),
            or_(menus.c.version_hash.is_(None), menus.c.version_hash != text_param("version_hash")),
        )
        .values(version_hash=text_param("version_hash"), updated_at=bindparam("now", type_=BigInteger))
        .returning(menus.c.id)
    )  # fmt: skip


def _unfinished_before() -> Any:
    """An older job of the same menu that has not ended."""
    return (
        select(jobs.c.id)
        .where(
            jobs.c.tenant_id == TENANT, jobs.c.menu_id == text_param("menu_id"), jobs.c.id < text_param("job_id"),
            jobs.c.state.in_(("queued", "running")),
        )
        .limit(1)
    )  # fmt: skip


menu = registered_read("menus.menu", _menu, example=(False,))
menu_list = registered_read("menus.menus", _menus, example=(True, True, True, True))
category = registered_read(
    "menus.category",
    lambda: select(as_document(_category_document())).where(
        categories.c.tenant_id == TENANT, categories.c.id == text_param("category_id")
    ),
)
category_list = registered_read("menus.categories", _categories, example=(True, True, True))
whole_menu = registered_read("menus.whole", _whole_menu)
menus_with = registered_read("menus.menus_with", _menus_with)
category_homes = registered_read("menus.category_homes", _category_homes)
currencies = registered_read(
    "menus.currencies",
    lambda: select(locations.c.id, locations.c.currency).where(locations.c.tenant_id == TENANT).order_by(locations.c.id),
)
stamp = registered_write("menus.stamp", _stamp)
job = registered_read(
    "menus.job",
    lambda: select(as_document(fields_of(*own_columns(jobs, "document", "notes")))).where(
        jobs.c.tenant_id == TENANT, jobs.c.id == text_param("job_id")
    ),
)
unfinished_before = registered_read("menus.unfinished_before", _unfinished_before)
