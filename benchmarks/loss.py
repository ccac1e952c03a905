"""Counts orders and webhooks lost while web servers, delivery workers and Redis are killed under load. It must be none.

Usage: python -m benchmarks.loss [orders, 2000] [orders per second, 25]

Runs the whole platform under its supervisor, sends orders at a steady rate with an Idempotency-Key each, repeats a request
until it is answered, and meanwhile kills (SIGKILL) a web worker, the delivery worker, the web server's main process and
Redis, five times each; Redis keeps nothing on disk, so its data is gone every time. The tenant is on the Enterprise plan
with the keys of 20 applications in rotation, so that limits work and none is met.
"""

import json
import os
import random
import secrets
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from benchmarks.stack import Stack
from benchmarks.world import CHEESEBURGER
from benchmarks.world import World
from benchmarks.world import enterprise_world
from kit.planes import planes
from worker.process import open_process

ORDERS = 2000
RATE = 25.0
SENDERS = 8
KILLS_EACH = 5
VICTIMS = ("web worker", "delivery worker", "web server", "redis")
MARKS = {"web server": "granian", "delivery worker": "worker.jobs", "redis": "-server"}
PAUSE_S = 0.2
ANSWERED_WITHIN_S = 180
SETTLED_WITHIN_S = 180
BUSY = {409, 429}  # the first try of this key is still running, or its killed process's lease has not ended


@dataclass
class Receiver:
    """A subscriber on this machine that takes everything and counts it by event id."""

    arrivals: Counter[str] = field(default_factory=Counter)

    def start(self) -> str:
        """Listen in a thread and return the URL."""
        arrivals, lock = self.arrivals, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with lock:
                    arrivals[self.headers["webhook-id"]] += 1
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Load:
    """Orders sent at a steady rate, each until it is answered."""

    url: str
    world: World
    run: str
    rate: float
    answered: dict[int, str] = field(default_factory=dict)
    retries: int = 0

    def send(self, orders: int) -> None:
        """Send all orders. Raises TimeoutError when one is not answered in time."""
        started = time.monotonic()
        with ThreadPoolExecutor(SENDERS) as pool:
            for number in range(orders):
                time.sleep(max(0.0, started + number / self.rate - time.monotonic()))
                pool.submit(self._one, number)

    def _one(self, number: int) -> None:
        # The same key for every try: idempotency belongs to the credential.
        headers = {"Authorization": f"Bearer {self.world.keys[number % len(self.world.keys)]}",
                   "Idempotency-Key": f"{self.run}-{number}"}  # fmt: skip
        order = {**CHEESEBURGER, "metadata": {"run": self.run, "number": str(number)}}
        deadline = time.monotonic() + ANSWERED_WITHIN_S
        while time.monotonic() < deadline:
            try:
                response = httpx.post(f"{self.url}/v1/orders", json=order, headers=headers, timeout=10)
                if response.status_code == httpx.codes.CREATED:
                    self.answered[number] = response.json()["id"]
                    return
                if response.status_code not in BUSY and response.status_code < 500:
                    print(f"order {number}: {response.status_code} {response.text[:200]}")
                    return
            except httpx.HTTPError:
                pass
            self.retries += 1
            time.sleep(PAUSE_S)


class Killer(threading.Thread):
    """Kills one victim after the other at even intervals."""

    def __init__(self, stack: Stack, every_s: float) -> None:
        super().__init__(daemon=True)
        self.killed: Counter[str] = Counter()
        self._stack = stack
        self._every_s = every_s
        self._random = random.Random(7)

    def run(self) -> None:
        for _ in range(KILLS_EACH):
            for victim in VICTIMS:
                time.sleep(self._every_s)
                self._kill(victim)

    def _kill(self, victim: str) -> None:
        """Kill a running process of this kind; waits for one that is just being restarted."""
        for _ in range(100):
            if pids := list(self._pids(victim)):
                try:
                    os.kill(self._random.choice(pids), signal.SIGKILL)
                except ProcessLookupError:
                    continue
                self.killed[victim] += 1
                return
            time.sleep(0.1)

    def _pids(self, victim: str) -> Iterator[int]:
        mark = MARKS.get(victim, MARKS["web server"])
        for pid in _children(self._stack.pid):
            if mark in _command(pid):
                yield from [pid] if victim in MARKS else _children(pid)


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


