"""Menus and categories: changing them, the whole nested menu, and the hash of what it says."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from domain.menus import service as menus
from kit.errors import Conflict
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location
from tests.factories.menus import create_category
from tests.factories.menus import create_item
from tests.factories.menus import create_menu
from tests.factories.menus import create_modifier
from tests.factories.menus import create_modifier_group
from tests.factories.menus import create_variation
from tests.factories.menus import place_group

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
NOTHING = {"created": 0, "updated": 0, "deleted": 0}


@pytest.fixture
def place(scope: Scope) -> Scope:
    """A tenant with one Warsaw location."""
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        create_location(scope, id="loc_1")
    return scope


def test_new_menu_is_told_without_items(place: Scope) -> None:
    with unit_of_work(place):
        menu = menus.create_menu(place, values={"name": "Lunch", "location_id": "loc_1", "service_types": ["pickup"]})

    assert (menu["currency"], menu["categories"], menu["version"], len(menu["version_hash"])) == ("PLN", [], 1, 32)
    [event] = recorded_events(place)
    assert (event.type, event.object_id, event.location_id) == ("menu.created", menu["id"], "loc_1")
    assert event.body["object"] == {**menu, "menu_changes": NOTHING}


def test_menu_of_an_unknown_location_is_refused(place: Scope) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work(place):
        menus.create_menu(place, values={"name": "Lunch", "location_id": "loc_none"})

    assert refusal.value.errors[0].field == "location_id"


def test_change_of_a_menu_tells_what_it_was(place: Scope) -> None:
    with unit_of_work(place):
        menu = create_menu(place, name="Lunch")
    for _ in range(2):
        with unit_of_work(place):
            after = menus.change_menu(place, menu_id=menu, changes={"name": "Dinner", "schedule": []})
    with pytest.raises(Conflict), unit_of_work(place):
        menus.change_menu(place, menu_id=menu, changes={"name": "X"}, expected_version=1)

    assert (after["name"], after["version"]) == ("Dinner", 2)
    [event] = recorded_events(place)
    assert (event.type, event.body["previous"]) == ("menu.updated", {"name": "Lunch"})
    assert event.body["object"]["menu_changes"] == {**NOTHING, "updated": 1}


def test_categories_are_told_as_changes_of_their_menu(place: Scope) -> None:
    with unit_of_work(place):
        menu, soup, fish = create_menu(place), create_item(place, id="itm_1"), create_item(place, id="itm_2")
    with unit_of_work(place):
        category = menus.create_category(place, values={"menu_id": menu, "name": "Mains", "item_ids": [soup]})
    with unit_of_work(place):
        after = menus.change_category(place, category_id=category["id"], changes={"item_ids": [fish, soup], "name": "Mains"})
    with unit_of_work(place):
        menus.delete_category(place, category_id=category["id"])
        with pytest.raises(NotFound):
            menus.get_category(place, category_id=category["id"])
        assert menus.get_item(place, item_id=soup)["category_ids"] == []
        assert menus.get_menu(place, menu_id=menu)["version"] == 4

    assert (after["item_ids"], after["version"]) == ([fish, soup], 2)
    key, events = category["id"], recorded_events(place)
    assert [event.type for event in events] == ["menu.updated"] * 3
    assert [event.body["previous"]["categories"][key] for event in events] == [
        None, {"item_ids": [soup]}, {"name": "Mains", "item_ids": [fish, soup]},
    ]  # fmt: skip
    assert [event.body["object"]["menu_changes"] for event in events] == [
        {**NOTHING, name: 1} for name in ("created", "updated", "deleted")
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"menu_id": "mnu_none"}, "menu_id"),
        ({"item_ids": ["itm_none"]}, "item_ids[0]"),
        ({"item_ids": ["itm_1"] * 2}, "item_ids[1]"),
    ],
    ids=["menu", "item", "item twice"],
)
def test_category_that_breaks_a_rule_is_refused(place: Scope, values: dict[str, Any], field: str) -> None:
    with unit_of_work(place):
        menu = create_menu(place)
        create_item(place, id="itm_1")
    with pytest.raises(Invalid) as refusal, unit_of_work(place):
        menus.create_category(place, values={"menu_id": menu, "name": "Mains", **values})

    assert refusal.value.errors[0].field == field
    assert recorded_types(place) == []


def test_deleted_menu_is_gone_and_its_items_stay(place: Scope) -> None:
    with unit_of_work(place):
        menu, item = create_menu(place), create_item(place)
        create_category(place, menu_id=menu, item_ids=(item,))
    with unit_of_work(place):
        menus.delete_menu(place, menu_id=menu)
    with unit_of_work(place):
        for gone in (menus.get_menu, menus.get_whole_menu, menus.delete_menu):
            with pytest.raises(NotFound):
                gone(place, menu_id=menu)
        assert menus.list_menus(place, limit=5, after=None) == []
        assert menus.list_categories(place, limit=5, after=None) == []
        assert menus.get_item(place, item_id=item)["available"] is True

    [event] = recorded_events(place)
    assert (event.type, event.body["object"]["is_active"], event.body["previous"]["is_active"]) == ("menu.updated", False, True)


@pytest.fixture
def carte(place: Scope) -> Scope:
    """A menu whose burger offers extras, a dip under them, and a herb under that; the dip is offered with fries too."""
    with unit_of_work(place):
        create_item(place, id="itm_burger", name="Burger", location_id="loc_1", sort=2)
        create_item(place, id="itm_fries", name="Fries", location_id="loc_1", sort=1, stock_count=0)
        create_item(place, id="itm_other", name="Elsewhere")
        create_variation(place, id="var_large", item_id="itm_burger", sort=1)
        create_variation(place, id="var_small", item_id="itm_burger", sort=0)
        create_modifier_group(place, id="mgr_extras", item_id="itm_burger")
        create_modifier(place, id="mod_dip", group_id="mgr_extras", name="Dip", sort=1)
        create_modifier(place, id="mod_bacon", group_id="mgr_extras", sort=0, is_suspended=True)
        create_modifier_group(place, id="mgr_dips", modifier_id="mod_dip")
        place_group(place, group_id="mgr_dips", item_id="itm_fries")
        create_modifier(place, id="mod_mayo", group_id="mgr_dips")
        create_modifier_group(place, id="mgr_herbs", modifier_id="mod_mayo")
        create_modifier(place, id="mod_basil", group_id="mgr_herbs")
        create_menu(place, id="mnu_1", location_id="loc_1")
        create_category(place, id="cat_b", menu_id="mnu_1", name="Mains", sort=2, item_ids=("itm_burger",))
        create_category(place, id="cat_a", menu_id="mnu_1", name="Hits", sort=1, item_ids=("itm_fries", "itm_burger"))
    return place


def shape(groups: list[dict[str, Any]]) -> dict[str, Any]:
    """Groups as {group: {modifier: …}}."""
    return {
        group["id"]: {row["id"]: shape(row["modifier_groups"]) for row in group["modifiers"]} for group in groups
    }


def test_whole_menu_holds_everything_down_to_the_third_level(carte: Scope) -> None:
    with unit_of_work(carte, writes=False):
        menu = menus.get_whole_menu(carte, menu_id="mnu_1")
        single = menus.get_item(carte, item_id="itm_burger")
        group = menus.get_modifier_group(carte, group_id="mgr_extras")

    assert [(row["id"], [item["id"] for item in row["items"]]) for row in menu["categories"]] == [
        ("cat_a", ["itm_fries", "itm_burger"]), ("cat_b", ["itm_burger"]),
    ]  # fmt: skip
    fries, burger = menu["categories"][0]["items"]
    assert [row["id"] for row in burger["variations"]] == ["var_small", "var_large"]
    assert shape(burger["modifier_groups"]) == {
        "mgr_extras": {"mod_bacon": {}, "mod_dip": {"mgr_dips": {"mod_mayo": {"mgr_herbs": {"mod_basil": {}}}}}}
    }
    assert shape(fries["modifier_groups"]) == {"mgr_dips": {"mod_mayo": {"mgr_herbs": {"mod_basil": {}}}}}
    assert (fries["available"], fries["unavailable_reason"]) == (False, "stock")
    assert {name: burger[name] for name in single} == single
    bacon = burger["modifier_groups"][0]["modifiers"][0]
    assert {name: bacon[name] for name in group["modifiers"][0]} == group["modifiers"][0]
    assert bacon["available"] is False


@pytest.mark.parametrize(
    ("kind", "row", "changes", "changes_hash"),
    [
        ("item", "itm_burger", {"base_price_minor": 1}, True),
        ("item", "itm_burger", {"modifier_group_ids": []}, True),
        ("item", "itm_other", {"base_price_minor": 1}, False),
        ("group", "mgr_herbs", {"modifiers": []}, True),
        ("category", "cat_a", {"item_ids": ["itm_burger", "itm_fries"]}, True),
        ("menu", "mnu_1", {"schedule": [{"days": [0], "from": "10:00", "to": "11:00"}]}, True),
        ("86", "itm_burger", {"available": False}, False),
    ],
    ids=["price", "groups", "item elsewhere", "nested group", "order", "schedule", "86"],
)
def test_hash_of_a_menu_changes_with_what_it_says(
    carte: Scope, kind: str, row: str, changes: dict[str, Any], changes_hash: bool
) -> None:
    with unit_of_work(carte):
        menus.stamp_menus(carte)
        before = menus.get_menu(carte, menu_id="mnu_1")["version_hash"]
    with unit_of_work(carte):
        if kind == "item":
            menus.change_item(carte, item_id=row, changes=changes)
        elif kind == "group":
            menus.change_modifier_group(carte, group_id=row, changes=changes)
        elif kind == "category":
            menus.change_category(carte, category_id=row, changes=changes)
        elif kind == "menu":
            menus.change_menu(carte, menu_id=row, changes=changes)
        else:
            menus.set_item_availability(carte, item_id=row, **changes)
    with unit_of_work(carte, writes=False):
        whole, listed = menus.get_whole_menu(carte, menu_id="mnu_1"), menus.list_menus(carte, limit=1, after=None)[0]

    assert (whole["version_hash"] != before) is changes_hash
    assert whole["version_hash"] == listed["version_hash"]


def test_hash_that_was_never_stamped_is_computed_on_reading(carte: Scope) -> None:
    with unit_of_work(carte):
        read = menus.get_whole_menu(carte, menu_id="mnu_1")["version_hash"]
        menus.stamp_menus(carte)
        assert menus.get_menu(carte, menu_id="mnu_1")["version_hash"] == read


def test_menus_are_listed_by_change_when_asked(place: Scope) -> None:
    with unit_of_work(place):
        old, new = create_menu(place, updated_at=1), create_menu(place, updated_at=5)
        create_menu(place, updated_at=0)
        found = menus.list_menus(place, limit=1, after=None, updated_since_us=1)
        rest = menus.list_menus(place, limit=1, after=[found[0]["updated_at"], found[0]["id"]], updated_since_us=1)

    assert ([row["id"] for row in found], [row["id"] for row in rest]) == ([old, new], [new])
