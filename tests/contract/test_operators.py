"""The operators of the contract vectors, each with a value it accepts and one it must refuse."""

from typing import Any

import pytest

from tests.contract.operators import MISSING
from tests.contract.operators import OPERATORS
from tests.contract.operators import RELATIONS
from tests.contract.operators import differences
from tests.contract.operators import find

HOLDS = [
    ("$re", "^ord_", "ord_1"),
    ("$type", "int", 3),
    ("$type", "number", 3.5),
    ("$type", "bool", True),
    ("$type", "null", None),
    ("$exists", True, None),
    ("$exists", False, MISSING),
    ("$absent", True, MISSING),
    ("$len", 2, [1, 2]),
    ("$len", 0, []),
    ("$len_gte", 2, [1, 2, 3]),
    ("$gte", 4, 4),
    ("$contains", [{"id": 1}], [{"id": 2}, {"id": 1, "name": "x"}]),
    ("$contains", ["a"], ["b", "a"]),
    ("$subset", {"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}),
    ("$subset", {"price": 4.0}, {"price": 4}),
    ("$subset_each", [{"id": 1}, {"id": 2}], [{"id": 1, "x": 0}, {"id": 2}]),
    ("$set", [1, 2, 2], [2, 1, 2]),
    ("$sum", 45.9, [42.5, 3.4]),
    ("$sum", {"amount": 3}, [{"amount": 1}, {"amount": 2}]),
    ("$none", {"state": "dead"}, [{"state": "live"}]),
    ("$every", {"ok": True}, [{"ok": True, "id": 1}]),
    ("$contains_code", ["a"], [{"code": "b"}, {"code": "a"}]),
    ("$contains_code", ["a"], ["a"]),
    ("$strictly_increasing", "sequence", [{"sequence": 1}, {"sequence": 3}]),
    ("$strictly_increasing", True, [1, 2]),
]
FAILS = [
    ("$re", "^ord_", "xord_1"),
    ("$re", "^1", 1),
    ("$type", "int", True),
    ("$type", "int", 3.0),
    ("$type", "str", None),
    ("$exists", True, MISSING),
    ("$exists", False, None),
    ("$absent", True, None),
    ("$len", 2, [1]),
    ("$len", 1, 7),
    ("$len_gte", 2, [1]),
    ("$gte", 4, 3),
    ("$gte", 0, True),
    ("$gte", 0, "9"),
    ("$contains", [{"id": 1}, {"id": 3}], [{"id": 1}]),
    ("$contains", ["a"], "abc"),
    ("$subset", {"a": 1}, {"b": 1}),
    ("$subset", {"a": True}, {"a": 1}),
    ("$subset_each", [{"id": 1}], [{"id": 1}, {"id": 2}]),
    ("$set", [1, 2, 2], [1, 1, 2]),
    ("$set", [1], [1, 2]),
    ("$sum", 45.9, [42.5, 3.5]),
    ("$sum", {"amount": 3}, [{"amount": 1}, {"tip": 2}]),
    ("$none", {"state": "dead"}, [{"state": "dead", "id": 1}]),
    ("$none", {"state": "dead"}, MISSING),
    ("$every", {"ok": True}, [{"ok": True}, {"ok": False}]),
    ("$contains_code", ["a", "c"], [{"code": "a"}]),
    ("$strictly_increasing", "sequence", [{"sequence": 2}, {"sequence": 2}]),
    ("$strictly_increasing", "sequence", [{"id": 2}]),
]


def test_operators_when_all_are_counted_match_the_contract() -> None:
    documented = (
        "$re $type $exists $absent $len $len_gte $gte $contains $subset $subset_each $set $sum $none $every $same $disjoint"
        " $contains_code $strictly_increasing"
    )
    assert {*OPERATORS, *RELATIONS} == set(documented.split())


@pytest.mark.parametrize(("name", "argument", "actual"), HOLDS, ids=lambda value: str(value)[:30])
def test_operator_when_the_value_fits_holds(name: str, argument: Any, actual: Any) -> None:
    assert OPERATORS[name](argument, actual)


@pytest.mark.parametrize(("name", "argument", "actual"), FAILS, ids=lambda value: str(value)[:30])
def test_operator_when_the_value_does_not_fit_fails(name: str, argument: Any, actual: Any) -> None:
    assert not OPERATORS[name](argument, actual)


def test_same_when_the_earlier_answer_has_another_id_fails() -> None:
    expected = {"data.id": {"$same": "TM-02"}}
    assert differences(expected, {"data": {"id": "a"}}, {"TM-02": {"data": {"id": "a"}}}) == []
    assert differences(expected, {"data": {"id": "b"}}, {"TM-02": {"data": {"id": "a"}}}) == [
        "data.id: expected $same 'TM-02', got 'b'"
    ]
    assert differences(expected, {}, {"TM-02": {}}) == ["data.id: expected $same 'TM-02', got nothing"]


def test_disjoint_when_a_row_appears_again_fails() -> None:
    expected = {"rows": {"$disjoint": "A-1"}}
    earlier = {"A-1": {"rows": [{"id": 1}, {"id": 2}]}}
    assert differences(expected, {"rows": [{"id": 3}]}, earlier) == []
    assert differences(expected, {"rows": [{"id": 3}, {"id": 2, "name": "x"}]}, earlier) != []


def test_differences_when_plain_values_differ_names_each_path() -> None:
    actual = {"status": "pending", "items": [{"price": 4}], "open": 1, "extra": None}
    assert differences({"status": "pending", "items.0.price": 4.0, "extra": None}, actual, {}) == []
    assert differences({"status": "ready", "items.1.price": 4, "open": True}, actual, {}) == [
        "status: expected 'ready', got 'pending'",
        "items.1.price: expected 4, got nothing",
        "open: expected True, got 1",
    ]


def test_differences_when_an_object_has_more_members_than_expected_reports_it() -> None:
    assert differences({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, {}) != []
    assert differences({"a": {"$subset": {"b": 1}, "$exists": True}}, {"a": {"b": 1, "c": 2}}, {}) == []


@pytest.mark.parametrize(
    ("path", "expected"), [("a.0.b", 1), ("a.1", MISSING), ("a.x", MISSING), ("c", MISSING), ("n", None)], ids=str
)
def test_find_when_a_path_leads_somewhere_returns_it(path: str, expected: Any) -> None:
    assert find({"a": [{"b": 1}], "n": None}, path) is expected
