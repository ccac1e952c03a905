"""Second factors, and what stands open for a few minutes while somebody proves one (control plane)."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.planes import ControlModel


class Authenticator(ControlModel):
    """A person's authenticator app. It counts once its person has typed a code of it."""

    __tablename__ = "authenticators"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # aut_…
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), unique=True)
    sealed_seed: Mapped[str] = mapped_column(Text)  # base32, sealed
    last_timecode: Mapped[int] = mapped_column(BigInteger, default=0)  # the half minute of the newest code that was taken
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class Passkey(ControlModel):
    """A WebAuthn credential that verifies its person by itself (PIN, fingerprint, face)."""

    __tablename__ = "passkeys"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # pky_…
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)  # base64url; the standard allows 1023 bytes
    public_key: Mapped[str] = mapped_column(Text)  # COSE, base64url
    sign_count: Mapped[int] = mapped_column(BigInteger)  # stays 0 where the maker does not count
    is_synced: Mapped[bool]  # copied between devices by its maker
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(ControlModel):
    """One of the codes that stand in for a lost factor. Its first group finds it, the hash of the others proves it."""

    __tablename__ = "recovery_codes"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # rec_…
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    head: Mapped[str] = mapped_column(String(4))
    rest_hash: Mapped[str] = mapped_column(String(255))  # argon2id
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)

    __table_args__ = (UniqueConstraint("person_id", "head"),)


class Ticket(ControlModel):
    """Something that stands open for a few minutes. The browser holds a random token; only its digest is stored."""

    __tablename__ = "tickets"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)  # digest of the token
    kind: Mapped[str] = mapped_column(String(12))  # sign_in | challenge | post
    holder: Mapped[str] = mapped_column(String(80), default="")  # whose it is, as the kind counts holders
    sealed: Mapped[str] = mapped_column(Text)  # a JSON object
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
