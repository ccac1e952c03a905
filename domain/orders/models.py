"""Orders, their lines and the history of their status. Every amount is integer minor units of the order's currency.

A voided or substituted line keeps its price and costs nothing (net 0); totals are those of the active lines.
"""

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
from kit.scope import TenantOwned
from kit.scope import Versioned


class Order(Versioned, TenantOwned):
    """An order. Prices, names and taxes on it are snapshots: a later menu change never touches them."""

    __tablename__ = "orders"
    _prefix = "ord"

    number: Mapped[int]  # per location and business day
    business_date: Mapped[str] = mapped_column(String(10))
    external_id: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str | None] = mapped_column(String(60))  # the ordering channel's own name
    collected_by: Mapped[str] = mapped_column(String(10), default="restaurant")  # channel: the guest paid there
    location_id: Mapped[str] = mapped_column(String(64))
    table_id: Mapped[str | None] = mapped_column(String(64))
    reservation_id: Mapped[str | None] = mapped_column(String(64))
    customer_id: Mapped[str | None] = mapped_column(String(64))
    pax: Mapped[int | None]
    fulfillment: Mapped[dict[str, Any]] = mapped_column(JsonColumn)  # {type, requested_at, promised_at, address}
    status: Mapped[str] = mapped_column(String(20))
    payment_status: Mapped[str] = mapped_column(String(20), default="unpaid")  # derived from the amounts below
    currency: Mapped[str] = mapped_column(String(3))
    price_mode: Mapped[str] = mapped_column(String(10))
    tax_rounding: Mapped[str] = mapped_column(String(10), default="bucket")
    discounts: Mapped[list[Any]] = mapped_column(
        JsonColumn, default=list
    )  # [{type, kind, value, code, promo_id, amount_minor}]; kind: percent | fixed
    charges: Mapped[list[Any]] = mapped_column(
        JsonColumn, default=list
    )  # [{id, name, kind, value, tax_name, tax_rate, amount_minor}]
    tax_lines: Mapped[list[Any]] = mapped_column(
        JsonColumn, default=list
    )  # [{name, rate, base_minor, amount_minor, included}]
    subtotal_minor: Mapped[int] = mapped_column(BigInteger)
    discount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    charges_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    tax_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    tax_included_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    tip_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    deposit_applied_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    paid_minor: Mapped[int] = mapped_column(BigInteger, default=0)  # sum of confirmed payments
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    due_minor: Mapped[int] = mapped_column(BigInteger)
    notes: Mapped[str | None] = mapped_column(String(2000))
    allergy_notes: Mapped[str | None] = mapped_column(String(500))
    custom_data: Mapped[dict[str, str]] = mapped_column("metadata", JsonColumn, default=dict)
    cancel_reason: Mapped[str | None] = mapped_column(String(40))  # of a rejection or cancellation
    reason_detail: Mapped[str | None] = mapped_column(String(500))
    delivery: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)  # see delivering.py
    # A channel's wish with its answer (cancelling.py): who asked when and why, and whether it was approved or denied.
    cancellation_request: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    content_digest: Mapped[str | None] = mapped_column(String(64))  # of the create body, when it has an external_id

    __table_args__ = (
        Index(
            "uq_orders_external_id", "tenant_id", "source", "external_id", unique=True,
            sqlite_where=external_id.is_not(None), postgresql_where=external_id.is_not(None),
        ),
        Index("ix_orders_created", "tenant_id", "created_at", "id"),
        Index("ix_orders_updated", "tenant_id", "updated_at", "id"),
        Index(
            "ix_orders_customer", "tenant_id", "customer_id",
            sqlite_where=customer_id.is_not(None), postgresql_where=customer_id.is_not(None),
        ),
        Index(
            "ix_orders_table", "tenant_id", "table_id",
            sqlite_where=table_id.is_not(None), postgresql_where=table_id.is_not(None),
        ),
        Index(
            "ix_orders_reservation", "tenant_id", "reservation_id",
            sqlite_where=reservation_id.is_not(None), postgresql_where=reservation_id.is_not(None),
        ),
        UniqueConstraint("tenant_id", "business_date", "location_id", "number"),  # also how a span of days is read
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        ForeignKeyConstraint(["tenant_id", "table_id"], ["dining_tables.tenant_id", "dining_tables.id"]),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["guests.tenant_id", "guests.id"]),
        CheckConstraint("due_minor >= 0", name="due_not_negative"),
        CheckConstraint("deposit_applied_minor >= 0 AND deposit_applied_minor <= total_minor", name="deposit_within_total"),
        CheckConstraint("collected_by IN ('restaurant', 'channel')", name="collected_by"),
        CheckConstraint(
            "status IN ('draft', 'scheduled', 'pending', 'accepted', 'preparing', 'ready', 'picked_up', 'completed', "
            "'rejected', 'cancelled', 'failed')",
            name="status",
        ),
        CheckConstraint("refunded_minor <= paid_minor", name="refunds_within_payments"),
    )  # fmt: skip


class OrderLine(TenantOwned):
    """One line of an order. unit_minor is without modifiers; gross = (unit + sum of modifiers) x quantity.

    Lines lie beside each other in the order's order, because they are always read together.
    """

    __tablename__ = "order_lines"
    _prefix = "oln"

    id: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str | None] = mapped_column(String(64))  # None for an open item
    variation_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    unit_minor: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int]
    modifiers: Mapped[list[Any]] = mapped_column(
        JsonColumn, default=list
    )  # [{id, modifier_id, name, price_minor, quantity}]
    gross_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)  # after line and order discounts
    tax_id: Mapped[str | None] = mapped_column(String(64))
    tax_name: Mapped[str | None] = mapped_column(String(80))
    tax_rate: Mapped[str | None] = mapped_column(String(16))
    allergens: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)
    notes: Mapped[str | None] = mapped_column(String(500))
    guest_name: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12), default="active")  # active | voided | substituted
    reason: Mapped[str | None] = mapped_column(String(200))  # why it was voided or substituted
    replaces_id: Mapped[str | None] = mapped_column(String(64))  # the line this one was given for

    __table_args__ = (
        CheckConstraint("state IN ('active', 'voided', 'substituted')", name="state"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.id"]),
        {"sqlite_with_rowid": False},
    )


class OrderStatusChange(TenantOwned):
    """One entry of an order's append-only status history."""

    __tablename__ = "order_status_changes"
    _prefix = "osc"

    id: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Instant)
    actor_type: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.id"]),
        {"sqlite_with_rowid": False},
    )


class OrderCounter(TenantOwned):
    """The last order number given out; id is `<location id>:<business date>`."""

    __tablename__ = "order_counters"

    last_number: Mapped[int] = mapped_column(default=0)
