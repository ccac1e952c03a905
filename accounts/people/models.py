"""People, their browser sessions and the links they get by mail (control plane)."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.planes import ControlModel


class Person(ControlModel):
    """Someone who signs in to the portal. is_operator: runs the platform and sees the admin pages."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # per_…
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    email_as_typed: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(255), default="")
    password_hash: Mapped[str] = mapped_column(String(255))  # argon2id
    is_operator: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)  # when they showed that they read mails to this address
    has_factor: Mapped[bool] = mapped_column(default=False)  # an authenticator app or a passkey; kept by accounts.factors
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class WebSession(ControlModel):
    """One signed-in browser. The cookie holds a random token; only its digest is stored.

    Rows outlive their session for a while: they tell which networks and browsers somebody has signed in from before.
    """

    __tablename__ = "web_sessions"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)  # digest of the token
    public_id: Mapped[str] = mapped_column(String(40), unique=True)  # ses_…: what pages call it
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"))  # chosen by who belongs to several
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    proved_at: Mapped[datetime] = mapped_column(Instant, default=now)  # when its person last showed who they are
    proved_by: Mapped[str] = mapped_column(String(10), default="password")  # password | totp | passkey | recovery
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    network: Mapped[str] = mapped_column(String(50), default="")  # of the address it began at: a /24 or a /48
    browser: Mapped[str] = mapped_column(String(60), default="")  # in words: Firefox on Linux


class MailedLink(ControlModel):
    """A link somebody got by mail. It works once; only the digest of its token is stored."""

    __tablename__ = "mailed_links"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)  # digest of the token
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)  # empty: it opens nothing, see resetting
    purpose: Mapped[str] = mapped_column(String(10))
    email: Mapped[str] = mapped_column(String(254))  # where it was sent: what using it proves, as it was typed
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("purpose IN ('confirm', 'reset', 'move')", name="purpose"),
        Index("ix_mailed_links_expiry", "expires_at"),
    )
