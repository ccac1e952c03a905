"""Holds on a real database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.bookings.drafts import ReservationDraft
from domain.bookings.errors import HoldExpired
from domain.bookings.service import book
from domain.bookings.service import expire_hold
from domain.bookings.service import get_hold
from domain.bookings.service import hold_tables
from domain.bookings.service import release_hold
from domain.bookings.service import renew_hold
from domain.locations.errors import TableUnavailable
from domain.timers.service import due_instant_us
from kit.clock import to_us
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox.clock import set_clock
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.bookings import EVENING
from tests.factories.bookings import NOON
from tests.factories.bookings import House
from tests.factories.bookings import build_booking
from tests.factories.bookings import create_house
from tests.factories.clock import freeze_clock

SECOND = 1_000_000


@pytest.fixture
def house(scope: Scope) -> House:
    with unit_of_work(scope):
        return create_house(scope)


@pytest.fixture
def hold(scope: Scope, house: House) -> dict:
    with unit_of_work(scope):
        return hold_tables(scope, location_id=house.location_id, start=EVENING, party_size=2)


def test_hold_keeps_its_table_silently_for_five_minutes(scope: Scope, house: House, hold: dict):
    assert (hold["status"], hold["table_ids"], hold["duration_minutes"]) == ("active", [house.tables["T1"]], 90)
    assert (hold["start_at"], hold["expires_at"]) == (to_us(EVENING), to_us(NOON) + 300 * SECOND)
    with pytest.raises(TableUnavailable), unit_of_work(scope):
        book(scope, draft=build_booking(house.location_id))
    with unit_of_work(scope, writes=False):
        assert due_instant_us(scope, kind="hold.expire", object_id=hold["id"]) == hold["expires_at"]
    assert recorded_types(scope) == []


def test_used_hold_becomes_the_reservation(scope: Scope, house: House, hold: dict):
    draft = ReservationDraft(source="api", location_id=None, hold_id=hold["id"], contact={"name": "Jane"})
    with unit_of_work(scope):
        booked = book(scope, draft=draft).document
    assert (booked["start_at"], booked["end_at"], booked["party_size"], booked["table_ids"]) == (
        hold["start_at"], hold["end_at"], 2, hold["table_ids"],
    )  # fmt: skip
    with unit_of_work(scope):
        used = get_hold(scope, hold_id=hold["id"])
    assert (used["status"], used["reservation_id"]) == ("used", booked["id"])
    with pytest.raises(HoldExpired) as refused, unit_of_work(scope):
        book(scope, draft=draft)
    assert (refused.value.status, refused.value.data) == (410, {"hold_id": hold["id"], "hold_status": "used"})
    with unit_of_work(scope):
        set_clock(scope, advance_s=400)
    assert [name for name in recorded_types(scope) if name.startswith("reservation.")] == ["reservation.created"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": EVENING + timedelta(minutes=5)}, "start_at"),
        ({"location_id": "elsewhere"}, "location_id"),
        ({"table_ids": ("tbl_other",)}, "table_ids"),
    ],
    ids=["start", "location", "tables"],
)
def test_booking_that_differs_from_its_hold_is_refused(
    scope: Scope, house: House, hold: dict, changes: dict, field: str
):
    if "location_id" in changes:
        with unit_of_work(scope):
            changes = {"location_id": create_house(scope).location_id}
    draft = replace(build_booking(house.location_id), hold_id=hold["id"], **changes)
    with pytest.raises(Invalid) as refused, unit_of_work(scope):
        book(scope, draft=draft)
    assert [error.field for error in refused.value.errors] == [field]
    with unit_of_work(scope):
        assert get_hold(scope, hold_id=hold["id"]) == hold


def test_hold_whose_time_is_over_is_told_once_and_blocks_nobody(scope: Scope, house: House, hold: dict):
    with unit_of_work(scope):
        fired = set_clock(scope, advance_s=301)
    assert fired is not None
    (event,) = recorded_events(scope)
    assert (event.type, event.location_id, event.body["previous"]) == (
        "reservation.hold_expired", house.location_id, {"status": "active"},
    )  # fmt: skip
    assert (event.body["object"]["id"], event.body["object"]["status"]) == (hold["id"], "expired")
    with pytest.raises(HoldExpired), unit_of_work(scope):
        renew_hold(scope, hold_id=hold["id"])
    with pytest.raises(HoldExpired), unit_of_work(scope):
        book(scope, draft=build_booking(house.location_id, hold_id=hold["id"]))
    with unit_of_work(scope):
        assert book(scope, draft=build_booking(house.location_id)).is_new


def test_booking_ends_a_hold_whose_timer_is_late(scope: Scope, house: House, hold: dict):
    with unit_of_work(scope):
        freeze_clock(scope, NOON + timedelta(seconds=300))
    with unit_of_work(scope):
        assert get_hold(scope, hold_id=hold["id"])["status"] == "expired"
        assert book(scope, draft=build_booking(house.location_id)).is_new
    with unit_of_work(scope):
        expire_hold(scope, hold["id"])
    types = [name for name in recorded_types(scope) if name.startswith("reservation.")]
    assert types == ["reservation.hold_expired", "reservation.created"]


def test_renewed_hold_lasts_from_now(scope: Scope, hold: dict):
    with unit_of_work(scope):
        set_clock(scope, advance_s=200)
        renewed = renew_hold(scope, hold_id=hold["id"], ttl_s=600)
    with unit_of_work(scope):
        set_clock(scope, advance_s=599)
        assert get_hold(scope, hold_id=hold["id"])["status"] == "active"
        set_clock(scope, advance_s=1)
        assert get_hold(scope, hold_id=hold["id"])["status"] == "expired"
    assert renewed["expires_at"] == to_us(NOON) + 800 * SECOND
    assert recorded_types(scope) == ["reservation.hold_expired"]


def test_released_hold_frees_its_table_without_a_word(scope: Scope, house: House, hold: dict):
    with unit_of_work(scope):
        release_hold(scope, hold_id=hold["id"])
        release_hold(scope, hold_id=hold["id"])
        assert book(scope, draft=build_booking(house.location_id)).is_new
    assert [name for name in recorded_types(scope) if "hold" in name] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ttl_s": 58}, "ttl_seconds"), ({"ttl_s": 86_401}, "ttl_seconds"),
        ({"start": NOON - timedelta(minutes=1)}, "start_at"), ({"table_ids": ("tbl_none",)}, "table_ids[0]"),
    ],
    ids=["short", "long", "past", "table"],
)  # fmt: skip
def test_impossible_hold_is_refused(scope: Scope, house: House, changes: dict, field: str):
    wanted = {"location_id": house.location_id, "start": EVENING, "party_size": 2, **changes}
    with pytest.raises(Invalid) as refused, unit_of_work(scope):
        hold_tables(scope, **wanted)
    assert [error.field for error in refused.value.errors] == [field]


def test_unknown_hold_is_not_found(scope: Scope, house: House):
    for act in (get_hold, renew_hold, release_hold):
        with pytest.raises(NotFound), unit_of_work(scope):
            act(scope, hold_id="hld_none")
    with unit_of_work(scope):
        expire_hold(scope, "hld_none")
