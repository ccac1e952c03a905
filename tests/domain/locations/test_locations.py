"""Locations: reading, taking orders, status, hours and business days."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from domain.locations import service as locations
from domain.locations.errors import StoreUnavailable
from kit.clock import to_us
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import ParameterMissing
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location
from tests.factories.locations import create_opening_hour
from tests.factories.locations import create_special_hour
from tests.factories.locations import create_table

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)  # a Monday, 13:00 in Warsaw
ONE_O_CLOCK = datetime(2026, 1, 12, 13, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def place(*hours: tuple[int, str, str], special: tuple[dict[str, Any], ...] = (), **changes: Any) -> dict[str, Any]:
    """A location document as far as hours go."""
    return {
        "time_zone": "Europe/Warsaw", "day_cutover": "05:00",
        "opening_hours": [{"weekday": day, "opens": opens, "closes": closes} for day, opens, closes in hours],
        "special_hours": list(special), **changes,
    }  # fmt: skip


def test_location_document_carries_hours_and_status(scope: Scope) -> None:
    with unit_of_work(scope):
        location = create_location(scope, latitude=52.2297, address={"city": "Warszawa"}, auto_accept=True)
        create_opening_hour(scope, location_id=location, weekday=1, opens="10:00", closes="22:00")
        create_opening_hour(scope, location_id=location, weekday=0, opens="12:00", closes="22:00")
        create_special_hour(scope, location_id=location, on_date="2026-12-24", is_closed=True)
        document = locations.get_location(scope, location_id=location)

    assert (document["currency"], document["latitude"], document["auto_accept"]) == ("PLN", 52.2297, True)
    assert document["address"] == {"city": "Warszawa"}
    assert [(row["weekday"], row["opens"], row["service"]) for row in document["opening_hours"]] == [
        (0, "12:00", "dine_in"), (1, "10:00", "dine_in"),
    ]  # fmt: skip
    assert document["special_hours"] == [{"date": "2026-12-24", "is_closed": True, "opens": None, "closes": None}]
    assert document["status"] == {
        "status": "online", "reason": None, "until": None, "changed_at": None, "changed_by": None,
    }  # fmt: skip
    assert (len(document["business_date"]), document["refs"]) == (10, [])
    assert "tenant_id" not in document


def test_another_tenants_location_is_not_found(scope: Scope, new_scope: Callable[..., Scope]) -> None:
    other = new_scope()
    with unit_of_work(other):
        theirs = create_location(other)
        table = create_table(other, location_id=theirs)
    with unit_of_work(scope):
        with pytest.raises(NotFound):
            locations.get_location(scope, location_id=theirs)
        with pytest.raises(NotFound):
            locations.get_table(scope, location_id=theirs, table_id=table)
        with pytest.raises(NotFound):
            locations.set_store_status(scope, location_id=theirs, status="offline")
        assert locations.list_locations(scope, limit=5, after=None) == []


def test_locations_are_listed_by_name_in_pages(scope: Scope) -> None:
    with unit_of_work(scope):
        for name, active in (("Bravo", True), ("Alpha", True), ("Delta", True), ("Charlie", False)):
            create_location(scope, name=name, is_active=active)
        first = locations.list_locations(scope, limit=2, after=None, is_active=True)
        second = locations.list_locations(scope, limit=2, after=[first[1]["name"], first[1]["id"]], is_active=True)
        everything = locations.list_locations(scope, limit=9, after=None)

    assert [row["name"] for row in first] == ["Alpha", "Bravo", "Delta"]
    assert [row["name"] for row in second] == ["Delta"]
    assert [row["name"] for row in everything] == ["Alpha", "Bravo", "Charlie", "Delta"]


def test_only_location_is_refused_when_there_are_several_or_none(scope: Scope) -> None:
    with unit_of_work(scope):
        with pytest.raises(ParameterMissing):
            locations.only_location(scope)
        single = create_location(scope)
        assert locations.only_location(scope)["id"] == single
        create_location(scope)
        with pytest.raises(ParameterMissing) as refusal:
            locations.only_location(scope)

    assert refusal.value.data == {"parameter": "location_id"}


@pytest.mark.parametrize(
    ("location", "instant", "is_open"),
    [
        (place(), "2026-01-12 03:00", True),
        (place((0, "00:00", "24:00")), "2026-01-12 22:59", True),
        (place((0, "00:00", "24:00")), "2026-01-12 23:00", False),
        (place((0, "11:00", "23:00")), "2026-01-12 10:00", True),
        (place((0, "11:00", "23:00")), "2026-01-12 09:59", False),
        (place((0, "11:00", "23:00")), "2026-01-12 22:00", False),
        (place((0, "18:00", "02:00")), "2026-01-13 00:59", True),
        (place((0, "18:00", "02:00")), "2026-01-13 01:00", False),
        (place((6, "18:00", "02:00")), "2026-01-12 00:30", True),
        (place((0, "11:00", "14:00"), (0, "17:00", "23:00")), "2026-01-12 15:00", False),
        (place((0, "00:00", "24:00"), special=({"date": "2026-01-12", "is_closed": True},)), "2026-01-12 12:00", False),
        (
            place((0, "00:00", "24:00"),
                  special=({"date": "2026-01-12", "is_closed": False, "opens": "10:00", "closes": "12:00"},)),
            "2026-01-12 12:00", False,
        ),
        (
            place((0, "10:00", "11:00"),
                  special=({"date": "2026-01-12", "is_closed": False, "opens": "12:00", "closes": "15:00"},)),
            "2026-01-12 12:00", True,
        ),
        (place((0, "10:00", "11:00"), time_zone="Asia/Tokyo"), "2026-01-12 01:30", True),
        (place((5, "18:00", "03:00")), "2026-03-29 00:59", True),
        (place((5, "18:00", "03:00")), "2026-03-29 01:00", False),
        (place((5, "18:00", "03:00")), "2026-10-25 01:30", True),
        (place((5, "18:00", "03:00")), "2026-10-25 02:00", False),
    ],
    ids=[
        "no hours", "all day", "next day", "at opening", "before opening", "at closing", "past midnight", "after the night",
        "sunday night", "between services", "closed day", "short day", "special opening", "other zone",
        "until the hour that is skipped", "after the hour that is skipped", "in the hour that comes twice",
        "after the hour that comes twice",
    ],
)  # fmt: skip
def test_is_open(location: dict[str, Any], instant: str, is_open: bool) -> None:
    assert locations.is_open(location, at(instant)) is is_open


@pytest.mark.parametrize(
    ("instant", "cutover", "zone", "day"),
    [
        ("2026-01-12 03:59", "05:00", "Europe/Warsaw", "2026-01-11"),
        ("2026-01-12 04:00", "05:00", "Europe/Warsaw", "2026-01-12"),
        ("2026-01-12 23:30", "00:00", "Europe/Warsaw", "2026-01-13"),
        ("2026-01-12 09:59", "05:00", "America/New_York", "2026-01-11"),
        ("2026-03-29 02:59", "05:00", "Europe/Warsaw", "2026-03-28"),
        ("2026-03-29 03:00", "05:00", "Europe/Warsaw", "2026-03-29"),
        ("2026-10-25 03:59", "05:00", "Europe/Warsaw", "2026-10-24"),
        ("2026-10-25 04:00", "05:00", "Europe/Warsaw", "2026-10-25"),
        ("2026-01-12 23:00", "05:00", "Asia/Kathmandu", "2026-01-12"),
        ("2026-01-12 23:15", "05:00", "Asia/Kathmandu", "2026-01-13"),
    ],
)
def test_business_date_starts_at_the_cutover_of_the_local_day(instant: str, cutover: str, zone: str, day: str) -> None:
    assert locations.business_date({"time_zone": zone, "day_cutover": cutover}, at(instant)) == day


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "paused"}, "paused"),
        ({"status": "offline"}, "offline"),
        ({"status": "paused", "until": ONE_O_CLOCK}, "paused"),
    ],
    ids=["paused", "offline", "paused for a while"],
)
def test_store_that_is_not_online_takes_no_orders(scope: Scope, changes: dict[str, Any], reason: str) -> None:
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        location = create_location(scope)
        document = locations.set_store_status(scope, location_id=location, **changes)
        with pytest.raises(StoreUnavailable) as refusal:
            locations.ensure_takes_orders(scope, location=document, at=NOON)

    assert (refusal.value.status, refusal.value.code) == (422, "store_unavailable")
    assert refusal.value.data == {"location_id": location, "reason": reason}


def test_pause_ends_by_itself(scope: Scope) -> None:
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        location = create_location(scope)
        paused = locations.set_store_status(scope, location_id=location, status="paused", until=ONE_O_CLOCK)
        locations.ensure_takes_orders(scope, location=paused, at=ONE_O_CLOCK)
    with unit_of_work(scope):
        freeze_clock(scope, ONE_O_CLOCK)
        assert locations.get_location(scope, location_id=location)["status"]["status"] == "online"


@pytest.mark.parametrize(("changes", "reason"), [({"is_active": False}, "inactive"), ({}, "closed")])
def test_inactive_or_closed_location_takes_no_orders(scope: Scope, changes: dict[str, Any], reason: str) -> None:
    with unit_of_work(scope):
        location = create_location(scope, **changes)
        create_opening_hour(scope, location_id=location, weekday=1, opens="00:00", closes="24:00")
        document = locations.get_location(scope, location_id=location)
        with pytest.raises(StoreUnavailable) as refusal:
            locations.ensure_takes_orders(scope, location=document, at=NOON)

    assert refusal.value.data["reason"] == reason


def test_status_change_is_recorded_once_with_what_it_was(scope: Scope) -> None:
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        location = create_location(scope)
    for _ in range(2):
        with unit_of_work(scope):
            locations.set_store_status(scope, location_id=location, status="paused", until=ONE_O_CLOCK, reason="Rush")

    [event] = recorded_events(scope)
    assert (event.type, event.object_id, event.location_id) == ("store.status.updated", location, location)
    assert event.body["object"]["status"] == {
        "status": "paused", "reason": "Rush", "until": to_us(ONE_O_CLOCK), "changed_at": to_us(NOON),
        "changed_by": "tableport",
    }  # fmt: skip
    assert event.body["previous"] == {"status": {"status": "online", "reason": None, "until": None}}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "closed"}, "status"), ({"status": "offline", "until": ONE_O_CLOCK}, "until"),
        ({"status": "paused", "until": NOON}, "until"),
    ],
    ids=["unknown", "end without pause", "end in the past"],
)  # fmt: skip
def test_status_change_is_refused(scope: Scope, changes: dict[str, Any], field: str) -> None:
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        location = create_location(scope)
        with pytest.raises(Invalid) as refusal:
            locations.set_store_status(scope, location_id=location, **changes)

    assert refusal.value.errors[0].field == field
    assert recorded_events(scope) == []


def test_table_of_another_location_is_not_found(scope: Scope) -> None:
    with unit_of_work(scope):
        here, there = create_location(scope), create_location(scope)
        table = create_table(scope, location_id=here, name="Terrace", seats_max=6)
        assert locations.get_table(scope, location_id=here, table_id=table)["seats_max"] == 6
        with pytest.raises(NotFound):
            locations.get_table(scope, location_id=there, table_id=table)
        assert [row["id"] for row in locations.list_tables(scope, limit=5, after=None, location_id=here)] == [table]
        assert locations.list_tables(scope, limit=5, after=["Terrace", table]) == []
