"""What the made-up hosts of the sandbox answer. Their names are never resolved: the delivery worker asks this module.

A pure function of the URL and the number of the attempt, so that a test's outcome does not depend on anything else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from urllib.parse import parse_qs
from urllib.parse import urlsplit

HOST = "hooks.sandbox.invalid"
SUFFIX = ".sandbox.invalid"


@dataclass(frozen=True, slots=True)
class SimulatedAnswer:
    """What a receiver does. status None: no HTTP answer, reason says why (timeout, tls, dns).

    delay_s is how long it would take; a delivery that waits less sees a timeout instead.
    """

    status: int | None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    reason: str = "ok"


def is_simulated(url: str) -> bool:
    """Tell whether a URL belongs to the sandbox's made-up hosts."""
    host = urlsplit(url).hostname or ""
    return host == SUFFIX[1:] or host.endswith(SUFFIX)


def answer(url: str, attempt: int) -> SimulatedAnswer | None:
    """Answer a webhook sent to hooks.sandbox.invalid; attempt counts from 1. None for every other host.

    The first part of the path is the behaviour: what a dialect appends to an address changes nothing. Unknown ones answer 404.
    """
    parts = urlsplit(url)
    if parts.hostname != HOST:
        return None
    behaviour = _BEHAVIOURS.get(parts.path.strip("/").partition("/")[0])
    if behaviour is None:
        return _http(404, b"no such behaviour")
    return behaviour(attempt, parse_qs(parts.query))


def _http(status: int, body: bytes = b"", *, delay_s: float = 0.0, **headers: str) -> SimulatedAnswer:
    named = {"content-type": "text/plain", **{name.replace("_", "-"): value for name, value in headers.items()}}
    reason = "ok" if 200 <= status < 300 else f"http_{status}"
    return SimulatedAnswer(status, named, body, delay_s, reason)


def _always(given: SimulatedAnswer) -> Callable[[int, dict[str, list[str]]], SimulatedAnswer]:
    return lambda _attempt, _query: given


def _number(query: dict[str, list[str]], name: str, default: int) -> int:
    text = query.get(name, [""])[0]
    return min(int(text), 1000) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _fail_then_ok(attempt: int, query: dict[str, list[str]]) -> SimulatedAnswer:
    """The first n - 1 attempts fail, the n-th works (n=2 unless told)."""
    return _http(502, b"bad gateway") if attempt < _number(query, "n", 2) else _http(200, b"ok")


def _rate_limited(_attempt: int, query: dict[str, list[str]]) -> SimulatedAnswer:
    return _http(429, b"slow down", retry_after=str(_number(query, "after", 5)))


_BEHAVIOURS: dict[str, Callable[[int, dict[str, list[str]]], SimulatedAnswer]] = {
    "ok": _always(_http(200, b"ok")),
    "fail-500": _always(_http(500, b"internal server error")),
    "fail-502": _always(_http(502, b"bad gateway")),
    "fail-502-then-ok": _fail_then_ok,
    "timeout": _always(SimulatedAnswer(None, delay_s=60.0, reason="timeout")),
    "slow-8s": _always(_http(200, b"ok", delay_s=8.0)),
    "gone-410": _always(_http(410, b"gone")),
    "redirect-302": _always(_http(302, location=f"https://{HOST}/ok")),
    "rate-429": _rate_limited,
    "bad-tls": _always(SimulatedAnswer(None, reason="tls")),
    "html-200": _always(SimulatedAnswer(200, {"content-type": "text/html"}, b"<!doctype html><title>ok</title>", 0.0, "ok")),
}
BEHAVIOURS = tuple(_BEHAVIOURS)
