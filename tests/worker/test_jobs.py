import signal
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from redis import Redis

from kit.jobs import JOBS
from kit.jobs import doorbell
from kit.planes import Environment
from kit.scope import Scope
from kit.settings import Settings
from tests.support.planes import environ
from tests.worker.receiver import Receiver
from tests.worker.rows import create_events
from tests.worker.rows import create_subscription
from tests.worker.rows import deliveries
from worker import jobs
from worker import schedule
from worker.jobs import ListedJob
from worker.queues import heartbeat_key
from worker.queues import state_connection
from worker.schedule import Scheduler

pytestmark = pytest.mark.usefixtures("clean_planes")
Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def start(settings: Settings, redis: Redis) -> Iterator[Start]:
    """Starts `python -m <module>`; what still runs at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def run(module: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", module], env=environ(settings))
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait(10)


def eventually(condition: Callable[[], bool], seconds: float = 45) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_worker_delivers_when_the_bell_rings(scope: Scope, receiver: Receiver, start: Start, settings: Settings):
    create_subscription(scope, receiver.url)
    create_events(scope, 3)
    worker = start("worker.jobs")
    doorbell.ring("pump", "sandbox")
    assert eventually(lambda: len(receiver.requests) == 3)
    with state_connection(settings) as state:
        assert state.exists(heartbeat_key("worker")) == 1
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    assert [row.state for row in deliveries(scope)] == ["succeeded"] * 3


def test_worker_finishes_requests_under_way_when_terminated(scope: Scope, receiver: Receiver, start: Start):
    create_subscription(scope, receiver.url)
    create_events(scope, 20)
    receiver.delay_s = 1.0
    worker = start("worker.jobs")
    doorbell.ring("pump", "sandbox")
    assert eventually(lambda: receiver.at_once == 8)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    rows = deliveries(scope)
    assert len(receiver.requests) == [row.state for row in rows].count("succeeded")
    assert all(row.lease_id is None for row in rows)


def test_everything_is_delivered_when_redis_is_wiped_and_the_worker_killed(
    scope: Scope, receiver: Receiver, start: Start, redis: Redis
):
    create_subscription(scope, receiver.url)
    scheduler, worker = start("worker.schedule"), start("worker.jobs")
    create_events(scope)
    assert eventually(lambda: len(receiver.requests) == 1)
    redis.flushall()
    create_events(scope)
    assert eventually(lambda: len(receiver.requests) == 2)
    worker.kill()
    redis.flushall()
    create_events(scope)
    assert eventually(lambda: len(receiver.requests) == 3)
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 3
    scheduler.send_signal(signal.SIGTERM)
    assert scheduler.wait(10) == 0


@pytest.mark.usefixtures("no_timers")  # of other tests' tenants: they ring too
def test_scheduler_rings_when_work_is_due(scope: Scope, redis: Redis, settings: Settings):
    create_subscription(scope, "https://a.test/")
    create_events(scope)
    with state_connection(settings) as state:
        state.set(heartbeat_key("worker"), "1")
        Scheduler(state).tick()
    assert redis.llen("rq:queue:tableport-sandbox") == 1
    assert redis.llen("rq:queue:tableport-production") == 0


def test_scheduler_delivers_by_itself_when_redis_is_away(
    scope: Scope, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    create_subscription(scope, receiver.url)
    create_events(scope)
    nowhere = Redis.from_url("unix:///tmp/no-such-redis.sock")
    doorbell.configure("unix:///tmp/no-such-redis.sock")
    scheduler = Scheduler(nowhere)
    scheduler.tick()
    assert receiver.requests == []
    monkeypatch.setattr(schedule, "ALONE_S", 0.0)
    scheduler.tick()
    assert len(receiver.requests) == 1
    nowhere.close()


@pytest.mark.parametrize("name", ["os.getcwd", "subprocess.check_output", "worker.jobs.run", "worker.deliver.pump"])
def test_worker_refuses_a_function_when_it_is_not_a_job(redis: Redis, name: str):
    job = ListedJob.create(name, args=[], connection=redis)
    with pytest.raises(PermissionError):
        job.perform()


def test_every_job_name_leads_to_a_function():
    assert JOBS == {"pump": "worker.jobs.pump_turn", "timers": "worker.jobs.timers_turn"}
    assert all(callable(getattr(jobs, dotted.rpartition(".")[2])) for dotted in JOBS.values())


def test_pump_turn_refuses_an_environment_when_it_is_unknown():
    with pytest.raises(ValueError, match="'staging' is not a valid Environment"):
        jobs.pump_turn("staging")
    assert {*Environment} == {"sandbox", "production"}
