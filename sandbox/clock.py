"""A sandbox tenant's own clock: standing still, running from an offset, or the real one.

It never goes back but by a reset, because what restaurants record is ordered by it.
"""

from datetime import datetime
from typing import Any

from domain.timekeeping.service import fire_passed
from domain.timers.service import clock_changed
from kit.clock import iso
from kit.clock import now_us
from kit.clock import to_us
from kit.documents import Document
from kit.scope import Scope
from kit.unit import current
from kit.unit import tenant_now_us
from sandbox import queries
from sandbox.errors import refused

START_US = 1_768_219_200_000_000  # 2026-01-12T12:00:00Z, where a reset puts the clock
LONGEST_STEP_S = 400 * 86_400
FROZEN, OFFSET, REAL = "frozen", "offset", "real"


def get_clock(scope: Scope) -> dict[str, Any]:
    """Read the clock: {mode: frozen | offset | real, now: ISO 8601 text}. offset: it runs, ahead of real time."""
    return clock_of(scope, queries.state.document(scope) or {})


def clock_of(scope: Scope, state: Document) -> dict[str, Any]:
    """The clock as told by a tenant state document."""
    mode = OFFSET if state.get("clock_offset_us") else REAL
    return {"mode": mode if state.get("clock_frozen_at") is None else FROZEN, "now": iso(tenant_now_us(scope))}


def set_clock(
    scope: Scope, *, now: datetime | None = None, advance_s: int | None = None, mode: str | None = None
) -> dict[str, Any]:
    """Move the clock and return it. Exactly one of: now (stands still there), advance_s (goes on as it was), mode "real".

    Fires what becomes due: suspended items return, scheduled orders start. Webhook retries come nearer by the same time.
    Raises Invalid (422) for none or several of them, a step back or one of more than 400 days.
    """
    if sum(value is not None for value in (now, advance_s, mode)) != 1:
        raise refused("now", "Send exactly one of now, advance_seconds and mode.")
    before_us = tenant_now_us(scope)
    state = queries.state.document(scope) or {}
    frozen_at: int | None
    if now is not None:
        frozen_at, offset_us = _forward("now", before_us, to_us(now)), 0
    elif advance_s is not None:
        if not 0 <= advance_s <= LONGEST_STEP_S:
            raise refused("advance_seconds", f"Expected 0 to {LONGEST_STEP_S} seconds.")
        frozen_at, offset_us = _advanced(state, advance_s * 1_000_000)
    elif mode == REAL:
        _forward("mode", before_us, now_us())
        frozen_at, offset_us = None, 0
    else:
        raise refused("mode", "The only mode to ask for is real; send now to make the clock stand still.")
    put_clock(scope, frozen_at=frozen_at, offset_us=offset_us)
    clock_changed(scope)
    queries.hasten_retries.rows(scope, by_us=tenant_now_us(scope) - before_us)
    fire_passed(scope)
    return get_clock(scope)


def put_clock(scope: Scope, *, frozen_at: int | None, offset_us: int = 0) -> None:
    """Write the clock, wherever it was before, and make this transaction see it."""
    queries.change_state.rows(
        scope, ("clock_frozen_at", "clock_offset_us"), new_clock_frozen_at=frozen_at, new_clock_offset_us=offset_us
    )
    # The transaction remembers the clock it read first.
    current(scope).memo.pop("clock", None)


def _advanced(state: Document, step_us: int) -> tuple[int | None, int]:
    if state["clock_frozen_at"] is not None:
        return state["clock_frozen_at"] + step_us, 0
    return None, state["clock_offset_us"] + step_us


def _forward(field: str, before_us: int, after_us: int) -> int:
    if after_us < before_us:
        raise refused(field, "The clock does not go back; reset the sandbox to start again.")
    if after_us - before_us > LONGEST_STEP_S * 1_000_000 and field == "now":
        raise refused(field, "The clock goes forward by at most 400 days at a time.")
    return after_us
