"""Figures other systems add to our own: foot traffic, labour cost, weather. Everything else is computed, not stored."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.documents import JsonColumn
from kit.scope import TenantOwned


class AnalyticsRecord(TenantOwned):
    """One measured value. Append-only; a wrong one is corrected by another."""

    __tablename__ = "analytics_records"
    _prefix = "anr"

    metric: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(String(40))  # a decimal number, exact
    currency: Mapped[str | None] = mapped_column(String(3))  # of an amount of money
    location_id: Mapped[str | None] = mapped_column(String(64))
    dimensions: Mapped[dict[str, str]] = mapped_column(JsonColumn, default=dict)
    at: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str] = mapped_column(String(64))  # the application that sent it
    created_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_analytics_records_at", "tenant_id", "at", "id"),
        Index("ix_analytics_records_metric", "tenant_id", "metric", "at", "id"),
    )
