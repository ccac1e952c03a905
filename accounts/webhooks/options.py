"""What an endpoint may ask for: events, locations, filters, headers, limits. Checks and cleans; reads and writes nothing.

Refusals name the field as callers know it (`events[1]`, `headers.x-shop`) and never repeat the value of a header.
"""

import re
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from typing import TypedDict

from accounts.plans.catalog import Tier
from accounts.plans.catalog import lowest_tier_where
from accounts.plans.catalog import lowest_tier_with_event
from accounts.webhooks import filters
from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.catalog import EVERYTHING
from accounts.webhooks.catalog import FAMILIES
from kit.errors import FieldError
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import PlanRequired

SIGNATURES = ("v1", "v1a")
MOST_LOCATIONS = 50
MOST_HEADERS = 10
LONGEST_HEADER = 500
MOST_IN_FLIGHT = 32
MOST_PER_SECOND = 1_000
# Ours, the connection's, and those that would change how a body or an answer is read.
RESERVED_HEADERS = frozenset({
    "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "cookie", "expect", "host",
    "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding",
    "upgrade", "user-agent",
})  # fmt: skip
RESERVED_PREFIXES = ("webhook-", "x-table")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_ID = re.compile(r"[\x21-\x7e]{1,64}")


class Options(TypedDict, total=False):
    """What may be asked for beside address, events and description; what is not given stays as it is."""

    location_ids: list[str]  # none: every location
    filters: list[dict[str, Any]]  # see accounts.webhooks.filters
    headers: dict[str, str]  # all of them: those that are not given are removed
    max_in_flight: int
    max_per_second: int | None


DEFAULTS: Options = {
    "location_ids": [], "filters": [], "headers": {}, "max_in_flight": MOST_IN_FLIGHT, "max_per_second": None,
}  # fmt: skip


def checked_options(options: Options) -> dict[str, Any]:
    """The options that are given, cleaned: locations without repeats, header names in lower case.

    Raises Invalid (422) with every field that is wrong.
    """
    given: dict[str, Any] = dict(options)
    problems = [problem for name in given for problem in _PROBLEMS[name](given[name])]
    if problems:
        raise Invalid("Some of the options are not right.", errors=problems)
    if "location_ids" in given:
        given["location_ids"] = list(dict.fromkeys(given["location_ids"]))
    if "headers" in given:
        given["headers"] = {name.lower(): value for name, value in given["headers"].items()}
    return given


def checked_signature(signature: str) -> str:
    """The signature scheme. Raises Invalid (422)."""
    if signature not in SIGNATURES:
        message = "v1 (HMAC-SHA256) or v1a (ed25519)"
        raise Invalid(f"The signature scheme is {message}.", errors=[FieldError("signature", "invalid_value", message)])
    return signature


def checked_description(text: str) -> str:
    """The description, trimmed. Raises Invalid (422)."""
    text = text.strip()
    if len(text) > 255 or not text.isprintable():
        message = "at most 255 printable characters"
        raise Invalid(f"The description takes {message}.", errors=[FieldError("description", "invalid_value", message)])
    return text


def checked_types(tier: Tier, scopes: Collection[str], event_types: Iterable[str]) -> list[str]:
    """What is listed, without repeats: types, families such as order.*, or * alone.

    A type must be in the plan and readable by the creator; of a family, something must be: it gives what both allow.
    Raises Invalid (422) for an unknown word, PlanRequired and Forbidden (403).
    """
    listed = list(dict.fromkeys(event_types))
    if listed == [EVERYTHING]:
        return listed
    if not listed:
        raise Invalid("Choose at least one event type.", errors=[FieldError("events", "required", "at least one type")])
    errors = [
        FieldError(f"events[{index}]", "invalid_value", _unknown_word(word))
        for index, word in enumerate(listed)
        if word not in EVENT_TYPES and word not in FAMILIES
    ]
    if errors:
        raise Invalid(
            f"{errors[0].message}; the catalogue lists all of them, `*` alone means every type.", errors=errors
        )
    missing = {scope for word in listed for scope in _missing_scopes(tier, scopes, word)}
    if missing:
        raise Forbidden(f"Receiving these events needs {', '.join(sorted(missing))}.", required_scopes=sorted(missing))
    return listed


