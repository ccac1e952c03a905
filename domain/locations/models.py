"""The restaurant group, its locations, their hours, status, areas and dining tables."""

from datetime import date
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy import Date
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.documents import JsonColumn
from kit.scope import TenantOwned
from kit.scope import Versioned


class Franchise(Versioned, TenantOwned):
    """The restaurant group the tenant is: one row at most, whose id is the tenant's."""

    __tablename__ = "franchises"

    name: Mapped[str] = mapped_column(String(255))
    name_translations: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)  # {language: name}
    slug: Mapped[str] = mapped_column(String(80))
    default_currency: Mapped[str] = mapped_column(String(3))

    __table_args__ = (CheckConstraint("id = tenant_id", name="one_each"),)


class Location(Versioned, TenantOwned):
    """One place that sells. Its currency, price mode and time zone rule every order taken there."""

    __tablename__ = "locations"
    _prefix = "loc"

    name: Mapped[str] = mapped_column(String(255))
    name_translations: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)  # {language: name}
    internal_name: Mapped[str | None] = mapped_column(String(255))
    slug: Mapped[str] = mapped_column(String(80))
    country: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(3))
    time_zone: Mapped[str] = mapped_column(String(64))  # IANA
    address: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    phone: Mapped[str | None] = mapped_column(String(20))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    price_mode: Mapped[str] = mapped_column(String(10))  # inclusive | exclusive
    tax_rounding: Mapped[str] = mapped_column(String(10), default="bucket")  # bucket | line
    cash_rounding_minor: Mapped[int] = mapped_column(default=0)
    default_tax_id: Mapped[str | None] = mapped_column(String(64))  # for lines without an item
    day_cutover: Mapped[str] = mapped_column(String(5), default="05:00")  # local time the business day starts
    auto_accept: Mapped[bool] = mapped_column(default=False)
    prep_minutes: Mapped[int] = mapped_column(default=20)
    turn_minutes: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    deposit_policy: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)
    no_show_grace_min: Mapped[int] = mapped_column(default=15)

    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        CheckConstraint("price_mode IN ('inclusive', 'exclusive')", name="price_mode"),
        CheckConstraint("tax_rounding IN ('bucket', 'line')", name="tax_rounding"),
    )


class OpeningHour(TenantOwned):
    """One weekly opening period, local time. closes <= opens means it ends the next day."""

    __tablename__ = "opening_hours"
    _prefix = "hrs"

    location_id: Mapped[str] = mapped_column(String(64))
    weekday: Mapped[int]  # 0 Monday … 6 Sunday
    opens: Mapped[str] = mapped_column(String(5))
    closes: Mapped[str] = mapped_column(String(5))  # 24:00 is allowed
    service: Mapped[str] = mapped_column(String(10), default="dine_in")

    __table_args__ = (
        Index("ix_opening_hours_location", "tenant_id", "location_id"),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        CheckConstraint("weekday >= 0 AND weekday <= 6", name="weekday"),
        CheckConstraint("service IN ('dine_in', 'pickup', 'delivery')", name="service"),
    )


class SpecialHour(TenantOwned):
    """A date that replaces the weekly hours; is_closed means no service that day."""

    __tablename__ = "special_hours"
    _prefix = "shr"

    location_id: Mapped[str] = mapped_column(String(64))
    on_date: Mapped[date] = mapped_column(Date)
    is_closed: Mapped[bool] = mapped_column(default=False)
    opens: Mapped[str | None] = mapped_column(String(5))
    closes: Mapped[str | None] = mapped_column(String(5))

    __table_args__ = (
        Index("ix_special_hours_location", "tenant_id", "location_id"),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        CheckConstraint("is_closed = (opens IS NULL) AND is_closed = (closes IS NULL)", name="closed_or_hours"),
    )


class StoreStatus(TenantOwned):
    """Whether a location takes orders now. One row per location; its absence means online."""

    __tablename__ = "store_statuses"
    _prefix = "sts"

    location_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(10), default="online")  # online | paused | offline
    reason: Mapped[str | None] = mapped_column(String(200))
    until: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("tenant_id", "location_id"),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        CheckConstraint("status IN ('online', 'paused', 'offline')", name="status"),
    )


class Area(Versioned, TenantOwned):
    """A room or terrace of a location."""

    __tablename__ = "areas"
    _prefix = "are"

    location_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    sort: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("tenant_id", "location_id", "name"),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
    )


class DiningTable(Versioned, TenantOwned):
    """A table guests sit at."""

    __tablename__ = "dining_tables"
    _prefix = "tbl"

    location_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    seats_min: Mapped[int] = mapped_column(default=1)
    seats_max: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10), default="indoor")
    is_active: Mapped[bool] = mapped_column(default=True)
    area_id: Mapped[str | None] = mapped_column(String(64))
    x: Mapped[float | None]  # place on the floor plan, in the plan's own units
    y: Mapped[float | None]
    combinable_with: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # table ids; the others name this one too
    cleaned_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("tenant_id", "location_id", "name"),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        ForeignKeyConstraint(["tenant_id", "area_id"], ["areas.tenant_id", "areas.id"]),
        Index("ix_dining_tables_area", "tenant_id", "area_id"),
        CheckConstraint("seats_min >= 1 AND seats_min <= seats_max", name="seats"),
        CheckConstraint("kind IN ('indoor', 'outdoor', 'bar', 'private', 'counter', 'tatami')", name="kind"),
    )


class TableLock(TenantOwned):
    """Who works on a table right now, so that two waiters do not open two bills. One per table."""

    __tablename__ = "table_locks"
    _prefix = "tlk"

    table_id: Mapped[str] = mapped_column(String(64))
    locked_by: Mapped[str] = mapped_column(String(64))
    locked_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("tenant_id", "table_id"),
        ForeignKeyConstraint(["tenant_id", "table_id"], ["dining_tables.tenant_id", "dining_tables.id"]),
        CheckConstraint("expires_at > locked_at", name="ends_later"),
    )
