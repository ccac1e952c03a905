"""The figures of an endpoint: exact counts, discrete percentiles, and nothing of anybody else."""

from dataclasses import replace
from typing import Any

import pytest

from accounts.webhooks import metrics
from accounts.webhooks.metrics import read_metrics
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from accounts.webhooks.models import EndpointHealth
from kit.clock import day_of
from kit.clock import now_us
from kit.documents import append
from kit.errors import NotFound
from kit.outbox import Event
from kit.outbox import record
from kit.unit import unit_of_work
from tests.accounts.conftest import Account

HOUR = 3_600_000_000
NOW = now_us() // HOUR * HOUR + 30 * 60_000_000  # half past


class Happened(Event):
    type = "order.created"


# state, attempts, hours ago, hours it took or None, under lease, of a replay; then the durations of its attempts.
DELIVERIES: tuple[tuple[str, int, int, int | None, bool, bool, tuple[int, ...]], ...] = (
    ("succeeded", 1, 0, 0, False, False, (10,)),
    ("succeeded", 2, 1, 1, False, False, (400, 20)),
    ("succeeded", 3, 30, 25, False, False, (30, 30, 30)),
    ("dead", 4, 2, 1, False, False, (9, 9, 9, 9)),
    ("pending", 1, 26, None, False, False, (5000,)),
    ("pending", 1, 0, None, True, False, ()),
    ("pending", 0, 0, None, False, True, ()),
    ("succeeded", 1, 0, 0, False, True, (11,)),
)


@pytest.fixture
def busy(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An endpoint with deliveries of the last hours, looked at half past."""
    monkeypatch.setattr(metrics, "now_us", lambda: NOW)
    scope, endpoint_id = account.scope, account.signed_up.endpoint_id
    with unit_of_work(scope):
        events = [record(scope, Happened(object={"id": f"ord_{n}"})).id for n in range(len(DELIVERIES))]
    with unit_of_work(scope):
        for number, (state, attempts, ago, took, is_leased, is_replay, durations) in enumerate(DELIVERIES):
            made = NOW - ago * HOUR
            append(scope, Delivery, [{
                "id": f"dlv_{number}", "event_id": events[number], "event_type": "order.created", "endpoint_id": endpoint_id,
                "state": state, "attempts": attempts, "created_at": made, "due_at": NOW if state == "pending" else None,
                "lease_id": "lse_1" if is_leased else None, "finished_at": None if took is None else made + took * HOUR,
                "replay_id": "rpl_1" if is_replay else None,
            }])  # fmt: skip
            append(scope, DeliveryAttempt, [
                {"id": f"att_{number}_{place}", "delivery_id": f"dlv_{number}", "endpoint_id": endpoint_id, "number": place,
                 "started_at": made, "duration_ms": duration, "reason": "ok", "expires_on": day_of(made) + 7}
                for place, duration in enumerate(durations, start=1)
            ])  # fmt: skip
    return account


def read(account: Account, hours: int) -> dict[str, Any]:
    with unit_of_work(account.scope, writes=False):
        return read_metrics(account.scope, endpoint_id=account.signed_up.endpoint_id, hours=hours)


def test_two_days_are_summed(busy: Account) -> None:
    found = read(busy, 48)
    assert {name: found[name] for name in ("deliveries", "succeeded", "dead", "attempts", "backlog")} == {
        "deliveries": 8, "succeeded": 4, "dead": 1, "attempts": 13, "backlog": 3,
    }  # fmt: skip
    assert (found["success_rate"], found["first_attempt_success_rate"]) == (0.8, 0.3333)  # 4 of 5; 2 of 6 that were tried
    assert found["delivered_within_24h"] == 0.4  # 2 of 5: one was late, one died, one still waits after a day
    assert (found["duration_p50_ms"], found["duration_p95_ms"]) == (11, 5000)  # 7th and 13th of 13
    assert found["oldest_pending_age_s"] == 26 * 3600
    assert found["health"] == {"state": "healthy", "reason": None, "paused_until": None, "failing_since": None}


def test_deliveries_count_in_the_hour_they_were_made_in(busy: Account) -> None:
    found = read(busy, 3)
    assert (found["from_us"], found["to_us"]) == (NOW // HOUR * HOUR - 2 * HOUR, NOW)
    assert found["buckets"] == [
        {"at": found["from_us"], "deliveries": 1, "succeeded": 0, "dead": 1, "attempts": 4},
        {"at": found["from_us"] + HOUR, "deliveries": 1, "succeeded": 1, "dead": 0, "attempts": 2},
        {"at": found["from_us"] + 2 * HOUR, "deliveries": 4, "succeeded": 2, "dead": 0, "attempts": 3},
    ]
    assert (found["delivered_within_24h"], found["duration_p95_ms"], found["backlog"]) == (0.6667, 400, 3)


def test_durations_are_of_the_newest_deliveries_when_there_are_too_many(
    busy: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "SAMPLE", 5)
    assert read(busy, 48)["duration_p95_ms"] == 400


def test_endpoint_without_deliveries_has_no_rates(account: Account) -> None:
    with unit_of_work(account.scope):
        until = now_us() + HOUR
        health = {"id": account.signed_up.endpoint_id, "failing_since": 7, "paused_until": until, "pause_reason": "timeout"}
        append(account.scope, EndpointHealth, [health])
    found = read(account, 1)
    names = ("success_rate", "first_attempt_success_rate", "delivered_within_24h", "duration_p50_ms", "oldest_pending_age_s")
    assert [found[name] for name in names] == [None] * 5
    assert (found["deliveries"], found["backlog"], len(found["buckets"])) == (0, 0, 1)
    assert found["health"] == {"state": "paused", "reason": "timeout", "paused_until": until, "failing_since": 7}


@pytest.mark.parametrize("by", ["tenant", "application"])
def test_figures_of_another_look_absent(busy: Account, stranger: Account, by: str) -> None:
    foreign = stranger.scope if by == "tenant" else replace(busy.scope, application_id=stranger.application_id)
    with pytest.raises(NotFound), unit_of_work(foreign, writes=False):
        read_metrics(foreign, endpoint_id=busy.signed_up.endpoint_id, hours=24)
