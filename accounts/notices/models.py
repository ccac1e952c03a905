"""Notices of an organisation (control plane)."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.planes import ControlModel

SEVERITIES = ("info", "warning", "error")


class Notice(ControlModel):
    """Something an organisation has to know. Read by one of its makers, it is read for all of them."""

    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # ntc_…
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    application_id: Mapped[str | None] = mapped_column(ForeignKey("applications.id"))
    kind: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(2000))
    link: Mapped[str] = mapped_column(String(300))  # a path of the portal
    dedupe_key: Mapped[str | None] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    read_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))

    __table_args__ = (
        CheckConstraint(f"severity IN {SEVERITIES}", name="severity"),
        UniqueConstraint("organisation_id", "dedupe_key"),
        Index("ix_notices_organisation", "organisation_id", "created_at", "id"),
        Index("ix_notices_unread", "organisation_id", sqlite_where=read_at.is_(None), postgresql_where=read_at.is_(None)),
    )
