"""Menus: the door of the capability. What it offers lives in the modules beside it, by what it is about.

Everything that changes something records its events; nothing here commits.
"""

from typing import Any

import orjson

from domain.menus import catalog_queries
from domain.menus import menu_queries
from domain.menus.availability import availability
from domain.menus.catalog import Catalog
from domain.menus.catalog import CatalogCharge
from domain.menus.catalog import CatalogGroup
from domain.menus.catalog import CatalogItem
from domain.menus.catalog import CatalogModifier
from domain.menus.catalog import CatalogTax
from domain.menus.checks import selling_currency
from domain.menus.item_changes import change_item
from domain.menus.item_changes import create_item
from domain.menus.item_changes import delete_item
from domain.menus.items import get_item
from domain.menus.items import list_items
from domain.menus.modifiers import change_modifier_group
from domain.menus.modifiers import create_modifier_group
from domain.menus.modifiers import get_modifier_group
from domain.menus.modifiers import list_modifier_groups
from domain.menus.modifiers import read_modifier
from domain.menus.sections import change_category
from domain.menus.sections import change_menu
from domain.menus.sections import create_category
from domain.menus.sections import create_menu
from domain.menus.sections import delete_category
from domain.menus.sections import delete_menu
from domain.menus.sections import get_category
from domain.menus.stock import release_stock
from domain.menus.stock import reserve_stock
from domain.menus.suspension import UNSET
from domain.menus.suspension import Wanted
from domain.menus.suspension import return_item
from domain.menus.suspension import return_modifier
from domain.menus.suspension import set_item_availability
from domain.menus.suspension import set_items_availability
from domain.menus.suspension import set_modifier_availability
from domain.menus.taxes import change_charge
from domain.menus.taxes import change_tax
from domain.menus.taxes import create_charge
from domain.menus.taxes import create_tax
from domain.menus.taxes import get_charge
from domain.menus.taxes import get_tax
from domain.menus.taxes import list_charges
from domain.menus.taxes import list_taxes
from domain.menus.upload import get_menu_job
from domain.menus.upload import step_upload
from domain.menus.upload import upload_menu
from domain.menus.whole import get_whole_menu
from domain.menus.whole import stamp_menus
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import tenant_now_us

__all__ = [
    "UNSET", "Wanted", "catalog_for", "change_category", "change_charge", "change_item", "change_menu",
    "change_modifier_group", "change_tax", "create_category", "create_charge", "create_item", "create_menu",
    "create_modifier_group", "create_tax", "delete_category", "delete_item", "delete_menu", "get_category", "get_charge",
    "get_item", "get_menu", "get_menu_job", "get_modifier_group", "get_tax", "get_whole_menu", "list_categories",
    "list_charges", "list_items", "list_menus", "list_modifier_groups", "list_taxes", "read_modifier", "release_stock",
    "reserve_stock", "return_item", "return_modifier", "selling_currency", "set_item_availability",
    "set_items_availability", "set_modifier_availability", "stamp_menus", "step_upload", "upload_menu",
]  # fmt: skip


def get_menu(scope: Scope, *, menu_id: str) -> Document:
    """Read one menu with its categories and their item ids. Raises NotFound."""
    document = menu_queries.menu.document(scope, False, menu_id=menu_id)
    if document is None:
        raise NotFound(f"There is no menu {menu_id}.")
    return document


def list_menus(
    scope: Scope, *, limit: int, after: list[Any] | None, location_id: str | None = None,
    updated_since_us: int | None = None, ref: str | None = None,
) -> list[Document]:  # fmt: skip
    """List up to limit + 1 menus in their order, or in order of change when updated_since_us is given.

    `after` is [sort or updated_at, id] of the last one of the page before. ref: the key of a name (domain.references).
    """
    shape = (location_id is not None, updated_since_us is not None, ref is not None, after is not None)
    return menu_queries.menu_list.documents(
        scope, *shape, location_id=location_id, updated_since=updated_since_us, ref=ref, **_position(after), rows=limit + 1
    )


def list_categories(
    scope: Scope, *, limit: int, after: list[Any] | None, menu_id: str | None = None, ref: str | None = None
) -> list[Document]:
    """List up to limit + 1 categories. `after` is [sort, id] of the last one of the page before."""
    shape = (menu_id is not None, ref is not None, after is not None)
    return menu_queries.category_list.documents(
        scope, *shape, menu_id=menu_id, ref=ref, **_position(after), rows=limit + 1
    )


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


def _position(after: list[Any] | None) -> dict[str, Any]:
    value, last_id = after or (None, None)
    return {"after_value": value, "after_id": last_id}


def _json(ids: list[str]) -> str:
    return orjson.dumps(ids).decode()


def _parsed(part: Any) -> Any:
    """SQLite hands JSON over as text, psycopg already parsed."""
    return orjson.loads(part) if isinstance(part, str) else part
