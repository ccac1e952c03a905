"""Webhook endpoints (control plane) and, on each data plane, the subscriptions, deliveries and attempts they cause."""

from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.documents import JsonColumn
from kit.planes import ControlModel
from kit.scope import TenantOwned

DISABLED_AFTER = timedelta(days=5)  # without a success, and then only with 20 deliveries given up meanwhile
LISTENER = "listener"  # what has made an endpoint whose deliveries the command-line client fetches
UNCOUNTED = ("world", LISTENER)  # made_by of endpoints no plan counts, and of whose faults nobody is told


class WebhookEndpoint(ControlModel):
    """Where an application wants its events in one environment. Its secret is sealed, see kit.crypto.SecretBox."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # we_…
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    environment: Mapped[str] = mapped_column(String(10))
    url: Mapped[str] = mapped_column(String(1000))
    description: Mapped[str] = mapped_column(String(255), default="")
    event_types: Mapped[list[str]] = mapped_column(JsonColumn)  # as asked: types, families such as order.*, or ["*"]
    api_version: Mapped[str] = mapped_column(String(10))
    exclude_own: Mapped[bool] = mapped_column(default=False)
    location_ids: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # none: every location
    filters: Mapped[list[dict[str, Any]]] = mapped_column(JsonColumn, default=list)  # [{field, operator, value}], all must hold
    header_names: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    sealed_headers: Mapped[str | None] = mapped_column(Text)  # {name: value} that the owner adds to each request
    dialect: Mapped[str] = mapped_column(String(10), default="core")  # core | pos | channel | sync: how its requests look
    dialect_options: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    signature: Mapped[str] = mapped_column(String(4), default="v1")  # v1: HMAC; v1a: ed25519, sealed_secret is a private key
    public_key: Mapped[str | None] = mapped_column(String(64))  # whpk_…, of v1a only
    max_in_flight: Mapped[int] = mapped_column(default=32)  # requests at a time
    max_per_second: Mapped[int | None]
    scopes: Mapped[list[str]] = mapped_column(
        JsonColumn, default=list
    )  # of the credential that made it: what it may see
    state: Mapped[str] = mapped_column(String(10), default="enabled")
    disabled_reason: Mapped[str | None] = mapped_column(String(80))
    warned_percent: Mapped[int] = mapped_column(default=0)  # how near to being disabled, as its owner was last told
    failing_since: Mapped[datetime | None] = mapped_column(Instant)  # of that warning, like the reason
    failing_reason: Mapped[str | None] = mapped_column(String(80))
    warnings: Mapped[int] = mapped_column(default=0)  # there ever were: numbers them, so that each plane tells each once
    sealed_secret: Mapped[str] = mapped_column(Text)
    sealed_previous_secret: Mapped[str | None] = mapped_column(Text)
    previous_secret_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(
        String(10), default="portal"
    )  # portal | api | world | listener: a sandbox reset keeps portal's and listeners
    needs_sync: Mapped[bool] = mapped_column(default=True)  # subscriptions on the plane are not up to date yet
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    updated_at: Mapped[datetime] = mapped_column(Instant, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_webhook_endpoints_app", "application_id", "environment"),
        CheckConstraint("state IN ('enabled', 'disabled')", name="state"),
    )

    @property
    def disabled_at_earliest(self) -> datetime | None:
        """When it would be disabled if it went on failing as it was last warned of."""
        return self.failing_since + DISABLED_AFTER if self.failing_since is not None else None


class Subscription(TenantOwned):
    """An endpoint's copy on a tenant's plane; id is the endpoint's. Matching an event needs nothing else."""

    __tablename__ = "subscriptions"

    application_id: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(String(1000))
    event_types: Mapped[list[str]] = mapped_column(JsonColumn)
    api_version: Mapped[str] = mapped_column(String(10))
    exclude_own: Mapped[bool] = mapped_column(default=False)
    location_ids: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    filters: Mapped[list[dict[str, Any]]] = mapped_column(JsonColumn, default=list)
    header_names: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    sealed_headers: Mapped[str | None] = mapped_column(Text)
    dialect: Mapped[str] = mapped_column(String(10), default="core")
    dialect_options: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    signature: Mapped[str] = mapped_column(String(4), default="v1")
    public_key: Mapped[str | None] = mapped_column(String(64))
    max_in_flight: Mapped[int] = mapped_column(default=32)
    max_per_second: Mapped[int | None]
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    retry_schedule: Mapped[list[int]] = mapped_column(JsonColumn, default=list)  # seconds after each failed attempt
    timeout_s: Mapped[int] = mapped_column(default=10)  # how long one attempt may take
    kept_days: Mapped[int] = mapped_column(default=7)  # how long its attempts are kept
    is_enabled: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str | None] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(default=1)  # of the endpoint this is a copy of: an older copy never overwrites
    warnings: Mapped[int] = mapped_column(default=0)  # number of the last one that was told here
    sealed_secret: Mapped[str] = mapped_column(Text)
    sealed_previous_secret: Mapped[str | None] = mapped_column(Text)
    previous_secret_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    listened_at: Mapped[datetime | None] = mapped_column(Instant)  # real time; when the client of a listener asked last
    created_at: Mapped[datetime] = mapped_column(Instant)


