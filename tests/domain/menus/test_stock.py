"""Taking items off sale, by hand and by stock."""

import threading
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from domain.menus import service as menus
from domain.menus.errors import ItemUnavailable
from domain.timekeeping.service import fire_passed
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
from tests.factories.menus import create_item
from tests.factories.menus import create_modifier
from tests.factories.menus import create_modifier_group

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
ONE_O_CLOCK = datetime(2026, 1, 12, 13, tzinfo=UTC)
TWO_O_CLOCK = datetime(2026, 1, 12, 14, tzinfo=UTC)


def item(scope: Scope, **changes: Any) -> str:
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        return create_item(scope, **changes)


def read(scope: Scope, item_id: str) -> dict[str, Any]:
    with unit_of_work(scope, writes=False):
        return menus.get_item(scope, item_id=item_id)


def test_item_taken_off_sale_says_so_in_one_event(scope: Scope) -> None:
    soup = item(scope)
    for _ in range(2):
        with unit_of_work(scope):
            menus.set_item_availability(scope, item_id=soup, available=False, until=ONE_O_CLOCK)

    [event] = recorded_events(scope)
    assert (event.type, event.object_id) == ("menu.item.unavailable", soup)
    shown = event.body["object"]
    assert (shown["available"], shown["unavailable_reason"], shown["available_again_at"]) == (
        False, "manual_86", to_us(ONE_O_CLOCK),
    )  # fmt: skip
    assert event.body["previous"] == {"available": True, "unavailable_reason": None, "available_again_at": None}
    assert read(scope, soup)["version"] == 2


def test_changing_the_end_of_a_suspension_is_no_event(scope: Scope) -> None:
    soup = item(scope, is_suspended=True, suspend_reason="manual_86")
    with unit_of_work(scope):
        after = menus.set_item_availability(scope, item_id=soup, available=False, until=ONE_O_CLOCK)

    assert (after["available_again_at"], after["version"]) == (to_us(ONE_O_CLOCK), 2)
    assert recorded_types(scope) == []


def test_suspension_that_has_passed_counts_as_over(scope: Scope) -> None:
    soup = item(scope)
    with unit_of_work(scope):
        menus.set_item_availability(scope, item_id=soup, available=False, until=ONE_O_CLOCK)
    with unit_of_work(scope):
        freeze_clock(scope, ONE_O_CLOCK)
        assert menus.get_item(scope, item_id=soup)["available"] is True
        assert fire_passed(scope) == [soup]
        assert fire_passed(scope) == []

    assert recorded_types(scope) == ["menu.item.unavailable", "menu.item.available"]
    assert read(scope, soup)["is_suspended"] is False


def test_suspension_that_was_prolonged_does_not_end_at_its_first_end(scope: Scope) -> None:
    soup = item(scope)
    for until in (ONE_O_CLOCK, TWO_O_CLOCK):
        with unit_of_work(scope):
            menus.set_item_availability(scope, item_id=soup, available=False, until=until)
    with unit_of_work(scope):
        freeze_clock(scope, ONE_O_CLOCK)
        assert fire_passed(scope) == []
        assert menus.get_item(scope, item_id=soup)["available"] is False

    assert recorded_types(scope) == ["menu.item.unavailable"]


def test_timer_of_a_suspension_that_was_lifted_does_nothing(scope: Scope) -> None:
    soup = item(scope)
    with unit_of_work(scope):
        menus.set_item_availability(scope, item_id=soup, available=False, until=ONE_O_CLOCK)
        menus.set_item_availability(scope, item_id=soup, available=False)
    with unit_of_work(scope):
        freeze_clock(scope, ONE_O_CLOCK)
        fire_passed(scope)

    assert read(scope, soup)["is_suspended"] is True


