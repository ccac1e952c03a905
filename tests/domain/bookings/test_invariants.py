"""Properties of seating and hours, against definitions written another way; and of a floor under random use."""

from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.bookings.dining import linked
from domain.bookings.drafts import Party
from domain.bookings.errors import NonexistentLocalTime
from domain.bookings.errors import PartyTooLarge
from domain.bookings.floor import named_tables
from domain.bookings.hours import SLOT_US
from domain.bookings.hours import instant_of
from domain.bookings.hours import on_grid
from domain.bookings.hours import sittings
from domain.bookings.hours import slots_between
from domain.bookings.hours import turn_minutes
from domain.bookings.machine import BLOCKING
from domain.bookings.machine import MOVES
from domain.bookings.models import ReservationSlot
from domain.bookings.seating import Table
from domain.bookings.seating import are_combinable
from domain.bookings.seating import choices
from domain.bookings.seating import first_free
from domain.bookings.seating import is_free
from domain.bookings.seating import most_seats
from domain.bookings.seating import seats
from domain.bookings.service import book
from domain.bookings.service import change_reservation
from domain.bookings.service import get_reservation
from domain.bookings.service import list_reservations
from domain.bookings.service import take_deposit
from domain.orders.service import LineDraft
from domain.orders.service import change_order
from domain.orders.service import get_order
from domain.orders.service import lock_order
from domain.orders.service import place_order
from domain.payments.service import take_payment
from kit.clock import from_us
from kit.errors import Invalid
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.factories.bookings import EVENING
from tests.factories.bookings import NOON
from tests.factories.bookings import House
from tests.factories.bookings import build_booking
from tests.factories.bookings import create_house
from tests.factories.bookings import create_reservation
from tests.factories.orders import build_draft

pytestmark = pytest.mark.timeout(900)  # 200 histories each, also on a busy machine
ZONES = ("Europe/Warsaw", "America/New_York", "Asia/Almaty", "Australia/Lord_Howe", "Asia/Kathmandu")
FRESH = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
instants = st.integers(1_700_000_000_000_000, 1_900_000_000_000_000)
minutes = st.integers(1, 700)


@st.composite
def floors(draw: Any) -> list[Table]:
    count = draw(st.integers(1, 6))
    names = [f"t{index}" for index in range(count)]
    return [
        Table(name, name, least, least + draw(st.integers(0, 6)), "indoor", frozenset(draw(st.sets(st.sampled_from(names)))))
        for name in names
        for least in [draw(st.integers(1, 3))]
    ]


@settings(max_examples=300, deadline=None)
@given(floors(), st.sets(st.integers(0, 5), min_size=1), st.integers(1, 20))
def test_named_tables_are_taken_when_they_hang_together_and_seat_the_party(
    tables: list[Table], named: set[int], party: int
) -> None:
    wanted = [tables[index % len(tables)] for index in sorted(named)]
    circles = [{table.id} for table in wanted]
    for left, right in combinations(wanted, 2):
        if right.id in left.combinable_with or left.id in right.combinable_with:
            merged = [circle for circle in circles if circle & {left.id, right.id}]
            circles = [circle for circle in circles if circle not in merged] + [set().union(*merged)]
    hang_together = len({frozenset(circle) for circle in circles}) == 1
    has_seats = sum(table.seats_max for table in {table.id: table for table in wanted}.values()) >= party
    try:
        chosen = named_tables(tables, tuple(table.id for table in wanted), party)
    except PartyTooLarge:
        assert hang_together
        assert not has_seats
    except Invalid:
        assert not hang_together
    else:
        assert hang_together
        assert has_seats
        assert {table.id for table in chosen} == {table.id for table in wanted}


busy_floors = st.dictionaries(
    st.sampled_from([f"t{index}" for index in range(6)]),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda at: (at[0], at[0] + at[1])), max_size=4),
)


