"""What each place serves: the list of dishes at local prices, as menu rows and as what an order line needs to know."""

from dataclasses import dataclass
from dataclasses import field
from functools import lru_cache

from domain.menus.models import Category
from domain.menus.models import CategoryItem
from domain.menus.models import GroupPlacement
from domain.menus.models import Menu
from domain.menus.models import MenuItem
from domain.menus.models import Modifier
from domain.menus.models import ModifierGroup
from domain.menus.models import Variation
from domain.menus.service import stamp_menus
from kit.documents import append
from kit.money import exponent
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.standard.dishes import CATEGORIES
from sandbox.worlds.standard.dishes import DISHES
from sandbox.worlds.standard.dishes import GROUPS
from sandbox.worlds.standard.dishes import IN_TWO_CATEGORIES
from sandbox.worlds.standard.dishes import LOW_STOCK
from sandbox.worlds.standard.dishes import LUNCH_ONLY
from sandbox.worlds.standard.dishes import SIZES
from sandbox.worlds.standard.dishes import SOLD_OUT
from sandbox.worlds.standard.dishes import Dish
from sandbox.worlds.standard.dishes import Group
from sandbox.worlds.standard.floor import TaxOf
from sandbox.worlds.standard.floor import taxes_of
from sandbox.worlds.standard.money import local_minor
from sandbox.worlds.standard.places import Place
from sandbox.worlds.standard.setting import Row
from sandbox.worlds.standard.setting import Setting

DEAREST = "lobster"  # 9999.99 wherever there are cents
WEEKDAYS = [0, 1, 2, 3, 4]
LUNCH = [{"days": WEEKDAYS, "from": "11:30", "to": "15:00"}]
COST_PERCENT = 31
# Menus of a place in order: suffix, name, schedule, in use, dishes.
LUNCH_DISHES = ("tomato_soup", "caesar", "quinoa", "classic", "bean_burger", "margherita", "arrabbiata", "lemonade", "latte")
SEASON_DISHES = ("borscht", "chowder", "curry", "season")


@dataclass(slots=True)
class Extra:
    """An option of a group as an order line keeps it."""

    id: str
    name: str
    minor: int
    most: int
    allergens: list[Row]
    opens: "Choices | None" = None


@dataclass(slots=True)
class Choices:
    """A modifier group with its options."""

    least: int
    most: int
    extras: list[Extra] = field(default_factory=list)


@dataclass(slots=True)
class Sold:
    """A dish as an order line keeps it. sizes: (variation id, price)."""

    id: str
    name: str
    minor: int
    tax: TaxOf | None
    kind: str
    allergens: list[Row]
    sizes: list[tuple[str, int]]
    groups: list[Choices]


@lru_cache(maxsize=32)
def price_list(place: Place) -> dict[str, Sold]:
    """What a place sells, by the dish's key."""
    groups = _choices(place)
    return {
        dish.key: Sold(
            _id("itm", place, dish.key), dish.name, price_of(place, dish), _tax(place, dish), dish.kind, _allergens(dish),
            [(_id("var", place, f"{dish.key}_{index}"), minor) for index, (_, minor) in enumerate(_sizes(place, dish))],
            [groups[key] for key in dish.groups],
        )
        for dish in place.dishes
    }  # fmt: skip


def price_of(place: Place, dish: Dish) -> int:
    """Minor units."""
    if dish.key == DEAREST:
        return 999_999 * 10 ** exponent(place.currency) // 100
    return local_minor(place, dish.cents)


def menu_id(place: Place, suffix: str = "all_day") -> str:
    """The id of one of a place's menus."""
    return f"mnu_{place.key}_{suffix}"


def write_kitchen(scope: Scope, setting: Setting, place: Place) -> None:
    """Write the menus of one place with everything on them."""
    dated = {"created_at": setting.now_us - 300 * DAY_US, "updated_at": setting.now_us - 60 * DAY_US}
    append(scope, MenuItem, [_item(place, dish, sort) | dated for sort, dish in enumerate(place.dishes)])
    append(scope, Variation, [
        {"id": _id("var", place, f"{dish.key}_{index}"), "item_id": _id("itm", place, dish.key), "name": name,
         "price_minor": minor, "is_default": index == 0, "sort": index, **dated}
        for dish in place.dishes
        for index, (name, minor) in enumerate(_sizes(place, dish))
    ])  # fmt: skip
    _write_groups(scope, place, dated)
    _write_menus(scope, place, dated)
    stamp_menus(scope, menu_ids=[menu_id(place, suffix) for suffix, *_ in _menus(place)])


