"""Prefixed, sortable identifiers: `<prefix>_<ULID>`. Nothing may parse them; the prefix is for people and logs."""

import random
import time
from threading import Lock

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in CROCKFORD for b in CROCKFORD]
_lock = Lock()
_last = 0


def ulid() -> str:
    """A 26-character ULID, strictly increasing within this process (spec: github.com/ulid/spec, monotonic section)."""
    global _last
    # An id is no secret (credentials are made in kit.crypto), so the fast generator does; it reseeds itself after a fork.
    fresh = (time.time_ns() // 1_000_000) << 80 | random.getrandbits(80)
    with _lock:
        # The same millisecond continues from the last value, so rows made together keep their order.
        _last = fresh if fresh >> 80 > _last >> 80 else _last + 1 + random.getrandbits(16)
        value = _last
    return "".join(_PAIRS[value >> shift & 1023] for shift in range(120, -1, -10))


def new_id(prefix: str) -> str:
    """A new identifier such as `ord_01J9…` for one of the registered prefixes."""
    return f"{prefix}_{ulid()}"
