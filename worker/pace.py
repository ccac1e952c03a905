"""How much one endpoint gets at once. A receiver that struggles is sent less, so that it neither drowns nor blocks others.

Kept in memory by each worker process: losing it costs a few requests to a dead receiver. Not thread-safe; one lane's
steps run one after another.
"""

from collections import Counter

Endpoint = tuple[str, str]  # tenant, endpoint

MOST_PER_ENDPOINT = 32
AHEAD = 4  # times as many deliveries are taken for an endpoint that does well, so that it never waits for the database
FIRST = 8  # what an endpoint gets before it has answered, so that one that hangs from the start takes few slots
MOST_KNOWN = 50_000  # endpoints remembered; a forgotten one begins again with FIRST
MOST_FOR_STRUGGLING = 128  # of the slots of a lane, so that hung receivers cannot fill it


class Pace:
    """Deliveries under lease and requests in flight by endpoint, and how many each may have.

    The number in flight is halved by a failure and doubled by a success. An endpoint nobody knows begins with FIRST; one
    that does well gets MOST_PER_ENDPOINT, and more deliveries are taken for it than can be sent at once.
    """

    def __init__(self) -> None:
        self._held: Counter[Endpoint] = Counter()  # under lease, those in flight among them
        self._in_flight: Counter[Endpoint] = Counter()
        self._limit: dict[Endpoint, int] = {}
        self._slow: set[Endpoint] = set()  # those with less than FIRST

    def room(self, endpoint: Endpoint, elsewhere: int = 0) -> int:
        """How many more deliveries may be leased for an endpoint; `elsewhere` are those of other processes."""
        limit = self._limit.get(endpoint, FIRST)
        room = limit * (AHEAD if limit > FIRST else 1) - self._held[endpoint] - elsewhere
        if endpoint in self._slow:
            room = min(room, MOST_FOR_STRUGGLING - self._struggling())
        return max(0, room)

    def may_send(self, endpoint: Endpoint) -> bool:
        """Whether another request to an endpoint may start now."""
        return self._in_flight[endpoint] < self._limit.get(endpoint, FIRST)

    def held(self, endpoint: Endpoint) -> int:
        """Deliveries of an endpoint that are under lease in this process."""
        return self._held[endpoint]

    def full(self) -> list[Endpoint]:
        """Endpoints that may get nothing now."""
        candidates = set(self._held)
        if self._struggling() >= MOST_FOR_STRUGGLING:
            candidates |= self._slow
        return [endpoint for endpoint in candidates if not self.room(endpoint)]

    def leased(self, endpoint: Endpoint) -> None:
        """Count one more delivery under lease."""
        self._held[endpoint] += 1

    def dropped(self, endpoint: Endpoint) -> None:
        """Take back a lease whose request was never made."""
        _less(self._held, endpoint)

    def sent(self, endpoint: Endpoint) -> None:
        """Count the request of a delivery that was leased before."""
        self._in_flight[endpoint] += 1

    def finished(self, endpoint: Endpoint, *, is_well: bool) -> None:
        """Take back a request with its lease, and learn from it."""
        _less(self._held, endpoint)
        _less(self._in_flight, endpoint)
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
        return sum(count for endpoint, count in self._held.items() if endpoint in self._slow)


class Places:
    """The room of the endpoints during one transaction that takes leases."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._elsewhere: dict[Endpoint, int] = {}

    def take(self, endpoint: Endpoint, leased: int) -> bool:
        """Count one more delivery as leased if there is room. leased: those of the endpoint when the transaction began."""
        if endpoint not in self._elsewhere:
            self._elsewhere[endpoint] = max(0, leased - self._pace.held(endpoint))
        if not self._pace.room(endpoint, self._elsewhere[endpoint]):
            return False
        self._pace.leased(endpoint)
        return True


def _less(counter: Counter[Endpoint], endpoint: Endpoint) -> None:
    counter[endpoint] -= 1
    if counter[endpoint] <= 0:
        del counter[endpoint]
