"""API keys (control plane). Only a digest is stored; the key itself is shown once."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.documents import JsonColumn
from kit.planes import ControlModel


class ApiKey(ControlModel):
    """A credential of one application for one tenant in one environment."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # key_…
    kid: Mapped[str] = mapped_column(String(8), unique=True)  # public part of the key, how it is looked up
    digest: Mapped[str] = mapped_column(String(80))
    head: Mapped[str] = mapped_column(String(12))  # tp_test_sk_, …
    last4: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(80))
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    environment: Mapped[str] = mapped_column(String(10))
    product: Mapped[str] = mapped_column(String(10), default="core")
    scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    allowed_ips: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # CIDR; empty: any address
    location_ids: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # the only ones it may see; empty: all
    allow_open_items: Mapped[bool] = mapped_column(default=False)  # may send free-priced order lines
    api_version: Mapped[str] = mapped_column(String(10))
    created_by: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    held_at: Mapped[datetime | None] = mapped_column(Instant)  # since when it is beyond the tenant's plan, and refused
    rolled_into_id: Mapped[str | None] = mapped_column(String(40))  # the key that replaces this one
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_ip: Mapped[str | None] = mapped_column(String(45))  # the network, not the address
    last_used_for: Mapped[str | None] = mapped_column(String(220))  # method and route, e.g. GET /v1/orders/{id}
