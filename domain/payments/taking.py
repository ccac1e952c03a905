"""Taking money for an order: payments that are made, settled or given up.

Locks the order first and then the payment, and judges what it reads after that. A declined payment is a written fact
(row and events); what it means for the answer is the edge's business.
"""

from typing import Any

from domain.orders.errors import CurrencyMismatch
from domain.orders.machine import require_move
from domain.orders.service import earn_points
from domain.orders.service import lock_order
from domain.orders.service import note_history
from domain.orders.service import record_updated
from domain.orders.service import settle
from domain.payments.errors import AmountExceedsDue
from domain.payments.events import PaymentCancelled
from domain.payments.events import PaymentConfirmed
from domain.payments.events import PaymentCreated
from domain.payments.events import PaymentFailed
from domain.payments.machine import METHODS
from domain.payments.machine import MOVES
from domain.payments.machine import TAKES_NO_PAYMENT
from domain.payments.models import Payment
from domain.payments.processor import CONFIRMED
from domain.payments.processor import FAILED
from domain.payments.processor import PENDING
from domain.payments.processor import Outcome
from domain.payments.processor import authorise
from domain.payments.rows import change_payment
from domain.payments.rows import find_payment
from domain.payments.rows import lock_payment
from domain.payments.rows import place_of
from domain.payments.rows import read_payment
from domain.payments.rows import tell_reservation
from domain.timers.service import set_timer
from kit.documents import Document
from kit.documents import append
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import PlatformError
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

CONFIRM = "payment.confirm"
LATE_CODES: dict[type[PlatformError], str] = {
    AmountExceedsDue: "amount_exceeds_due", InvalidTransition: "order_called_off",
}  # fmt: skip


