"""Requests for another plan and what was written about them (control plane)."""

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

PENDING = ("open", "asked")


class TierRequest(ControlModel):
    """An application asks for another plan of a production tenant. `impact` is what the change meant for it when it asked."""

    __tablename__ = "tier_requests"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # trq_…
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="open")  # asked: an operator waits for an answer
    from_tier: Mapped[str] = mapped_column(String(12))
    to_tier: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(2000))
    impact: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    requested_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(2000), default="")  # with the decision, for the partner

    __table_args__ = (
        CheckConstraint("state IN ('open', 'asked', 'approved', 'refused', 'withdrawn')", name="state"),
        Index(
            "uq_tier_requests_pending", "application_id", "tenant_id", unique=True,
            sqlite_where=state.in_(PENDING), postgresql_where=state.in_(PENDING),
        ),
    )  # fmt: skip


class TierMessage(Message):
    """One message between the partner and the operators about a request."""

    __tablename__ = "tier_messages"
    id_prefix = "tmg"

    request_id: Mapped[str] = mapped_column(ForeignKey("tier_requests.id"), index=True, sort_order=-1)
