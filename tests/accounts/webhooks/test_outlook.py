"""What a delivery waits for and how an endpoint is doing, and the words for reasons."""

from typing import Any

import pytest

from accounts.webhooks.outlook import condition_of
from accounts.webhooks.outlook import with_outlook
from accounts.webhooks.reasons import NAMED
from accounts.webhooks.reasons import OTHER
from accounts.webhooks.reasons import meaning_of

NOW = 1_000_000_000
HEALTHY = {
    "retry_schedule": [5, 30, 180], "is_enabled": True, "disabled_reason": None, "failing_since": None, "paused_until": None,
    "pause_reason": None, "pauses": None, "recovered_at": None, "next_send_at": None,
}  # fmt: skip
PAUSED = HEALTHY | {"failing_since": NOW - 9, "paused_until": NOW + 60, "pause_reason": "http_503", "pauses": 2}
DUE = {"state": "pending", "attempts": 0, "due_at": NOW - 1, "lease_id": None, "lease_until": None}
LATER = DUE | {"attempts": 2, "due_at": NOW + 30}
LEASED = DUE | {"attempts": 1, "due_at": NOW + 30, "lease_id": "lse_1", "lease_until": NOW + 30}


@pytest.mark.parametrize(
    ("delivery", "endpoint", "expected"),
    [
        (DUE, HEALTHY, (None, NOW - 1, 4)),
        (LATER, HEALTHY, ("retry", NOW + 30, 2)),
        (LEASED, HEALTHY, ("in_flight", None, 3)),
        (LEASED | {"due_at": NOW - 1, "lease_until": NOW - 1}, HEALTHY, (None, NOW - 1, 3)),
        (DUE, PAUSED, ("endpoint_paused", NOW + 60, 4)),
        (LATER, PAUSED, ("endpoint_paused", NOW + 60, 2)),
        (LATER | {"due_at": NOW + 90}, PAUSED, ("retry", NOW + 90, 2)),
        (DUE, PAUSED | {"paused_until": NOW}, ("endpoint_paused", None, 4)),
        (DUE, HEALTHY | {"next_send_at": NOW + 7}, ("rate_limit", NOW + 7, 4)),
        (DUE, HEALTHY | {"next_send_at": NOW - 7, "paused_until": NOW - 7}, (None, NOW - 1, 4)),
        (DUE, HEALTHY | {"is_enabled": False}, ("endpoint_disabled", None, 4)),
        (DUE | {"state": "held", "due_at": None}, HEALTHY, ("endpoint_disabled", None, 4)),
        (DUE | {"attempts": 4}, HEALTHY, (None, NOW - 1, 1)),
        (DUE | {"state": "dead", "attempts": 4, "due_at": None}, PAUSED, (None, None, 0)),
        (DUE | {"state": "succeeded", "attempts": 1, "due_at": None}, HEALTHY, (None, None, 0)),
    ],
    ids=[
        "due", "retry", "under-way", "lease-lost", "paused", "retry-within-pause", "retry-after-pause", "asked", "rate",
        "nothing-left-of-it", "disabled", "held", "sent-once-more", "dead", "succeeded",
    ],
)  # fmt: skip
def test_delivery_says_what_it_waits_for(
    delivery: dict[str, Any], endpoint: dict[str, Any], expected: tuple[str | None, int | None, int]
) -> None:
    shown = with_outlook(delivery, endpoint, at_us=NOW)
    assert (shown["waiting_for"], shown["next_attempt_at"], shown["attempts_left"]) == expected


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (HEALTHY, ("healthy", None, None)),
        (PAUSED, ("paused", "http_503", NOW + 60)),
        (PAUSED | {"paused_until": NOW}, ("recovering", "http_503", None)),
        (HEALTHY | {"recovered_at": NOW - 4_000_000}, ("recovering", None, None)),
        (HEALTHY | {"recovered_at": NOW - 6_000_000, "pauses": 0, "failing_since": 1}, ("healthy", None, None)),
        (PAUSED | {"is_enabled": False, "disabled_reason": "stopped:gone_410"}, ("disabled", "gone_410", None)),
    ],
    ids=["healthy", "paused", "asked", "answers-again", "answers", "disabled"],
)
def test_endpoint_says_how_it_is_doing(endpoint: dict[str, Any], expected: tuple[str, str | None, int | None]) -> None:
    shown = condition_of(endpoint, at_us=NOW)
    assert (shown["state"], shown["reason"], shown["paused_until"]) == expected


@pytest.mark.parametrize(
    ("reason", "named"),
    [
        ("http_502", "http_502"), ("http_500", "http_5xx"), ("http_418", "http_4xx"), ("http_302", "http_3xx"), ("dns", "dns"),
    ],
)  # fmt: skip
def test_reason_is_put_in_words_by_status_then_by_class(reason: str, named: str) -> None:
    assert meaning_of(reason) is NAMED[named]


def test_reason_nobody_knows_has_words_too() -> None:
    assert meaning_of("http_699") is meaning_of("something_new") is OTHER
