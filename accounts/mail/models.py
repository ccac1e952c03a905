"""The outbox of mails (control plane). The row is the queue: due_at and attempts decide who sends it when."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.planes import ControlModel


class Mail(ControlModel):
    """One mail to one person, printed when it was written: what it tells was true in the transaction that wrote it.

    The text of a secret one (its link lets somebody in) is sealed, and empty once a mail server has taken it.
    """

    __tablename__ = "mails"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # mail_…
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    to_address: Mapped[str] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(40))  # names its templates
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    is_secret: Mapped[bool] = mapped_column(default=False)
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="queued")  # queued | sent | failed
    attempts: Mapped[int] = mapped_column(default=0)  # counted when it is taken: the number tells two takers apart
    due_at: Mapped[datetime | None] = mapped_column(Instant)  # of one that was taken, the end of the lease; empty when finished
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    sent_to: Mapped[str | None] = mapped_column(String(10))  # server | folder: where no server is set, mails become files
    last_error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)

    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
        Index("ix_mails_due", "due_at", sqlite_where=due_at.is_not(None), postgresql_where=due_at.is_not(None)),
        Index("ix_mails_created", "created_at", "id"),
    )
