"""A second restaurant that shares no id with the minimal world, for checking that tenants cannot see each other.

One Kraków location with a short menu and no orders yet; deterministic from its seed. Records no events.
"""

from domain.guests.rows import append_guests
from domain.locations.models import DiningTable
from domain.locations.models import Location
from domain.locations.models import OpeningHour
from domain.menus.models import Category
from domain.menus.models import CategoryItem
from domain.menus.models import Menu
from domain.menus.models import MenuItem
from domain.menus.models import Tax
from domain.menus.service import stamp_menus
from kit.documents import append
from kit.scope import Scope
from kit.unit import tenant_now_us
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import Seeds

LOCATION_ID, TAX_ID, MENU_ID, CATEGORY_ID = "loc_krk_01", "tax_krk_8", "mnu_krk", "cat_krk_mains"
ITEMS = (
    ("itm_pierogi", "Pierogi", 2600, ("wheat", "milk"), ("vegetarian",)),
    ("itm_zurek", "Żurek", 2200, ("rye", "eggs", "celery"), ()),
    ("itm_kompot", "Kompot", 900, (), ("vegan",)),
)
FIXTURES: dict[str, list[str]] = {
    "locations": [LOCATION_ID],
    "tables": ["tbl_krk_1"],
    "taxes": [TAX_ID],
    "menus": [MENU_ID],
    "categories": [CATEGORY_ID],
    "menu_items": [item_id for item_id, *_ in ITEMS],
    "customers": ["cus_ewa"],
}


def build(scope: Scope, *, seed: int) -> dict[str, list[str]]:
    """Write the world into the tenant, which has no restaurant data yet, and return the named fixtures by kind."""
    seeds, now_us = Seeds(seed), tenant_now_us(scope)
    dated = {"created_at": now_us - 60 * DAY_US, "updated_at": now_us - 20 * DAY_US}
    append(scope, Tax, [{"id": TAX_ID, "name": "VAT 8 %", "rate": "0.08", "country": "PL", "code": "B", **dated}])
    append(scope, Location, [{
        "id": LOCATION_ID, "name": "Bar Mleczny Kraków", "slug": "bar-mleczny-krakow", "country": "PL", "currency": "PLN",
        "time_zone": "Europe/Warsaw", "price_mode": "exclusive", "default_tax_id": TAX_ID,
        "address": {"line1": "ul. Grodzka 8", "city": "Kraków", "postal_code": "31-006", "country": "PL"},
        "turn_minutes": {}, "deposit_policy": {"required": False}, **dated,
    }])  # fmt: skip
    append(scope, OpeningHour, [
        {"id": seeds.id("hrs"), "location_id": LOCATION_ID, "weekday": day, "opens": "00:00", "closes": "24:00"}
        for day in range(7)
    ])  # fmt: skip
    append(scope, DiningTable, [
        {"id": "tbl_krk_1", "location_id": LOCATION_ID, "name": "Table 1", "seats_max": 4, **dated}
    ])  # fmt: skip
    _build_menu(scope, seeds, dated)
    append_guests(scope, [{
        "id": "cus_ewa", "name": "Ewa Wójcik", "first_name": "Ewa", "last_name": "Wójcik", "country": "PL",
        "phones": [{"id": seeds.id("gct"), "value": "+48122223344", "original": "12 222 33 44"}], **dated,
    }])  # fmt: skip
    return {kind: list(ids) for kind, ids in FIXTURES.items()}


def _build_menu(scope: Scope, seeds: Seeds, dated: dict[str, int]) -> None:
    append(scope, MenuItem, [
        {
            "id": item_id, "location_id": LOCATION_ID, "name": name, "currency": "PLN", "base_price_minor": price,
            "tax_id": TAX_ID, "allergens": [{"code": code, "level": "contains"} for code in allergens], "diets": diets,
            "schedule": [], "sort": sort, **dated,
        }
        for sort, (item_id, name, price, allergens, diets) in enumerate(ITEMS)
    ])  # fmt: skip
    append(scope, Menu, [{
        "id": MENU_ID, "location_id": LOCATION_ID, "name": "Today", "schedule": [], "service_types": [], **dated,
    }])  # fmt: skip
    append(scope, Category, [{"id": CATEGORY_ID, "menu_id": MENU_ID, "name": "From the pot", **dated}])
    append(scope, CategoryItem, [
        {"id": seeds.id("cit"), "category_id": CATEGORY_ID, "item_id": item_id, "sort": sort}
        for sort, (item_id, *_) in enumerate(ITEMS)
    ])  # fmt: skip
    stamp_menus(scope)
