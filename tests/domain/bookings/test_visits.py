"""What happens around a visit: no-shows, orders of seated parties, the waitlist, and free times of a day."""

from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta

import pytest

from domain.bookings.dining import linked
from domain.bookings.drafts import Party
from domain.bookings.errors import PartyTooLarge
from domain.bookings.service import advance_reservation
from domain.bookings.service import availability
from domain.bookings.service import book
from domain.bookings.service import call_waiting
from domain.bookings.service import change_reservation
from domain.bookings.service import get_reservation
from domain.bookings.service import hold_tables
from domain.bookings.service import join_waitlist
from domain.bookings.service import list_waitlist
from domain.bookings.service import remove_waiting
from domain.bookings.service import seat_waiting
from domain.bookings.service import take_deposit
from domain.orders.drafts import LineDraft
from domain.orders.service import place_order
from kit.clock import from_us
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox.clock import set_clock
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.bookings import EVENING
from tests.factories.bookings import NOON
from tests.factories.bookings import House
from tests.factories.bookings import build_booking
from tests.factories.bookings import create_house
from tests.factories.bookings import create_reservation
from tests.factories.locations import create_special_hour
from tests.factories.menus import create_item
from tests.factories.orders import build_draft
from tests.factories.orders import create_order

DEPOSIT = {"required": True, "min_party": 1, "amount_minor": 1000}


@pytest.fixture
def house(scope: Scope) -> House:
    with unit_of_work(scope):
        return create_house(scope, tables={"T1": {}, "T2": {"kind": "outdoor"}})


def read(scope: Scope, reservation_id: str) -> dict:
    with unit_of_work(scope, writes=False):
        return get_reservation(scope, reservation_id=reservation_id)


def status_of(scope: Scope, reservation_id: str) -> str:
    return str(read(scope, reservation_id)["status"])


def test_confirmed_party_is_late_after_the_grace_and_a_no_show_after_an_hour(scope: Scope, house: House):
    with unit_of_work(scope):
        waited_for = create_reservation(scope, house.location_id)
        set_clock(scope, now=EVENING + timedelta(minutes=15))
    assert read(scope, waited_for)["is_late"] is False
    with unit_of_work(scope):
        set_clock(scope, advance_s=1)
    assert read(scope, waited_for)["is_late"] is True
    with unit_of_work(scope):
        set_clock(scope, now=EVENING + timedelta(hours=5))
    after = read(scope, waited_for)
    assert (after["status"], from_us(after["status_history"][-1]["at"])) == ("no_show", EVENING + timedelta(hours=1))
    assert after["status_history"][-1]["actor_type"] == "system"
    assert recorded_types(scope)[-2:] == ["reservation.updated", "reservation.no_show"]


def test_party_that_has_ordered_is_seated_instead(scope: Scope, house: House):
    with unit_of_work(scope):
        came = create_reservation(scope, house.location_id)
        create_order(scope, location_id=house.location_id, reservation_id=came)
        set_clock(scope, now=EVENING + timedelta(hours=5))
    assert status_of(scope, came) == "seated"


@pytest.mark.parametrize("order_status", ["cancelled", "rejected", "failed"])
def test_order_that_was_called_off_shows_nobody_came(scope: Scope, house: House, order_status: str):
    with unit_of_work(scope):
        booked = create_reservation(scope, house.location_id)
        create_order(scope, location_id=house.location_id, reservation_id=booked, status=order_status)
        set_clock(scope, now=EVENING + timedelta(hours=5))
    assert status_of(scope, booked) == "no_show"


def test_parties_that_came_or_were_booked_after_their_start_are_left_alone(scope: Scope, house: House):
    with unit_of_work(scope):
        arrived = create_reservation(scope, house.location_id)
        change_reservation(scope, reservation_id=arrived, status="arrived")
        late = create_reservation(scope, house.location_id, start=NOON - timedelta(minutes=10))
        asked = create_reservation(scope, house.location_id, status="requested")
        set_clock(scope, now=EVENING + timedelta(hours=9))
    assert [status_of(scope, one) for one in (arrived, late, asked)] == ["arrived", "confirmed", "requested"]


def test_moved_booking_is_waited_for_at_its_new_time(scope: Scope, house: House):
    with unit_of_work(scope):
        moved = create_reservation(scope, house.location_id)
        change_reservation(scope, reservation_id=moved, start=EVENING + timedelta(hours=2))
        set_clock(scope, now=EVENING + timedelta(hours=2, minutes=59))
    assert status_of(scope, moved) == "confirmed"
    with unit_of_work(scope):
        set_clock(scope, advance_s=60)
    assert status_of(scope, moved) == "no_show"


