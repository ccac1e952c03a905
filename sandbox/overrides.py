"""Laying a caller's values over a canonical document without changing its shape.

Whatever renders the document later must find the types it expects, so a value only replaces one of its own kind.
"""

from typing import Any

from kit.errors import PlatformError
from sandbox.errors import refused

INSTANTS = ("_at", "until")
END_OF_TIME_US = 253_402_300_800_000_000


def overlaid(document: dict[str, Any], overrides: dict[str, Any], path: str = "overrides") -> dict[str, Any]:
    """Return the document with the overrides merged in, nested objects field by field.

    Raises Invalid (422) naming the field when it does not exist, is the id or has another type.
    """
    merged = dict(document)
    for name, value in overrides.items():
        where = f"{path}.{name}"
        if name not in document or name == "id":
            raise refused(where, f"The object has no field {name} to override; it has {', '.join(sorted(document))}.")
        if isinstance(document[name], dict) and isinstance(value, dict):
            merged[name] = overlaid(document[name], value, where)
        else:
            merged[name] = _checked(name, document[name], value, where)
    return merged


def _checked(name: str, current: Any, value: Any, where: str) -> Any:
    wanted = _kind(name, current)
    if wanted is None:
        raise refused(where, "This field cannot be overridden.")
    # bool is an int to Python, not to a reader of JSON
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise _wrong(where, wanted)
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise _wrong(where, wanted)
        if name.endswith(INSTANTS) and not 0 <= value < END_OF_TIME_US:
            raise refused(where, "Expected microseconds since 1970, before the year 10000.")
    texts = value if isinstance(value, list) else [value]
    if isinstance(value, list | str) and not all(isinstance(text, str) and "\x00" not in text for text in texts):
        raise _wrong(where, wanted)
    return value


def _kind(name: str, current: Any) -> tuple[type, ...] | None:
    """The Python types a field takes, or None when only the whole object could be checked."""
    if isinstance(current, bool):
        return (bool,)
    if isinstance(current, int) or name.endswith((*INSTANTS, "_minor")):
        return (int,)
    if isinstance(current, float):
        return (int, float)
    if current is None or isinstance(current, str):
        return (str,)
    if isinstance(current, list) and all(isinstance(entry, str) for entry in current):
        return (list,)
    return None


def _wrong(where: str, wanted: tuple[type, ...]) -> PlatformError:
    words = {int: "a whole number", float: "a number", str: "a text", bool: "true or false", list: "a list of texts"}
    return refused(where, f"Expected {words[wanted[-1]]}.")
