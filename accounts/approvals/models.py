"""Requests for production access (control plane)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from accounts.approvals.messages import Message
from kit.clock import Instant
from kit.clock import now
from kit.documents import JsonColumn
from kit.planes import ControlModel


class ProductionRequest(ControlModel):
    """An application asks to go live. `evidence` is what its sandbox traffic showed when it asked."""

    __tablename__ = "production_requests"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # prq_…
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="open")
    plan_tier: Mapped[str] = mapped_column(String(12), default="pro")  # asked for
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # asked for
    granted_scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # given, with an approval
    note: Mapped[str] = mapped_column(String(2000), default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    requested_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    submitted_at: Mapped[datetime] = mapped_column(Instant, default=now)  # the last time; later than created_at after changes
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(String(2000))

    __table_args__ = (
        CheckConstraint("state IN ('open', 'needs_changes', 'approved', 'rejected', 'withdrawn')", name="state"),
        Index(
            "uq_production_requests_open", "application_id", unique=True,
            sqlite_where=state == "open", postgresql_where=state == "open",
        ),
    )  # fmt: skip


class ProductionMessage(Message):
    """One message between the partner and the operators about a request."""

    __tablename__ = "production_messages"
    id_prefix = "pmg"

    request_id: Mapped[str] = mapped_column(ForeignKey("production_requests.id"), index=True, sort_order=-1)
