"""What was given up is counted by class and made due again, once an event and never another's."""

from dataclasses import replace
from typing import Any

import pytest

from accounts.webhooks import failures
from accounts.webhooks.errors import EndpointIsDisabled
from accounts.webhooks.failures import failure_counts
from accounts.webhooks.failures import retry_failed
from accounts.webhooks.models import Delivery
from accounts.webhooks.queries import get_delivery
from accounts.webhooks.service import update_endpoint
from kit.clock import from_us
from kit.documents import append
from kit.errors import Invalid
from kit.errors import NotFound
from kit.outbox import Event
from kit.outbox import record
from kit.unit import control_unit
from kit.unit import unit_of_work
from tests.accounts.conftest import Account


class Happened(Event):
    type = "order.created"


STATUSES = (503, 404, 301, None, 502, 200)  # of dlv_0 to dlv_5


def delivery(account: Account, number: int, event_id: str, **columns: Any) -> dict[str, Any]:
    return {
        "id": f"dlv_{number}", "event_id": event_id, "event_type": "order.created", "endpoint_id": account.signed_up.endpoint_id,
        "state": "dead", "attempts": 4, "created_at": from_us(number), "finished_at": from_us(99), **columns,
    }  # fmt: skip


@pytest.fixture
def given_up(account: Account) -> Account:
    """Five deliveries that were given up and one that was taken; the event of dlv_4 was replayed and is dead again."""
    scope = account.scope
    with unit_of_work(scope):
        events = [record(scope, Happened(object={"id": f"ord_{n}"})).id for n in range(len(STATUSES))]
    with unit_of_work(scope):
        rows = [delivery(account, n, events[n], last_status=status) for n, status in enumerate(STATUSES)]
        rows[5]["state"] = "succeeded"
        rows.append(delivery(account, 6, events[4], last_status=400, replay_id="rpl_1"))
        append(scope, Delivery, rows)
    return account


def due(account: Account) -> list[str]:
    with unit_of_work(account.scope, writes=False):
        rows = [get_delivery(account.scope, delivery_id=f"dlv_{number}") for number in range(7)]
    return [row["id"] for row in rows if row["state"] == "pending" and row["due_at"] and row["finished_at"] is None]


def retry(account: Account, **options: Any) -> int:
    with unit_of_work(account.scope):
        return retry_failed(account.scope, endpoint_id=account.signed_up.endpoint_id, **options)


def test_newest_deliveries_are_counted_by_class(given_up: Account) -> None:
    with unit_of_work(given_up.scope, writes=False):
        counts = failure_counts(given_up.scope, endpoint_id=given_up.signed_up.endpoint_id)
    assert counts == {"5xx": 1, "4xx": 2, "3xx": 1, "no_answer": 1}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"status_class": "5xx"}, ["dlv_0"]),
        ({"status_class": "4xx"}, ["dlv_1", "dlv_6"]),
        ({"status_class": "no_answer"}, ["dlv_3"]),
        ({"status_class": "all"}, ["dlv_0", "dlv_1", "dlv_2", "dlv_3", "dlv_6"]),
        ({"status_class": "all", "since_us": 1, "until_us": 2}, ["dlv_1", "dlv_2"]),
        ({"status_class": "5xx", "since_us": 1}, []),
    ],
    ids=["5xx", "4xx", "no-answer", "all", "window", "none"],
)
def test_given_up_deliveries_are_due_again_by_class(given_up: Account, options: dict[str, Any], expected: list[str]) -> None:
    assert retry(given_up, **options) == len(expected)
    assert due(given_up) == expected


def test_oldest_are_taken_first_when_there_are_more_than_one_call_takes(
    given_up: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MOST", 2)
    assert retry(given_up, status_class="all") == 2
    assert due(given_up) == ["dlv_0", "dlv_1"]


def test_nothing_is_retried_for_a_disabled_endpoint_or_a_window_turned_round(given_up: Account) -> None:
    with pytest.raises(Invalid) as refused:
        retry(given_up, status_class="all", since_us=2, until_us=1)
    assert [error.field for error in refused.value.errors] == ["since"]
    with control_unit():
        update_endpoint(given_up.side(), endpoint_id=given_up.signed_up.endpoint_id, state="disabled")
    with pytest.raises(EndpointIsDisabled):
        retry(given_up, status_class="all")
    assert due(given_up) == []


@pytest.mark.parametrize("by", ["tenant", "application"])
def test_endpoint_of_another_looks_absent(given_up: Account, stranger: Account, by: str) -> None:
    foreign = stranger.scope if by == "tenant" else replace(given_up.scope, application_id=stranger.application_id)
    endpoint_id = given_up.signed_up.endpoint_id
    with pytest.raises(NotFound), unit_of_work(foreign):
        retry_failed(foreign, endpoint_id=endpoint_id, status_class="all")
    with pytest.raises(NotFound), unit_of_work(foreign):
        failure_counts(foreign, endpoint_id=endpoint_id)
    assert due(given_up) == []
