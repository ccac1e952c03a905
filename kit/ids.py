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
    two = _PAIRS
    # Spelled out: an order takes six of these, and a loop over the shifts costs three times as much.
    return (
        f"{two[value >> 120]}{two[value >> 110 & 1023]}{two[value >> 100 & 1023]}{two[value >> 90 & 1023]}"
        f"{two[value >> 80 & 1023]}{two[value >> 70 & 1023]}{two[value >> 60 & 1023]}{two[value >> 50 & 1023]}"
        f"{two[value >> 40 & 1023]}{two[value >> 30 & 1023]}{two[value >> 20 & 1023]}{two[value >> 10 & 1023]}"
        f"{two[value & 1023]}"
    )


def new_id(prefix: str) -> str:
    """A new identifier such as `ord_01J9…` for one of the registered prefixes."""
    return f"{prefix}_{ulid()}"
