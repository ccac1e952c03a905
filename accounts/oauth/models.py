"""OAuth clients, what people grant them, and what they are issued (control plane). Secrets are stored as digests."""

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
    is_pushed_only: Mapped[bool] = mapped_column(default=False)  # it begins with /oauth/par, or not at all
    is_bound_only: Mapped[bool] = mapped_column(default=False)  # it gets tokens that are bound to a key, or none
    api_version: Mapped[str] = mapped_column(String(10))  # what its tokens speak: the newest at its creation
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    held_at: Mapped[datetime | None] = mapped_column(Instant)  # since when it is beyond the tenant's plan, and its tokens refused
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (CheckConstraint("kind IN ('confidential', 'public')", name="kind"),)


class OAuthGrant(ControlModel):
    """What one person lets a client do with one tenant. Its scopes and locations bound every token issued under it."""

    __tablename__ = "oauth_grants"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # gra_…
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)  # for which they may grant it
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    location_ids: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # the only ones it is about; empty: all
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class AuthorizationCode(ControlModel):
    """A code a client exchanges once. A used one is kept for a day, so that a second use is noticed."""

    __tablename__ = "authorization_codes"

    digest: Mapped[str] = mapped_column(String(80), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id"), index=True)
    grant_id: Mapped[str] = mapped_column(ForeignKey("oauth_grants.id"), index=True)
    family_id: Mapped[str] = mapped_column(String(40))  # fam_…, of everything that comes from this code
    redirect_uri: Mapped[str] = mapped_column(String(500))
    challenge: Mapped[str] = mapped_column(String(128))  # PKCE, always S256
    jkt: Mapped[str | None] = mapped_column(String(43))  # the key that must be proved with it, if the request named one
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class PushedRequest(ControlModel):
    """An authorization request a client has sent ahead. Whoever the client sends here with its reference decides about it."""

    __tablename__ = "pushed_requests"

    digest: Mapped[str] = mapped_column(String(80), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id"), index=True)
    parameters: Mapped[dict[str, str]] = mapped_column(JsonColumn, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)  # when a browser first arrived with it
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class DeviceRequest(ControlModel):
    """A client on a device without a browser that asks for access, and what a person said to that elsewhere."""

    __tablename__ = "device_requests"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # dev_…
    device_digest: Mapped[str] = mapped_column(String(80), unique=True)
    user_digest: Mapped[str] = mapped_column(String(80), unique=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    ip: Mapped[str] = mapped_column(String(45))  # where the device asked from
    state: Mapped[str] = mapped_column(String(10), default="pending")
    grant_id: Mapped[str | None] = mapped_column(ForeignKey("oauth_grants.id"), index=True)
    interval_s: Mapped[int]  # between two questions; grows when the client asks too often
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    asked_at: Mapped[datetime | None] = mapped_column(Instant)  # when the client last asked for the outcome

    __table_args__ = (CheckConstraint("state IN ('pending', 'approved', 'denied', 'used')", name="state"),)


class AccessToken(ControlModel):
    """An opaque token issued to a client, for itself or under a person's grant."""

    __tablename__ = "access_tokens"

    kid: Mapped[str] = mapped_column(String(8), primary_key=True)
    digest: Mapped[str] = mapped_column(String(80))
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id"), index=True)
    grant_id: Mapped[str | None] = mapped_column(ForeignKey("oauth_grants.id"), index=True)
    family_id: Mapped[str | None] = mapped_column(String(40), index=True)
    jkt: Mapped[str | None] = mapped_column(String(43))  # thumbprint of the key every use must prove; None: a bearer token
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class RefreshToken(ControlModel):
    """A token a client exchanges once for a new access token and its own successor."""

    __tablename__ = "refresh_tokens"

    kid: Mapped[str] = mapped_column(String(8), primary_key=True)
    digest: Mapped[str] = mapped_column(String(80))
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.id"), index=True)
    grant_id: Mapped[str] = mapped_column(ForeignKey("oauth_grants.id"), index=True)
    family_id: Mapped[str] = mapped_column(String(40), index=True)
    jkt: Mapped[str | None] = mapped_column(String(43))  # of a public client that proved a key: needed for every exchange
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)  # of the family: no successor lives longer
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
