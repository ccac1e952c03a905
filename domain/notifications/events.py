"""Events of notices to staff. Object: the notice's document."""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class StaffNotificationCreated(Event):
    """Somebody wrote a notice. The notices that follow from orders and reservations are silent."""

    type: ClassVar[str] = "staff.notification.created"
