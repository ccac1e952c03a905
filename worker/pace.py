"""How much one endpoint gets at once. A receiver that struggles is sent less, so that it neither drowns nor blocks others.

Kept in memory by each worker process: losing it costs a few requests to a dead receiver. What must outlive a process is in
worker.health. A lane's loop and the thread of its step on the database use it at the same time.
"""

import random
from collections import Counter
from collections.abc import Callable
from threading import RLock
from typing import TypeVar

Endpoint = tuple[str, str]  # tenant, endpoint
Counted = TypeVar("Counted")

MOST_PER_ENDPOINT = 32
AHEAD = 4  # times as many deliveries are taken for an endpoint that does well, so that it never waits for the database
FEWEST = 2  # deliveries of an endpoint that are looked at, however many endpoints have some
FIRST = 8  # what an endpoint gets before it has answered, so that one that hangs from the start takes few slots
MOST_KNOWN = 50_000  # endpoints remembered; a forgotten one begins again with FIRST
MOST_FOR_STRUGGLING = 128  # of the slots of a lane, so that hung receivers cannot fill it
MOST_REPLAYS = 64  # under lease in all
REPLAY_SHARE = 4  # one part in so many of what an endpoint gets is for replays: they wait long, but never for ever


class Pace:
    """Deliveries under lease and requests in flight by endpoint, and how many each may have.

    The number in flight is halved by a failure and doubled by a success. An endpoint nobody knows begins with FIRST; one
    that does well gets MOST_PER_ENDPOINT, and more deliveries are taken for it than can be sent at once.
    """

    def __init__(self, *, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._lock = RLock()
        self._held: Counter[Endpoint] = Counter()  # under lease, those in flight among them
        self._replays: Counter[Endpoint] = Counter()  # … and those that are replays
        self._in_flight: Counter[Endpoint] = Counter()
        self._unwritten: Counter[tuple[Endpoint, bool]] = Counter()  # answered, and under lease until that is written down
        self._limit: dict[Endpoint, int] = {}
        self._most: dict[Endpoint, int] = {}  # what an endpoint may get whatever it can take, when that is less than usual
        self._slow: set[Endpoint] = set()  # those with less than FIRST
        self._strikes: Counter[Endpoint] = Counter()  # struggling answers since the last that was none
        self._width: dict[bool, int] = {}  # endpoints that had replays (or live deliveries) due at the last look
        self.more_at_us = 0  # when an endpoint whose rate is used up may get more

    def room(self, endpoint: Endpoint, elsewhere: int = 0, *, is_exact: bool = False) -> int:
        """How many more deliveries may be leased for an endpoint; `elsewhere` are those of other processes.

        is_exact: take no more than may be sent at once.
        """
        with self._lock:
            limit = self._limit_of(endpoint)
            room = limit * (AHEAD if limit > FIRST and not is_exact else 1) - self._held[endpoint] - elsewhere
            if endpoint in self._slow:
                room = min(room, MOST_FOR_STRUGGLING - self._struggling())
            return max(0, room)

    def room_for_replays(self, endpoint: Endpoint, elsewhere: int = 0) -> int:
        """How many more replays may be leased for an endpoint beside what it gets anyway."""
        limit = self._limit_of(endpoint)
        if limit < REPLAY_SHARE:  # there is no whole part for replays, so they get the only one now and then
            return int(not self._replays[endpoint] + elsewhere and self._chance() * REPLAY_SHARE < 1)
        return max(0, limit // REPLAY_SHARE - self._replays[endpoint] - elsewhere)

    def may_send(self, endpoint: Endpoint) -> bool:
        """Whether another request to an endpoint may start now."""
        return self._in_flight[endpoint] < self._limit_of(endpoint)

    def held_replays(self) -> int:
        """Replays under lease in this process."""
        return self._replays.total()

    def ours(self, endpoint: Endpoint) -> tuple[int, int]:
        """How many of the leases the database counts for an endpoint are this process's, and how many of those replays.

        Those whose results are not written down are not counted for one that struggles, and so take up its room: it may be
        paused as soon as they are.
        """
        held, replays = self._held[endpoint], self._replays[endpoint]
        if endpoint in self._slow:
            return held, replays
        unwritten = self._unwritten[endpoint, True]
        return held + unwritten + self._unwritten[endpoint, False], replays + unwritten

    def full(self) -> list[Endpoint]:
        """Endpoints that may get nothing now."""
        with self._lock:
            candidates = set(self._held)
            if self._struggling() >= MOST_FOR_STRUGGLING:
                candidates |= self._slow
            return [endpoint for endpoint in candidates if not self.room(endpoint)]

    def depth(self, most: int, *, is_replay: bool) -> int:
        """How many of each endpoint's due deliveries to look at for `most` in all: the more, the fewer endpoints had any."""
        width = self._width.get(is_replay)
        if width is None:
            return MOST_PER_ENDPOINT
        return min(MOST_PER_ENDPOINT * AHEAD, max(FEWEST, 2 * most // max(1, width)))

    def seen(self, width: int, *, is_replay: bool) -> None:
        """Remember how many endpoints had something due."""
        self._width[is_replay] = width

    def restrict(self, endpoint: Endpoint, most: int) -> None:
        """Let an endpoint have at most so many at a time, whatever it can take."""
        if most < MOST_PER_ENDPOINT:
            self._most[endpoint] = most
        else:
            self._most.pop(endpoint, None)

    def leased(self, endpoint: Endpoint, *, is_replay: bool = False) -> None:
        """Count one more delivery under lease."""
        with self._lock:
            self._held[endpoint] += 1
            if is_replay:
                self._replays[endpoint] += 1

    def dropped(self, endpoint: Endpoint, *, is_replay: bool = False) -> None:
        """Take back a lease whose request was never made."""
        with self._lock:
            _less(self._held, endpoint)
            if is_replay:
                _less(self._replays, endpoint)
            self._forget_most(endpoint)

    def sent(self, endpoint: Endpoint) -> None:
        """Count the request of a delivery that was leased before."""
        self._in_flight[endpoint] += 1

    def finished(self, endpoint: Endpoint, *, is_well: bool, is_replay: bool = False) -> int:
        """Take back a request with its lease, and learn from it. Returns how often in a row the receiver has struggled."""
        with self._lock:
            _less(self._in_flight, endpoint)
            limit = self._limit.pop(endpoint, FIRST)
            limit = min(MOST_PER_ENDPOINT, limit * 2) if is_well else max(1, limit // 2)
            self._slow.discard(endpoint)
            if limit != FIRST:
                self._keep(endpoint, limit)
            self.dropped(endpoint, is_replay=is_replay)
            if is_well:
                self._strikes.pop(endpoint, None)
                return 0
            self._strikes[endpoint] += 1
            return self._strikes[endpoint]

    def answered(self, endpoint: Endpoint, *, is_replay: bool) -> None:
        """Count a finished request whose result is not written down: its lease is still ours."""
        self._unwritten[endpoint, is_replay] += 1

    def written(self, endpoint: Endpoint, *, is_replay: bool) -> None:
        """Take that back before the result is written, so that a lease is counted twice rather than not at all."""
        _less(self._unwritten, (endpoint, is_replay))

    def pardon(self, endpoint: Endpoint) -> None:
        """Count the struggles of an endpoint from the beginning: what they mean has been decided."""
        self._strikes.pop(endpoint, None)

    def _limit_of(self, endpoint: Endpoint) -> int:
        return min(self._limit.get(endpoint, FIRST), self._most.get(endpoint, MOST_PER_ENDPOINT))

    def _keep(self, endpoint: Endpoint, limit: int) -> None:
        if len(self._limit) >= MOST_KNOWN:
            oldest = next(iter(self._limit))
            del self._limit[oldest]
            self._slow.discard(oldest)
            self._strikes.pop(oldest, None)
        self._limit[endpoint] = limit
        if limit < FIRST:
            self._slow.add(endpoint)

    def _forget_most(self, endpoint: Endpoint) -> None:
        if endpoint not in self._held:
            self._most.pop(endpoint, None)  # said again with the next lease

    def _struggling(self) -> int:
        return sum(count for endpoint, count in self._held.items() if endpoint in self._slow)


def _less(counter: Counter[Counted], of: Counted) -> None:
    counter[of] -= 1
    if counter[of] <= 0:
        del counter[of]
