"""Events of payments. Object: the payment document.

payment.confirmed also carries `order`, its document after the payment; the two refund events carry `refund`.
"""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class PaymentCreated(Event):
    type: ClassVar[str] = "payment.created"


@dataclass(frozen=True, kw_only=True)
class PaymentConfirmed(Event):
    type: ClassVar[str] = "payment.confirmed"


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(Event):
    type: ClassVar[str] = "payment.failed"


@dataclass(frozen=True, kw_only=True)
class PaymentCancelled(Event):
    type: ClassVar[str] = "payment.cancelled"


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(Event):
    """All of the payment has been given back."""

    type: ClassVar[str] = "payment.refunded"


@dataclass(frozen=True, kw_only=True)
class PaymentPartiallyRefunded(Event):
    type: ClassVar[str] = "payment.partially_refunded"
