"""A real, private Redis server for one test process."""

import subprocess
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.embedded import server_command


class Valkey:
    """A server on a socket, in memory only."""

    def __init__(self, socket: Path) -> None:
        self.url = f"unix://{socket}"
        self._socket = socket
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(server_command(self._socket), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self._answers():
            if time.monotonic() > deadline:
                raise RuntimeError(f"Valkey did not answer on {self._socket} within 10 s")
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def lose_everything(self) -> None:
        """Kill the server and start an empty one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
        self.start()

    def wait(self, timeout_s: float) -> int | None:
        """Wait for the server to end by itself and return its exit code."""
        return self._process.wait(timeout_s) if self._process is not None else None

    def _answers(self) -> bool:
        client = Redis(unix_socket_path=str(self._socket))
        try:
            return bool(client.ping())
        except RedisConnectionError:
            return False
        finally:
            client.close()
