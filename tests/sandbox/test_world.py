"""The minimal world: fixtures, prices, determinism."""

import time
from collections.abc import Callable

from domain.guests.service import get_guest
from domain.locations.service import get_location
from domain.menus.service import catalog_for
from domain.menus.service import get_item
from domain.menus.service import list_items
from domain.orders.pricing import PriceLine
from domain.orders.pricing import price
from domain.orders.service import LineDraft
from domain.orders.service import ModifierDraft
from domain.orders.service import OrderDraft
from domain.orders.service import get_order
from domain.orders.service import list_orders
from domain.orders.service import place_order
from domain.payments.service import list_payments
from kit.documents import Document
from kit.scope import Scope
from kit.unit import tenant_now_us
from kit.unit import unit_of_work
from sandbox import service
from sandbox.clock import START_US
from sandbox.worlds import minimal


def built(scope: Scope, seed: int = 7) -> dict[str, list[str]]:
    with unit_of_work(scope):
        return service.reset(scope, seed=seed)


def orders_of(scope: Scope) -> list[Document]:
    with unit_of_work(scope, writes=False):
        return list_orders(scope, limit=50, after=None)


def test_order_89421_is_as_documented(scope: Scope) -> None:
    fixtures = built(scope)
    with unit_of_work(scope, writes=False):
        order = get_order(scope, order_id="ord_89421")

    assert fixtures["orders"] == ["ord_89421", "ord_89407"]
    assert (order["source"], order["status"], order["payment_status"]) == ("website", "preparing", "unpaid")
    assert [(line["name"], line["unit_minor"], line["quantity"]) for line in order["lines"]] == [("Bacon Cheeseburger", 3850, 1)]
    assert [(one["modifier_id"], one["name"], one["price_minor"]) for one in order["lines"][0]["modifiers"]] == [
        ("mod_extra_bacon", "Extra Bacon", 400)
    ]
    assert (order["subtotal_minor"], order["tax_minor"], order["total_minor"], order["due_minor"]) == (4250, 340, 4590, 4590)
    assert order["tax_lines"] == [
        {"name": "VAT 8 %", "rate": "0.08", "base_minor": 4250, "amount_minor": 340, "included": False}
    ]
    assert [change["status"] for change in order["status_history"]] == ["pending", "accepted", "preparing"]
    assert (order["business_date"], order["customer_id"]) == ("2026-01-12", "cus_anna")


def test_every_named_fixture_exists_in_its_documented_state(scope: Scope) -> None:
    built(scope)
    with unit_of_work(scope, writes=False):
        location = get_location(scope, location_id="loc_waw_01")
        catalog = catalog_for(
            scope, location=location, item_ids=["itm_bacon_cheeseburger", "itm_soldout", "itm_limited"],
            modifier_ids=["mod_extra_bacon"],
        )  # fmt: skip
        beer = get_item(scope, item_id="itm_craft_beer")
        anna = get_guest(scope, guest_id="cus_anna")

    assert (location["currency"], location["price_mode"], location["time_zone"]) == ("PLN", "exclusive", "Europe/Warsaw")
    assert {(hours["opens"], hours["closes"]) for hours in location["opening_hours"]} == {("00:00", "24:00")}
    burger, bacon = catalog.item("itm_bacon_cheeseburger"), catalog.modifier("mod_extra_bacon")
    assert (burger.price_minor, burger.tax_rate, burger.available) == (3850, "0.08", True)
    assert (bacon.price_minor, bacon.group_id in burger.group_ids) == (400, True)
    assert (catalog.item("itm_soldout").available, catalog.item("itm_soldout").unavailable_reason) == (False, "manual_86")
    assert (catalog.item("itm_limited").available, catalog.item("itm_limited").stock_count) == (True, 3)
    assert beer["allergens"] == [{"code": "barley", "level": "contains"}]
    assert [phone["value"] for phone in anna["phones"]] == ["+48221234567"]
    assert [email["value"] for email in anna["emails"]] == ["anna.nowak@example.com"]


