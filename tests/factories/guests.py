"""Guests and their contact points. Inside an open unit of work."""

from typing import Any

from domain.guests.rows import append_guests
from kit.ids import new_id
from kit.scope import Scope


def create_guest(scope: Scope, *, phone: str | None = None, email: str | None = None, **changes: Any) -> str:
    """A guest; phone and email are already in their stored form."""
    row = {"id": new_id("cus"), "name": "Anna Nowak", **changes}
    contacts = {"phones": [phone] if phone else [], "emails": [email] if email else []}
    append_guests(scope, [{**contacts, **row}])
    return str(row["id"])
