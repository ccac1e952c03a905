"""POS: POST {event, data, timestamp}, signed as hexadecimal HMAC-SHA256 of the body alone.

The key is the text of the secret as its owner gave it. The three headers of Standard Webhooks come beside it, because a
signature of the body alone does not protect against replays.
"""

import hashlib
import hmac
from typing import Any

import orjson

from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.dialects import POS
from accounts.webhooks.dialects import name_in
from api.dialects import printer_of
from kit.documents import Document
from worker import signing
from worker.claims import Claimed
from worker.dialects.request import Request
from worker.dialects.request import told

EVENT, SIGNATURE = "X-TableSpot-Event", "X-TableSpot-Signature"


def request(claimed: Claimed, secrets: tuple[str, ...], timestamp_s: int) -> Request:
    """The event under its name here. The newest secret makes the signature; the headers beside it know both."""
    event = claimed.event
    name = name_in(POS, event, claimed.target.dialect_options)
    if name is None:
        raise ValueError(f"not told here: {event['type']}")
    kind, document = _subject(event)
    data = printer_of(POS, kind)(told(claimed, kind, document))
    body = orjson.dumps({"event": name, "data": data, "timestamp": event["created_at"] // 1_000})
    headers = signing.standard_headers(event["id"], timestamp_s, signing.hmac_signature, secrets, body) | {
        EVENT: name, SIGNATURE: hmac.new(secrets[0].encode(), body, hashlib.sha256).hexdigest(),
    }  # fmt: skip
    return Request("POST", claimed.target.url, headers, body)


def _subject(event: Document) -> tuple[str, Document]:
    """What `data` is: of a payment the order it paid, which the event carries."""
    document: dict[str, Any] = event["body"]["object"]
    kind = EVENT_TYPES[event["type"]].object
    return ("order", document["order"]) if kind == "payment" else (kind, document)
