"""Verify a Tableport webhook with nothing but Python's standard library, 3.10 or newer."""

import base64
import hmac
import json
import re
import time
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

TOLERANCE_S = 300


class WebhookRefused(Exception):
    """Not from us, changed on its way, or not fresh. Its text says which; answer 400."""


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: float | None = None) -> dict[str, Any]:
    """Return the event of a genuine request, or raise WebhookRefused.

    body: the bytes as they arrived, before any JSON is parsed. secrets: the endpoint's; two while you rotate them.
    """
    values = {name.lower(): value for name, value in headers.items()}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        if not values.get(name):
            raise WebhookRefused(f"missing header {name}")
    timestamp = values["webhook-timestamp"]
    if not re.fullmatch("[0-9]{1,12}", timestamp):
        raise WebhookRefused("malformed timestamp")
    age_s = (time.time() if now is None else now) - int(timestamp)
    if abs(age_s) > TOLERANCE_S:
        raise WebhookRefused("too old" if age_s > 0 else "too new")

    signed = f"{values['webhook-id']}.{timestamp}.".encode("utf-8", "surrogatepass") + body
    expected = [b"v1," + base64.b64encode(hmac.digest(_key(secret), signed, "sha256")) for secret in secrets]
    # One signature for each secret that is valid at the moment. What is no v1 signature matches none.
    given = values["webhook-signature"].encode("utf-8", "surrogatepass").split(b" ")
    if not any(hmac.compare_digest(one, other) for one in expected for other in given):
        raise WebhookRefused("no matching signature")
    try:
        event = json.loads(body.decode())
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise WebhookRefused("malformed body")
    return event


def _key(secret: str | None) -> bytes:
    text = secret or ""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not key or not text.startswith("whsec_"):  # an empty key would let anybody sign
        raise WebhookRefused("unusable secret")
    return key