def test_orders_cover_the_states_and_add_up(scope: Scope) -> None:
    built(scope)
    orders = orders_of(scope)
    with unit_of_work(scope, writes=False):
        payments = {payment["order_id"]: payment for payment in list_payments(scope, limit=50, after=None)}

    assert sorted(order["status"] for order in orders) == [
        "accepted", "cancelled", "completed", "completed", "pending", "preparing", "ready", "scheduled",
    ]  # fmt: skip
    for order in orders:
        again = price(
            [
                PriceLine(
                    line["unit_minor"], line["quantity"],
                    [(one["price_minor"], one["quantity"]) for one in line["modifiers"]], line["tax_rate"],
                )
                for line in order["lines"]
            ],
            tip_minor=order["tip_minor"],
        )  # fmt: skip
        paid = payments.get(order["id"])
        assert (order["subtotal_minor"], order["tax_minor"], order["total_minor"]) == (
            again.subtotal_minor, again.tax_minor, again.total_minor,
        )  # fmt: skip
        assert order["paid_minor"] == (paid["amount_minor"] + paid["tip_minor"] if paid else 0)
        assert order["due_minor"] == order["total_minor"] - order["paid_minor"]
        times = [change["at"] for change in order["status_history"]]
        assert times == sorted(times)
        assert order["status_history"][-1]["status"] == order["status"]


def test_same_seed_gives_the_same_world_and_another_seed_another(new_scope: Callable[..., Scope]) -> None:
    first, second, third = new_scope(), new_scope(), new_scope()
    built(first), built(second), built(third, seed=8)

    assert orders_of(first) == orders_of(second)
    assert {order["id"] for order in orders_of(first)} != {order["id"] for order in orders_of(third)}
    assert minimal.FIXTURES["orders"][0] in {order["id"] for order in orders_of(third)}


def test_world_records_no_events_and_builds_fast(scope: Scope) -> None:
    built(scope)
    started = time.process_time()
    built(scope)

    assert time.process_time() - started < 0.2
    with unit_of_work(scope, writes=False):
        assert service.state(scope)["counts"]["events"] == 0
        assert tenant_now_us(scope) == START_US


def test_neighbour_shares_no_id_with_the_minimal_world(new_scope: Callable[..., Scope]) -> None:
    here, there = new_scope(), new_scope()
    with unit_of_work(here):
        service.reset(here, profile="minimal")
        ours = {item["id"] for item in list_items(here, limit=50, after=None)}
    with unit_of_work(there):
        named = service.reset(there, profile="neighbour")
        theirs = {item["id"] for item in list_items(there, limit=50, after=None)}
        assert service.reset(there) == named
        assert service.fixtures(there) == named

    assert len(theirs) == 3
    assert not ours & theirs
    assert not {id_ for ids in named.values() for id_ in ids} & {id_ for ids in minimal.FIXTURES.values() for id_ in ids}


def test_neighbour_takes_orders(scope: Scope) -> None:
    with unit_of_work(scope):
        service.reset(scope, profile="neighbour")
        draft = OrderDraft(location_id="loc_krk_01", source="api", lines=[LineDraft(item_id="itm_pierogi", quantity=2)])
        placed = place_order(scope, draft=draft).document

    assert (placed["status"], placed["total_minor"], placed["number"]) == ("pending", 5616, 1)


def test_next_order_continues_the_numbers_of_the_day(scope: Scope) -> None:
    built(scope)
    with unit_of_work(scope):
        draft = OrderDraft(
            location_id="loc_waw_01", source="api",
            lines=[LineDraft(item_id="itm_bacon_cheeseburger", modifiers=[ModifierDraft(modifier_id="mod_extra_bacon")])],
        )  # fmt: skip
        placed = place_order(scope, draft=draft).document

    assert (placed["total_minor"], placed["number"]) == (4590, 9)
