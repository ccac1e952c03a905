"""Compares an answer with what a vector expects: dotted paths, plain values and operators. Reports, never raises.

Plain objects and lists are compared whole; only `$subset` and its relatives look at parts.
"""

import re
from collections.abc import Callable
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str, "int": int, "number": (int, float), "bool": bool, "list": list, "dict": dict, "null": type(None),
}  # fmt: skip
Answers = dict[str, Any]


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()


def differences(expected: dict[str, Any], actual: Any, answers: Answers) -> list[str]:
    """What is wrong with a body, one line per path. `answers` holds the bodies of earlier vectors by their id."""
    return [line for path, value in expected.items() for line in _compare(path, value, find(actual, path), answers)]


def find(body: Any, path: str) -> Any:
    """The value at a dotted path (`items.0.name`), or MISSING."""
    for step in path.split("."):
        if isinstance(body, dict) and step in body:
            body = body[step]
        elif isinstance(body, list) and step.isdigit() and int(step) < len(body):
            body = body[int(step)]
        else:
            return MISSING
    return body


def _compare(path: str, expected: Any, actual: Any, answers: Answers) -> Iterator[str]:
    if not _is_operators(expected):
        if not equal(expected, actual):
            yield f"{path}: expected {expected!r}, got {actual!r}"
        return
    for name, argument in expected.items():
        if not _holds(name, argument, path, actual, answers):
            yield f"{path}: expected {name} {argument!r}, got {actual!r}"


def _holds(name: str, argument: Any, path: str, actual: Any, answers: Answers) -> bool:
    if name in RELATIONS:
        return RELATIONS[name](find(answers[argument], path), actual)
    return OPERATORS[name](argument, actual)


def equal(expected: Any, actual: Any) -> bool:
    """JSON equality: 4 is 4.0, but true is not 1."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(equal(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(equal, expected, actual))
    same_kind = type(expected) is type(actual) or (_is_number(expected) and _is_number(actual))
    return same_kind and bool(expected == actual)


def is_subset(expected: Any, actual: Any) -> bool:
    """Whether an object has at least these members, at every depth; anything else must be equal."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(key in actual and is_subset(value, actual[key]) for key, value in expected.items())
    return equal(expected, actual)


def _is_operators(expected: Any) -> bool:
    return isinstance(expected, dict) and bool(expected) and all(key.startswith("$") for key in expected)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_type(name: str, actual: Any) -> bool:
    return isinstance(actual, JSON_TYPES[name]) and (name == "bool" or not isinstance(actual, bool))


def _matches(pattern: str, actual: Any) -> bool:
    return isinstance(actual, str) and re.search(pattern, actual) is not None


def _has_length(length: int, actual: Any) -> bool:
    return isinstance(actual, list | dict | str) and len(actual) == length


def _is_at_least_as_long(length: int, actual: Any) -> bool:
    return isinstance(actual, list | dict | str) and len(actual) >= length


def _contains(wanted: list[Any], actual: Any) -> bool:
    return isinstance(actual, list) and all(any(is_subset(one, row) for row in actual) for one in wanted)


def _subset_each(wanted: list[Any], actual: Any) -> bool:
    return isinstance(actual, list) and len(wanted) == len(actual) and all(map(is_subset, wanted, actual))


def _same_set(wanted: list[Any], actual: Any) -> bool:
    if not isinstance(actual, list) or len(wanted) != len(actual):
        return False
    left = list(actual)
    for one in wanted:
        found = next((index for index, row in enumerate(left) if equal(one, row)), None)
        if found is None:
            return False
        del left[found]
    return True


def _adds_up_to(total: Any, actual: Any) -> bool:
    """`{"$sum": 45.9}` over numbers, `{"$sum": {"amount": 45.9}}` over one member of each row."""
    if not isinstance(actual, list):
        return False
    if not isinstance(total, dict):
        return all(map(_is_number, actual)) and round(sum(actual), 6) == total
    return all(_adds_up_to(value, [find(row, path) for row in actual]) for path, value in total.items())


def _has_codes(codes: list[str], actual: Any) -> bool:
    found = [row.get("code") if isinstance(row, dict) else row for row in actual] if isinstance(actual, list) else []
    return all(code in found for code in codes)


def _increases(member: Any, actual: Any) -> bool:
    """`true` compares the values themselves, a name one member of each row."""
    if not isinstance(actual, list):
        return False
    values = [find(row, member) if isinstance(member, str) else row for row in actual]
    return all(map(_is_number, values)) and all(before < after for before, after in pairwise(values))


def _is_disjoint(earlier: Any, actual: Any) -> bool:
    """No row of one list is in the other; rows with an id are known by it."""
    if not isinstance(earlier, list) or not isinstance(actual, list):
        return False
    seen = [_identity(row) for row in earlier]
    return not any(_identity(row) in seen for row in actual)


def _identity(row: Any) -> Any:
    return row["id"] if isinstance(row, dict) and "id" in row else row


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$re": _matches,
    "$type": _is_type,
    "$exists": lambda wanted, actual: (actual is not MISSING) is wanted,
    "$absent": lambda wanted, actual: (actual is MISSING) is wanted,
    "$len": _has_length,
    "$len_gte": _is_at_least_as_long,
    "$gte": lambda least, actual: _is_number(actual) and actual >= least,
    "$contains": _contains,
    "$subset": is_subset,
    "$subset_each": _subset_each,
    "$set": _same_set,
    "$sum": _adds_up_to,
    "$none": lambda unwanted, actual: isinstance(actual, list) and not any(is_subset(unwanted, row) for row in actual),
    "$every": lambda wanted, actual: isinstance(actual, list) and all(is_subset(wanted, row) for row in actual),
    "$contains_code": _has_codes,
    "$strictly_increasing": _increases,
}
# These compare with the same path of another vector's answer.
RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "$same": lambda earlier, actual: earlier is not MISSING and equal(earlier, actual),
    "$disjoint": _is_disjoint,
}
