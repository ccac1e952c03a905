"""Events of integrations. Object: the integration document, or the run's for the two sync events.

integration.mapping_required: {id, integration, refs: [{kind, external_ref, external_name, object_id, reason}]}, the
references nobody has said the meaning of.
"""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class IntegrationConnected(Event):
    type: ClassVar[str] = "integration.connected"


@dataclass(frozen=True, kw_only=True)
class IntegrationDisconnected(Event):
    type: ClassVar[str] = "integration.disconnected"


@dataclass(frozen=True, kw_only=True)
class MappingRequired(Event):
    type: ClassVar[str] = "integration.mapping_required"


@dataclass(frozen=True, kw_only=True)
class SyncCompleted(Event):
    type: ClassVar[str] = "integration.sync_completed"


@dataclass(frozen=True, kw_only=True)
class SyncFailed(Event):
    type: ClassVar[str] = "integration.sync_failed"
