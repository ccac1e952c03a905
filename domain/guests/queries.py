"""Registered statements of guests: the guest document, lists and searches, identity, locks and changes."""

from typing import Any

import orjson
from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.guests.models import ConsentChange
from domain.guests.models import Guest
from domain.guests.models import GuestAddress
from domain.guests.models import GuestContact
from domain.guests.models import GuestDate
from domain.guests.models import GuestSocial
from domain.guests.models import GuestTag
from domain.guests.models import SegmentMembership
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import id_list
from kit.json_sql import json_list
from kit.json_sql import one_of

guests = Guest.__table__
contacts = GuestContact.__table__
socials = GuestSocial.__table__
dates = GuestDate.__table__
addresses = GuestAddress.__table__
tags = GuestTag.__table__
memberships = SegmentMembership.__table__
consent_changes = ConsentChange.__table__
victims = guests.alias("victims")
JSON_COLUMNS = frozenset(column.name for column in guests.c if isinstance(column.type, JSON))
INTERNAL = ("tenant_id", "search_text", "content_digest")
SORTS = {"-created_at": "created_at", "created_at": "created_at", "updated_at": "updated_at", "id": "id"}
FILTERS = ("external_id", "is_temporary", "updated_since_us", "tag", "segment_id", "email", "phone", "ref", "guest_ids")


