"""The tenant's own clock. Inside an open unit of work."""

from datetime import datetime

from kit.clock import to_us
from kit.scope import Scope
from kit.scope import TenantState
from kit.unit import current
from kit.unit import session


def freeze_clock(scope: Scope, at: datetime) -> None:
    """Stop a sandbox tenant's clock at an instant, from this transaction on."""
    session(scope).get(TenantState, scope.tenant_id).clock_frozen_at = to_us(at)
    current(scope).flush()  # the clock is read by the driver
    current(scope).memo.pop("clock", None)
