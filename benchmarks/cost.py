"""Server CPU per API request, next to a bare Flask route under the same server in the same run.

Usage: python -m benchmarks.cost [requests per measurement, 2000]

CPU is utime + stime of the whole granian process tree, threads that write request logs included. The tenant has the standard
world (70 dishes on a menu, 3,500 orders in 90 days) and the Enterprise plan; the client rotates the keys of 20 applications,
so the limiter works with every request and never refuses one. No worker runs: delivering webhooks is not part of a request's
cost. Wall time is printed too, but it measures the machine.
"""

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from benchmarks.stack import ROOT
from benchmarks.stack import clean_environ
from benchmarks.stack import free_port
from benchmarks.world import CHEESEBURGER
from benchmarks.world import KEYS
from benchmarks.world import World
from benchmarks.world import enterprise_world
from kit.planes import planes
from kit.settings import Settings
from kit.settings import load
from kit.settings import redis_socket
from migrations.upgrade import upgrade_all
from sandbox.worlds.standard.kitchen import menu_id
from sandbox.worlds.standard.places import PLACES
from worker.children import programs
from worker.embedded import server_command
from worker.process import open_process

REQUESTS = 2000
WARM_UP = 200
SLICES = 4  # measurements take turns, so that a busy minute of the machine hits all of them
CONNECTIONS = 8
ORDERS = 200
SETTLE_S = 1.0  # the request log writes every 0.4 s
TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")
Send = Callable[[], None]


class Server:
    """A granian process tree and keep-alive connections to it."""

    def __init__(self, command: list[str], environ: dict[str, str], port: int, ready_path: str) -> None:
        self._process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
        self._port = port
        self._wait(ready_path)
        self._connections = [self._connect() for _ in range(CONNECTIONS)]
        self._turn = 0

    def request(self, method: str, path: str, expected: int, headers: dict[str, str], body: bytes | None = None) -> bytes:
        """One request on the next connection. Raises RuntimeError for another status."""
        self._turn += 1
        connection = self._connections[self._turn % CONNECTIONS]
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status != expected:
            raise RuntimeError(f"{method} {path}: {response.status} {answer[:300]!r}")
        return answer

    def reconnect(self) -> None:
        """Open new connections: the server closes those that were quiet during the others' turns."""
        for connection in self._connections:
            connection.close()
        self._connections = [self._connect() for _ in range(CONNECTIONS)]

    def cpu_us(self) -> float:
        """CPU the process tree has used so far."""
        return sum(_ticks(pid) for pid in _tree(self._process.pid)) * TICK_US

    def stop(self) -> None:
        for connection in self._connections:
            connection.close()
        self._process.terminate()
        self._process.wait(15)

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=15)

    def _wait(self, path: str) -> None:
        for _ in range(300):
            try:
                connection = self._connect()
                connection.request("GET", path)
                connection.getresponse().read()
                connection.close()
                return
            except OSError:
                time.sleep(0.1)
        self._process.kill()
        raise RuntimeError(f"the server on port {self._port} did not start")


@dataclass(frozen=True)
class Measured:
    """One route: how to ask for it, how much more than a bare route it may cost, and what was measured."""

    name: str
    server: Server
    send: Send
    target: float | None  # None: a figure to watch
    requests: int = 0
    cpu_us: float = 0
    wall_s: float = 0

    def again(self, requests: int) -> "Measured":
        """Send some more requests and add up."""
        self.server.reconnect()
        time.sleep(SETTLE_S)
        cpu, wall = self.server.cpu_us(), time.perf_counter()
        for _ in range(requests):
            self.send()
        wall = time.perf_counter() - wall
        time.sleep(SETTLE_S)
        return replace(
            self, requests=self.requests + requests, cpu_us=self.cpu_us + self.server.cpu_us() - cpu, wall_s=self.wall_s + wall
        )


