"""Rate limits of the API: one Lua call on Redis, a sliding window per caller and bucket plus a second's burst and a day's quota.

A caller is an application at one tenant: all its credentials share what the plan allows, so another key buys nothing.

The same strategy as Flask-Limiter's sliding-window-counter, which guards the portal; here its cost of several hundred
microseconds per request would be most of the request (docs/adr/0004). Where a limit is high, one call takes a block of
permits that the process hands out for at most a second: never more than the limit, and a fraction of the cost. Redis down:
each process limits by itself with its share of the limit, and tries Redis again every second.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha1
from math import ceil
from threading import Lock
from threading import local
from typing import Any

import redis

from kit.errors import QuotaExceeded
from kit.errors import RateLimited

log = logging.getLogger(__name__)
WINDOW_S = 60
DAY_S = 86_400
RETRY_REDIS_S = 1.0
REVOCATIONS = "tp:revocations"

LEASE_S = 1.0
LEASED_FROM = 500  # permits per minute; below, every call is counted by itself and the limit is exact
LEASE_MOST = 20
LEASE_SHARE = 32  # a lease takes at most this fraction of what is left, so the end of a window is counted one by one

# KEYS[1] window key, KEYS[2] revocation counter, KEYS[3] what the keys of all buckets together begin with. ARGV: limit, cost,
# day quota (0: none), most permits to lease besides, the largest share of what is left a lease may take, calls a second
# (0: any number). Returns allowed (1, 0: window full, -1: quota spent, -2: too many in this second), used, seconds until
# room, seconds left in this window, counter, permits leased.
SCRIPT = """
local t = redis.call('TIME')
local s, window = tonumber(t[1]), 60
local limit, cost, quota = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local index = math.floor(s / window)
local part = (s % window + tonumber(t[2]) / 1000000) / window
local now_key = KEYS[1] .. ':' .. index
local seen = redis.call('MGET', now_key, KEYS[1] .. ':' .. (index - 1), KEYS[2])
local here, before = tonumber(seen[1] or 0), tonumber(seen[2] or 0)
local used = before * (1 - part) + here
local epoch = seen[3] or ''
if used + cost > limit then
  local wait
  if here + cost <= limit then
    wait = (1 - (limit - here - cost) / before - part) * window
  else
    wait = (1 - part + math.max(0, 1 - (limit - cost) / here)) * window
  end
  return {0, math.ceil(used), math.max(1, math.ceil(wait)), math.ceil((1 - part) * window), epoch, 0}
end
local burst, burst_key = tonumber(ARGV[6]), KEYS[3] .. ':burst:' .. s
local lease = math.min(tonumber(ARGV[4]), math.floor((limit - used - cost) / tonumber(ARGV[5])))
if burst > 0 then
  local room = burst - cost - tonumber(redis.call('GET', burst_key) or 0)
  if room < 0 then
    return {-2, math.ceil(used), 1, math.ceil((1 - part) * window), epoch, 0}
  end
  lease = math.min(lease, room)
end
local day_key = KEYS[3] .. ':day:' .. math.floor(s / 86400)
if lease > 0 and quota > 0 then
  lease = math.max(0, math.min(lease, quota - cost - tonumber(redis.call('GET', day_key) or 0)))
end
cost = cost + lease
if quota > 0 then
  local spent = redis.call('INCRBY', day_key, cost)
  if spent == cost then redis.call('EXPIRE', day_key, 172800) end
  if spent > quota then
    redis.call('DECRBY', day_key, cost)
    return {-1, math.ceil(used), 86400 - s % 86400, math.ceil((1 - part) * window), epoch, 0}
  end
