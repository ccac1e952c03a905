"""Restarts and clean-up, with small programs in place of the real ones."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.settings import Settings
from worker.children import ROOT
from worker.children import configuration
from worker.children import programs

# Starts a child of its own, as the web server does, notes both process ids, and waits.
WITH_CHILD = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with pathlib.Path(sys.argv[1]).open("a") as file:
    import os
    file.write(f"{os.getpid()} {child.pid}\\n")
time.sleep(600)
"""
PLATFORM = """
import pathlib, sys
from kit.settings import Settings
from worker.children import run
home, program = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
web = [sys.executable, str(program), str(home / "pids")]
run(Settings(home=home), {"web": web}, lambda line: print(line, flush=True), lambda children: True)
"""
CRASHING = "raise SystemExit(7)"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a supervisor that runs one program under the name `web`."""
    started: list[subprocess.Popen[str]] = []

    def start_program(text: str) -> subprocess.Popen[str]:
        program = tmp_path / "program.py"
        program.write_text(text)
        command = [sys.executable, "-c", PLATFORM, str(tmp_path), str(program)]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        started.append(subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start_program
    for process in started:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)


def pids(home: Path, count: int) -> list[list[int]]:
    """Wait until the program has started `count` times, and return its and its child's process ids."""
    return eventually(lambda: len(noted(home)) == count and noted(home))


def noted(home: Path) -> list[list[int]]:
    path = home / "pids"
    return [[int(pid) for pid in line.split()] for line in path.read_text().splitlines()] if path.exists() else []


def eventually(probe: Callable[[], object], within_s: float = 15) -> object:
    deadline = time.monotonic() + within_s
    while not (found := probe()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found, "it did not happen in time"
    return found


def is_gone(pid: int) -> bool:
    """No such process, or only its entry is left because nobody has collected it."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return not state.strip() or state.startswith("Z")


def test_a_killed_program_is_started_again_and_its_children_are_ended(start: Callable[..., object], tmp_path: Path) -> None:
    supervisor = start(WITH_CHILD)
    [[first, child]] = pids(tmp_path, 1)
    os.kill(first, signal.SIGKILL)
    pids(tmp_path, 2)
    log = tmp_path / "log" / "web.log"
    assert supervisor.stdout.readline() == f"web stopped (signal 9), starting it again in 1 s; see {log}\n"
    assert supervisor.stdout.readline() == "web started again\n"
    assert is_gone(child)


def test_a_program_that_cannot_start_is_tried_again_after_growing_pauses(start: Callable[..., object], tmp_path: Path) -> None:
    supervisor = start(CRASHING)
    log = tmp_path / "log" / "web.log"
    assert supervisor.stdout.readline() == f"web stopped (exit code 7), starting it again in 1 s; see {log}\n"
    assert supervisor.stdout.readline() == "web started again\n"
    assert supervisor.stdout.readline() == f"web stopped (exit code 7), starting it again in 2 s; see {log}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda n: n.name)
def test_nothing_is_left_when_the_supervisor_ends(start: Callable[..., object], tmp_path: Path, number: int) -> None:
    supervisor = start(WITH_CHILD)
    [own] = pids(tmp_path, 1)
    supervisor.send_signal(number)
    supervisor.wait(15)
    eventually(lambda: all(is_gone(pid) for pid in own))


def test_configuration_runs_every_program_with_what_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=8123, web_workers=3, pump_workers=2)
    commands = programs(settings)
    assert list(commands) == ["redis", "web", "pump", "scheduler"]
    assert commands["web"][commands["web"].index("--port") + 1] == "8123"
    text = configuration(settings, commands)
    assert "numprocs = 2\nprocess_name = pump-%(process_num)d\n" in text
    assert "[group:application]\nprograms = web,pump,scheduler\n" in text


def test_no_redis_is_started_when_one_is_given(tmp_path: Path) -> None:
    assert "redis" not in programs(Settings(home=tmp_path, redis_url="redis://127.0.0.1/0"))
