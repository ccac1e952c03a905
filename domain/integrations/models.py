"""Systems a restaurant works with beside ours, what their names mean here, and the runs that check it."""

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
from kit.documents import JsonColumn
from kit.scope import TenantOwned
from kit.scope import Versioned


class Integration(Versioned, TenantOwned):
    """A connected system. Its secrets are sealed (kit.crypto.SecretBox) and never printed, their names are."""

    __tablename__ = "integrations"
    _prefix = "int"

    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    provider: Mapped[str | None] = mapped_column(String(80))
    location_id: Mapped[str | None] = mapped_column(String(64))  # None: the whole group
    state: Mapped[str] = mapped_column(String(20))
    config: Mapped[dict[str, str]] = mapped_column(JsonColumn, default=dict)
    secret_names: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    sealed_secrets: Mapped[str | None] = mapped_column(Text)
    last_sync_at: Mapped[datetime | None] = mapped_column(Instant)
    last_sync_status: Mapped[str | None] = mapped_column(String(10))

    __table_args__ = (
        Index("ix_integrations_created", "tenant_id", "created_at", "id"),
        Index("ix_integrations_location", "tenant_id", "location_id"),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        CheckConstraint("kind IN ('pos', 'delivery', 'accounting', 'hotel', 'bi', 'crm')", name="kind"),
        CheckConstraint("state IN ('connected', 'degraded', 'disconnected', 'mapping_required')", name="state"),
    )


class Mapping(TenantOwned):
    """What one of the other system's references means here. object_id None: it was seen and nobody has said yet."""

    __tablename__ = "integration_mappings"
    _prefix = "map"

    integration_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    external_ref: Mapped[str] = mapped_column(String(120))
    external_name: Mapped[str | None] = mapped_column(String(255))
    object_id: Mapped[str | None] = mapped_column(String(64))
    last_seen_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("tenant_id", "integration_id", "kind", "external_ref"),
        Index("ix_integration_mappings_object", "tenant_id", "object_id"),
        ForeignKeyConstraint(["tenant_id", "integration_id"], ["integrations.tenant_id", "integrations.id"]),
        CheckConstraint("kind IN ('menu_item', 'modifier', 'tax', 'table', 'folio')", name="kind"),
    )


class SyncRun(TenantOwned):
    """One comparison of an integration's mappings with the restaurant. At most one of an integration is unfinished."""

    __tablename__ = "integration_runs"
    _prefix = "run"

    integration_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(10))
    started_by: Mapped[str] = mapped_column(String(10), default="manual")
    counts: Mapped[dict[str, int]] = mapped_column(JsonColumn, default=dict)
    failures: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)  # [{kind, external_ref, object_id, reason}]
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_integration_runs_created", "tenant_id", "integration_id", "created_at", "id"),
        Index(
            "uq_integration_runs_open", "tenant_id", "integration_id", unique=True,
            sqlite_where=finished_at.is_(None), postgresql_where=finished_at.is_(None),
        ),
        ForeignKeyConstraint(["tenant_id", "integration_id"], ["integrations.tenant_id", "integrations.id"]),
        CheckConstraint("status IN ('queued', 'succeeded', 'failed')", name="status"),
        CheckConstraint("(status = 'queued') = (finished_at IS NULL)", name="finished"),
    )  # fmt: skip
