"""Switching an endpoint off on a plane. The plane stops first, and that is the fact; control learns of it (worker.disabling)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import Subscription
from accounts.webhooks.sync import UNTOLD
from worker.operations import Operations
from worker.pace import Endpoint

FAILING = "no_success_for_5_days"

_D: Any = Delivery.__table__
_S: Any = Subscription.__table__

_disable = (
    update(_S)
    .where(_S.c.tenant_id == bindparam("of_tenant"), _S.c.id == bindparam("of_endpoint"), _S.c.is_enabled)
    .where(_S.c.version == bindparam("of_version"))  # an endpoint changed meanwhile gets a new chance
    .values(is_enabled=False, disabled_reason=bindparam("why"))
    .returning(_S.c.id)
)
_is_on = select(_S.c.id).where(_S.c.tenant_id == _D.c.tenant_id, _S.c.id == _D.c.endpoint_id, _S.c.is_enabled).correlate(_D)
_hold = (
    update(_D)
    .where(tuple_(_D.c.tenant_id, _D.c.endpoint_id).in_(bindparam("endpoints", expanding=True)))
    # Those under way follow with their results.
    .where(_D.c.state == "pending", _D.c.due_at.is_not(None), _D.c.lease_id.is_(None), ~exists(_is_on))
    .values(state="held", due_at=None)
)


@dataclass(frozen=True)
class Disabled:
    """An endpoint that was switched off on a plane; control has to learn of it."""

    endpoint_id: str
    version: int
    reason: str


def stop(unit: Operations, endpoint: Endpoint, *, version: int, reason: str) -> Disabled | None:
    """Switch an endpoint off unless it is off or was changed since `version`, and hold what waits for it if it is off."""
    tenant_id, endpoint_id = endpoint
    which = {"of_tenant": tenant_id, "of_endpoint": endpoint_id, "of_version": version, "why": UNTOLD + reason}
    was_on = unit.execute(_disable, which).first() is not None
    hold(unit, [endpoint])
    return Disabled(endpoint_id, version, reason) if was_on else None


def hold(unit: Operations, endpoints: list[Endpoint]) -> None:
    """Keep what waits for endpoints that are off until they are on again."""
    unit.execute(_hold, {"endpoints": endpoints})
