"""Partners with their tenants, and callers who send requests for them."""

import time
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis

from api.limits import Limiter
from api.requestlog import request_log
from kit.settings import Settings
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.api.partners import production_partner
from tests.api.partners import sandbox_partner

NewCaller = Callable[..., Caller]
WINDOW_S = 60  # of rate limits


@pytest.fixture(scope="module")
def partner(app: Flask) -> Iterator[Partner]:
    """The partner most tests of a module call for."""
    yield sandbox_partner(plan_tier="enterprise")
    request_log.flush()


@pytest.fixture(scope="session")
def live(app: Flask) -> Partner:
    """An approved production partner."""
    return production_partner()


@pytest.fixture
def new_partner(app: Flask) -> Callable[..., Partner]:
    """Makes a partner of its own, for tests that use up or break something."""
    return sandbox_partner


@pytest.fixture
def caller_of(app: Flask) -> NewCaller:
    """Makes a caller with a key text (None: without a credential)."""

    def make(key: str | None) -> Caller:
        return Caller(app, key)

    return make


@pytest.fixture
def caller(app: Flask, partner: Partner) -> Caller:
    """A caller with every scope."""
    return Caller(app, partner.shared())


@pytest.fixture
def restricted(app: Flask, partner: Partner) -> Callable[..., Caller]:
    """Makes a caller who holds these scopes only."""

    def make(*scopes: str) -> Caller:
        return Caller(app, partner.shared(scopes))

    return make


@pytest.fixture
def redis(settings: Settings) -> Redis:
    return Redis.from_url(settings.redis_database_url(1), decode_responses=True)


@pytest.fixture
def window(redis: Redis) -> int:
    """The current minute's number. Waits when the minute is about to end, so that a test stays within one."""
    left_s = WINDOW_S - time.time() % WINDOW_S
    if left_s < 3:
        time.sleep(left_s + 0.05)
    return int(redis.time()[0]) // WINDOW_S


@pytest.fixture
def own(app: Flask, settings: Settings) -> Limiter:
    """A limiter such as another process has."""
    own = Limiter()
    own.configure(settings.redis_database_url(1), 1)
    return own
