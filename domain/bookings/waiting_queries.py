"""Registered statements of the waitlist."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update

from domain.bookings.models import WaitlistEntry
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of

entries = WaitlistEntry.__table__
ahead = entries.alias("ahead")
WAITING = ("waiting", "called")
INTERNAL = ("tenant_id", "contact_name", "contact_phone", "contact_email")


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _position() -> Any:
    """How many parties of the location are served before this one is, itself included; null once it is."""
    count = (
        select(func.count())
        .select_from(ahead)
        .where(ahead.c.tenant_id == TENANT, ahead.c.location_id == entries.c.location_id)
        .where(ahead.c.status.in_(WAITING))
        .where(tuple_(ahead.c.created_at, ahead.c.id) <= tuple_(entries.c.created_at, entries.c.id))
        .correlate(entries)
        .scalar_subquery()
    )
    return case((entries.c.status.in_(WAITING), count), else_=None)


def _document() -> Any:
    contact = fields_of(name=entries.c.contact_name, phone=entries.c.contact_phone, email=entries.c.contact_email)
    own = [column for column in entries.c if column.name not in INTERNAL]
    refs = as_json(refs_of(entries.c.id, entries))
    return as_document(fields_of(*own, contact=contact, position=_position(), refs=refs))


def _list(filters: tuple[str, ...], statuses: int, is_continued: bool) -> Any:
    """First come, first shown."""
    statement = select(_document()).where(entries.c.tenant_id == TENANT)
    for name in filters:
        is_wanted = is_called(entries.c.id, entries) if name == "ref" else entries.c[name] == _text(name)
        statement = statement.where(is_wanted)
    if statuses:
        statement = statement.where(entries.c.status.in_([_text(f"is_status_{index}") for index in range(statuses)]))
    if is_continued:
        last = tuple_(bindparam("after_us", type_=BigInteger), _text("after_id"))
        statement = statement.where(tuple_(entries.c.created_at, entries.c.id) > last)
    return statement.order_by(entries.c.created_at, entries.c.id).limit(bindparam("rows", type_=BigInteger))


def _is_one() -> tuple[Any, ...]:
    return (entries.c.tenant_id == TENANT, entries.c.id == _text("entry_id"))


def _change() -> Any:
    big = {name: bindparam(f"new_{name}", type_=BigInteger) for name in ("called_at", "ended_at")}
    return (
        update(entries)
        .where(*_is_one())
        .values(
            status=_text("new_status"), reservation_id=_text("new_reservation_id"), **big, version=entries.c.version + 1,
            updated_at=bindparam("changed_at", type_=BigInteger),
        )
    )  # fmt: skip


one = registered_read("waitlist.one", lambda: select(_document()).where(*_is_one()))
lock = registered_read("waitlist.lock", lambda: select(entries.c.id).where(*_is_one()).with_for_update())
listed = registered_read("waitlist.listed", _list, example=(("location_id", "customer_id", "ref"), 2, True))
change = registered_write("waitlist.change", _change)
