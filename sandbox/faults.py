"""Faults a partner injects into its own sandbox: which calls they match and when they strike.

A fault document: its columns. An effect is a dict of status (400 to 599), latency_ms, drop, malformed_json, rate_limit
(seconds to wait) and when ("before" the call does anything, or "after" it is done). What an effect does to an answer is
the API's business. Strikes are counted in the database, so `times` is exact however many calls come at once.
"""

import re
from functools import lru_cache
from typing import Any

from kit.clock import now_us
from kit.documents import Document
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from sandbox import fault_queries
from sandbox.errors import refused
from sandbox.models import Fault

MOST_FAULTS = 20
LONGEST_TTL_S = 86_400
BEFORE, AFTER = "before", "after"
WHOLE_PERMILLE = 1000
# `{name}` is one whole part of a path and `*` ends it: no path can make the matching slow.
_PATH = re.compile(r"(/(\{\w{1,40}\}|[\w.~%-]*))+\*?")
_WILD = re.compile(r"(\*|\{\w+\})")


def add_fault(
    scope: Scope,
    *,
    effect: dict[str, Any],
    product: str | None = None,
    method: str | None = None,
    path: str | None = None,
    permille: int = WHOLE_PERMILLE,
    times: int | None = None,
    expires_at_us: int,
) -> Document:
    """Add a fault and return its document. Of several that match a call, the oldest that strikes does.

    Raises Invalid (422) for another form of path, and when the sandbox has 20 faults.
    """
    if path is not None and _PATH.fullmatch(path) is None:
        raise refused("match.path", "Expected a path such as /v1/orders, /v1/orders/{id} or /v1/orders*.")
    if len(list_faults(scope)) >= MOST_FAULTS:
        raise refused("match", f"A sandbox has at most {MOST_FAULTS} faults; remove some first.")
    row = {
        "id": new_id("flt"), "product": product, "method": method, "path": path, "effect": effect, "permille": permille,
        "times": times, "matched": 0, "struck": 0, "expires_at": expires_at_us, "created_at": now_us(),
    }  # fmt: skip
    append(scope, Fault, [row])
    return row


def list_faults(scope: Scope) -> list[Document]:
    """List the faults whose time has not run out, oldest first; those that struck often enough are still shown."""
    return fault_queries.listed.documents(scope, now=now_us())


def remove_fault(scope: Scope, *, fault_id: str) -> None:
    """Remove one fault. Raises NotFound."""
    if fault_queries.remove.row(scope, fault_id=fault_id) is None:
        raise NotFound(f"There is no fault {fault_id}.")


def remove_faults(scope: Scope) -> None:
    """Remove every fault."""
    fault_queries.remove_all.rows(scope)


def strike(scope: Scope, *, product: str, method: str, path: str) -> dict[str, Any] | None:
    """Count a call against the faults it matches and return the effect of the one that strikes, or None.

    Needs a write unit; to count, it is committed whatever becomes of the call.
    """
    at = now_us()
    for fault in fault_queries.listed.documents(scope, now=at):
        if not _matches(fault, product, method, path):
            continue
        row = fault_queries.count_match.row(scope, fault_id=fault["id"], now=at)
        if row is not None and _strikes(*row):
            effect: dict[str, Any] = fault["effect"]
            return effect
    return None


def _matches(fault: Document, product: str, method: str, path: str) -> bool:
    return (
        fault["product"] in (None, product)
        and fault["method"] in (None, method)
        and (fault["path"] is None or _pattern(fault["path"]).fullmatch(path) is not None)
    )


def _strikes(matched: int, permille: int) -> bool:
    return matched * permille // WHOLE_PERMILLE > (matched - 1) * permille // WHOLE_PERMILLE


@lru_cache(maxsize=512)
def _pattern(path: str) -> re.Pattern[str]:
    parts = [".*" if part == "*" else "[^/]+" if part[:1] == "{" else re.escape(part) for part in _WILD.split(path)]
    return re.compile("".join(parts))
