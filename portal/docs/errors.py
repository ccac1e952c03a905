"""The error page's entries: every code the platform can answer with, and an example made by the API's own edge."""

import json
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from api.errors import problem_response
from kit.errors import PlatformError
from kit.errors import RateLimited
from kit.errors import registry
from portal.docs.error_text import ErrorText
from portal.docs.error_texts import TEXTS

REQUEST_ID = "req_01K0A1B2C3D4E5F6G7H8J9K0MN"
SHOWN_HEADERS = ("Content-Type", "Retry-After", "WWW-Authenticate", "Allow")


@dataclass(frozen=True)
class Entry:
    """One code. example: status line, headers and body of an answer."""

    code: str
    title: str
    status: int
    text: ErrorText
    example: str


@cache
def entries() -> dict[int, list[Entry]]:
    """Entries by status, lowest first, codes in alphabetical order."""
    classes = sorted((error for error in registry() if "code" in vars(error)), key=lambda error: error.code)
    found = [_entry(error) for error in classes]
    return {status: [entry for entry in found if entry.status == status] for status in sorted({e.status for e in found})}


def _entry(error: type[PlatformError]) -> Entry:
    text = TEXTS[error.code]
    answer = problem_response(_raised(error, text), REQUEST_ID)
    lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}"]
    lines += [f"{name}: {answer.headers[name]}" for name in SHOWN_HEADERS if name in answer.headers]
    body = json.dumps(json.loads(answer.get_data()), indent=2, ensure_ascii=False)
    return Entry(error.code, error.title, error.status, text, "\n".join(lines) + "\n\n" + body)


def _raised(error: type[PlatformError], text: ErrorText) -> PlatformError:
    """An instance as a service raises it, past a constructor of the class's own that asks for what only the service knows."""
    refusal = error.__new__(error)
    if isinstance(refusal, RateLimited):
        RateLimited.__init__(refusal, text.detail, errors=list(text.fields), **text.data)
    else:
        PlatformError.__init__(refusal, text.detail, errors=list(text.fields), **text.data)
    return refusal
