"""Areas and tables: changing, combining and locking them."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from domain.locations import service as locations
from domain.locations.errors import TableUnavailable
from domain.timekeeping.service import fire_passed
from kit.clock import to_us
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
from tests.factories.locations import create_table

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
FIVE_PAST = datetime(2026, 1, 12, 12, 5, tzinfo=UTC)


@pytest.fixture
def place(scope: Scope) -> Scope:
    """A location with two tables."""
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        create_location(scope, id="loc_1")
        for number in (1, 2):
            create_table(scope, id=f"tbl_{number}", location_id="loc_1", name=f"Table {number}")
    return scope


def read(scope: Scope, table_id: str) -> dict[str, Any]:
    with unit_of_work(scope, writes=False):
        return locations.read_table(scope, table_id=table_id)


def test_new_table_names_its_partners_and_they_name_it(place: Scope) -> None:
    with unit_of_work(place):
        area = locations.create_area(place, location_id="loc_1", name="Garden")
        table = locations.create_table(place, values={
            "location_id": "loc_1", "name": "Table 3", "seats_max": 6, "area_id": area["id"], "x": 1.5,
            "combinable_with": ["tbl_1"],
        })  # fmt: skip

    assert (table["seats_min"], table["seats_max"], table["area_id"], table["x"], table["lock"]) == (1, 6, area["id"], 1.5, None)
    assert read(place, "tbl_1")["combinable_with"] == [table["id"]]
    [event] = recorded_events(place)
    assert (event.type, event.object_id, event.location_id) == ("table.updated", "tbl_1", "loc_1")
    assert event.body["previous"] == {"combinable_with": []}


def test_change_of_a_table_is_told_with_what_it_was(place: Scope) -> None:
    for _ in range(2):
        with unit_of_work(place):
            after = locations.change_table(place, table_id="tbl_1", changes={"seats_max": 8, "kind": "indoor"})

    assert (after["seats_max"], after["version"]) == (8, 2)
    [event] = recorded_events(place)
    assert (event.type, event.body["object"], event.body["previous"]) == ("table.updated", after, {"seats_max": 4})


def test_tables_taken_apart_forget_each_other(place: Scope) -> None:
    for partners in (["tbl_2"], []):
        with unit_of_work(place):
            locations.change_table(place, table_id="tbl_1", changes={"combinable_with": partners})

    assert [read(place, key)["combinable_with"] for key in ("tbl_1", "tbl_2")] == [[], []]
    assert [event.object_id for event in recorded_events(place)] == ["tbl_2", "tbl_1", "tbl_2", "tbl_1"]


def test_two_who_combine_the_same_tables_at_once_agree(place: Scope) -> None:
    names = ("tbl_1", "tbl_2")

    def combine(index: int) -> str:
        changes = {"combinable_with": [names[1 - index]]}
        return str(locations.change_table(place, table_id=names[index], changes=changes)["id"])

    assert at_once(place, 2, combine) == ["tbl_1", "tbl_2"]
    assert [read(place, key)["combinable_with"] for key in names] == [["tbl_2"], ["tbl_1"]]


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"seats_min": 5}, Invalid, "seats.min"),
        ({"area_id": "are_none"}, Invalid, "area_id"),
        ({"combinable_with": ["tbl_1"]}, Invalid, "combinable_with[0]"),
        ({"combinable_with": ["tbl_2", "tbl_2"]}, Invalid, "combinable_with[1]"),
        ({"name": "Table 2"}, DuplicateReference, "name"),
    ],
    ids=["seats", "area", "itself", "twice", "name"],
)
def test_table_that_breaks_a_rule_is_refused(
    place: Scope, changes: dict[str, Any], refusal: type[Any], field: str
) -> None:
    with pytest.raises(refusal) as refused, unit_of_work(place):
        locations.change_table(place, table_id="tbl_1", changes={"x": 9.0, **changes})

    assert refused.value.errors[0].field == field
    assert (read(place, "tbl_1")["x"], recorded_types(place)) == (None, [])


def test_table_of_an_unknown_location_is_refused(place: Scope) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work(place):
        locations.create_table(place, values={"location_id": "loc_none", "name": "X", "seats_max": 2})
    with pytest.raises(NotFound), unit_of_work(place):
        locations.change_table(place, table_id="tbl_none", changes={})
    with pytest.raises(Conflict), unit_of_work(place):
        locations.change_table(place, table_id="tbl_1", changes={"x": 1.0}, expected_version=9)

    assert refusal.value.errors[0].field == "location_id"


def test_lock_keeps_others_away_until_it_ends(place: Scope) -> None:
    with unit_of_work(place):
        mine = locations.lock_table(place, table_id="tbl_1", locked_by="eve")
        again = locations.lock_table(place, table_id="tbl_1", locked_by="eve", ttl_s=300)
        with pytest.raises(TableUnavailable) as refusal:
            locations.lock_table(place, table_id="tbl_1", locked_by="bob")
        with pytest.raises(TableUnavailable):
            locations.unlock_table(place, table_id="tbl_1", locked_by="bob")
    with unit_of_work(place):
        freeze_clock(place, FIVE_PAST)
        assert locations.read_table(place, table_id="tbl_1")["lock"] is None
        assert fire_passed(place) == ["tbl_1"]

    ends = to_us(FIVE_PAST)
    assert mine["lock"] == {"locked_by": "eve", "locked_at": to_us(NOON), "expires_at": ends}
    assert again["version"] == mine["version"]
    assert (refusal.value.code, refusal.value.data["conflict"]["locked_by"]) == ("table_unavailable", "eve")
    locked, released = recorded_events(place)
    assert (locked.body["previous"], locked.body["object"]["lock"]) == ({"lock": None}, mine["lock"])
    assert (released.body["previous"], released.body["object"]["lock"]) == ({"lock": mine["lock"]}, None)


def test_lock_is_given_back_or_taken_over_by_force(place: Scope) -> None:
    with unit_of_work(place):
        locations.lock_table(place, table_id="tbl_1", locked_by="eve")
        taken = locations.lock_table(place, table_id="tbl_1", locked_by="bob", is_forced=True)
        free = locations.unlock_table(place, table_id="tbl_1", locked_by="eve", is_forced=True)
        same = locations.unlock_table(place, table_id="tbl_1", locked_by="eve")

    assert (taken["lock"]["locked_by"], free["lock"], same["version"]) == ("bob", None, free["version"])
    assert recorded_types(place) == ["table.updated"] * 3


def test_one_of_two_who_lock_at_once_gets_the_table(place: Scope) -> None:
    def lock(index: int) -> str:
        return str(locations.lock_table(place, table_id="tbl_1", locked_by=f"waiter {index}")["lock"]["locked_by"])

    results = at_once(place, 2, lock)
    assert sorted(results, key=len) in (["waiter 0", "table_unavailable"], ["waiter 1", "table_unavailable"])
    assert recorded_types(place) == ["table.updated"]


def test_clean_table_says_when(place: Scope) -> None:
    with unit_of_work(place):
        table = locations.mark_clean(place, table_id="tbl_1")

    assert table["cleaned_at"] == to_us(NOON)
    assert recorded_events(place)[0].body["previous"] == {"cleaned_at": None}


def test_areas_are_unique_by_name_at_their_location(place: Scope) -> None:
    with unit_of_work(place):
        area = locations.create_area(place, location_id="loc_1", name="Garden")
        other = locations.create_area(place, location_id="loc_1", name="Hall", sort=2)
        with pytest.raises(DuplicateReference):
            locations.change_area(place, area_id=other["id"], changes={"name": "Garden"})
        after = locations.change_area(place, area_id=area["id"], changes={"name": "Terrace"}, expected_version=1)
        listed = locations.list_areas(place, limit=5, after=None, location_id="loc_1")

    assert (after["name"], after["version"]) == ("Terrace", 2)
    assert [row["name"] for row in listed] == ["Hall", "Terrace"]