def _unknown_word(word: str) -> str:
    return f"{word!r} is not a family of event types" if word.endswith(".*") else f"{word!r} is not an event type"


def _missing_scopes(tier: Tier, scopes: Collection[str], word: str) -> set[str]:
    """What the creator lacks for a listed word. Raises PlanRequired when the plan gives nothing of it."""
    if word in EVENT_TYPES:
        if not tier.allows_event(word):
            raise PlanRequired(
                f"The {tier.label} plan does not include {word}.", required_plan=lowest_tier_with_event(word)
            )
        return {EVENT_TYPES[word].scope} - set(scopes)
    names = [name for name in FAMILIES[word] if tier.allows_event(name)]
    if not names:
        plan = lowest_tier_where(lambda other: any(map(other.allows_event, FAMILIES[word])))
        raise PlanRequired(f"The {tier.label} plan includes nothing of {word}.", required_plan=plan)
    needed = {EVENT_TYPES[name].scope for name in names}
    return set() if needed & set(scopes) else needed


def _location_problems(ids: Any) -> list[FieldError]:
    if not isinstance(ids, list) or len(ids) > MOST_LOCATIONS:
        return [FieldError("location_ids", "invalid_value", f"at most {MOST_LOCATIONS} locations")]
    return [
        FieldError(f"location_ids[{index}]", "invalid_value", "an id of at most 64 characters without spaces")
        for index, id_ in enumerate(ids)
        if not isinstance(id_, str) or _ID.fullmatch(id_) is None
    ]


def _header_problems(headers: Any) -> list[FieldError]:
    if not isinstance(headers, Mapping) or len(headers) > MOST_HEADERS:
        return [FieldError("headers", "invalid_value", f"at most {MOST_HEADERS} headers")]
    names = [str(name).lower() for name in headers]
    return [
        # What is no name at all is not repeated: it may be a value in the wrong place.
        FieldError(f"headers.{name}" if _is_token(name) else "headers", "invalid_value", message)
        for name, value in headers.items()
        if (message := _header_problem(name, value, is_repeated=names.count(str(name).lower()) > 1))
    ]


def _is_token(name: Any) -> bool:
    return isinstance(name, str) and _TOKEN.fullmatch(name) is not None


def _header_problem(name: Any, value: Any, *, is_repeated: bool) -> str:
    if not _is_token(name):
        return "the name of a header has at most 64 letters, digits or one of !#$%&'*+-.^_`|~"
    if name.lower() in RESERVED_HEADERS or name.lower().startswith(RESERVED_PREFIXES):
        return "this header is set by the platform"
    if is_repeated:
        return "this header is given twice"
    if not isinstance(value, str) or len(value) > LONGEST_HEADER or _HEADER_VALUE.fullmatch(value) is None:
        return f"the value has 1 to {LONGEST_HEADER} printable ASCII characters and no space at its ends"
    return ""


def _in_flight_problems(count: Any) -> list[FieldError]:
    return _range_problems("max_in_flight", count, MOST_IN_FLIGHT)


def _rate_problems(rate: Any) -> list[FieldError]:
    return [] if rate is None else _range_problems("max_per_second", rate, MOST_PER_SECOND)


def _range_problems(field: str, number: Any, most: int) -> list[FieldError]:
    is_right = isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= most
    return [] if is_right else [FieldError(field, "invalid_value", f"a whole number from 1 to {most}")]


_PROBLEMS = {
    "location_ids": _location_problems, "filters": filters.problems_of, "headers": _header_problems,
    "max_in_flight": _in_flight_problems, "max_per_second": _rate_problems,
}  # fmt: skip
