"""Running the same work in several transactions at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import unit_of_work


def at_once(scope: Scope, count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run work(0 … count - 1) at the same time, each in its own unit; a refusal is returned as its code."""
    barrier = Barrier(count)

    def run(index: int) -> Any:
        barrier.wait()
        try:
            with unit_of_work(scope):
                return work(index)
        except PlatformError as refusal:
            return refusal.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
