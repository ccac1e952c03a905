"""Rate limits while Redis is away: each process goes on with its share, and what must not be guessed at stays shut."""

import time
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from api.limits import Limiter
from api.limits import LocalWindows
from api.limits import limiter
from kit.ids import new_id
from kit.settings import Settings
from tests.api.conftest import WINDOW_S
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.support.absence import redis_away


@pytest.fixture
def away(settings: Settings) -> Any:
    """Redis is away during the test."""
    with redis_away(settings):
        yield
    limiter.configure(settings.redis_database_url(1), settings.web_workers)


@pytest.mark.usefixtures("away")
def test_api_while_redis_is_away_goes_on_with_this_processs_share(new_partner: Any, caller_of: NewCaller) -> None:
    caller = caller_of(new_partner(plan_tier="smart", profile="empty").issue().text)
    started = time.monotonic()
    answers = [caller.get("/v1/me") for _ in range(16)]
    assert [answer.status_code for answer in answers] in ([200] * 15 + [429], [200] * 16)  # 16 when the minute turned
    assert answers[0].headers["X-RateLimit-Limit"] == "30"
    assert time.monotonic() - started < 2


def test_api_when_redis_returns_counts_there_again(
    settings: Settings, own: Limiter, redis: Redis, window: int
) -> None:
    key = new_id("k")
    with redis_away(settings):
        assert own.take(key, "read", 60).epoch is None
    assert own.take(key, "read", 60).epoch is None, "it asks again after a second, not at once"
    time.sleep(1.05)
    assert own.take(key, "read", 60).epoch is not None
    assert redis.get(f"tp:limit:{{{key}}}:read:{redis.time()[0] // WINDOW_S}") == "1"


def test_kept_connection_when_redis_restarted_is_replaced_at_once(settings: Settings, own: Limiter) -> None:
    key = new_id("k")
    own.take(key, "read", 60)
    with redis_away(settings):
        pass
    assert own.take(key, "read", 60).epoch is not None


def test_script_when_redis_has_forgotten_it_is_loaded_again(own: Limiter, redis: Redis) -> None:
    redis.script_flush()
    assert own.take(new_id("k"), "read", 60).epoch is not None


def test_fallback_tells_a_wait_after_which_a_call_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    windows, clock = LocalWindows(), [1_200_000_015.0]
    monkeypatch.setattr("api.limits.time.time", lambda: clock[0])
    assert [windows.take("k", 6, 1)[0] for _ in range(7)] == [1, 1, 1, 1, 1, 1, 0]
    state, used, wait_s, reset_s, epoch = windows.take("k", 6, 1)
    assert (state, used, wait_s, reset_s, epoch) == (0, 6, 55, 45, None)
    clock[0] += wait_s
    assert windows.take("k", 6, 1)[0] == 1


def test_fallback_remembers_a_bounded_number_of_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalWindows, "SIZE", 3)
    windows = LocalWindows()
    for name in "abcd":
        windows.take(name, 1, 1)
    assert windows.take("d", 1, 1)[0] == 0
    assert windows.take("a", 1, 1)[0] == 1


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
def test_token_endpoint_while_redis_is_away_is_shut(app: Flask, path: str) -> None:
    for _ in range(12):
        answer = app.test_client().post(path, data={"grant_type": "client_credentials"})
        assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
        assert (answer.json["code"], answer.headers["Retry-After"]) == ("maintenance", "5")


@pytest.mark.usefixtures("away")
def test_sign_in_while_redis_is_away_is_shut(app: Flask) -> None:
    for _ in range(12):
        answer = app.test_client().post("/login", data={"email": "a@example.com", "password": "wrong"})
        assert answer.status_code == 503


@pytest.mark.usefixtures("away")
def test_revocation_while_redis_is_away_is_not_held_up(partner: Partner) -> None:
    key, started = partner.issue(), time.monotonic()
    partner.revoke(key)
    assert time.monotonic() - started < 1
