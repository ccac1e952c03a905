"""Trying something that may be refused inside a larger transaction: a refusal undoes the try and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import current
from kit.unit import savepoint


class Attempt:
    """How a try went. refusal: what stopped it, or None."""

    def __init__(self) -> None:
        self.refusal: PlatformError | None = None


@contextmanager
def attempt(scope: Scope) -> Iterator[Attempt]:
    """Run the block under a savepoint; when it is refused, undo its rows and events and go on behind it."""
    tried, memo = Attempt(), current(scope).memo
    recorded = len(memo.get("events", ()))
    try:
        with savepoint(scope):
            yield tried
    except PlatformError as refusal:
        tried.refusal = refusal
        del memo.get("events", [])[recorded:]
