"""Handing one webhook to the receiver on this machine, exactly as it was signed."""

import socket
import ssl
import time
import unicodedata
from dataclasses import dataclass
from dataclasses import field

import httpx

TIMEOUT_S = 9.0  # the platform waits ten
MAX_ANSWER_CHARS = 16_000
MAX_HEADERS = 40
MAX_HEADER_CHARS = 500
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Answer:
    """What the receiver answered. status None: there was no answer, reason says why."""

    status: int | None
    reason: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    duration_ms: int = 0

    @property
    def told(self) -> str:
        """As a person reads it."""
        return str(self.status) if self.status is not None else f"no answer ({self.reason})"


class Receiver:
    """The URL webhooks are forwarded to."""

    def __init__(self, url: str, *, verifies_tls: bool = True) -> None:
        self.url = url
        # No proxy of the environment and no redirects: a webhook goes where it was told to go.
        self._http = httpx.Client(timeout=TIMEOUT_S, verify=verifies_tls, trust_env=False, follow_redirects=False)

    def take(self, headers: dict[str, str], body: str) -> Answer:
        """POST a webhook and return the answer, whatever happens."""
        started = time.monotonic()
        try:
            response = self._http.post(self.url, headers=headers, content=body.encode())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(None, _reason(error), duration_ms=_since(started))
        if not 200 <= response.status_code <= 599:
            return Answer(None, "protocol", duration_ms=_since(started))
        return Answer(
            response.status_code, None, _shown(response.headers), _clean(response.content.decode("utf-8", "replace")),
            _since(started),
        )  # fmt: skip


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _reason(error: Exception) -> str:
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ssl.SSLError):
            return "tls"
        if isinstance(link, socket.gaierror):
            return "dns"
        link = link.__cause__ or link.__context__
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    return "connection" if isinstance(error, httpx.NetworkError) else "protocol"


def _shown(headers: httpx.Headers) -> dict[str, str]:
    pairs = list(headers.items())[:MAX_HEADERS]
    return {name[:MAX_HEADER_CHARS]: _clean(value)[:MAX_HEADER_CHARS] for name, value in pairs}


def _clean(text: str) -> str:
    """Text the platform keeps: without control characters, and not too long."""
    text = text.replace("\r\n", "\n")[:MAX_ANSWER_CHARS]
    return "".join(REPLACEMENT if unicodedata.category(char) == "Cc" and char not in "\n\t" else char for char in text)