def take_payment(
    scope: Scope,
    *,
    order_id: str,
    amount_minor: int | None = None,
    tip_minor: int = 0,
    method: str,
    source: str | None = None,
    tendered_minor: int | None = None,
    payer_label: str | None = None,
    purpose: str = "order",
    currency: str | None = None,
) -> Document:
    """Take money for an order and return the payment document; its status is confirmed, failed or created (pending).

    amount_minor None: all that is due. The tip comes on top and raises the order's tip and total. tendered_minor is
    what was handed over in cash. Records payment.created and payment.confirmed, then order.updated; or
    payment.failed, which is a result here and no exception, so that it survives. Raises NotFound, InvalidTransition
    (409, the order was called off), AmountExceedsDue, CurrencyMismatch, Invalid (422), ProcessorUnavailable (503,
    nothing written).
    """
    order = lock_order(scope, order_id=order_id)
    if currency is not None and currency != order["currency"]:
        raise CurrencyMismatch(f"The order is in {order['currency']}, not in {currency}.")
    _check_takes_payment(order)
    amount = order["due_minor"] if amount_minor is None else amount_minor
    _check_payment(method=method, purpose=purpose, amount=amount, tip=tip_minor, tendered=tendered_minor)
    _check_due(order, amount, tip_minor)
    outcome = authorise(scope.environment, method=method, source=source, charged_minor=amount + tip_minor)
    payment_id, now_us = new_id("pay"), tenant_now_us(scope)
    append(scope, Payment, [{
        "id": payment_id, "order_id": order_id, "purpose": purpose, "method": method, "currency": order["currency"],
        "amount_minor": amount, "tip_minor": tip_minor, "tendered_minor": tendered_minor,
        "change_minor": None if tendered_minor is None else tendered_minor - amount - tip_minor,
        "refunded_minor": 0, "status": outcome.status, "decline_code": outcome.decline_code,
        "provider_ref": new_id("sim") if source is not None else None, "payer_label": payer_label,
        "version": 1 if outcome.status == PENDING else 2, "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    payment = read_payment(scope, payment_id=payment_id)
    created = payment | {"status": PENDING, "decline_code": None, "version": 1}
    record(scope, PaymentCreated(object=created, location_id=order["location_id"]))
    if outcome.confirms_after_s is not None:
        due_at_us = now_us + outcome.confirms_after_s * 1_000_000
        set_timer(scope, kind=CONFIRM, object_id=payment_id, due_at_us=due_at_us)
    _conclude(scope, order=order, before=created, payment=payment)
    return payment


def settle_payment(scope: Scope, *, payment_id: str, decline_code: str | None = None) -> Document:
    """End a pending payment: confirmed, or failed when there is a decline code. Returns the payment document.

    Records payment.confirmed and order.updated, or payment.failed. Raises NotFound, InvalidTransition (409) unless it
    is pending and its order not called off, AmountExceedsDue (422) when other payments have covered the bill meanwhile.
    """
    order, before = lock_payment(scope, payment_id=payment_id)
    outcome = Outcome(FAILED, decline_code) if decline_code is not None else Outcome(CONFIRMED)
    require_move(MOVES, before["status"], outcome.status)
    if order is not None and outcome.status == CONFIRMED:
        _check_takes_payment(order)
        _check_due(order, before["amount_minor"], before["tip_minor"])
    payment = change_payment(scope, before, status=outcome.status, decline_code=decline_code)
    _conclude(scope, order=order, before=before, payment=payment)
    return payment


def confirm_pending(scope: Scope, payment_id: str) -> None:
    """Confirm a payment of an order that is still pending; fail it when the order cannot take it any more."""
    payment = find_payment(scope, payment_id=payment_id)
    if payment is None or payment["status"] != PENDING:
        return
    try:
        settle_payment(scope, payment_id=payment_id)
    except (AmountExceedsDue, InvalidTransition) as refusal:
        settle_payment(scope, payment_id=payment_id, decline_code=LATE_CODES[type(refusal)])


def cancel_payment(scope: Scope, *, payment_id: str, expected_version: int | None = None) -> Document:
    """Give a pending payment up and record payment.cancelled. Cancelling again changes nothing.

    Raises NotFound, Conflict (409 version_conflict), InvalidTransition (409) for a payment that is not pending.
    """
    order, before = lock_payment(scope, payment_id=payment_id)
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The payment is at version {before['version']} now.", current_version=before["version"])
    if before["status"] == "cancelled":
        return before
    require_move(MOVES, before["status"], "cancelled")
    after = change_payment(scope, before, status="cancelled")
    tell_reservation(scope, after)
    record(scope, PaymentCancelled(object=after, previous={"status": before["status"]}, location_id=place_of(order)))
    return after


def _check_payment(*, method: str, purpose: str, amount: int, tip: int, tendered: int | None) -> None:
    errors = []
    if method not in METHODS:
        errors.append(("method", f"Expected one of {', '.join(METHODS)}."))
    if purpose != "order":
        errors.append(("purpose", "An order is paid with purpose order."))
    if amount < 0:
        errors.append(("amount", "Expected 0 or more."))
    if tip < 0:
        errors.append(("tip", "Expected 0 or more."))
    if tendered is not None and method != "cash":
        errors.append(("tendered", f"Goes with cash; a {method} payment takes the exact amount."))
    elif tendered is not None and tendered < amount + tip:
        errors.append(("tendered", "Less was handed over than amount and tip together."))
    if errors:
        raise Invalid(errors=[FieldError(path, "validation_failed", message) for path, message in errors])


def _check_takes_payment(order: Document) -> None:
    if order["status"] in TAKES_NO_PAYMENT:
        data: dict[str, Any] = {"from": order["status"], "to": "paid", "allowed": []}
        raise InvalidTransition(f"A {order['status']} order takes no payment.", **data)


def _check_due(order: Document, amount: int, tip: int) -> None:
    due = order["due_minor"]
    if amount > due or amount + tip == 0:
        message = "Nothing is due on this order." if due == 0 else "More is offered than is due, or nothing at all."
        raise AmountExceedsDue(message, due_minor=due, currency=order["currency"])


def _conclude(scope: Scope, *, order: Document | None, before: Document, payment: Document) -> None:
    """Record what became of a payment and tell its order. Trusts that both are locked and the payment is written."""
    previous, location_id = {"status": before["status"]}, place_of(order)
    tell_reservation(scope, payment)
    if payment["status"] == FAILED:
        previous |= {"decline_code": before["decline_code"]}
        record(scope, PaymentFailed(object=payment, previous=previous, location_id=location_id))
    elif payment["status"] == CONFIRMED and order is None:
        record(scope, PaymentConfirmed(object=payment, previous=previous))
    elif payment["status"] == CONFIRMED and order is not None:
        paid = payment["amount_minor"] + payment["tip_minor"]
        after = settle(scope, before=order, paid_minor=paid, tip_minor=payment["tip_minor"])
        shown = payment | {"order": after}
        record(scope, PaymentConfirmed(object=shown, previous=previous, location_id=location_id))
        record_updated(scope, before=order, after=after)
        earn_points(scope, order=after)
        note_history(scope, order=after)
