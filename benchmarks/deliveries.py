"""What a webhook delivery costs: our engine next to bare loops, to one queue job per delivery and to a peer, in one run.

Usage: python -m benchmarks.deliveries [deliveries, 6000] [postgresql | sqlite]

The receiver is benchmarks.sink on loopback, without TLS. CPU is the sending process's own, without the database server's.
The engine starts from committed events, so relaying, claiming, rendering, signing and writing attempts down are part of it.
The bare aiohttp loop posts bodies that were rendered before, signs them and records nothing. The socket loop writes finished
requests to open connections, reads answers by their length, and records them as the engine does: less than that no sender does.
The queue's jobs post and record. The peer runs from .venv-peers when that is there (benchmarks/peers/requirements.txt).
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from urllib.parse import urlsplit

import aiohttp
from rq import Queue
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from accounts.webhooks.models import Delivery
from benchmarks import naive
from benchmarks.claims import analyze
from benchmarks.stack import ROOT
from benchmarks.stack import free_port
from domain.orders.service import place_order
from kit.clock import as_us
from kit.clock import now
from kit.clock import now_us
from kit.documents import append
from kit.ids import new_id
from kit.planes import Environment
from kit.planes import planes
from kit.scope import Scope
from kit.scope import TenantState
from kit.settings import Settings
from kit.unit import unit_of_work
from tests.factories.orders import create_burger
from tests.support.planes import Services
from tests.support.planes import controlled_services
from tests.support.postgres import SUPERUSER
from tests.worker.rows import create_subscription
from worker import sending
from worker.claims import Claimed
from worker.claims import claim
from worker.deliver import IN_FLIGHT
from worker.deliver import PAUSE_S
from worker.deliver import RECORD_BATCH
from worker.deliver import pump
from worker.dialects.chosen import request_of
from worker.egress import Answer
from worker.operations import Reason
from worker.operations import operations
from worker.pace import Endpoint
from worker.pace import Pace
from worker.process import open_process
from worker.process import tune
from worker.queues import queue_connection
from worker.relay import relay
from worker.results import Result
from worker.results import record

DELIVERIES = 6000
ENDPOINTS = 4
NAIVE_SHARE = 10  # the queue sends a tenth: it takes that much longer
PEER_SHARE = 40
MOST_CLAIMED = 1_000_000


@dataclass(frozen=True)
class Measured:
    """One sender's run."""

    name: str
    deliveries: int
    wall_s: float
    cpu_s: float

    def line(self, reference: float) -> str:
        rate = self.deliveries / self.wall_s
        return f"{self.name:<34}{rate:>9.0f}/s{self.cpu_s / self.deliveries * 1000:>9.2f} ms CPU{rate / reference:>9.2f}"


@contextmanager
def receiver() -> Iterator[str]:
    """A sink in a process of its own; yields its URL."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.sink", str(port)], cwd=ROOT)
    time.sleep(1)
    try:
        yield f"http://127.0.0.1:{port}/hook"
    finally:
        process.terminate()
        process.wait()


def tenant(url: str, events: int) -> Scope:
    """A new tenant with endpoints at the URL and committed order.created events."""
    scope = Scope(Environment.SANDBOX, new_id("tnt"), application_id=new_id("app"))
    with unit_of_work(scope):
        append(scope, TenantState, [{"created_at": now()}])
    for _ in range(ENDPOINTS):
        create_subscription(scope, url, event_types=["order.created"], scopes=["orders:read"])
    with unit_of_work(scope):
        draft = create_burger(scope)
        for _ in range(events):
            place_order(scope, draft=draft)
    return scope


def measured(name: str, deliveries: int, work: Callable[[], None]) -> Measured:
    """Run and time a sender."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Measured(name, deliveries, time.perf_counter() - wall, time.process_time() - cpu)


