"""Money that a reservation asks for in advance, and giving it back. Knows no reservation: whoever calls has locked it.

A deposit is a payment without an order. What it is still worth follows from its refunds and from the orders it was applied to.
"""

from domain.orders.errors import CurrencyMismatch
from domain.payments.errors import AmountExceedsDue
from domain.payments.events import PaymentConfirmed
from domain.payments.events import PaymentCreated
from domain.payments.events import PaymentFailed
from domain.payments.machine import METHODS
from domain.payments.models import Payment
from domain.payments.processor import CONFIRMED
from domain.payments.processor import FAILED
from domain.payments.processor import PENDING
from domain.payments.processor import authorise
from domain.payments.rows import read_payment
from domain.payments.taking import CONFIRM
from domain.timers.service import set_timer
from kit.documents import Document
from kit.documents import append
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

DEPOSIT = "deposit"


def take_deposit(
    scope: Scope,
    *,
    reservation_id: str,
    location_id: str,
    owed_minor: int,
    currency: str,
    method: str,
    amount_minor: int | None = None,
    source: str | None = None,
    tendered_minor: int | None = None,
    payer_label: str | None = None,
    given_currency: str | None = None,
) -> Document:
    """Take a deposit and return the payment document; its status is confirmed, failed or created (pending).

    amount_minor None: all that is owed. Records payment.created, then payment.confirmed or payment.failed; a failure is a
    result here and no exception, so that it survives. Trusts that the reservation is locked and what it owes. Raises
    AmountExceedsDue, CurrencyMismatch, Invalid (422), ProcessorUnavailable (503, nothing written).
    """
    if given_currency is not None and given_currency != currency:
        raise CurrencyMismatch(f"The deposit is in {currency}, not in {given_currency}.")
    amount = owed_minor if amount_minor is None else amount_minor
    _check(method, amount, owed_minor, currency, tendered_minor)
    outcome = authorise(scope.environment, method=method, source=source, charged_minor=amount)
    payment_id, now_us = new_id("pay"), tenant_now_us(scope)
    append(scope, Payment, [{
        "id": payment_id, "reservation_id": reservation_id, "purpose": DEPOSIT, "method": method, "currency": currency,
        "amount_minor": amount, "tip_minor": 0, "tendered_minor": tendered_minor,
        "change_minor": None if tendered_minor is None else tendered_minor - amount, "refunded_minor": 0,
        "status": outcome.status, "decline_code": outcome.decline_code,
        "provider_ref": new_id("sim") if source is not None else None, "payer_label": payer_label,
        "version": 1 if outcome.status == PENDING else 2, "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    if outcome.confirms_after_s is not None:
        due_at_us = now_us + outcome.confirms_after_s * 1_000_000
        set_timer(scope, kind=CONFIRM, object_id=payment_id, due_at_us=due_at_us)
    payment = read_payment(scope, payment_id=payment_id)
    _tell(scope, payment, location_id)
    return payment


def _check(method: str, amount: int, owed: int, currency: str, tendered: int | None) -> None:
    errors = []
    if method not in METHODS:
        errors.append(("method", f"Expected one of {', '.join(METHODS)}."))
    if tendered is not None and method != "cash":
        errors.append(("tendered", f"Goes with cash; a {method} payment takes the exact amount."))
    elif tendered is not None and tendered < amount:
        errors.append(("tendered", "Less was handed over than the amount."))
    if errors:
        raise Invalid(errors=[FieldError(path, "validation_failed", message) for path, message in errors])
    if amount > owed or amount < 1:
        message = "No deposit is due." if owed == 0 else "More is offered than is due, or nothing at all."
        raise AmountExceedsDue(message, due_minor=owed, currency=currency)


def _tell(scope: Scope, payment: Document, location_id: str) -> None:
    created = payment | {"status": PENDING, "decline_code": None, "version": 1}
    record(scope, PaymentCreated(object=created, location_id=location_id))
    previous: Document = {"status": PENDING}
    if payment["status"] == FAILED:
        previous |= {"decline_code": None}
        record(scope, PaymentFailed(object=payment, previous=previous, location_id=location_id))
    elif payment["status"] == CONFIRMED:
        record(scope, PaymentConfirmed(object=payment, previous=previous, location_id=location_id))
