"""A partner whose events are watched, and what came of a call."""

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from api.requestlog import request_log
from kit.planes import Environment
from kit.settings import Settings
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.events.feed import Feed
from tests.support.timers import empty_timers
from worker.timekeeping import keep_time

Do = Callable[..., dict[str, Any]]
Tasks = Callable[[], int]


@pytest.fixture(scope="module")
def partner(app: Flask) -> Iterator[Partner]:
    """On the Enterprise plan, so that no test meets another's rate limit."""
    yield sandbox_partner(plan_tier="enterprise")
    request_log.flush()


@pytest.fixture
def caller(app: Flask, partner: Partner) -> Caller:
    """A caller with a fresh key of every scope."""
    return Caller(app, partner.issue().text)


@pytest.fixture
def new_partner(app: Flask) -> Callable[..., Partner]:
    """Makes a partner of its own."""
    return sandbox_partner


@pytest.fixture
def caller_of(app: Flask) -> Callable[[str], Caller]:
    """Makes a caller with a key text."""
    return lambda key: Caller(app, key)


@pytest.fixture
def feed(caller: Caller) -> Feed:
    """The events from here on."""
    return Feed(caller)


@pytest.fixture
def do(caller: Caller) -> Do:
    """Makes a call that has to succeed and returns its body."""

    def send(method: str, path: str, body: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        answer = caller.send(method, path, json=body, **options)
        assert answer.status_code < 300, answer.text
        return answer.json if answer.data else {}

    return send


@pytest.fixture
def tasks(settings: Settings) -> Tasks:
    """Does what waits for a worker from now on: not what the tests before have left."""
    empty_timers(settings)
    return lambda: keep_time(Environment.SANDBOX)


@pytest.fixture(autouse=True)
def emits_what_it_says(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test marked with event types has read each of them from the feed."""
    Feed.seen.clear()
    yield
    marker = request.node.get_closest_marker("emits")
    assert set(marker.args if marker else ()) - Feed.seen == set()