@settings(max_examples=300, deadline=None)
@given(floors(), st.integers(1, 16), busy_floors, st.integers(0, 40), st.integers(1, 12))
def test_chosen_tables_are_free_declared_and_large_enough(
    tables: list[Table], party: int, busy: dict, start: int, length: int
) -> None:
    options = choices(tables, party_size=party)
    chosen = first_free(options, busy, start, start + length)
    free = {
        table.id
        for table in tables
        if not any(slot in range(*period) for period in busy.get(table.id, ()) for slot in range(start, start + length))
    }
    for option in options:
        assert seats(option) >= party
        assert are_combinable(option)
        assert is_free(option, busy, start, start + length) == ({table.id for table in option} <= free)
    singles = [(table,) for table in tables if table.id in free and table.seats_max >= party]
    pairs = [
        pair for pair in combinations([table for table in tables if table.id in free], 2)
        if seats(pair) >= party and (pair[1].id in pair[0].combinable_with or pair[0].id in pair[1].combinable_with)
    ]  # fmt: skip
    assert (chosen is not None) == bool(singles or pairs)
    assert bool(options) == (party <= most_seats(tables))
    fitting = [table.seats_max for (table,) in singles if table.seats_min <= party]
    if fitting:
        assert chosen is not None
        assert [table.seats_max for table in chosen] == [min(fitting)]


@settings(max_examples=300, deadline=None)
@given(instants, minutes, instants, minutes)
def test_slots_are_shared_by_stays_that_overlap(start: int, length: int, other: int, other_length: int) -> None:
    other = start + (other - start) % (3 * 3600 * 1_000_000) - 90 * 60 * 1_000_000
    end, other_end = start + length * 60_000_000, other + other_length * 60_000_000
    mine, theirs = set(slots_between(start, end)), set(slots_between(other, other_end))
    first, last = on_grid(start, end)
    assert (min(mine), max(mine) + SLOT_US) == (first, last)
    assert first <= start < first + SLOT_US
    assert last - SLOT_US < end <= last
    assert not (start < other_end and other < end) or mine & theirs
    (other_first, other_last) = on_grid(other, other_end)
    assert bool(mine & theirs) == (first < other_last and other_first < last)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ZONES), instants)
def test_local_start_reads_back_as_itself_or_does_not_exist(zone: str, instant: int) -> None:
    wall = from_us(instant).replace(tzinfo=None, second=0, microsecond=0)
    by_zone = ZoneInfo(zone)
    readings = [wall.replace(tzinfo=by_zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    exists = [at for at in readings if at.astimezone(by_zone).replace(tzinfo=None, fold=0) == wall]
    try:
        assert from_us(instant_of({"time_zone": zone}, wall)) == min(exists)
    except NonexistentLocalTime:
        assert exists == []


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(ZONES), st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.tuples(st.integers(0, 23), st.integers(0, 23)),
)  # fmt: skip
def test_sitting_begins_on_its_day_and_lasts_a_day_at_most(zone: str, day: date, hours: tuple[int, int]) -> None:
    opens, closes = (f"{hour:02d}:00" for hour in hours)
    row = {"weekday": day.weekday(), "opens": opens, "closes": closes, "service": "dine_in"}
    other = {**row, "service": "pickup"}
    location = {"time_zone": zone, "opening_hours": [row, other], "special_hours": []}
    ((start, end),) = sittings(location, day)
    local = from_us(start).astimezone(ZoneInfo(zone))
    nominal = (hours[1] - hours[0]) % 24 or 24
    assert local.date() == day
    assert abs((from_us(end) - from_us(start)) - timedelta(hours=nominal)) <= timedelta(hours=1)


@settings(max_examples=200)
@given(st.integers(1, 60))
def test_turn_minutes_cover_every_party(party_size: int) -> None:
    turns = {"1-2": 90, "3": 95, "4-6": 120, "7+": 150}
    expected = 90 if party_size < 3 else 95 if party_size == 3 else 120 if party_size < 7 else 150
    assert turn_minutes({"turn_minutes": turns}, party_size) == expected
    assert turn_minutes({"turn_minutes": {}}, party_size) == 120


steps = st.lists(
    st.tuples(
        st.sampled_from(["book", "move", "shift", "grow"]), st.integers(0, 7), st.integers(0, 16),
        st.sampled_from([status for status in MOVES if status != "held"]),
    ),
    min_size=3, max_size=6,
)  # fmt: skip


@FRESH
@given(steps)
def test_floor_under_random_use_holds_exactly_the_slots_of_blocking_reservations(
    new_scope: Callable[..., Scope], steps: list[tuple]
) -> None:
    scope = new_scope()
    with unit_of_work(scope):
        house = create_house(scope, tables={"A": {}, "B": {}, "C": {"seats_max": 6}})
    made: list[str] = []
    for what, index, amount, status in steps:
        try:
            with unit_of_work(scope):
                _step(scope, house, made, what, index, amount, status)
        except PlatformError:
            continue
    _check_floor(scope, house)


def _step(scope: Scope, house: House, made: list[str], what: str, index: int, amount: int, status: str) -> None:
    start = EVENING + timedelta(minutes=amount * 7)
    if what == "book" or not made:
        made.append(book(scope, draft=build_booking(house.location_id, start=start, contact=None)).document["id"])
        return
    change: dict[str, Any] = {
        "move": {"status": status}, "shift": {"start": start}, "grow": {"party": Party(adult=amount % 6 + 1)}
    }[what]  # fmt: skip
    change_reservation(scope, reservation_id=made[index % len(made)], **change)


def _check_floor(scope: Scope, house: House) -> None:
    with unit_of_work(scope, writes=False):
        rows = list_reservations(scope, limit=50, location_id=house.location_id)
        slots = [row for row in session(scope).scalars(select(ReservationSlot)) if row.table_id in house.tables.values()]
    blocking = [row for row in rows if row["status"] in BLOCKING]
    wanted = {
        (table_id, slot): row["id"]
        for row in blocking for table_id in row["table_ids"] for slot in slots_between(row["start_at"], row["end_at"])
    }  # fmt: skip
    assert {(row.table_id, row.slot_at): row.reservation_id for row in slots} == wanted
    for one, other in combinations(blocking, 2):
        shares = set(one["table_ids"]) & set(other["table_ids"])
        assert not (shares and one["start_at"] < other["end_at"] and other["start_at"] < one["end_at"])
    for row in rows:
        times = [entry["at"] for entry in row["status_history"]]
        assert times == sorted(times)
        assert row["status_history"][-1]["status"] == row["status"]
        pairs = zip(row["status_history"], row["status_history"][1:], strict=False)
        assert all(after["status"] in MOVES[before["status"]] for before, after in pairs)
        assert row["party_size"] <= (6 if house.tables["C"] in row["table_ids"] else 4)


bills = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.sampled_from([0, 100, 700, 1000, 2500])),
        st.tuples(st.sampled_from(["call off", "pay"]), st.integers(0, 2)),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@FRESH
