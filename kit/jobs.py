"""The doorbell: tells the workers by name that committed work is waiting, and other processes that something changed.

It is a nudge and nothing else. The row in the database is the work; a ring that is lost, refused or never made costs a
second, because the scheduler looks for due rows itself. So nothing here raises, and no argument carries data.
"""

import logging
import time

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from kit.planes import Environment

log = logging.getLogger(__name__)

# Every job name there is; a worker runs these functions and no other.
JOBS = {"pump": "worker.jobs.pump_turn", "timers": "worker.jobs.timers_turn"}
TURN_LIMIT_S = 330  # longest turn plus the time its last requests may take (worker.deliver)
RING_S = 2
MOST_WAITING = 3
QUEUED_S = 60
REDIS_TIMEOUT_S = 0.2
SILENT_S = 1.0
PAUSE_S = 0.2


def queue_name(environment: str) -> str:
    """RQ queue of one environment."""
    return f"tableport-{Environment(environment)}"


def ring_key(name: str, environment: str) -> str:
    """Redis key that holds while a ring is fresh."""
    return f"tp:ring:{name}:{environment}"


def _connection(url: str) -> Redis:
    # A request waits for this: short timeouts, and one retry for a pooled connection that a Redis restart killed.
    return Redis.from_url(
        url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S, retry=Retry(NoBackoff(), 1)
    )


class Doorbell:
    """Rings the workers. Rings are dropped until `configure` was called."""

    def __init__(self) -> None:
        self._redis: Redis | None = None
        self._rung_at: dict[tuple[str, str], float] = {}
        self._silent_until = 0.0

    def configure(self, queue_url: str) -> None:
        """Set the Redis database of the queues. Opens no connection."""
        self._redis = _connection(queue_url)
        self._silent_until = 0.0
        self._rung_at.clear()

    def ring(self, name: str, environment: str) -> bool:
        """Queue job `name` for one environment, at most once in two seconds. Returns whether a job was queued.

        Best effort: swallows and logs Redis errors, then stays silent for a second so that callers do not queue up
        behind an unreachable server. Raises KeyError for a name that is not in JOBS.
        """
        function, now = JOBS[name], time.monotonic()
        if self._redis is None or now < self._silent_until:
            return False
        if now - self._rung_at.get((name, environment), -PAUSE_S) < PAUSE_S:
            return False  # this process rang a moment ago; a turn outlasts the pause, and the scheduler looks anyway
        self._rung_at[name, environment] = now
        try:
            return self._ring(self._redis, function, name, environment)
        except (RedisError, OSError) as error:
            self._silent_until = time.monotonic() + SILENT_S
            log.warning("the doorbell could not reach Redis", extra={"job": name, "problem": type(error).__name__})
            return False

    def answered(self, name: str, environment: str) -> None:
        """Forget the last ring: whoever calls this looks at the database once more afterwards."""
        if self._redis is None:
            return
        self._rung_at.pop((name, environment), None)
        try:
            self._redis.delete(ring_key(name, environment))
        except (RedisError, OSError):
            log.warning("the doorbell could not reach Redis", extra={"job": name})

    def _ring(self, redis: Redis, function: str, name: str, environment: str) -> bool:
        if not redis.set(ring_key(name, environment), "1", nx=True, ex=RING_S):
            return False
        queue = Queue(queue_name(environment), connection=redis, serializer=JSONSerializer)
        if queue.count >= MOST_WAITING:
            return False  # enough turns are waiting to take everything
        queue.enqueue(function, environment, job_timeout=TURN_LIMIT_S, result_ttl=0, ttl=QUEUED_S, failure_ttl=QUEUED_S)
        return True


doorbell = Doorbell()
