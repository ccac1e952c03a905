"""Rate limits: exact allowances, the sliding window, separate buckets, and how soon a revocation is seen."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from api import auth
from api import gate
from api.auth import PrincipalCache
from api.limits import Limiter
from api.limits import limiter
from kit.errors import QuotaExceeded
from kit.errors import RateLimited
from kit.ids import new_id
from kit.settings import Settings
from tests.api.conftest import WINDOW_S
from tests.api.conftest import NewCaller
from tests.api.partners import BURGER
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner


@pytest.fixture(scope="module")
def neighbours(app: Flask) -> list[Partner]:
    """Two partners whose sandboxes have the sandbox's own limits."""
    return [sandbox_partner(), sandbox_partner()]


@pytest.mark.usefixtures("window")
def test_calls_when_the_allowance_is_used_up_are_refused_exactly(new_partner: Any, caller_of: NewCaller) -> None:
    caller = caller_of(new_partner(plan_tier="smart", profile="empty").issue().text)
    answers = [caller.get("/v1/me") for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers] == [*range(29, -1, -1), 0]
    refused = answers[-1]
    assert (refused.content_type, refused.json["code"]) == ("application/problem+json", "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 62
    assert refused.headers["RateLimit"].startswith('"read";r=0;t=')
    assert int(refused.headers["X-RateLimit-Reset"]) - time.time() <= 61


@pytest.mark.usefixtures("window")
def test_buckets_are_counted_apart(new_partner: Any, caller_of: NewCaller) -> None:
    caller = caller_of(new_partner(plan_tier="smart", profile="empty").issue().text)
    answers = [caller.post("/v1/webhooks", json={}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert caller.get("/v1/me").headers["X-RateLimit-Remaining"] == "29"


@pytest.mark.parametrize(
    ("method", "path", "body", "bucket", "limit"),
    [
        ("GET", "/v1/orders", None, "read", "120"),
        ("HEAD", "/v1/orders", None, "read", "120"),
        ("POST", "/v1/orders/preview", BURGER, "read", "120"),
        ("POST", "/v1/orders", BURGER, "write", "120"),
        ("PATCH", "/v1/orders/ord_1", {"status": "accepted"}, "status", "240"),
        ("PATCH", "/v1/orders/ord_1", {"status": "rejected", "reject_reason": "fraud", "reason_detail": "x"}, "status", "240"),
        ("PATCH", "/v1/orders/ord_1", {"status": "accepted", "notes": "x"}, "write", "120"),
        ("GET", "/sandbox/v1/state", None, "control", "600"),
    ],
    ids=["read", "head", "preview", "write", "status", "reason", "status-and-more", "control"],
)  # fmt: skip
def test_bucket_of_a_call_is_what_it_does(
    neighbours: list[Partner], caller_of: NewCaller, method: str, path: str, body: Any, bucket: str, limit: str
) -> None:
    options = {} if body is None else {"json": body}
    headers = caller_of(neighbours[0].issue().text).send(method, path, **options).headers
    assert (headers["X-RateLimit-Bucket"], headers["X-RateLimit-Limit"]) == (bucket, limit)


def test_window_counts_the_previous_minute_by_what_is_left_of_it(own: Limiter, redis: Redis, window: int) -> None:
    key = new_id("k")
    redis.set(f"tp:limit:{{{key}}}:read:{window - 1}", 60)
    before = redis.time()
    left = own.take(key, "read", 100).remaining
    after = redis.time()
    # One second into the minute 59 of the 60 still count, one second before its end 1 does.
    low, high = (40 + t[0] % WINDOW_S + t[1] / 1e6 for t in (before, after))
    assert low - 2 <= left <= high
    assert redis.get(f"tp:limit:{{{key}}}:read:{window}") == "1"
    assert 60 < redis.ttl(f"tp:limit:{{{key}}}:read:{window}") <= 120


@pytest.mark.parametrize(
    ("before", "here"), [(6000, 0), (120, 30), (61, 59), (0, 60), (200, 60)],
    ids=["long-past", "both", "last", "this-minute", "over"],
)  # fmt: skip
def test_refused_call_is_allowed_after_the_wait_it_was_told_and_not_before(
    own: Limiter, redis: Redis, window: int, before: int, here: int
) -> None:
    key = new_id("k")
    redis.set(f"tp:limit:{{{key}}}:read:{window - 1}", before)
    redis.set(f"tp:limit:{{{key}}}:read:{window}", here)
    seconds, micros = redis.time()
    part = (seconds % WINDOW_S + micros / 1e6) / WINDOW_S
    if before * (1 - part) + here + 1 <= 60:
        return  # late in the minute this allowance has come back already
    with pytest.raises(RateLimited) as refusal:
        own.take(key, "read", 60)
    wait_s = refusal.value.retry_after_s
    assert used_in(wait_s + 0.1, part, before, here) + 1 <= 60
    assert wait_s == 1 or used_in(wait_s - 1.1, part, before, here) + 1 > 60


def used_in(seconds: float, part: float, before: int, here: int) -> float:
    """What the window counts some seconds from now."""
    then = part + seconds / WINDOW_S
    return before * (1 - then) + here if then < 1 else max(0.0, here * (2 - then))


@pytest.mark.usefixtures("window")
def test_threads_when_they_compete_get_the_allowance_and_not_one_more(own: Limiter) -> None:
    key = new_id("k")

    def try_once(_: int) -> bool:
        try:
            own.take(key, "read", 100)
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(try_once, range(400))) == 100


@pytest.mark.usefixtures("window")
def test_leases_when_two_processes_take_them_never_exceed_the_allowance(own: Limiter, settings: Settings) -> None:
    other = Limiter()
    other.configure(settings.redis_database_url(1), 1)
    key, allowed = new_id("k"), 0
    for turn in range(1400):
        try:
            (own, other)[turn % 2].take(key, "write", 600)
            allowed += 1
        except RateLimited:
            pass
    assert 560 <= allowed <= 600


def test_day_quota_is_one_for_all_buckets(own: Limiter, redis: Redis, window: int) -> None:
    key = new_id("k")
    redis.set(f"tp:limit:{{{key}}}:day:{window * WINDOW_S // 86_400}", 4_998)
    own.take(key, "read", 30, day_quota=5_000)
    own.take(key, "write", 10, day_quota=5_000)
    for bucket in ("read", "write"):
        with pytest.raises(QuotaExceeded) as refusal:
            own.take(key, bucket, 30, day_quota=5_000)
        assert 1 <= refusal.value.retry_after_s <= 86_400
    assert redis.get(f"tp:limit:{{{key}}}:day:{window * WINDOW_S // 86_400}") == "5000"
    assert redis.get(f"tp:limit:{{{key}}}:read:{window}") == "1"


def test_day_quota_is_spent_to_the_last_call_although_permits_are_leased(own: Limiter, redis: Redis, window: int) -> None:
    key = new_id("k")
    redis.set(f"tp:limit:{{{key}}}:day:{window * WINDOW_S // 86_400}", 93)
    for _ in range(7):
        own.take(key, "read", 1_200, day_quota=100)
    with pytest.raises(QuotaExceeded):
        own.take(key, "read", 1_200, day_quota=100)


def test_call_over_the_day_quota_is_refused_with_its_code(
    new_partner: Any, caller_of: NewCaller, redis: Redis, window: int
) -> None:
    partner = new_partner(plan_tier="smart", profile="empty")
    key = partner.issue()
    day = f"tp:limit:{{sandbox:{partner.tenant_id}:{partner.application_id}}}:day:{window * WINDOW_S // 86_400}"
    redis.set(day, 4_999)
    caller = caller_of(key.text)
    assert caller.get("/v1/me").status_code == 200
    answer = caller.get("/v1/me")
    assert (answer.status_code, answer.json["code"]) == (429, "quota_exceeded")
    assert 1 <= int(answer.headers["Retry-After"]) <= 86_400
    assert answer.headers["RateLimit"] == f'"day";r=0;t={answer.headers["Retry-After"]}'


@pytest.mark.usefixtures("window")
def test_another_key_of_the_application_brings_no_allowance_of_its_own(new_partner: Any, caller_of: NewCaller) -> None:
    partner = new_partner(plan_tier="smart", profile="empty")
    first, second = caller_of(partner.issue().text), caller_of(partner.issue().text)
    left = [int(caller.get("/v1/me").headers["X-RateLimit-Remaining"]) for caller in (first, second, first)]
    assert left == [29, 28, 27]


def test_calls_of_one_second_are_bounded_over_all_buckets(own: Limiter, redis: Redis) -> None:
    key = new_id("k")
    second = int(redis.time()[0])
    for ahead in range(3):
        redis.set(f"tp:limit:{{{key}}}:burst:{second + ahead}", 5)
    with pytest.raises(RateLimited) as refusal:
        own.take(key, "read", 60, burst=5, day_quota=9)
    headers = dict(refusal.value.verdict.headers())
    assert (refusal.value.retry_after_s, headers["RateLimit"]) == (1, '"burst";r=0;t=1')
    assert headers["RateLimit-Policy"] == '"read";q=60;w=60, "burst";q=5;w=1, "day";q=9;w=86400'
    assert redis.keys(f"tp:limit:{{{key}}}:read:*") == []


def test_day_is_recalled_after_redis_was_emptied_and_never_shortened(own: Limiter, redis: Redis, window: int) -> None:
    key = new_id("k")
    day = f"tp:limit:{{{key}}}:day:{window * WINDOW_S // 86_400}"
    own.recall_day(key, 40)
    own.recall_day(key, 30)
    assert (redis.get(day), 0 < redis.ttl(day) <= 172_800) == ("40", True)
    own.take(key, "read", 60, day_quota=41)
    with pytest.raises(QuotaExceeded):
        own.take(key, "read", 60, day_quota=41)


@pytest.mark.usefixtures("window")
def test_reset_empties_the_windows_of_its_tenant_only(neighbours: list[Partner], caller_of: NewCaller) -> None:
    ours, theirs = (caller_of(partner.issue().text) for partner in neighbours)
    for _ in range(3):
        ours.get("/v1/me")
        theirs.get("/v1/me")
    assert ours.post("/sandbox/v1/reset", json={}).status_code == 200
    assert ours.get("/v1/me").headers["X-RateLimit-Remaining"] == "119"
    assert theirs.get("/v1/me").headers["X-RateLimit-Remaining"] == "116"


def test_token_endpoint_when_an_address_asks_too_often_is_refused(app: Flask) -> None:
    client, caller = app.test_client(), {"REMOTE_ADDR": f"2001:db8::{int(time.time()) % 65_536:x}"}
    answers = [client.post("/oauth/token", data={}, environ_base=caller) for _ in range(61)]
    assert [answer.status_code for answer in answers][-1] == 429
    assert 429 not in [answer.status_code for answer in answers[:60]]
    assert answers[-1].json["code"] == "rate_limited"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


# --- revocation ---


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, own: Limiter) -> Callable[[], Any]:
    """Runs a request as another process would: with a cache and a limiter of its own."""
    other = PrincipalCache()

    def run(request: Callable[[], Any]) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(auth, "cache", other)
            patch.setattr(gate, "cache", other)
            patch.setattr(gate, "limiter", own)
            return request()

    return run


def test_revocation_takes_effect_on_the_next_request_of_another_process(
    neighbours: list[Partner], caller_of: NewCaller, elsewhere: Callable[..., Any]
) -> None:
    key = neighbours[0].issue()
    caller = caller_of(key.text)
    assert elsewhere(lambda: caller.get("/v1/me")).status_code == 200
    assert elsewhere(lambda: auth.cache.find(auth.cache_key(f"Bearer {key.text}"))) is not None
    neighbours[0].revoke(key)
    answer = elsewhere(lambda: caller.get("/v1/me"))
    assert (answer.status_code, answer.json["code"]) == (401, "token_revoked")


def test_revocation_of_a_key_with_leased_permits_takes_effect_at_once_here_and_within_a_second_elsewhere(
    partner: Partner, caller_of: NewCaller, elsewhere: Callable[..., Any]
) -> None:
    key = partner.issue()
    caller = caller_of(key.text)
    assert [caller.get("/v1/me").status_code, elsewhere(lambda: caller.get("/v1/me")).status_code] == [200, 200]
    partner.revoke(key)
    assert caller.get("/v1/me").status_code == 401
    time.sleep(1.05)
    assert elsewhere(lambda: caller.get("/v1/me")).status_code == 401


def test_revocation_between_look_up_and_permit_is_seen_although_another_thread_saw_it_first(
    neighbours: list[Partner], caller_of: NewCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = neighbours[0].issue()
    caller = caller_of(key.text)
    assert caller.get("/v1/me").status_code == 200
    real = limiter.take

    def revoked_meanwhile(*arguments: Any, **options: Any) -> Any:
        neighbours[0].revoke(key)
        verdict = real(*arguments, **options)
        auth.cache.observe(verdict.epoch)
        return verdict

    with monkeypatch.context() as patch:
        patch.setattr(limiter, "take", revoked_meanwhile)
        assert caller.get("/v1/me").status_code == 401


def test_cache_does_not_keep_what_was_looked_up_before_a_revocation(partner: Partner) -> None:
    cache, principal = PrincipalCache(), auth.authenticate(f"Bearer {partner.key}", "127.0.0.1")
    cache.observe("7")
    cache.keep("digest", replace(principal), "6")
    assert cache.find("digest") is None
    cache.keep("digest", principal, "7")
    assert cache.find("digest") is principal
    cache.observe("8")
    assert cache.find("digest") is None
