"""Who gets a lease: the room of the endpoints during one transaction that takes deliveries."""

from collections import Counter
from typing import Any

from worker.health import Allowance
from worker.health import allowance
from worker.health import spend
from worker.operations import Operations
from worker.pace import Endpoint
from worker.pace import Pace


class Places:
    """Counts what one transaction takes, beside what this and other processes have taken already."""

    def __init__(self, pace: Pace, at: int, *, has_live: bool = True) -> None:
        """has_live: whether replays have to share with live deliveries."""
        self._pace = pace
        self._at = at
        self._has_live = has_live
        self._elsewhere: dict[Endpoint, tuple[int, int]] = {}  # deliveries under lease in other processes, replays among them
        self._allowed: dict[Endpoint, Allowance] = {}
        self._rows: dict[Endpoint, Any] = {}
        self._taken: Counter[Endpoint] = Counter()

    def take(self, endpoint: Endpoint, row: Any, *, is_replay: bool = False) -> bool:
        """Count one more delivery as leased if there is room.

        row: the endpoint with max_in_flight, max_per_second and its health (worker.health.COLUMNS); `leased` and
        `leased_replays` of its deliveries were under lease when the transaction began.
        """
        if endpoint not in self._allowed:
            self._allowed[endpoint] = allowance(row, self._at)
            self._rows[endpoint] = row
        allowed = self._allowed[endpoint]
        if not allowed.most or (allowed.burst is not None and self._taken[endpoint] >= allowed.burst):
            return False
        self._pace.restrict(endpoint, allowed.most)
        if not self._room(endpoint, row, allowed, is_replay=is_replay):
            return False
        self._pace.leased(endpoint, is_replay=is_replay)
        self._taken[endpoint] += 1
        return True

    def settle(self, unit: Operations) -> None:
        """Write what was taken of endpoints that have a rate."""
        rated = {
            endpoint: (count, self._rows[endpoint])
            for endpoint, count in self._taken.items()
            if self._allowed[endpoint].burst is not None
        }
        if rated:
            self._pace.more_at_us = spend(unit, rated, self._at)

    def _room(self, endpoint: Endpoint, row: Any, allowed: Allowance, *, is_replay: bool) -> int:
        if endpoint not in self._elsewhere:
            ours, our_replays = self._pace.ours(endpoint)
            replays = max(0, row.leased_replays - our_replays)
            self._elsewhere[endpoint] = max(0, row.leased + row.leased_replays - ours), replays
        elsewhere, replays = self._elsewhere[endpoint]
        room = self._pace.room(endpoint, elsewhere, is_exact=allowed.is_exact)
        if not (is_replay and self._has_live):
            return room
        share = self._pace.room_for_replays(endpoint, replays)
        return min(share, room) if allowed.is_exact else share  # beside what is taken ahead for live deliveries
