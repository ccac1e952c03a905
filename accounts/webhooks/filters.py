"""Filters on an event's object: a list of {"field", "operator", "value"} that must all hold. Pure, reads and writes nothing.

What is compared is the object as the subscriber sees it, amounts as decimals and instants as text. A field that is null
counts as absent, because what has no value is printed as null.
"""

import operator
import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from kit.errors import FieldError

MOST = 10
MOST_VALUES = 50  # of `in`
LONGEST_FIELD = 100
LONGEST_VALUE = 255
LARGEST = 10**15
EQUALITY = ("eq", "ne")
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le,
}  # fmt: skip
OPERATORS = (*EQUALITY, "in", *ORDERINGS, "exists")
_FIELD = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(?:Z|[+-][0-9]{2}:[0-9]{2})")


def problems_of(filters: Iterable[Any]) -> list[FieldError]:
    """What is wrong with filters as somebody sent them, each with its path (`filters[0].operator`)."""
    filters = list(filters)
    if len(filters) > MOST:
        return [FieldError("filters", "invalid_value", f"at most {MOST} filters")]
    return [problem for index, one in enumerate(filters) for problem in _problems(f"filters[{index}]", one)]


def holds(filters: Iterable[Mapping[str, Any]], shown: Mapping[str, Any]) -> bool:
    """Tell whether every one of these filters, which have no problems, holds for an object as it is printed."""
    return all(_holds(one["operator"], _value_at(one["field"], shown), one["value"]) for one in filters)


def _problems(place: str, one: Any) -> list[FieldError]:
    if not isinstance(one, Mapping):
        return [FieldError(place, "invalid_value", "an object with field, operator and value")]
    problems = [
        FieldError(f"{place}.{name}", "required", f"{name} is missing")
        for name in ("field", "operator", "value")
        if one.get(name) is None
    ] + [
        FieldError(f"{place}.{name}"[:100], "invalid_value", "a filter has field, operator and value only")
        for name in one.keys() - {"field", "operator", "value"}
    ]
    if problems:
        return problems
    field, asked = one["field"], one["operator"]
    if not isinstance(field, str) or len(field) > LONGEST_FIELD or _FIELD.fullmatch(field) is None:
        message = f"names joined by dots, such as totals.total, at most {LONGEST_FIELD} characters"
        problems.append(FieldError(f"{place}.field", "invalid_value", message))
    if asked not in OPERATORS:
        problems.append(FieldError(f"{place}.operator", "invalid_value", f"one of {', '.join(OPERATORS)}"))
    elif message := _value_problem(asked, one["value"]):
        problems.append(FieldError(f"{place}.value", "invalid_value", message))
    return problems


def _value_problem(asked: str, value: Any) -> str:
    if asked == "exists":
        return "" if isinstance(value, bool) else "exists takes true or false"
    if asked == "in":
        is_list = isinstance(value, list) and 1 <= len(value) <= MOST_VALUES
        return "" if is_list and all(map(_is_plain, value)) else f"in takes a list of 1 to {MOST_VALUES} texts or numbers"
    if asked in ORDERINGS:
        return "" if _is_plain(value) and not isinstance(value, bool) else f"{asked} takes a number or a text"
    return "" if _is_plain(value) else f"{asked} takes a text of at most {LONGEST_VALUE} characters, a number, true or false"


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE and value.isprintable()
    return isinstance(value, int | float) and isfinite(value) and abs(value) <= LARGEST


def _value_at(field: str, shown: Any) -> Any:
    """The value under dotted names, or None. Lists are not looked into: they have no names."""
    for name in field.split("."):
        if not isinstance(shown, Mapping):
            return None
        shown = shown.get(name)
    return shown


def _holds(asked: str, shown: Any, value: Any) -> bool:
    if asked == "exists":
        return (shown is not None) is value
    if asked == "ne":
        return not _compares(operator.eq, shown, value)
    if asked == "in":
        return any(_compares(operator.eq, shown, one) for one in value)
    return _compares(ORDERINGS.get(asked, operator.eq), shown, value)


def _compares(compare: Callable[[Any, Any], bool], shown: Any, value: Any) -> bool:
    """Compare two values of one kind; what is of different kinds, absent or not plain compares to nothing."""
    if isinstance(shown, bool) or isinstance(value, bool):
        return shown is value
    if isinstance(shown, str) and isinstance(value, str):
        if _INSTANT.fullmatch(shown) and _INSTANT.fullmatch(value):
            return _compared(compare, _instant(shown), _instant(value))
        return compare(shown, value)
    return _compared(compare, _number(shown), _number(value))


def _compared(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    return left is not None and right is not None and compare(left, right)


def _number(value: Any) -> Decimal | None:
    """A number, or a text that is one: amounts are printed both ways."""
    if isinstance(value, str):
        return Decimal(value) if _NUMBER.fullmatch(value) else None
    return Decimal(str(value)) if isinstance(value, int | float) else None


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
