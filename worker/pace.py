"""How much one endpoint gets at once. A receiver that struggles is sent less, so that it neither drowns nor blocks others.

Kept in memory by each worker process: losing it costs a few requests to a dead receiver. Not thread-safe; one lane's
steps run one after another.
"""

from collections import Counter

Endpoint = tuple[str, str]  # tenant, endpoint

MOST_PER_ENDPOINT = 8
MOST_FOR_STRUGGLING = 64  # of the slots of a lane, so that hung receivers cannot fill it


class Pace:
    """Requests in flight by endpoint, and how many each may have: halved by a failure, doubled by a success."""

    def __init__(self) -> None:
        self._in_flight: Counter[Endpoint] = Counter()
        self._limit: dict[Endpoint, int] = {}

    def room(self, endpoint: Endpoint, elsewhere: int = 0) -> int:
        """How many more requests this endpoint may get; `elsewhere` are those of other processes."""
        limit = self._limit.get(endpoint, MOST_PER_ENDPOINT)
        room = limit - self._in_flight[endpoint] - elsewhere
        if limit < MOST_PER_ENDPOINT:
            room = min(room, MOST_FOR_STRUGGLING - self._struggling())
        return max(0, room)

    def in_flight(self, endpoint: Endpoint) -> int:
        """Requests of this process that are under way."""
        return self._in_flight[endpoint]

    def full(self) -> list[Endpoint]:
        """Endpoints that may get nothing now."""
        candidates = set(self._in_flight)
        if self._struggling() >= MOST_FOR_STRUGGLING:
            candidates |= set(self._limit)
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
        limit = self._limit.get(endpoint, MOST_PER_ENDPOINT)
        limit = min(MOST_PER_ENDPOINT, limit * 2) if is_well else max(1, limit // 2)
        if limit == MOST_PER_ENDPOINT:
            self._limit.pop(endpoint, None)
        else:
            self._limit[endpoint] = limit

    def _struggling(self) -> int:
        return sum(self._in_flight[endpoint] for endpoint in self._limit if endpoint in self._in_flight)