def _tree(root: int) -> Iterator[int]:
    """A process and everything below it."""
    yield root
    for task in Path(f"/proc/{root}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _tree(int(child))


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@contextmanager
def installation() -> Iterator[tuple[Settings, dict[str, str]]]:
    """A fresh home with migrated SQLite planes and a private Redis, and the environment that leads there."""
    home = Path(tempfile.mkdtemp(prefix="tp-cost-", dir="/tmp"))
    own = {"TABLEPORT_HOME": str(home), "TABLEPORT_PORT": str(free_port()), "TABLEPORT_LOG_LEVEL": "WARNING"}
    settings = load(own)
    redis = subprocess.Popen(server_command(redis_socket(home)), stdout=subprocess.DEVNULL)
    try:
        upgrade_all(settings)
        yield settings, clean_environ(own)
    finally:
        planes.dispose()
        redis.terminate()
        redis.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def measure(settings: Settings, environ: dict[str, str], world: World, requests: int) -> list[Measured]:
    """Start both servers, warm up and measure in turns. The first result is the bare route's."""
    command = programs(settings)["web"]
    port = free_port()
    bare_command = [str(port) if part == str(settings.port) else part for part in command[:-1]] + ["benchmarks.bare:app"]
    servers = []
    try:
        servers.append(Server(bare_command, environ, port, "/bare"))
        servers.append(Server(command, environ, settings.port, "/healthz"))
        routes = _routes(servers[0], servers[1], world)
        for route in routes:
            for _ in range(WARM_UP):
                route.send()
        for _ in range(SLICES):
            routes = [route.again(requests // SLICES) for route in routes]
        return routes
    finally:
        for server in servers:
            server.stop()


def _routes(bare: Server, full: Server, world: World) -> list[Measured]:
    headers = world.headers()
    order = json.dumps(CHEESEBURGER).encode()

    def get(path: str) -> Send:
        return lambda: void(full.request("GET", path, 200, next(headers)))

    def post() -> None:
        full.request("POST", "/v1/orders", 201, {**next(headers), "Content-Type": "application/json"}, order)

    for _ in range(ORDERS):
        post()
    today = datetime.now(UTC).date()
    first = today - timedelta(days=89)
    order_id = json.loads(full.request("GET", "/v1/orders?limit=1", 200, next(headers)))["data"][0]["id"]
    return [
        Measured("bare Flask route", bare, lambda: void(bare.request("GET", "/bare", 200, {})), 1),
        Measured("GET /v1/orders/{id}", full, get(f"/v1/orders/{order_id}"), 2.5),
        Measured("GET /v1/orders?limit=20", full, get("/v1/orders?limit=20"), 6),
        Measured("POST /v1/orders", full, post, 6),
        Measured("GET /v1/menus/{id}", full, get(f"/v1/menus/{menu_id(PLACES[0])}"), None),
        Measured("GET /v1/analytics/sales", full, get(f"/v1/analytics/sales?from={first}&to={today}"), None),
    ]


def void(_: object) -> None:
    """Take a value and return none."""


def report(results: list[Measured]) -> bool:
    """Print one line per route and return whether every target is met."""
    bare_us = results[0].cpu_us / results[0].requests
    print(f"{'route':<26}{'CPU µs':>9}{'× bare':>9}{'target':>9}   (wall µs, not the measure)")
    met = True
    for result in results:
        cpu_us = result.cpu_us / result.requests
        ratio = cpu_us / bare_us
        is_met = result.target is None or ratio <= result.target
        met &= is_met
        target, mark = "" if result.target is None else f"{result.target:.1f}", "" if is_met else "  MISSED"
        wall = result.wall_s * 1e6 / result.requests
        print(f"{result.name:<26}{cpu_us:>9.0f}{ratio:>9.2f}{target:>9}{mark:<8}({wall:.0f})")
    print(f"{results[0].requests} requests each in {SLICES} turns, Enterprise plan, {KEYS} keys in rotation, no 429")
    return met


def main(arguments: list[str]) -> int:
    """Measure and report; exit code 1 when a target is missed."""
    requests = int(arguments[0]) if arguments else REQUESTS
    with installation() as (settings, environ):
        open_process(settings)
        world = enterprise_world(profile="standard")
        return 0 if report(measure(settings, environ, world, requests)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
