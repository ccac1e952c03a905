"""What the webhook forms hold beside URL and description, read as options and written back as the text of a field.

Filters and headers are one a line, so that the forms need no script. Values of headers are read and never written.
"""

import json
from collections.abc import Collection
from typing import Any

from flask import request

from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.catalog import EVERYTHING
from accounts.webhooks.catalog import FAMILIES
from accounts.webhooks.options import Options
from portal import forms


def picked_types() -> list[str]:
    """The event types and families that were ticked."""
    return [EVERYTHING] if request.form.get("takes") == "all" else forms.many("event_types")


def options() -> Options:
    """The options both forms have. Raises Invalid for numbers that are none; the rest is checked by the service."""
    return {
        "location_ids": forms.words("location_ids"),
        "filters": [_filter_in(line) for line in forms.lines("filters")],
        "max_in_flight": forms.number("max_in_flight", label="Requests at a time") or 0,
        "max_per_second": forms.number("max_per_second", label="Requests a second", optional=True),
    }


def headers() -> dict[str, str]:
    """Headers written as `name: value`. A refusal tells the line by its number, for it may hold a secret."""
    found: dict[str, str] = {}
    for number, line in enumerate(forms.lines("headers"), start=1):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not name or name.lower() in map(str.lower, found):
            raise forms.refuse("headers", f"Headers, line {number}: write a name, a colon and a value, each name once.")
        found[name] = value
    return found


def filter_lines(filters: list[dict[str, Any]]) -> str:
    """Filters as the field shows them: `totals.total gte 50`."""
    return "\n".join(f"{one['field']} {one['operator']} {_text_of(one['value'])}" for one in filters)


def families(picked: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Families by subject: `menu` → [(`menu.*`, "All 9 of menu"), …]: those of several types, and those that are picked."""
    found: dict[str, list[tuple[str, str]]] = {}
    for family, names in FAMILIES.items():
        if len(names) > 1 or family in picked:
            subject = family.partition(".")[0]
            found.setdefault(subject, []).append((family, f"All {len(names)} of them, and new ones"))
    return found


def groups() -> dict[str, list[tuple[str, str]]]:
    """Event types by subject: `order` → [(`order.created`, what it says)]."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, kind in EVENT_TYPES.items():
        found.setdefault(name.partition(".")[0], []).append((name, kind.description))
    return found


def _filter_in(line: str) -> dict[str, Any]:
    """A line as a filter; a part that is missing is None, which the service refuses by its name."""
    field, operator, value = (*line.split(maxsplit=2), None, None)[:3]
    if value is not None and operator == "in" and not value.startswith("["):
        return {"field": field, "operator": operator, "value": [_value(part.strip()) for part in value.split(",")]}
    return {"field": field, "operator": operator, "value": None if value is None else _value(value)}


def _value(text: str) -> Any:
    """A value as JSON means it, if it is JSON; else the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _text_of(value: Any) -> str:
    if isinstance(value, list):
        parts = [_text_of(one) for one in value]
        return json.dumps(value) if any("," in part for part in parts) else ", ".join(parts)
    return value if isinstance(value, str) and _value(value) is value else json.dumps(value)
