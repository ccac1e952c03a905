"""Webhook inboxes: receiving webhooks without a server. And the outbox: messages that would have left."""

from api.operations import Call
from api.operations import Reply
from api.sandbox.door import control
from api.sandbox.schemas import InboxOut
from api.sandbox.schemas import InboxPageOut
from api.sandbox.schemas import OutboxQuery
from api.sandbox.schemas import OutgoingMessageOut
from domain.guests.masking import masked_email
from domain.guests.masking import masked_phone
from domain.notifications.service import list_messages
from kit.clock import iso
from kit.documents import Document
from sandbox import inbox


@control("POST", "/inbox", printed=InboxOut, status=201)
def open_inbox(call: Call) -> Reply:
    """Open an inbox: a webhook URL that needs no server. Point an endpoint at it and read what arrives."""
    url = inbox.open_inbox(call.scope)
    return Reply(payload={"url": url, "token": url.rsplit("/", 1)[1]})


@control("GET", "/inbox/<token>", printed=InboxPageOut)
def read_inbox(call: Call, token: str) -> Reply:
    """Read the webhooks an inbox received, newest first, with the verdict on each signature."""
    messages = inbox.messages(call.scope, token=token)
    data = [{**message, "received_at": iso(message["received_at"])} for message in messages]
    return Reply(payload={"data": data, "has_more": False, "next_cursor": None})


@control("DELETE", "/inbox/<token>", status=204)
def clear_inbox(call: Call, token: str) -> Reply:
    """Empty an inbox."""
    inbox.clear(call.scope, token=token)
    return Reply(status=204)


@control("GET", "/outbox", query=OutboxQuery, returns=OutgoingMessageOut, is_list=True)
def list_outbox(call: Call) -> Reply:
    """List the e-mails, text messages and pushes that would have left, newest first. In a sandbox nothing does.

    Without the scope customers:pii recipients are masked.
    """
    rows = list_messages(call.scope, limit=call.query["limit"], after=call.after(), channel=call.query.get("channel"))
    return call.page([_readable(call, row) for row in rows], lambda row: [row["created_at"], row["id"]])


def _readable(call: Call, message: Document) -> Document:
    """A message as the reader may see it."""
    if "customers:pii" in call.principal.scopes:
        return message
    mask = masked_email if message["channel"] == "email" else masked_phone
    return {**message, "recipient": mask(message["recipient"]) if message["recipient"] else ""}
