"""Setting and dropping what happens by itself. What a kind does is said in domain.timekeeping.

A timer is due on the tenant's own clock: a sandbox that stands still fires it when the clock is moved past it. A task is
due on real time and has no other meaning than "soon, by a worker". Both are rows of the transaction that asks for them.
"""

from dataclasses import dataclass

from domain.timers import queries
from kit.clock import now_us
from kit.scope import Scope
from kit.unit import current
from kit.unit import tenant_clock
from kit.unit import tenant_now_us


@dataclass(frozen=True, slots=True)
class Due:
    """A timer taken to be done. due_at: microseconds on the tenant's clock, None for a task."""

    id: str
    kind: str
    object_id: str
    due_at: int | None
    attempts: int  # failed ones


def set_timer(scope: Scope, *, kind: str, object_id: str, due_at_us: int) -> None:
    """Have `kind` done to an object at an instant of the tenant's clock, instead of the instant set before."""
    now, (frozen_at, offset_us) = tenant_now_us(scope), tenant_clock(scope)
    wakes_at = now_us() if due_at_us <= now else None if frozen_at is not None else due_at_us - offset_us
    _put(scope, kind, object_id, due_at_us, wakes_at)


def set_task(scope: Scope, *, kind: str, object_id: str, delay_s: float = 0) -> None:
    """Have a worker do `kind` to an object soon, on real time whatever the tenant's clock says."""
    _put(scope, kind, object_id, None, now_us() + int(delay_s * 1_000_000))


def drop_timer(scope: Scope, *, kind: str, object_id: str) -> None:
    """Forget a timer or task. One that is not set is no error."""
    queries.drop.rows(scope, timer_id=f"{kind}:{object_id}")


def due_instant_us(scope: Scope, *, kind: str, object_id: str) -> int | None:
    """When a timer is due on the tenant's clock; None when it is not set or a task."""
    row = queries.due_instant.row(scope, timer_id=f"{kind}:{object_id}")
    return None if row is None else row[0]


def next_due(scope: Scope, *, until_us: int, on_tenants_clock: bool) -> Due | None:
    """Lock the next timer that is due (on real time: the next timer or task) and return it, or None."""
    row = queries.next_due.row(scope, on_tenants_clock, until=until_us)
    return None if row is None else Due(*row)


def postpone(scope: Scope, *, timer_id: str, delay_s: float) -> None:
    """Try a failed one again later, on real time."""
    queries.postpone.rows(scope, timer_id=timer_id, wakes_at=now_us() + int(delay_s * 1_000_000))


def clock_changed(scope: Scope) -> None:
    """Set anew when the tenant's timers wake. Call after every change of its clock."""
    frozen_at, offset_us = tenant_clock(scope)
    queries.rewake.rows(
        scope, tenant_now=tenant_now_us(scope), real_now=now_us(), offset_us=None if frozen_at is not None else offset_us
    )


def _put(scope: Scope, kind: str, object_id: str, due_at: int | None, wakes_at: int | None) -> None:
    queries.put.rows(
        scope, timer_id=f"{kind}:{object_id}", kind=kind, object_id=object_id, due_at=due_at, wakes_at=wakes_at
    )
    if wakes_at is not None and wakes_at <= now_us():
        current(scope).memo["is_due"] = True
