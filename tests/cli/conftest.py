"""The command-line client as a person runs it: a process of its own, its own home, a live platform."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from queue import Queue
from threading import Thread

import httpx
import pytest

from accounts.webhooks.listeners import is_listener
from benchmarks.stack import Stack
from tests.contract.live import shared_stack

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 30


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str


class Running:
    """A command that goes on until it is interrupted; its lines can be waited for."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lines: Queue[str] = Queue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self._process.stdout as stream:  # type: ignore[union-attr]
            for line in stream:
                self._lines.put(line.rstrip())

    def line(self, *words: str) -> str:
        """The next line with all of these words in it."""
        seen = []
        try:
            while True:
                seen.append(self._lines.get(timeout=WITHIN_S))
                if all(word in seen[-1] for word in words):
                    return seen[-1]
        except Empty:
            raise AssertionError(f"no line with {words} came: {seen}") from None

    def pause(self) -> None:
        """Let the machine sleep."""
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        """The exit code of a command that ends by itself."""
        return self._process.wait(WITHIN_S)

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join(WITHIN_S)


class Machine:
    """A developer's machine with the client on it."""

    def __init__(self, home: Path, url: str, key: str | None, name: str) -> None:
        self.home = home
        self.name = name
        self._url = url
        self._key = key
        self._running: list[Running] = []

    def command(self, *words: str) -> list[str]:
        name, *rest = words
        return [sys.executable, "-m", "tableport", name, "--base-url", self._url, "--machine", self.name, *rest]

    def environ(self) -> dict[str, str]:
        key = {"TABLEPORT_CLI_KEY": self._key} if self._key else {}
        return {"PATH": os.environ["PATH"], "XDG_CONFIG_HOME": str(self.home), "PYTHONUNBUFFERED": "1", **key}

    def run(self, *words: str) -> Done:
        """Run a command to its end."""
        done = subprocess.run(
            self.command(*words), cwd=ROOT, env=self.environ(), capture_output=True, text=True, timeout=WITHIN_S, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str) -> Running:
        """Start a command that goes on."""
        process = subprocess.Popen(
            self.command(*words), cwd=ROOT, env=self.environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._running.append(Running(process))
        return self._running[-1]

    def end(self) -> None:
        for running in self._running:
            running.kill()


NewMachine = Callable[..., Machine]


@pytest.fixture(scope="module")
def stack(pytestconfig: pytest.Config) -> Stack:
    return shared_stack(pytestconfig)


@pytest.fixture
def api(stack: Stack) -> Iterator[httpx.Client]:
    """A client of the demo partner, whose sandbox was just rebuilt."""
    headers = stack.demo["credentials"]["tm.full"]["headers"]
    with httpx.Client(base_url=stack.url, headers=headers, timeout=30) as client:
        client.post("/sandbox/v1/reset", json={"profile": "minimal", "seed": 7}).raise_for_status()
        yield client


@pytest.fixture
def new_machine(stack: Stack, tmp_path: Path) -> Iterator[NewMachine]:
    """Makes machines; with the demo partner's key in the environment unless told otherwise."""
    made: list[Machine] = []
    demo_key = stack.demo["credentials"]["tm.full"]["headers"]["Authorization"].removeprefix("Bearer ")

    def make(name: str, *, key: str | None = demo_key) -> Machine:
        made.append(Machine(tmp_path / name, stack.url, key, name))
        return made[-1]

    yield make
    for machine in made:
        machine.end()
    with httpx.Client(base_url=stack.url, headers={"Authorization": f"Bearer {demo_key}"}, timeout=30) as client:
        for endpoint in client.get("/v1/webhooks", params={"limit": 100}).json()["data"]:
            if is_listener(endpoint["url"]):  # listeners outlive a reset, and others use this tenant too
                client.delete(f"/sandbox/v1/listeners/{endpoint['id']}").raise_for_status()
