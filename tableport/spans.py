"""Words of the command line: spans of time, event patterns, overridden fields."""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

from tableport.failures import Misused

_FAMILY = re.compile(r"[a-z_]+(?:\.[a-z_]+)*\.\*")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(text: str) -> int:
    """Seconds of a span such as 90s, 30m, 2h or 7d. Raises Misused."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", text.strip().lower(), re.ASCII)
    if match is None or int(match[1]) == 0:
        raise Misused(f"{text!r} is not a span of time; write 90s, 30m, 2h or 7d", code="usage")
    return int(match[1]) * UNITS[match[2]]


def event_types(patterns: str | None, catalogue: list[dict[str, Any]], scopes: set[str]) -> list[str]:
    """The event types that patterns such as `order.*,payment.confirmed` name; all of them for none.

    A pattern names what the scopes allow. A whole name is passed on as it is, so that a refusal says what it needs, and so
    is a family such as `order.*`, because new types belong to it. Raises Misused for a pattern that names nothing.
    """
    if not patterns or patterns.strip() == "*":
        return ["*"]
    chosen: list[str] = []
    for pattern in filter(None, (part.strip() for part in patterns.split(","))):
        named = [kind["type"] for kind in catalogue if fnmatchcase(kind["type"], pattern)]
        if not named:
            raise Misused(f"no event type matches {pattern!r}; see `/docs/events`", code="usage")
        allowed = [kind["type"] for kind in catalogue if kind["type"] in named and kind["scope"] in scopes]
        is_family = allowed and _FAMILY.fullmatch(pattern)
        chosen += [pattern] if pattern in named or is_family else allowed
    if not chosen:
        raise Misused(f"your key may read no event that {patterns!r} names", code="usage")
    return list(dict.fromkeys(chosen))


def overrides(pairs: list[str]) -> dict[str, Any]:
    """Fields as `name=value`, nested ones as `outer.inner=value`. Values are JSON where they read as such, else text."""
    fields: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        *outer, last = name.split(".")
        if not equals or not all((*outer, last)):
            raise Misused(f"{pair!r} is no override; write name=value", code="usage")
        place = fields
        for part in outer:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise Misused(f"{name!r} is overridden twice", code="usage")
        place[last] = _value(text)
    return fields


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
