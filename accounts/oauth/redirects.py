"""Redirect URIs: which may be registered, and whether one a request names is one of those.

Compared character by character, never parsed and put together again: what a parser understands and what a browser does with
the same text are two things. Only the port of a loopback address is free (RFC 8252, section 7.3).
"""

import re
from collections.abc import Iterable

from kit.errors import FieldError
from kit.errors import Invalid

LONGEST = 500
MOST = 10
RULE = (
    "an https:// address, or http:// on 127.0.0.1 or [::1] for programs on a person's own machine; without user name,"
    " fragment or wildcard"
)
_CHAR = r"(?:[A-Za-z0-9\-._~!$&'()+,;=:@/]|%[0-9A-Fa-f]{2})"
_REST = rf"(?:/{_CHAR}*)?(?:\?{_CHAR}*)?"
_HTTPS = re.compile(rf"https://[A-Za-z0-9](?:[A-Za-z0-9\-.]*[A-Za-z0-9])?(?::[0-9]{{1,5}})?{_REST}")
_LOOPBACK = re.compile(rf"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{{1,5}})?({_REST})")


def checked_uris(uris: Iterable[str]) -> list[str]:
    """The URIs as they may be registered, each once, in the order given. Raises Invalid (422) naming the first bad one."""
    found = list(dict.fromkeys(uri.strip() for uri in uris))
    for uri in found:
        if len(uri) > LONGEST or not (_HTTPS.fullmatch(uri) or _LOOPBACK.fullmatch(uri)):
            message = f"{uri[:100]!r} is not {RULE}."
            raise Invalid(message, errors=[FieldError("redirect_uris", "invalid_value", message)])
    if len(found) > MOST:
        message = f"at most {MOST} redirect addresses"
        raise Invalid(f"A client takes {message}.", errors=[FieldError("redirect_uris", "invalid_value", message)])
    return found


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Whether a request's redirect URI is one of the registered ones; on a loopback address any port is."""
    return any(uri == known or _is_same_loopback(uri, known) for known in registered)


def _is_same_loopback(uri: str, known: str) -> bool:
    sent, kept = _LOOPBACK.fullmatch(uri), _LOOPBACK.fullmatch(known)
    return sent is not None and kept is not None and sent.groups() == kept.groups()
