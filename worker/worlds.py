"""The task `world.build`: writing what is left of a sandbox's world, part after part. May be stopped and repeated anywhere."""

from kit.scope import Scope
from sandbox.building import build_part
from worker.deliver import stop_requested


class Interrupted(Exception):
    """The process ends; another one goes on soon."""


def build(scope: Scope, build_id: str) -> None:
    """Write part after part until the world is whole. build_id names the task only: what there is to do stands in its row."""
    while build_part(scope):
        if stop_requested.is_set():
            raise Interrupted(f"this process was told to stop within {build_id}")