@given(bills)
def test_deposit_lowers_the_bills_of_its_table_by_what_was_paid_and_no_more(
    new_scope: Callable[..., Scope], steps: list[tuple[str, int]]
) -> None:
    scope = new_scope()
    with unit_of_work(scope):
        house = create_house(scope, deposit_policy={"required": True, "amount_minor": 1000})
        reservation_id = create_reservation(scope, house.location_id, start=NOON)
        take_deposit(scope, reservation_id=reservation_id, method="cash")
        change_reservation(scope, reservation_id=reservation_id, status="seated")
    made: list[tuple[str, int]] = []  # (order, what the deposit pays of it); none of those called off
    for what, number in steps:
        with unit_of_work(scope):
            if what == "order":
                made.append(_bill(scope, house, number, worth=1000 - sum(applied for _, applied in made)))
            elif number < len(made) and what == "pay":
                _pay(scope, made[number][0])
            elif number < len(made):
                change_order(scope, order_id=made.pop(number)[0], status="cancelled", reason="other")
        with unit_of_work(scope, writes=False):
            deposit = get_reservation(scope, reservation_id=reservation_id)["deposit"]
        assert deposit["applied_minor"] == sum(applied for _, applied in made) <= deposit["paid_minor"] == 1000


def _bill(scope: Scope, house: House, price_minor: int, *, worth: int) -> tuple[str, int]:
    """Order something for the table; the deposit pays what it is still worth, up to the total."""
    line = LineDraft(name="Lunch", price_minor=price_minor)
    draft = build_draft(
        house.location_id, line, table_id=house.tables["T1"], fulfillment={"type": "dine_in"}, allow_open_items=True
    )
    order = place_order(scope, draft=linked(scope, draft=draft)).document
    applied = min(price_minor, worth)
    assert (order["deposit_applied_minor"], order["due_minor"]) == (applied, price_minor - applied)
    return order["id"], applied


def _pay(scope: Scope, order_id: str) -> None:
    order = lock_order(scope, order_id=order_id)
    if order["due_minor"]:
        take_payment(scope, order_id=order_id, method="cash")
    assert get_order(scope, order_id=order_id)["payment_status"] == "paid"
