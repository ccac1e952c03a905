"""How the evidence of a production request reads: measured values as sentences, with a mark where they say something."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from accounts.plans.scopes import SCOPES
from api.operations import operations
from portal.filters import instant

MANY_ERRORS = 0.2
GOOD_RATE = 0.95
FEW_CALLS = 20
NEEDED = frozenset({
    "calls", "writes", "error_rate", "server_errors", "rate_limited", "hasty_after_429", "idempotency_rate",
    "webhook_success_rate", "webhook_deliveries", "scopes_used", "routes", "first_call_at", "last_call_at",
})  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of the table. mood: ok, warn or idle; it guides the eye and decides nothing."""

    label: str
    text: str
    mood: str
    items: tuple[str, ...] = ()


def scope_of(method: str, route: str) -> str:
    """The scope an operation needs, by its method and the route in the request log; empty for an unknown one."""
    return _scopes().get((method, route), "")


@cache
def _scopes() -> dict[tuple[str, str], str]:
    """Read once, when every operation is registered."""
    routes = ((found, found.path.replace("<", "{").replace(">", "}")) for found in operations)
    return {(found.method, route): found.scope for found, route in routes}


def in_order(scopes: Iterable[str]) -> tuple[str, ...]:
    """Scopes in the order of their catalogue."""
    wanted = set(scopes)
    return tuple(scope for scope in SCOPES if scope in wanted)


def lines(evidence: dict[str, Any], asked: Iterable[str] = ()) -> list[Line]:
    """The table of one evidence document (accounts.approvals.evidence); one line when it lacks what the table says.

    asked: the scopes a request asks for, to be compared with those in use.
    """
    if not evidence.keys() >= NEEDED:
        return [Line("Evidence", "none was recorded with this request", "idle")]
    calls, writes = evidence["calls"], evidence["writes"]
    return [
        Line("Calls", _period(evidence), "ok" if calls >= FEW_CALLS else "warn"),
        Line("Calls refused or failed", percent(evidence["error_rate"]), _below(evidence["error_rate"], MANY_ERRORS)),
        Line("Server errors met", str(evidence["server_errors"]), "idle"),
        Line("Answers 429", _limited(evidence), _patience(evidence)),
        Line("Writes with an idempotency key", _share(evidence["idempotency_rate"], writes, "writes"),
             _above(evidence["idempotency_rate"])),
        Line("Webhooks accepted", _share(evidence["webhook_success_rate"], evidence["webhook_deliveries"], "deliveries"),
             _above(evidence["webhook_success_rate"])),
        Line("Signature checks", "not visible from here: whether your server verifies them is yours to test", "idle"),
        *_compared(set(asked), set(evidence["scopes_used"])),
        Line("Scopes used", "" if evidence["scopes_used"] else "none", "idle", tuple(evidence["scopes_used"])),
        Line("Operations called", "" if evidence["routes"] else "none", "idle",
             tuple(f"{found['method']} {found['route']} × {found['calls']}" for found in evidence["routes"])),
    ]  # fmt: skip


def _compared(asked: set[str], used: set[str]) -> list[Line]:
    """Where what was asked for and what the traffic needed part ways."""
    if not asked:
        return []
    idle, missing = in_order(asked - used), in_order(used - asked)
    return [
        Line("Asked for, never used", "" if idle else "none", "warn" if idle else "ok", idle),
        Line("Used, not asked for", "" if missing else "none", "warn" if missing else "ok", missing),
    ]


def percent(rate: float | None) -> str:
    """`4.8 %`; a dash when nothing was counted."""
    return "–" if rate is None else f"{100 * rate:.1f} %"


def _share(rate: float | None, whole: int, noun: str) -> str:
    return f"none of 0 {noun}" if rate is None else f"{percent(rate)} of {whole} {noun}"


def _period(evidence: dict[str, Any]) -> str:
    if not evidence["calls"]:
        return "none"
    return f"{evidence['calls']}, from {instant(evidence['first_call_at'])} to {instant(evidence['last_call_at'])}"


def _limited(evidence: dict[str, Any]) -> str:
    hasty = evidence["hasty_after_429"]
    return f"{evidence['rate_limited']}" + (f", {hasty} of them called again before Retry-After had passed" if hasty else "")


def _patience(evidence: dict[str, Any]) -> str:
    if not evidence["rate_limited"]:
        return "idle"
    return "warn" if evidence["hasty_after_429"] else "ok"


def _below(rate: float | None, limit: float) -> str:
    return "idle" if rate is None else "ok" if rate < limit else "warn"


def _above(rate: float | None) -> str:
    return "idle" if rate is None else "ok" if rate >= GOOD_RATE else "warn"
