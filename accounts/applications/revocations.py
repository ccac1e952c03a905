"""Tells the serving processes that a credential stopped working, so that none of them trusts its memory of it."""

from collections.abc import Callable

from kit.unit import control


class Revocations:
    """Holds what to do when a credential is revoked; the composition root configures it once."""

    def __init__(self) -> None:
        self._announce: Callable[[], None] | None = None

    def configure(self, announce: Callable[[], None]) -> None:
        """Set the callback that makes every process forget the credentials it remembers."""
        self._announce = announce

    def announce(self) -> None:
        """Run the callback once the open control transaction is committed. Best effort: memories also end by time."""
        if self._announce is not None:
            control().after_commit.append(self._announce)


revocations = Revocations()
