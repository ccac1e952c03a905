"""Messages to guests, and notices to staff.

A message is written, and what became of it with it: nothing leaves a sandbox, and in production no carrier is connected,
so nothing leaves there either and the message says so. Whoever markets checks the guest's consent before it sends.
"""

from typing import Any

import orjson

from domain.locations.service import get_location
from domain.notifications import queries
from domain.notifications.events import StaffNotificationCreated
from domain.notifications.models import OutgoingMessage
from domain.notifications.models import StaffNotification
from kit.documents import Document
from kit.documents import append
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.newest import newest_documents
from kit.outbox import record
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import tenant_now_us

EMAIL, SMS, PUSH = "email", "sms", "push"
CHANNELS = (EMAIL, SMS, PUSH)
SENT, FAILED, SUPPRESSED = "sent", "failed", "suppressed"
# What the sandbox's own addresses do: (status, reason). Source: contract, magic values.
MAGIC: dict[str, tuple[str, str | None]] = {
    "+15005550001": (FAILED, "invalid_number"),
    "+15005550006": (SENT, None),
    "bounce@sandbox.invalid": (FAILED, "bounce"),
    "complaint@sandbox.invalid": (SENT, "complaint"),
}


def send_message(
    scope: Scope,
    *,
    channel: str,
    to: str | None,
    body: str,
    kind: str,
    subject: str | None = None,
    customer_id: str | None = None,
    campaign_id: str | None = None,
) -> str:
    """Write one message to one recipient and return its id. Consent is the caller's business.

    channel: email, sms, push. to: a normalised address; None is kept as suppressed, reason no_address.
    """
    status, reason = _fate(scope, to)
    message_id = new_id("msg")
    append(scope, OutgoingMessage, [{
        "id": message_id, "channel": channel, "kind": kind, "recipient": to or "", "subject": subject, "body": body,
        "customer_id": customer_id, "campaign_id": campaign_id, "status": status, "reason": reason,
        "created_at": tenant_now_us(scope),
    }])  # fmt: skip
    return message_id


def get_message(scope: Scope, *, message_id: str) -> Document:
    """Read one message document: its columns. Raises NotFound."""
    document = queries.message.document(scope, row_id=message_id)
    if document is None:
        raise NotFound(f"There is no message {message_id}.")
    return document


def list_messages(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    channel: str | None = None,
    customer_id: str | None = None,
    campaign_id: str | None = None,
    kind: str | None = None,
    status: str | None = None,
) -> list[Document]:
    """List up to limit + 1 messages, newest first. `after` is [created_at in us, id] of the last one before."""
    filters = {
        "channel": channel, "customer_id": customer_id, "campaign_id": campaign_id, "kind": kind, "status": status,
    }  # fmt: skip
    return newest_documents(queries.message_list, scope, limit=limit, after=after, filters=filters)


def message_counts(scope: Scope, *, campaign_id: str) -> dict[str, int]:
    """How many messages of a campaign stand in each status."""
    return {status: int(count) for status, count in queries.message_counts.rows(scope, campaign_id=campaign_id)}


def erase_messages(scope: Scope, *, customer_ids: list[str], recipients: list[str]) -> None:
    """Overwrite recipient and text of everything that was sent to guests who are erased.

    recipients: their addresses and numbers; what was sent there in nobody's name is overwritten too.
    """
    queries.erase_messages.rows(
        scope, customer_ids=orjson.dumps(customer_ids).decode(), recipients=orjson.dumps(recipients).decode()
    )


def create_notice(scope: Scope, *, title: str, body: str, kind: str, location_id: str | None = None) -> Document:
    """Write a notice to the staff of a location (None: of all) and record staff.notification.created.

    Raises Invalid (422) for an unknown location.
    """
    if location_id is not None:
        try:
            get_location(scope, location_id=location_id)
        except NotFound as missing:
            at = [FieldError("location_id", "resource_not_found", missing.detail)]
            raise Invalid(missing.detail, errors=at) from missing
    document = notify_staff(scope, title=title, body=body, kind=kind, location_id=location_id)
    record(scope, StaffNotificationCreated(object=document, location_id=location_id))
    return document


def notify_staff(scope: Scope, *, title: str, body: str, kind: str, location_id: str | None = None) -> Document:
    """Write a notice that follows from something else, such as a new order. No event: that one has its own."""
    notice_id, now_us = new_id("ntf"), tenant_now_us(scope)
    append(scope, StaffNotification, [{
        "id": notice_id, "location_id": location_id, "kind": kind, "title": title[:255], "body": body[:2000],
        "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    return get_notice(scope, notice_id=notice_id)


def get_notice(scope: Scope, *, notice_id: str) -> Document:
    """Read one notice document: its columns. Raises NotFound."""
    document = queries.notice.document(scope, row_id=notice_id)
    if document is None:
        raise NotFound(f"There is no notification {notice_id}.")
    return document


def list_notices(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    location_id: str | None = None,
    kind: str | None = None,
    is_read: bool | None = None,
    ref: str | None = None,
) -> list[Document]:
    """List up to limit + 1 notices, newest first. A location's are those to it and those to all locations.

    ref: the key of a name, see domain.references.
    """
    filters = {"location_id": location_id, "kind": kind, "is_read": is_read, "ref": ref}
    return newest_documents(queries.notice_list, scope, limit=limit, after=after, filters=filters)


def mark_notice(scope: Scope, *, notice_id: str, is_read: bool, expected_version: int | None = None) -> Document:
    """Say that a notice was read, or not; what it is already is no change. Raises NotFound, Conflict (409)."""
    before = get_notice(scope, notice_id=notice_id)
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The notification is at version {before['version']} now.", current_version=before["version"])
    now_us = tenant_now_us(scope)
    queries.mark_notice.rows(
        scope, row_id=notice_id, is_read=is_read, read_at=now_us if is_read else None, changed_at=now_us
    )
    return get_notice(scope, notice_id=notice_id)


def _fate(scope: Scope, to: str | None) -> tuple[str, str | None]:
    if not to:
        return SUPPRESSED, "no_address"
    if scope.environment == Environment.PRODUCTION:
        return FAILED, "no_carrier"
    return MAGIC.get(to, (SENT, None))
