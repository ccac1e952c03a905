"""Events as rows of the business transaction that caused them.

`record` collects, the commit writes: each event takes the next number of its tenant's sequence, so numbers follow commit
order and never repeat. Delivery is the worker's business. Body: the canonical document of the object (kit.documents), not
any product's representation; api.events renders it. Source: transactional outbox pattern; Standard Webhooks for the id.
"""

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any
from typing import ClassVar

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import bindparam
from sqlalchemy import update
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.clock import now_us
from kit.documents import TENANT
from kit.documents import JsonColumn
from kit.documents import append
from kit.documents import registered_write
from kit.ids import new_id
from kit.scope import Scope
from kit.scope import TenantOwned
from kit.scope import TenantState
from kit.unit import current
from kit.unit import tenant_now_us


class EventRow(TenantOwned):
    """One committed fact. `relayed_at` is empty until the worker has made the deliveries for it."""

    __tablename__ = "events"
    _prefix = "evt"

    sequence: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(String(64))
    object_id: Mapped[str] = mapped_column(String(64))
    location_id: Mapped[str | None] = mapped_column(String(64))
    body: Mapped[dict[str, Any]] = mapped_column(JsonColumn)  # {"object": document, "previous": {...} | null}
    actor_type: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str] = mapped_column(String(64))
    application_id: Mapped[str | None] = mapped_column(String(64))  # whose credential caused it, for exclude_own
    request_id: Mapped[str | None] = mapped_column(String(64))
    is_synthetic: Mapped[bool] = mapped_column(Boolean, default=False)  # made by the sandbox trigger
    only_endpoint_id: Mapped[str | None] = mapped_column(String(64))  # a test meant for one endpoint
    created_at: Mapped[datetime] = mapped_column(Instant)  # the tenant's clock
    committed_at: Mapped[datetime] = mapped_column(Instant)  # real time
    relayed_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("uq_events_sequence", "tenant_id", "sequence", unique=True),
        Index("ix_events_unrelayed", "committed_at", sqlite_where=relayed_at.is_(None), postgresql_where=relayed_at.is_(None)),
    )


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of the domain's event classes. `object` is a canonical document with an `id`."""

    type: ClassVar[str]

    object: dict[str, Any]
    previous: dict[str, Any] | None = None
    location_id: str | None = None
    is_synthetic: bool = False
    only_endpoint_id: str | None = None
    id: str = field(default_factory=lambda: new_id("evt"))


_next_numbers = registered_write(
    "outbox.next_numbers",
    lambda: (
        update(TenantState.__table__)
        .where(TenantState.__table__.c.tenant_id == TENANT)
        .values(event_sequence=TenantState.__table__.c.event_sequence + bindparam("count", type_=BigInteger))
        .returning(TenantState.__table__.c.event_sequence)
    ),
)


def record(scope: Scope, event: Event) -> Event:
    """Add an event to the open transaction; it is written at commit, in the order recorded."""
    unit = current(scope)
    if "events" not in unit.memo:
        unit.memo["events"] = []
        unit.before_commit.append(lambda: _write(scope, unit.memo["events"]))
    # Another actor may act in the same transaction, and a sandbox clock that jumps stands at each timer's instant meanwhile.
    unit.memo["events"].append((scope, tenant_now_us(scope), event))
    return event


def _write(scope: Scope, events: list[tuple[Scope, int, Event]]) -> None:
    # The counter row stays locked until commit: numbers of one tenant are handed out in commit order.
    row = _next_numbers.row(scope, count=len(events))
    if row is None:
        raise RuntimeError("the tenant has no state row")
    first, committed_at = row[0] - len(events) + 1, now_us()
    append(scope, EventRow, [
        {
            "id": event.id, "sequence": first + offset, "type": event.type, "object_id": event.object["id"],
            "location_id": event.location_id, "body": {"object": event.object, "previous": event.previous},
            "actor_type": by.actor.type, "actor_id": by.actor.id, "application_id": by.application_id,
            "request_id": by.request_id, "is_synthetic": event.is_synthetic,
            "only_endpoint_id": event.only_endpoint_id,
            "created_at": at, "committed_at": committed_at,
        }
        for offset, (by, at, event) in enumerate(events)
    ])  # fmt: skip
