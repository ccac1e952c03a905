"""Partner organisations and who belongs to them (control plane)."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.planes import ControlModel

ROLES = ("owner", "developer", "analyst", "finance", "viewer")


class Organisation(ControlModel):
    """A company that integrates with us."""

    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # org_…
    name: Mapped[str] = mapped_column(String(255))
    needs_factor: Mapped[bool] = mapped_column(default=False)  # its members have a second factor or see nothing of it
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class Membership(ControlModel):
    """A person's role in an organisation."""

    __tablename__ = "memberships"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)

    __table_args__ = (
        UniqueConstraint("organisation_id", "person_id"),
        CheckConstraint("role IN ('owner', 'developer', 'analyst', 'finance', 'viewer')", name="role"),
    )
