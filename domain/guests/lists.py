"""The lists a guest carries: phones, e-mail addresses, socials, days of the year, postal addresses.

What a request means for a list (`merged`) is pure; `write_list` brings the rows in line. An entry without id is added
unless the list already holds the same, one with an id changes that row, `_destroy` removes it, and `overwrite` removes
what the request did not name. Source: contract, CRM product, nested algorithm.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from domain.guests import queries
from domain.guests.contacts import normalize_email
from domain.guests.contacts import normalize_phone
from domain.guests.errors import EmailInvalid
from domain.guests.errors import NestedNotFound
from domain.guests.errors import PhoneInvalid
from domain.guests.models import GuestAddress
from domain.guests.models import GuestContact
from domain.guests.models import GuestDate
from domain.guests.models import GuestSocial
from kit.documents import Document
from kit.documents import append
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import new_id
from kit.scope import Scope

MOST_ROWS = 50
DESTROY = "_destroy"
ADDRESS = ("line1", "line2", "city", "region", "postal_code", "country")
DAYS_IN = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LEAP_DAY = (2, 29)
Country = Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class ListKind:
    """One list: where its rows stand, what they hold, what makes two entries the same."""

    model: type[Any]
    columns: tuple[str, ...]
    same: Callable[[Document], Any]
    required: tuple[str, ...]  # what a new entry must have
    fixed: tuple[tuple[str, str], ...] = ()  # columns with one value for the whole list


LISTS: dict[str, ListKind] = {
    "phones": ListKind(
        GuestContact, ("value", "original", "tag"), lambda row: row["value"], ("value",), (("kind", "phone"),)
    ),
    "emails": ListKind(
        GuestContact, ("value", "original", "tag"), lambda row: row["value"], ("value",), (("kind", "email"),)
    ),
    "socials": ListKind(
        GuestSocial,
        ("service", "username", "tag"),
        lambda row: (row["service"].casefold(), row["username"].casefold()),
        ("service", "username"),
    ),
    "calendar_events": ListKind(
        GuestDate,
        ("month", "day", "year", "memo", "tag"),
        lambda row: (row["tag"], row["month"], row["day"], row["year"]),
        ("month", "day"),
    ),
    "addresses": ListKind(
        GuestAddress,
        ("label", *ADDRESS, "instructions", "lat", "lng", "tag"),
        lambda row: tuple((row[name] or "").casefold() for name in ADDRESS),
        (),
    ),
}


def clean_entry(name: str, entry: Document, *, field: str, country: Country) -> Document:
    """Bring one entry into stored form, keeping only what was given. country: completes a national phone number.

    Raises PhoneInvalid, EmailInvalid, Invalid (422) naming the field.
    """
    if name in ("phones", "emails") and "value" in entry:
        return {**entry, **_clean_contact(name, entry["value"], field, country)}
    if name == "calendar_events" and {"month", "day"} <= set(entry):
        _require_day(entry, field)
    return entry


def _clean_contact(name: str, raw: str, field: str, country: Country) -> Document:
    try:
        if name == "emails":
            value = normalize_email(raw)
        else:
            is_international = raw.lstrip(" (").startswith(("+", "00"))
            value = normalize_phone(raw, country=None if is_international else country())
    except (PhoneInvalid, EmailInvalid) as refusal:
        raise type(refusal)(refusal.detail, errors=[FieldError(field, refusal.code, refusal.detail)]) from refusal
    return {"value": value, "original": unicodedata.normalize("NFC", raw.strip())}


def _require_day(entry: Document, field: str) -> None:
    month, day, year = entry["month"], entry["day"], entry.get("year")
    is_leap = year is None or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    if day > DAYS_IN[month - 1] or ((month, day) == LEAP_DAY and not is_leap):
        raise Invalid("The month has no such day.", errors=[FieldError(field, "invalid", "The month has no such day.")])


def merged(name: str, present: list[Document], entries: list[Document], *, overwrite: bool) -> list[Document]:
    """What a list holds after a request's entries, in order. Equal entries collapse to the first; order is kept.

    present: [{id, …columns}]. New rows have a new id. Raises NestedNotFound, Invalid (422) above 50 rows.
    """
    kind = LISTS[name]
    rows = {row["id"]: dict(row) for row in present}
    named: list[str] = []
    for index, entry in enumerate(entries):
        row_id: Any = entry.get("id")
        if row_id is not None and row_id not in rows:
            raise NestedNotFound(errors=[FieldError(f"{name}[{index}].id", "nested_not_found", "Not of this customer.")])
        if entry.get(DESTROY):
            rows.pop(row_id, None)
        elif row_id is not None:
            rows[row_id] |= {column: entry[column] for column in kind.columns if column in entry}
            named.append(row_id)
        else:
            _require_columns(kind, entry, f"{name}[{index}]")
            named.append(_added(kind, rows, entry))
    if overwrite:
        rows = {row_id: rows[row_id] for row_id in dict.fromkeys(named) if row_id in rows}
    return _collapsed(name, kind, rows)


def _require_columns(kind: ListKind, entry: Document, field: str) -> None:
    absent = [column for column in kind.required if entry.get(column) is None]
    if absent:
        raise Invalid(errors=[FieldError(field, "required", f"A new entry needs {' and '.join(kind.required)}.")])


def _added(kind: ListKind, rows: dict[str, Document], entry: Document) -> str:
    row: Document = {"id": new_id(kind.model._prefix), **{column: entry.get(column) for column in kind.columns}}  # noqa: SLF001 - our own id prefix
    for known in rows.values():
        if kind.same(known) == kind.same(row):
            known |= {column: entry[column] for column in kind.columns if entry.get(column) is not None}
            return str(known["id"])
    rows[row["id"]] = row
    return str(row["id"])


def _collapsed(name: str, kind: ListKind, rows: dict[str, Document]) -> list[Document]:
    first: dict[Any, Document] = {}
    for row in rows.values():
        first.setdefault(kind.same(row), row)
    if len(first) > MOST_ROWS:
        message = f"At most {MOST_ROWS} entries."
        raise Invalid(message, errors=[FieldError(name, "invalid", message)])
    return list(first.values())


def write_list(scope: Scope, *, guest_id: str, name: str, present: list[Document], wanted: list[Document]) -> None:
    """Replace the rows that differ in content or place. Trusts that the guest is locked."""
    kind = LISTS[name]
    before = {row["id"]: (position, row) for position, row in enumerate(present)}
    after = {row["id"]: (position, row) for position, row in enumerate(wanted)}
    gone = [row_id for row_id, placed in before.items() if after.get(row_id) != placed]
    if gone:
        table = kind.model.__tablename__
        queries.remove_rows.rows(scope, table, guest_id=guest_id, row_ids=orjson.dumps(gone).decode())
    append(scope, kind.model, [
        {**row, **dict(kind.fixed), "guest_id": guest_id, "position": position}
        for row_id, (position, row) in after.items()
        if before.get(row_id) != (position, row)
    ])  # fmt: skip
