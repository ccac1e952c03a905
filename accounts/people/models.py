"""People and their browser sessions (control plane)."""

from datetime import datetime

from sqlalchemy import ForeignKey
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
    has_factor: Mapped[bool] = mapped_column(default=False)  # an authenticator app or a passkey; kept by accounts.factors
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class WebSession(ControlModel):
    """One signed-in browser. The cookie holds a random token; only its digest is stored."""

    __tablename__ = "web_sessions"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)  # digest of the token
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    proved_at: Mapped[datetime] = mapped_column(Instant, default=now)  # when its person last showed who they are
    proved_by: Mapped[str] = mapped_column(String(10), default="password")  # password | totp | passkey | recovery
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    ip: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(200), default="")