def test_schedule_comes_and_goes_without_events(scope: Scope) -> None:
    brunch = item(scope, schedule=[{"days": [6], "from": "10:00", "to": "14:00"}])
    with unit_of_work(scope):
        off = menus.set_item_availability(scope, item_id=brunch, available=False)
        back = menus.set_item_availability(scope, item_id=brunch, available=True)

    assert (off["unavailable_reason"], back["unavailable_reason"]) == ("manual_86", "schedule")
    assert recorded_types(scope) == ["menu.item.unavailable", "menu.item.available"]


@pytest.mark.parametrize(
    ("before", "changes", "stock", "types"),
    [
        (None, {"available": True, "stock_count": 4}, 4, []),
        (3, {"available": True, "stock_count": None}, None, []),
        (0, {"available": True, "stock_count": 5}, 5, ["menu.item.available"]),
        (3, {"available": False, "stock_count": 0}, 0, ["menu.item.unavailable"]),
        (3, {"available": True}, 3, []),
    ],
    ids=["track", "untrack", "restock", "sold out", "same"],
)
def test_stock_is_set_with_the_availability(
    scope: Scope, before: int | None, changes: dict[str, Any], stock: int | None, types: list[str]
) -> None:
    fish = item(scope, stock_count=before)
    with unit_of_work(scope):
        after = menus.set_item_availability(scope, item_id=fish, **changes)

    assert after["stock_count"] == stock
    assert recorded_types(scope) == types


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"available": False, "reason": "rain"}, "reason"),
        ({"available": True, "until": ONE_O_CLOCK}, "until"),
        ({"available": False, "until": NOON}, "until"),
        ({"available": False, "stock_count": -1}, "stock_count"),
        ({"available": True}, "stock_count"),
        ({"available": True, "stock_count": 0}, "stock_count"),
    ],
    ids=["reason", "until with available", "until past", "negative stock", "still sold out", "available without stock"],
)
def test_availability_is_refused(scope: Scope, changes: dict[str, Any], field: str) -> None:
    fish = item(scope, stock_count=0)
    with pytest.raises(Invalid) as refusal, unit_of_work(scope):
        menus.set_item_availability(scope, item_id=fish, **changes)

    assert refusal.value.errors[0].field == field
    assert recorded_types(scope) == []


def test_availability_of_another_version_is_refused(scope: Scope) -> None:
    soup = item(scope, version=3)
    with pytest.raises(Conflict) as refusal, unit_of_work(scope):
        menus.set_item_availability(scope, item_id=soup, available=False, expected_version=2)

    assert (refusal.value.code, refusal.value.data) == ("version_conflict", {"current_version": 3})


def test_last_portion_takes_the_item_off_sale_and_its_return_brings_it_back(scope: Scope) -> None:
    fish = item(scope, stock_count=3)
    with unit_of_work(scope):
        menus.reserve_stock(scope, quantities={fish: 3})
    sold_out = read(scope, fish)
    with unit_of_work(scope):
        menus.release_stock(scope, quantities={fish: 2})

    assert (sold_out["stock_count"], sold_out["unavailable_reason"], sold_out["suspend_reason"]) == (0, "stock", "stock")
    assert (read(scope, fish)["stock_count"], read(scope, fish)["available"]) == (2, True)
    assert recorded_types(scope) == ["menu.item.unavailable", "menu.item.available"]


def test_returned_portions_do_not_lift_a_suspension_by_hand(scope: Scope) -> None:
    fish = item(scope, stock_count=1)
    with unit_of_work(scope):
        menus.reserve_stock(scope, quantities={fish: 1})
        menus.set_item_availability(scope, item_id=fish, available=False, reason="manual_86")
        menus.release_stock(scope, quantities={fish: 1})

    assert (read(scope, fish)["stock_count"], read(scope, fish)["unavailable_reason"]) == (1, "manual_86")
    assert recorded_types(scope) == ["menu.item.unavailable"]


def test_selling_out_leaves_a_suspension_by_hand_as_it_is(scope: Scope) -> None:
    fish = item(scope, stock_count=1)
    with unit_of_work(scope):
        menus.set_item_availability(scope, item_id=fish, available=False)
        menus.reserve_stock(scope, quantities={fish: 1})
        menus.release_stock(scope, quantities={fish: 1})

    assert read(scope, fish)["unavailable_reason"] == "manual_86"
    assert recorded_types(scope) == ["menu.item.unavailable"]