def test_played_guest_goes_through_the_visit_and_no_show_never_comes(scope: Scope, house: House):
    with unit_of_work(scope):
        guest = create_reservation(scope, house.location_id, status="requested")
        steps = [advance_reservation(scope, reservation_id=guest)["status"] for _ in range(4)]
        absent = create_reservation(scope, house.location_id, contact={"name": "No Show"})
        assert advance_reservation(scope, reservation_id=absent)["status"] == "no_show"
    assert steps == ["confirmed", "arrived", "seated", "completed"]
    with pytest.raises(InvalidTransition), unit_of_work(scope):
        advance_reservation(scope, reservation_id=guest)


def seated_with_deposit(scope: Scope, **changes: object) -> tuple[House, str]:
    house = create_house(scope, deposit_policy=DEPOSIT)
    reservation_id = create_reservation(scope, house.location_id, start=NOON, **changes)
    take_deposit(scope, reservation_id=reservation_id, method="cash")
    change_reservation(scope, reservation_id=reservation_id, status="seated")
    return house, reservation_id


def test_deposit_lowers_the_bills_of_the_table_once_in_sum(scope: Scope):
    with unit_of_work(scope):
        house, reservation_id = seated_with_deposit(scope)
        line = LineDraft(item_id=create_item(scope, base_price_minor=700))
    draft = build_draft(house.location_id, line, table_id=house.tables["T1"], fulfillment={"type": "dine_in"})
    applied = []
    for _ in range(3):
        with unit_of_work(scope):
            bill = place_order(scope, draft=linked(scope, draft=draft)).document
        applied.append((bill["reservation_id"], bill["deposit_applied_minor"], bill["due_minor"]))
    assert applied == [(reservation_id, 700, 0), (reservation_id, 300, 400), (reservation_id, 0, 700)]
    after = read(scope, reservation_id)
    assert (after["deposit"]["applied_minor"], after["deposit"]["status"]) == (1000, "applied")


def test_preview_is_linked_without_writing(scope: Scope):
    with unit_of_work(scope):
        house, reservation_id = seated_with_deposit(scope)
    draft = build_draft(house.location_id, table_id=house.tables["T1"], fulfillment={"type": "dine_in"})
    before = read(scope, reservation_id)
    with unit_of_work(scope):
        shown = linked(scope, draft=draft, is_preview=True)
    assert (shown.reservation_id, shown.deposit_minor, read(scope, reservation_id)) == (reservation_id, 1000, before)


def test_orders_that_belong_to_no_booking_stay_as_they_are(scope: Scope, house: House):
    with unit_of_work(scope):
        create_reservation(scope, house.location_id, table_ids=(house.tables["T1"],))
        dine_in = build_draft(house.location_id, table_id=house.tables["T1"], fulfillment={"type": "dine_in"})
        for draft in (dine_in, build_draft(house.location_id), replace(dine_in, table_id=None, table_less=True)):
            assert linked(scope, draft=draft) is draft


def test_named_booking_has_to_exist_at_the_location_and_a_kept_deposit_pays_nothing(scope: Scope, house: House):
    with unit_of_work(scope):
        kept, elsewhere = create_reservation(scope, house.location_id, status="requested"), create_house(scope)
        change_reservation(scope, reservation_id=kept, status="cancelled")
        assert linked(scope, draft=build_draft(house.location_id, reservation_id=kept)).deposit_minor == 0
        for draft in (
            build_draft(house.location_id, reservation_id="res_none"),
            build_draft(elsewhere.location_id, reservation_id=kept),
        ):
            with pytest.raises(Invalid) as refused:
                linked(scope, draft=draft)
            assert [error.field for error in refused.value.errors] == ["reservation_id"]


def test_waiting_party_is_called_and_seated_as_a_reservation(scope: Scope, house: House):
    with unit_of_work(scope):
        ann = {"name": "Ann", "phone": "+48221234567"}
        first = join_waitlist(scope, location_id=house.location_id, party_size=2, contact=ann)
        second = join_waitlist(scope, location_id=house.location_id, party_size=4, contact={"name": "Bob"}, quoted_minutes=25)
    assert (first["status"], first["position"], first["quoted_minutes"]) == ("waiting", 1, 0)
    assert (second["position"], second["quoted_minutes"]) == (2, 25)
    with unit_of_work(scope):
        called = call_waiting(scope, entry_id=first["id"])
        assert call_waiting(scope, entry_id=first["id"]) == called
        seated = seat_waiting(scope, entry_id=first["id"], table_ids=(house.tables["T2"],))
        assert seat_waiting(scope, entry_id=first["id"]) == seated
        removed = remove_waiting(scope, entry_id=second["id"])
    assert (called["status"], from_us(called["called_at"])) == ("called", NOON)
    assert (seated["status"], seated["position"], from_us(seated["ended_at"])) == ("seated", None, NOON)
    visit = read(scope, seated["reservation_id"])
    assert (visit["status"], visit["source"], visit["table_ids"]) == ("seated", "walk_in", [house.tables["T2"]])
    assert (visit["contact"]["phone"], visit["customer_id"]) == ("+48221234567", seated["customer_id"])
    assert recorded_types(scope)[-2:] == ["reservation.created", "reservation.updated"]
    with pytest.raises(InvalidTransition) as refused, unit_of_work(scope):
        call_waiting(scope, entry_id=removed["id"])
    assert refused.value.data == {"from": "removed", "to": "called", "allowed": []}
    with unit_of_work(scope, writes=False):
        assert [row["id"] for row in list_waitlist(scope, limit=5)] == [first["id"], second["id"]]
        assert list_waitlist(scope, limit=5, status=("waiting", "called")) == []


