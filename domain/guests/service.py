"""Guests: who they are and how contact data on an order finds them."""

import unicodedata
from typing import Any

from domain.guests import queries
from domain.guests.contacts import normalize_email
from domain.guests.contacts import normalize_phone
from domain.guests.models import Guest
from domain.guests.models import GuestContact
from kit.documents import Document
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us


def get_guest(scope: Scope, *, guest_id: str) -> Document:
    """Read one guest document. Raises NotFound, also for erased guests and those merged into another."""
    document = queries.one.document(scope, guest_id=guest_id)
    if document is None:
        raise NotFound(f"There is no customer {guest_id}.")
    return document


def list_guests(scope: Scope, *, limit: int, after: list[Any] | None) -> list[Document]:
    """List up to limit + 1 guests, newest first. `after` is [created_at, id] of the last one of the page before."""
    created, last_id = after or (None, None)
    return queries.listed.documents(
        scope, after is not None, after_created=created, after_id=last_id, rows=limit + 1
    )  # fmt: skip


def find_or_create_guest(
    scope: Scope, *, name: str, phone: str | None = None, email: str | None = None, country: str | None = None
) -> str:
    """Find the guest an order's contact data belongs to, or create a temporary one; return the id.

    Matches the exact phone (E.164), then the exact e-mail; a name alone never matches anybody.
    country: of the location, completes a national phone number. Raises PhoneInvalid, EmailInvalid (422).
    """
    known = []
    if phone:
        known.append(("phone", normalize_phone(phone, country=country), phone))
    if email:
        known.append(("email", normalize_email(email), email))
    for kind, value, _ in known:
        row = queries.by_contact.row(scope, kind=kind, value=value)
        if row is not None:
            return str(row[0])
    return _create_temporary(scope, name, country, known)


def _create_temporary(scope: Scope, name: str, country: str | None, known: list[tuple[str, str, str]]) -> str:
    guest_id, now_us = new_id("cus"), tenant_now_us(scope)
    name = unicodedata.normalize("NFC", name).strip()
    first, last = split_name(name)
    append(scope, Guest, [{
        "id": guest_id, "name": name, "first_name": first, "last_name": last, "country": country,
        "is_temporary": True, "tags": [], "allergies": [], "consents": {}, "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    append(scope, GuestContact, [
        {"id": new_id("gct"), "guest_id": guest_id, "kind": kind, "value": value, "original": original}
        for kind, value, original in known
    ])  # fmt: skip
    return guest_id


def split_name(name: str) -> tuple[str | None, str]:
    """Split a single name: the last word is the family name, the rest the given names; one word is a family name."""
    first, _, last = name.rpartition(" ")
    return first.strip() or None, last


__all__ = ["find_or_create_guest", "get_guest", "list_guests", "normalize_email", "normalize_phone", "split_name"]
