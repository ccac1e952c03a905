"""What an answer means for a delivery: done, once more at an instant, or dead. Pure rules.

Source: Standard Webhooks, "Delivery"; RFC 9110 section 10.2.3 for Retry-After.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from email.utils import parsedate_to_datetime

from accounts.webhooks.sync import LISTENER_AWAY
from kit.clock import SECOND_US
from kit.clock import to_us
from worker.egress import Answer

LONGEST_HINT_S = 24 * 3600
MOST_JITTER = 0.2


@dataclass(frozen=True)
class Verdict:
    """The delivery's next state. Instants are microseconds of real time."""

    state: str
    due_us: int | None
    finished_us: int | None


def judge(
    answer: Answer, *, attempt: int, schedule: list[int], now_us: int, chance: Callable[[], float] = random.random
) -> Verdict:
    """Decide what follows the attempt with this number (from 1).

    schedule: seconds to wait after each failed attempt; after the last entry's attempt fails the delivery is dead.
    chance: 0 to 1, stretches the wait by up to 20 %; never shortens it, so a receiver's schedule is a promise.
    """
    if answer.reason == "ok":
        return Verdict("succeeded", None, now_us)
    if answer.reason == LISTENER_AWAY:
        return Verdict("pending", now_us, None)  # nobody was asked, so this never ends it; it is held (worker.results)
    if answer.status == 410 or attempt > len(schedule):
        return Verdict("dead", None, now_us)
    wait_s = schedule[attempt - 1] * (1 + MOST_JITTER * chance())
    return Verdict("pending", now_us + int(max(wait_s, retry_hint_s(answer, now_us)) * SECOND_US), None)


def retry_hint_s(answer: Answer, now_us: int) -> float:
    """Seconds a 429 or 503 asks us to wait, at most a day; 0 without a usable Retry-After."""
    if answer.status not in (429, 503):
        return 0
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_HINT_S)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0
    at = at if at.tzinfo else datetime.replace(at, tzinfo=UTC)
    return min(max(0, (to_us(at) - now_us) / SECOND_US), LONGEST_HINT_S)
