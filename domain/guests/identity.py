"""Whom contact data belongs to: the exact phone number first, then the exact e-mail address. Names never match."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.guests import queries
from domain.guests import watch_queries
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us


@dataclass(frozen=True, slots=True)
class Owner:
    """The guest contact data leads to."""

    id: str
    is_temporary: bool


def owner_of_contacts(scope: Scope, *, phones: Iterable[str], emails: Iterable[str]) -> Owner | None:
    """The guest these normalised contacts belong to, or None.

    When phone and e-mail lead to two guests the phone wins, and the pair is kept as a suggestion that they may be one.
    """
    by_phone, by_email = _first(scope, "phone", phones), _first(scope, "email", emails)
    if by_phone is not None and by_email is not None and by_phone.id != by_email.id:
        watch_queries.suggest.rows(
            scope, id=new_id("dup"), guest_id=by_phone.id, other_id=by_email.id, seen_at=tenant_now_us(scope)
        )
    return by_phone or by_email


def owner_of_external_id(scope: Scope, *, external_id: str) -> tuple[str, str | None] | None:
    """(id, content digest) of the guest with this external id, or of the one it was merged into; None for nobody."""
    row = queries.by_external_id.row(scope, external_id=external_id)
    return None if row is None else (row[0], row[1])


def _first(scope: Scope, kind: str, values: Iterable[str]) -> Owner | None:
    for value in values:
        row = queries.by_contact.row(scope, kind=kind, value=value)
        if row is not None:
            return Owner(row[0], bool(row[1]))
    return None
