"""Events of bookings. Object: the reservation document; of a hold the hold document.

reservation.updated tells of every change; the three ends of a reservation have an event of their own besides it.
"""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ReservationCreated(Event):
    """A reservation was requested or confirmed for the first time. Holds are silent."""

    type: ClassVar[str] = "reservation.created"


@dataclass(frozen=True, kw_only=True)
class ReservationUpdated(Event):
    """Anything about a reservation changed, its status included."""

    type: ClassVar[str] = "reservation.updated"


@dataclass(frozen=True, kw_only=True)
class ReservationCancelled(Event):
    """A reservation was cancelled or rejected."""

    type: ClassVar[str] = "reservation.cancelled"


@dataclass(frozen=True, kw_only=True)
class ReservationCompleted(Event):
    type: ClassVar[str] = "reservation.completed"


@dataclass(frozen=True, kw_only=True)
class ReservationNoShow(Event):
    type: ClassVar[str] = "reservation.no_show"


@dataclass(frozen=True, kw_only=True)
class HoldRanOut(Event):
    """A hold reached its end without being used; its tables are free again."""

    type: ClassVar[str] = "reservation.hold_expired"


REACHED: dict[str, type[Event]] = {
    "cancelled": ReservationCancelled,
    "rejected": ReservationCancelled,
    "completed": ReservationCompleted,
    "no_show": ReservationNoShow,
}
