"""Writing new guests: one by one as requests do, or many at once. Judges nothing and records no event."""

from typing import Any

from domain.guests import queries
from domain.guests.lists import LISTS
from domain.guests.models import Guest
from domain.guests.models import GuestTag
from domain.guests.names import search_text
from kit.documents import Document
from kit.documents import append
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us

DEFAULTS: Document = {
    "location_memos": [], "likes": [], "dislikes": [], "allergies": [], "consents": {}, "is_incognito": False,
    "is_temporary": False, "version": 1,
}  # fmt: skip
COLUMNS = tuple(column.name for column in Guest.__table__.c if column.name != "tenant_id")
PARTS = ("tags", *LISTS)


def append_guests(scope: Scope, rows: list[Document]) -> None:
    """Write new guests with everything they carry, in their stored form.

    rows: Guest columns, plus optional tags [str], phones and emails [str or {value, original, tag}], socials,
    calendar_events and addresses [{columns}]. id, created_at, updated_at and search_text are filled in.
    """
    now_us = tenant_now_us(scope)
    complete = [_complete(row, now_us) for row in rows]
    append(scope, Guest, [{name: value for name, value in row.items() if name not in PARTS} for row in complete])
    append_parts(scope, complete)


def insert_guest(scope: Scope, row: Document) -> bool:
    """Write one new guest. Returns False, and writes nothing, when its external id is taken by now."""
    row = _complete(row, tenant_now_us(scope))
    columns = {name: row.get(name) for name in COLUMNS}
    if queries.insert_guest.row(scope, **queries.parameters(columns)) is None:
        return False
    append_parts(scope, [row])
    return True


def append_parts(scope: Scope, rows: list[Document]) -> None:
    """Write the tags and lists of new guests."""
    append(scope, GuestTag, [
        {"id": new_id("gtg"), "guest_id": row["id"], "tag": tag, "added_at": row["created_at"]}
        for row in rows
        for tag in row.get("tags") or ()
    ])  # fmt: skip
    for name, kind in LISTS.items():
        append(scope, kind.model, [
            {**_entry(kind.model, entry), **dict(kind.fixed), "guest_id": row["id"], "position": position}
            for row in rows
            for position, entry in enumerate(row.get(name) or ())
        ])  # fmt: skip


def _complete(row: Document, now_us: int) -> Document:
    made = {"id": row.get("id") or new_id("cus"), "created_at": now_us, "updated_at": now_us, "search_text": search_text(row)}
    return {**DEFAULTS, **made, **row}


def _entry(model: type[Any], entry: Document | str) -> Document:
    row = {"value": entry, "original": entry} if isinstance(entry, str) else dict(entry)
    if "value" in row:
        row.setdefault("original", row["value"])
    row.setdefault("id", new_id(model._prefix))  # noqa: SLF001 - our own id prefix
    return row
