"""The headers of a delivery, signature included.

Source: Standard Webhooks, "Signature scheme": v1 is HMAC-SHA256 with a shared secret, v1a ed25519 with a private key. Both sign
`id.timestamp.body`.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable

from kit.crypto import PRIVATE_KEY
from kit.crypto import hmac_key
from kit.crypto import private_key

USER_AGENT = "Tableport-Webhooks/1"
Signer = Callable[[str, str, int, bytes], str]


def signature(secret: str, event_id: str, timestamp_s: int, body: bytes) -> str:
    """`v1a,<base64>` when the secret is a private key (`whsk_`), else `v1,<base64>`. Raises ValueError for half a key."""
    if not secret.startswith(PRIVATE_KEY):
        return hmac_signature(secret, event_id, timestamp_s, body)
    return "v1a," + b64encode(private_key(secret).sign(_signed(event_id, timestamp_s, body))).decode()


def hmac_signature(secret: str, event_id: str, timestamp_s: int, body: bytes) -> str:
    """`v1,<base64>`, keyed with the bytes behind `whsec_` or, of any other secret, with its text."""
    mac = hmac.new(hmac_key(secret), _signed(event_id, timestamp_s, body), hashlib.sha256)
    return "v1," + b64encode(mac.digest()).decode()


def standard_headers(
    event_id: str, timestamp_s: int, signer: Signer, secrets: tuple[str, ...], body: bytes
) -> dict[str, str]:
    """The headers every dialect has. One signature for each secret, of its own kind: two while an old one is still valid."""
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signer(secret, event_id, timestamp_s, body) for secret in secrets),
    }


def headers(
    secrets: tuple[str, ...], *, event_id: str, event_type: str, attempt: int, timestamp_s: int, body: bytes
) -> dict[str, str]:
    """All headers of one attempt in the platform's own dialect."""
    return standard_headers(event_id, timestamp_s, signature, secrets, body) | {
        "x-tableport-event": event_type, "x-tableport-attempt": str(attempt),
    }  # fmt: skip


def _signed(event_id: str, timestamp_s: int, body: bytes) -> bytes:
    return f"{event_id}.{timestamp_s}.".encode() + body
