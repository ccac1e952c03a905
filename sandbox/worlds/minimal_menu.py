"""The menu of the minimal world: taxes, items, modifiers, categories. Data and the rows made from it."""

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
from kit.scope import Scope
from sandbox.worlds.seeds import Seeds

CURRENCY = "PLN"
VAT_8, VAT_23 = "tax_pl_8", "tax_pl_23"
ITEM_IDS = (
    "itm_bacon_cheeseburger", "itm_soldout", "itm_limited", "itm_margherita", "itm_caesar_salad", "itm_veggie_wrap",
    "itm_fries", "itm_apple_pie", "itm_lemonade", "itm_craft_beer",
)  # fmt: skip
CATEGORIES = (
    ("cat_burgers", "Burgers & mains", ("itm_bacon_cheeseburger", "itm_soldout", "itm_limited", "itm_margherita")),
    ("cat_light", "Salads & wraps", ("itm_caesar_salad", "itm_veggie_wrap")),
    ("cat_sides", "Sides & sweets", ("itm_fries", "itm_apple_pie")),
    ("cat_drinks", "Drinks", ("itm_lemonade", "itm_craft_beer")),
)  # fmt: skip
MODIFIERS = (
    # id, group, name, price, at most, allergens
    ("mod_extra_bacon", "mgr_burger_extras", "Extra Bacon", 400, 3, ()),
    ("mod_extra_cheese", "mgr_burger_extras", "Extra Cheese", 350, 3, ("milk",)),
    ("mod_jalapenos", "mgr_burger_extras", "Jalapeños", 250, 2, ()),
    ("mod_dip_garlic", "mgr_dips", "Garlic mayo", 200, 2, ("eggs",)),
    ("mod_dip_peanut", "mgr_dips", "Peanut sauce", 250, 2, ("peanuts",)),
    ("mod_no_ice", "mgr_ice", "No ice", 0, 1, ()),
    ("mod_with_ice", "mgr_ice", "With ice", 0, 1, ()),
)
GROUPS = (
    # id, name, min, max, required, placed on items
    ("mgr_burger_extras", "Extras", 0, 5, False, ("itm_bacon_cheeseburger",)),
    ("mgr_dips", "Dips", 0, 2, False, ("itm_fries", "itm_veggie_wrap")),
    ("mgr_ice", "Ice", 1, 1, True, ("itm_lemonade",)),
)
VARIATIONS = (
    ("var_lemonade_small", "itm_lemonade", "0.3 l", 1200, True),
    ("var_lemonade_large", "itm_lemonade", "0.5 l", 1600, False),
)


def _items() -> list[dict[str, Any]]:
    return [
        _item("itm_bacon_cheeseburger", "Bacon Cheeseburger", 3850, "Beef, bacon, cheddar, pickles, brioche bun",
              ("wheat", "milk", "eggs", "mustard"), may=("sesame",), calories=890),
        _item("itm_soldout", "Duck Confit", 6400, "Slow-cooked duck leg, red cabbage", ("celery",),
              is_suspended=True, suspend_reason="manual_86"),
        _item("itm_limited", "Catch of the Day", 5200, "Ask what came in this morning", ("fish",), stock_count=3),
        _item("itm_margherita", "Pizza Margherita", 3400, "Tomato, mozzarella, basil", ("wheat", "milk"),
              diets=("vegetarian",)),
        _item("itm_caesar_salad", "Caesar Salad", 3200, "Romaine, parmesan, anchovy dressing",
              ("milk", "eggs", "fish", "wheat"), calories=430),
        _item("itm_veggie_wrap", "Veggie Wrap", 2900, "Falafel, hummus, pickled cabbage", ("wheat", "sesame"),
              diets=("vegan", "vegetarian", "lactose_free")),
        _item("itm_fries", "Fries", 1400, "Double fried, sea salt", (), may=("gluten",), diets=("vegan", "vegetarian")),
        _item("itm_apple_pie", "Apple Pie", 1900, "With walnut crumble", ("wheat", "walnut", "milk"),
              diets=("vegetarian",)),
        _item("itm_lemonade", "Lemonade", 1200, "Made here", (), kind="drink", diets=("vegan", "gluten_free")),
        _item("itm_craft_beer", "Craft Beer", 1800, "Pale ale, 0.5 l", ("barley",), kind="alcohol", tax_id=VAT_23),
    ]  # fmt: skip


