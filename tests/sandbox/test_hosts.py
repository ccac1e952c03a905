"""What the made-up webhook hosts answer."""

import pytest

from sandbox.hosts import BEHAVIOURS
from sandbox.hosts import answer
from sandbox.hosts import is_simulated

BASE = "https://hooks.sandbox.invalid/"


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("ok", [200, 200]),
        ("fail-500", [500, 500]),
        ("fail-502", [502, 502, 502, 502]),
        ("fail-502-then-ok", [502, 200, 200]),
        ("fail-502-then-ok?n=2", [502, 200]),
        ("fail-502-then-ok?n=4", [502, 502, 502, 200]),
        ("fail-502-then-ok?n=many", [502, 200]),
        ("gone-410", [410]),
        ("redirect-302", [302]),
        ("rate-429?after=5", [429, 429]),
        ("html-200", [200]),
        ("ok/orders/6f1c/cancellation", [200]),
        ("fail-502-then-ok/orders/6f1c?n=3", [502, 502, 200]),
        ("no-such-behaviour", [404]),
    ],
)
def test_status_of_each_attempt(path: str, statuses: list[int]) -> None:
    assert [answer(BASE + path, attempt).status for attempt in range(1, len(statuses) + 1)] == statuses


@pytest.mark.parametrize(
    ("path", "status", "reason", "delay_s"),
    [("timeout", None, "timeout", 60.0), ("bad-tls", None, "tls", 0.0), ("slow-8s", 200, "ok", 8.0)],
)
def test_answers_that_fail_or_take_time(path: str, status: int | None, reason: str, delay_s: float) -> None:
    given = answer(BASE + path, 1)

    assert (given.status, given.reason, given.delay_s) == (status, reason, delay_s)


def test_headers_that_matter() -> None:
    assert answer(BASE + "rate-429?after=7", 1).headers["retry-after"] == "7"
    assert answer(BASE + "redirect-302", 1).headers["location"] == BASE + "ok"
    assert answer(BASE + "html-200", 1).headers["content-type"] == "text/html"


def test_every_documented_behaviour_exists() -> None:
    assert set(BEHAVIOURS) == {
        "ok", "fail-500", "fail-502", "fail-502-then-ok", "timeout", "slow-8s", "gone-410", "redirect-302", "rate-429", "bad-tls",
        "html-200",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "simulated"),
    [
        (BASE + "ok", True), ("https://inbox.sandbox.invalid/x", True), ("https://sandbox.invalid/", True),
        ("https://HOOKS.Sandbox.Invalid:443/ok", True), ("https://notsandbox.invalid/", False),
        ("https://hooks.sandbox.invalid.example.com/ok", False), ("https://example.com/hooks.sandbox.invalid", False),
    ],
)  # fmt: skip
def test_only_the_sandbox_hosts_are_simulated(url: str, simulated: bool) -> None:
    assert is_simulated(url) is simulated


def test_other_hosts_get_no_answer() -> None:
    assert answer("https://example.com/ok", 1) is None
