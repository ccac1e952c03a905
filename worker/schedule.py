"""The clock of the installation: `python -m worker.schedule`.

Every second it looks for due work and rings; every ten it sweeps; every minute it reads the meters; every hour it deletes what
is past its time. When Redis or every worker has been away for five seconds it delivers by itself, because the database is the
truth and Redis only a doorbell. It survives whatever fails: it logs, waits a little longer, and goes on. A thread of it sends
mails.
"""

import logging
import signal
import sys
import time
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from kit.jobs import doorbell
from kit.planes import Environment
from kit.planes import UnsafeDatabase
from kit.settings import Settings
from kit.settings import SettingsError
from kit.settings import load
from worker.claims import waiting
from worker.deliver import pump
from worker.deliver import stop_requested
from worker.mailing import Postman
from worker.mailing import route_of
from worker.metering import Meter
from worker.process import open_process
from worker.queues import Heartbeat
from worker.queues import heartbeat_key
from worker.queues import state_connection
from worker.retention import retain
from worker.timekeeping import is_anything_due
from worker.timekeeping import keep_time
from worker.upkeep import end_orphans
from worker.upkeep import sweep

log = logging.getLogger(__name__)

TICK_S = 1.0
SWEEP_S = 10.0
METER_S = 60.0
RETENTION_S = 3600.0
ALONE_S = 5.0
LONGEST_BACKOFF_S = 30.0


class Scheduler:
    """One scheduler. Several may run, on several machines: every step may be repeated."""

    def __init__(self, state: Redis) -> None:
        self._state = state
        self._workers_seen_at = time.monotonic()
        self._swept_at = self._metered_at = 0.0
        self._meter = Meter()
        self._retained_at = time.monotonic()

    def tick(self) -> None:
        """Do what is due now. Raises what the databases raise."""
        has_work = [environment for environment in Environment if waiting(environment).anything]
        is_alone = self._is_alone()
        if has_work and is_alone:
            log.warning("no worker and no queue: the scheduler delivers")
            pump(*Environment)
        elif has_work:
            for environment in has_work:
                doorbell.ring("pump", environment)
        for environment in filter(is_anything_due, Environment):
            if is_alone:
                keep_time(environment)
            else:
                doorbell.ring("timers", environment)
        now = time.monotonic()
        if now - self._swept_at >= SWEEP_S:
            self._swept_at = now
            sweep()
        if now - self._metered_at >= METER_S:
            self._metered_at = now
            self._meter.read()
        if now - self._retained_at >= RETENTION_S:
            self._retained_at = now
            retain()
            end_orphans()

    def _is_alone(self) -> bool:
        """Whether Redis, or every worker's sign of life in it, has been away for more than five seconds."""
        now = time.monotonic()
        try:
            if self._state.exists(heartbeat_key("worker")):
                self._workers_seen_at = now
        except (RedisError, OSError):
            log.warning("Redis does not answer")
        return now - self._workers_seen_at > ALONE_S


def run(settings: Settings) -> None:
    """Tick until told to stop."""
    open_process(settings)
    heartbeat = Heartbeat(settings, "scheduler")
    heartbeat.start()
    postman = Postman(route_of(settings), sender=settings.mail_sender)
    postman.start()
    scheduler = Scheduler(state_connection(settings))
    backoff_s = TICK_S
    while not stop_requested.wait(backoff_s):
        try:
            scheduler.tick()
            backoff_s = TICK_S
        except SQLAlchemyError:
            backoff_s = min(backoff_s * 2, LONGEST_BACKOFF_S)
            log.exception("a database does not answer; next try in %d s", backoff_s)
        except Exception:  # nothing may end the scheduler: without it lost nudges stay lost
            backoff_s = min(backoff_s * 2, LONGEST_BACKOFF_S)
            log.exception("scheduler step failed; next try in %d s", backoff_s)
    postman.stop()
    heartbeat.stop()


def _stop(_signum: int, _frame: Any) -> None:
    stop_requested.set()


def main() -> int:
    """Run the scheduler with the settings of the environment. Returns the exit code."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        run(load())
    except (SettingsError, UnsafeDatabase) as error:
        print(error, file=sys.stderr)  # noqa: T201 - one line for the person starting us
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
