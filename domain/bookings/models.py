"""Reservations, the tables and times they take, holds on tables, and the waitlist."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.documents import JsonColumn
from kit.planes import PlaneModel
from kit.scope import TenantOwned
from kit.scope import Versioned

STATUSES = "'requested', 'confirmed', 'arrived', 'seated', 'completed', 'cancelled', 'rejected', 'no_show'"


class Hold(Versioned, TenantOwned):
    """Tables kept free for a guest who is still typing. Only an active one blocks, and only until expires_at."""

    __tablename__ = "holds"
    _prefix = "hld"

    location_id: Mapped[str] = mapped_column(String(64))
    table_ids: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    duration_minutes: Mapped[int]
    party_size: Mapped[int]
    status: Mapped[str] = mapped_column(String(10), default="active")  # active | used | released | expired
    expires_at: Mapped[datetime] = mapped_column(Instant)
    reservation_id: Mapped[str | None] = mapped_column(String(64))  # what it was used for

    __table_args__ = (
        Index("ix_holds_expiry", "tenant_id", "location_id", "status", "expires_at"),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        CheckConstraint("status IN ('active', 'used', 'released', 'expired')", name="status"),
        CheckConstraint("end_at > start_at", name="ends_after_start"),
        CheckConstraint("party_size > 0", name="party"),
    )


class Reservation(Versioned, TenantOwned):
    """A party expected at a location. A held booking is a Hold: a row here has been requested or confirmed."""

    __tablename__ = "reservations"
    _prefix = "res"

    ref: Mapped[str] = mapped_column(String(64))  # the code a guest is told
    external_id: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str | None] = mapped_column(String(60))
    location_id: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[str | None] = mapped_column(String(64))
    contact_name: Mapped[str | None] = mapped_column(String(255))  # as given with this booking, whatever the guest is now
    contact_phone: Mapped[str | None] = mapped_column(String(40))
    contact_email: Mapped[str | None] = mapped_column(String(254))
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)  # start_at + duration_minutes
    duration_minutes: Mapped[int]
    local_date: Mapped[str] = mapped_column(String(10))  # local date of start_at
    party_size: Mapped[int]  # party.total
    party: Mapped[dict[str, int]] = mapped_column(JsonColumn)  # {adult, senior, child, baby}
    status: Mapped[str] = mapped_column(String(12))
    sub_status: Mapped[str | None] = mapped_column(String(40))  # a finer word of another product for the same status
    seat_kind: Mapped[str | None] = mapped_column(String(10))  # the kind of table the guest would like
    special_request: Mapped[str | None] = mapped_column(String(1000))
    memo: Mapped[str | None] = mapped_column(String(2000))
    flags: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    currency: Mapped[str] = mapped_column(String(3))
    deposit_required_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    deposit_paid_minor: Mapped[int] = mapped_column(BigInteger, default=0)  # of its payments, as last taken notice of
    deposit_refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    deposit_pending_minor: Mapped[int] = mapped_column(BigInteger, default=0)  # the payer has still to confirm
    deposit_refund_ends_at: Mapped[datetime | None] = mapped_column(Instant)  # cancelled by then, the deposit goes back
    is_on_request: Mapped[bool] = mapped_column(default=False)  # asked for as requested: only staff confirm it
    is_import: Mapped[bool] = mapped_column(default=False)  # a record of the past: takes no tables, may move anywhere
    cancel: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)  # {reason_type, reason, by_customer}
    content_digest: Mapped[str | None] = mapped_column(String(64))  # of the create body, when it has an external_id

    __table_args__ = (
        UniqueConstraint("tenant_id", "ref"),
        Index("uq_reservations_external_id", "tenant_id", "source", "external_id", unique=True),
        Index("ix_reservations_created", "tenant_id", "created_at", "id"),
        Index("ix_reservations_updated", "tenant_id", "updated_at", "id"),
        Index("ix_reservations_start", "tenant_id", "start_at", "id"),
        Index("ix_reservations_location", "tenant_id", "location_id", "local_date"),
        Index(
            "ix_reservations_customer", "tenant_id", "customer_id",
            sqlite_where=customer_id.is_not(None), postgresql_where=customer_id.is_not(None),
        ),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["guests.tenant_id", "guests.id"]),
        CheckConstraint(f"status IN ({STATUSES})", name="status"),
        CheckConstraint("end_at > start_at", name="ends_after_start"),
        CheckConstraint("party_size > 0", name="party"),
        CheckConstraint("deposit_required_minor >= 0 AND deposit_pending_minor >= 0", name="deposit"),
        CheckConstraint("deposit_refunded_minor BETWEEN 0 AND deposit_paid_minor", name="deposit_refunds"),
    )  # fmt: skip


class ReservationTable(TenantOwned):
    """One table of a reservation, kept after the reservation has freed it."""

    __tablename__ = "reservation_tables"
    _prefix = "rtb"

    reservation_id: Mapped[str] = mapped_column(String(64))
    table_id: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]

    __table_args__ = (
        UniqueConstraint("tenant_id", "reservation_id", "table_id"),
        Index("ix_reservation_tables_table", "tenant_id", "table_id", "reservation_id"),
        ForeignKeyConstraint(["tenant_id", "reservation_id"], ["reservations.tenant_id", "reservations.id"]),
        ForeignKeyConstraint(["tenant_id", "table_id"], ["dining_tables.tenant_id", "dining_tables.id"]),
    )


class ReservationSlot(PlaneModel):
    """Five minutes of one table, taken by a reservation or a hold. The key is the guard against double bookings."""

    __tablename__ = "reservation_slots"

    table_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    slot_at: Mapped[int] = mapped_column(BigInteger, primary_key=True)  # microseconds, a multiple of five minutes
    reservation_id: Mapped[str | None] = mapped_column(String(64))
    hold_id: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index(
            "ix_reservation_slots_reservation", "tenant_id", "reservation_id",
            sqlite_where=reservation_id.is_not(None), postgresql_where=reservation_id.is_not(None),
        ),
        Index(
            "ix_reservation_slots_hold", "tenant_id", "hold_id",
            sqlite_where=hold_id.is_not(None), postgresql_where=hold_id.is_not(None),
        ),
        ForeignKeyConstraint(["tenant_id", "table_id"], ["dining_tables.tenant_id", "dining_tables.id"]),
        ForeignKeyConstraint(["tenant_id", "reservation_id"], ["reservations.tenant_id", "reservations.id"]),
        ForeignKeyConstraint(["tenant_id", "hold_id"], ["holds.tenant_id", "holds.id"]),
        CheckConstraint("slot_at % 300000000 = 0", name="grid"),
        CheckConstraint("(reservation_id IS NULL) <> (hold_id IS NULL)", name="one_owner"),
    )  # fmt: skip


class ReservationStatusChange(TenantOwned):
    """One entry of a reservation's append-only status history."""

    __tablename__ = "reservation_status_changes"
    _prefix = "rsc"

    reservation_id: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(Instant)
    actor_type: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (
        UniqueConstraint("tenant_id", "reservation_id", "position"),
        ForeignKeyConstraint(["tenant_id", "reservation_id"], ["reservations.tenant_id", "reservations.id"]),
    )


