"""What a request means for one of a guest's lists."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.guests.errors import NestedNotFound
from domain.guests.lists import clean_entry
from domain.guests.lists import merged
from kit.errors import Invalid

HOME = {"id": "gct_1", "value": "+48221234567", "original": "22 123 45 67", "tag": "home"}
WORK = {"id": "gct_2", "value": "+48999999999", "original": "+48999999999", "tag": "work"}
NEW = {"value": "+48111111111", "original": "111"}


def values(rows: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(row["value"], row["tag"]) for row in rows]


@pytest.mark.parametrize(
    ("entries", "overwrite", "expected"),
    [
        ([NEW], False, [("+48221234567", "home"), ("+48999999999", "work"), ("+48111111111", None)]),
        ([NEW], True, [("+48111111111", None)]),
        ([{"id": "gct_1", "tag": "old"}, NEW], True, [("+48221234567", "old"), ("+48111111111", None)]),
        ([{"id": "gct_2", "_destroy": True}], False, [("+48221234567", "home")]),
        ([{"value": "+48999999999", "original": "x", "tag": "office"}], True, [("+48999999999", "office")]),
        ([{"id": "gct_1", "value": "+48999999999", "original": "y"}], False, [("+48999999999", "home")]),
        ([{"id": "gct_2"}, {"id": "gct_1"}], True, [("+48999999999", "work"), ("+48221234567", "home")]),
        ([], True, []),
        ([], False, [("+48221234567", "home"), ("+48999999999", "work")]),
    ],
    ids=[
        "append", "replace", "keep one by id", "destroy", "known value keeps its row", "equal ones collapse", "reorder",
        "empty clears", "nothing said",
    ],
)  # fmt: skip
def test_entries_change_the_list(entries: list[dict[str, Any]], overwrite: bool, expected: list[tuple[str, str]]) -> None:
    assert values(merged("phones", [HOME, WORK], entries, overwrite=overwrite)) == expected


def test_known_value_when_it_is_sent_again_keeps_its_id() -> None:
    again = {"value": WORK["value"], "original": WORK["value"]}
    assert [row["id"] for row in merged("phones", [HOME, WORK], [again], overwrite=True)] == ["gct_2"]


def test_id_of_another_guest_is_refused() -> None:
    with pytest.raises(NestedNotFound) as refusal:
        merged("phones", [HOME], [NEW, {"id": "gct_9", "tag": "x"}], overwrite=False)
    assert (refusal.value.status, refusal.value.code, refusal.value.errors[0].field) == (422, "nested_not_found", "phones[1].id")


@pytest.mark.parametrize(
    ("name", "entry"),
    [("phones", {"tag": "home"}), ("socials", {"service": "line"}), ("calendar_events", {"tag": "birthday"})],
)
def test_new_entry_without_what_it_needs_is_refused(name: str, entry: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        merged(name, [], [entry], overwrite=False)
    assert [(error.field, error.code) for error in refusal.value.errors] == [(f"{name}[0]", "required")]


def test_list_of_more_than_fifty_is_refused() -> None:
    entries = [{"value": f"+4822{number:07d}", "original": ""} for number in range(51)]
    assert len(merged("phones", [], entries[:50], overwrite=True)) == 50
    with pytest.raises(Invalid):
        merged("phones", [], entries, overwrite=True)


@pytest.mark.parametrize(
    ("month", "day", "year", "is_day"),
    [
        (2, 29, None, True), (2, 29, 2024, True), (2, 29, 2023, False), (2, 29, 1900, False), (4, 31, 1990, False),
        (12, 31, 1900, True),
    ],
)  # fmt: skip
def test_day_that_no_year_has_is_refused(month: int, day: int, year: int | None, is_day: bool) -> None:
    entry = {"month": month, "day": day, "year": year}
    if is_day:
        assert clean_entry("calendar_events", entry, field="calendar_events[0]", country=lambda: None) == entry
        return
    with pytest.raises(Invalid):
        clean_entry("calendar_events", entry, field="calendar_events[0]", country=lambda: None)


ENTRIES = st.lists(
    st.one_of(
        st.builds(lambda n: {"value": f"+4822{n:07d}", "original": ""}, st.integers(0, 6)),
        st.builds(lambda n, gone: {"id": f"gct_{n}"} | ({"_destroy": True} if gone else {}), st.integers(0, 2), st.booleans()),
    ),
    max_size=8,
)  # fmt: skip
PRESENT = [{"id": f"gct_{n}", "value": f"+4822{n:07d}", "original": "", "tag": None} for n in range(3)]


def applied(present: list[dict[str, Any]], entries: list[dict[str, Any]], overwrite: bool) -> list[dict[str, Any]] | None:
    try:
        return merged("phones", present, entries, overwrite=overwrite)
    except NestedNotFound:
        return None  # a row destroyed twice


@settings(max_examples=300, deadline=None)
@given(ENTRIES, st.booleans())
def test_list_never_repeats_itself_and_a_second_time_changes_nothing(entries: list[dict[str, Any]], overwrite: bool) -> None:
    once = applied(PRESENT, entries, overwrite)
    if once is None:
        return
    assert len({row["value"] for row in once}) == len({row["id"] for row in once}) == len(once)
    if not any(entry.get("_destroy") for entry in entries):
        assert applied(once, entries, overwrite) == once
