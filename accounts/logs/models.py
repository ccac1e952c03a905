"""Request logs and their counts (data planes). Written in batches off the request path; bodies are redacted before."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.documents import JsonColumn
from kit.scope import TenantOwned


class RequestLog(TenantOwned):
    """One API call; id is its request id (req_…). Partitioned by the last day the row is kept (docs/adr/0018)."""

    __tablename__ = "request_logs"
    _prefix = "req"

    application_id: Mapped[str] = mapped_column(String(40))
    credential_id: Mapped[str] = mapped_column(String(40))
    product: Mapped[str] = mapped_column(String(10))
    method: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(String(500))
    query: Mapped[str] = mapped_column(String(1000), default="")
    route: Mapped[str] = mapped_column(String(200), default="")  # template, e.g. /v1/orders/{id}
    status: Mapped[int]
    error_code: Mapped[str | None] = mapped_column(String(40))
    duration_us: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)  # real time
    ip: Mapped[str] = mapped_column(String(45), default="")
    request_headers: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    request_body: Mapped[str] = mapped_column(Text, default="")
    response_headers: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    response_body: Mapped[str] = mapped_column(Text, default="")
    expires_on: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=1)  # see kit.clock.day_of

    __table_args__ = (
        Index("ix_request_logs_at", "tenant_id", "at", "id"),
        {"postgresql_partition_by": "RANGE (expires_on)"},
    )


class RequestCount(TenantOwned):
    """What one application called in one UTC day, summed with every batch of logs.

    id is `<application id>:<day>:<area>:<bucket>`. Kept longer than the logs themselves.
    """

    __tablename__ = "request_counts"

    application_id: Mapped[str] = mapped_column(String(40))
    day: Mapped[str] = mapped_column(String(10))  # 2026-01-12
    area: Mapped[str] = mapped_column(String(20))  # orders, menus, …, platform
    bucket: Mapped[str] = mapped_column(String(10))  # rate limit: read, write, status, control
    calls: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[int] = mapped_column(BigInteger)  # answered 4xx, limited ones included
    limited: Mapped[int] = mapped_column(BigInteger)  # answered 429
    failed: Mapped[int] = mapped_column(BigInteger)  # answered 5xx
    duration_us: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_request_counts_day", "tenant_id", "application_id", "day"), Index("ix_request_counts_today", "day"),
    )  # fmt: skip


class CredentialCount(TenantOwned):
    """What one credential called in one UTC day; id is `<credential id>:<day>`. The same calls as in request_counts."""

    __tablename__ = "credential_counts"

    application_id: Mapped[str] = mapped_column(String(40))
    credential_id: Mapped[str] = mapped_column(String(40))
    day: Mapped[str] = mapped_column(String(10))
    calls: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[int] = mapped_column(BigInteger)
    limited: Mapped[int] = mapped_column(BigInteger)
    failed: Mapped[int] = mapped_column(BigInteger)
    duration_us: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_credential_counts_day", "tenant_id", "application_id", "day"),)
