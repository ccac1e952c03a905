"""Long lists: one page at a time, newest first, with a sealed position in the address."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from flask import request

from accounts.organisations.members import Member
from kit.clock import to_us
from kit.page import CursorKey
from kit.scope import Scope

PAGE_ROWS = 25


@dataclass(frozen=True)
class Sheet:
    """One page of a list and the position the next one starts after (empty on the last)."""

    rows: list[Any]
    after: str
    is_first: bool


def position(owner: Scope | Member, name: str) -> list[Any] | None:
    """Where this page starts, from the address. Raises InvalidCursor for one that was made elsewhere or altered.

    owner: whose list it is: a tenant's, or on the control plane a member's organisation's.
    """
    sealed = request.args.get("after")
    return _key().open(sealed, *_binding(owner, name)) if sealed else None


def sheet(owner: Scope | Member, name: str, found: list[Any], *, sort: str) -> Sheet:
    """Cut what a list function returned (up to one row more than a page) and seal where it goes on.

    Rows are documents, or on the control plane models. sort: what they are sorted by, an instant or a number.
    """
    rows = found[:PAGE_ROWS]
    after = ""
    if len(found) > PAGE_ROWS:
        after = _key().seal(_place(rows[-1], sort), *_binding(owner, name))
    return Sheet(rows, after, "after" not in request.args)


def _place(row: Any, sort: str) -> list[Any]:
    value, id_ = (row[sort], row["id"]) if isinstance(row, dict) else (getattr(row, sort), row.id)
    return [to_us(value) if isinstance(value, datetime) else value, id_]


def _binding(owner: Scope | Member, name: str) -> tuple[str, ...]:
    if isinstance(owner, Scope):
        return (owner.environment, owner.tenant_id, name)
    return ("control", owner.organisation_id, name)


def _key() -> CursorKey:
    return CursorKey(current_app.config["SECRET_KEY"])
