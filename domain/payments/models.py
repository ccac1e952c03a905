"""Payments and refunds. Amounts are integer minor units of the order's currency."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.documents import JsonColumn
from kit.scope import TenantOwned
from kit.scope import Versioned


class Payment(Versioned, TenantOwned):
    """Money taken for an order or a reservation. charged = amount + tip; change = tendered - charged (cash only)."""

    __tablename__ = "payments"
    _prefix = "pay"

    order_id: Mapped[str | None] = mapped_column(String(64))
    reservation_id: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(10), default="order")  # order | deposit
    method: Mapped[str] = mapped_column(String(12))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    tip_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    tendered_minor: Mapped[int | None] = mapped_column(BigInteger)
    change_minor: Mapped[int | None] = mapped_column(BigInteger)
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0)  # of succeeded refunds
    status: Mapped[str] = mapped_column(String(20))
    decline_code: Mapped[str | None] = mapped_column(String(40))
    provider_ref: Mapped[str | None] = mapped_column(String(80))
    payer_label: Mapped[str | None] = mapped_column(String(60))

    __table_args__ = (
        Index("ix_payments_order", "tenant_id", "order_id"),
        Index("ix_payments_reservation", "tenant_id", "reservation_id"),
        Index("ix_payments_created", "tenant_id", "created_at", "id"),
        ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.id"]),
        CheckConstraint("refunded_minor <= amount_minor + tip_minor", name="refunds_within_payment"),
        CheckConstraint("amount_minor >= 0 AND tip_minor >= 0", name="amounts_not_negative"),
        CheckConstraint(
            "status IN ('created', 'confirmed', 'failed', 'cancelled', 'partially_refunded', 'refunded')", name="status"
        ),
    )


class Refund(Versioned, TenantOwned):
    """Money given back on one payment."""

    __tablename__ = "refunds"
    _prefix = "rfd"

    payment_id: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str | None] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    line_ids: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)
    status: Mapped[str] = mapped_column(String(10))  # pending | succeeded | failed

    __table_args__ = (
        Index("ix_refunds_payment", "tenant_id", "payment_id"),
        Index("ix_refunds_created", "tenant_id", "created_at", "id"),
        ForeignKeyConstraint(["tenant_id", "payment_id"], ["payments.tenant_id", "payments.id"]),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("status IN ('pending', 'succeeded', 'failed')", name="status"),
    )
