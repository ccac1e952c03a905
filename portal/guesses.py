"""How often somebody may try what only the right person should get right, and how many letters may be asked for.

A try is counted before its password is looked at: a limit that is tested first and counted later lets through everybody
who asks at the same time. Without Redis nothing can be counted and the error of the store is the answer (503).

Waiting is all that happens to an account: nobody has to unlock it. Tries are counted by account and network together, so
that one guesser keeps nobody else out, and by account alone, so that many networks guess no faster than a few. A network its
person has signed in from has a second count of its own, or strangers elsewhere could keep them out.
"""

import time
from hashlib import sha256
from math import ceil

from flask import current_app
from flask import request
from flask_limiter import Limiter
from limits import RateLimitItem
from limits import parse
from limits import parse_many
from werkzeug.exceptions import TooManyRequests

from accounts.people.places import guesser_of
from accounts.people.places import network_of


def address() -> str:
    """The address this request comes from; empty when nobody knows."""
    return request.remote_addr or ""


def guesser() -> str:
    """Whom this request's tries count against: its address, or the /64 of an IPv6 one. Never empty: that would be unlimited."""
    return guesser_of(address())


class Guesses:
    """Counts tries in the store of a Flask-Limiter."""

    NAME = "tableport.guesses"  # where the application keeps it
    PAIR = parse("5 per 15 minutes")
    ACCOUNT = parse("10 per 15 minutes")
    ACCOUNT_DAILY = parse("50 per day")
    LETTERS = parse_many("3 per hour; 10 per day")  # to one address
    LETTERS_ASKED = parse("10 per hour")  # by one guesser
    TAKEN = parse("5 per hour")  # sign-ups of one guesser with addresses that have an account

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    def take(self, email: str, *, ip: str = "", is_familiar: bool = False) -> None:
        """Count one try for the account. is_familiar: its person has signed in from this network before.

        ip: where it comes from; empty counts all tries together, for what only somebody who knows the password can try.
        Raises TooManyRequests (429), and RedisError when the store is away.
        """
        account = _account(email, ip if is_familiar else "")
        self._hit(self.PAIR, _pair(email, ip))
        self._hit(self.ACCOUNT, account)
        self._hit(self.ACCOUNT_DAILY, account)

    def forget(self, email: str, *, ip: str = "") -> None:
        """Start counting anew: the owner of the account has signed in. The count of the day goes on."""
        self._limiter.limiter.clear(self.PAIR, _pair(email, ip))
        for network in ("", ip):
            self._limiter.limiter.clear(self.ACCOUNT, _account(email, network))

    def take_letter(self, email: str, *, ip: str) -> None:
        """Count a letter that somebody asks us to send to an address. Raises like take."""
        self._hit(self.LETTERS_ASKED, f"letters:{guesser_of(ip)}")
        for limit in self.LETTERS:
            self._hit(limit, f"letters:{_digest(email)}")

    def ensure_few_taken(self, *, ip: str) -> None:
        """Refuse all sign-ups of a guesser who was told too often that an address has an account. Raises like take."""
        if not self._limiter.limiter.test(self.TAKEN, _taken(ip)):
            raise self._too_many(self.TAKEN, _taken(ip))

    def take_taken(self, *, ip: str) -> None:
        """Count a sign-up that is about to be told that its address has an account. Raises like take."""
        self._hit(self.TAKEN, _taken(ip))

    def _hit(self, limit: RateLimitItem, key: str) -> None:
        if not self._limiter.limiter.hit(limit, key):
            raise self._too_many(limit, key)

    def _too_many(self, limit: RateLimitItem, key: str) -> TooManyRequests:
        reset_at = self._limiter.limiter.get_window_stats(limit, key).reset_time
        return TooManyRequests(retry_after=max(1, ceil(reset_at - time.time())))


def guesses() -> Guesses:
    """The application's counts."""
    found: Guesses = current_app.extensions[Guesses.NAME]
    return found


def _account(email: str, familiar_ip: str) -> str:
    return f"account:{_digest(email)}:{network_of(familiar_ip) or 'elsewhere'}"


def _pair(email: str, ip: str) -> str:
    return f"pair:{_digest(email)}:{guesser_of(ip)}"


def _taken(ip: str) -> str:
    return f"taken:{guesser_of(ip)}"


def _digest(email: str) -> str:
    return sha256(email.strip().lower().encode()).hexdigest()
