"""The whole platform as `make run` starts it, in a throw-away home on a free port. For benchmarks and live tests."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from typing import Self

import httpx

from kit.settings import PREFIX
from kit.settings import Settings
from kit.settings import load

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 150
STOPPED_WITHIN_S = 30


class Stack:
    """Runs `python -m worker.supervise` between `start` and `stop`. `environ` adds TABLEPORT_* settings."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        # Sockets need a short path, so not the default folder of macOS.
        self.home = Path(tempfile.mkdtemp(prefix="tp-live-", dir="/tmp"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._own = {"TABLEPORT_HOME": str(self.home), "TABLEPORT_PORT": str(self.port), **(environ or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Settings:
        """The settings the stack runs with."""
        return load(self._own)

    @property
    def environ(self) -> dict[str, str]:
        """The TABLEPORT_* variables another process needs to be part of it."""
        return dict(self._own)

    @property
    def pid(self) -> int:
        """Process id of the supervisor."""
        if self._process is None:
            raise RuntimeError("the stack is not running")
        return self._process.pid

    @property
    def demo(self) -> dict[str, Any]:
        """demo.json: portal logins and the credentials by name."""
        demo: dict[str, Any] = json.loads((self.home / "demo.json").read_text())
        return demo

    def start(self) -> Self:
        """Start and wait until /readyz answers 200. Raises RuntimeError with the output's end otherwise."""
        with (self.home / "output.txt").open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "worker.supervise"], cwd=ROOT, env=clean_environ(self._own),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self.output()
                self.stop()
                raise RuntimeError(f"the platform did not start:\n{said}")
            time.sleep(0.1)
        return self

    def stop(self) -> None:
        """End every process and remove the home."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()  # its warden ends the children
                self._process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def output(self) -> str:
        """The end of what the supervisor printed and of each child's log."""
        files = [self.home / "output.txt", *sorted((self.home / "log").glob("*.log"))]
        return "\n".join(f"--- {file.name}\n{file.read_text(errors='replace')[-2000:]}" for file in files if file.exists())

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environ(own: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with exactly these TABLEPORT_* settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | dict(own)
