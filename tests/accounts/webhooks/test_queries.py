"""What a partner reads of deliveries, attempts and events, and that it is only their own."""

from dataclasses import replace

import pytest

from accounts.webhooks.errors import DeliveryNotRetryable
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from accounts.webhooks.queries import delivery_counts
from accounts.webhooks.queries import get_delivery
from accounts.webhooks.queries import get_event
from accounts.webhooks.queries import get_subscription
from accounts.webhooks.queries import list_attempts
from accounts.webhooks.queries import list_deliveries
from accounts.webhooks.queries import list_events
from accounts.webhooks.queries import retry_delivery
from kit.clock import day_of
from kit.clock import from_us
from kit.clock import now_us
from kit.documents import append
from kit.errors import NotFound
from kit.outbox import Event
from kit.outbox import record
from kit.unit import unit_of_work
from tests.accounts.conftest import Account


class Placed(Event):
    type = "order.created"


class Changed(Event):
    type = "order.updated"


STATES = ("pending", "succeeded", "dead", "held", "dead")


@pytest.fixture
def delivered(account: Account) -> Account:
    """Five events, each with a delivery to the account's endpoint, and two attempts of the third."""
    scope = account.scope
    with unit_of_work(scope):
        kinds = (Placed, Changed, Placed, Changed, Placed)
        events = [record(scope, kind(object={"id": f"ord_{n}"}, location_id="loc_1")) for n, kind in enumerate(kinds)]
    with unit_of_work(scope):
        append(scope, Delivery, [
            {
                "id": f"dlv_{n}", "event_id": events[n].id, "event_type": events[n].type, "state": state, "attempts": 2,
                "endpoint_id": account.signed_up.endpoint_id, "created_at": from_us(1_000_000 + n // 2),
                "finished_at": from_us(9) if state == "dead" else None,
            }
            for n, state in enumerate(STATES)
        ])  # fmt: skip
        append(scope, DeliveryAttempt, [
            {
                "id": f"att_{number}", "delivery_id": "dlv_2", "endpoint_id": account.signed_up.endpoint_id, "number": number,
                "started_at": from_us(number), "duration_ms": 12, "status": 502, "reason": "http_502",
                "request_headers": {"webhook-id": "evt_1"}, "request_body": "{}", "response_headers": {}, "response_body": "bad",
                "expires_on": day_of(now_us()) + 7,
            }
            for number in (2, 1)
        ])  # fmt: skip
    return account


def test_deliveries_are_listed_newest_first_in_pages(delivered: Account):
    scope, endpoint_id = delivered.scope, delivered.signed_up.endpoint_id
    with unit_of_work(scope, writes=False):
        first = list_deliveries(scope, endpoint_id=endpoint_id, limit=3)
        last = [first[2]["created_at"], first[2]["id"]]
        second = list_deliveries(scope, endpoint_id=endpoint_id, limit=3, after=last)
        dead = list_deliveries(scope, endpoint_id=endpoint_id, limit=3, state="dead")
    assert [row["id"] for row in first] == ["dlv_4", "dlv_3", "dlv_2", "dlv_1"]
    assert [row["id"] for row in second] == ["dlv_1", "dlv_0"]
    assert [row["id"] for row in dead] == ["dlv_4", "dlv_2"]
    assert (first[0]["created_at"], first[0]["attempts"], "tenant_id" in first[0]) == (1_000_002, 2, False)


def test_attempts_are_listed_in_order_with_headers(delivered: Account):
    with unit_of_work(delivered.scope, writes=False):
        rows = list_attempts(delivered.scope, delivery_id="dlv_2")
    assert [(row["number"], row["status"], row["reason"]) for row in rows] == [
        (1, 502, "http_502"),
        (2, 502, "http_502"),
    ]
    assert rows[0]["request_headers"] == {"webhook-id": "evt_1"}


def test_deliveries_are_counted_by_state(delivered: Account):
    with unit_of_work(delivered.scope, writes=False):
        counts = delivery_counts(delivered.scope, endpoint_id=delivered.signed_up.endpoint_id)
    assert counts == {"pending": 1, "succeeded": 1, "dead": 2, "held": 1}


@pytest.mark.parametrize("number", [0, 2], ids=["waiting", "dead"])
def test_delivery_is_due_now_when_retried(delivered: Account, number: int):
    before = now_us()
    with unit_of_work(delivered.scope):
        row = retry_delivery(delivered.scope, delivery_id=f"dlv_{number}")
    assert (row["state"], row["attempts"], row["finished_at"]) == ("pending", 2, None)
    assert before <= row["due_at"] <= now_us()


@pytest.mark.parametrize("number", [1, 3], ids=["succeeded", "held"])
def test_retry_is_refused_when_the_delivery_is_done_or_held(delivered: Account, number: int):
    with pytest.raises(DeliveryNotRetryable), unit_of_work(delivered.scope):
        retry_delivery(delivered.scope, delivery_id=f"dlv_{number}")


def test_subscription_shows_no_secret(delivered: Account):
    with unit_of_work(delivered.scope, writes=False):
        row = get_subscription(delivered.scope, endpoint_id=delivered.signed_up.endpoint_id)
    assert (row["id"], row["event_types"], row["is_enabled"]) == (delivered.signed_up.endpoint_id, ["*"], True)
    assert not [name for name in row if "secret" in name]


@pytest.mark.parametrize("by", ["tenant", "application"])
def test_deliveries_look_absent_to_another(delivered: Account, stranger: Account, by: str):
    foreign = stranger.scope if by == "tenant" else replace(delivered.scope, application_id=stranger.application_id)
    endpoint_id = delivered.signed_up.endpoint_id
    with unit_of_work(foreign):
        assert list_deliveries(foreign, endpoint_id=endpoint_id, limit=9) == []
        assert delivery_counts(foreign, endpoint_id=endpoint_id) == {"pending": 0, "succeeded": 0, "dead": 0, "held": 0}
    for act in (
        lambda: get_delivery(foreign, delivery_id="dlv_2"),
        lambda: list_attempts(foreign, delivery_id="dlv_2"),
        lambda: retry_delivery(foreign, delivery_id="dlv_2"),
        lambda: get_subscription(foreign, endpoint_id=endpoint_id),
    ):
        with pytest.raises(NotFound), unit_of_work(foreign):
            act()
    with unit_of_work(delivered.scope, writes=False):
        assert get_delivery(delivered.scope, delivery_id="dlv_2")["state"] == "dead"


def test_events_are_fed_in_commit_order_after_a_number(delivered: Account):
    scope = delivered.scope
    with unit_of_work(scope, writes=False):
        everything = list_events(scope, after_sequence=0, limit=9)
        page = list_events(scope, after_sequence=2, limit=1)
        changed = list_events(scope, after_sequence=0, types=("order.updated", "order.ready"), limit=9)
        one = get_event(scope, event_id=everything[1]["id"])
    assert [row["sequence"] for row in everything] == [1, 2, 3, 4, 5]
    assert [row["sequence"] for row in page] == [3, 4]
    assert [row["object_id"] for row in changed] == ["ord_1", "ord_3"]
    assert one == everything[1]
    assert (one["tenant_id"], one["environment"], one["location_id"]) == (scope.tenant_id, "sandbox", "loc_1")
    assert one["body"] == {"object": {"id": "ord_1"}, "previous": None}


def test_events_look_absent_to_another_tenant(delivered: Account, stranger: Account):
    with unit_of_work(delivered.scope, writes=False):
        event_id = list_events(delivered.scope, after_sequence=0, limit=1)[0]["id"]
    with unit_of_work(stranger.scope, writes=False):
        assert list_events(stranger.scope, after_sequence=0, limit=9) == []
    with pytest.raises(NotFound), unit_of_work(stranger.scope, writes=False):
        get_event(stranger.scope, event_id=event_id)
