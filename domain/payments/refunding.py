"""Giving money back on one payment. Locks the order first and then the payment, and judges what it reads after that."""

from domain.loyalty.service import reverse_for_refund
from domain.orders.machine import require_move
from domain.orders.service import note_history
from domain.orders.service import settle
from domain.payments.errors import RefundExceedsPaid
from domain.payments.events import PaymentPartiallyRefunded
from domain.payments.events import PaymentRefunded
from domain.payments.machine import MOVES
from domain.payments.machine import REFUND_REASONS
from domain.payments.models import Refund
from domain.payments.processor import refund_status
from domain.payments.rows import change_payment
from domain.payments.rows import lock_payment
from domain.payments.rows import place_of
from domain.payments.rows import read_refund
from domain.payments.rows import tell_reservation
from kit.documents import Document
from kit.documents import append
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us


def refund_payment(
    scope: Scope,
    *,
    payment_id: str,
    amount_minor: int | None = None,
    reason: str,
    line_ids: tuple[str, ...] | list[str] = (),
) -> Document:
    """Give money back and return the refund document; its status is succeeded or failed.

    amount_minor None: all that is left of the payment, tip included. line_ids: what it is for, a note without
    arithmetic. A success records payment.partially_refunded, or payment.refunded with the last of it; a failure
    records nothing. Raises NotFound, RefundExceedsPaid, Invalid (422).
    """
    order, payment = lock_payment(scope, payment_id=payment_id)
    left = _refundable(payment)
    amount = left if amount_minor is None else amount_minor
    _check_refund(order, amount_minor, reason, line_ids)
    if amount > left or left == 0:
        message = "There is nothing left to give back." if left == 0 else "The refund is larger than what is left."
        raise RefundExceedsPaid(message, refundable_minor=left, currency=payment["currency"])
    status, refund_id, now_us = (
        refund_status(scope.environment, amount_minor=amount),
        new_id("rfd"),
        tenant_now_us(scope),
    )
    append(scope, Refund, [{
        "id": refund_id, "payment_id": payment_id, "order_id": payment["order_id"], "currency": payment["currency"],
        "amount_minor": amount, "reason": reason, "line_ids": list(line_ids), "status": status,
        "version": 1, "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    refund = read_refund(scope, refund_id=refund_id)
    if status == "succeeded":
        _give_back(scope, order=order, payment=payment, refund=refund, is_last=amount == left)
    return refund


def _check_refund(
    order: Document | None, amount_minor: int | None, reason: str, line_ids: tuple[str, ...] | list[str]
) -> None:
    errors = []
    if reason not in REFUND_REASONS:
        errors.append(("reason", f"Expected one of {', '.join(REFUND_REASONS)}."))
    if amount_minor is not None and amount_minor < 1:
        errors.append(("amount", "Expected more than 0."))
    known = {line["id"] for line in order["lines"]} if order is not None else set()
    if unknown := [line_id for line_id in line_ids if line_id not in known]:
        errors.append(("line_ids", f"The order has no line {unknown[0]}."))
    if errors:
        raise Invalid(errors=[FieldError(path, "validation_failed", message) for path, message in errors])


def _refundable(payment: Document) -> int:
    if payment["status"] not in ("confirmed", "partially_refunded"):
        return 0
    left: int = payment["amount_minor"] + payment["tip_minor"] - payment["refunded_minor"]
    return left


def _give_back(scope: Scope, *, order: Document | None, payment: Document, refund: Document, is_last: bool) -> None:
    refunded = payment["refunded_minor"] + refund["amount_minor"]
    status = "refunded" if is_last else "partially_refunded"
    require_move(MOVES, payment["status"], status)
    after = change_payment(scope, payment, status=status, refunded_minor=refunded)
    settled = None if order is None else settle(scope, before=order, refunded_minor=refund["amount_minor"])
    event = PaymentRefunded if is_last else PaymentPartiallyRefunded
    previous = {name: payment[name] for name in ("status", "refunded_minor") if payment[name] != after[name]}
    record(scope, event(object=after | {"refund": refund}, previous=previous, location_id=place_of(order)))
    tell_reservation(scope, after)
    if settled is not None:  # points may have been given by hand for an order without a customer
        reverse_for_refund(scope, order=settled, refunded_minor=refund["amount_minor"])
        note_history(scope, order=settled)
