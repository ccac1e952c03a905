"""Webhook inboxes: receiving webhooks without a server.

An inbox's address is https://inbox.sandbox.invalid/<token>; the delivery worker hands such webhooks over in process. Keeps
the newest messages only and says of each whether its signature is right.
"""

import hashlib
import hmac
import secrets as random
import time
from base64 import b64decode
from base64 import b64encode
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature

from kit.clock import now_us
from kit.crypto import PRIVATE_KEY
from kit.crypto import hmac_key
from kit.crypto import private_key
from kit.documents import Document
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from sandbox import queries
from sandbox.models import InboxMessage

HOST = "https://inbox.sandbox.invalid/"
KEPT_MESSAGES = 500
MAX_ID = 80
TOLERANCE_S = 300
POS_SIGNATURE = "x-tablespot-signature"


def open_inbox(scope: Scope, *, token: str | None = None) -> str:
    """Open an inbox and return its address; a given token may exist already."""
    token = token or random.token_urlsafe(24)
    queries.create_inbox.rows(scope, inbox_id=token, created_at=now_us())
    return HOST + token


def token_of(url: str) -> str | None:
    """The token of an inbox address or of one below it, or None for another URL."""
    return urlsplit(url).path.split("/")[1] or None if url.startswith(HOST) else None


def path_of(url: str) -> str:
    """What of an address lies below an inbox's, with its query; `/` for the inbox itself."""
    parts = urlsplit(url)
    return "/" + parts.path[1:].partition("/")[2] + ("?" + parts.query if parts.query else "")


def world_token(tenant_id: str) -> str:
    """Token of the inbox a tenant's world brings along: always the same, so that building it twice makes one."""
    return hashlib.sha256(b"world inbox:" + tenant_id.encode()).hexdigest()[:32]


def list_inboxes(scope: Scope) -> list[str]:
    """Addresses of the tenant's inboxes, oldest first."""
    return [HOST + row[0] for row in queries.inbox_list.rows(scope)]


def messages(scope: Scope, *, token: str, limit: int = 50, after: list[Any] | None = None) -> list[Document]:
    """List up to limit + 1 received webhooks, newest first; `after` is [received_at, id] of the last one before.

    Each: id, inbox_id, webhook_id, method, path, headers, body (text), is_signature_valid, is_replay, received_at (microseconds,
    real time). Raises NotFound.
    """
    _ensure_open(scope, token)
    received, last_id = after or (None, None)
    return queries.message_list.documents(
        scope, after is not None, inbox_id=token, after_received=received, after_id=last_id, rows=limit + 1
    )


def clear(scope: Scope, *, token: str) -> None:
    """Throw the messages of an inbox away; the address stays. Raises NotFound."""
    _ensure_open(scope, token)
    queries.clear_inbox.rows(scope, inbox_id=token)


def receive(
    scope: Scope, *, token: str, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], method: str = "POST",
    path: str = "/",
) -> bool:  # fmt: skip
    """Keep a webhook and return whether its signature is right for one of the endpoint's secrets. Raises NotFound.

    One whose webhook-id is known already is kept as a replay.
    """
    _ensure_open(scope, token)
    lowered = {name.lower(): value for name, value in headers.items()}
    is_valid = is_signed(lowered, body, secrets)
    webhook_id = lowered.get("webhook-id", "")[:MAX_ID] or None
    is_replay = webhook_id is not None and queries.known_message.row(scope, inbox_id=token, webhook_id=webhook_id) is not None
    append(scope, InboxMessage, [{
        "id": new_id("msg"), "inbox_id": token, "webhook_id": webhook_id, "is_replay": is_replay, "method": method, "path": path,
        "headers": dict(headers), "body": body.decode("utf-8", "replace"),
        "is_signature_valid": is_valid, "received_at": now_us(),
    }])  # fmt: skip
    queries.trim_inbox.rows(scope, inbox_id=token, kept=KEPT_MESSAGES)
    return is_valid


def is_signed(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> bool:
    """Check the signatures as a receiver would: Standard Webhooks, and the POS form where there is one.

    headers: lower-case names. secrets: shared ones, or private keys, of which only the public half is looked at.
    """
    if (given := headers.get(POS_SIGNATURE)) is not None:
        wanted = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets]
        if not any(hmac.compare_digest(given.encode(), one.encode()) for one in wanted):
            return False
    sent_at = headers.get("webhook-timestamp", "")
    if not (sent_at.isascii() and sent_at.isdigit()) or abs(time.time() - int(sent_at)) > TOLERANCE_S:
        return False
    signed = f"{headers.get('webhook-id', '')}.{sent_at}.".encode() + body
    parts = [part.partition(",") for part in headers.get("webhook-signature", "").split()]
    return any(_fits(kind, text, secret, signed) for kind, _, text in parts for secret in secrets)


def _fits(kind: str, text: str, secret: str, signed: bytes) -> bool:
    if kind == "v1":
        wanted = b64encode(hmac.new(hmac_key(secret), signed, hashlib.sha256).digest())
        return hmac.compare_digest(text.encode(), wanted)
    if kind != "v1a" or not secret.startswith(PRIVATE_KEY):
        return False
    try:
        private_key(secret).public_key().verify(b64decode(text, validate=True), signed)
    except (ValueError, InvalidSignature):
        return False
    return True


def _ensure_open(scope: Scope, token: str) -> None:
    if queries.inbox.row(scope, inbox_id=token) is None:
        raise NotFound("There is no such inbox.")
