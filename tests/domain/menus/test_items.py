"""Menu items: availability, filters, lists."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from domain.menus import service as menus
from domain.menus.allergens import documents
from domain.menus.allergens import endangers
from domain.menus.availability import availability
from kit.clock import to_us
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.factories.locations import create_location
from tests.factories.menus import create_category
from tests.factories.menus import create_item
from tests.factories.menus import create_menu
from tests.factories.menus import create_modifier
from tests.factories.menus import create_modifier_group
from tests.factories.menus import create_tax
from tests.factories.menus import create_variation

NOW = to_us(datetime(2026, 1, 12, 12, tzinfo=UTC))  # Monday 13:00 in Warsaw
PLAIN = {"is_active": True, "is_suspended": False, "suspended_until": None, "suspend_reason": None, "stock_count": None}
LUNCH = {"days": [0, 1], "from": "11:00", "to": "14:00"}
HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (True, None, None)),
        ({"is_active": False, "is_suspended": True}, (False, "inactive", None)),
        ({"is_suspended": True, "suspend_reason": "manual_86"}, (False, "manual_86", None)),
        ({"is_suspended": True, "suspended_until": NOW + 1, "suspend_reason": "manual_86"}, (False, "manual_86", NOW + 1)),
        ({"is_suspended": True, "suspended_until": NOW}, (True, None, None)),
        ({"is_suspended": True, "suspend_reason": "stock", "stock_count": 0}, (False, "stock", None)),
        ({"stock_count": 0}, (False, "stock", None)),
        ({"stock_count": 1}, (True, None, None)),
        ({"schedule": [LUNCH]}, (True, None, None)),
        ({"schedule": [{"days": [0], "from": "17:00", "to": "22:00"}]}, (False, "schedule", NOW + 4 * HOUR)),
        ({"schedule": [{"days": [0], "from": "11:00", "to": "13:00"}]}, (False, "schedule", NOW + (7 * 24 - 2) * HOUR)),
        ({"schedule": [{"days": [6], "from": "22:00", "to": "14:00"}]}, (True, None, None)),
        ({"schedule": [{"from": "00:00", "to": "24:00"}]}, (True, None, None)),
        ({"schedule": [{"days": [], "from": "00:00", "to": "24:00"}]}, (False, "schedule", None)),
    ],
    ids=[
        "plain", "inactive", "86", "86 until", "86 over", "sold out", "no stock", "last one", "lunch", "dinner", "next week",
        "overnight", "every day", "never",
    ],
)  # fmt: skip
def test_availability(changes: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert availability({**PLAIN, **changes}, now_us=NOW, time_zone="Europe/Warsaw") == expected


def test_item_document_carries_everything_that_hangs_on_it(scope: Scope) -> None:
    with unit_of_work(scope):
        location = create_location(scope)
        item = create_item(scope, name="Burger", location_id=location, diets=["halal"])
        small = create_variation(scope, item_id=item, name="S", price_minor=100, sort=1)
        large = create_variation(scope, item_id=item, name="L", price_minor=200, sort=0, is_default=True)
        group = create_modifier_group(scope, item_id=item)
        category = create_category(scope, menu_id=create_menu(scope), item_ids=(item,))
        document = menus.get_item(scope, item_id=item)

    assert (document["name"], document["diets"], document["is_suspended"]) == ("Burger", ["halal"], False)
    assert [(row["id"], row["name"], row["is_default"]) for row in document["variations"]] == [
        (large, "L", True), (small, "S", False),
    ]  # fmt: skip
    assert (document["modifier_group_ids"], document["category_ids"]) == ([group], [category])
    assert (document["available"], document["unavailable_reason"], document["available_again_at"]) == (True, None, None)


def test_item_is_found_at_its_own_location_only(scope: Scope, new_scope: Callable[..., Scope]) -> None:
    other = new_scope()
    with unit_of_work(other):
        foreign = create_item(other)
    with unit_of_work(scope):
        here, there = create_location(scope), create_location(scope)
        item = create_item(scope, location_id=here)
        assert menus.get_item(scope, item_id=item, location_id=here)["id"] == item
        with pytest.raises(NotFound):
            menus.get_item(scope, item_id=item, location_id=there)
        with pytest.raises(NotFound):
            menus.get_item(scope, item_id=foreign)
        with pytest.raises(NotFound):
            menus.set_item_availability(scope, item_id=foreign, available=False)


@pytest.fixture
def carte(scope: Scope) -> Scope:
    """Five items; the steak's required sauce contains milk, its optional side contains nuts."""
    with unit_of_work(scope):
        create_item(scope, id="itm_1", name="Żurek", sort=1, allergens=[{"code": "rye", "level": "contains"}])
        create_item(scope, id="itm_2", name="Steak", sort=2, description="With SAUCE")
        create_item(scope, id="itm_3", name="Crème brûlée", sort=3, allergens=[{"code": "milk", "level": "may_contain"}])
        create_item(scope, id="itm_4", name="Fries", sort=4, diets=["vegan"], is_suspended=True)
        create_item(scope, id="itm_5", name="Salad", sort=5, diets=["vegan"], updated_at=1)
        sauces = create_modifier_group(scope, item_id="itm_2", is_required=True, min_selections=1)
        create_modifier(scope, group_id=sauces, allergens=[{"code": "milk", "level": "contains"}])
        create_modifier(scope, group_id=sauces)
        sides = create_modifier_group(scope, item_id="itm_2")
        create_modifier(scope, group_id=sides, allergens=[{"code": "nuts", "level": "contains"}])
    return scope


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, "12345"),
        ({"available": True}, "1235"),
        ({"available": False}, "4"),
        ({"allergen_free": ("milk",)}, "145"),
        ({"allergen_free": ("gluten",)}, "2345"),
        ({"allergen_free": ("wheat",)}, "12345"),
        ({"allergen_free": ("nuts", "milk")}, "145"),
        ({"diet": "vegan"}, "45"),
        ({"q": "creme BRULEE"}, "3"),
        ({"q": "zurek"}, "1"),
        ({"q": "sauce steak"}, "2"),
        ({"q": "pizza"}, ""),
        ({"available": True, "diet": "vegan"}, "5"),
    ],
    ids=str,
)
def test_items_are_filtered(carte: Scope, filters: dict[str, Any], found: str) -> None:
    with unit_of_work(carte, writes=False):
        items = menus.list_items(carte, limit=10, after=None, **filters)

    assert [item["id"] for item in items] == [f"itm_{number}" for number in found]


