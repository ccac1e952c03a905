"""Registered reads of guests."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import tuple_

from domain.guests.models import Guest
from domain.guests.models import GuestContact
from kit.documents import TENANT
from kit.documents import as_document
from kit.documents import as_json
from kit.documents import fields_of
from kit.documents import json_list
from kit.documents import registered_read

guests = Guest.__table__
contacts = GuestContact.__table__


def _contacts(kind: str) -> Any:
    rows = (
        select(fields_of(contacts.c.value, contacts.c.original).label("doc"))
        .where(contacts.c.tenant_id == TENANT, contacts.c.guest_id == guests.c.id, contacts.c.kind == kind)
        .order_by(contacts.c.position, contacts.c.id)
        .correlate(guests)
        .subquery()
    )
    return as_json(select(json_list(rows.c.doc)).select_from(rows).scalar_subquery())


def _documents() -> Any:
    """Guests that can still be read: neither erased nor merged into another."""
    columns = [column for column in guests.c if column.name != "tenant_id"]
    document = as_document(fields_of(*columns, phones=_contacts("phone"), emails=_contacts("email")))
    return select(document).where(
        guests.c.tenant_id == TENANT, guests.c.deleted_at.is_(None), guests.c.merged_into_id.is_(None)
    )


def _listed(is_continued: bool) -> Any:
    statement = _documents()
    if is_continued:
        after = tuple_(bindparam("after_created", type_=BigInteger), bindparam("after_id", type_=Text))
        statement = statement.where(tuple_(guests.c.created_at, guests.c.id) < after)
    newest_first = statement.order_by(guests.c.created_at.desc(), guests.c.id.desc())
    return newest_first.limit(bindparam("rows", type_=BigInteger))


def _by_contact() -> Any:
    """The oldest readable guest that has this contact point."""
    joined = contacts.join(guests, and_(guests.c.tenant_id == TENANT, guests.c.id == contacts.c.guest_id))
    return (
        select(guests.c.id)
        .select_from(joined)
        .where(
            contacts.c.tenant_id == TENANT,
            contacts.c.kind == bindparam("kind", type_=Text),
            contacts.c.value == bindparam("value", type_=Text),
            guests.c.deleted_at.is_(None),
            guests.c.merged_into_id.is_(None),
        )
        .order_by(guests.c.created_at, guests.c.id)
        .limit(1)
    )


one = registered_read(
    "guests.one", lambda: _documents().where(guests.c.id == bindparam("guest_id", type_=Text))
)  # fmt: skip
listed = registered_read("guests.listed", _listed, example=(True,))
by_contact = registered_read("guests.by_contact", _by_contact)
