"""Tells the control plane that an endpoint stopped working.

The plane switches its subscription off first and marks it; that is the fact. This step may be lost and repeated: the mark
stays until control has disabled the endpoint and the change has come back to the plane (accounts.webhooks.sync).
"""

import logging
from typing import Any

from sqlalchemy import select

from accounts.webhooks.models import Subscription
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.service import disable_endpoint
from accounts.webhooks.sync import LISTENER_AWAY
from accounts.webhooks.sync import UNTOLD
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from worker.operations import Reason
from worker.operations import operations
from worker.stopping import FAILING
from worker.stopping import GONE
from worker.stopping import Disabled

log = logging.getLogger(__name__)

_S: Any = Subscription.__table__
_untold = (
    select(_S.c.id, _S.c.version, _S.c.disabled_reason)
    .where(_S.c.is_enabled.is_(False), _S.c.disabled_reason.in_([UNTOLD + why for why in (GONE, FAILING, LISTENER_AWAY)]))
    .order_by(_S.c.id)
    .limit(100)
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
