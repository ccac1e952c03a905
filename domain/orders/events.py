"""Events of orders. Object: the order document. A move reports the status reached, never those it skipped."""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class OrderCreated(Event):
    """An order entered pending or scheduled for the first time."""

    type: ClassVar[str] = "order.created"


@dataclass(frozen=True, kw_only=True)
class OrderAccepted(Event):
    type: ClassVar[str] = "order.accepted"


@dataclass(frozen=True, kw_only=True)
class OrderRejected(Event):
    type: ClassVar[str] = "order.rejected"


@dataclass(frozen=True, kw_only=True)
class OrderPreparing(Event):
    type: ClassVar[str] = "order.preparing"


@dataclass(frozen=True, kw_only=True)
class OrderReady(Event):
    type: ClassVar[str] = "order.ready"


@dataclass(frozen=True, kw_only=True)
class OrderPickedUp(Event):
    type: ClassVar[str] = "order.picked_up"


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Event):
    type: ClassVar[str] = "order.completed"


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    type: ClassVar[str] = "order.cancelled"


@dataclass(frozen=True, kw_only=True)
class OrderFailed(Event):
    type: ClassVar[str] = "order.failed"


@dataclass(frozen=True, kw_only=True)
class OrderUpdated(Event):
    """Anything about an order changed except that it reached a status with an event of its own."""

    type: ClassVar[str] = "order.updated"


@dataclass(frozen=True, kw_only=True)
class OrderDeliveryUpdated(Event):
    """The delivery of an order: its status, courier or expected time changed."""

    type: ClassVar[str] = "order.delivery.updated"


@dataclass(frozen=True, kw_only=True)
class OrderCancellationRequested(Event):
    """A channel asks to cancel an order that was accepted a while ago; the restaurant answers."""

    type: ClassVar[str] = "order.cancellation_requested"


REACHED: dict[str, type[Event]] = {
    "accepted": OrderAccepted,
    "rejected": OrderRejected,
    "preparing": OrderPreparing,
    "ready": OrderReady,
    "picked_up": OrderPickedUp,
    "completed": OrderCompleted,
    "cancelled": OrderCancelled,
    "failed": OrderFailed,
}
