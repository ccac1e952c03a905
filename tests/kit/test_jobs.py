import json
import time
import zlib

import pytest
from redis import Redis

from kit.jobs import Doorbell
from kit.jobs import queue_name
from kit.settings import Settings


@pytest.fixture
def bell(settings: Settings, redis: Redis) -> Doorbell:
    bell = Doorbell()
    bell.configure(settings.redis_database_url(0))
    return bell


def waiting(redis: Redis) -> int:
    return redis.llen(f"rq:queue:{queue_name('sandbox')}")


def test_ring_queues_one_job_when_rung_often(bell: Doorbell, redis: Redis):
    assert [bell.ring("pump", "sandbox") for _ in range(5)] == [True, False, False, False, False]
    assert waiting(redis) == 1


def test_ring_queues_again_when_the_last_one_was_answered(bell: Doorbell, redis: Redis):
    bell.ring("pump", "sandbox")
    bell.answered("pump", "sandbox")
    assert bell.ring("pump", "sandbox") is True
    assert waiting(redis) == 2


def test_ring_stops_queueing_when_three_jobs_wait(bell: Doorbell, redis: Redis):
    for _ in range(6):
        bell.ring("pump", "sandbox")
        bell.answered("pump", "sandbox")
    assert waiting(redis) == 3


def test_ring_keeps_environments_apart(bell: Doorbell):
    assert (bell.ring("pump", "sandbox"), bell.ring("pump", "production")) == (True, True)


def test_ring_carries_json_and_no_data_but_the_environment(bell: Doorbell, redis: Redis):
    bell.ring("pump", "sandbox")
    [job_id] = redis.lrange(f"rq:queue:{queue_name('sandbox')}", 0, -1)
    payload = zlib.decompress(redis.hget(b"rq:job:" + job_id, "data"))
    assert json.loads(payload) == ["worker.jobs.pump_turn", None, ["sandbox"], {}]


def test_ring_is_quiet_and_quick_when_redis_is_away():
    bell = Doorbell()
    bell.configure("unix:///tmp/no-such-redis.sock")
    started = time.monotonic()
    assert [bell.ring("pump", "sandbox") for _ in range(100)] == [False] * 100
    bell.answered("pump", "sandbox")
    assert time.monotonic() - started < 0.5


def test_ring_reaches_redis_again_when_it_is_back(settings: Settings, redis: Redis):
    bell = Doorbell()
    bell.configure("unix:///tmp/no-such-redis.sock")
    bell.ring("pump", "sandbox")
    bell.configure(settings.redis_database_url(0))
    assert bell.ring("pump", "sandbox") is True


def test_ring_refuses_a_name_that_is_no_job(bell: Doorbell):
    with pytest.raises(KeyError):
        bell.ring("os.system", "sandbox")


def test_ring_does_nothing_before_it_is_configured():
    assert Doorbell().ring("pump", "sandbox") is False
