"""Events of locations and their tables."""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class StoreStatusChanged(Event):
    """A location went online, paused or offline. Object: the location document."""

    type: ClassVar[str] = "store.status.updated"


@dataclass(frozen=True, kw_only=True)
class TableUpdated(Event):
    """A table was edited, locked, unlocked, cleaned or combined with another. Object: the table document."""

    type: ClassVar[str] = "table.updated"
