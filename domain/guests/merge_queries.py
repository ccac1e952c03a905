"""Registered statements of merges and of erasing a guest."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from domain.guests.models import ConsentChange
from domain.guests.models import Guest
from domain.guests.models import GuestAddress
from domain.guests.models import GuestContact
from domain.guests.models import GuestDate
from domain.guests.models import GuestMerge
from domain.guests.models import GuestSocial
from domain.guests.models import GuestTag
from domain.references.models import Reference
from kit.documents import TENANT
from kit.documents import JsonColumn
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.json_sql import one_of

guests = Guest.__table__
merges = GuestMerge.__table__
references = Reference.__table__
consent_changes = ConsentChange.__table__
contacts = GuestContact.__table__
ERASED_NAME = "Erased customer"
PERSONAL_TABLES = tuple(
    model.__tablename__ for model in (GuestContact, GuestSocial, GuestDate, GuestAddress, GuestTag)
)


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _named() -> tuple[Any, ...]:
    return guests.c.tenant_id == TENANT, one_of(guests.c.id, _text("guest_ids"))


def _one() -> Any:
    document = as_document(fields_of(*[column for column in merges.c if column.name != "tenant_id"]))
    return select(document).where(merges.c.tenant_id == TENANT, merges.c.id == _text("merge_id"))


def _vanish() -> Any:
    """Guests are merged into another, and with them those merged into them before."""
    chosen = or_(one_of(guests.c.id, _text("guest_ids")), one_of(guests.c.merged_into_id, _text("guest_ids")))
    return (
        update(guests)
        .where(guests.c.tenant_id == TENANT, chosen)
        .values(merged_into_id=_text("victor_id"), version=guests.c.version + 1, updated_at=_big("changed_at"))
    )


def _touch() -> Any:
    return (
        update(guests)
        .where(guests.c.tenant_id == TENANT, guests.c.id == _text("victor_id"))
        .values(version=guests.c.version + 1, updated_at=_big("changed_at"))
    )


def _rename() -> Any:
    return (
        update(references)
        .where(references.c.tenant_id == TENANT, one_of(references.c.object_id, _text("guest_ids")))
        .values(object_id=_text("victor_id"))
    )


def _change() -> Any:
    return (
        update(merges)
        .where(merges.c.tenant_id == TENANT, merges.c.id == _text("merge_id"))
        .values(
            state=_text("new_state"), moved_counts=bindparam("new_moved_counts", type_=merges.c.moved_counts.type),
            finished_at=_big("new_finished_at"), version=merges.c.version + 1, updated_at=_big("changed_at"),
        )
    )  # fmt: skip


def _unfinished_into() -> Any:
    into_them = (one_of(merges.c.victor_id, _text("guest_ids")), merges.c.state.in_(("queued", "moving")))
    return select(merges.c.id).where(merges.c.tenant_id == TENANT, *into_them).limit(1)


def _last_into() -> Any:
    return (
        select(merges.c.id)
        .where(merges.c.tenant_id == TENANT, merges.c.victor_id == _text("victor_id"))
        .order_by(merges.c.created_at.desc(), merges.c.id.desc())
        .limit(1)
    )


def _self_and_merged() -> Any:
    own = or_(guests.c.id == _text("guest_id"), guests.c.merged_into_id == _text("guest_id"))
    return select(guests.c.id).where(guests.c.tenant_id == TENANT, own).order_by(guests.c.id).with_for_update(key_share=True)


def _erase() -> Any:
    """Overwrite everything personal in guest rows. What is kept: id, dates, version and where it was merged."""
    kept = {"tenant_id", "id", "version", "created_at", "merged_into_id", "is_temporary"}
    blank: dict[str, Any] = {column.name: None for column in guests.c if column.name not in kept and column.nullable}
    filled = {
        "name": ERASED_NAME, "search_text": "", "is_incognito": False, "version": guests.c.version + 1,
        "updated_at": _big("changed_at"), "deleted_at": _big("changed_at"),
    }  # fmt: skip
    empty_list, empty_object = (bindparam(name, type_=JsonColumn) for name in ("empty_list", "empty_object"))
    filled |= dict.fromkeys(("location_memos", "likes", "dislikes", "allergies"), empty_list)
    filled |= {"consents": empty_object}
    return update(guests).where(*_named()).values({**blank, **filled})


def _erase_rows(table_name: str) -> Any:
    table = guests.metadata.tables[table_name]
    return delete(table).where(table.c.tenant_id == TENANT, one_of(table.c.guest_id, _text("guest_ids")))


def _erase_proofs() -> Any:
    named = (consent_changes.c.tenant_id == TENANT, one_of(consent_changes.c.guest_id, _text("guest_ids")))
    return update(consent_changes).where(*named).values(source=None, proof=None)


one = registered_read("merges.one", _one)
lock = registered_read(
    "merges.lock",
    lambda: select(merges.c.id).where(merges.c.tenant_id == TENANT, merges.c.id == _text("merge_id")).with_for_update(),
)
hold_guests = registered_read(
    "merges.hold_guests",
    lambda: (
        select(guests.c.id, guests.c.merged_into_id)
        .where(*_named(), guests.c.deleted_at.is_(None))
        .order_by(guests.c.id)
        .with_for_update()
    ),
)
unfinished_into = registered_read("merges.unfinished_into", _unfinished_into)
last_into = registered_read("merges.last_into", _last_into)
vanish = registered_write("merges.vanish", _vanish)
touch = registered_write("merges.touch", _touch)
rename = registered_write("merges.rename", _rename)
change = registered_write("merges.change", _change)
self_and_merged = registered_read("guests.self_and_merged", _self_and_merged)
contacts_of = registered_read(
    "guests.contacts_of",
    lambda: select(contacts.c.value).where(contacts.c.tenant_id == TENANT, one_of(contacts.c.guest_id, _text("guest_ids"))),
)
erase = registered_write("guests.erase", _erase)
erase_rows = registered_write("guests.erase_rows", _erase_rows, example=("guest_contacts",))
erase_proofs = registered_write("guests.erase_proofs", _erase_proofs)
forget_names = registered_write(
    "guests.forget_names",
    lambda: delete(references).where(
        references.c.tenant_id == TENANT, one_of(references.c.object_id, _text("guest_ids"))
    ),
)
