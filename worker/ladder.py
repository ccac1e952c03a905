"""How near an endpoint that takes nothing has come to being switched off.

That happens after five days without a success and twenty exhausted deliveries; half the way, at 70 and at 90 % its owner is
warned. The rung is written on the plane with what caused it; control learns of it afterwards (worker.disabling).
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from accounts.webhooks.models import DISABLED_AFTER
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import EndpointHealth
from accounts.webhooks.models import Subscription
from kit.clock import now_us
from kit.clock import to_us
from kit.planes import Environment
from worker import health
from worker.operations import Operations
from worker.operations import Reason
from worker.operations import operations
from worker.pace import Endpoint
from worker.stopping import FAILING
from worker.stopping import Disabled
from worker.stopping import stop

FAILING_US = DISABLED_AFTER // timedelta(microseconds=1)
FAILING_DEAD = 20
RUNGS = (90, 70, 50)  # per cent
TOP = 100
MOST_LOOKED_AT = 100  # in one sweep

_D: Any = Delivery.__table__
_H: Any = EndpointHealth.__table__
_S: Any = Subscription.__table__

_of_endpoint = (_D.c.tenant_id == bindparam("of_tenant"), _D.c.endpoint_id == bindparam("of_endpoint"))
_last_success = select(func.max(_D.c.finished_at)).where(*_of_endpoint, _D.c.state == "succeeded")
_exhausted = select(func.count()).where(*_of_endpoint, _D.c.state == "dead", _D.c.finished_at > bindparam("since"))
_beginning = (
    select(_S.c.created_at, _H.c.judged_from)
    .outerjoin(_H, health.of(_S))
    .where(_S.c.tenant_id == bindparam("of_tenant"), _S.c.id == bindparam("of_endpoint"))
)
_climb = (
    update(_H)
    .where(_H.c.tenant_id == bindparam("of_tenant"), _H.c.id == bindparam("of_endpoint"))
    .where(or_(_H.c.failing_since.is_(None), _H.c.warned_percent < bindparam("rung")))
    .values(
        failing_since=bindparam("since"), warned_percent=bindparam("rung"),
        failing_reason=func.coalesce(bindparam("why", type_=Text), _H.c.failing_reason),
    )
)  # fmt: skip
_long_failing = (
    select(_S.c.tenant_id, _S.c.id, _S.c.version)
    .join(_H, health.of(_S))
    .where(_S.c.is_enabled, _H.c.failing_since <= bindparam("before"))
    .order_by(func.random())
    .limit(MOST_LOOKED_AT)
)


def climb(unit: Operations, endpoint: Endpoint, at: int, *, why: str | None = None) -> int:
    """Write how far an endpoint has come, and return it: per cent of the way to being switched off, at most 100.

    why: the reason of the last attempt; None when nothing was attempted.
    """
    which = {"of_tenant": endpoint[0], "of_endpoint": endpoint[1]}
    beginning = unit.execute(_beginning, which).first()
    if beginning is None:
        return 0
    last_success = unit.execute(_last_success, which).scalar()
    since = max(instant for instant in (*beginning, last_success) if instant is not None)
    exhausted = unit.execute(_exhausted, {**which, "since": since}).scalar_one()
    percent = min(TOP, (at - to_us(since)) * TOP // FAILING_US, exhausted * TOP // FAILING_DEAD)
    rung = next((rung for rung in RUNGS if rung <= percent), 0)
    health.know(unit, [endpoint])
    unit.execute(_climb, {**which, "since": since, "rung": rung, "why": why})
    return percent


def climb_on(environment: Environment) -> list[Disabled]:
    """Let time move the endpoints that have failed for long: their last deliveries may be dead already.

    Returns those that were switched off by it.
    """
    disabled = []
    with operations(environment, reason=Reason.SWEEP) as unit:
        at = now_us()
        for row in unit.execute(_long_failing, {"before": at - FAILING_US // 2}).all():
            endpoint = row.tenant_id, row.id
            if climb(unit, endpoint, at) == TOP:
                disabled.append(stop(unit, endpoint, version=row.version, reason=FAILING))
    return [one for one in disabled if one is not None]
