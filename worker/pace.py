"""How much one endpoint gets at once. A receiver that struggles is sent less, so that it neither drowns nor blocks others.

Kept in memory by each worker process: losing it costs a few requests to a dead receiver. Not thread-safe; one lane's
steps run one after another.
"""

from collections import Counter

Endpoint = tuple[str, str]  # tenant, endpoint

MOST_PER_ENDPOINT = 32
FIRST = 8  # what an endpoint gets before it has answered, so that one that hangs from the start takes few slots
MOST_KNOWN = 50_000  # endpoints remembered; a forgotten one begins again with FIRST
MOST_FOR_STRUGGLING = 128  # of the slots of a lane, so that hung receivers cannot fill it


class Pace:
    """Requests in flight by endpoint, and how many each may have: halved by a failure, doubled by a success.

    An endpoint nobody knows begins with FIRST; one that does well gets MOST_PER_ENDPOINT.
    """

    def __init__(self) -> None:
        self._in_flight: Counter[Endpoint] = Counter()
        self._limit: dict[Endpoint, int] = {}
        self._slow: set[Endpoint] = set()  # those with less than FIRST

    def room(self, endpoint: Endpoint, elsewhere: int = 0) -> int:
        """How many more requests this endpoint may get; `elsewhere` are those of other processes."""
        limit = self._limit.get(endpoint, FIRST)
        room = limit - self._in_flight[endpoint] - elsewhere
        if endpoint in self._slow:
            room = min(room, MOST_FOR_STRUGGLING - self._struggling())
        return max(0, room)

    def in_flight(self, endpoint: Endpoint) -> int:
        """Requests of this process that are under way."""
        return self._in_flight[endpoint]

    def full(self) -> list[Endpoint]:
        """Endpoints that may get nothing now."""
        candidates = set(self._in_flight)
        if self._struggling() >= MOST_FOR_STRUGGLING:
            candidates |= self._slow
        return [endpoint for endpoint in candidates if not self.room(endpoint)]

    def started(self, endpoint: Endpoint) -> None:
        """Count one more request under way."""
        self._in_flight[endpoint] += 1

    def dropped(self, endpoint: Endpoint) -> None:
        """Take one request back that was never made or whose outcome says nothing."""
        self._in_flight[endpoint] -= 1
        if self._in_flight[endpoint] <= 0:
            del self._in_flight[endpoint]

    def finished(self, endpoint: Endpoint, *, is_well: bool) -> None:
        """Take one request back and learn from it."""
        self.dropped(endpoint)
        limit = self._limit.get(endpoint, FIRST)
        limit = min(MOST_PER_ENDPOINT, limit * 2) if is_well else max(1, limit // 2)
        self._limit.pop(endpoint, None)
        self._slow.discard(endpoint)
        if limit != FIRST:
            self._keep(endpoint, limit)

    def _keep(self, endpoint: Endpoint, limit: int) -> None:
        if len(self._limit) >= MOST_KNOWN:
            oldest = next(iter(self._limit))
            del self._limit[oldest]
            self._slow.discard(oldest)
        self._limit[endpoint] = limit
        if limit < FIRST:
            self._slow.add(endpoint)

    def _struggling(self) -> int:
        return sum(count for endpoint, count in self._in_flight.items() if endpoint in self._slow)
