"""What an RQ worker may run, and the process that runs it: `python -m worker.jobs`.

Redis can name a job, not choose code: jobs outside the list are refused, payloads are JSON, callbacks are ignored. The
process outlives Redis: it reconnects, and the scheduler delivers meanwhile (worker.schedule).
"""

import logging
import sys
import threading
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from kit.jobs import JOBS
from kit.planes import Environment
from kit.planes import UnsafeDatabase
from kit.settings import Settings
from kit.settings import SettingsError
from kit.settings import load
from worker.deliver import pump
from worker.deliver import stop_requested
from worker.process import open_process
from worker.process import tune
from worker.queues import Heartbeat
from worker.queues import queue_connection
from worker.queues import queues
from worker.timekeeping import keep_time

log = logging.getLogger(__name__)

RECONNECT_S = 1.0


def pump_turn(environment: str) -> None:
    """Job `pump`: deliver until idle. Serves both planes, the one that rang first, so that neither waits for the other."""
    first = Environment(environment)
    pump(first, *(other for other in Environment if other is not first))


def timers_turn(environment: str) -> None:
    """Job `timers`: fire what is due."""
    keep_time(Environment(environment))


class ListedJob(Job):
    """A job that can only be one of ours. Whoever can write to Redis can otherwise name any importable function."""

    def perform(self) -> Any:
        if self.func_name not in JOBS.values():
            raise PermissionError(f"{self.func_name} is not a job")
        return super().perform()

    def _ignore(self, *_: Any, **__: Any) -> None:
        """Callbacks and outgoing notices of the queue library: ours have none."""

    execute_success_callback = execute_failure_callback = execute_stopped_callback = send_webhooks = _ignore


class Worker(SimpleWorker):
    """Runs one job at a time in this process. Told to stop, it lets the turn finish what is under way."""

    max_connection_wait_time = 2.0

    def request_stop(self, signum: Any, frame: Any) -> None:
        """SIGTERM or SIGINT. Asks nothing of Redis, which may be gone."""
        stop_requested.set()
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested


def run(settings: Settings) -> None:
    """Work until told to stop. Connects again whenever Redis was away."""
    open_process(settings)
    tune()
    heartbeat = Heartbeat(settings, "worker")
    heartbeat.start()
    connection = queue_connection(settings)
    try:
        while not stop_requested.is_set():
            _work(connection)
            stop_requested.wait(RECONNECT_S)
    finally:
        heartbeat.stop()
        connection.close()


def _work(connection: Redis) -> None:
    try:
        Worker(
            queues(connection),
            connection=connection,
            job_class=ListedJob,
            serializer=JSONSerializer,
            log_job_description=False,
        ).work(logging_level="WARNING")  # one line a turn says nothing; ours say what happened
    except (RedisError, OSError) as error:
        log.warning("worker waits for Redis", extra={"problem": type(error).__name__})
    except StopRequested:
        stop_requested.set()


def main() -> int:
    """Run a worker with the settings of the environment. Returns the exit code."""
    threading.current_thread().name = "worker"
    try:
        run(load())
    except (SettingsError, UnsafeDatabase) as error:
        print(error, file=sys.stderr)  # noqa: T201 - one line for the person starting us
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
