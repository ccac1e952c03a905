"""Takes Redis away from a running application and gives it back, with its data."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from kit.settings import Settings


@contextmanager
def redis_away(settings: Settings) -> Iterator[None]:
    """Inside, the test process's Redis accepts no connection and has dropped those it had."""
    socket = Path(settings.redis_url.removeprefix("unix://"))
    hidden = socket.with_suffix(".away")
    client = Redis(unix_socket_path=str(socket))
    client.ping()
    socket.rename(hidden)
    with suppress(RedisConnectionError):  # it ends this connection with the others
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")
    try:
        yield
    finally:
        client.close()
        hidden.rename(socket)
