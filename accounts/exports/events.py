"""Events of exports. Object: the export document; it says what a file holds, never what stands in it."""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ExportCompleted(Event):
    type: ClassVar[str] = "export.completed"


@dataclass(frozen=True, kw_only=True)
class ExportFailed(Event):
    type: ClassVar[str] = "export.failed"
