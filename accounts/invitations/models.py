"""Invitations (control plane)."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.planes import ControlModel

_PENDING = text("state = 'pending'")


class Invitation(ControlModel):
    """An address that may join an organisation, with a role. The link in its newest mail holds the token."""

    __tablename__ = "invitations"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # inv_…
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    email: Mapped[str] = mapped_column(String(254))  # lower case
    role: Mapped[str] = mapped_column(String(12))
    token_digest: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="pending")  # pending | accepted | withdrawn
    invited_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    sent_at: Mapped[datetime] = mapped_column(Instant, default=now)  # its newest mail
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("role IN ('owner', 'developer', 'analyst', 'finance', 'viewer')", name="role"),
        CheckConstraint("state IN ('pending', 'accepted', 'withdrawn')", name="state"),
        Index(
            "ix_invitations_pending", "organisation_id", "email", unique=True, sqlite_where=_PENDING, postgresql_where=_PENDING
        ),
    )
