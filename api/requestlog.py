"""Request logs: collected in memory by the gate, redacted and written in batches by a background thread.

A call costs the request an append to a list. Rows are visible within FLUSH_S; a killed process loses at most what it had
collected since its last flush, and nothing else depends on these rows.
"""

import logging
import re
import time
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from functools import partial
from multiprocessing.util import Finalize
from threading import Lock
from threading import Thread
from typing import Any

import orjson

from kit.clock import DAY_US
from kit.clock import day_of
from kit.crypto import redact
from kit.planes import Environment
from kit.scope import Scope

log = logging.getLogger(__name__)
FLUSH_S = 0.4
MAX_PENDING = 20_000
MAX_BODY = 8_192
MAX_HEADER = 500
NOTED_US = 60_000_000
HIDDEN_HEADERS = {"authorization", "cookie", "set-cookie", "x-api-key", "proxy-authorization"}
HIDDEN_FIELDS = {"password", "secret", "secrets", "token", "access_token", "refresh_token", "client_secret"}
VALUES_HIDDEN = "headers"  # an object under this name keeps its names only: its values open somebody's server
_VALUES = re.compile(rf'("{VALUES_HIDDEN}"\s*:\s*)\{{(?:"(?:[^"\\]|\\.)*"?|[^"}}])*\}}?')
_NAMED = re.compile(rf'("(?:{"|".join(sorted(HIDDEN_FIELDS))})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s,}}\]]+)')
Writer = Callable[[Environment, list[dict[str, Any]]], None]
Counter = Callable[[Environment, "Sums"], None]
Used = dict[str, tuple[int, str, str]]  # key id → when (µs), from which address, for what
Toucher = Callable[[Used], None]
COUNTED = ("calls", "refused", "limited", "failed", "duration_us")


@dataclass(slots=True)
class Entry:
    """One finished call, still raw."""

    scope: Scope
    request_id: str
    credential_id: str
    kid: str
    product: str
    method: str
    path: str
    query: str
    route: str
    area: str
    bucket: str
    status: int
    error_code: str | None
    duration_us: int
    at_us: int
    kept_days: int
    ip: str
    request_headers: list[tuple[str, str]]  # in WSGI's spelling
    request_body: bytes
    response_headers: list[tuple[str, str]]
    response_body: bytes


class RequestLogger:
    """Collects entries and flushes them from one thread per process."""

    def __init__(self) -> None:
        self._pending: list[Entry] = []
        self._lock = Lock()
        self._write: Writer | None = None
        self._touch: Toucher | None = None
        self._count: Counter | None = None
        self._thread: Thread | None = None
        self._dropped = 0
        self._noted: dict[str, int] = {}

    def start(self, write: Writer, touch: Toucher, count: Counter) -> None:
        """Begin flushing with `write(environment, rows)`.

        `touch` notes when each credential was last used, `count(environment, sums)` adds to the day's numbers.
        """
        self._write, self._touch, self._count = write, touch, count
        if self._thread is None:
            self._thread = Thread(target=self._run, name="request-log", daemon=True)
            self._thread.start()
            # The web server's workers run no atexit hooks; multiprocessing finalizers they do run.
            Finalize(None, self.flush, exitpriority=100)

    def add(self, entry: Entry) -> None:
        """Collect one entry. When the writer cannot keep up, new entries are dropped and counted, never blocking."""
        if len(self._pending) < MAX_PENDING:
            self._pending.append(entry)
        else:
            self._dropped += 1

    def flush(self) -> None:
        """Write everything collected so far."""
        with self._lock:
            batch, self._pending = self._pending, []
            if not batch or self._write is None:
                return
            by_environment: dict[Environment, list[Entry]] = {}
            for entry in batch:
                by_environment.setdefault(entry.scope.environment, []).append(entry)
            for environment, entries in by_environment.items():
                rows = [_row(entry) for entry in entries]
                _attempt(partial(self._write, environment, rows), f"{len(rows)} request log entries were lost")
                if self._count is not None:
                    _attempt(partial(self._count, environment, sums_of(entries)), f"{len(rows)} calls were not counted")
            used = self._newly_used(batch)
            if self._touch is not None and used:
                _attempt(partial(self._touch, used), "when credentials were last used was not noted")
            if self._dropped:
                log.error("%d request log entries were dropped", self._dropped)
                self._dropped = 0

    def _newly_used(self, batch: list[Entry]) -> Used:
        """Credentials whose last use this process has not noted within the last minute."""
        used = {
            entry.kid: (entry.at_us, entry.ip, f"{entry.method} {entry.route}")
            for entry in batch if entry.at_us - self._noted.get(entry.kid, 0) > NOTED_US
        }  # fmt: skip
        if len(self._noted) > MAX_PENDING:
            self._noted.clear()
        self._noted |= {kid: at_us for kid, (at_us, *_) in used.items()}
        return used

    def _run(self) -> None:
        while True:
            time.sleep(FLUSH_S)
            _attempt(self.flush, "request log entries were lost")  # whatever came, the thread must live


