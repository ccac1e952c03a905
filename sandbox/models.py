"""The webhook inbox: a place to receive webhooks without a server (data planes; used in the sandbox)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.documents import JsonColumn
from kit.scope import TenantOwned


class Inbox(TenantOwned):
    """A receiving address; id is the token in https://inbox.sandbox.invalid/<token>."""

    __tablename__ = "inboxes"
    _prefix = "inb"

    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class InboxMessage(TenantOwned):
    """One received webhook."""

    __tablename__ = "inbox_messages"
    _prefix = "msg"

    inbox_id: Mapped[str] = mapped_column(String(64))
    headers: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    body: Mapped[str] = mapped_column(Text)
    is_signature_valid: Mapped[bool]
    received_at: Mapped[datetime] = mapped_column(Instant, default=now)

    __table_args__ = (
        Index("ix_inbox_messages_inbox", "tenant_id", "inbox_id", "received_at"),
        ForeignKeyConstraint(["tenant_id", "inbox_id"], ["inboxes.tenant_id", "inboxes.id"]),
    )
