"""Reading, locking and changing one payment row, for the modules that take and give back money."""

from domain.orders.service import lock_order
from domain.payments import queries
from domain.timers.service import set_task
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import tenant_now_us

DEPOSIT_CHANGED = "reservation.deposit"  # the task of bookings, which payments may not call


def read_payment(scope: Scope, *, payment_id: str) -> Document:
    """Read one payment. Raises NotFound."""
    return _found(queries.payment.document(scope, row_id=payment_id), f"There is no payment {payment_id}.")


def find_payment(scope: Scope, *, payment_id: str) -> Document | None:
    """Read one payment, or None."""
    return queries.payment.document(scope, row_id=payment_id)


def read_refund(scope: Scope, *, refund_id: str) -> Document:
    """Read one refund. Raises NotFound."""
    return _found(queries.refund.document(scope, row_id=refund_id), f"There is no refund {refund_id}.")


def lock_payment(scope: Scope, *, payment_id: str) -> tuple[Document | None, Document]:
    """The payment's order (None for a deposit) and the payment, both locked, the order first. Raises NotFound.

    Reading the order id before the lock is safe: a payment's order never changes.
    """
    order_id = read_payment(scope, payment_id=payment_id)["order_id"]
    order = lock_order(scope, order_id=order_id) if order_id is not None else None
    row = queries.locked_payment.document(scope, row_id=payment_id)
    return order, _found(row, f"There is no payment {payment_id}.")


def change_payment(
    scope: Scope, before: Document, *, status: str, decline_code: str | None = None, refunded_minor: int | None = None
) -> Document:
    """Write a locked payment's status and what was refunded of it; returns the payment as it is now."""
    queries.change_payment.rows(
        scope, row_id=before["id"], new_status=status, new_decline_code=decline_code,
        new_refunded_minor=before["refunded_minor"] if refunded_minor is None else refunded_minor,
        changed_at=max(tenant_now_us(scope), before["updated_at"]),
    )  # fmt: skip
    return read_payment(scope, payment_id=before["id"])


def tell_reservation(scope: Scope, payment: Document) -> None:
    """Have the reservation of a deposit take notice of what became of it. Nothing for the payment of an order."""
    if payment["reservation_id"] is not None:
        set_task(scope, kind=DEPOSIT_CHANGED, object_id=payment["reservation_id"])


def place_of(order: Document | None) -> str | None:
    """The location an event about this order's money belongs to."""
    return order["location_id"] if order is not None else None


def _found(document: Document | None, message: str) -> Document:
    if document is None:
        raise NotFound(message)
    return document