class Api:
    """Reads what the platform knows, for the count at the end."""

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def listen(self, url: str) -> None:
        """Make `url` the only endpoint."""
        for endpoint in self._get("/v1/webhooks?limit=100")["data"]:
            self._client.delete(f"/v1/webhooks/{endpoint['id']}").raise_for_status()
        self._client.post("/v1/webhooks", json={"url": url, "events": ["order.created"]}).raise_for_status()

    def orders(self, run: str) -> list[dict[str, Any]]:
        """Every order of this run."""
        found, path = [], "/v1/orders?limit=100"
        while path:
            page = self._get(path)
            found += [order for order in page["data"] if (order["metadata"] or {}).get("run") == run]
            path = f"/v1/orders?limit=100&cursor={page['next_cursor']}" if page["has_more"] else ""
        return found

    def events(self) -> dict[str, str]:
        """Order id by event id of every order.created."""
        found: dict[str, str] = {}
        after, more = 0, True
        while more:
            page = self._get(f"/v1/events?types=order.created&limit=100&after_sequence={after}")
            found |= {event["id"]: event["data"]["object"]["id"] for event in page["data"]}
            after, more = (page["data"][-1]["sequence"] if page["data"] else after), page["has_more"]
        return found

    def close(self) -> None:
        self._client.close()

    def _get(self, path: str) -> Any:
        for _ in range(60):
            response = self._client.get(path)
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return response.raise_for_status().json()
            time.sleep(1)
        raise TimeoutError(f"{path} is limited")


def measure(stack: Stack, orders: int, rate: float) -> bool:
    """Run the load and the killer, wait until everything is delivered, print the counts; True when nothing was lost."""
    open_process(stack.settings)
    world = enterprise_world()
    planes.dispose()
    receiver, run = Receiver(), secrets.token_hex(4)
    api = Api(stack.url, world.keys[0])
    api.listen(receiver.start())
    load, killer = Load(stack.url, world, run, rate), Killer(stack, every_s=orders / rate / (KILLS_EACH * len(VICTIMS) + 1))
    started = time.monotonic()
    killer.start()
    load.send(orders)
    killer.join()
    sent_s = time.monotonic() - started
    _wait_until_ready(stack)
    events = api.events()
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while set(events) - set(receiver.arrivals) and time.monotonic() < deadline:
        time.sleep(1)
    found = api.orders(run)
    api.close()
    receiver.stop()
    settled_s = time.monotonic() - started - sent_s
    print(f"killed: {', '.join(f'{count} × {victim}' for victim, count in killer.killed.items())}")
    print(f"sent in {sent_s:.0f} s, {load.retries} retries; delivered {settled_s:.0f} s later")
    return report(orders, load.answered, found, events, receiver.arrivals)


def _wait_until_ready(stack: Stack) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"{stack.url}/readyz", timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)


def report(
    orders: int, answered: dict[int, str], found: list[dict[str, Any]], events: dict[str, str], arrivals: Counter[str]
) -> bool:
    """Print the counts. True when every order exists once, has one event, and every event arrived."""
    ids = {order["id"] for order in found}
    numbers = Counter(order["metadata"]["number"] for order in found)
    mine = {event: order for event, order in events.items() if order in ids}
    counts = {
        "orders sent": orders,
        "orders answered": len(answered),
        "orders in the database": len(ids),
        "answered but not in the database": len(set(answered.values()) - ids),
        "placed twice": sum(count - 1 for count in numbers.values()),
        "events order.created": len(mine),
        "orders without an event": len(ids - set(mine.values())),
        "webhooks received, distinct": len(set(mine) & set(arrivals)),
        "LOST webhooks": len(set(mine) - set(arrivals)),
        "received more than once": sum(count - 1 for event, count in arrivals.items() if event in mine),
    }
    print(json.dumps(counts, indent=1))
    wrong = ("answered but not in the database", "placed twice", "orders without an event", "LOST webhooks")
    return len(answered) == orders == len(mine) and not any(counts[name] for name in wrong)


def main(arguments: list[str]) -> int:
    """Measure; exit code 1 when anything was lost or doubled."""
    orders = int(arguments[0]) if arguments else ORDERS
    rate = float(arguments[1]) if len(arguments) > 1 else RATE
    with Stack({"TABLEPORT_EGRESS_ALLOW": "127.0.0.0/8", "TABLEPORT_LOG_LEVEL": "WARNING"}) as stack:
        passed = measure(stack, orders, rate)
        print("nothing was lost" if passed else f"SOMETHING WAS LOST OR DOUBLED\n{stack.output()}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