def _item(place: Place, dish: Dish, sort: int) -> Row:
    tax, minor = _tax(place, dish), price_of(place, dish)
    is_off = dish.key in SOLD_OUT
    return {
        "id": _id("itm", place, dish.key), "location_id": place.id, "name": dish.name, "currency": place.currency,
        "base_price_minor": minor, "cost_minor": minor * COST_PERCENT // 100 or None, "tax_id": tax.id if tax else None,
        "kind": dish.kind, "allergens": _allergens(dish), "diets": list(dish.diets), "sort": sort,
        "schedule": LUNCH if dish.key in LUNCH_ONLY else [], "stock_count": LOW_STOCK.get(dish.key),
        "is_suspended": is_off, "suspend_reason": "manual_86" if is_off else None,
    }  # fmt: skip


def _write_groups(scope: Scope, place: Place, dated: Row) -> None:
    append(scope, ModifierGroup, [
        {"id": _id("mgr", place, group.key), "name": group.name, "currency": place.currency,
         "min_selections": group.least, "max_selections": group.most, "is_required": group.least > 0, "sort": sort, **dated}
        for sort, group in enumerate(_groups(place))
    ])  # fmt: skip
    append(scope, Modifier, [
        {"id": _id("mod", place, key), "group_id": _id("mgr", place, group.key), "name": name,
         "price_minor": local_minor(place, cents), "max_quantity": most, "allergens": _contained(allergens), "sort": sort,
         **dated}
        for group in _groups(place)
        for sort, (key, name, cents, most, allergens) in enumerate(group.options)
    ])  # fmt: skip
    nested = [
        {"id": f"gpl_{place.key}_{group.key}", "group_id": _id("mgr", place, group.key),
         "modifier_id": _id("mod", place, group.under)}
        for group in _groups(place) if group.under is not None
    ]  # fmt: skip
    append(scope, GroupPlacement, [
        {"id": f"gpl_{place.key}_{dish.key}_{key}", "group_id": _id("mgr", place, key),
         "item_id": _id("itm", place, dish.key), "sort": sort}
        for dish in place.dishes
        for sort, key in enumerate(dish.groups)
    ] + nested)  # fmt: skip


def _write_menus(scope: Scope, place: Place, dated: Row) -> None:
    menus = _menus(place)
    append(scope, Menu, [
        {"id": menu_id(place, suffix), "location_id": place.id, "name": name, "schedule": schedule, "is_active": is_active,
         "service_types": ["dine_in", "pickup", "delivery"], "sort": sort, **dated}
        for sort, (suffix, name, schedule, is_active, _) in enumerate(menus)
    ])  # fmt: skip
    categories, entries = [], []
    for suffix, _, _, _, dishes in menus:
        for sort, (key, name) in enumerate(CATEGORIES):
            inside = [dish.key for dish in dishes if dish.category == key or IN_TWO_CATEGORIES.get(dish.key) == key]
            category_id = f"cat_{place.key}_{suffix}_{key}"
            if inside:
                categories.append({"id": category_id, "menu_id": menu_id(place, suffix), "name": name, "sort": sort, **dated})
            entries += [
                {"id": f"cit_{place.key}_{suffix}_{key}_{dish}", "category_id": category_id,
                 "item_id": _id("itm", place, dish), "sort": position}
                for position, dish in enumerate(inside)
            ]  # fmt: skip
    append(scope, Category, categories)
    append(scope, CategoryItem, entries)


def _menus(place: Place) -> list[tuple[str, str, list[Row], bool, tuple[Dish, ...]]]:
    menus: list[tuple[str, str, list[Row], bool, tuple[Dish, ...]]] = [
        ("all_day", "All day", [], True, place.dishes),
        ("lunch", "Lunch", LUNCH, True, tuple(dish for dish in place.dishes if dish.key in LUNCH_DISHES)),
        ("season", "Seasonal", [], False, tuple(dish for dish in place.dishes if dish.key in SEASON_DISHES)),
    ]
    return menus[: place.menus]


def _groups(place: Place) -> tuple[Group, ...]:
    return GROUPS if place.dishes is DISHES else ()


def _choices(place: Place) -> dict[str, Choices]:
    groups = {group.key: Choices(group.least, group.most) for group in _groups(place)}
    under = {group.under: groups[group.key] for group in _groups(place) if group.under is not None}
    for group in _groups(place):
        groups[group.key].extras = [
            Extra(_id("mod", place, key), name, local_minor(place, cents), most, _contained(allergens), under.get(key))
            for key, name, cents, most, allergens in group.options
        ]
    return groups


def _sizes(place: Place, dish: Dish) -> list[tuple[str, int]]:
    return [(name, local_minor(place, dish.cents * percent // 100)) for name, percent in SIZES.get(dish.key, ())]


def _tax(place: Place, dish: Dish) -> TaxOf | None:
    food, alcohol = taxes_of(place)
    return alcohol if dish.kind == "alcohol" else food


def _allergens(dish: Dish) -> list[Row]:
    return _contained(dish.contains or ()) + [{"code": code, "level": "may_contain"} for code in dish.may]


def _contained(codes: tuple[str, ...]) -> list[Row]:
    return [{"code": code, "level": "contains"} for code in codes]


def _id(prefix: str, place: Place, key: str) -> str:
    return f"{prefix}_{place.key}_{key}"
