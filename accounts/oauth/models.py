"""OAuth clients and access tokens (control plane). Secrets and tokens are stored as digests."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.documents import JsonColumn
from kit.planes import ControlModel


class OAuthClient(ControlModel):
    """A client of one application in one environment.

    A confidential client holds a secret; a public one runs where everybody can read its text, and has none.
    """

    __tablename__ = "oauth_clients"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # the client_id, cli_…
    kind: Mapped[str] = mapped_column(String(12), default="confidential")
    secret_digest: Mapped[str] = mapped_column(String(80))  # empty for a public client, and equal to no digest
    secret_last4: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(80))
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    tenant_id: Mapped[str | None] = mapped_column(ForeignKey("tenants.id"), index=True)  # whom it acts for by itself
    environment: Mapped[str] = mapped_column(String(10))
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    grant_types: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    redirect_uris: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    api_version: Mapped[str] = mapped_column(String(10))  # what its tokens speak: the newest at its creation
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (CheckConstraint("kind IN ('confidential', 'public')", name="kind"),)


class AccessToken(ControlModel):
    """An opaque bearer token issued to a client."""

    __tablename__ = "access_tokens"

    kid: Mapped[str] = mapped_column(String(8), primary_key=True)
    digest: Mapped[str] = mapped_column(String(80))
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
