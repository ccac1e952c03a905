"""Carts and their lines. Rows. A cart holds what is wanted, never a price: those are the menu's until checkout."""

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


class Cart(Versioned, TenantOwned):
    """What will become an order. status: open, then checked_out (order_id set) or expired (emptied)."""

    __tablename__ = "carts"
    _prefix = "crt"

    status: Mapped[str] = mapped_column(String(12), default="open")
    location_id: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))  # of the location
    source: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str | None] = mapped_column(String(64))
    fulfillment: Mapped[dict[str, Any]] = mapped_column(JsonColumn)  # {type, requested_at, address}
    table_id: Mapped[str | None] = mapped_column(String(64))
    table_less: Mapped[bool] = mapped_column(default=False)
    reservation_id: Mapped[str | None] = mapped_column(String(64))
    customer_id: Mapped[str | None] = mapped_column(String(64))
    customer: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)  # {name, phone, email} while the cart is open
    discounts: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)  # [{type, value}] without the promo code
    promo_code: Mapped[str | None] = mapped_column(String(40))
    charge_ids: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    tip_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    notes: Mapped[str | None] = mapped_column(String(2000))
    allergy_notes: Mapped[str | None] = mapped_column(String(500))
    custom_data: Mapped[dict[str, str]] = mapped_column("metadata", JsonColumn, default=dict)
    order_id: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_carts_location", "tenant_id", "location_id"),
        Index(
            "ix_carts_table", "tenant_id", "table_id",
            sqlite_where=table_id.is_not(None), postgresql_where=table_id.is_not(None),
        ),
        Index(
            "ix_carts_customer", "tenant_id", "customer_id",
            sqlite_where=customer_id.is_not(None), postgresql_where=customer_id.is_not(None),
        ),
        Index(
            "uq_carts_order", "tenant_id", "order_id", unique=True,
            sqlite_where=order_id.is_not(None), postgresql_where=order_id.is_not(None),
        ),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        ForeignKeyConstraint(["tenant_id", "table_id"], ["dining_tables.tenant_id", "dining_tables.id"]),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["guests.tenant_id", "guests.id"]),
        ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.id"]),
        CheckConstraint("status IN ('open', 'checked_out', 'expired')", name="status_known"),
        CheckConstraint("(status = 'checked_out') = (order_id IS NOT NULL)", name="checked_out_into_an_order"),
    )  # fmt: skip


class CartLine(TenantOwned):
    """One wanted item of the menu, or an open one with its own name and price."""

    __tablename__ = "cart_lines"
    _prefix = "cln"

    cart_id: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    item_id: Mapped[str | None] = mapped_column(String(64))
    variation_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str | None] = mapped_column(String(255))
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    quantity: Mapped[int]
    modifiers: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)  # [{modifier_id, name, price_minor, quantity}]
    notes: Mapped[str | None] = mapped_column(String(500))
    guest_name: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (
        UniqueConstraint("tenant_id", "cart_id", "position"),
        ForeignKeyConstraint(["tenant_id", "cart_id"], ["carts.tenant_id", "carts.id"]),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("item_id IS NOT NULL OR (name IS NOT NULL AND price_minor IS NOT NULL)", name="item_or_open"),
    )
