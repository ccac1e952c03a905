"""What a request says about a guest, in stored form."""

from dataclasses import dataclass
from dataclasses import field
from typing import Any

from domain.guests.lists import LISTS
from domain.guests.lists import clean_entry
from domain.guests.names import clean_name
from domain.guests.names import join_name
from domain.guests.names import split_name
from domain.locations.service import get_location
from domain.locations.service import list_locations
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope

CHANNELS = ("email_marketing", "sms_marketing", "direct_mail", "surveys")
UNKNOWN: Document = {"status": "unknown", "at": None, "source": None, "proof": None}
NAMES = ("name", "first_name", "last_name")
MOST_TAGS = 100


@dataclass(frozen=True, slots=True)
class GuestDraft:
    """What was said about a guest; what was not said is absent.

    columns: Guest columns. lists: entries by name of domain.guests.lists.LISTS. tags: all of them, None when not said.
    consents: {channel: {status, source, proof}}.
    """

    columns: Document = field(default_factory=dict)
    lists: dict[str, list[Document]] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None
    consents: Document = field(default_factory=dict)


def cleaned(scope: Scope, draft: GuestDraft, *, present: Document | None = None) -> GuestDraft:
    """Bring a draft into stored form: names completed, contacts normalised, tags without repetition.

    present: the guest it changes. Raises PhoneInvalid, EmailInvalid, Invalid (422) naming the field.
    """
    columns = {**draft.columns, **_names(draft.columns, present or {})}
    location_id = columns.get("parent_location_id")
    known = columns.get("country") or (present or {}).get("country")
    parent_id = location_id or (present or {}).get("parent_location_id")
    if location_id is not None:
        _require_location(scope, location_id)
    for index, note in enumerate(columns.get("location_memos") or ()):
        _require_location(scope, note["location_id"], f"location_memos[{index}].location_id")
    lists = {
        name: [
            clean_entry(name, entry, field=f"{name}[{index}]", country=lambda: known or _country(scope, parent_id))
            for index, entry in enumerate(entries)
        ]
        for name, entries in draft.lists.items()
    }
    tags = None if draft.tags is None else tuple(dict.fromkeys(draft.tags))
    if tags is not None and len(tags) > MOST_TAGS:
        raise Invalid(errors=[FieldError("tags", "invalid", f"At most {MOST_TAGS} tags.")])
    return GuestDraft(columns, lists, tags, draft.consents)


def with_consents(document: Document) -> Document:
    """A guest document with every consent channel in it."""
    given = document["consents"]
    document["consents"] = {channel: {**UNKNOWN, **given.get(channel, {})} for channel in CHANNELS}
    return document


def _names(columns: Document, present: Document) -> Document:
    """The names that follow from those given: a full name is split, parts are joined."""
    given = {name: columns[name] for name in NAMES if name in columns}
    if not given:
        return {}
    if given.get("name"):
        name = clean_name(given["name"])
        first, last = split_name(name)
        return {"first_name": first, "last_name": last, **given, "name": name}
    parts = {name: given.get(name, present.get(name)) for name in NAMES[1:]}
    joined = join_name(parts["first_name"], parts["last_name"], locale=columns.get("locale", present.get("locale")))
    if not joined:
        raise Invalid(errors=[FieldError("name", "required", "Send name, or first_name or last_name.")])
    return {**parts, "name": joined}


def _require_location(scope: Scope, location_id: str, at: str = "parent_location_id") -> None:
    try:
        get_location(scope, location_id=location_id)
    except NotFound as missing:
        raise Invalid(missing.detail, errors=[FieldError(at, "resource_not_found", missing.detail)]) from missing


def _country(scope: Scope, location_id: str | None) -> str | None:
    """The country of national phone numbers: the guest's location's, or that of the only location."""
    if location_id is not None:
        return str(get_location(scope, location_id=location_id)["country"])
    locations = list_locations(scope, limit=1, after=None)
    return str(locations[0]["country"]) if len(locations) == 1 else None


def draft_of(values: dict[str, Any]) -> GuestDraft:
    """A draft from one flat mapping: lists, tags and consents under their names, the rest columns."""
    lists = {name: values[name] for name in LISTS if name in values}
    tags = tuple(values["tags"]) if "tags" in values else None
    apart = {*lists, "tags", "consents"}
    columns = {name: value for name, value in values.items() if name not in apart}
    return GuestDraft(columns, lists, tags, values.get("consents") or {})
