"""Applications, the tenants they see, and the connections between them (control plane)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now
from kit.documents import JsonColumn
from kit.planes import ControlModel


class Application(ControlModel):
    """What an organisation builds. Production credentials work only while its state is approved."""

    __tablename__ = "applications"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # app_…
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(16), default="draft")
    granted_scopes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # in production; empty: every scope
    limits: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)  # in production, instead of the plan's
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)

    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'needs_changes', 'approved', 'rejected', 'suspended')", name="state"
        ),
    )


class Tenant(ControlModel):
    """The registry entry of one tenant of a data plane. Pending until its rows exist there; never shown before."""

    __tablename__ = "tenants"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # tn_…
    environment: Mapped[str] = mapped_column(String(10))
    application_id: Mapped[str | None] = mapped_column(
        ForeignKey("applications.id"), index=True
    )  # owner of a sandbox tenant
    organisation_id: Mapped[str | None] = mapped_column(
        ForeignKey("organisations.id"), index=True
    )  # owner of a production tenant: whose members may let applications work with it
    name: Mapped[str] = mapped_column(String(255))
    plan_tier: Mapped[str | None] = mapped_column(String(12))  # None in a sandbox: everything is open
    simulated_plan: Mapped[str | None] = mapped_column(String(12))  # the plan a sandbox plays, instead of its own
    faults_until: Mapped[datetime | None] = mapped_column(Instant)  # no injected fault can strike after this (real time)
    profile: Mapped[str] = mapped_column(String(20), default="minimal")  # sandbox world to build
    clock_mode: Mapped[str] = mapped_column(String(6), default="real")  # real | frozen at the start of its world
    state: Mapped[str] = mapped_column(String(10), default="pending")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)

    __table_args__ = (CheckConstraint("state IN ('pending', 'ready')", name="state"),)

    @property
    def plan(self) -> str | None:
        """The plan the tenant behaves as now."""
        return self.simulated_plan or self.plan_tier


class Connection(ControlModel):
    """A production tenant (restaurant group) that lets an application work with its data."""

    __tablename__ = "connections"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # con_…
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenants.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    synced_at: Mapped[datetime | None] = mapped_column(Instant)  # when existing endpoints were subscribed to the tenant

    __table_args__ = (UniqueConstraint("application_id", "tenant_id"),)
