"""Tells the control plane that an endpoint stopped working, comes near to it, or works again.

The plane switches its subscription off, or writes the rung of the ladder, first; that is the fact. These steps may be lost
and repeated: a stop stays marked until control has disabled the endpoint and the change has come back to the plane
(accounts.webhooks.sync), a rung until `told_percent` has it.
"""

import logging
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from accounts.webhooks.models import EndpointHealth
from accounts.webhooks.models import Subscription
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.service import disable_endpoint
from accounts.webhooks.sync import GONE
from accounts.webhooks.sync import LISTENER_AWAY
from accounts.webhooks.sync import UNTOLD
from accounts.webhooks.warnings import endpoint_recovered
from accounts.webhooks.warnings import warn_endpoint
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from worker import health
from worker.operations import Reason
from worker.operations import operations
from worker.stopping import FAILING
from worker.stopping import Disabled

log = logging.getLogger(__name__)

_H: Any = EndpointHealth.__table__
_S: Any = Subscription.__table__
_untold = (
    select(_S.c.id, _S.c.version, _S.c.disabled_reason)
    .where(_S.c.is_enabled.is_(False), _S.c.disabled_reason.in_([UNTOLD + why for why in (GONE, FAILING, LISTENER_AWAY)]))
    .order_by(_S.c.id)
    .limit(100)
)


_unwarned = (
    select(
        _H.c.tenant_id, _H.c.id, _H.c.warned_percent, _H.c.failing_since, _H.c.failing_reason, _S.c.version, _S.c.is_enabled,
    )
    .join(_S, health.of(_S))
    .where(_H.c.warned_percent != _H.c.told_percent)
    .order_by(func.random())
    .limit(100)
)  # fmt: skip
_told = (
    update(_H)
    .where(_H.c.tenant_id == bindparam("of_tenant"), _H.c.id == bindparam("of_endpoint"))
    .values(told_percent=bindparam("percent"))
)


def untold(environment: Environment) -> list[Disabled]:
    """Subscriptions that were switched off here and that control may not know of."""
    with operations(environment, reason=Reason.SWEEP, writes=False) as unit:
        rows = unit.execute(_untold).all()
    return [Disabled(row.id, row.version, row.disabled_reason.removeprefix(UNTOLD)) for row in rows]


def tell_control(disabled: Disabled) -> bool:
    """Disable the endpoint on the control plane unless it was changed since. Returns whether it was disabled now."""
    with control_unit():
        endpoint = control().session.get(WebhookEndpoint, disabled.endpoint_id)
        if endpoint is None or endpoint.state == "disabled" or endpoint.version != disabled.version:
            return False  # control knows, or its newer version is on its way to the plane
        disable_endpoint(endpoint_id=disabled.endpoint_id, reason=disabled.reason)
    log.warning("endpoint disabled", extra={"endpoint_id": disabled.endpoint_id, "reason": disabled.reason})
    return True


def tell_all(disabled: list[Disabled]) -> None:
    """Tell control of several endpoints; what fails is left to the sweep."""
    for one in disabled:
        try:
            tell_control(one)
        except Exception:  # the plane has stopped sending; the sweep repeats this until control knows
            log.exception("control was not told of a disabled endpoint", extra={"endpoint_id": one.endpoint_id})


def tell_of_ladder(environment: Environment) -> None:
    """Have the owners of endpoints that climbed the ladder warned, and of those that left it told."""
    with operations(environment, reason=Reason.SWEEP, writes=False) as unit:
        rows = unit.execute(_unwarned).all()
    for row in rows:
        try:
            is_told = _tell_of_rung(row)
        except Exception:  # the next sweep tells of it; the others must not wait for it
            log.exception("control was not told of the ladder", extra={"endpoint_id": row.id})
            continue
        if is_told:
            with operations(environment, reason=Reason.SWEEP) as unit:
                unit.execute(_told, {"of_tenant": row.tenant_id, "of_endpoint": row.id, "percent": row.warned_percent})


def _tell_of_rung(row: Any) -> bool:
    """Whether control knows now. Not while a newer version of the endpoint is on its way to the plane."""
    with control_unit():
        endpoint = control().session.get(WebhookEndpoint, row.id)
        if endpoint is None or not row.is_enabled:
            return True  # nobody is left to be told, or that it was switched off tells more
        if not row.warned_percent:
            endpoint_recovered(endpoint_id=row.id)
            return True
        if endpoint.version != row.version:
            return False
        warn_endpoint(
            endpoint_id=row.id, version=row.version, percent=row.warned_percent, failing_since=row.failing_since,
            last_reason=row.failing_reason,
        )  # fmt: skip
    return True
