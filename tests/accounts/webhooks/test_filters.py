"""Filters on an event's object: what holds, and what is no filter."""

from typing import Any

import pytest

from accounts.webhooks.filters import holds
from accounts.webhooks.filters import problems_of

ORDER = {
    "status": "ready", "number": "0042", "party_size": 4, "table_id": None, "is_paid": True, "notes": "50",
    "created_at": "2026-01-12T12:00:00.500Z", "totals": {"total": 49.9, "tip": 0}, "items": [{"quantity": 2}], "share": "0.10",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("status", "eq", "ready", True),
        ("status", "eq", "Ready", False),
        ("status", "ne", "ready", False),
        ("status", "ne", "draft", True),
        ("status", "in", ["draft", "ready"], True),
        ("status", "in", ["draft", 3], False),
        ("status", "gt", "pending", True),
        ("status", "gt", 5, False),
        ("totals.total", "gt", 49.9, False),
        ("totals.total", "gte", 49.9, True),
        ("totals.total", "lt", 50, True),
        ("totals.total", "lte", 49.89, False),
        ("totals.total", "gte", "49.90", True),
        ("totals.tip", "eq", 0, True),
        ("totals.tip", "exists", True, True),
        ("notes", "gte", 50, True),
        ("share", "eq", 0.1, True),
        ("share", "eq", "0.1", False),
        ("number", "eq", "42", False),
        ("number", "eq", 42, True),
        ("party_size", "in", [2, 4.0], True),
        ("is_paid", "eq", True, True),
        ("is_paid", "eq", 1, False),
        ("is_paid", "ne", False, True),
        ("created_at", "gt", "2026-01-12T12:00:00Z", True),
        ("created_at", "lt", "2026-01-12T12:00:00Z", False),
        ("created_at", "lt", "2026-01-12T14:00:00+01:00", True),
        ("created_at", "gte", "2026-01-12", True),
        ("created_at", "gt", "2026-99-12T12:00:00Z", False),
        ("totals", "eq", "x", False),
        ("totals", "ne", "x", True),
        ("totals", "exists", True, True),
        ("items.quantity", "gte", 1, False),
        ("items.quantity", "exists", False, True),
        *(("table_id", operator, "x", False) for operator in ("eq", "gt", "gte", "lt", "lte")),
        ("table_id", "in", ["x"], False),
        ("table_id", "ne", "x", True),
        ("table_id", "exists", True, False),
        ("table_id", "exists", False, True),
        ("nothing.here", "ne", 0, True),
        ("nothing.here", "lt", 0, False),
    ],
)
def test_filter(field: str, operator: str, value: Any, expected: bool) -> None:
    one = {"field": field, "operator": operator, "value": value}
    assert problems_of([one]) == []
    assert holds([one], ORDER) is expected


def test_all_filters_must_hold() -> None:
    ready = {"field": "status", "operator": "eq", "value": "ready"}
    large = {"field": "totals.total", "operator": "gte", "value": 50}
    assert (holds([], ORDER), holds([ready], ORDER), holds([ready, large], ORDER)) == (True, True, False)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"field": None}, "filters[1].field"),
        ({"field": ""}, "filters[1].field"),
        ({"field": "totals..total"}, "filters[1].field"),
        ({"field": "items[0].price"}, "filters[1].field"),
        ({"field": "a" * 101}, "filters[1].field"),
        ({"field": 7}, "filters[1].field"),
        ({"operator": "like"}, "filters[1].operator"),
        ({"operator": None}, "filters[1].operator"),
        ({"operator": ["eq"]}, "filters[1].operator"),
        ({"value": None}, "filters[1].value"),
        ({"value": "a" * 256}, "filters[1].value"),
        ({"value": "a\x00"}, "filters[1].value"),
        ({"value": ["ready"]}, "filters[1].value"),
        ({"value": {"a": 1}}, "filters[1].value"),
        ({"value": float("nan")}, "filters[1].value"),
        ({"value": 10**16}, "filters[1].value"),
        ({"operator": "in"}, "filters[1].value"),
        ({"operator": "in", "value": []}, "filters[1].value"),
        ({"operator": "in", "value": ["a"] * 51}, "filters[1].value"),
        ({"operator": "in", "value": [["a"]]}, "filters[1].value"),
        ({"operator": "gt", "value": True}, "filters[1].value"),
        ({"operator": "exists", "value": "true"}, "filters[1].value"),
        ({"also": 1}, "filters[1].also"),
    ],
)
def test_wrong_filter_is_told_by_its_place(change: dict[str, Any], place: str) -> None:
    right = {"field": "status", "operator": "eq", "value": "ready"}
    assert [problem.field for problem in problems_of([right, right | change])] == [place]


def test_more_than_ten_filters_are_too_many() -> None:
    right = {"field": "status", "operator": "eq", "value": "ready"}
    assert problems_of([right] * 10) == []
    assert [problem.field for problem in problems_of([right] * 11)] == ["filters"]
    assert [problem.field for problem in problems_of(["status eq ready"])] == ["filters[0]"]
