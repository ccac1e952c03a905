"""Changing locations, their hours and the restaurant; the end of a pause."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from domain.locations import service as locations
from domain.locations.errors import CurrencyIsFixed
from domain.timekeeping.service import fire_passed
from kit.errors import Conflict
from kit.errors import DuplicateReference
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)  # a Monday, 13:00 in Warsaw
ONE_O_CLOCK = datetime(2026, 1, 12, 13, tzinfo=UTC)
LUNCH = {"weekday": 0, "opens": "12:00", "closes": "15:00", "service": "dine_in"}


@pytest.fixture
def place(scope: Scope) -> Scope:
    """A tenant with one Warsaw location, at Monday noon."""
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        create_location(scope, id="loc_1", slug="one")
    return scope


def test_location_changes_and_equal_values_do_not_count(place: Scope) -> None:
    for _ in range(2):
        with unit_of_work(place):
            after = locations.change_location(
                place, location_id="loc_1", changes={"name": "Kraków", "time_zone": "Europe/Vilnius", "prep_minutes": 35}
            )

    assert (after["name"], after["time_zone"], after["prep_minutes"], after["version"]) == ("Kraków", "Europe/Vilnius", 35, 2)
    assert recorded_types(place) == []


@pytest.mark.parametrize(
    ("changes", "options", "refusal", "code"),
    [
        ({"time_zone": "Mars/Base"}, {}, Invalid, "validation_failed"),
        ({"slug": "two"}, {}, DuplicateReference, "duplicate_reference"),
        ({"currency": "EUR"}, {"is_priced": True}, CurrencyIsFixed, "invalid_transition"),
        ({"name": "X"}, {"expected_version": 4}, Conflict, "version_conflict"),
        ({"name": "X"}, {"location_id": "loc_none"}, NotFound, "resource_not_found"),
    ],
    ids=["zone", "slug", "currency", "version", "unknown"],
)
def test_change_is_refused_and_leaves_no_trace(
    place: Scope, changes: dict[str, Any], options: dict[str, Any], refusal: type[Exception], code: str
) -> None:
    with unit_of_work(place):
        create_location(place, id="loc_2", slug="two")
    with pytest.raises(refusal) as refused, unit_of_work(place):
        locations.change_location(place, changes={**changes, "name": "New"}, **{"location_id": "loc_1", **options})

    assert refused.value.code == code
    with unit_of_work(place, writes=False):
        assert locations.get_location(place, location_id="loc_1")["name"] == "Warsaw"


def test_currency_changes_while_nothing_is_priced_in_it(place: Scope) -> None:
    with unit_of_work(place):
        assert locations.change_location(place, location_id="loc_1", changes={"currency": "EUR"})["currency"] == "EUR"


def test_hours_are_replaced_and_decide_whether_it_is_open(place: Scope) -> None:
    dinner = {**LUNCH, "opens": "18:00", "closes": "01:00"}
    with unit_of_work(place):
        first = locations.set_hours(place, location_id="loc_1", opening_hours=[dinner, LUNCH])
        same = locations.set_hours(place, location_id="loc_1", opening_hours=[LUNCH, dinner])
        closed = {"date": "2026-01-12", "is_closed": True, "opens": None, "closes": None}
        holiday = locations.set_hours(place, location_id="loc_1", special_hours=[closed])

    assert first["opening_hours"] == [LUNCH, dinner]
    assert [row["is_open_now"] for row in (first, holiday)] == [True, False]
    assert [row["version"] for row in (first, same, holiday)] == [2, 2, 3]
    assert (holiday["opening_hours"], holiday["special_hours"]) == ([LUNCH, dinner], [closed])
    assert holiday["business_date"] == "2026-01-12"


def test_hours_that_overlap_are_refused_by_their_place(place: Scope) -> None:
    late = {**LUNCH, "weekday": 6, "opens": "20:00", "closes": "13:00"}
    with pytest.raises(Invalid) as refusal, unit_of_work(place):
        locations.set_hours(place, location_id="loc_1", opening_hours=[LUNCH, late])

    assert refusal.value.errors[0].field == "opening_hours[0]"
    with unit_of_work(place, writes=False):
        assert locations.get_location(place, location_id="loc_1")["opening_hours"] == []


def test_services_keep_their_own_hours(place: Scope) -> None:
    with unit_of_work(place):
        evening = {**LUNCH, "opens": "18:00", "closes": "22:00", "service": "delivery"}
        location = locations.set_hours(place, location_id="loc_1", opening_hours=[LUNCH, evening])

    assert [locations.is_open(location, NOON, service) for service in (None, "dine_in", "delivery", "pickup")] == [
        True, True, False, True,
    ]  # fmt: skip


def test_pause_ends_by_itself_and_says_so(place: Scope) -> None:
    with unit_of_work(place):
        locations.set_store_status(place, location_id="loc_1", status="paused", until=ONE_O_CLOCK, reason="Busy")
    with unit_of_work(place):
        freeze_clock(place, ONE_O_CLOCK)
        assert fire_passed(place) == ["loc_1"]

    paused, resumed = recorded_events(place)
    assert [paused.type, resumed.type] == ["store.status.updated"] * 2
    assert resumed.body["object"]["status"]["status"] == "online"
    assert resumed.body["previous"]["status"]["status"] == "paused"
    assert resumed.actor_type == "system"


def test_pause_that_was_changed_meanwhile_is_left_alone(place: Scope) -> None:
    with unit_of_work(place):
        locations.set_store_status(place, location_id="loc_1", status="paused", until=ONE_O_CLOCK)
        locations.set_store_status(place, location_id="loc_1", status="offline")
    with unit_of_work(place):
        freeze_clock(place, ONE_O_CLOCK)
        fire_passed(place)
        assert locations.get_location(place, location_id="loc_1")["status"]["status"] == "offline"

    assert recorded_types(place) == ["store.status.updated"] * 2


def test_two_who_pause_at_once_write_one_status(place: Scope) -> None:
    def pause(_: int) -> str:
        return str(locations.set_store_status(place, location_id="loc_1", status="paused")["status"]["status"])

    assert at_once(place, 3, pause) == ["paused"] * 3
    assert recorded_types(place) == ["store.status.updated"]


def test_restaurant_is_called_like_its_first_location_until_it_is_named(place: Scope) -> None:
    with unit_of_work(place):
        before = locations.get_restaurant(place)
        named = locations.change_restaurant(place, changes={"name": "Bistro Group"}, expected_version=0)
        again = locations.change_restaurant(place, changes={"default_currency": "EUR"}, expected_version=1)

    assert (before["name"], before["default_currency"], before["id"]) == ("Warsaw", "PLN", place.tenant_id)
    assert [(row["name"], row["default_currency"], row["version"]) for row in (named, again)] == [
        ("Bistro Group", "PLN", 1), ("Bistro Group", "EUR", 2),
    ]  # fmt: skip


def test_restaurant_without_a_location_or_a_name_is_not_found(scope: Scope) -> None:
    with pytest.raises(NotFound), unit_of_work(scope):
        locations.get_restaurant(scope)
