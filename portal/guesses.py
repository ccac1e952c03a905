"""How often one account may be tried with a password, whatever address the tries come from.

A try is counted before its password is looked at: a limit that is tested first and counted later lets through everybody
who asks at the same time. Without Redis nothing can be counted and the error of the store is the answer (503).
"""

import time
from hashlib import sha256
from math import ceil

from flask_limiter import Limiter
from limits import parse
from werkzeug.exceptions import TooManyRequests


class Guesses:
    """Counts tries in the store of a Flask-Limiter."""

    NAME = "tableport.guesses"  # where the application keeps it
    LIMIT = parse("5 per 15 minutes")

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    def take(self, email: str) -> None:
        """Count one try for the account. Raises TooManyRequests (429), and RedisError when the store is away."""
        key = _key(email)
        if not self._limiter.limiter.hit(self.LIMIT, key):
            reset_at = self._limiter.limiter.get_window_stats(self.LIMIT, key).reset_time
            raise TooManyRequests(retry_after=max(1, ceil(reset_at - time.time())))

    def forget(self, email: str) -> None:
        """Start counting anew: the owner of the account has signed in."""
        self._limiter.limiter.clear(self.LIMIT, _key(email))


def _key(email: str) -> str:
    return "account:" + sha256(email.strip().lower().encode()).hexdigest()
