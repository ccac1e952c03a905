"""`make run`: check, migrate, seed, start every process, say when the platform is ready, and end all of it on Ctrl-C.

Everything a person can get wrong ends in one line and exit code 1. Restarts and clean-up are worker.children's.
"""

import errno
import fcntl
import http
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from redis import Redis
from redis.exceptions import RedisError

from kit.settings import Settings
from kit.settings import SettingsError
from kit.settings import load
from kit.settings import redis_socket
from migrations.roles import MigrationError
from migrations.upgrade import upgrade_all
from worker.children import ROOT
from worker.children import Children
from worker.children import log_of
from worker.children import programs
from worker.children import run
from worker.embedded import NoRedisServer

NEEDED_BYTES = 100 * 1024 * 1024
READY_WITHIN_S = 120
HOPELESS_STOPS = 3


class StartRefused(Exception):
    """Something outside the code prevents the start. The message is one line for the person starting us."""


def main(arguments: list[str]) -> int:
    """Run the platform in the foreground. `--with-parent` also ends it when the starting process (make) is gone."""
    started, parent = time.monotonic(), os.getppid() if "--with-parent" in arguments else None
    try:
        settings = load()
        with locked(settings.home):
            check_machine(settings)
            commands = programs(settings)
            prepare(settings)
            return Watch(settings, parent, started).serve(commands)
    except (SettingsError, StartRefused, MigrationError, NoRedisServer, OSError) as error:
        say(f"cannot start: {error}", sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def say(line: str, stream: TextIO = sys.stdout) -> None:
    """Print one line at once. A closed terminal is no reason to stop the platform."""
    with suppress(OSError):
        print(f"tableport: {line}", file=stream, flush=True)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the home folder for this instance. Raises StartRefused when another one does, or it cannot be written."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / "lock").open("a")
    except OSError as error:
        raise StartRefused(f"cannot write to the home folder {home}: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartRefused(f"another Tableport is running in {home}; stop it or set TABLEPORT_HOME") from error
        yield


def check_machine(settings: Settings, needed_bytes: int = NEEDED_BYTES) -> None:
    """Look for what would make the children fail one by one later. Raises StartRefused."""
    free = shutil.disk_usage(settings.home).free
    if free < needed_bytes:
        raise StartRefused(
            f"only {free // 1024**2} MB free on the disk of {settings.home}; {needed_bytes // 1024**2} MB are needed"
        )
    check_port(settings.host, settings.port)
    if settings.redis_url:
        check_redis(settings)
    else:
        end_orphan_redis(redis_socket(settings.home))


def check_port(host: str, port: int) -> None:
    """Bind the web server's address once. The server itself would share a used port without a word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closed connection in TIME_WAIT is no obstacle
        try:
            probe.bind((host, port))
        except OSError as error:
            hint = "stop the other program or set TABLEPORT_PORT" if error.errno == errno.EADDRINUSE else "see TABLEPORT_HOST"
            raise StartRefused(f"port {port} on {host} cannot be used ({error.strerror}): {hint}") from error


def check_redis(settings: Settings) -> None:
    """Ask a given Redis for a sign of life. Raises StartRefused."""
    try:
        with Redis.from_url(settings.redis_database_url(0), socket_connect_timeout=3, socket_timeout=3) as client:
            client.ping()
    except (RedisError, ValueError) as error:
        raise StartRefused(f"the Redis of TABLEPORT_REDIS_URL does not answer: {error}") from error


def end_orphan_redis(path: Path) -> None:
    """End a server left over from a killed instance: a second one on the same socket would silently split the queue."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(3)
        client.connect(str(path))
        client.sendall(b"SHUTDOWN NOSAVE\r\n")
        client.recv(1)  # end of file once it is gone


def prepare(settings: Settings) -> None:
    """Migrate the planes and, outside production mode, make the demo. Raises MigrationError, StartRefused."""
    changed = upgrade_all(settings)
    if changed:
        say(f"databases upgraded: {', '.join(changed)}")
    if not settings.is_production and (changed or not (settings.home / "demo.json").exists()):
        seed = subprocess.run([sys.executable, "-m", "worker.seed"], cwd=ROOT, capture_output=True, text=True, check=False)
        if seed.returncode:
            path = settings.home / "log" / "seed.log"
            path.parent.mkdir(exist_ok=True)
            path.write_text(seed.stdout + seed.stderr)
            raise StartRefused(f"the demo could not be made: {last_line(path)}")


class Watch:
    """Waits for the web server, prints the banner, and ends the run when there is nothing left to run for."""

    def __init__(self, settings: Settings, parent: int | None, started: float) -> None:
        self._settings = settings
        self._parent = parent
        self._started = started
        self._is_ready = False
        self._failure = ""
        self._answer = "the web server did not answer"

    def serve(self, commands: dict[str, list[str]]) -> int:
        """Run until stopped; returns the exit code."""
        run(self._settings, commands, say, self.turn)
        if self._failure:
            say(f"cannot start: {self._failure}", sys.stderr)
            return 1
        say("stopped")
        return 0

    def turn(self, children: Children) -> bool:
        """One look around. Returns whether another one is wanted soon."""
        if self._parent is not None and (os.getppid() != self._parent or has_taken_interrupt(self._parent)):
            children.shut_down()
            return False
        if not self._is_ready and self._web_answers():
            self._is_ready = True
            say(banner(self._settings, time.monotonic() - self._started))
        elif not self._is_ready:
            self._failure = self._why_hopeless(children)
            if self._failure:
                children.shut_down()
        return not self._is_ready

    def _why_hopeless(self, children: Children) -> str:
        for name, stops in children.stops.items():
            if stops >= HOPELESS_STOPS:
                return f"{name} stops again and again: {last_line(log_of(self._settings.home, name))}"
        if time.monotonic() - self._started > READY_WITHIN_S:
            return f"not ready within {READY_WITHIN_S} s ({self._answer}); the logs are in {self._settings.home / 'log'}"
        return ""

    def _web_answers(self) -> bool:
        reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to knock when it binds every address
        connection = http.client.HTTPConnection(reach.get(self._settings.host, self._settings.host), self._settings.port, 2)
        try:
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            self._answer = response.read(500).decode(errors="replace")
            return response.status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def has_taken_interrupt(pid: int) -> bool:
    """Whether a waiting make is inside its SIGINT handler (known on Linux only).

    Interrupted alone rather than with its whole process group, make waits for its child without passing the signal on.
    """
    with suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        blocked = next(line.split()[1] for line in lines if line.startswith("SigBlk:"))
        return bool(int(blocked, 16) & 1 << signal.SIGINT - 1)
    return False


def last_line(path: Path) -> str:
    """What a log says about its end: the last line that names an exception, else the last line."""
    with suppress(OSError):
        lines = [line.strip() for line in path.read_text(errors="replace")[-8000:].splitlines() if line.strip()]
        named = [line for line in lines if re.match(r"[A-Za-z_.]+: ", line)]
        if lines:
            return f"{(named or lines)[-1][:300]} ({path})"
    return f"see {path}"


def banner(settings: Settings, seconds: float) -> str:
    """What a person needs first: where to go, who to be, what to paste."""
    url = settings.public_url
    lines = [f"ready after {seconds:.1f} s", "", f"  Portal      {url}/"]
    path = settings.home / "demo.json"
    if path.exists():
        demo = json.loads(path.read_text())
        people, header = demo["portal"], demo["credentials"]["tm.full"]["headers"]["Authorization"]
        lines += [
            f"  Partner     {people['partner']['email']} / {people['partner']['password']}",
            f"  Operator    {people['operator']['email']} / {people['operator']['password']}",
            f"  Try         curl -s {url}/v1/orders/ord_89421 -H 'Authorization: {header}'",
            f"  All of it   {path}",
        ]
    return "\n".join([*lines, "", "  Ctrl-C ends everything.", ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
