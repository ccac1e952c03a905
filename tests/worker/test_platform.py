"""The whole platform as `make run` starts it: ready, usable, healing, and gone when told."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.postgres import Cluster
from worker.children import ROOT


class Platform:
    """One `python -m worker.supervise`, its output and its processes."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.url = f"http://127.0.0.1:{environ['TABLEPORT_PORT']}"
        self._log = log
        command = [sys.executable, "-m", "worker.supervise"]
        with log.open("w") as file:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **environ}, stdout=file, stderr=subprocess.STDOUT
            )

    @property
    def output(self) -> str:
        return self._log.read_text()

    def child(self, pattern: str) -> int:
        """Process id of the direct child whose command line contains the pattern."""
        lines = subprocess.check_output(["ps", "-wweo", "pid=,ppid=,args="], text=True).splitlines()
        rows = [line.split(None, 2) for line in lines]
        [pid] = [int(pid) for pid, parent, args in rows if int(parent) == self._process.pid and pattern in args]
        return pid

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def stop(self) -> int:
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(20)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(20)


def eventually(probe: Callable[[], bool], within_s: float = 30) -> bool:
    deadline = time.monotonic() + within_s
    while not probe():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def processes_of(home: Path) -> list[str]:
    """Command lines of processes whose log goes to this home."""
    result = subprocess.run(["ps", "-wweo", "args="], capture_output=True, text=True, check=False)
    return [line for line in result.stdout.splitlines() if str(home) in line]


@pytest.fixture
def environ(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[dict[str, str]]:
    """Environment of a new installation: its own home, a free port, and PostgreSQL planes in that run."""
    with ExitStack() as stack, socket.create_server(("127.0.0.1", 0)) as server:
        values = {"TABLEPORT_HOME": str(tmp_path / "home"), "TABLEPORT_PORT": str(server.getsockname()[1])}
        if pytestconfig.getoption("--database") == "postgresql":
            cluster = Cluster()
            stack.callback(cluster.stop)
            cluster.start()
            values |= cluster.environ()
        server.close()
        yield values


@pytest.mark.timeout(600)
def test_platform_starts_heals_and_ends(environ: dict[str, str], tmp_path: Path) -> None:
    platform = Platform(environ, tmp_path / "first.txt")
    try:
        assert eventually(lambda: "ready after" in platform.output, 60), platform.output
        demo = json.loads((tmp_path / "home" / "demo.json").read_text())
        assert demo["portal"]["partner"]["password"] in platform.output
        [line] = re.findall(r"curl .*", platform.output)
        assert json.loads(subprocess.check_output(line, shell=True))["id"] == "ord_89421"

        for name, pattern in [("web", "granian"), ("redis", "valkey-server"), ("pump-0", "worker.jobs")]:
            os.kill(platform.child(pattern), signal.SIGKILL)
            assert eventually(lambda name=name: f"{name} started again" in platform.output), platform.output
            assert f"tableport: {name} stopped (signal 9), starting it again" in platform.output
            assert eventually(platform.is_ready)
        assert platform.stop() == 0
    finally:
        platform.kill()
    assert platform.output.endswith("tableport: stopped\n")
    assert eventually(lambda: processes_of(tmp_path / "home") == [])

    again = Platform(environ, tmp_path / "second.txt")
    try:
        assert eventually(lambda: "ready after" in again.output, 60), again.output
        assert "databases upgraded" not in again.output
    finally:
        again.kill()
    assert eventually(lambda: processes_of(tmp_path / "home") == [], 15)
