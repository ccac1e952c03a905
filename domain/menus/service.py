"""Menus: the capability's front door. Items and stock live in items.py and stock.py and are offered here too."""

from typing import Any

import orjson

from domain.menus import catalog_queries
from domain.menus import queries
from domain.menus.availability import availability
from domain.menus.catalog import Catalog
from domain.menus.catalog import CatalogCharge
from domain.menus.catalog import CatalogGroup
from domain.menus.catalog import CatalogItem
from domain.menus.catalog import CatalogModifier
from domain.menus.catalog import CatalogTax
from domain.menus.items import get_item
from domain.menus.items import list_items
from domain.menus.stock import UNSET
from domain.menus.stock import release_stock
from domain.menus.stock import reserve_stock
from domain.menus.stock import return_due_items
from domain.menus.stock import set_item_availability
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import tenant_now_us

__all__ = [
    "UNSET", "catalog_for", "get_item", "get_menu", "get_modifier_group", "list_categories", "list_items", "list_menus",
    "list_modifier_groups", "list_taxes", "release_stock", "reserve_stock", "return_due_items", "set_item_availability",
]  # fmt: skip


def get_menu(scope: Scope, *, menu_id: str) -> Document:
    """Read one menu with its categories and their item ids. Raises NotFound."""
    return _found(queries.menu.document(scope, one_id=menu_id), f"There is no menu {menu_id}.")


def list_menus(scope: Scope, *, limit: int, after: list[Any] | None, location_id: str | None = None) -> list[Document]:
    """List up to limit + 1 menus. `after` is [sort, id] of the last one of the page before."""
    return queries.menu_list.documents(
        scope, location_id is not None, after is not None, location_id=location_id, **_position(after), rows=limit + 1
    )


def list_categories(scope: Scope, *, limit: int, after: list[Any] | None, menu_id: str | None = None) -> list[Document]:
    """List up to limit + 1 categories. `after` is [sort, id] of the last one of the page before."""
    return queries.category_list.documents(
        scope, menu_id is not None, after is not None, menu_id=menu_id, **_position(after), rows=limit + 1
    )


def get_modifier_group(scope: Scope, *, group_id: str) -> Document:
    """Read one modifier group with its modifiers. Raises NotFound."""
    return _found(queries.group.document(scope, one_id=group_id), f"There is no modifier group {group_id}.")


def list_modifier_groups(scope: Scope, *, limit: int, after: list[Any] | None) -> list[Document]:
    """List up to limit + 1 modifier groups. `after` is [sort, id] of the last one of the page before."""
    return queries.group_list.documents(scope, after is not None, **_position(after), rows=limit + 1)


def list_taxes(scope: Scope, *, limit: int, after: list[Any] | None) -> list[Document]:
    """List up to limit + 1 taxes by name. `after` is [name, id] of the last one of the page before."""
    return queries.tax_list.documents(scope, after is not None, **_position(after), rows=limit + 1)


def catalog_for(scope: Scope, *, location: Document, item_ids: list[str], modifier_ids: list[str]) -> Catalog:
    """Read what pricing needs to know about these items and modifiers at one location, in one statement.

    Holds the asked items the location sells, the asked modifiers, the groups placed on those items or nested under
    those modifiers, and the location's charges and default tax. Unknown ids are simply absent.
    """
    row = catalog_queries.catalog.row(
        scope, item_ids=_json(item_ids), modifier_ids=_json(modifier_ids),
        location_id=location["id"], default_tax_id=location["default_tax_id"],
    )  # fmt: skip
    items, groups, modifiers, charges, default_tax = (_parsed(part) for part in row or ())
    now_us, zone = tenant_now_us(scope), location["time_zone"]
    return Catalog(
        items={item["id"]: _catalog_item(item, now_us, zone) for item in items},
        groups={group["id"]: CatalogGroup(**group) for group in groups},
        modifiers={modifier["id"]: _catalog_modifier(modifier, now_us, zone) for modifier in modifiers},
        charges={charge["id"]: CatalogCharge(**charge) for charge in charges},
        default_tax=CatalogTax(**default_tax) if default_tax else None,
    )


def _catalog_item(item: Document, now_us: int, zone: str) -> CatalogItem:
    available, reason, again_at = availability(item, now_us=now_us, time_zone=zone)
    return CatalogItem(
        item["id"], item["name"], item["currency"], item["location_id"], item["base_price_minor"],
        {row["id"]: (row["name"], row["price_minor"]) for row in item["variations"]},
        item["tax_id"], item["tax_name"], item["tax_rate"], item["allergens"],
        available, reason, again_at, item["stock_count"], item["group_ids"],
    )  # fmt: skip


def _catalog_modifier(row: Document, now_us: int, zone: str) -> CatalogModifier:
    return CatalogModifier(
        row["id"], row["name"], row["price_minor"], row["max_quantity"], row["group_id"],
        availability(row, now_us=now_us, time_zone=zone).available, row["group_ids"], row["allergens"],
    )  # fmt: skip


def _found(document: Document | None, message: str) -> Document:
    if document is None:
        raise NotFound(message)
    return document


def _position(after: list[Any] | None) -> dict[str, Any]:
    value, last_id = after or (None, None)
    return {"after_value": value, "after_id": last_id}


def _json(ids: list[str]) -> str:
    return orjson.dumps(ids).decode()


def _parsed(part: Any) -> Any:
    """SQLite hands JSON over as text, psycopg already parsed."""
    return orjson.loads(part) if isinstance(part, str) else part
