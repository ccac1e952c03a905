"""Guests and their contact points."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.documents import JsonColumn
from kit.scope import TenantOwned
from kit.scope import Versioned


class Guest(Versioned, TenantOwned):
    """A person the restaurant knows (the APIs say customer). is_temporary: made from contact data on an order."""

    __tablename__ = "guests"
    _prefix = "cus"

    external_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))  # as first given, returned untouched
    first_name: Mapped[str | None] = mapped_column(String(255))
    last_name: Mapped[str | None] = mapped_column(String(255))
    locale: Mapped[str | None] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(2))
    memo: Mapped[str | None] = mapped_column(String(2000))
    tags: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    allergies: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    consents: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    is_temporary: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str | None] = mapped_column(String(40))
    merged_into_id: Mapped[str | None] = mapped_column(String(64))
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("uq_guests_external_id", "tenant_id", "external_id", unique=True),)


class GuestContact(TenantOwned):
    """A phone number or e-mail address. `value` is normalised (E.164, lower case), `original` what was typed."""

    __tablename__ = "guest_contacts"
    _prefix = "gct"

    guest_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10))  # phone | email
    value: Mapped[str] = mapped_column(String(254))
    original: Mapped[str] = mapped_column(String(254))
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests.tenant_id", "guests.id"]),
        Index("ix_guest_contacts_guest", "tenant_id", "guest_id"),
        Index("ix_guest_contacts_value", "tenant_id", "kind", "value"),
    )
