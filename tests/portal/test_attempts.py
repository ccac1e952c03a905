"""The sentences of a delivery's page and the shell line of an attempt."""

import shlex
from typing import Any

import pytest

from accounts.webhooks.outlook import condition_of
from accounts.webhooks.outlook import with_outlook
from portal.attempts import as_curl
from portal.attempts import condition
from portal.attempts import ordinal
from portal.attempts import sentence
from portal.filters import share
from tests.accounts.webhooks.test_outlook import DUE
from tests.accounts.webhooks.test_outlook import HEALTHY

SECOND = 1_000_000
NOW = 1_795_298_531 * SECOND  # 2026-11-21 22:02:11 UTC
TEN = HEALTHY | {"retry_schedule": [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]}
TOMORROW = NOW + 7200 * SECOND
PAUSED = TEN | {"failing_since": NOW, "paused_until": NOW + 420 * SECOND, "pause_reason": "timeout", "pauses": 1}
PROBED = PAUSED | {"paused_until": NOW}
FAILED = {"started_at": NOW - 2 * SECOND, "duration_ms": 2000, "status": 502, "reason": "http_502"}
RETRY = DUE | {"attempts": 2, "due_at": NOW + 1789 * SECOND}
ENDED = {"due_at": None}


@pytest.mark.parametrize(
    ("delivery", "endpoint", "attempts", "expected"),
    [
        (RETRY, TEN, [FAILED], "502 Bad Gateway at 22:02:11 UTC. The third of 10 attempts follows at 22:32:00 UTC (in 29 min)."),
        (RETRY | {"due_at": TOMORROW}, TEN, [], "The third of 10 attempts follows at 2026-11-22 00:02:11 UTC (in 2 h)."),
        (DUE | {"due_at": NOW}, TEN, [], "It was not tried yet. The first of 10 attempts follows within seconds."),
        (
            DUE | {"due_at": NOW, "attempts": 1}, PAUSED, [FAILED | {"status": None, "reason": "timeout"}],
            "The endpoint did not answer in time at 22:02:11 UTC. The endpoint is paused because it failed."
            " The second of 10 attempts follows at 22:09:11 UTC (in 7 min) at the earliest.",
        ),
        (
            RETRY | {"lease_id": "lse_1", "lease_until": NOW + SECOND}, TEN, [FAILED],
            "502 Bad Gateway at 22:02:11 UTC. The second of 10 attempts is being made right now.",
        ),
        (
            RETRY | {"state": "held"}, TEN, [],
            "It is kept until the endpoint is enabled; then the third of 10 attempts follows.",
        ),
        (
            DUE | {"due_at": NOW}, TEN | {"next_send_at": NOW + 3 * SECOND}, [],
            "It was not tried yet. As many as the endpoint's limit allows are on their way."
            " The first of 10 attempts follows at 22:02:14 UTC (in 3 s) at the earliest.",
        ),
        (
            DUE | {"due_at": NOW}, PROBED, [],
            "It was not tried yet. The endpoint failed; one request at a time asks whether it is back."
            " Then the first of 10 attempts follows.",
        ),
        (DUE | {"due_at": NOW, "attempts": 10}, TEN, [], "The 11th attempt follows within seconds."),
        (
            ENDED | {"state": "dead", "attempts": 10}, TEN, [],
            "It was given up after ten attempts; nothing follows unless it is sent once more.",
        ),
        (ENDED | {"state": "succeeded", "attempts": 1}, TEN, [], "It was taken on the first attempt; nothing follows."),
    ],
    ids=["retry", "another-day", "new", "paused", "under-way", "held", "rate", "asked", "beyond", "dead", "succeeded"],
)  # fmt: skip
def test_sentence_says_what_happened_and_what_follows(
    delivery: dict[str, Any], endpoint: dict[str, Any], attempts: list[dict[str, Any]], expected: str
) -> None:
    assert sentence(with_outlook(delivery, endpoint, at_us=NOW), attempts, at_us=NOW) == expected


def test_condition_says_until_when_and_why() -> None:
    assert condition(condition_of(PAUSED, at_us=NOW), at_us=NOW) == (
        "warn", "Paused",
        "Until 22:09:11 UTC (in 7 min) nothing is sent. The endpoint did not answer in time."
        " Answer 2xx first and do the work afterwards, for example in a queue of your own.",
    )  # fmt: skip
    assert condition(condition_of(TEN, at_us=NOW), at_us=NOW) == ("ok", "Healthy", "")


def test_curl_line_sends_the_same_headers_and_bytes() -> None:
    body = """{"name":"Joe's $HOME `soup`"}"""
    headers = {"webhook-id": "evt_1", "webhook-signature": "v1,a+b=", "content-length": "3"}
    url = "https://example.com/hook?a=1&b=2"
    line = as_curl({"request_method": "PUT", "request_url": url, "request_headers": headers, "request_body": body})
    assert shlex.split(line.replace("\\\n", "")) == [
        "curl", "-i", "-X", "PUT", url, "-H", "webhook-id: evt_1",
        "-H", "webhook-signature: v1,a+b=", "--data-binary", body,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "text"), [(None, "–"), (0.0, "0 %"), (1.0, "100 %"), (0.9996, "> 99.9 %"), (0.0001, "< 0.1 %"), (0.5, "50.0 %")]
)
def test_share_is_never_rounded_to_all_or_nothing(part: float | None, text: str) -> None:
    assert share(part) == text


def test_ordinals_beyond_words_have_their_ending() -> None:
    assert [ordinal(number) for number in (11, 12, 21, 22, 33, 111)] == ["11th", "12th", "21st", "22nd", "33rd", "111th"]
