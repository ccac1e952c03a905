"""What two requests at the same time may not break. Each thread has its own transaction."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from domain.bookings.drafts import ReservationDraft
from domain.bookings.models import ReservationSlot
from domain.bookings.service import book
from domain.bookings.service import change_reservation
from domain.bookings.service import hold_tables
from domain.bookings.service import list_reservations
from domain.bookings.service import take_deposit
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.bookings import EVENING
from tests.factories.bookings import build_booking
from tests.factories.bookings import create_house
from tests.factories.bookings import create_reservation

TABLES = {f"T{number}": {} for number in range(4)}


def status_of(scope: Scope, draft: ReservationDraft) -> str:
    return str(book(scope, draft=draft).document["status"])


def owners_of_slots(scope: Scope) -> dict[tuple[str, int], str | None]:
    with unit_of_work(scope, writes=False):
        return {(row.table_id, row.slot_at): row.reservation_id for row in session(scope).scalars(select(ReservationSlot))}


def test_one_of_twenty_gets_the_table(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope)
    draft = build_booking(house.location_id, table_ids=(house.tables["T1"],), contact={"name": "Jane"})
    results = at_once(scope, 20, lambda index: status_of(scope, replace(draft, start=EVENING + timedelta(minutes=index))))
    assert sorted(results) == ["confirmed"] + ["table_unavailable"] * 19
    with unit_of_work(scope, writes=False):
        assert len(list_reservations(scope, limit=50)) == 1
    assert recorded_types(scope).count("reservation.created") == 1
    assert len(set(owners_of_slots(scope).values())) == 1


def test_as_many_are_seated_as_there_are_tables(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope, tables=TABLES)
    draft = build_booking(house.location_id, contact={"name": "Jane"})
    results = at_once(scope, 8, lambda _: status_of(scope, draft))
    assert sorted(results) == ["confirmed"] * 4 + ["table_unavailable"] * 4
    assert len(owners_of_slots(scope)) == 4 * 18


def test_one_natural_key_makes_one_reservation(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope, tables=TABLES)
    draft = build_booking(house.location_id, external_id="same")
    results = at_once(scope, 6, lambda _: book(scope, draft=draft))
    assert len({result.document["id"] for result in results}) == 1
    assert sorted(result.is_new for result in results) == [False] * 5 + [True]
    assert len(owners_of_slots(scope)) == 18


def test_a_hold_is_used_once(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope, tables=TABLES)
        hold = hold_tables(scope, location_id=house.location_id, start=EVENING, party_size=2)
    draft = ReservationDraft(source="api", location_id=None, hold_id=hold["id"])
    results = at_once(scope, 5, lambda _: status_of(scope, draft))
    assert sorted(results) == ["confirmed"] + ["hold_expired"] * 4


def test_bookings_that_swap_times_neither_overlap_nor_lock_each_other_out(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope)
        both = [
            create_reservation(scope, house.location_id, start=EVENING + timedelta(minutes=minutes)) for minutes in (0, 90)
        ]
    starts = (EVENING + timedelta(minutes=45), EVENING + timedelta(minutes=30))
    results = at_once(
        scope, 6,
        lambda index: change_reservation(scope, reservation_id=both[index % 2], start=starts[index % 2])["status"],
    )  # fmt: skip
    assert set(results) == {"table_unavailable"}
    later = EVENING + timedelta(minutes=180)
    results = at_once(
        scope, 4, lambda index: change_reservation(scope, reservation_id=both[index % 2], start=later)["status"]
    )
    assert sorted(results) == ["confirmed"] * 2 + ["table_unavailable"] * 2
    assert len(owners_of_slots(scope)) == 36


def test_one_of_two_contrary_moves_wins(scope: Scope):
    with unit_of_work(scope):
        reservation_id = create_reservation(scope, create_house(scope).location_id)
    moves = ("cancelled", "seated")
    results = at_once(
        scope, 2, lambda index: change_reservation(scope, reservation_id=reservation_id, status=moves[index])["status"]
    )
    assert results in (["cancelled", "invalid_transition"], ["invalid_transition", "seated"])


def test_deposit_is_charged_once(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope, deposit_policy={"required": True, "amount_minor": 1000})
        reservation_id = create_reservation(scope, house.location_id)
    results = at_once(scope, 4, lambda _: take_deposit(scope, reservation_id=reservation_id, method="cash")["status"])
    assert sorted(results) == ["amount_exceeds_due"] * 3 + ["confirmed"]
