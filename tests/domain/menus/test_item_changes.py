"""Creating, changing and deleting menu items, and what is told of it."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from domain.menus import service as menus
from domain.orders.service import LineDraft
from domain.orders.service import get_order
from domain.orders.service import place_order
from kit.clock import to_us
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
from tests.factories.menus import create_modifier_group
from tests.factories.menus import create_tax
from tests.factories.menus import create_variation
from tests.factories.orders import build_draft

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
BURGER = {"name": "Burger", "base_price_minor": 3850}


@pytest.fixture
def place(scope: Scope) -> Scope:
    """A tenant with one Warsaw location."""
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        create_location(scope, id="loc_1")
    return scope


def change(scope: Scope, item_id: str, **changes: Any) -> dict[str, Any]:
    with unit_of_work(scope):
        return menus.change_item(scope, item_id=item_id, changes=changes)


def test_new_item_is_told_with_everything_that_hangs_on_it(place: Scope) -> None:
    with unit_of_work(place):
        category = create_category(place, menu_id=create_menu(place))
        group = create_modifier_group(place)
        item = menus.create_item(place, values={
            **BURGER, "location_id": "loc_1", "tax_id": create_tax(place), "allergens": [{"code": "milk", "level": "contains"}],
            "variations": [{"name": "Double", "price_minor": 4500, "is_default": True}], "modifier_group_ids": [group],
            "category_ids": [category], "stock_count": 4, "translations": {"pl": {"name": "Burger wołowy"}},
        })  # fmt: skip
        shown = menus.list_categories(place, limit=5, after=None)[0]["item_ids"]

    assert (item["currency"], item["stock_count"], item["version"], item["kind"]) == ("PLN", 4, 1, "food")
    assert [(row["name"], row["price_minor"], row["is_default"]) for row in item["variations"]] == [("Double", 4500, True)]
    assert (item["modifier_group_ids"], item["category_ids"], shown) == ([group], [category], [item["id"]])
    [event] = recorded_events(place)
    assert (event.type, event.object_id, event.location_id) == ("menu.item.created", item["id"], "loc_1")
    assert (event.body["object"], event.body["previous"]) == (item, None)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"location_id": "loc_none"}, "location_id"),
        ({"tax_id": "tax_none"}, "tax_id"),
        ({"modifier_group_ids": ["mgr_none"]}, "modifier_group_ids[0]"),
        ({"category_ids": ["cat_none"]}, "category_ids[0]"),
        ({"allergens": [{"code": "gold", "level": "contains"}]}, "allergens[0]"),
        ({"allergens": [{"code": "milk", "level": "contains"}] * 2}, "allergens[1].code"),
        ({"diets": ["paleo"]}, "diets[0]"),
        ({"variations": [{"name": "S", "price_minor": 1, "is_default": True}] * 2}, "variations"),
        ({"variations": [{"id": "var_none", "name": "S", "price_minor": 1}]}, "variations[0].id"),
    ],
    ids=["location", "tax", "group", "category", "allergen", "allergen twice", "diet", "two defaults", "variation"],
)
def test_item_that_breaks_a_rule_is_refused_and_leaves_nothing(place: Scope, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work(place):
        menus.create_item(place, values={**BURGER, **values})

    assert refusal.value.errors[0].field == field
    with unit_of_work(place, writes=False):
        assert menus.list_items(place, limit=5, after=None) == []
    assert recorded_types(place) == []


def test_item_of_another_location_or_currency_does_not_stand_in_a_category(place: Scope) -> None:
    with unit_of_work(place):
        create_location(place, id="loc_2", currency="EUR")
        category = create_category(place, menu_id=create_menu(place, location_id="loc_1"))
        with pytest.raises(Invalid) as refusal:
            menus.create_item(place, values={**BURGER, "location_id": "loc_2", "category_ids": [category]})
        with pytest.raises(Invalid) as vague:
            menus.create_item(place, values=BURGER)

    assert [refusal.value.errors[0].field, vague.value.errors[0].field] == ["category_ids[0]", "location_id"]


def test_new_price_is_told_as_a_price_and_as_a_change(place: Scope) -> None:
    with unit_of_work(place):
        item = create_item(place, location_id="loc_1", base_price_minor=3850)
        large = create_variation(place, item_id=item, name="Large", price_minor=4500)
    after = change(
        place, item, base_price_minor=3990, variations=[{"id": large, "name": "Large", "price_minor": 4700}, {
            "name": "Huge", "price_minor": 6000,
        }],
    )  # fmt: skip

    price, update = recorded_events(place)
    assert (price.type, update.type) == ("menu.price.updated", "menu.item.updated")
    assert price.body["object"]["price_change"] == {
        "currency": "PLN", "effective_at": to_us(NOON), "changes": [
            {"kind": "base", "id": item, "name": "Soup", "old_price_minor": 3850, "new_price_minor": 3990},
            {"kind": "variation", "id": large, "name": "Large", "old_price_minor": 4500, "new_price_minor": 4700},
        ],
    }  # fmt: skip
    assert price.body["previous"] == {"price_minor": 3850, "variations": {large: {"price_minor": 4500}}}
    assert update.body["object"] == after
    assert update.body["previous"]["price_minor"] == 3850
    assert update.body["previous"]["variations"][large]["price_minor"] == 4500
    assert list(update.body["previous"]["variations"].values()).count(None) == 1
    assert after["version"] == 2


def test_change_to_what_is_there_already_is_none(place: Scope) -> None:
    with unit_of_work(place):
        item = create_item(place, location_id="loc_1", name="Soup", diets=["vegan"])
        small = create_variation(place, item_id=item, name="Small", price_minor=100)
    after = change(place, item, name="Soup", diets=["vegan"], variations=[{"id": small, "name": "Small", "price_minor": 100}])

    assert after["version"] == 1
    assert recorded_types(place) == []


def test_only_what_changed_is_told_with_its_old_value(place: Scope) -> None:
    with unit_of_work(place):
        item = create_item(place, location_id="loc_1")
    change(place, item, name="Żurek", description=None, calories=300)

    [event] = recorded_events(place)
    assert (event.type, event.body["previous"]) == ("menu.item.updated", {"name": "Soup", "calories": None})


def test_variation_that_is_left_out_is_gone(place: Scope) -> None:
    with unit_of_work(place):
        item = create_item(place, location_id="loc_1")
        small, large = (create_variation(place, item_id=item, name=name) for name in ("Small", "Large"))
    after = change(place, item, variations=[{"id": large, "name": "Grande", "price_minor": 2000}])

    assert [(row["id"], row["name"], row["version"]) for row in after["variations"]] == [(large, "Grande", 2)]
    assert set(recorded_events(place)[0].body["previous"]["variations"]) == {small, large}


def test_item_taken_out_of_service_goes_off_sale_and_comes_back(place: Scope) -> None:
    with unit_of_work(place):
        item = create_item(place, location_id="loc_1")
    off, on = change(place, item, is_active=False), change(place, item, is_active=True)

    assert (off["unavailable_reason"], on["available"]) == ("inactive", True)
    assert recorded_types(place) == [
        "menu.item.updated", "menu.item.unavailable", "menu.item.updated", "menu.item.available",
    ]  # fmt: skip


def test_change_of_another_version_is_refused(place: Scope) -> None:
    with unit_of_work(place):
        item = create_item(place, version=3)
    with pytest.raises(Conflict) as refusal, unit_of_work(place):
        menus.change_item(place, item_id=item, changes={"name": "X"}, expected_version=2)

    assert (refusal.value.code, refusal.value.data) == ("version_conflict", {"current_version": 3})
    assert recorded_types(place) == []


def test_deleted_item_is_gone_but_its_orders_are_not(place: Scope) -> None:
    with unit_of_work(place):
        item = create_item(place, location_id="loc_1", name="Soup", stock_count=5)
        category = create_category(place, menu_id=create_menu(place), item_ids=(item,))
        order = place_order(place, draft=build_draft("loc_1", LineDraft(item_id=item, quantity=2))).document
    with unit_of_work(place):
        menus.delete_item(place, item_id=item)
    with unit_of_work(place):
        menus.release_stock(place, quantities={item: 2})
        with pytest.raises(NotFound):
            menus.get_item(place, item_id=item)
        with pytest.raises(NotFound):
            menus.delete_item(place, item_id=item)
        with pytest.raises(NotFound):
            menus.set_item_availability(place, item_id=item, available=True)
        assert menus.list_items(place, limit=5, after=None) == []
        assert menus.get_category(place, category_id=category)["item_ids"] == []
        location = {"id": "loc_1", "default_tax_id": None, "time_zone": "UTC"}
        assert menus.catalog_for(place, location=location, item_ids=[item], modifier_ids=[]).item(item) is None
        assert get_order(place, order_id=order["id"])["lines"][0]["name"] == "Soup"

    told = [(event.type, event.body["object"]["is_active"]) for event in recorded_events(place)[1:]]
    assert told == [("menu.item.updated", False), ("menu.item.unavailable", False)]
