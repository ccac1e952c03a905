"""What deliveries go through when receivers are slow, processes die and servers are emptied.

Usage: python -m benchmarks.trials [trial …] [postgresql | sqlite]; without names all trials run, each on new servers.

Workers and the scheduler are processes of their own, the receiver is a loop in this one, so commit and receipt share a clock.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from statistics import quantiles

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import Subscription
from benchmarks.claims import BACKLOG
from benchmarks.claims import analyze
from benchmarks.claims import fill
from benchmarks.sink import ANSWER
from benchmarks.sink import LENGTH
from benchmarks.stack import ROOT
from benchmarks.stack import free_port
from domain.orders.service import place_order
from kit.clock import now
from kit.documents import append
from kit.ids import new_id
from kit.jobs import doorbell
from kit.planes import Environment
from kit.planes import planes
from kit.scope import Scope
from kit.scope import TenantState
from kit.unit import session
from kit.unit import unit_of_work
from tests.factories.orders import create_burger
from tests.support.planes import Services
from tests.support.planes import controlled_services
from tests.support.planes import environ
from tests.worker.rows import create_subscription
from worker.claims import waiting
from worker.deliver import IN_FLIGHT
from worker.operations import Reason
from worker.operations import operations
from worker.process import open_process

SANDBOX = Environment.SANDBOX
LATENCY_RATE, LATENCY_S = 50, 40
QUEUE_EVENTS, SLOW_S, PAIRS = 300, 2.0, 5
CRASH_EVENTS, CRASH_ENDPOINTS, KILLS = 1500, 4, 5
SETTLED_WITHIN_S = 180.0
IDLE_S = 2.0
DEAD = "http://127.0.0.1:9/"  # nobody listens there
MARK = b"webhook-id: "


class Receiver(threading.Thread):
    """Takes everything, after a delay for the paths that have one, and remembers when it came."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.port = free_port()
        self.delays: dict[str, float] = {}
        self.arrivals: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))  # path → event → instants
        self._is_up = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def run(self) -> None:
        asyncio.run(self._serve())

    def listen(self) -> None:
        """Start, and wait until it takes connections."""
        self.start()
        self._is_up.wait(10)

    def count(self) -> int:
        """Deliveries that came, each counted once."""
        return sum(map(len, list(self.arrivals.values())))

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._converse, "127.0.0.1", self.port, backlog=512)
        self._is_up.set()
        await server.serve_forever()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                at = time.monotonic()
                await reader.readexactly(int(head.split(LENGTH, 1)[1].split(b"\r\n", 1)[0]))
                path = head.split(b" ", 2)[1].decode()
                self.arrivals[path][head.split(MARK, 1)[1].split(b"\r\n", 1)[0].decode()].append(at)
                await asyncio.sleep(self.delays.get(path, 0))
                writer.write(ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


class Workers:
    """Delivery worker and scheduler, as the supervisor runs them."""

    def __init__(self, services: Services) -> None:
        self._environ = environ(services.settings)
        self._running = {module: self._start(module) for module in ("worker.jobs", "worker.schedule")}

    def kill_worker(self) -> None:
        """Kill the delivery worker and start another."""
        self._running["worker.jobs"].kill()
        self._running["worker.jobs"].wait()
        self._running["worker.jobs"] = self._start("worker.jobs")

    def stop(self) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()

    def _start(self, module: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", module], cwd=ROOT, env=self._environ, stderr=subprocess.DEVNULL)


@dataclass
class Ground:
    """What a trial runs on."""

    services: Services
    workers: Workers
    receiver: Receiver
    database: str

    def tenant(self, *paths: str) -> "Orders":
        """A new tenant with an endpoint at each path."""
        scope = Scope(SANDBOX, new_id("tnt"), application_id=new_id("app"))
        with unit_of_work(scope):
            append(scope, TenantState, [{"created_at": now()}])
        for path in paths:
            create_subscription(scope, self.receiver.url(path), event_types=["order.created"], scopes=["orders:read"])
        with unit_of_work(scope):
            return Orders(scope, create_burger(scope))

    def settle(self, deliveries: int) -> float:
        """Wait until so many deliveries have come and nothing is due. Returns how long it took; gives up after a time."""
        started = time.monotonic()
        while time.monotonic() - started < SETTLED_WITHIN_S:
            if self.receiver.count() >= deliveries and not waiting(SANDBOX).anything:
                break
            time.sleep(0.02)
        return time.monotonic() - started


@dataclass
class Orders:
    """Places orders of one tenant, each an event."""

    scope: Scope
    draft: object

    def place(self, count: int = 1) -> None:
        """In one transaction, as a busy minute leaves them."""
        with unit_of_work(self.scope):
            for _ in range(count):
                place_order(self.scope, draft=self.draft)  # type: ignore[arg-type]


def pending() -> int:
    """Deliveries that are not finished."""
    unfinished = select(func.count()).where(Delivery.state == "pending")
    with operations(SANDBOX, reason=Reason.PROBE, writes=False) as unit:
        return int(unit.execute(unfinished).scalar() or 0)


@contextmanager
def ground(database: str) -> Iterator[Ground]:
    """Servers, workers and a receiver; the first delivery has been made."""
    with controlled_services(database, is_durable=True) as services:
        open_process(services.settings)
        doorbell.configure(services.settings.redis_database_url(0))
        workers, receiver = Workers(services), Receiver()
        receiver.listen()
        try:
            found = Ground(services, workers, receiver, database)
            found.tenant("/first").place()
            found.settle(1)
            while pending():  # written down too, so that nobody sends it again
                time.sleep(0.02)
            receiver.arrivals.clear()
            yield found
        finally:
            workers.stop()
            planes.dispose()


def latency(on: Ground) -> str:
    """Commit to receipt at a steady rate."""
    p50, p95, p99 = _steady(on, "/steady", LATENCY_S)
    return f"{LATENCY_RATE * LATENCY_S} events at {LATENCY_RATE}/s: p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms"


def backlog(on: Ground) -> str:
    """Commit to receipt beside an endpoint that takes nothing and has 200,000 deliveries due."""
    _, alone, _ = _steady(on, "/alone", LATENCY_S // 2)
    fill(DEAD, healthy=0)
    if on.services.cluster is not None:
        analyze(on.services.settings)
    _, beside, _ = _steady(on, "/beside", LATENCY_S // 2)
    times = beside / alone
    return f"p95 {alone:.0f} ms alone, {beside:.0f} ms beside {BACKLOG:,} due deliveries of a dead endpoint ({times:.2f} times)"


def _steady(on: Ground, path: str, seconds: int) -> tuple[float, float, float]:
    """p50, p95 and p99 in milliseconds."""
    orders, committed = on.tenant(path), []
    started = time.monotonic()
    for number in range(LATENCY_RATE * seconds):
        time.sleep(max(0.0, started + number / LATENCY_RATE - time.monotonic()))
        orders.place()
        committed.append(time.monotonic())
        doorbell.ring("pump", SANDBOX)
    while len(on.receiver.arrivals[path]) < len(committed):
        time.sleep(0.02)
    received = sorted(instants[0] for instants in on.receiver.arrivals[path].values())
    cuts = quantiles([(there - here) * 1000 for here, there in zip(committed, received, strict=True)], n=100)
    return cuts[49], cuts[94], cuts[98]


def slow(on: Ground) -> str:
    """What one endpoint that answers late costs three that do not: median of several pairs, alone and beside it."""
    alone, beside = [], []
    for pair in range(PAIRS):
        late = f"/{pair}/late"
        on.receiver.delays[late] = SLOW_S
        alone.append(_finish(on, [f"/{pair}/{name}" for name in "abc"]))
        beside.append(_finish(on, [*(f"/{pair}/{name}" for name in "def"), late]))
    ratio = median(there / here for here, there in zip(alone, beside, strict=True))
    return (
        f"{QUEUE_EVENTS} events: three fast endpoints done in {median(alone):.2f} s alone and {median(beside):.2f} s beside one"
        f" that takes {SLOW_S:.0f} s ({ratio:.2f} times, median of {PAIRS} pairs)"
    )


def _finish(on: Ground, paths: list[str]) -> float:
    """Send to new endpoints, and return when the first three have everything. Nobody else gets anything meanwhile."""
    orders = on.tenant(*paths)
    orders.place(QUEUE_EVENTS)
    started = time.monotonic()
    doorbell.ring("pump", SANDBOX)
    while any(len(on.receiver.arrivals[path]) < QUEUE_EVENTS for path in paths[:3]):
        time.sleep(0.005)
    took = time.monotonic() - started
    with unit_of_work(orders.scope):
        session(orders.scope).execute(
            update(Subscription).where(Subscription.tenant_id == orders.scope.tenant_id).values(is_enabled=False)
        )
    time.sleep(SLOW_S + IDLE_S)  # what was under way ends, and the worker goes to sleep
    return took


def crash(on: Ground) -> str:
    """Workers killed in the middle of their work."""
    paths = [f"/{number}" for number in range(CRASH_ENDPOINTS)]
    on.tenant(*paths).place(CRASH_EVENTS)
    deliveries = CRASH_EVENTS * CRASH_ENDPOINTS
    doorbell.ring("pump", SANDBOX)
    for number in range(KILLS):
        while on.receiver.count() < deliveries * (number + 0.5) / (KILLS + 1):
            time.sleep(0.002)
        on.workers.kill_worker()
    return counted(on, deliveries, f"{KILLS} workers killed", allowed=KILLS * IN_FLIGHT)


def redis(on: Ground) -> str:
    """The queue killed with all it held."""
    on.tenant("/a", "/b").place(CRASH_EVENTS)
    doorbell.ring("pump", SANDBOX)
    wait_for_half(on, CRASH_EVENTS)
    on.services.valkey.lose_everything()
    on.tenant("/c", "/d").place(CRASH_EVENTS)
    return counted(on, CRASH_EVENTS * 4, "Redis killed and empty")


def postgres(on: Ground) -> str:
    """The database crashed and recovered."""
    if on.services.cluster is None:
        return "not with SQLite, which is no server"
    on.tenant("/a", "/b", "/c", "/d").place(CRASH_EVENTS)
    doorbell.ring("pump", SANDBOX)
    wait_for_half(on, CRASH_EVENTS)
    on.services.cluster.restart()
    planes.dispose()
    return counted(on, CRASH_EVENTS * 4, "PostgreSQL crashed and restarted", allowed=IN_FLIGHT)


def unrung(on: Ground) -> str:
    """A web process killed between its commit and its ring."""
    orders = on.tenant("/a")
    time.sleep(IDLE_S)  # the worker has gone to sleep
    if (child := os.fork()) == 0:
        planes.dispose()
        orders.place()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    took = on.settle(1)
    return f"delivered {took:.2f} s after the commit; {counted(on, 1, 'nobody rang')}"


def wait_for_half(on: Ground, deliveries: int) -> None:
    while on.receiver.count() < deliveries / 2:
        time.sleep(0.002)


def counted(on: Ground, deliveries: int, what: str, *, allowed: int = 0) -> str:
    """How many came, and how often."""
    took = on.settle(deliveries)
    times = Counter(len(instants) for events in on.receiver.arrivals.values() for instants in events.values())
    again = sum((count - 1) * number for count, number in times.items())
    lost = deliveries - sum(times.values())
    return f"{what}: {deliveries} deliveries, lost {lost}, received again {again} (at most {allowed}), settled {took:.1f} s later"


TRIALS: dict[str, Callable[[Ground], str]] = {
    trial.__name__: trial for trial in (latency, backlog, slow, crash, redis, postgres, unrung)
}


def main(arguments: list[str]) -> int:
    """Run the trials and print what came of each."""
    databases = [name for name in arguments if name not in TRIALS] or ["postgresql", "sqlite"]
    names = [name for name in arguments if name in TRIALS] or list(TRIALS)
    for database in databases:
        for name in names:
            with ground(database) as on:
                print(f"{database} {name}: {TRIALS[name](on)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
