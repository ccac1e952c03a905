"""Pairings (control plane). Both codes are stored as digests; the key a pairing leads to is stored like any other."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.planes import ControlModel


class Pairing(ControlModel):
    """A client that asks for a key, and what a person said to that."""

    __tablename__ = "pairings"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # pair_…
    device_digest: Mapped[str] = mapped_column(String(80), unique=True)
    user_digest: Mapped[str] = mapped_column(String(80), unique=True)
    machine: Mapped[str] = mapped_column(String(64))
    ip: Mapped[str] = mapped_column(String(45))  # where the client asked from
    state: Mapped[str] = mapped_column(String(10), default="pending")
    application_id: Mapped[str | None] = mapped_column(ForeignKey("applications.id"), index=True)  # who agreed to what
    person_id: Mapped[str | None] = mapped_column(String(40))
    api_key_id: Mapped[str | None] = mapped_column(String(40), index=True)  # the key that was handed out
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    asked_at: Mapped[datetime | None] = mapped_column(Instant)  # when the client last asked for the outcome

    __table_args__ = (CheckConstraint("state IN ('pending', 'approved', 'denied', 'collected')", name="state"),)