def _attempt(write: Callable[[], None], loss: str) -> None:
    try:
        write()
    except Exception:
        log.exception(loss)


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "tenant_id": entry.scope.tenant_id, "id": entry.request_id, "application_id": entry.scope.application_id,
        "credential_id": entry.credential_id, "product": entry.product, "method": entry.method,
        "path": _clean(entry.path.replace("\x00", "\ufffd"))[:500], "query": _clean(entry.query)[:1000], "route": entry.route,
        "status": entry.status, "error_code": entry.error_code, "duration_us": entry.duration_us, "at": entry.at_us,
        "ip": entry.ip[:45],
        "request_headers": _headers([(_spelled(name), value) for name, value in entry.request_headers]),
        "request_body": _body(entry.request_body),
        "response_headers": _headers(entry.response_headers), "response_body": _body(entry.response_body),
        "expires_on": day_of(entry.at_us) + entry.kept_days,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sums:
    """What a batch of calls adds to the day's numbers: complete rows of request_counts and of credential_counts.

    Ordered by key, so that processes that add to the same rows at once do not wait for each other in a circle.
    """

    by_area: list[dict[str, Any]]
    by_credential: list[dict[str, Any]]


def sums_of(entries: Iterable[Entry]) -> Sums:
    """Sums of calls: by tenant, application, day, area and bucket, and by credential and day."""
    areas: dict[tuple[str, str], dict[str, Any]] = {}
    credentials: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in entries:
        tenant_id, application_id = entry.scope.tenant_id, entry.scope.application_id or ""
        day = _date_of(day_of(entry.at_us))
        own = {"tenant_id": tenant_id, "application_id": application_id, "day": day}
        area = own | {"id": f"{application_id}:{day}:{entry.area}:{entry.bucket}", "area": entry.area, "bucket": entry.bucket}
        credential = own | {"id": f"{entry.credential_id}:{day}", "credential_id": entry.credential_id}
        for sums, row in ((areas, area), (credentials, credential)):
            _add(sums.setdefault((tenant_id, row["id"]), row | dict.fromkeys(COUNTED, 0)), entry)
    return Sums([areas[key] for key in sorted(areas)], [credentials[key] for key in sorted(credentials)])


def _add(row: dict[str, Any], entry: Entry) -> None:
    row["calls"] += 1
    row["refused"] += 400 <= entry.status < 500
    row["limited"] += entry.status == 429
    row["failed"] += entry.status >= 500
    row["duration_us"] += entry.duration_us


@lru_cache(maxsize=8)
def _date_of(day: int) -> str:
    """The date of a day counted from 1970 in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(day * DAY_US // 1_000_000))


def _clean(text: str) -> str:
    """A text without credentials: one sent in the wrong place is still one. Looks before it searches, which is cheap."""
    return redact(text) if _may_hold_credential(text) else text


def _may_hold_credential(text: str) -> bool:
    # Spelled out: this runs for every call there is, and a loop over words costs five times as much.
    return "_live_" in text or "_test_" in text or "whsec_" in text


def _may_hold_secret(text: str) -> bool:
    # Ends of the names of what is hidden, as JSON quotes them (a secret may be plural).
    return (
        "secret" in text or 'token"' in text or 'password"' in text or 'headers"' in text or _may_hold_credential(text)
    )


@lru_cache(maxsize=1024)
def _spelled(key: str) -> str:
    """HTTP_USER_AGENT as User-Agent."""
    return key.removeprefix("HTTP_").replace("_", "-").title()


def _headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    shown = dict(headers)
    for name in shown:
        if _is_hidden(name):
            shown[name] = "[redacted]"
    texts = "\n".join(shown.values())
    if len(texts) <= MAX_HEADER and not _may_hold_credential(texts):
        return shown
    return {name: _clean(value)[:MAX_HEADER] for name, value in shown.items()}


@lru_cache(maxsize=1024)
def _is_hidden(name: str) -> bool:
    return name.lower() in HIDDEN_HEADERS


def _body(raw: bytes) -> str:
    """A body as stored: text, secrets hidden, at most MAX_BODY characters."""
    text = raw[: MAX_BODY + 4].decode("utf-8", "replace").replace("\x00", "\ufffd")
    if _may_hold_secret(text):
        text = redact(_without_secrets(raw))
    return text if len(text) <= MAX_BODY else text[:MAX_BODY] + "… (truncated)"


def _without_secrets(raw: bytes) -> str:
    try:
        return orjson.dumps(_hide(orjson.loads(raw))).decode()
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError):
        # Not JSON, or deeper than any of ours: the values are found by their names instead.
        text = raw.decode("utf-8", "replace").replace("\x00", "\ufffd")
        return _NAMED.sub(r'\1"[redacted]"', _VALUES.sub(r'\1"[redacted]"', text))


def _hide(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "[redacted]" if key in HIDDEN_FIELDS else _part(key, item) for key, item in value.items()}
    return [_hide(item) for item in value] if isinstance(value, list) else value


def _part(key: str, value: Any) -> Any:
    if key != VALUES_HIDDEN or value is None:
        return _hide(value)
    return dict.fromkeys(value, "[redacted]") if isinstance(value, dict) else "[redacted]"


request_log = RequestLogger()


def sent_headers(environ: dict[str, Any]) -> list[tuple[str, str]]:
    """The request's headers in their WSGI spelling.

    The server copies its own environment variables into the WSGI environ, and HTTP_PROXY among them may hold a password.
    """
    sent = [(key, value) for key, value in environ.items() if key[:5] == "HTTP_" and key != "HTTP_PROXY"]
    return [*sent, ("CONTENT_TYPE", environ.get("CONTENT_TYPE", ""))]
