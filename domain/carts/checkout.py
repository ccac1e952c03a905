"""Turning a cart into an order that is paid for, or into nothing at all.

Order and payment stand or fall together: whatever is refused, a declined payment too, rolls the whole transaction back, so
no order, no stock and no use of a promo code remains, and the cart is open as before.
"""

from dataclasses import dataclass

from domain.bookings.dining import linked
from domain.carts.errors import TotalsMismatch
from domain.carts.pricing import draft_of
from domain.carts.rows import CHECKED_OUT
from domain.carts.rows import finished
from domain.carts.rows import lock_open_cart
from domain.carts.rows import read_cart
from domain.orders.service import get_order
from domain.orders.service import place_order
from domain.payments.service import take_payment
from kit.documents import Document
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import PaymentDeclined
from kit.scope import Scope


@dataclass(frozen=True, slots=True)
class Checkout:
    """payment None: nothing was due."""

    order: Document
    payment: Document | None


def check_out(
    scope: Scope,
    *,
    cart_id: str,
    expected_version: int | None = None,
    expected_total_minor: int | None = None,
    method: str | None = None,
    source: str | None = None,
    tip_minor: int = 0,
    tendered_minor: int | None = None,
    payer_label: str | None = None,
) -> Checkout:
    """Place the cart's order and take all that is due for it. method None: only for what costs nothing.

    expected_total_minor: what the guest has agreed to pay, without a tip given now. Records the events of the order and
    the payment. Raises NotFound, CartExpired (410), InvalidTransition (409, checked out already), Conflict (409),
    TotalsMismatch (422), PaymentDeclined (402), and what placing an order and taking a payment raise.
    """
    row = lock_open_cart(scope, cart_id=cart_id, expected_version=expected_version)
    cart = read_cart(scope, cart_id=cart_id)
    if not cart["lines"]:
        raise _refused("items", "The cart is empty.")
    placed = place_order(scope, draft=linked(scope, draft=draft_of(cart)))
    if not placed.is_new:
        raise DuplicateReference(f"external_id {cart['external_id']} already belongs to an order.")
    order = placed.document
    if expected_total_minor is not None and order["total_minor"] != expected_total_minor:
        data = {"total_minor": order["total_minor"], "currency": order["currency"]}
        errors = [FieldError("expected_total", TotalsMismatch.code, "The cart costs something else now.")]
        raise TotalsMismatch("The cart costs something else now; read it again.", errors=errors, **data)
    payment = None
    if order["due_minor"] + tip_minor > 0:
        if method is None:
            raise _refused("payment", "Say how the order is paid.")
        payment = take_payment(
            scope, order_id=order["id"], method=method, source=source, tip_minor=tip_minor, tendered_minor=tendered_minor,
            payer_label=payer_label,
        )  # fmt: skip
        if payment["status"] == "failed":
            code = payment["decline_code"]
            raise PaymentDeclined(f"The payment was declined: {code}. The cart is still open.", decline_code=code)
        order = get_order(scope, order_id=order["id"])
    row.status, row.order_id = CHECKED_OUT, order["id"]
    finished(scope, row)
    return Checkout(order, payment)


def _refused(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[FieldError(field, "validation_failed", message)])