def test_too_few_portions_are_refused_and_nothing_is_taken(scope: Scope) -> None:
    fish, soup = item(scope, id="itm_b", stock_count=2), item(scope, id="itm_a", stock_count=9)
    with pytest.raises(ItemUnavailable) as refusal, unit_of_work(scope):
        menus.reserve_stock(scope, quantities={fish: 3, soup: 1})

    assert refusal.value.errors[0].extra["menu_item_id"] == fish
    assert (read(scope, fish)["stock_count"], read(scope, soup)["stock_count"]) == (2, 9)


def test_untracked_items_have_no_stock_to_take(scope: Scope) -> None:
    soup = item(scope)
    with unit_of_work(scope):
        menus.reserve_stock(scope, quantities={soup: 100})
        menus.release_stock(scope, quantities={soup: 100})

    assert (read(scope, soup)["stock_count"], read(scope, soup)["version"]) == (None, 1)


def test_same_portion_is_never_sold_twice(scope: Scope) -> None:
    fish = item(scope, stock_count=5)
    outcomes: list[bool] = []

    def order() -> None:
        try:
            with unit_of_work(scope):
                menus.reserve_stock(scope, quantities={fish: 1})
            outcomes.append(True)
        except ItemUnavailable:
            outcomes.append(False)

    threads = [threading.Thread(target=order) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (outcomes.count(True), outcomes.count(False)) == (5, 3)
    assert read(scope, fish)["stock_count"] == 0
    assert recorded_types(scope) == ["menu.item.unavailable"]


def test_bulk_change_tells_of_each_item_what_became_of_it(scope: Scope) -> None:
    soup, fish, bread = item(scope), item(scope, stock_count=0), item(scope)
    wanted = [
        menus.Wanted(soup, available=False), menus.Wanted("itm_none", available=False), menus.Wanted(fish, available=True),
        menus.Wanted(bread, available=True, stock_count=5), menus.Wanted(soup, available=True),
    ]  # fmt: skip
    with unit_of_work(scope):
        outcomes = menus.set_items_availability(scope, wanted=wanted)

    assert [one["id"] if isinstance(one, dict) else one.code for one in outcomes] == [
        soup, "resource_not_found", "validation_failed", bread, "validation_failed",
    ]  # fmt: skip
    assert (read(scope, soup)["available"], read(scope, bread)["stock_count"]) == (False, 5)
    assert [(event.type, event.object_id) for event in recorded_events(scope)] == [("menu.item.unavailable", soup)]


def test_modifier_goes_off_sale_and_comes_back_by_its_timer(scope: Scope) -> None:
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        create_location(scope, currency="KWD")
        bacon = create_modifier(scope, group_id=create_modifier_group(scope))
    for _ in range(2):
        with unit_of_work(scope):
            menus.set_modifier_availability(scope, modifier_id=bacon, available=False, until=ONE_O_CLOCK)
    with unit_of_work(scope):
        freeze_clock(scope, ONE_O_CLOCK)
        assert fire_passed(scope) == [bacon]

    off, back = recorded_events(scope)
    assert (off.type, off.object_id, back.type) == ("menu.modifier.unavailable", bacon, "menu.modifier.available")
    assert (off.body["object"]["currency"], off.body["object"]["available_again_at"]) == ("KWD", to_us(ONE_O_CLOCK))
    assert off.body["previous"] == {"available": True, "unavailable_reason": None, "available_again_at": None}
    assert (back.body["object"]["available"], back.body["previous"]) == (True, {"available": False})
    assert back.actor_type == "system"


def test_modifier_that_does_not_exist_is_not_found(scope: Scope) -> None:
    with pytest.raises(NotFound), unit_of_work(scope):
        menus.set_modifier_availability(scope, modifier_id="mod_none", available=False)
