"""Moves and other changes of a reservation on a real database."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from domain.bookings.drafts import Party
from domain.bookings.errors import OutsideOpeningHours
from domain.bookings.errors import PartyTooLarge
from domain.bookings.machine import BLOCKING
from domain.bookings.machine import MOVES
from domain.bookings.machine import STATUSES
from domain.bookings.models import ReservationSlot
from domain.bookings.service import book
from domain.bookings.service import change_reservation
from domain.bookings.service import get_reservation
from domain.locations.errors import TableUnavailable
from domain.timers.service import due_instant_us
from kit.clock import to_us
from kit.errors import Conflict
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.factories.bookings import EVENING
from tests.factories.bookings import NOON
from tests.factories.bookings import House
from tests.factories.bookings import build_booking
from tests.factories.bookings import create_house
from tests.factories.bookings import create_reservation
from tests.factories.clock import freeze_clock

MINUTE = 60_000_000
PATHS: dict[str, tuple[str, ...]] = {
    "requested": (), "confirmed": ("confirmed",), "arrived": ("confirmed", "arrived"), "seated": ("confirmed", "seated"),
    "completed": ("confirmed", "seated", "completed"), "cancelled": ("cancelled",), "rejected": ("rejected",),
    "no_show": ("confirmed", "no_show"),
}  # fmt: skip


@pytest.fixture
def house(scope: Scope) -> House:
    with unit_of_work(scope):
        return create_house(scope, tables={"T1": {}, "T2": {"seats_max": 6}})


def move(scope: Scope, reservation_id: str, *path: str) -> None:
    for status in path:
        with unit_of_work(scope):
            change_reservation(scope, reservation_id=reservation_id, status=status)


def told(scope: Scope, since: int = 0) -> list[tuple[str, object]]:
    events = [row for row in recorded_events(scope) if row.type.startswith("reservation.")]
    return [(row.type, row.body["previous"]) for row in events[since:]]


def slots_of(scope: Scope, reservation_id: str) -> list[tuple[str, int]]:
    with unit_of_work(scope, writes=False):
        rows = session(scope).query(ReservationSlot).filter_by(reservation_id=reservation_id).all()
        return sorted((row.table_id, row.slot_at) for row in rows)


@pytest.mark.parametrize("current", STATUSES)
def test_moves_are_those_of_the_machine_and_no_others(scope: Scope, house: House, current: str):
    legal, refused = [], {}
    for target in (status for status in STATUSES if status != current):
        with unit_of_work(scope):
            made = book(scope, draft=build_booking(house.location_id, status="requested", table_ids=(house.tables["T1"],)))
        reservation_id = made.document["id"]
        move(scope, reservation_id, *PATHS[current])
        try:
            move(scope, reservation_id, target)
            legal.append(target)
        except InvalidTransition as refusal:
            refused[target] = refusal.data
        with unit_of_work(scope):
            after = get_reservation(scope, reservation_id=reservation_id)
        reached = target if target in legal else current
        assert (after["status"], after["status_history"][-1]["status"]) == (reached, reached)
        assert bool(slots_of(scope, reservation_id)) == (reached in BLOCKING)
        with unit_of_work(scope):  # gives the table back for the next round
            session(scope).query(ReservationSlot).delete()
    assert sorted(legal) == sorted(MOVES[current])
    illegal = set(STATUSES) - {current, *MOVES[current]}
    assert refused == {to: {"from": current, "to": to, "allowed": list(MOVES[current])} for to in illegal}


@pytest.mark.parametrize(
    ("path", "target", "types"),
    [
        ((), "confirmed", ["reservation.updated"]),
        (("confirmed",), "arrived", ["reservation.updated"]),
        (("confirmed",), "seated", ["reservation.updated"]),
        (("confirmed", "no_show"), "arrived", ["reservation.updated"]),
        ((), "rejected", ["reservation.updated", "reservation.cancelled"]),
        (("confirmed", "seated"), "completed", ["reservation.updated", "reservation.completed"]),
        (("confirmed",), "no_show", ["reservation.updated", "reservation.no_show"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_move_is_told_with_the_status_before(scope: Scope, house: House, path: tuple, target: str, types: list[str]):
    with unit_of_work(scope):
        reservation_id = create_reservation(scope, house.location_id, status="requested")
    move(scope, reservation_id, *path)
    before = len(told(scope))
    move(scope, reservation_id, target)
    events = told(scope, before)
    assert [name for name, _ in events] == types
    assert {previous["status"] for _, previous in events} == {("requested", *path)[-1]}
    move(scope, reservation_id, target)
    assert len(told(scope)) == before + len(types)


def test_cancellation_says_why_and_frees_the_table(scope: Scope, house: House):
    why = {"reason_type": "illness", "reason": "Flu", "by_customer": True}
    with unit_of_work(scope):
        reservation_id = create_reservation(scope, house.location_id, table_ids=(house.tables["T1"],))
    with unit_of_work(scope):
        after = change_reservation(scope, reservation_id=reservation_id, status="cancelled", cancel=why)
    assert (after["cancel"], after["status_history"][-1]["reason"], after["version"]) == (why, "illness", 2)
    previous = {"status": "confirmed", "cancel": None}
    assert told(scope, 1) == [("reservation.updated", previous), ("reservation.cancelled", previous)]
    with unit_of_work(scope):
        again = book(scope, draft=build_booking(house.location_id, table_ids=(house.tables["T1"],)))
    assert again.document["status"] == "confirmed"


def test_reason_without_a_cancellation_is_refused(scope: Scope, house: House):
    with unit_of_work(scope):
        reservation_id = create_reservation(scope, house.location_id)
    with pytest.raises(Invalid) as refused, unit_of_work(scope):
        change_reservation(scope, reservation_id=reservation_id, cancel={"reason_type": "other"})
    assert [error.field for error in refused.value.errors] == ["cancel"]


def test_other_time_moves_the_slots_and_stays_at_the_table(scope: Scope, house: House):
    with unit_of_work(scope):
        reservation_id = create_reservation(scope, house.location_id, table_ids=(house.tables["T2"],))
    with unit_of_work(scope):
        after = change_reservation(scope, reservation_id=reservation_id, start=EVENING + timedelta(minutes=30))
    start = to_us(EVENING) + 30 * MINUTE
    assert (after["start_at"], after["end_at"], after["table_ids"]) == (start, start + 90 * MINUTE, [house.tables["T2"]])
    assert slots_of(scope, reservation_id) == [(house.tables["T2"], start + n * 5 * MINUTE) for n in range(18)]
    assert told(scope, 1) == [
        ("reservation.updated", {"start_at": to_us(EVENING), "end_at": to_us(EVENING) + 90 * MINUTE})
    ]  # fmt: skip
    with unit_of_work(scope, writes=False):
        due = due_instant_us(scope, kind="reservation.no_show", object_id=reservation_id)
    assert due == start + 60 * MINUTE


def test_other_time_takes_another_table_when_its_own_is_taken_then(scope: Scope, house: House):
    late = EVENING + timedelta(minutes=100)
    with unit_of_work(scope):
        create_reservation(scope, house.location_id, table_ids=(house.tables["T1"],), start=late)
        reservation_id = create_reservation(scope, house.location_id, table_ids=(house.tables["T1"],))
    with unit_of_work(scope):
        moved = change_reservation(scope, reservation_id=reservation_id, start=EVENING + timedelta(minutes=30))
    with pytest.raises(TableUnavailable), unit_of_work(scope):
        change_reservation(scope, reservation_id=reservation_id, start=late, table_ids=(house.tables["T1"],))
    with unit_of_work(scope, writes=False):
        assert get_reservation(scope, reservation_id=reservation_id) == moved
    assert moved["table_ids"] == [house.tables["T2"]]


def test_larger_party_gets_a_larger_table_or_is_refused(scope: Scope, house: House):
    with unit_of_work(scope):
        reservation_id = create_reservation(scope, house.location_id)
    with unit_of_work(scope):
        after = change_reservation(scope, reservation_id=reservation_id, party=Party(adult=4, child=2))
    assert (after["table_ids"], after["party_size"], after["duration_minutes"]) == ([house.tables["T2"]], 6, 90)
    with pytest.raises(PartyTooLarge), unit_of_work(scope):
        change_reservation(scope, reservation_id=reservation_id, party=Party(adult=7))


def test_plain_fields_change_without_touching_time_or_tables(scope: Scope, house: House):
    with unit_of_work(scope):
        reservation_id = create_reservation(scope, house.location_id)
    with unit_of_work(scope):
        after = change_reservation(
            scope, reservation_id=reservation_id, memo="Birthday", flags=["vip"], sub_status="late",
            contact={"email": "JANE@example.com"},
        )  # fmt: skip
        same = change_reservation(scope, reservation_id=reservation_id, memo="Birthday", status="confirmed")
    assert (after["memo"], after["flags"], after["sub_status"]) == ("Birthday", ["vip"], "late")
    assert after["contact"] == {"name": "Jane Doe", "phone": "+37060012345", "email": "jane@example.com"}
    assert same == after
    contact = {"name": "Jane Doe", "phone": "+37060012345", "email": None}
    assert told(scope, 1) == [
        ("reservation.updated", {"memo": None, "flags": [], "sub_status": None, "contact": contact})
    ]


@pytest.mark.parametrize(
    ("path", "change", "error"),
    [
        ((), {"start": datetime(2026, 1, 12, 23, tzinfo=UTC)}, OutsideOpeningHours),
        ((), {"expected_version": 7, "memo": "x"}, Conflict),
        ((), {"party": Party()}, Invalid),
        ((), {"status": "held"}, Invalid),
        (("cancelled",), {"start": EVENING + timedelta(hours=1)}, InvalidTransition),
    ],
    ids=["closed", "stale version", "nobody", "unknown status", "time of a cancelled one"],
)
def test_refused_change_leaves_no_trace(scope: Scope, house: House, path: tuple, change: dict, error: type[Exception]):
    with unit_of_work(scope):
        reservation_id = create_reservation(scope, house.location_id)
    move(scope, reservation_id, *path)
    events, slots = told(scope), slots_of(scope, reservation_id)
    with unit_of_work(scope):
        before = get_reservation(scope, reservation_id=reservation_id)
    with pytest.raises(error), unit_of_work(scope):
        change_reservation(scope, reservation_id=reservation_id, **change)
    with unit_of_work(scope):
        assert get_reservation(scope, reservation_id=reservation_id) == before
    assert (told(scope), slots_of(scope, reservation_id)) == (events, slots)


def test_unknown_reservation_is_not_found(scope: Scope, house: House):
    with pytest.raises(NotFound), unit_of_work(scope):
        change_reservation(scope, reservation_id="res_none", memo="x")


def test_late_guest_is_received_on_the_same_business_day_only(scope: Scope, house: House):
    with unit_of_work(scope):
        waited_for, too_late = (create_reservation(scope, house.location_id) for _ in range(2))
    for reservation_id in (waited_for, too_late):
        move(scope, reservation_id, "no_show")
    with unit_of_work(scope):
        freeze_clock(scope, EVENING + timedelta(hours=9))  # 04:00 in Warsaw
    move(scope, waited_for, "seated")
    with unit_of_work(scope):
        freeze_clock(scope, EVENING + timedelta(hours=10))
    with pytest.raises(InvalidTransition) as refused:
        move(scope, too_late, "seated")
    assert refused.value.data == {"from": "no_show", "to": "seated", "allowed": []}


def test_late_guest_finds_every_table_taken(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope)
        reservation_id = create_reservation(scope, house.location_id)
    move(scope, reservation_id, "no_show")
    with unit_of_work(scope):
        create_reservation(scope, house.location_id, start=EVENING + timedelta(minutes=70))
    with pytest.raises(TableUnavailable):
        move(scope, reservation_id, "seated")


def test_record_of_the_past_may_move_anywhere(scope: Scope, house: House):
    past = NOON - timedelta(days=70)
    with unit_of_work(scope):
        reservation_id = create_reservation(
            scope, house.location_id, source="crm", is_import=True, start=past, status="completed"
        )
    move(scope, reservation_id, "no_show", "requested", "seated")
    assert slots_of(scope, reservation_id) == []
    with unit_of_work(scope):
        after = change_reservation(scope, reservation_id=reservation_id, start=past + timedelta(hours=1), is_forced=True)
    assert (after["status"], after["start_at"]) == ("seated", to_us(past) + 60 * MINUTE)