def test_quoted_wait_ends_when_a_table_is_free_for_a_whole_stay(scope: Scope):
    with unit_of_work(scope):
        house = create_house(scope)
        create_reservation(scope, house.location_id, start=NOON - timedelta(minutes=47))
        entry = join_waitlist(scope, location_id=house.location_id, party_size=2, contact={"name": "Ann"})
    assert entry["quoted_minutes"] == 45


def test_availability_offers_what_can_be_booked(scope: Scope, house: House):
    with unit_of_work(scope):
        create_reservation(scope, house.location_id, table_ids=(house.tables["T1"],))
        hold_tables(scope, location_id=house.location_id, start=EVENING, party_size=2)
        found = availability(scope, location_id=house.location_id, day=date(2026, 1, 12), party_size=2)
    starts = {from_us(slot["start_at"]): slot for slot in found["slots"]}
    assert (min(starts), max(starts)) == (NOON, datetime(2026, 1, 12, 20, 30, tzinfo=UTC))
    assert (found["duration_minutes"], found["date"]) == (90, "2026-01-12")
    assert [start for start in starts if EVENING - timedelta(minutes=90) < start < EVENING + timedelta(minutes=90)] == []
    tables = [{"table_ids": [house.tables[name]], "seats": 4} for name in ("T1", "T2")]
    assert starts[NOON] == {"start_at": found["slots"][0]["start_at"], "table_options": tables, "remaining": 2}
    for start in (NOON, EVENING + timedelta(minutes=90)):
        with unit_of_work(scope):
            assert book(scope, draft=build_booking(house.location_id, start=start)).is_new


def test_availability_near_a_time_and_of_a_kind(scope: Scope, house: House):
    with unit_of_work(scope, writes=False):
        found = availability(
            scope, location_id=house.location_id, day=date(2026, 1, 13), party_size=2, near=time(21), seat_kind="outdoor"
        )
        with pytest.raises(PartyTooLarge):
            availability(scope, location_id=house.location_id, day=date(2026, 1, 13), party_size=2, seat_kind="bar")
    assert [from_us(slot["start_at"]).strftime("%H:%M") for slot in found["slots"]] == [
        "18:00", "18:15", "18:30", "18:45", "19:00", "19:15", "19:30", "19:45", "20:00", "20:15", "20:30",
    ]  # fmt: skip
    assert {tuple(option["table_ids"]) for slot in found["slots"] for option in slot["table_options"]} == {
        (house.tables["T2"],)
    }


@pytest.mark.parametrize(
    ("special", "day", "count"),
    [
        ({"on_date": "2026-01-14", "is_closed": True}, date(2026, 1, 14), 0),
        ({"on_date": "2026-01-14", "opens": "20:00", "closes": "02:00"}, date(2026, 1, 14), 19),
        ({"on_date": "2026-03-28", "opens": "22:00", "closes": "04:00"}, date(2026, 3, 28), 15),
        ({"on_date": "2026-10-24", "opens": "22:00", "closes": "04:00"}, date(2026, 10, 24), 23),
        ({"on_date": "2026-01-14", "is_closed": True}, date(2026, 1, 11), 0),
    ],
    ids=["closed", "past midnight", "short night", "long night", "past day"],
)
def test_availability_knows_special_days_and_both_dst_nights(scope: Scope, special: dict, day: date, count: int):
    with unit_of_work(scope):
        house = create_house(scope)
        create_special_hour(scope, location_id=house.location_id, **special)
        found = availability(scope, location_id=house.location_id, day=day, party_size=2)
    assert len(found["slots"]) == count


def test_two_orders_at_once_do_not_share_one_deposit(scope: Scope):
    with unit_of_work(scope):
        house, reservation_id = seated_with_deposit(scope, party=Party(adult=2))
        line = LineDraft(item_id=create_item(scope, base_price_minor=1000))
        draft = build_draft(house.location_id, line, table_id=house.tables["T1"], fulfillment={"type": "dine_in"})
    results = at_once(
        scope, 4, lambda _: place_order(scope, draft=linked(scope, draft=draft)).document["deposit_applied_minor"]
    )  # fmt: skip
    assert sorted(results) == [0, 0, 0, 1000]
    assert read(scope, reservation_id)["deposit"]["applied_minor"] == 1000
