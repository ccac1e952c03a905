"""The sweep: finishes what a lost nudge, a dead process or an emptied Redis left behind. Everything in it may be repeated."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import update

from accounts.applications.service import tenants_pending
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import Subscription
from accounts.webhooks.sync import sync_pending
from kit.clock import now_us
from kit.planes import Environment
from kit.unit import control_unit
from sandbox.provision import provision
from worker.disabling import tell_all
from worker.disabling import tell_of_ladder
from worker.disabling import untold
from worker.ladder import climb_on
from worker.operations import Reason
from worker.operations import operations
from worker.partitions import look_ahead
from worker.stopping import hold

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 20  # of a delivery whose process died each time: it may be what kills them

_S: Any = Subscription.__table__
_D: Any = Delivery.__table__
_NOW: Any = bindparam("now")
_its_subscription = (_S.c.tenant_id == _D.c.tenant_id) & (_S.c.id == _D.c.endpoint_id)
_is_due = (_D.c.state == "pending") & (_D.c.due_at <= _NOW)
# Found by the index of leases: a backlog is not looked through every few seconds.
_lease_is_over = (_D.c.state == "pending") & _D.c.lease_id.is_not(None) & (_D.c.lease_until <= _NOW)

_give_up = (
    update(_D)
    .where(_lease_is_over, _D.c.attempts >= MOST_ATTEMPTS)
    .values(state="dead", due_at=None, finished_at=_NOW, last_reason="lost", lease_id=None, lease_until=None)
)
_give_back = update(_D).where(_lease_is_over).values(lease_id=None, lease_until=None)
_orphaned = (
    select(_D.c.tenant_id, _D.c.endpoint_id)
    .where(_is_due, ~exists(select(_S.c.id).where(_its_subscription).correlate(_D)))
    .distinct()
    .limit(500)
)
_end_orphans = (
    update(_D)
    .where(_D.c.tenant_id == bindparam("of_tenant"), _D.c.endpoint_id == bindparam("of_endpoint"), _is_due)
    .values(
        state="dead", due_at=None, finished_at=_NOW, last_reason="endpoint_deleted", lease_id=None, lease_until=None
    )
)
_switched_off = (
    select(_S.c.tenant_id, _S.c.id)
    .where(_S.c.is_enabled.is_(False), exists(select(_D.c.id).where(_its_subscription, _is_due).correlate(_S)))
    .order_by(_S.c.tenant_id, _S.c.id)
    .limit(500)
    .with_for_update()  # enabling one at this moment waits, and then releases what is held here
)


def sweep() -> None:
    """Run every step on both planes; a step that fails is logged and does not keep the others from running."""
    for environment in Environment:
        _try(f"{environment} deliveries", partial(tidy_deliveries, environment))
        _try(f"{environment} disabled endpoints", partial(_tell_untold, environment))
        _try(f"{environment} failing endpoints", partial(tell_of_ladder, environment))
        _try(f"{environment} partitions", partial(look_ahead, environment))
    _try("tenants", provision_pending)
    _try("subscriptions", sync_pending)


def tidy_deliveries(environment: Environment) -> None:
    """Take back leases that ran out, and hold the deliveries of disabled endpoints."""
    with operations(environment, reason=Reason.SWEEP) as unit:
        at = {"now": now_us()}
        given_up = unit.execute(_give_up, at).rowcount
        given_back = unit.execute(_give_back, at).rowcount
        if off := [(row.tenant_id, row.id) for row in unit.execute(_switched_off, at)]:
            hold(unit, off)
    if given_up or given_back:
        log.warning("leases ran out", extra={"plane": environment.value, "again": given_back, "given_up": given_up})


def end_orphans() -> None:
    """End deliveries whose endpoint has left the plane. They disturb nobody, so every now and then is enough."""
    for environment in Environment:
        with operations(environment, reason=Reason.SWEEP, writes=False) as unit:
            found = unit.execute(_orphaned, {"now": now_us()}).all()
        for row in found:
            with operations(environment, reason=Reason.SWEEP) as unit:
                unit.execute(_end_orphans, {"of_tenant": row.tenant_id, "of_endpoint": row.endpoint_id, "now": now_us()})


def provision_pending() -> None:
    """Build what a killed sign-up or approval left unbuilt."""
    with control_unit(writes=False):
        waiting = [tenant.id for tenant in tenants_pending()]
    for tenant_id in waiting:
        _try(f"tenant {tenant_id}", partial(provision, tenant_id))


def _tell_untold(environment: Environment) -> None:
    tell_all([*climb_on(environment), *untold(environment)])


def _try(what: str, step: Callable[[], Any]) -> None:
    try:
        step()
    except Exception:  # the next sweep tries again; the other steps must not wait for this one
        log.exception("sweep: %s failed", what)