def _item(
    item_id: str, name: str, price: int, description: str, contains: tuple[str, ...], *, may: tuple[str, ...] = (),
    diets: tuple[str, ...] = (), **more: Any,
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": item_id, "name": name, "description": description, "currency": CURRENCY, "base_price_minor": price,
        "tax_id": VAT_8, "diets": diets, "schedule": [], "sort": ITEM_IDS.index(item_id),
        "allergens": _allergens(contains) + _allergens(may, "may_contain"), **more,
    }  # fmt: skip


def _allergens(codes: tuple[str, ...], level: str = "contains") -> list[dict[str, str]]:
    return [{"code": code, "level": level} for code in codes]


def build_menu(scope: Scope, *, seeds: Seeds, location_id: str, dated: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Write the menu of one location and return its items by id, as orders need them. dated: created_at, updated_at."""
    items = _items()
    append(scope, MenuItem, [{**row, **dated, "location_id": location_id} for row in items])
    append(scope, Variation, [
        {"id": row_id, "item_id": item, "name": name, "price_minor": price, "is_default": default, "sort": sort, **dated}
        for sort, (row_id, item, name, price, default) in enumerate(VARIATIONS)
    ])  # fmt: skip
    _build_modifiers(scope, seeds, dated)
    append(scope, Menu, [{
        "id": "mnu_all_day", "location_id": location_id, "name": "All day", "schedule": [],
        "service_types": ["dine_in", "pickup", "delivery"], **dated,
    }])  # fmt: skip
    append(scope, Category, [
        {"id": category_id, "menu_id": "mnu_all_day", "name": name, "sort": sort, **dated}
        for sort, (category_id, name, _) in enumerate(CATEGORIES)
    ])  # fmt: skip
    append(scope, CategoryItem, [
        {"id": seeds.id("cit"), "category_id": category_id, "item_id": item_id, "sort": sort}
        for category_id, _, item_ids in CATEGORIES
        for sort, item_id in enumerate(item_ids)
    ])  # fmt: skip
    return {row["id"]: row for row in items}


def build_taxes(scope: Scope, *, dated: dict[str, int]) -> None:
    """Write the taxes, which a location refers to."""
    append(scope, Tax, [
        {"id": VAT_8, "name": "VAT 8 %", "rate": "0.08", "country": "PL", "code": "B", **dated},
        {"id": VAT_23, "name": "VAT 23 %", "rate": "0.23", "country": "PL", "code": "A", **dated},
    ])  # fmt: skip


def build_charges(scope: Scope, *, location_id: str, dated: dict[str, int]) -> None:
    """Write charges an order can name; none of them is added by itself, so totals stay what the price list says."""
    append(scope, ExtraCharge, [
        {"id": "chg_service", "location_id": location_id, "name": "Service 10 %", "kind": "percent", "value": 1000,
         "order_types": ["dine_in"], "tax_id": VAT_8, **dated},
        {"id": "chg_packaging", "location_id": location_id, "name": "Packaging", "kind": "fixed", "value": 200,
         "order_types": ["pickup", "delivery"], "tax_id": VAT_23, **dated},
    ])  # fmt: skip


def _build_modifiers(scope: Scope, seeds: Seeds, dated: dict[str, int]) -> None:
    append(scope, ModifierGroup, [
        {"id": group_id, "name": name, "min_selections": least, "max_selections": most, "is_required": required,
         "sort": sort, **dated}
        for sort, (group_id, name, least, most, required, _) in enumerate(GROUPS)
    ])  # fmt: skip
    append(scope, Modifier, [
        {"id": modifier_id, "group_id": group_id, "name": name, "price_minor": price, "max_quantity": most,
         "allergens": _allergens(allergens), "sort": sort, **dated}
        for sort, (modifier_id, group_id, name, price, most, allergens) in enumerate(MODIFIERS)
    ])  # fmt: skip
    append(scope, GroupPlacement, [
        {"id": seeds.id("gpl"), "group_id": group_id, "item_id": item_id, "sort": sort}
        for sort, (group_id, _, _, _, _, item_ids) in enumerate(GROUPS)
        for item_id in item_ids
    ])  # fmt: skip
