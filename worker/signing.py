"""The headers of a delivery, signature included. Source: Standard Webhooks, "Signature scheme" (v1, HMAC-SHA-256)."""

import hashlib
import hmac
from base64 import b64decode
from base64 import b64encode

USER_AGENT = "Tableport-Webhooks/1"


def signature(secret: str, event_id: str, timestamp_s: int, body: bytes) -> str:
    """`v1,<base64>` over `id.timestamp.body`, keyed with the bytes behind `whsec_`."""
    key = b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp_s}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(
    secrets: tuple[str, ...], *, event_id: str, event_type: str, attempt: int, timestamp_s: int, body: bytes
) -> dict[str, str]:
    """All headers of one attempt. One signature for each secret: two while an old one is still valid."""
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signature(secret, event_id, timestamp_s, body) for secret in secrets),
        "x-tableport-event": event_type,
        "x-tableport-attempt": str(attempt),
    }
