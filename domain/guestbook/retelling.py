"""What past events go on telling once a guest is erased: that something happened, when, and for how much."""

from collections.abc import Collection
from typing import Any

import orjson

from domain.guestbook import erasing_queries
from domain.guestbook.erasing_queries import ERASED
from kit.documents import Document
from kit.scope import Scope

STEP = 500
CONSENT = "customer.consent.updated"
WHOLE_GUEST = ("customer.created", "customer.updated", "customer.deleted")
# A `reason` is a word of ours, but beside these keys it is free text: of a cancelled booking, of an amended line.
EXPLAINED = ("reason_type", "guest_name")
# Keys of event bodies that may hold words by or about a guest, wherever they stand, and what is put in their place.
SILENCED: dict[str, Any] = {
    **dict.fromkeys((
        "notes", "allergy_notes", "reason_detail", "guest_name", "payer_label", "contact_name", "contact_phone",
        "contact_email", "special_request", "memo", "author_name", "comment", "address", "note", "customer_external_id",
    )),
    "contact": {"name": None, "phone": None, "email": None}, "metadata": {}, "text": ERASED, "tag": ERASED,
}  # fmt: skip


def retell(scope: Scope, *, erased: dict[str, Document], touched: list[str], beside: list[str]) -> None:
    """Overwrite what events told about erased guests.

    erased: what is left of each guest, by id. touched: ids of what was theirs. beside: ids of what is not theirs and has
    events that may mention it. Events are found by the object they are about; of one that mentions neither a guest nor
    anything of theirs nothing changes.
    """
    named, after_id = {*erased, *touched}, ""
    object_ids = orjson.dumps(sorted({*named, *beside})).decode()
    while found := erasing_queries.told.documents(scope, object_ids=object_ids, after_id=after_id, rows=STEP):
        for event in found:
            body = _retold(event, erased, named)
            if body != event["body"]:
                erasing_queries.retell.rows(scope, event_id=event["id"], body=orjson.dumps(body).decode())
        after_id = found[-1]["id"]


def _retold(event: Document, erased: dict[str, Document], named: Collection[str]) -> Document:
    body: Document = event["body"]
    left = erased.get(event["object_id"])
    if left is not None and event["type"] in WHOLE_GUEST:
        return {"object": left, "previous": None}
    if not _mentions(body, named):
        return body
    if event["type"] == CONSENT:
        body = {**body, "object": {**body["object"], "source": None}}
    return {part: _silenced(value, erased) for part, value in body.items()}


def _mentions(value: Any, named: Collection[str]) -> bool:
    if isinstance(value, dict):
        return any(_mentions(item, named) for item in value.values())
    if isinstance(value, list):
        return any(_mentions(item, named) for item in value)
    return isinstance(value, str) and value in named


def _silenced(value: Any, erased: dict[str, Document]) -> Any:
    if isinstance(value, list):
        return [_silenced(item, erased) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("id") in erased and "phones" in value:
        return erased[value["id"]]
    if "customer_ids" in value and "code" in value:
        value = {**value, "code": value["id"]}  # a card's number, often a phone number
    if any(key in value for key in EXPLAINED):
        value = {**value, "reason": None}
    return {
        key: SILENCED[key] if key in SILENCED and item is not None else _silenced(item, erased)
        for key, item in value.items()
    }
