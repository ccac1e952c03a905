"""Taxes, items, modifiers and menus. Inside an open unit of work."""

from typing import Any

from domain.menus.models import Category
from domain.menus.models import CategoryItem
from domain.menus.models import ExtraCharge
from domain.menus.models import GroupPlacement
from domain.menus.models import Menu
from domain.menus.models import MenuItem
from domain.menus.models import Modifier
from domain.menus.models import ModifierGroup
from domain.menus.models import Tax
from domain.menus.models import Variation
from kit.documents import append
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us


def create_tax(scope: Scope, *, rate: str = "0.08", **changes: Any) -> str:
    return _create(scope, Tax, "tax", {"name": f"VAT {rate}", "rate": rate}, changes)


def create_charge(scope: Scope, **changes: Any) -> str:
    plain = {"name": "Service", "kind": "percent", "value": 1000, "order_types": []}
    return _create(scope, ExtraCharge, "chg", plain, changes)


def create_item(scope: Scope, **changes: Any) -> str:
    plain = {
        "name": "Soup", "currency": "PLN", "base_price_minor": 1500, "allergens": [], "diets": [], "schedule": [],
    }  # fmt: skip
    return _create(scope, MenuItem, "itm", plain, changes)


def create_variation(scope: Scope, *, item_id: str, **changes: Any) -> str:
    return _create(scope, Variation, "var", {"item_id": item_id, "name": "Large", "price_minor": 2000}, changes)


def create_modifier_group(
    scope: Scope, *, item_id: str | None = None, modifier_id: str | None = None, **changes: Any
) -> str:
    """A group placed on an item, under a modifier, or nowhere."""
    group_id = _create(scope, ModifierGroup, "mgr", {"name": "Extras", "max_selections": 3}, changes)
    if item_id or modifier_id:
        place_group(scope, group_id=group_id, item_id=item_id, modifier_id=modifier_id)
    return group_id


def place_group(scope: Scope, *, group_id: str, item_id: str | None = None, modifier_id: str | None = None) -> None:
    append(scope, GroupPlacement, [
        {"id": new_id("gpl"), "group_id": group_id, "item_id": item_id, "modifier_id": modifier_id}
    ])  # fmt: skip


def create_modifier(scope: Scope, *, group_id: str, **changes: Any) -> str:
    plain = {"group_id": group_id, "name": "Bacon", "price_minor": 400, "max_quantity": 5, "allergens": []}
    return _create(scope, Modifier, "mod", plain, changes)


def create_menu(scope: Scope, **changes: Any) -> str:
    return _create(scope, Menu, "mnu", {"name": "All day", "schedule": [], "service_types": []}, changes)


def create_category(scope: Scope, *, menu_id: str, item_ids: tuple[str, ...] = (), **changes: Any) -> str:
    category_id = _create(scope, Category, "cat", {"menu_id": menu_id, "name": "Mains"}, changes)
    append(scope, CategoryItem, [
        {"id": new_id("cit"), "category_id": category_id, "item_id": item_id, "sort": sort}
        for sort, item_id in enumerate(item_ids)
    ])  # fmt: skip
    return category_id


def _create(scope: Scope, model: Any, prefix: str, plain: dict[str, Any], changes: dict[str, Any]) -> str:
    now = tenant_now_us(scope)
    translations: dict[str, Any] = {"translations": {}} if "translations" in model.__table__.c else {}
    row = {"id": new_id(prefix), "created_at": now, "updated_at": now, **translations, **plain, **changes}
    append(scope, model, [row])
    return str(row["id"])
