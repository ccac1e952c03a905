"""Taking bookings on a real database."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.bookings.drafts import Party
from domain.bookings.errors import NonexistentLocalTime
from domain.bookings.errors import OutsideOpeningHours
from domain.bookings.errors import PartyTooLarge
from domain.bookings.machine import BLOCKING
from domain.bookings.models import ReservationSlot
from domain.bookings.service import book
from domain.bookings.service import list_reservations
from domain.guests.errors import PhoneInvalid
from domain.guests.service import get_guest
from domain.locations.errors import TableUnavailable
from domain.references.service import add_reference
from domain.timers.service import due_instant_us
from kit.clock import to_us
from kit.errors import DuplicateReference
from kit.errors import Invalid
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.bookings import EVENING
from tests.factories.bookings import NOON
from tests.factories.bookings import build_booking
from tests.factories.bookings import create_house
from tests.factories.bookings import create_reservation
from tests.factories.locations import create_location

MINUTE = 60_000_000


def taken_slots(scope: Scope) -> int:
    with unit_of_work(scope, writes=False):
        return len(list(session(scope).scalars(select(ReservationSlot))))


def test_booking_takes_the_smallest_table_and_tells_so(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope, tables={"Large": {"seats_max": 8}, "Small": {"seats_max": 2}})
        made = book(scope, draft=build_booking(house.location_id))
    booked = made.document
    assert made.is_new
    assert (booked["status"], booked["table_ids"], booked["tables"]) == (
        "confirmed", [house.tables["Small"]], [{"id": house.tables["Small"], "name": "Small"}],
    )  # fmt: skip
    assert (booked["start_at"], booked["end_at"], booked["duration_minutes"]) == (
        to_us(EVENING), to_us(EVENING) + 90 * MINUTE, 90,
    )  # fmt: skip
    assert (booked["local_date"], booked["party_size"]) == ("2026-01-12", 2)
    assert booked["party"] == {"adult": 2, "senior": 0, "child": 0, "baby": 0, "total": 2}
    assert booked["contact"] == {"name": "Jane Doe", "phone": "+37060012345", "email": None}
    assert booked["deposit"] == {
        "required_minor": 0, "paid_minor": 0, "refunded_minor": 0, "pending_minor": 0, "applied_minor": 0,
        "refund_ends_at": None, "status": "none",
    }  # fmt: skip
    assert booked["status_history"] == [
        {"status": "confirmed", "at": to_us(NOON), "actor_type": "system", "actor_id": "tableport", "reason": None}
    ]
    (event,) = [row for row in recorded_events(scope) if row.type.startswith("reservation.")]
    assert (event.type, event.body["object"], event.body["previous"]) == ("reservation.created", booked, None)
    with unit_of_work(scope, writes=False):
        assert get_guest(scope, guest_id=booked["customer_id"])["phones"][0]["value"] == "+37060012345"
        due = due_instant_us(scope, kind="reservation.no_show", object_id=booked["id"])
    assert due == to_us(EVENING) + 60 * MINUTE
    assert taken_slots(scope) == 18


def test_second_booking_of_a_taken_table_is_refused_with_the_nearest_free_times(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope)
        create_reservation(scope, house.location_id)
    with pytest.raises(TableUnavailable) as refused, unit_of_work(scope):
        book(scope, draft=build_booking(house.location_id, start=EVENING + timedelta(minutes=30)))
    start, table_id = to_us(EVENING), house.tables["T1"]
    assert refused.value.data["conflict"] == {"table_id": table_id, "start_at": start, "end_at": start + 90 * MINUTE}
    assert refused.value.data["alternatives"] == [
        {"start_at": start + 90 * MINUTE, "table_ids": [table_id]},
        {"start_at": start + 105 * MINUTE, "table_ids": [table_id]},
        {"start_at": start + 120 * MINUTE, "table_ids": [table_id]},
    ]
    with unit_of_work(scope, writes=False):
        assert len(list_reservations(scope, limit=10)) == 1
    assert recorded_types(scope).count("reservation.created") == 1


@pytest.mark.parametrize(
    ("offset_min", "is_free"),
    [(-90, True), (-89, False), (89, False), (90, True), (-86, False)],
    ids=["ends as it starts", "one minute over", "starts in its last minute", "starts as it ends", "shares five minutes"],
)
def test_stays_may_touch_but_not_overlap(scope: Scope, offset_min: int, is_free: bool):
    with unit_of_work(scope):
        house = create_house(scope)
        create_reservation(scope, house.location_id)
    draft = build_booking(house.location_id, start=EVENING + timedelta(minutes=offset_min))
    try:
        with unit_of_work(scope):
            assert book(scope, draft=draft).is_new
        assert is_free
    except TableUnavailable:
        assert not is_free


def test_pair_of_combinable_tables_seats_who_fits_no_single_one(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope, tables={"A": {"seats_max": 4}, "C": {"seats_max": 4}, "B": {"seats_max": 4}})
        create_house(scope)  # another location's table is no neighbour
        with pytest.raises(PartyTooLarge) as refused:
            book(scope, draft=build_booking(house.location_id, party_size=6))
        combinable = create_house(scope, tables={"A": {"seats_max": 4, "id": "tbl_a"}, "B": {"seats_max": 4},
                                                 "C": {"seats_max": 4, "combinable_with": ["tbl_a"]}})  # fmt: skip
        booked = book(scope, draft=build_booking(combinable.location_id, party_size=6)).document
    assert refused.value.data == {"party_size": 6, "seats": 4}
    assert [table["name"] for table in booked["tables"]] == ["A", "C"]
    assert taken_slots(scope) == 48


def test_named_tables_have_to_exist_belong_together_and_seat_the_party(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope, tables={"A": {"id": "tbl_a"}, "B": {"combinable_with": ["tbl_a"]}, "C": {},
                                            "Closed": {"is_active": False}})  # fmt: skip
        location_id, a, b, c, closed = house.location_id, *house.tables.values()
        with pytest.raises(Invalid) as unknown:
            book(scope, draft=build_booking(location_id, table_ids=(a, "tbl_none", closed)))
        with pytest.raises(Invalid) as apart:
            book(scope, draft=build_booking(location_id, table_ids=(a, c)))
        with pytest.raises(PartyTooLarge):
            book(scope, draft=build_booking(location_id, table_ids=(c,), party_size=5))
        booked = book(scope, draft=build_booking(location_id, table_ids=(b, a), party_size=7)).document
    assert [error.field for error in unknown.value.errors] == ["table_ids[1]", "table_ids[2]"]
    assert [error.field for error in apart.value.errors] == ["table_ids"]
    assert booked["table_ids"] == [b, a]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"start": datetime(2026, 1, 12, 22, tzinfo=UTC)}, OutsideOpeningHours),
        ({"start": datetime.fromisoformat("2026-03-29T02:30")}, NonexistentLocalTime),
        ({"party": Party()}, Invalid),
        ({"status": "seated"}, Invalid),
        ({"customer_id": "cus_none"}, Invalid),
        ({"contact": {"name": "Jane", "phone": "12"}}, PhoneInvalid),
        ({"location_id": "loc_none"}, Invalid),
        ({"start": None}, Invalid),
    ],
    ids=["closed", "skipped hour", "nobody", "late status", "customer", "phone", "location", "no start"],
)  # fmt: skip
def test_refused_booking_leaves_no_trace(scope: Scope, changes: dict, error: type[Exception]):
    with unit_of_work(scope):
        house = create_house(scope)
    with pytest.raises(error), unit_of_work(scope):
        book(scope, draft=replace(build_booking(house.location_id), **changes))
    with unit_of_work(scope, writes=False):
        assert list_reservations(scope, limit=10) == []
    assert (recorded_types(scope), taken_slots(scope)) == ([], 0)


def test_local_start_means_the_first_of_two_when_clocks_go_back(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope)
        draft = build_booking(house.location_id, start=datetime.fromisoformat("2026-10-25T02:30"), is_forced=True)
        booked = book(scope, draft=draft).document
    assert booked["start_at"] == to_us(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))


def test_same_natural_key_returns_the_first_booking_or_refuses_other_content(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope)
        draft = build_booking(house.location_id, external_id="tour-7")
        first = book(scope, draft=draft)
    with unit_of_work(scope):
        again = book(scope, draft=draft)
        with pytest.raises(DuplicateReference):
            book(scope, draft=replace(draft, party=Party(adult=3)))
    assert (again.is_new, again.document) == (False, first.document)
    assert taken_slots(scope) == 18


def test_import_of_a_past_visit_takes_no_table_and_has_any_status(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope)
        past = build_booking(house.location_id, start=datetime(2025, 11, 2, 13, tzinfo=UTC), source="crm", is_import=True)
        made = [book(scope, draft=replace(past, status="seated", sub_status="service_main")) for _ in range(2)]
        coming = book(scope, draft=build_booking(house.location_id, source="crm", is_import=True)).document
        with pytest.raises(TableUnavailable):
            book(scope, draft=build_booking(house.location_id, source="crm", is_import=True))
    assert [(one.document["status"], one.document["sub_status"], one.document["table_ids"]) for one in made] == [
        ("seated", "service_main", [])
    ] * 2
    assert (coming["status"] in BLOCKING, coming["table_ids"]) == (True, [house.tables["T1"]])
    assert taken_slots(scope) == 18


def test_list_filters_and_sorts(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope, tables={"T1": {}, "T2": {}})
        other = create_location(scope)
        early = create_reservation(scope, house.location_id, start=EVENING - timedelta(hours=4), external_id="x1")
        late = create_reservation(scope, house.location_id, table_ids=(house.tables["T2"],), status="requested")
        add_reference(scope, product="tablespot", noun="reservation", value="res_789", object_id=late)

        def found(**filters: object) -> list[str]:
            return [row["id"] for row in list_reservations(scope, limit=10, **filters)]

        assert found(sort="start_at") == [early, late]
        assert found(sort="start_at", after=[to_us(EVENING) - 240 * MINUTE, early]) == [late]
        assert found(status=("requested", "seated")) == [late]
        assert found(table_id=house.tables["T2"]) == [late]
        assert found(from_us=to_us(EVENING)) == [late]
        assert found(to_us=to_us(EVENING)) == [early]
        assert found(external_id="x1", local_date="2026-01-12", location_id=house.location_id) == [early]
        assert found(ref="tablespot:reservation:res_789") == [late]
        assert found(location_id=other) == []
        (shown,) = list_reservations(scope, limit=10, ref="tablespot:reservation:res_789")
        assert shown["refs"] == [{"product": "tablespot", "type": "reservation", "id": "res_789"}]
