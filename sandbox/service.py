"""A sandbox tenant as a whole: building its world, resetting it, and what state it is in.

Works on the caller's tenant only, in the open unit of work. Webhook endpoints live on another plane: see endpoints.py.
"""

from typing import Any

from kit.clock import now_us
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Scope
from sandbox import queries
from sandbox.building import STAGED
from sandbox.building import begin_world
from sandbox.building import progress
from sandbox.clock import START_US
from sandbox.clock import clock_of
from sandbox.clock import put_clock
from sandbox.clock import set_clock
from sandbox.errors import refused
from sandbox.faults import list_faults
from sandbox.traffic import start_traffic
from sandbox.triggers import trigger_event
from sandbox.worlds import minimal
from sandbox.worlds import neighbour

MINIMAL, EMPTY = "minimal", "empty"
WORLDS: dict[str, Any] = {MINIMAL: minimal, "neighbour": neighbour} | STAGED
PROFILES = (*WORLDS, EMPTY)
DEFAULT_SEED = 7
MAX_SEED = 2**31 - 1
COUNTED = (
    "locations", "dining_tables", "menus", "menu_items", "guests", "segments", "memberships", "orders", "payments", "refunds",
    "reservations", "reviews", "campaigns", "promo_codes", "integrations", "outgoing_messages", "events", "deliveries",
    "inbox_messages",
)  # fmt: skip


def provision(scope: Scope, *, profile: str = MINIMAL, seed: int = DEFAULT_SEED, is_frozen: bool = False) -> bool:
    """Give a tenant its state row and its world, once. Returns False when it had them already.

    is_frozen: the clock stands still at 2026-01-12T12:00:00Z; else it is the real one.
    """
    _check(profile, seed)
    created = queries.create_state.row(
        scope, event_sequence=0, clock_frozen_at=START_US if is_frozen else None, clock_offset_us=0, profile=profile,
        seed=seed, created_at=now_us(),
    )  # fmt: skip
    if created is None:
        return False
    _build(scope, profile, seed)
    return True


def reset(scope: Scope, *, profile: str | None = None, seed: int = DEFAULT_SEED) -> dict[str, list[str]]:
    """Empty the tenant and build its world again; return the named fixtures by kind.

    profile None: the world it has, or minimal when it has none. Of a staged world (standard, large) this writes the fixtures
    and the beginnings; sandbox.building writes the rest.

    Restaurant data, events, deliveries, inbox messages and idempotency records go; request logs and inbox addresses stay.
    The clock stands still at 2026-01-12T12:00:00Z and event numbers start at 1 again.
    Raises NotFound for a tenant without state, Invalid (422) for an unknown profile or seed.
    """
    present = _state(scope)["profile"]
    profile = profile or (present if present in WORLDS else MINIMAL)
    _check(profile, seed)
    for name in queries.LOCKED:
        queries.lock.rows(scope, name)
    for name in queries.cleared_tables():
        queries.clear.rows(scope, name)
    queries.change_state.rows(
        scope, ("event_sequence", "profile", "seed"), new_event_sequence=0, new_profile=profile, new_seed=seed
    )
    put_clock(scope, frozen_at=START_US)
    return _build(scope, profile, seed)


def state(scope: Scope) -> dict[str, Any]:
    """Read profile, seed, clock {mode, now}, event_sequence and row counts of the tenant. Raises NotFound."""
    document = _state(scope)
    return {
        "profile": document["profile"], "seed": document["seed"], "clock": clock_of(scope, document),
        "event_sequence": document["event_sequence"],
        "counts": queries.counts.document(scope, *COUNTED),
        "faults": len(list_faults(scope)), "world": progress(document["build"]),
    }  # fmt: skip


def fixtures(scope: Scope) -> dict[str, list[str]]:
    """The named fixtures of the tenant's world by kind. Raises NotFound."""
    world = WORLDS.get(_state(scope)["profile"])
    return {kind: list(ids) for kind, ids in world.FIXTURES.items()} if world else {}


def _state(scope: Scope) -> Document:
    document = queries.state.document(scope)
    if document is None:
        raise NotFound("This tenant has not been set up yet.")
    return document


def _build(scope: Scope, profile: str, seed: int) -> dict[str, list[str]]:
    if profile in STAGED:
        return begin_world(scope, profile=profile, seed=seed)
    return WORLDS[profile].build(scope, seed=seed) if profile in WORLDS else {}


def _check(profile: str, seed: int) -> None:
    if profile not in PROFILES:
        raise refused("profile", f"Expected one of {', '.join(PROFILES)}.")
    if not 0 <= seed <= MAX_SEED:
        raise refused("seed", f"Expected 0 to {MAX_SEED}.")


__all__ = ["PROFILES", "fixtures", "provision", "reset", "set_clock", "start_traffic", "state", "trigger_event"]
