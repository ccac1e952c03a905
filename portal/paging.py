"""Long lists: one page at a time, newest first, with a sealed position in the address."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask import request

from kit.page import CursorKey
from kit.scope import Scope

PAGE_ROWS = 25


@dataclass(frozen=True)
class Sheet:
    """One page of a list and the position the next one starts after (empty on the last)."""

    rows: list[dict[str, Any]]
    after: str
    is_first: bool


def position(scope: Scope, name: str) -> list[Any] | None:
    """Where this page starts, from the address. Raises InvalidCursor for one that was made elsewhere or altered."""
    sealed = request.args.get("after")
    return _key().open(sealed, scope.environment, scope.tenant_id, name) if sealed else None


def sheet(scope: Scope, name: str, found: list[dict[str, Any]], *, sort: str) -> Sheet:
    """Cut what a list function returned (up to one row more than a page) and seal where it goes on."""
    rows = found[:PAGE_ROWS]
    after = ""
    if len(found) > PAGE_ROWS:
        after = _key().seal([rows[-1][sort], rows[-1]["id"]], scope.environment, scope.tenant_id, name)
    return Sheet(rows, after, "after" not in request.args)


def _key() -> CursorKey:
    return CursorKey(current_app.config["SECRET_KEY"])
