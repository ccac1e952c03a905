"""Makes one real API call on behalf of a page, through the same front door partners use.

The call runs in an empty context of its own: it sees neither the page's login nor its transactions.
"""

import time
from contextvars import Context
from dataclasses import dataclass
from typing import Any

from werkzeug.test import Client

SHOWN_HEADERS = (
    "x-request-id", "x-environment", "tableport-version", "x-ratelimit-limit", "x-ratelimit-remaining", "location", "etag",
)  # fmt: skip
BODY_CHARS = 60_000


@dataclass(frozen=True)
class Call:
    """A call the console offers."""

    name: str
    label: str
    method: str
    path: str
    body: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    call: Call
    status: int
    headers: dict[str, str]
    body: str
    took_us: int


def perform(application: Any, call: Call, *, key: str, ip: str) -> Answer:
    """Send the call with the key to a WSGI application and read the answer. Must not run inside a transaction of ours."""
    return Context().run(_perform, application, call, key, ip)


def _perform(application: Any, call: Call, key: str, ip: str) -> Answer:
    headers = {"Authorization": f"Bearer {key}", "User-Agent": "Tableport console"}
    if call.body:
        headers["Content-Type"] = "application/json"
    client = Client(application, use_cookies=False)
    started = time.perf_counter_ns()
    response = client.open(
        call.path, method=call.method, headers=headers, data=call.body or None, environ_overrides={"REMOTE_ADDR": ip}
    )
    took_us = (time.perf_counter_ns() - started) // 1000
    shown = {name: response.headers[name] for name in SHOWN_HEADERS if name in response.headers}
    return Answer(call, response.status_code, shown, response.get_data(as_text=True)[:BODY_CHARS], took_us)
