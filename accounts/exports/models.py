"""Exports on the data planes: jobs, schedules that start them, and the daily count a plan limits."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.documents import JsonColumn
from kit.scope import TenantOwned
from kit.scope import Versioned


class ExportSchedule(Versioned, TenantOwned):
    """Starts the same export again and again. Its timer is set on the tenant's clock."""

    __tablename__ = "export_schedules"
    _prefix = "exs"

    application_id: Mapped[str] = mapped_column(String(40))
    dataset: Mapped[str] = mapped_column(String(30))
    format: Mapped[str] = mapped_column(String(5))
    has_bom: Mapped[bool] = mapped_column(default=False)
    location_ids: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    frequency: Mapped[str] = mapped_column(String(10))
    hour: Mapped[int | None]  # of the day in UTC, for daily ones
    days: Mapped[int] = mapped_column(default=1)  # how many days each file covers
    is_masked: Mapped[bool] = mapped_column(default=True)
    last_export_id: Mapped[str | None] = mapped_column(String(64))
    next_run_at: Mapped[datetime] = mapped_column(Instant)  # the tenant's clock

    __table_args__ = (
        Index("ix_export_schedules_created", "tenant_id", "application_id", "created_at", "id"),
        CheckConstraint("frequency IN ('daily', 'hourly')", name="frequency"),
        CheckConstraint("(hour IS NULL) = (frequency = 'hourly')", name="hour_of_daily"),
    )


class ExportJob(Versioned, TenantOwned):
    """One export: what it holds, how far it is, and what became of its file. No schedule's end takes its exports along."""

    __tablename__ = "export_jobs"
    _prefix = "exp"

    application_id: Mapped[str] = mapped_column(String(40))
    schedule_id: Mapped[str | None] = mapped_column(String(64))
    dataset: Mapped[str] = mapped_column(String(30))
    format: Mapped[str] = mapped_column(String(5))
    has_bom: Mapped[bool] = mapped_column(default=False)
    from_date: Mapped[str] = mapped_column(String(10))
    to_date: Mapped[str] = mapped_column(String(10))  # inclusive
    location_ids: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # empty: all
    is_masked: Mapped[bool] = mapped_column(default=True)  # contacts are hidden: its maker could not see them
    status: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)  # the last one's number is part of its file's name
    row_count: Mapped[int | None] = mapped_column(BigInteger)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    failure: Mapped[str | None] = mapped_column(String(40))
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_export_jobs_created", "tenant_id", "application_id", "created_at", "id"),
        CheckConstraint("status IN ('queued', 'running', 'ready', 'failed', 'expired')", name="status"),
        CheckConstraint("format IN ('csv', 'json', 'jsonl')", name="format"),
        CheckConstraint("from_date <= to_date", name="window"),
        CheckConstraint("(status = 'ready') <= (sha256 IS NOT NULL)", name="ready_has_file"),
    )


class ExportCount(TenantOwned):
    """How many exports an application asked for in one day; id is `<application id>:<UTC date>`."""

    __tablename__ = "export_counts"

    used: Mapped[int] = mapped_column(default=0)