def parameters(columns: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Column values of a guest as driver parameters: JSON columns as text."""
    return {
        prefix + name: orjson.dumps(value).decode() if name in JSON_COLUMNS else value for name, value in columns.items()
    }


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _rows(table: Any, *conditions: Any) -> Any:
    """Rows of a table that belong to a guest, in their order, as a JSON array."""
    shown = [column for column in table.c if column.name not in ("tenant_id", "guest_id", "kind", "position")]
    rows = (
        select(fields_of(*shown).label("doc"))
        .where(table.c.tenant_id == TENANT, table.c.guest_id == guests.c.id, *conditions)
        .order_by(table.c.position, table.c.id)
        .correlate(guests)
        .subquery()
    )
    return as_json(select(json_list(rows.c.doc)).select_from(rows).scalar_subquery())


def _words(column: Any, table: Any, *conditions: Any) -> Any:
    """One text column of rows that belong to a guest, in the order of the values, as a JSON array."""
    rows = (
        select(column.label("word")).where(table.c.tenant_id == TENANT, *conditions).order_by(column).correlate(guests).subquery()
    )
    return as_json(select(id_list(rows.c.word)).select_from(rows).scalar_subquery())


def _document() -> Any:
    return as_document(
        fields_of(
            *[column for column in guests.c if column.name not in INTERNAL],
            tags=_words(tags.c.tag, tags, tags.c.guest_id == guests.c.id),
            phones=_rows(contacts, contacts.c.kind == "phone"),
            emails=_rows(contacts, contacts.c.kind == "email"),
            socials=_rows(socials),
            calendar_events=_rows(dates),
            addresses=_rows(addresses),
            merged_customer_ids=_words(victims.c.id, victims, victims.c.merged_into_id == guests.c.id),
            refs=as_json(refs_of(guests.c.id, guests)),
        )
    )


def readable() -> tuple[Any, ...]:
    """Conditions of a guest that can still be read: of the tenant, neither erased nor merged into another."""
    return guests.c.tenant_id == TENANT, guests.c.deleted_at.is_(None), guests.c.merged_into_id.is_(None)


def _one(is_gone_too: bool) -> Any:
    conditions = (guests.c.tenant_id == TENANT,) if is_gone_too else readable()
    return select(_document()).where(*conditions, guests.c.id == _text("guest_id"))


def _listed(filters: tuple[str, ...], words: int, contact: str, sort: str, is_continued: bool) -> Any:
    """One page. The ids are chosen first, so documents are built for the rows of the page only.

    contact: the search may also meet `phone` numbers or `email` addresses, parameter q_contact.
    """
    column = guests.c[SORTS[sort]]
    chosen = select(guests.c.id).where(*readable(), *(_condition(name) for name in filters))
    if words:
        named = and_(*(guests.c.search_text.like(_text(f"q_{index}"), escape="\\") for index in range(words)))
        chosen = chosen.where(or_(named, _reached_at(contact)) if contact else named)
    direction = [column.desc(), guests.c.id.desc()] if sort.startswith("-") else [column, guests.c.id]
    if is_continued and sort == "id":
        chosen = chosen.where(guests.c.id > _text("after_id"))
    elif is_continued:
        row, last = tuple_(column, guests.c.id), tuple_(_big("after_us"), _text("after_id"))
        chosen = chosen.where(row < last if sort.startswith("-") else row > last)
    page = chosen.order_by(*direction).limit(_big("rows")).subquery()
    joined = guests.join(page, page.c.id == guests.c.id)
    return select(_document()).select_from(joined).where(guests.c.tenant_id == TENANT).order_by(*direction)


def _reached_at(kind: str) -> Any:
    return _has(contacts, contacts.c.kind == kind, contacts.c.value.like(_text("q_contact"), escape="\\"))


def _has(table: Any, *conditions: Any) -> Any:
    rows = select(table.c.id).where(table.c.tenant_id == TENANT, table.c.guest_id == guests.c.id, *conditions)
    return exists(rows.correlate(guests))


def _condition(name: str) -> Any:
    if name in ("email", "phone"):
        return _has(contacts, contacts.c.kind == name, contacts.c.value == _text(name))
    if name == "tag":
        return _has(tags, tags.c.tag == _text("tag"))
    if name == "segment_id":
        return _has(memberships, memberships.c.segment_id == _text("segment_id"))
    if name == "ref":
        return is_called(guests.c.id, guests)
    if name == "guest_ids":
        return one_of(guests.c.id, _text("guest_ids"))
    if name == "updated_since_us":
        return guests.c.updated_at >= _big(name)
    return guests.c[name] == bindparam(name, type_=guests.c[name].type)


def _by_contact() -> Any:
    """The guest this contact point leads to: the oldest that can be read, else the one its owner was merged into."""
    joined = contacts.join(guests, and_(guests.c.tenant_id == TENANT, guests.c.id == contacts.c.guest_id))
    return (
        select(func.coalesce(guests.c.merged_into_id, guests.c.id), guests.c.is_temporary)
        .select_from(joined)
        .where(
            contacts.c.tenant_id == TENANT,
            contacts.c.kind == _text("kind"),
            contacts.c.value == _text("value"),
            guests.c.deleted_at.is_(None),
        )
        .order_by(guests.c.merged_into_id.is_not(None), guests.c.created_at, guests.c.id)
        .limit(1)
    )


def _by_external_id() -> Any:
    """The guest an external id leads to: its owner, or the one it was merged into."""
    return select(func.coalesce(guests.c.merged_into_id, guests.c.id), guests.c.content_digest).where(
        guests.c.tenant_id == TENANT, guests.c.external_id == _text("external_id"), guests.c.deleted_at.is_(None)
    )


def _lock() -> Any:
    """Guests that can be read, held in the order of their ids, so that two who lock several never wait for each other."""
    named = one_of(guests.c.id, _text("guest_ids"))
    held = select(guests.c.id).where(*readable(), named).order_by(guests.c.id)
    return held.with_for_update(key_share=True)  # orders and memberships may name the guest meanwhile


def _insert() -> Any:
    """Insert a guest unless its external id is taken; returns the id only when it was written."""
    values = {column.name: bindparam(column.name, type_=column.type) for column in guests.c if column.name != "tenant_id"}
    return insert(guests).values(tenant_id=TENANT, **values).on_conflict_do_nothing().returning(guests.c.id)


def _change(names: tuple[str, ...]) -> Any:
    """Set the named columns (parameters new_<name>), the next version and the time of change."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=guests.c[name].type) for name in names}
    values |= {"version": guests.c.version + 1, "updated_at": _big("changed_at")}
    return update(guests).where(guests.c.tenant_id == TENANT, guests.c.id == _text("guest_id")).values(values)


def _remove(table_name: str) -> Any:
    """Delete named rows of one of a guest's tables."""
    table = guests.metadata.tables[table_name]
    return delete(table).where(
        table.c.tenant_id == TENANT, table.c.guest_id == _text("guest_id"), one_of(table.c.id, _text("row_ids"))
    )


def _add_tag() -> Any:
    values = {name: bindparam(name, type_=tags.c[name].type) for name in ("id", "guest_id", "tag", "added_at")}
    return insert(tags).values(tenant_id=TENANT, **values).on_conflict_do_nothing().returning(tags.c.id)


def _remove_tag() -> Any:
    named = (tags.c.guest_id == _text("guest_id"), tags.c.tag == _text("tag"))
    return delete(tags).where(tags.c.tenant_id == TENANT, *named).returning(tags.c.id)


one = registered_read("guests.one", _one, example=(False,))
listed = registered_read("guests.listed", _listed, example=(FILTERS, 2, "phone", "-created_at", True))
is_known = registered_read(
    "guests.is_known", lambda: select(guests.c.id).where(*readable(), guests.c.id == _text("guest_id"))
)
by_contact = registered_read("guests.by_contact", _by_contact)
by_external_id = registered_read("guests.by_external_id", _by_external_id)
external_ids = registered_read(
    "guests.external_ids",
    lambda: select(guests.c.id, guests.c.external_id).where(*readable(), one_of(guests.c.id, _text("guest_ids"))),
)
lock = registered_read("guests.lock", _lock)
insert_guest = registered_write("guests.insert", _insert)
change = registered_write("guests.change", _change, example=(("name", "is_temporary", "consents"),))
remove_rows = registered_write("guests.remove_rows", _remove, example=("guest_contacts",))
add_tag = registered_write("guests.add_tag", _add_tag)
remove_tag = registered_write("guests.remove_tag", _remove_tag)