def test_items_are_listed_in_pages_also_when_filtered(carte: Scope) -> None:
    with unit_of_work(carte, writes=False):
        first = menus.list_items(carte, limit=2, after=None, available=True)
        second = menus.list_items(carte, limit=2, after=[first[1]["sort"], first[1]["id"]], available=True)
        plain = menus.list_items(carte, limit=2, after=[3, "itm_3"])

    assert [item["id"] for item in first] == ["itm_1", "itm_2", "itm_3"]
    assert [item["id"] for item in second] == ["itm_3", "itm_5"]
    assert [item["id"] for item in plain] == ["itm_4", "itm_5"]


def test_items_changed_since_are_listed_in_order_of_change(carte: Scope) -> None:
    with unit_of_work(carte):
        menus.set_item_availability(carte, item_id="itm_1", available=False)
        changed = menus.list_items(carte, limit=10, after=None, updated_since_us=2)

    assert [item["id"] for item in changed][-1] == "itm_1"
    assert "itm_5" not in {item["id"] for item in changed}


def test_more_filtered_items_than_one_batch_are_all_found(scope: Scope) -> None:
    with unit_of_work(scope):
        for number in range(405):
            create_item(scope, sort=number, is_suspended=number % 200 != 0)
        found = menus.list_items(scope, limit=10, after=None, available=True)

    assert [item["sort"] for item in found] == [0, 200, 400]


@pytest.mark.parametrize(
    ("filters", "field"), [({"allergen_free": ("milk", "dust")}, "allergen_free"), ({"diet": "keto"}, "diet")]
)
def test_unknown_allergen_or_diet_is_refused(scope: Scope, filters: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work(scope):
        menus.list_items(scope, limit=10, after=None, **filters)

    assert refusal.value.errors[0].field == field


def test_menus_categories_groups_and_taxes_are_read_with_their_parts(scope: Scope) -> None:
    with unit_of_work(scope):
        first, second = create_item(scope), create_item(scope)
        menu = create_menu(scope, name="Lunch", service_types=["dine_in"])
        drinks = create_category(scope, menu_id=menu, name="Drinks", sort=2)
        mains = create_category(scope, menu_id=menu, name="Mains", sort=1, item_ids=(second, first))
        group = create_modifier_group(scope, name="Sides")
        fries = create_modifier(scope, group_id=group, allergens=[{"code": "gluten", "level": "contains"}])
        nested = create_modifier_group(scope, modifier_id=fries, sort=1)
        tax = create_tax(scope, rate="0.23")
        document = menus.get_menu(scope, menu_id=menu)
        groups = menus.list_modifier_groups(scope, limit=5, after=None)
        assert menus.get_modifier_group(scope, group_id=group) == groups[0]
        assert menus.list_menus(scope, limit=5, after=None) == [document]
        assert menus.list_categories(scope, limit=5, after=None, menu_id=menu) == document["categories"]
        taxes = menus.list_taxes(scope, limit=5, after=None)
        with pytest.raises(NotFound):
            menus.get_menu(scope, menu_id="mnu_x")
        with pytest.raises(NotFound):
            menus.get_modifier_group(scope, group_id="mgr_x")

    assert [(row["id"], row["item_ids"]) for row in document["categories"]] == [(mains, [second, first]), (drinks, [])]
    assert [row["id"] for row in groups] == [group, nested]
    assert [(row["id"], row["group_ids"]) for row in groups[0]["modifiers"]] == [(fries, [nested])]
    assert [(row["id"], row["rate"]) for row in taxes] == [(tax, "0.23")]


def test_allergens_are_the_fourteen_with_their_sub_codes() -> None:
    listed = {row["code"]: [sub["code"] for sub in row["sub_codes"]] for row in documents()}

    assert list(listed) == [
        "gluten", "crustaceans", "eggs", "fish", "peanuts", "soybeans", "milk", "nuts", "celery", "mustard", "sesame",
        "sulphites", "lupin", "molluscs",
    ]  # fmt: skip
    assert listed["gluten"] == ["wheat", "rye", "barley", "oats", "spelt", "kamut"]
    assert listed["nuts"] == ["almond", "hazelnut", "walnut", "cashew", "pecan", "brazil", "pistachio", "macadamia"]
    assert documents()[6]["names"]["en"] == "Milk"


@pytest.mark.parametrize(
    ("declared", "avoided", "unsafe"),
    [
        ("milk", "milk", True), ("walnut", "nuts", True), ("nuts", "walnut", True), ("walnut", "almond", False),
        ("milk", "nuts", False), ("homemade", "milk", False),
    ],
)  # fmt: skip
def test_unspecified_codes_endanger_both_ways(declared: str, avoided: str, unsafe: bool) -> None:
    assert endangers(declared, avoided) is unsafe
