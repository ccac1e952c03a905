"""Guests and their contact points. Inside an open unit of work."""

from typing import Any

from domain.guests.models import Guest
from domain.guests.models import GuestContact
from kit.documents import append
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us


def create_guest(scope: Scope, *, phone: str | None = None, email: str | None = None, **changes: Any) -> str:
    """A guest; phone and email are already in their stored form."""
    now = tenant_now_us(scope)
    row = {
        "id": new_id("cus"), "name": "Anna Nowak", "tags": [], "allergies": [], "consents": {},
        "created_at": now, "updated_at": now, **changes,
    }  # fmt: skip
    append(scope, Guest, [row])
    append(scope, GuestContact, [
        {"id": new_id("gct"), "guest_id": row["id"], "kind": kind, "value": value, "original": value}
        for kind, value in (("phone", phone), ("email", email))
        if value
    ])  # fmt: skip
    return str(row["id"])
