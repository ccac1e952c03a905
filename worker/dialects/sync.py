"""Sync: thin events. They say what changed and never how; the receiver reads the object itself."""

import orjson

from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.dialects import SYNC
from accounts.webhooks.dialects import name_in
from api.dialects import name_of
from api.dialects import place_in
from kit.clock import iso
from kit.documents import Document
from worker import signing
from worker.claims import Claimed
from worker.dialects.request import Request
from worker.dialects.request import told


def request(claimed: Claimed, secrets: tuple[str, ...], timestamp_s: int) -> Request:
    """POST, or PUT where dialect_options["method"] says so, to the endpoint's own address."""
    event, options = claimed.event, claimed.target.dialect_options
    name = name_in(SYNC, event, options)
    if name is None:
        raise ValueError(f"not told here: {event['type']}")
    syncable_type, _, event_type = name.partition(".")
    about = told(claimed, EVENT_TYPES[event["type"]].object, event["body"]["object"])
    place = {} if event["location_id"] is None else {"shop_id": place_in(SYNC, about)}
    body = orjson.dumps({
        "id": event["id"], "event_type": event_type, "syncable_type": syncable_type,
        "syncable_id": name_of(SYNC, _named(about.object)), **place,
        "franchise_id": options.get("names", {}).get(event["tenant_id"], event["tenant_id"]),
        "created_at": iso(event["created_at"]),
    })  # fmt: skip
    headers = signing.standard_headers(event["id"], timestamp_s, signing.signature, secrets, body)
    return Request("PUT" if options.get("method") == "PUT" else "POST", claimed.target.url, headers, body)


def _named(document: Document) -> Document:
    """The object a thin event is about: the journal of an order has the order's name."""
    order: Document | None = document.get("order")
    return order or document
