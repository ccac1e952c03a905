"""Opaque list cursors: what the last row of a page was, sealed so that a caller cannot forge or move it.

A cursor is bound to tenant, environment, list and filters by an HMAC with its own key, and valid for 24 hours.
Lesson of GHSA-r9w3-57w2-gch2: a forged paging token must never reach SQL.
"""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any

from kit.errors import InvalidCursor

VALID_S = 24 * 3600
_MAC_BYTES = 16


class CursorKey:
    """Seals and opens cursors. `key` is derived from the installation's secret for this purpose alone."""

    def __init__(self, secret_key: str) -> None:
        self._key = hashlib.sha256(b"cursor:" + secret_key.encode()).digest()

    def seal(self, position: list[Any], *binding: str) -> str:
        """Encode the sort values of the last row. `binding` are the strings the cursor is only valid with."""
        body = json.dumps([int(time.time()), *position], separators=(",", ":")).encode()
        return urlsafe_b64encode(self._mac(body, binding) + body).decode().rstrip("=")

    def open(self, cursor: str, *binding: str) -> list[Any]:
        """Return the sort values. Raises InvalidCursor for a forged, foreign, expired or garbled cursor."""
        try:
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            body = raw[_MAC_BYTES:]
            genuine = hmac.compare_digest(raw[:_MAC_BYTES], self._mac(body, binding))
            made_at, *position = json.loads(body) if genuine else (0,)
        except (Base64Error, ValueError, UnicodeError) as error:
            raise InvalidCursor("The cursor is garbled; take it from next_cursor unchanged.") from error
        if not genuine:
            raise InvalidCursor("The cursor belongs to another list, filter, credential or installation.")
        if time.time() - made_at > VALID_S:
            raise InvalidCursor("The cursor is older than 24 hours; start the list again.")
        return position

    def _mac(self, body: bytes, binding: tuple[str, ...]) -> bytes:
        message = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in binding) + body
        return hmac.new(self._key, message, hashlib.sha256).digest()[:_MAC_BYTES]