class WaitlistEntry(Versioned, TenantOwned):
    """A party at the door without a table."""

    __tablename__ = "waitlist_entries"
    _prefix = "wtl"

    location_id: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[str | None] = mapped_column(String(64))
    contact_name: Mapped[str | None] = mapped_column(String(255))
    contact_phone: Mapped[str | None] = mapped_column(String(40))
    contact_email: Mapped[str | None] = mapped_column(String(254))
    party_size: Mapped[int]
    seat_kind: Mapped[str | None] = mapped_column(String(10))
    notes: Mapped[str | None] = mapped_column(String(1000))
    quoted_minutes: Mapped[int | None]  # the wait the party was told
    status: Mapped[str] = mapped_column(String(10), default="waiting")  # waiting | called | seated | removed
    called_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)  # seated or removed
    reservation_id: Mapped[str | None] = mapped_column(String(64))  # the seated reservation it became

    __table_args__ = (
        Index("ix_waitlist_entries_location", "tenant_id", "location_id", "created_at", "id"),
        Index("ix_waitlist_entries_created", "tenant_id", "created_at", "id"),
        Index(
            "ix_waitlist_entries_customer", "tenant_id", "customer_id",
            sqlite_where=customer_id.is_not(None), postgresql_where=customer_id.is_not(None),
        ),
        Index(
            "ix_waitlist_entries_reservation", "tenant_id", "reservation_id",
            sqlite_where=reservation_id.is_not(None), postgresql_where=reservation_id.is_not(None),
        ),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["guests.tenant_id", "guests.id"]),
        ForeignKeyConstraint(["tenant_id", "reservation_id"], ["reservations.tenant_id", "reservations.id"]),
        CheckConstraint("status IN ('waiting', 'called', 'seated', 'removed')", name="status"),
        CheckConstraint("party_size > 0", name="party"),
        CheckConstraint("(status = 'seated') = (reservation_id IS NOT NULL)", name="seated_with_reservation"),
    )  # fmt: skip
