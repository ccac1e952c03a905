"""Events of locations."""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class StoreStatusChanged(Event):
    """A location went online, paused or offline. Object: the location document."""

    type: ClassVar[str] = "store.status.updated"
