"""Modifier groups: changing them, nesting them, and telling the menus and items that offer them."""

from typing import Any

import pytest

from domain.menus import service as menus
from kit.errors import Conflict
from kit.errors import Invalid
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.locations import create_location
from tests.factories.menus import create_category
from tests.factories.menus import create_item
from tests.factories.menus import create_menu
from tests.factories.menus import create_modifier
from tests.factories.menus import create_modifier_group
from tests.factories.menus import place_group


@pytest.fixture
def place(scope: Scope) -> Scope:
    """A tenant with one Warsaw location."""
    with unit_of_work(scope):
        create_location(scope, id="loc_1")
    return scope


def create(scope: Scope, **values: Any) -> dict[str, Any]:
    with unit_of_work(scope):
        return menus.create_modifier_group(scope, values={"name": "Extras", "max_selections": 3, **values})


def change(scope: Scope, group_id: str, **changes: Any) -> dict[str, Any]:
    with unit_of_work(scope):
        return menus.change_modifier_group(scope, group_id=group_id, changes=changes)


def test_new_group_holds_its_modifiers_in_order_and_is_told_to_nobody(place: Scope) -> None:
    group = create(place, modifiers=[
        {"name": "Bacon", "price_minor": 400, "max_quantity": 3},
        {"name": "Cheese", "price_minor": 350, "allergens": [{"code": "milk", "level": "contains"}]},
    ])  # fmt: skip

    assert (group["currency"], group["version"]) == ("PLN", 1)
    assert [(row["name"], row["price_minor"], row["max_quantity"], row["currency"]) for row in group["modifiers"]] == [
        ("Bacon", 400, 3, "PLN"), ("Cheese", 350, 1, "PLN"),
    ]  # fmt: skip
    assert group["modifiers"][1]["allergens"] == [{"code": "milk", "level": "contains"}]
    assert all(row["available"] for row in group["modifiers"])
    assert recorded_types(place) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"min_selections": 4}, "min"),
        ({"max_selections": 0, "is_required": True}, "max"),
        ({"min_selections": 2, "modifiers": [{"name": "Bacon"}]}, "min"),
        ({"modifiers": [{"name": "Bacon", "allergens": [{"code": "x", "level": "contains"}]}]}, "modifiers[0].allergens[0]"),
        ({"modifiers": [{"name": "Bacon", "group_ids": ["mgr_none"]}]}, "modifiers[0].modifier_group_ids[0]"),
        ({"modifiers": [{"id": "mod_none", "name": "Bacon"}]}, "modifiers[0].id"),
    ],
    ids=["least above most", "required of none", "too few", "allergen", "nested", "modifier"],
)
def test_group_that_breaks_a_rule_is_refused(place: Scope, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        create(place, **values)

    assert refusal.value.errors[0].field == field
    with unit_of_work(place, writes=False):
        assert menus.list_modifier_groups(place, limit=5, after=None) == []


def test_change_of_a_group_is_told_once_a_menu_and_prices_once_an_item(place: Scope) -> None:
    with unit_of_work(place):
        burger, wrap = (create_item(place, id=f"itm_{name}", name=name, location_id="loc_1") for name in ("burger", "wrap"))
        create_category(place, menu_id=create_menu(place, id="mnu_1"), item_ids=(burger, wrap))
        create_menu(place, id="mnu_2")
        outer = create_modifier_group(place, item_id=burger)
        inner = create_modifier_group(place, modifier_id=create_modifier(place, group_id=outer))
        place_group(place, group_id=inner, item_id=wrap)
        bacon, gone = create_modifier(place, group_id=inner), create_modifier(place, group_id=inner, name="Gone")
    after = change(place, inner, modifiers=[{"id": bacon, "name": "Bacon", "price_minor": 450}, {"name": "New"}])

    assert [(row["name"], row["price_minor"]) for row in after["modifiers"]] == [("Bacon", 450), ("New", 0)]
    events = recorded_events(place)
    assert [(event.type, event.object_id) for event in events] == [
        ("menu.price.updated", burger), ("menu.price.updated", wrap), ("menu.updated", "mnu_1"),
    ]  # fmt: skip
    assert events[0].body["object"]["price_change"]["changes"] == [
        {"kind": "modifier", "id": bacon, "name": "Bacon", "old_price_minor": 400, "new_price_minor": 450}
    ]
    assert events[0].body["previous"] == {"modifiers": {bacon: {"price_minor": 400}}}
    assert events[2].body["object"]["menu_changes"] == {"created": 1, "updated": 1, "deleted": 1}
    told = events[2].body["previous"]["modifier_groups"][inner]
    assert told["modifiers"] == {
        bacon: {"name": "Bacon", "price_minor": 400}, gone: {"name": "Gone", "price_minor": 400},
    }  # fmt: skip


def test_equal_values_change_nothing(place: Scope) -> None:
    group = create(place, modifiers=[{"name": "Bacon", "price_minor": 400}])
    [bacon] = group["modifiers"]
    after = change(place, group["id"], name="Extras", modifiers=[{"id": bacon["id"], "name": "Bacon", "price_minor": 400}])

    assert (after["version"], after["modifiers"][0]["version"]) == (1, 1)


def test_groups_nest_three_levels_and_no_deeper(place: Scope) -> None:
    third = create(place, modifiers=[{"name": "C"}])
    second = create(place, modifiers=[{"name": "B", "group_ids": [third["id"]]}])
    first = create(place, modifiers=[{"name": "A", "group_ids": [second["id"]]}])
    with pytest.raises(Invalid) as deep:
        create(place, modifiers=[{"name": "0", "group_ids": [first["id"]]}])
    with pytest.raises(Invalid) as circle:
        change(place, third["id"], modifiers=[{"id": third["modifiers"][0]["id"], "name": "C", "group_ids": [second["id"]]}])

    assert ["3 levels" in deep.value.detail, "itself" in circle.value.detail] == [True, True]
    with unit_of_work(place, writes=False):
        assert menus.get_modifier_group(place, group_id=third["id"])["modifiers"][0]["group_ids"] == []


def test_nested_groups_of_a_modifier_stay_when_the_change_does_not_name_them(place: Scope) -> None:
    inner = create(place, modifiers=[{"name": "Rare"}])
    outer = create(place, modifiers=[{"name": "Steak", "group_ids": [inner["id"]]}])
    [steak] = outer["modifiers"]
    after = change(place, outer["id"], modifiers=[{"id": steak["id"], "name": "Rib eye"}])
    bare = change(place, outer["id"], modifiers=[{"id": steak["id"], "name": "Rib eye", "group_ids": []}])

    assert (after["modifiers"][0]["group_ids"], bare["modifiers"][0]["group_ids"]) == ([inner["id"]], [])


def test_two_who_nest_groups_at_once_do_not_close_a_circle(place: Scope) -> None:
    ids = [create(place, modifiers=[{"name": name}])["id"] for name in "AB"]

    def nest(index: int) -> str:
        outer, inner = ids[index], ids[1 - index]
        [modifier] = menus.get_modifier_group(place, group_id=outer)["modifiers"]
        changes = {"modifiers": [{"id": modifier["id"], "name": "X", "group_ids": [inner]}]}
        return str(menus.change_modifier_group(place, group_id=outer, changes=changes)["id"])

    assert sorted(at_once(place, 2, nest)) in ([ids[0], "validation_failed"], [ids[1], "validation_failed"])


def test_group_of_another_currency_is_offered_with_no_item(place: Scope) -> None:
    group = create(place, currency="EUR")
    with pytest.raises(Invalid) as refusal, unit_of_work(place):
        menus.create_item(place, values={"name": "X", "base_price_minor": 1, "modifier_group_ids": [group["id"]]})

    assert refusal.value.errors[0].field == "modifier_group_ids[0]"


def test_change_of_another_version_of_a_group_is_refused(place: Scope) -> None:
    group = create(place)
    with pytest.raises(Conflict) as refusal, unit_of_work(place):
        menus.change_modifier_group(place, group_id=group["id"], changes={"name": "X"}, expected_version=7)

    assert refusal.value.data == {"current_version": 1}
