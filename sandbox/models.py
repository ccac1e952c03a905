"""What a sandbox keeps of its own: webhook inboxes, listeners' messages, faults and streams of orders (data planes)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
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
    method: Mapped[str] = mapped_column(String(10), default="POST")
    path: Mapped[str] = mapped_column(Text, default="/")  # below the inbox's address
    headers: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    body: Mapped[str] = mapped_column(Text)
    webhook_id: Mapped[str | None] = mapped_column(String(80))
    is_signature_valid: Mapped[bool]
    is_replay: Mapped[bool] = mapped_column(default=False)  # the same webhook was received before
    received_at: Mapped[datetime] = mapped_column(Instant, default=now)

    __table_args__ = (
        Index("ix_inbox_messages_inbox", "tenant_id", "inbox_id", "received_at"),
        Index("ix_inbox_messages_webhook", "tenant_id", "inbox_id", "webhook_id"),
        ForeignKeyConstraint(["tenant_id", "inbox_id"], ["inboxes.tenant_id", "inboxes.id"]),
    )


class ListenerMessage(TenantOwned):
    """One webhook that waits for the client of a listener to answer it; the attempt it belongs to takes it away again."""

    __tablename__ = "listener_messages"
    _prefix = "lmg"

    endpoint_id: Mapped[str] = mapped_column(String(64))
    delivery_id: Mapped[str] = mapped_column(String(64))
    attempt: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    body: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)  # {status, reason, headers, body}
    created_at: Mapped[datetime] = mapped_column(Instant)  # real time, like all of this
    expires_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (Index("ix_listener_messages_endpoint", "tenant_id", "endpoint_id", "created_at"),)


class Fault(TenantOwned):
    """A failure to act out for matching calls. All instants are real time: what it disturbs are real requests."""

    __tablename__ = "faults"
    _prefix = "flt"

    product: Mapped[str | None] = mapped_column(String(20))  # None: every product
    method: Mapped[str | None] = mapped_column(String(10))
    path: Mapped[str | None] = mapped_column(String(200))  # `*` stands for anything, `{name}` for one part
    effect: Mapped[dict[str, Any]] = mapped_column(JsonColumn)  # see sandbox.faults
    permille: Mapped[int] = mapped_column(default=1000)  # of the matching calls
    times: Mapped[int | None]  # strikes at most; None: any number
    matched: Mapped[int] = mapped_column(default=0)
    struck: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)

    __table_args__ = (
        CheckConstraint("permille BETWEEN 0 AND 1000", name="permille"),
        CheckConstraint("times IS NULL OR struck <= times", name="struck_at_most"),
    )


class TrafficRun(TenantOwned):
    """A stream of orders that go on being placed for a while, on real time."""

    __tablename__ = "traffic_runs"
    _prefix = "trf"

    per_minute: Mapped[int]
    location_id: Mapped[str | None] = mapped_column(String(64))  # None: every location in turn
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    attempted: Mapped[int] = mapped_column(default=0)
    placed: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    open_order_ids: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # the kitchen still works on them


class WorldBuild(TenantOwned):
    """A world that is written in parts. At most one a tenant; it stays as the record of what the world was dated by."""

    __tablename__ = "world_builds"
    _prefix = "wbd"

    profile: Mapped[str] = mapped_column(String(20))
    seed: Mapped[int]
    application_id: Mapped[str] = mapped_column(String(40), default="")  # whose endpoints, logs and exports it shows
    parts_done: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int]
    dated_at: Mapped[datetime] = mapped_column(Instant)  # the tenant's clock
    created_at: Mapped[datetime] = mapped_column(Instant)  # real time

    __table_args__ = (
        UniqueConstraint("tenant_id"),
        CheckConstraint("parts_done >= 0 AND parts_done <= parts", name="parts_done_within_parts"),
    )
