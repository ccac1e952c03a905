"""Redis as the workers see it: connections, queues, heartbeats. Anything in it may vanish; nothing here is the truth."""

import logging
import threading

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from kit.jobs import queue_name
from kit.planes import Environment
from kit.settings import Settings

log = logging.getLogger(__name__)

HEARTBEAT_S = 15  # how long a sign of life counts
BEAT_EVERY_S = 5.0


def queue_connection(settings: Settings) -> Redis:
    """Connection of a worker, which waits on it for jobs. Opens nothing yet."""
    return Redis.from_url(settings.redis_database_url(0))


def state_connection(settings: Settings) -> Redis:
    """Connection to short-lived state: heartbeats. Opens nothing yet."""
    return Redis.from_url(settings.redis_database_url(1), socket_timeout=0.5, socket_connect_timeout=0.5)


def queues(connection: Redis) -> list[Queue]:
    """The queues a worker listens to, production first."""
    order = (Environment.PRODUCTION, Environment.SANDBOX)
    return [Queue(queue_name(place), connection=connection, serializer=JSONSerializer) for place in order]


def heartbeat_key(name: str) -> str:
    """Redis key that exists while process kind `name` (worker, scheduler) is alive."""
    return f"tp:heartbeat:{name}"


class Heartbeat:
    """Says every five seconds that this process lives, until stopped. A long turn must not look like a death."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._redis = state_connection(settings)
        self._key = heartbeat_key(name)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread. The key ends by itself, because another process of this kind may go on."""
        self._stopped.set()
        self._thread.join(2)
        self._redis.close()

    def _beat(self) -> None:
        while True:
            try:
                self._redis.set(self._key, "1", ex=HEARTBEAT_S)
            except (RedisError, OSError) as error:
                log.warning("no heartbeat: Redis is not reachable", extra={"problem": type(error).__name__})
            if self._stopped.wait(BEAT_EVERY_S):
                return
