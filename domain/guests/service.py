"""Guests: the door the edges and other capabilities use. Changing, merging and segments live in their own modules."""

from typing import Any

import orjson

from domain.guests import queries
from domain.guests import watch_queries
from domain.guests.changing import Entered
from domain.guests.changing import change_guest
from domain.guests.changing import create_guest
from domain.guests.changing import lock_guest
from domain.guests.changing import put_guest
from domain.guests.changing import read_guest
from domain.guests.contacts import normalize_email
from domain.guests.contacts import normalize_phone
from domain.guests.drafts import GuestDraft
from domain.guests.drafts import draft_of
from domain.guests.drafts import with_consents
from domain.guests.identity import owner_of_contacts
from domain.guests.models import Guest
from domain.guests.models import GuestContact
from domain.guests.names import clean_name
from domain.guests.names import search_text
from domain.guests.names import search_words
from domain.guests.names import split_name
from domain.guests.watching import guest_changed
from kit.documents import Document
from kit.documents import append
from kit.errors import BadRequest
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us

MOST_WORDS = 8
LEAST_CHARACTERS = 3


def get_guest(scope: Scope, *, guest_id: str) -> Document:
    """Read one guest document. Raises NotFound, also for erased guests and those merged into another."""
    return read_guest(scope, guest_id=guest_id)


def require_guest(scope: Scope, *, guest_id: str) -> None:
    """Raise NotFound unless the guest can be read. Much cheaper than reading it."""
    if queries.is_known.row(scope, guest_id=guest_id) is None:
        raise NotFound(f"There is no customer {guest_id}.")


def history_changed(scope: Scope, *, guest_id: str) -> None:
    """Say that what a guest ordered, booked or paid has changed, so that segments look at the guest again."""
    guest_changed(scope, guest_id=guest_id)


def list_guests(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    q: str | None = None,
    is_contact_searched: bool = False,
    sort: str = "-created_at",
    **filters: Any,
) -> list[Document]:
    """List up to limit + 1 guests, newest first. `after` is [sort value, id] of the last one of the page before.

    q: words that must all occur in a guest's names, without regard to case and accents; with is_contact_searched also
    a part of at least three characters of a phone number or e-mail address. filters: tag, segment_id, email, phone,
    external_id, ref, is_temporary,
    updated_since_us. sort: -created_at, created_at, updated_at, id. Raises BadRequest (400) for too many words.
    """
    used = {name: value for name, value in filters.items() if value is not None}
    words = search_words(q) if q else []
    if len(words) > MOST_WORDS:
        raise BadRequest(f"Search for at most {MOST_WORDS} words.", parameter="q")
    contact = _contact_part(q) if q and is_contact_searched else None
    searched = {f"q_{index}": f"%{_escaped(word)}%" for index, word in enumerate(words)}
    after_us, after_id = after or (None, None)
    found = queries.listed.documents(
        scope, tuple(sorted(used)), len(words), contact[0] if contact else "", sort, after is not None,
        **used, **searched, q_contact=f"%{_escaped(contact[1])}%" if contact else None,
        after_us=after_us, after_id=after_id, rows=limit + 1,
    )  # fmt: skip
    return [with_consents(document) for document in found]


def guests_by_id(scope: Scope, *, guest_ids: list[str]) -> dict[str, Document]:
    """The guests among these ids that can be read, by id. One statement."""
    if not guest_ids:
        return {}
    found = list_guests(scope, limit=len(guest_ids), guest_ids=orjson.dumps(guest_ids).decode())
    return {document["id"]: document for document in found}


def find_or_create_guest(
    scope: Scope, *, name: str, phone: str | None = None, email: str | None = None, country: str | None = None
) -> str:
    """Find the guest an order's contact data belongs to, or create a temporary one; return the id.

    Matches the exact phone (E.164), then the exact e-mail; a name alone never matches anybody. Contacts of a guest who
    was merged lead to the one it was merged into.
    country: of the location, completes a national phone number. Raises PhoneInvalid, EmailInvalid (422).
    """
    known = []
    if phone:
        known.append(("phone", normalize_phone(phone, country=country), phone))
    if email:
        known.append(("email", normalize_email(email), email))
    phones, emails = ([value for kind, value, _ in known if kind == wanted] for wanted in ("phone", "email"))
    owner = owner_of_contacts(scope, phones=phones, emails=emails)
    return _create_temporary(scope, name, country, known) if owner is None else owner.id


def remove_tag(scope: Scope, *, guest_id: str, tag: str) -> Document:
    """Take a tag off a guest and record customer.updated. Raises NotFound, also when the guest does not have it."""
    before = lock_guest(scope, guest_id=guest_id)
    if tag not in before["tags"]:
        raise NotFound(f"The customer {guest_id} does not have the tag {tag}.")
    left = tuple(one for one in before["tags"] if one != tag)
    return change_guest(scope, guest_id=guest_id, draft=GuestDraft(tags=left))


def list_duplicates(scope: Scope, *, guest_id: str) -> list[Document]:
    """Guests that may be the same person: contact data once led to both. [{customer, seen_at}], oldest first."""
    require_guest(scope, guest_id=guest_id)
    rows = watch_queries.suggested.rows(scope, guest_id=guest_id)
    seen = {(other if one == guest_id else one): seen_at for one, other, seen_at in rows}
    found = guests_by_id(scope, guest_ids=list(seen))
    return [{"customer": found[other_id], "seen_at": seen_at} for other_id, seen_at in seen.items() if other_id in found]


def _create_temporary(scope: Scope, name: str, country: str | None, known: list[tuple[str, str, str]]) -> str:
    guest_id, now_us = new_id("cus"), tenant_now_us(scope)
    name = clean_name(name)
    first, last = split_name(name)
    names = {"name": name, "first_name": first, "last_name": last}
    append(scope, Guest, [{
        **names, "id": guest_id, "country": country, "is_temporary": True, "search_text": search_text(names),
        "location_memos": [], "likes": [], "dislikes": [], "allergies": [], "consents": {},
        "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    append(scope, GuestContact, [
        {"id": new_id("gct"), "guest_id": guest_id, "kind": kind, "value": value, "original": original}
        for kind, value, original in known
    ])  # fmt: skip
    return guest_id


def _contact_part(q: str) -> tuple[str, str] | None:
    """What a search looks for among contacts: (phone, digits) or (email, text)."""
    digits = "".join(char for char in q if char.isdigit() and char.isascii())
    if len(digits) >= LEAST_CHARACTERS and not any(char.isalpha() or char == "@" for char in q):
        return "phone", digits
    text = q.strip().lower()
    return ("email", text) if len(text) >= LEAST_CHARACTERS and " " not in text else None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


__all__ = [
    "Entered", "GuestDraft", "change_guest", "create_guest", "draft_of", "find_or_create_guest", "get_guest",
    "guests_by_id", "history_changed", "list_duplicates", "list_guests", "lock_guest", "normalize_email", "normalize_phone",
    "put_guest", "remove_tag", "require_guest", "split_name",
]  # fmt: skip
