"""Erasing a guest from the guests' own tables. What other capabilities keep about the guest is domain.guestbook's."""

import orjson

from domain.guests import merge_queries
from domain.guests import watch_queries
from domain.guests.changing import lock_guest
from domain.guests.changing import read_guest
from domain.guests.events import CustomerDeleted
from kit.documents import Document
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us


def erase_guest(scope: Scope, *, guest_id: str) -> tuple[list[str], list[str]]:
    """Overwrite everything personal about a guest and those merged into it; return their ids and what reached them.

    From then on the guest reads as not found. Records customer.deleted with what is left. Raises NotFound.
    """
    before = lock_guest(scope, guest_id=guest_id)
    erased = self_and_merged(scope, guest_id=guest_id)
    ids = orjson.dumps(erased).decode()
    contacts = [str(row[0]) for row in merge_queries.contacts_of.rows(scope, guest_ids=ids)]
    for table_name in merge_queries.PERSONAL_TABLES:
        merge_queries.erase_rows.rows(scope, table_name, guest_ids=ids)
    for statement in (
        merge_queries.erase_proofs, merge_queries.forget_names, watch_queries.forget_members,
        watch_queries.forget_duplicates,
    ):  # fmt: skip
        statement.rows(scope, guest_ids=ids)
    merge_queries.erase.rows(
        scope, guest_ids=ids, changed_at=tenant_now_us(scope), empty_list="[]", empty_object="{}"
    )
    left = read_guest(scope, guest_id=guest_id, is_gone_too=True)
    record(scope, CustomerDeleted(object=_named_for_sender(left, before)))
    return erased, contacts


def self_and_merged(scope: Scope, *, guest_id: str) -> list[str]:
    """Ids of a guest and those merged into it, held until the transaction ends; erased ones too."""
    return [str(row[0]) for row in merge_queries.self_and_merged.rows(scope, guest_id=guest_id)]


def _named_for_sender(left: Document, before: Document) -> Document:
    """What is left, with the one name by which its sender can find the record to delete."""
    return {**left, "external_id": before["external_id"]}
