"""Payments and refunds: the door the edges use. Taking and giving back money live in their own modules."""

from typing import Any

from domain.payments import queries
from domain.payments.adjusting import amend_order
from domain.payments.refunding import refund_payment
from domain.payments.rows import read_payment
from domain.payments.rows import read_refund
from domain.payments.taking import cancel_payment
from domain.payments.taking import confirm_pending
from domain.payments.taking import settle_payment
from domain.payments.taking import take_payment
from kit.documents import Document
from kit.newest import newest_documents
from kit.scope import Scope


def get_payment(scope: Scope, *, payment_id: str) -> Document:
    """Read one payment. Raises NotFound."""
    return read_payment(scope, payment_id=payment_id)


def get_refund(scope: Scope, *, refund_id: str) -> Document:
    """Read one refund. Raises NotFound."""
    return read_refund(scope, refund_id=refund_id)


def list_payments(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    order_id: str | None = None,
    reservation_id: str | None = None,
    status: str | None = None,
    method: str | None = None,
    ref: str | None = None,
    created_from_us: int | None = None,
    created_to_us: int | None = None,
) -> list[Document]:
    """List up to limit + 1 payments, newest first. `after` is [created_at in us, id] of the last row before."""
    filters = {
        "order_id": order_id, "reservation_id": reservation_id, "status": status, "method": method, "ref": ref,
        "created_from_us": created_from_us, "created_to_us": created_to_us,
    }  # fmt: skip
    return newest_documents(queries.payment_list, scope, limit=limit, after=after, filters=filters)


def list_refunds(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    payment_id: str | None = None,
    order_id: str | None = None,
    status: str | None = None,
    ref: str | None = None,
    created_from_us: int | None = None,
    created_to_us: int | None = None,
) -> list[Document]:
    """List up to limit + 1 refunds, newest first. `after` is [created_at in us, id] of the last row before."""
    filters = {
        "payment_id": payment_id, "order_id": order_id, "status": status, "ref": ref,
        "created_from_us": created_from_us, "created_to_us": created_to_us,
    }  # fmt: skip
    return newest_documents(queries.refund_list, scope, limit=limit, after=after, filters=filters)


__all__ = [
    "amend_order", "cancel_payment", "confirm_pending", "get_payment", "get_refund", "list_payments", "list_refunds",
    "refund_payment", "settle_payment", "take_payment",
]  # fmt: skip