end
if burst > 0 and redis.call('INCRBY', burst_key, cost) == cost then redis.call('EXPIRE', burst_key, 2) end
if redis.call('INCRBY', now_key, cost) == cost then redis.call('EXPIRE', now_key, window * 2) end
return {1, math.ceil(used + cost), 0, math.ceil((1 - part) * window), epoch, lease}
"""
RECALL = """
if tonumber(redis.call('GET', KEYS[1]) or 0) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'EX', 172800) end
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one call left of its allowance."""

    bucket: str
    limit: int
    remaining: int
    reset_s: int
    epoch: str | None  # the shared revocation counter; None while Redis is away
    burst: int = 0  # calls a second; 0: any number
    day_quota: int = 0  # calls a day; 0: any number
    refused_by: str = ""  # burst or day, when not the bucket's own window refused the call
    wait_s: int = 0

    def headers(self) -> list[tuple[str, str]]:
        """RateLimit headers: the fields of draft-ietf-httpapi-ratelimit-headers-10 and the older X- spelling."""
        policies = f'"{self.bucket}";q={self.limit};w={WINDOW_S}'
        if self.burst:
            policies += f', "burst";q={self.burst};w=1'
        if self.day_quota:
            policies += f', "day";q={self.day_quota};w={DAY_S}'
        own = f'"{self.bucket}";r={self.remaining};t={self.reset_s}'
        return [
            ("RateLimit-Policy", policies),
            ("RateLimit", f'"{self.refused_by}";r=0;t={self.wait_s}' if self.refused_by else own),
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(self.remaining)),
            ("X-RateLimit-Reset", str(int(time.time()) + self.reset_s)),
            ("X-RateLimit-Bucket", self.bucket),
        ]


class ScriptCaller:
    """Runs the script on one kept connection per thread with a hand-packed command.

    redis-py's own path (pool, retry and command objects) costs four times as much CPU: 59 µs against 15 µs.
    """

    def __init__(self, client: Any) -> None:
        self._pool = client.connection_pool
        self._thread = local()
        self._evalsha = b"*12\r\n$7\r\nEVALSHA\r\n" + _bulk(sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest())

    def __call__(self, key: str, limit: int, cost: int, quota: int, lease: int, burst: int) -> Any:
        """The script's answer. Raises redis.RedisError; the next call then uses a new connection."""
        arguments = (3, key, REVOCATIONS, key[: key.rindex(":")], limit, cost, quota, lease, LEASE_SHARE, burst)
        command = self._evalsha + b"".join(_bulk(argument) for argument in arguments)
        try:
            connection = self._thread.connection
        except AttributeError:
            connection = self._thread.connection = self._pool.make_connection()
        try:
            connection.send_packed_command([command], check_health=False)
            return connection.read_response()
        except redis.exceptions.NoScriptError:
            connection.send_command("EVAL", SCRIPT, *arguments)
            return connection.read_response()
        except redis.RedisError:
            connection.disconnect()
            raise


def _bulk(value: object) -> bytes:
    raw = str(value).encode()
    return b"$%d\r\n%b\r\n" % (len(raw), raw)


class Lease:
    """Permits this process already holds for one window key. Those it does not hand out in time are lost."""

    __slots__ = ("ends_at", "epoch", "left", "remaining", "reset_at")

    def __init__(self, left: int, remaining: int, reset_s: int, epoch: str) -> None:
        now = time.monotonic()
        self.left, self.remaining, self.epoch = left, remaining, epoch
        self.ends_at = now + min(LEASE_S, reset_s)
        self.reset_at = now + reset_s


