"""OAuth clients and access tokens (control plane). Secrets and tokens are stored as digests."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.documents import JsonColumn
from kit.planes import ControlModel


class OAuthClient(ControlModel):
    """A confidential client of one application for one tenant in one environment."""

    __tablename__ = "oauth_clients"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # the client_id, cli_…
    secret_digest: Mapped[str] = mapped_column(String(80))
    secret_last4: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(80))
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    environment: Mapped[str] = mapped_column(String(10))
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    api_version: Mapped[str] = mapped_column(String(10))  # what its tokens speak: the newest at its creation
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


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
