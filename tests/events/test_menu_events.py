"""Events of menus, locations and tables: each by exactly its change, with the old values of what changed."""

from typing import Any

import pytest

from tests.events.conftest import Do
from tests.events.conftest import Tasks
from tests.events.feed import Feed

OFF = {"available": False, "unavailable_reason": "manual_86"}
NOTHING = {"created": 0, "updated": 0, "deleted": 0}
ON = {"available": True, "unavailable_reason": None}


def create_item(do: Do, feed: Feed, **body: Any) -> dict[str, Any]:
    item = do("POST", "/v1/menu-items", {"name": "Barszcz", "price": 18} | body)
    feed.read()
    return item


@pytest.mark.emits("menu.created", "menu.updated")
def test_menu_tells_its_start_and_its_changes(do: Do, feed: Feed) -> None:
    menu = do("POST", "/v1/menus", {"name": "Lunch"})
    [event] = feed.read()
    assert (event["type"], event["data"]) == ("menu.created", {"object": menu | {"menu_changes": NOTHING}})
    do("PATCH", f"/v1/menus/{menu['id']}", {"subtitle": "Until three"})
    assert feed.told() == [("menu.updated", {"subtitle": None})]
    do("PATCH", f"/v1/menus/{menu['id']}", {"subtitle": "Until three"})
    assert feed.told() == []
    do("POST", "/v1/categories", {"menu_id": menu["id"], "name": "Soups"})
    assert feed.types() == ["menu.updated"]


@pytest.mark.emits("menu.item.created", "menu.updated")
def test_uploaded_menu_is_told_once_with_its_counts(do: Do, feed: Feed, tasks: Tasks) -> None:
    menu = do("POST", "/v1/menus", {"name": "Lunch"})
    feed.read()
    soups = {"name": "Soups", "items": [{"name": "Barszcz", "price": 18}, {"name": "Rosół", "price": 16}]}
    do("PUT", f"/v1/menus/{menu['id']}/document", {"categories": [soups]})
    assert feed.types() == []
    tasks()
    *items, told = feed.read()
    assert ([item["type"] for item in items], told["type"]) == (["menu.item.created"] * 2, "menu.updated")
    assert told["data"]["object"]["menu_changes"] == {"created": 3, "updated": 0, "deleted": 0}
    assert "previous" not in told["data"]


@pytest.mark.emits("menu.item.created", "menu.item.updated", "menu.price.updated")
def test_item_tells_its_changes_and_its_prices(do: Do, feed: Feed) -> None:
    item = do("POST", "/v1/menu-items", {"name": "Barszcz", "price": 18})
    [event] = feed.read()
    assert (event["type"], event["data"]) == ("menu.item.created", {"object": item})
    path = f"/v1/menu-items/{item['id']}"
    do("PATCH", path, {"description": "Hot"})
    assert feed.told() == [("menu.item.updated", {"description": None})]
    do("PATCH", path, {"price": 19.5})
    price, updated = feed.read()
    assert [(event["type"], event["data"]["previous"]) for event in (price, updated)] == [
        ("menu.price.updated", {"price": 18.0}), ("menu.item.updated", {"price": 18.0}),
    ]  # fmt: skip
    changes = price["data"]["object"]["price_change"]["changes"]
    assert [(change["old_price"], change["new_price"]) for change in changes] == [(18.0, 19.5)]


@pytest.mark.emits("menu.item.unavailable", "menu.item.available")
def test_item_tells_when_it_goes_and_comes_back(do: Do, feed: Feed) -> None:
    path = f"/v1/menu-items/{create_item(do, feed)['id']}/availability"
    do("PUT", path, {"available": False, "reason": "manual_86"})
    assert feed.told() == [("menu.item.unavailable", ON)]
    do("PUT", path, {"available": True})
    assert feed.told() == [("menu.item.available", OFF)]


@pytest.mark.emits("menu.item.unavailable", "menu.item.available")
def test_last_portion_takes_the_item_off_and_its_return_brings_it_back(do: Do, feed: Feed) -> None:
    item = create_item(do, feed, stock_count=1)
    order = {"location_id": "loc_waw_01", "items": [{"menu_item_id": item["id"]}]}
    placed = do("POST", "/v1/orders", order)
    assert feed.told() == [
        ("order.created", None), ("menu.item.unavailable", {"available": True}),
    ]  # fmt: skip
    do("PATCH", f"/v1/orders/{placed['id']}", {"status": "cancelled", "cancel_reason": "duplicate"})
    assert feed.told() == [
        ("order.cancelled", {"status": "pending", "cancel_reason": None}), ("menu.item.available", {"available": False}),
    ]


@pytest.mark.emits("menu.modifier.unavailable", "menu.modifier.available")
def test_modifier_tells_when_it_goes_and_comes_back(do: Do, feed: Feed) -> None:
    group = do("POST", "/v1/modifier-groups", {"name": "Breads", "modifiers": [{"name": "Rye", "price": 3}]})
    feed.read()
    path = f"/v1/modifiers/{group['modifiers'][0]['id']}/availability"
    do("PUT", path, {"available": False})
    assert feed.told() == [("menu.modifier.unavailable", ON)]
    do("PUT", path, {"available": True})
    assert feed.told() == [("menu.modifier.available", OFF)]


@pytest.mark.emits("store.status.updated")
def test_location_tells_its_pause_and_its_end(do: Do, feed: Feed) -> None:
    path = "/v1/locations/loc_waw_01/status"
    do("PUT", path, {"status": "paused", "reason": "Rush"})
    assert feed.told() == [("store.status.updated", {"status": {"status": "online", "reason": None}})]
    do("PUT", path, {"status": "online"})
    assert feed.told() == [("store.status.updated", {"status": {"status": "paused", "reason": "Rush"}})]


@pytest.mark.emits("table.updated")
def test_table_tells_its_edits_and_its_lock(do: Do, feed: Feed) -> None:
    before = do("GET", "/v1/tables/tbl_waw_1")
    do("PATCH", "/v1/tables/tbl_waw_1", {"x": 1.5})
    assert feed.told() == [("table.updated", {"x": before["x"]})]
    locked = do("POST", "/v1/tables/tbl_waw_1/lock", {})
    assert feed.told() == [("table.updated", {"lock": None})]
    do("POST", "/v1/tables/tbl_waw_1/unlock", {})
    assert feed.told() == [("table.updated", {"lock": locked["lock"]})]