def engine(url: str, deliveries: int) -> Measured:
    """Our pump, from committed events until the last result is written. (It waits 250 ms for more before it ends.)"""
    scope = tenant(url, deliveries // ENDPOINTS)
    started_us = now_us()
    result = measured("engine", deliveries, lambda: void(pump(Environment.SANDBOX)))
    finished_at = as_us(Delivery.__table__.c.finished_at)
    done = select(func.count().label("arrived"), func.max(finished_at).label("last_us")).where(
        Delivery.tenant_id == scope.tenant_id, Delivery.state == "succeeded"
    )
    with operations(Environment.SANDBOX, reason=Reason.PROBE, writes=False) as unit:
        row = unit.execute(done).one()
    if row.arrived != deliveries:
        raise RuntimeError(f"{row.arrived} of {deliveries} were delivered")
    return replace(result, wall_s=(row.last_us - started_us) / 1_000_000)


class Unlimited(Pace):
    """Lets every endpoint have everything at once."""

    def room(self, endpoint: Endpoint, elsewhere: int = 0, *, is_exact: bool = False) -> int:
        return MOST_CLAIMED


def claimed_deliveries(url: str, deliveries: int) -> list[Claimed]:
    """Deliveries under lease, for senders that bring no queue of their own."""
    tenant(url, deliveries // ENDPOINTS)
    while relay(Environment.SANDBOX).events:
        pass
    rows: list[Claimed] = []
    while found := claim(Environment.SANDBOX, limit=IN_FLIGHT, pace=Unlimited(), kinds=(False,)):
        rows += found
    if len(rows) != deliveries:
        raise RuntimeError(f"{len(rows)} of {deliveries} were claimed")
    return rows


def bare_loop(rows: list[Claimed]) -> Measured:
    """aiohttp posting signed bodies as fast as it can, as many at once as the engine does."""
    async def send(post: Callable[[Claimed], Awaitable[None]]) -> None:
        waiting = iter(rows)

        async def one_after_another() -> None:
            for row in waiting:
                await post(row)

        await asyncio.gather(*(one_after_another() for _ in range(IN_FLIGHT)))

    async def run() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as client:

            async def post(row: Claimed) -> None:
                made = request_of(row, sending.secrets_of(row), 1_768_219_200)
                async with client.post(made.url, data=made.body, headers=made.headers) as answer:
                    await answer.read()

            await send(post)

    return measured("aiohttp loop, nothing recorded", len(rows), lambda: asyncio.run(run()))


class Line(asyncio.Protocol):
    """One connection that sends a finished request after the other and keeps what came back."""

    def __init__(self, waiting: Iterator[tuple[Claimed, bytes]], results: list[Result], is_done: asyncio.Event) -> None:
        self._waiting, self._results, self._is_done = waiting, results, is_done
        self._started_us = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        claimed, request = self._current
        head, _, body = request.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        self._results.append(Result(claimed, Answer(200, "ok", {}, "ok"), self._started_us, headers, body))
        self._next()

    def _next(self) -> None:
        try:
            self._current = next(self._waiting)
        except StopIteration:
            self._is_done.set()
            return
        self._started_us = now_us()
        self._transport.write(self._current[1])


def socket_loop(url: str, rows: list[Claimed]) -> Measured:
    """The least a sender with records can do."""
    parts = urlsplit(url)
    requests = iter([(row, _request(row, parts.netloc, parts.path)) for row in rows])

    async def run() -> None:
        loop, results, left = asyncio.get_running_loop(), list[Result](), len(rows)
        is_done = asyncio.Event()
        for _ in range(IN_FLIGHT):
            await loop.create_connection(lambda: Line(requests, results, is_done), parts.hostname, parts.port)
        while left:
            batch, results[:] = results[:], []
            left -= len(batch)
            for start in range(0, len(batch), RECORD_BATCH):
                await asyncio.to_thread(record, Environment.SANDBOX, batch[start : start + RECORD_BATCH])
            await asyncio.sleep(PAUSE_S)

    return measured("socket loop, same records", len(rows), lambda: asyncio.run(run()))


def _request(row: Claimed, host: str, path: str) -> bytes:
    made = request_of(row, sending.secrets_of(row), 1_768_219_200)
    headers = {"Host": host, "Content-Length": str(len(made.body))} | made.headers
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + made.body


def peer(services: Services, url: str, deliveries: int, *options: str) -> Measured | None:
    """django-outbound-webhooks on the same server; None when it is not installed or has no PostgreSQL."""
    python = ROOT / ".venv-peers" / "bin" / "python"
    if services.cluster is None or not python.exists():
        return None
    database = f"peer{len(options)}"
    services.cluster.create_database(database)
    deliveries -= deliveries % ENDPOINTS
    done = subprocess.run(
        [str(python), "benchmarks/peers/outbound.py", database, str(services.cluster.folder), SUPERUSER, url, str(deliveries),
         str(ENDPOINTS), *options], cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    took = json.loads(done.stdout)
    return Measured(" ".join(("django-outbound-webhooks", *options)), deliveries, took["wall_s"], took["cpu_s"])


def queue_jobs(settings: Settings, rows: list[Claimed]) -> Measured:
    """One RQ job for each delivery, run by one worker in this process."""
    connection = queue_connection(settings)
    queue = Queue("naive", connection=connection, serializer=JSONSerializer)
    for row in rows:
        made = request_of(row, sending.secrets_of(row), 1_768_219_200)
        naive.BODIES[row.id] = made.url, made.headers, made.body
        queue.enqueue(naive.deliver, row.tenant_id, row.id)
    worker = SimpleWorker([queue], connection=connection, serializer=JSONSerializer, log_job_description=False)
    return measured("RQ, one job per delivery", len(rows), lambda: void(worker.work(burst=True, logging_level="ERROR")))


def forget() -> None:
    """End what earlier senders left open, so that the engine finds only its own."""
    with operations(Environment.SANDBOX, reason=Reason.SWEEP) as unit:
        unit.execute(update(Delivery).values(state="dead", due_at=None))


def void(_: object) -> None:
    """Take a value and return none."""


def main(arguments: list[str]) -> int:
    """Measure and print."""
    deliveries = int(arguments[0]) if arguments else DELIVERIES
    databases = arguments[1:] or ["postgresql", "sqlite"]
    for database in databases:
        with controlled_services(database, is_durable=True) as services, receiver() as url:
            open_process(services.settings)
            engine(url, deliveries)  # warm up
            tune()
            if database == "postgresql":
                analyze(services.settings)
            loop = bare_loop(claimed_deliveries(url, deliveries))
            jobs = queue_jobs(services.settings, claimed_deliveries(url, deliveries // NAIVE_SHARE))
            forget()
            sockets = socket_loop(url, claimed_deliveries(url, deliveries))
            forget()
            peers = (peer(services, url, deliveries // PEER_SHARE), peer(services, url, deliveries // NAIVE_SHARE, "one-client"))
            results = [loop, sockets, engine(url, deliveries), jobs, *filter(None, peers)]
            print(f"{database}: {deliveries} deliveries to {ENDPOINTS} endpoints, {IN_FLIGHT} under way at most")
            for result in results:
                print("  " + result.line(loop.deliveries / loop.wall_s))
            planes.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