class Limiter:
    """Takes permits. One instance per process, configured at start."""

    def __init__(self) -> None:
        self._client: Any = None
        self._call: Any = None
        self._local = LocalWindows()
        self._leases: dict[str, Lease] = {}
        self._lock = Lock()
        self._processes = 1
        self._down_until = 0.0

    def configure(self, url: str, processes: int) -> None:
        """Use the Redis at `url`; `processes` share a limit while it is away."""
        self._client = redis.Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
        self._call = ScriptCaller(self._client)
        self._processes = processes
        self._down_until = 0.0

    def take(self, key: str, bucket: str, limit: int, *, cost: int = 1, day_quota: int = 0, burst: int = 0) -> Verdict:
        """Spend `cost` permits of one caller's bucket.

        Raises RateLimited or QuotaExceeded (429) with retry_after_s; the verdict is its attribute `verdict`.
        """
        window = f"tp:limit:{{{key}}}:{bucket}"
        leased = self._from_lease(window, cost) if limit >= LEASED_FROM else None
        if leased is not None:
            reset_s = max(1, ceil(leased.reset_at - time.monotonic()))
            return Verdict(bucket, limit, leased.remaining + leased.left, reset_s, leased.epoch, burst, day_quota)
        state, used, wait_s, reset_s, epoch, lease = self._count(window, limit, cost, day_quota, burst)
        remaining = max(0, limit - used)
        if lease and epoch is not None:
            self._keep_lease(window, Lease(lease, remaining, reset_s, epoch))
        if state == 1:
            return Verdict(bucket, limit, remaining + lease, reset_s, epoch, burst, day_quota)
        name, what = {
            0: ("", f"{limit} {bucket} calls per minute"), -1: ("day", f"{day_quota} calls per day"),
            -2: ("burst", f"{burst} calls per second"),
        }[state]  # fmt: skip
        kind = QuotaExceeded if name == "day" else RateLimited
        error = kind(f"The limit is {what} for all credentials together; try again in {wait_s} s.", retry_after_s=wait_s)
        verdict = Verdict(bucket, limit, remaining, reset_s, epoch, burst, day_quota, name, wait_s)
        error.verdict = verdict  # type: ignore[attr-defined]
        raise error

    def _from_lease(self, window: str, cost: int) -> Lease | None:
        with self._lock:
            lease = self._leases.get(window)
            if lease is None or lease.left < cost or time.monotonic() >= lease.ends_at:
                return None
            lease.left -= cost
            return lease

    def _keep_lease(self, window: str, lease: Lease) -> None:
        with self._lock:
            if len(self._leases) > LocalWindows.SIZE:
                self._leases.clear()
            self._leases[window] = lease

    def look(self, key: str, buckets: Iterable[str]) -> tuple[dict[str, int], int] | None:
        """Calls used in the current window of each bucket, and today's in all; spends nothing. None while Redis is away."""
        now, wanted = time.time(), tuple(buckets)
        index, part = divmod(now / WINDOW_S, 1)
        windows = [f"tp:limit:{{{key}}}:{bucket}:{int(index) - back}" for bucket in wanted for back in (0, 1)]
        try:
            seen = self._client.mget([*windows, f"tp:limit:{{{key}}}:day:{int(now // DAY_S)}"])
        except redis.RedisError:
            return None
        counts = [int(value or 0) for value in seen]
        used = {bucket: ceil(counts[2 * i] + counts[2 * i + 1] * (1 - part)) for i, bucket in enumerate(wanted)}
        return used, counts[-1]

    def recall_day(self, key: str, spent: int) -> None:
        """Have today's count be at least `spent`, which the database knows of: an emptied Redis has forgotten it. Best effort."""
        day_key = f"tp:limit:{{{key}}}:day:{int(time.time()) // DAY_S}"
        try:
            self._client.eval(RECALL, 1, day_key, spent)
        except redis.RedisError:
            log.warning("a day's count was not recalled: Redis is away")

    def announce_revocation(self) -> None:
        """Move the shared counter, so that every process looks its credentials up again. Best effort: the cache is short."""
        with self._lock:
            self._leases.clear()  # they carry the counter as it was
        try:
            self._client.incr(REVOCATIONS)
        except redis.RedisError:
            log.warning("a revocation was not announced: Redis is away; it takes effect within seconds")

    def forget(self, key_prefix: str) -> None:
        """Empty the windows of every caller whose key starts with `key_prefix` (sandbox reset). Best effort."""
        self._local.forget(f"tp:limit:{{{key_prefix}")
        with self._lock:
            self._leases.clear()
        try:
            for key in self._client.scan_iter(f"tp:limit:{{{key_prefix}*", count=500):
                self._client.delete(key)
        except redis.RedisError:
            log.warning("limit windows were not emptied: Redis is away")

    def _count(self, key: str, limit: int, cost: int, quota: int, burst: int) -> tuple[int, int, int, int, str | None, int]:
        if time.monotonic() >= self._down_until:
            for attempt in (1, 2):  # a kept connection may have died with an earlier Redis; a fresh one decides
                try:
                    most = LEASE_MOST if limit >= LEASED_FROM else 0
                    state, used, wait, reset, epoch, lease = self._call(key, limit, cost, quota, most, burst)
                    return state, used, wait, reset, epoch.decode(), lease
                except redis.RedisError as error:
                    problem = type(error).__name__
                    if attempt == 2:
                        self._down_until = time.monotonic() + RETRY_REDIS_S
                        log.warning("rate limits fall back to this process: %s", problem)
        return (*self._local.take(key, max(1, limit // self._processes), cost), 0)


class LocalWindows:
    """The fallback: sliding windows in this process's memory, bounded in number."""

    SIZE = 10_000

    def __init__(self) -> None:
        self._windows: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str, limit: int, cost: int) -> tuple[int, int, int, int, None]:
        """Same answer as the script, without a quota."""
        now = time.time()
        index, part = divmod(now / WINDOW_S, 1)
        reset_s = ceil((1 - part) * WINDOW_S)
        with self._lock:
            window = self._windows.setdefault(key, [index, 0, 0])
            self._windows.move_to_end(key)
            if len(self._windows) > self.SIZE:
                self._windows.popitem(last=False)
            if window[0] != index:
                window[:] = [index, 0, window[1] if window[0] == index - 1 else 0]
            here, before = window[1], window[2]
            used = before * (1 - part) + here
            if used + cost > limit:
                if here + cost <= limit:
                    wait = 1 - (limit - here - cost) / before - part
                else:
                    wait = 1 - part + max(0.0, 1 - (limit - cost) / here)
                return 0, ceil(used), max(1, ceil(wait * WINDOW_S)), reset_s, None
            window[1] += cost
        return 1, ceil(used + cost), 0, reset_s, None

    def forget(self, prefix: str) -> None:
        with self._lock:
            for key in [key for key in self._windows if key.startswith(prefix)]:
                del self._windows[key]


limiter = Limiter()
