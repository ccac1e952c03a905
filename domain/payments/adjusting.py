"""Amending an order that has been paid: what the guest has paid too much goes back at once."""

from collections.abc import Sequence

from domain.orders import service as orders
from domain.orders.service import Operation
from domain.payments import queries
from domain.payments.refunding import refund_payment
from kit.documents import Document
from kit.scope import Scope

REASON = "price_adjustment"


def amend_order(
    scope: Scope,
    *,
    order_id: str,
    operations: Sequence[Operation],
    allow_open_items: bool = False,
    expected_version: int | None = None,
) -> Document:
    """Amend an order (orders.amending) and refund what it is overpaid by, the latest payment first; return the order.

    Records order.updated, then the events of the refunds (reason price_adjustment). What was given back for other reasons
    before counts as given back. Raises what amending raises.
    """
    order = orders.amend_order(
        scope, order_id=order_id, operations=operations, allow_open_items=allow_open_items,
        expected_version=expected_version,
    )  # fmt: skip
    excess = order["paid_minor"] - order["refunded_minor"] - orders.bill_minor(order)
    if excess <= 0:
        return order
    line_ids = [operation.line_id for operation in operations if operation.line_id is not None]
    for payment in queries.payments_of.documents(scope, order_id=order_id):
        left = payment["amount_minor"] + payment["tip_minor"] - payment["refunded_minor"]
        amount = min(left, excess)
        if amount > 0:
            refund_payment(
                scope, payment_id=payment["id"], amount_minor=amount, reason=REASON, line_ids=list(dict.fromkeys(line_ids))
            )
            excess -= amount
    return orders.get_order(scope, order_id=order_id)
