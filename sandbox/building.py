"""Worlds too large for one transaction: begun with the reset, then written part after part, each in a transaction of its own.

The build's row counts the parts that are done, in the transaction that writes them. So a build that was stopped goes on where
it was, two that build at once take turns, and nobody is told that a world is ready before its last part is committed.
Decision record: docs/adr/0009-worlds.md.
"""

from typing import Any

from domain.timers.service import drop_timer
from domain.timers.service import set_task
from kit.clock import now_us
from kit.documents import Document
from kit.documents import append
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us
from kit.unit import unit_of_work
from sandbox import build_queries
from sandbox.models import WorldBuild
from sandbox.worlds import minimal
from sandbox.worlds.large import world as large
from sandbox.worlds.standard import world as standard
from sandbox.worlds.standard.setting import Setting

BUILD = "world.build"  # kind of task
STAGED: dict[str, Any] = {"standard": standard, "large": large}
BUILDING, READY = "building", "ready"


def begin_world(scope: Scope, *, profile: str, seed: int) -> dict[str, list[str]]:
    """Write the fixtures and the beginnings of a staged world into an empty tenant; return the named fixtures by kind.

    The rest is a task of the worker, and of anybody who calls build_part.
    """
    minimal.build(scope, seed=seed)
    world, build_id = STAGED[profile], new_id("wbd")
    setting = Setting(seed, tenant_now_us(scope), now_us(), scope.application_id or "")
    world.begin(scope, setting)
    append(scope, WorldBuild, [{
        "id": build_id, "profile": profile, "seed": seed, "application_id": setting.application_id, "parts_done": 0,
        "parts": len(world.PARTS), "dated_at": setting.now_us, "created_at": setting.real_us,
    }])  # fmt: skip
    set_task(scope, kind=BUILD, object_id=build_id)
    return {kind: list(ids) for kind, ids in world.FIXTURES.items()}


def build_part(scope: Scope) -> bool:
    """Write the next part of the tenant's world in a transaction of its own. Returns False when there is none left.

    Call outside any unit of work.
    """
    with unit_of_work(scope):
        # The row stays locked until the part is committed: whoever else builds waits here and gets the part after it.
        build = build_queries.take_part.document(scope)
        if build is None:
            return False
        setting = Setting(build["seed"], build["dated_at"], build["created_at"], build["application_id"])
        STAGED[build["profile"]].PARTS[build["parts_done"] - 1].write(scope, setting)
        if build["parts_done"] == build["parts"]:
            drop_timer(scope, kind=BUILD, object_id=build["id"])
    return True


def build_world(scope: Scope) -> None:
    """Write what is left of the tenant's world. Call outside any unit of work."""
    while build_part(scope):
        pass


def progress(build: Document | None) -> Document:
    """How far a tenant's world is: {state: building or ready, parts_done, parts}; build None: it was written at once."""
    if build is None:
        return {"state": READY, "parts_done": 1, "parts": 1}
    state = READY if build["parts_done"] == build["parts"] else BUILDING
    return {"state": state, "parts_done": build["parts_done"], "parts": build["parts"]}