class EndpointHealth(TenantOwned):
    """What a plane has learnt of an endpoint that failed or has a rate; id is the endpoint's. Others have no row.

    Only changes are written: when it is paused, when it answers again, when its owner has to be warned.
    """

    __tablename__ = "endpoint_health"

    failing_since: Mapped[datetime | None] = mapped_column(Instant)  # when it last took something, once deliveries were given up
    failing_reason: Mapped[str | None] = mapped_column(String(80))  # of the last that was
    paused_until: Mapped[datetime | None] = mapped_column(Instant)  # nothing is sent before; then one request at a time
    pause_reason: Mapped[str | None] = mapped_column(String(80))  # of the attempt that paused it
    pauses: Mapped[int] = mapped_column(default=0)  # one after the other; each is longer
    judged_from: Mapped[datetime | None] = mapped_column(Instant)  # when it was switched on again; what was before is forgotten
    recovered_at: Mapped[datetime | None] = mapped_column(Instant)  # what it gets grows from here
    warned_percent: Mapped[int] = mapped_column(default=0)  # how near to being disabled, as far as somebody was to be told
    told_percent: Mapped[int] = mapped_column(default=0)  # … and as far as control knows of it
    next_send_at: Mapped[datetime | None] = mapped_column(Instant)  # when all that was taken has been sent at max_per_second


class Delivery(TenantOwned):
    """One event on its way to one endpoint. The row is the queue: due_at and lease decide who sends it when."""

    __tablename__ = "deliveries"
    _prefix = "dlv"

    event_id: Mapped[str] = mapped_column(String(64))
    event_type: Mapped[str] = mapped_column(String(64))
    endpoint_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="pending")  # pending | succeeded | dead | held
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(Instant)  # real time; empty when finished
    lease_id: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    last_status: Mapped[int | None]
    last_reason: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    replay_id: Mapped[str | None] = mapped_column(String(64))  # the replay that sends it; its own id when it alone is sent again

    __table_args__ = (
        Index("ix_deliveries_leased", "lease_until", sqlite_where=lease_id.is_not(None), postgresql_where=lease_id.is_not(None)),
        Index(
            "ix_deliveries_ready", "tenant_id", "endpoint_id", "due_at", "id",
            sqlite_where=due_at.is_not(None) & replay_id.is_(None), postgresql_where=due_at.is_not(None) & replay_id.is_(None),
        ),
        Index(
            "ix_deliveries_replays", "tenant_id", "endpoint_id", "due_at", "id",
            sqlite_where=due_at.is_not(None) & replay_id.is_not(None),
            postgresql_where=due_at.is_not(None) & replay_id.is_not(None),
        ),
        Index("ix_deliveries_endpoint", "tenant_id", "endpoint_id", "created_at"),
        Index(
            "ix_deliveries_dead", "tenant_id", "endpoint_id", "state", "created_at",  # state: or SQLite prefers the one above
            sqlite_where=state == "dead", postgresql_where=state == "dead",
        ),
        Index(
            "ix_deliveries_of_replay", "tenant_id", "replay_id",
            sqlite_where=replay_id.is_not(None), postgresql_where=replay_id.is_not(None),
        ),
        Index(
            "uq_deliveries_event_endpoint", "tenant_id", "event_id", "endpoint_id", unique=True,
            sqlite_where=replay_id.is_(None), postgresql_where=replay_id.is_(None),
        ),
        Index(
            "uq_deliveries_replay", "tenant_id", "event_id", "replay_id", unique=True,
            sqlite_where=replay_id.is_not(None), postgresql_where=replay_id.is_not(None),
        ),
        ForeignKeyConstraint(["tenant_id", "event_id"], ["events.tenant_id", "events.id"]),
    )  # fmt: skip


class DeliveryAttempt(TenantOwned):
    """One POST and what came back. Append-only; a late answer of a lost lease is recorded too.

    Partitioned by the last day the row is kept (docs/adr/0018).
    """

    __tablename__ = "delivery_attempts"
    _prefix = "att"

    delivery_id: Mapped[str] = mapped_column(String(64))
    endpoint_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Instant)
    duration_ms: Mapped[int]
    timings: Mapped[dict[str, int]] = mapped_column(JsonColumn, default=dict)  # ms of dns, connect, tls, first_byte
    status: Mapped[int | None]  # HTTP status; empty when no answer came
    reason: Mapped[str] = mapped_column(String(80))  # ok, http_502, timeout, dns, tls, connection, blocked_address, …
    request_method: Mapped[str] = mapped_column(String(8), default="")  # empty when nothing was sent
    request_url: Mapped[str] = mapped_column(String(1200), default="")  # an endpoint may have moved since
    request_headers: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    request_body: Mapped[str] = mapped_column(Text, default="")
    response_headers: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    response_body: Mapped[str] = mapped_column(Text, default="")  # first 16 KiB
    expires_on: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=1)  # see kit.clock.day_of

    __table_args__ = (
        Index("ix_delivery_attempts_delivery", "tenant_id", "delivery_id", "number"),
        ForeignKeyConstraint(["tenant_id", "delivery_id"], ["deliveries.tenant_id", "deliveries.id"]),
        {"postgresql_partition_by": "RANGE (expires_on)"},
    )
