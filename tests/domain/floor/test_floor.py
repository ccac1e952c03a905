"""The live floor: what each table is said to be while a day goes on."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from domain.bookings.service import change_reservation
from domain.bookings.service import hold_tables
from domain.floor.service import read_floor
from domain.floor.states import is_dirty
from domain.locations.service import lock_table
from domain.locations.service import mark_clean
from domain.orders.service import LineDraft
from domain.orders.service import change_order
from domain.orders.service import place_order
from domain.payments.service import take_payment
from kit.clock import to_us
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.factories.bookings import EVENING
from tests.factories.bookings import House
from tests.factories.bookings import create_house
from tests.factories.bookings import create_reservation
from tests.factories.clock import freeze_clock
from tests.factories.menus import create_item
from tests.factories.orders import build_draft

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def house(scope: Scope) -> House:
    with unit_of_work(scope):
        create_item(scope, id="itm_soup")
        return create_house(scope, tables={"T1": {}, "T2": {}})


def floor(scope: Scope, house: House, at: datetime) -> dict[str, Any]:
    """The first table of the floor at an instant."""
    with unit_of_work(scope):
        freeze_clock(scope, at)
        return read_floor(scope, location_id=house.location_id)["tables"][0]


def dine(scope: Scope, house: House, at: datetime) -> str:
    draft = build_draft(
        house.location_id, LineDraft(item_id="itm_soup"), table_id=house.tables["T1"], fulfillment={"type": "dine_in"}
    )
    with unit_of_work(scope):
        freeze_clock(scope, at)
        return str(place_order(scope, draft=draft).document["id"])


def test_reservation_takes_its_table_an_hour_before_until_it_is_cleaned(scope: Scope, house: House) -> None:
    with unit_of_work(scope):
        reservation = create_reservation(scope, house.location_id, table_ids=(house.tables["T1"],))
    states = [floor(scope, house, EVENING - gap)["state"] for gap in (HOUR + MINUTE, HOUR)]
    for minute, status in ((0, "seated"), (60, "completed")):
        with unit_of_work(scope):
            freeze_clock(scope, EVENING + minute * MINUTE)
            change_reservation(scope, reservation_id=reservation, status=status)
        seen = floor(scope, house, EVENING + (minute + 1) * MINUTE)
        states.append(seen["state"])
        assert (seen["reservation"] is None) == (status == "completed")
    states.append(floor(scope, house, EVENING + 90 * MINUTE)["state"])
    assert states == ["free", "reserved", "seated", "dirty", "free"]


def test_order_seats_its_table_and_asks_for_the_bill(scope: Scope, house: House) -> None:
    order = dine(scope, house, EVENING)
    states = [floor(scope, house, EVENING)["state"]]
    for status in ("accepted", "ready"):
        with unit_of_work(scope):
            change_order(scope, order_id=order, status=status)
    bill = floor(scope, house, EVENING)
    with unit_of_work(scope):
        take_payment(scope, order_id=order, method="cash")
        change_order(scope, order_id=order, status="completed")
    states += [bill["state"], floor(scope, house, EVENING)["state"]]
    with unit_of_work(scope):
        freeze_clock(scope, EVENING + MINUTE)
        mark_clean(scope, table_id=house.tables["T1"])
    states.append(floor(scope, house, EVENING + MINUTE)["state"])

    assert states == ["seated", "bill", "dirty", "free"]
    assert {name: bill["order"][name] for name in ("id", "number", "due_minor", "total_minor")} == {
        "id": order, "number": 1, "due_minor": 1500, "total_minor": 1500,
    }  # fmt: skip


def test_hold_keeps_its_table_until_it_expires(scope: Scope, house: House) -> None:
    with unit_of_work(scope):
        freeze_clock(scope, EVENING)
        hold = hold_tables(
            scope, location_id=house.location_id, start=EVENING, party_size=2, table_ids=(house.tables["T1"],), ttl_s=300
        )
    held = floor(scope, house, EVENING)
    assert (held["state"], held["hold"]["id"]) == ("held", hold["id"])
    assert floor(scope, house, EVENING + 5 * MINUTE)["state"] == "free"


def test_floor_counts_states_and_shows_locks(scope: Scope, house: House) -> None:
    dine(scope, house, EVENING)
    with unit_of_work(scope):
        lock_table(scope, table_id=house.tables["T2"], locked_by="eve")
        shown = read_floor(scope, location_id=house.location_id)

    assert shown["counts"] == {"free": 1, "held": 0, "reserved": 0, "seated": 1, "bill": 0, "dirty": 0}
    assert [(table["name"], table["lock"] and table["lock"]["locked_by"]) for table in shown["tables"]] == [
        ("T1", None), ("T2", "eve"),
    ]  # fmt: skip
    assert (shown["currency"], shown["at"]) == ("PLN", to_us(EVENING))


def test_floor_of_another_tenant_is_not_found(scope: Scope, house: House, new_scope: Callable[..., Scope]) -> None:
    other = new_scope()
    with pytest.raises(NotFound), unit_of_work(other, writes=False):
        read_floor(other, location_id=house.location_id)


@pytest.mark.parametrize(
    ("ended", "cleaned", "dirty"),
    [(None, None, False), (0, None, True), (29, None, True), (30, None, False), (5, 6, True), (5, 4, False)],
    ids=["nobody", "just now", "half an hour", "long ago", "cleaned before", "cleaned after"],
)
def test_table_is_dirty_for_half_an_hour_or_until_cleaned(ended: int | None, cleaned: int | None, dirty: bool) -> None:
    now_us, minute_us = to_us(datetime(2026, 1, 12, tzinfo=UTC)), 60_000_000
    table = {"cleaned_at": None if cleaned is None else now_us - cleaned * minute_us}
    visit = {"ended_at": None if ended is None else now_us - ended * minute_us}
    assert is_dirty(table, [visit], now_us=now_us) is dirty
