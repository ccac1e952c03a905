"""Entering guests and changing them: what a draft means for a guest, its rows, and the events that follow.

Every change locks the guest first and judges what it reads after that. What equals the present value is no change and
records nothing.
"""

import hashlib
from dataclasses import asdict
from dataclasses import dataclass

import orjson

from domain.guests import queries
from domain.guests.drafts import UNKNOWN
from domain.guests.drafts import GuestDraft
from domain.guests.drafts import cleaned
from domain.guests.drafts import with_consents
from domain.guests.events import CustomerConsentUpdated
from domain.guests.events import CustomerCreated
from domain.guests.events import CustomerTagAdded
from domain.guests.events import CustomerUpdated
from domain.guests.identity import owner_of_contacts
from domain.guests.identity import owner_of_external_id
from domain.guests.lists import merged
from domain.guests.lists import write_list
from domain.guests.models import ConsentChange
from domain.guests.names import SEARCHED
from domain.guests.names import search_text
from domain.guests.rows import insert_guest
from domain.guests.watching import guest_changed
from kit.documents import Document
from kit.documents import append
from kit.errors import Conflict
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import NotFound
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

# Told by events of their own, or by none.
QUIET = frozenset({"version", "updated_at", "consents", "tags", "is_temporary"})


@dataclass(frozen=True, slots=True)
class Entered:
    """outcome: created (a temporary guest made a real one included), updated or unchanged."""

    document: Document
    outcome: str


@dataclass(frozen=True, slots=True)
class _Change:
    """What differs between a guest and a draft of it. flips: {channel: new consent}."""

    columns: Document
    lists: dict[str, list[Document]]
    added: list[str]
    removed: list[str]
    flips: Document

    @property
    def is_empty(self) -> bool:
        return not (self.columns or self.lists or self.added or self.removed or self.flips)


def create_guest(scope: Scope, *, draft: GuestDraft) -> Entered:
    """Enter a guest and record customer.created.

    A temporary guest with the same phone or e-mail becomes this one and keeps its id. A repeated external_id with the
    same content is the first guest, unchanged. Raises DuplicateReference (409) for other content, and with 422
    PhoneInvalid, EmailInvalid, Invalid.
    """
    external_id = draft.columns.get("external_id")
    digest = _digest(draft) if external_id is not None else None
    if external_id is not None and (first := _replay(scope, external_id, digest)) is not None:
        return first
    draft = cleaned(scope, draft)
    draft.columns["content_digest"] = digest
    owner = _owner(scope, draft)
    if owner is not None and owner[1]:
        return Entered(_apply(scope, lock_guest(scope, guest_id=owner[0]), draft, is_promoted=True), "created")
    return _entered(scope, draft)


def put_guest(scope: Scope, *, draft: GuestDraft) -> Entered:
    """Change the guest a draft is about, or enter it: by external id, then phone, then e-mail. For imports.

    Lists only grow: what is not named stays. A temporary guest becomes a real one. Raises what create_guest raises.
    """
    external_id = draft.columns.get("external_id")
    by_id = owner_of_external_id(scope, external_id=external_id) if external_id is not None else None
    draft = cleaned(scope, draft)
    owner = by_id or _owner(scope, draft)
    if owner is None:
        return _entered(scope, draft)
    before = lock_guest(scope, guest_id=owner[0])
    if by_id is None and external_id is not None and before["external_id"] not in (None, external_id):
        return _entered(scope, draft)  # another record of the sender that shares a contact, such as a spouse
    after = _apply(scope, before, draft, is_promoted=True, is_overwriting=False)
    outcome = "created" if before["is_temporary"] else "unchanged" if after is before else "updated"
    return Entered(after, outcome)


def change_guest(
    scope: Scope, *, guest_id: str, draft: GuestDraft, expected_version: int | None = None, is_overwriting: bool = True
) -> Document:
    """Change a guest and return its document. A column is_temporary False makes a temporary guest a real one.

    is_overwriting: a list that is named loses what the draft does not name. Records customer.updated for what else
    changed, then customer.tag.added and customer.consent.updated for each. Raises NotFound, Conflict (409), and with
    422 PhoneInvalid, EmailInvalid, NestedNotFound, Invalid.
    """
    before = lock_guest(scope, guest_id=guest_id)
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The customer is at version {before['version']} now.", current_version=before["version"])
    is_promoted = draft.columns.get("is_temporary") is False
    draft = cleaned(scope, draft, present=before)
    _require_free(scope, before, draft.columns.get("external_id"))
    return _apply(scope, before, draft, is_promoted=is_promoted, is_overwriting=is_overwriting)


