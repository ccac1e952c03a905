"""Taking over the wallets of another loyalty system, row by row; a bad row refuses itself alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.guests.service import find_or_create_guest
from domain.loyalty.ledger import announce
from domain.loyalty.ledger import move_points
from domain.loyalty.members import change_member
from domain.loyalty.members import create_member
from domain.loyalty.members import list_members
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import savepoint

MOST_ROWS = 1_000
KEPT = ("status", "start_date", "expiry_date")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one row: created, updated or unchanged with the member's id, or refused with the refusal."""

    status: str
    member_id: str | None = None
    refusal: PlatformError | None = None


def import_members(scope: Scope, *, rows: Sequence[dict[str, Any]]) -> list[Imported]:
    """Take over wallets and return one result a row, in order.

    rows: {program_id, customer_id or customer {name, phone, email}, code, points, lifetime_points, status, start_date,
    expiry_date}, all but the first two optional. A code that the program knows is updated: its balance is adjusted to
    the given points, never its customers. Events as for the single calls.
    """
    return [_taken(scope, row) for row in rows]


def _taken(scope: Scope, row: dict[str, Any]) -> Imported:
    try:
        with savepoint(scope):  # a row refused half-way leaves nothing behind
            return _import(scope, row)
    except PlatformError as refusal:
        return Imported("refused", refusal=refusal)


def _import(scope: Scope, row: dict[str, Any]) -> Imported:
    code = row.get("code")
    known = list_members(scope, limit=1, program_id=row["program_id"], code=code) if code is not None else []
    if known:
        return _update(scope, known[0], row)
    values = {name: row[name] for name in (*KEPT, "points", "lifetime_points") if row.get(name) is not None}
    member = create_member(
        scope, program_id=row["program_id"], customer_ids=(_customer_of(scope, row),), code=code, **values
    )  # fmt: skip
    return Imported("created", member["id"])


def _update(scope: Scope, known: Document, row: dict[str, Any]) -> Imported:
    if (row.get("points") or 0) < 0:
        raise Invalid(errors=[FieldError("points", "validation_failed", "Expected 0 or more.")])
    values = {name: row[name] for name in KEPT if row.get(name) is not None}
    member = change_member(scope, member_id=known["id"], **values)
    delta = row["points"] - member["points"] if row.get("points") is not None else 0
    if delta:
        entry, after = move_points(scope, before=member, delta=delta, reason="adjust", note="Import")
        announce(scope, before=member, after=after, entry=entry)
        member = after
    return Imported("updated" if member["version"] != known["version"] else "unchanged", member["id"])


def _customer_of(scope: Scope, row: dict[str, Any]) -> str:
    if row.get("customer_id") is not None:
        return str(row["customer_id"])
    person = row["customer"]
    return find_or_create_guest(scope, name=person["name"], phone=person.get("phone"), email=person.get("email"))
