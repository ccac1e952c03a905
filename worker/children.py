"""The processes of one machine and what keeps them running: supervisor's library with our words and our safety net.

Adds to supervisor: a plain line for each crash and restart, a bounded back-off without an end, no survivors of a killed
web server main process, and a warden that ends everything when the supervisor itself is killed.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from supervisor import events
from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.states import SupervisorStates
from supervisor.supervisord import Supervisor

from kit.settings import Settings
from kit.settings import redis_socket
from worker.embedded import server_command
from worker.warden import send

ROOT = Path(__file__).resolve().parent.parent
MAX_BACKOFF_S = 30
SETTLED_S = 20  # a process that ends sooner is started again with growing pauses
Turn = Callable[["Children"], bool]
STOPPED_BY_ITSELF = (events.ProcessStateExitedEvent, events.ProcessStateBackoffEvent)


def programs(settings: Settings) -> dict[str, list[str]]:
    """Command line of every supervised program. `pump` runs as many times as settings.pump_workers says."""
    python = sys.executable
    web = [
        python, "-m", "granian", "--interface", "wsgi", "--host", settings.host, "--port", str(settings.port),
        "--workers", str(settings.web_workers), "--blocking-threads", str(settings.web_threads),
        "--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "5",
        "--no-ws", "--http", "auto", "--backlog", "1024", "--no-access-log", "--log-level", "warning", "wsgi:app",
    ]  # fmt: skip
    own = {"web": web, "pump": [python, "-m", "worker.jobs"], "scheduler": [python, "-m", "worker.schedule"]}
    return own if settings.redis_url else {"redis": server_command(redis_socket(settings.home)), **own}


def configuration(settings: Settings, commands: dict[str, list[str]]) -> str:
    """Supervisor's configuration file for these programs. Redis starts first and ends last."""
    log = settings.home.resolve() / "log"
    sections = [
        _section("supervisord", {
            "nodaemon": "true", "silent": "true", "logfile": log / "supervisor.log", "logfile_maxbytes": "5MB",
            "logfile_backups": 1, "pidfile": settings.home.resolve() / "supervisor.pid", "childlogdir": log,
            "directory": ROOT, "minfds": 256, "minprocs": 50,
        }),
    ]  # fmt: skip
    for name, command in commands.items():
        extra: dict[str, Any] = {"priority": 1} if name == "redis" else {}
        if name == "pump":
            extra = {"numprocs": settings.pump_workers, "process_name": "pump-%(process_num)d"}
        sections.append(_section(f"program:{name}", {
            "command": shlex.join(command).replace("%", "%%"), "directory": ROOT, "autorestart": "true",
            "startsecs": SETTLED_S, "startretries": 1_000_000_000, "stopsignal": "TERM", "stopwaitsecs": 10,
            "killasgroup": "true", "redirect_stderr": "true", "stdout_logfile": log / f"{name}.log",
            "stdout_logfile_maxbytes": "10MB", "stdout_logfile_backups": 3, **extra,
        }))  # fmt: skip
    application = ",".join(name for name in commands if name != "redis")
    sections.append(_section("group:application", {"programs": application, "priority": 20}))
    return "\n".join(sections)


def log_of(home: Path, process: str) -> Path:
    """Log file of a process; all pumps write to one."""
    return home / "log" / f"{process.partition('-')[0]}.log"


def _section(name: str, values: dict[str, Any]) -> str:
    lines = [
        f"{key} = {str(value).replace('%', '%%') if isinstance(value, Path) else value}" for key, value in values.items()
    ]
    return "\n".join([f"[{name}]", *lines, ""])


class Warden:
    """The line to worker.warden. It closes by itself when this process ends, however it ends."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "worker.warden"], stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True, text=True
        )

    def tell(self, line: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


class Options(ServerOptions):
    """Supervisor's options, with the births and deaths of children passed on."""

    def __init__(self, warden: Warden) -> None:
        super().__init__()
        self.exit_codes: dict[int, int] = {}
        self._warden = warden

    def fork(self) -> int:
        pid: int = super().fork()
        if pid:
            self._warden.tell(f"+{pid}")
        return pid

    def waitpid(self) -> tuple[int | None, int | None]:
        pid, status = super().waitpid()
        if pid:
            self.exit_codes[pid] = os.waitstatus_to_exitcode(status)
            self._warden.tell(f"-{pid}")
        return pid, status


class Children(Supervisor):
    """The supervised processes. `each_turn` is called every second, and ten times a second while it returns True."""

    def __init__(self, options: Options, home: Path, say: Callable[[str], None], each_turn: Turn) -> None:
        super().__init__(options)
        self._home = home
        self.stops: Counter[str] = Counter()
        self._down: set[str] = set()
        self._say = say
        self._each_turn = each_turn
        self._is_eager = True

    def runforever(self) -> None:
        events.subscribe(events.ProcessStateEvent, self._on_state)
        poll = self.options.poller.poll
        self.options.poller.poll = lambda timeout: poll(0.1 if self._is_eager else timeout)
        super().runforever()

    def tick(self, now: float | None = None) -> None:
        super().tick(now)
        if self.options.mood == SupervisorStates.RUNNING:
            self._is_eager = self._each_turn(self)

    def shut_down(self) -> None:
        """Stop every child; the run ends when the last one is gone."""
        self.options.mood = SupervisorStates.SHUTDOWN

    def _on_state(self, event: Any) -> None:
        process, name = event.process, event.process.config.name
        if isinstance(event, events.ProcessStateStartingEvent) and name in self._down:
            self._down.discard(name)
            self._say(f"{name} started again")
        if not isinstance(event, (*STOPPED_BY_ITSELF, events.ProcessStateStoppedEvent)):
            return
        if process.pid:
            # The children of a killed granian or RQ process go on serving and working without it.
            send(process.pid, signal.SIGKILL)
        if isinstance(event, STOPPED_BY_ITSELF) and self.options.mood == SupervisorStates.RUNNING:
            self._report(process, name)

    def _report(self, process: Any, name: str) -> None:
        self.stops[name] += 1
        self._down.add(name)
        pause_s = min(process.backoff, MAX_BACKOFF_S)  # 0 for a process that had been running
        process.delay = time.time() + pause_s if pause_s else 0
        code = self.options.exit_codes.pop(process.pid, None)
        cause = process.spawnerr if code is None else f"signal {-code}" if code < 0 else f"exit code {code}"
        when = f"in {pause_s} s; see {log_of(self._home, name)}" if pause_s else "at once"
        self._say(f"{name} stopped ({cause}), starting it again {when}")


def run(settings: Settings, commands: dict[str, list[str]], say: Callable[[str], None], each_turn: Turn) -> None:
    """Run the programs until a signal or `shut_down` ends them. Raises OSError when the home cannot be written."""
    settings.home.joinpath("log").mkdir(exist_ok=True)
    path = settings.home / "supervisor.conf"
    path.write_text(configuration(settings, commands))
    options = Options(Warden())
    options.realize(["-c", str(path.resolve())])
    options.first, options.test = True, False
    try:
        Children(options, settings.home, say, each_turn).main()
    except ExitNow:
        pass
    finally:
        options.close_logger()