def lock_guest(scope: Scope, *, guest_id: str) -> Document:
    """Hold the guest until the transaction ends and read it after that. Raises NotFound."""
    lock_guests(scope, guest_ids=[guest_id])
    return read_guest(scope, guest_id=guest_id)


def lock_guests(scope: Scope, *, guest_ids: list[str]) -> None:
    """Hold several guests until the transaction ends. Raises NotFound for one that cannot be read."""
    found = {row[0] for row in queries.lock.rows(scope, guest_ids=orjson.dumps(guest_ids).decode())}
    for guest_id in guest_ids:
        if guest_id not in found:
            raise NotFound(f"There is no customer {guest_id}.")


def read_guest(scope: Scope, *, guest_id: str, is_gone_too: bool = False) -> Document:
    """Read one guest document. is_gone_too: erased and merged ones as well. Raises NotFound."""
    document = queries.one.document(scope, is_gone_too, guest_id=guest_id)
    if document is None:
        raise NotFound(f"There is no customer {guest_id}.")
    return with_consents(document)


def named(guest: Document) -> Document:
    """How events that are about a guest and something else name the guest: without anything personal."""
    return {"id": guest["id"], "customer_id": guest["id"], "customer_external_id": guest["external_id"]}


def _digest(draft: GuestDraft) -> str:
    return hashlib.sha256(orjson.dumps(asdict(draft), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _replay(scope: Scope, external_id: str, digest: str | None) -> Entered | None:
    found = owner_of_external_id(scope, external_id=external_id)
    if found is None:
        return None
    if found[1] != digest:
        raise _duplicate(external_id)
    return Entered(read_guest(scope, guest_id=found[0]), "unchanged")


def _duplicate(external_id: str | None) -> DuplicateReference:
    detail = f"Another customer has the external_id {external_id}."
    return DuplicateReference(detail, errors=[FieldError("external_id", "duplicate_reference", detail)])


def _require_free(scope: Scope, before: Document, external_id: str | None) -> None:
    if external_id is None or external_id == before["external_id"]:
        return
    found = owner_of_external_id(scope, external_id=external_id)
    if found is not None and found[0] != before["id"]:
        raise _duplicate(external_id)


def _owner(scope: Scope, draft: GuestDraft) -> tuple[str, bool] | None:
    values = {name: [row["value"] for row in draft.lists.get(name, ()) if "value" in row] for name in ("phones", "emails")}
    owner = owner_of_contacts(scope, phones=values["phones"], emails=values["emails"])
    return None if owner is None else (owner.id, owner.is_temporary)


def _entered(scope: Scope, draft: GuestDraft) -> Entered:
    now_us = tenant_now_us(scope)
    consents = {channel: {**UNKNOWN, **consent, "at": now_us} for channel, consent in draft.consents.items()}
    lists = {name: merged(name, [], entries, overwrite=True) for name, entries in draft.lists.items()}
    made = {"id": new_id("cus"), "tags": draft.tags or (), "consents": consents, "created_at": now_us, "updated_at": now_us}
    row = {**draft.columns, **lists, **made}
    if not insert_guest(scope, row):
        # Another request with this external id committed between the look above and the insert.
        external_id = str(draft.columns["external_id"])
        first = _replay(scope, external_id, draft.columns.get("content_digest"))
        if first is None:
            raise _duplicate(external_id)
        return first
    _remember_consents(scope, row["id"], {}, consents, now_us)
    document = read_guest(scope, guest_id=row["id"])
    record(scope, CustomerCreated(object=document, location_id=document["parent_location_id"]))
    guest_changed(scope, guest_id=row["id"])
    return Entered(document, "created")


def _apply(
    scope: Scope, before: Document, draft: GuestDraft, *, is_promoted: bool, is_overwriting: bool = True
) -> Document:
    """Write what differs and record events. Trusts that `before` is locked and the draft cleaned."""
    is_promoted = is_promoted and before["is_temporary"]
    change = _difference(before, draft, is_overwriting=is_overwriting)
    if change.is_empty and not is_promoted:
        return before
    columns = dict(change.columns)
    if is_promoted:
        columns |= {"is_temporary": False}
    if draft.columns.get("content_digest"):
        columns["content_digest"] = draft.columns["content_digest"]
    _write(scope, before, columns, change)
    after = read_guest(scope, guest_id=before["id"])
    if is_promoted:
        record(scope, CustomerCreated(object=after, location_id=after["parent_location_id"]))
    else:
        _announce(scope, before, after, change)
    guest_changed(scope, guest_id=before["id"])
    return after


def _difference(before: Document, draft: GuestDraft, *, is_overwriting: bool) -> _Change:
    lists = {
        name: merged(name, before[name], entries, overwrite=is_overwriting) for name, entries in draft.lists.items()
    }
    wanted = before["tags"] if draft.tags is None else draft.tags
    is_shrinking = draft.tags is not None and is_overwriting
    return _Change(
        columns={
            name: value
            for name, value in draft.columns.items()
            if name in before and name != "is_temporary" and before[name] != value
        },
        lists={name: rows for name, rows in lists.items() if rows != before[name]},
        added=[tag for tag in wanted if tag not in before["tags"]],
        removed=[tag for tag in before["tags"] if is_shrinking and tag not in wanted],
        flips={
            channel: consent
            for channel, consent in draft.consents.items()
            if before["consents"][channel]["status"] != consent["status"]
        },
    )


def _write(scope: Scope, before: Document, columns: Document, change: _Change) -> None:
    guest_id, now_us = before["id"], tenant_now_us(scope)
    if not columns.keys().isdisjoint(SEARCHED):
        columns["search_text"] = search_text({**before, **columns})
    if change.flips:
        flipped = {channel: {**UNKNOWN, **consent, "at": now_us} for channel, consent in change.flips.items()}
        columns["consents"] = {**before["consents"], **flipped}
        _remember_consents(scope, guest_id, before["consents"], flipped, now_us)
    queries.change.rows(
        scope, tuple(columns), **queries.parameters(columns, "new_"), guest_id=guest_id, changed_at=now_us
    )
    for name, rows in change.lists.items():
        write_list(scope, guest_id=guest_id, name=name, present=before[name], wanted=rows)
    for tag in change.added:
        queries.add_tag.rows(scope, id=new_id("gtg"), guest_id=guest_id, tag=tag, added_at=now_us)
    for tag in change.removed:
        queries.remove_tag.rows(scope, guest_id=guest_id, tag=tag)


def _remember_consents(scope: Scope, guest_id: str, before: Document, flipped: Document, now_us: int) -> None:
    append(scope, ConsentChange, [
        {
            "id": new_id("cns"), "guest_id": guest_id, "channel": channel,
            "old_status": before.get(channel, UNKNOWN)["status"], "new_status": consent["status"],
            "source": consent["source"], "proof": consent["proof"], "at": now_us,
            "actor_type": scope.actor.type, "actor_id": scope.actor.id,
        }
        for channel, consent in flipped.items()
    ])  # fmt: skip


def _announce(scope: Scope, before: Document, after: Document, change: _Change) -> None:
    previous = {name: before[name] for name in after if name not in QUIET and before[name] != after[name]}
    if change.removed:
        previous["tags"] = before["tags"]
    about = named(after)
    location_id = after["parent_location_id"]
    if previous:
        record(scope, CustomerUpdated(object=after, previous=previous, location_id=location_id))
    for tag in change.added:
        record(scope, CustomerTagAdded(object={**about, "tag": tag}, location_id=location_id))
    for channel, consent in change.flips.items():
        flip = {
            "channel": channel, "from": before["consents"][channel]["status"], "to": consent["status"],
            "source": consent["source"], "at": after["consents"][channel]["at"],
        }  # fmt: skip
        record(scope, CustomerConsentUpdated(object={**about, **flip}, location_id=location_id))
