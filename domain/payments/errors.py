"""Refusals of payments."""

from kit.errors import Invalid
from kit.errors import Unavailable


class AmountExceedsDue(Invalid):
    """Data: due_minor, currency."""

    code, title = "amount_exceeds_due", "The payment is larger than what is due"


class RefundExceedsPaid(Invalid):
    """Data: refundable_minor, currency."""

    code, title = "refund_exceeds_paid", "The refund is larger than what is left of the payment"


class ProcessorUnavailable(Unavailable):
    """Nothing was written and no money moved; the same call may be repeated."""

    code, title = "payment_processor_unavailable", "The payment processor did not answer"
