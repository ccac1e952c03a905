"""Which events a replay may send where two applications work with one tenant."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from accounts.plans.catalog import SANDBOX
from accounts.webhooks.models import Subscription
from accounts.webhooks.queries import get_event
from accounts.webhooks.queries import list_events
from accounts.webhooks.replay import Selection
from accounts.webhooks.replay import preview_replay
from kit.documents import append
from kit.errors import NotFound
from kit.outbox import Event
from kit.outbox import record
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now_us
from kit.unit import unit_of_work
from tests.accounts.conftest import Account


class Failing(Event):
    type = "webhook.endpoint.failing"


class Placed(Event):
    type = "order.created"


@pytest.fixture
def neighbour(account: Account) -> Scope:
    """Another application that works with the account's tenant and has the endpoint we_other."""
    scope = replace(account.scope, application_id="app_other")
    with unit_of_work(scope):
        append(scope, Subscription, [{
            "id": "we_other", "application_id": "app_other", "url": "https://example.com", "event_types": ["*"],
            "api_version": "2026-11-01", "scopes": ["orders:read", "webhooks:read"], "sealed_secret": "", "created_at": 1,
            "is_enabled": True,
        }])  # fmt: skip
    return scope


def shown(_kind: str, document: dict[str, Any], **_: Any) -> dict[str, Any]:
    return document


def sent(scope: Scope, endpoint_id: str) -> int:
    with unit_of_work(scope, writes=False):
        chosen = Selection(tenant_now_us(scope) - 60_000_000, tenant_now_us(scope))
        return preview_replay(scope, tier=SANDBOX, endpoint_id=endpoint_id, chosen=chosen, represent=shown)


@pytest.mark.parametrize("exclude_own", [False, True], ids=["everything", "without-its-own"])
def test_what_concerns_an_application_itself_is_for_it_alone(account: Account, neighbour: Scope, exclude_own: bool) -> None:
    scope, endpoint_id = account.scope, account.signed_up.endpoint_id
    with unit_of_work(scope):
        endpoints = update(Subscription).where(Subscription.tenant_id == scope.tenant_id)
        session(scope).execute(endpoints.values(exclude_own=exclude_own))
        failing = record(scope, Failing(object={"id": endpoint_id}))
        record(scope, Placed(object={"id": "ord_1"}))
    assert (sent(scope, endpoint_id), sent(neighbour, "we_other")) == (1 if exclude_own else 2, 1)
    with unit_of_work(neighbour, writes=False):
        assert [row["type"] for row in list_events(neighbour, after_sequence=0, limit=9)] == ["order.created"]
    with pytest.raises(NotFound), unit_of_work(neighbour, writes=False):
        get_event(neighbour, event_id=failing.id)
    with unit_of_work(scope, writes=False):
        assert get_event(scope, event_id=failing.id)["type"] == "webhook.endpoint.failing"


TOTAL = {"field": "total", "operator": "gte", "value": 50}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"filters": [TOTAL]}, 2),
        ({"location_ids": ["loc_1"]}, 2),
        ({"filters": [TOTAL], "location_ids": ["loc_1"]}, 1),
        ({"dialect": "channel", "dialect_options": {"channel": "bolt"}}, 0),  # which has no name for a new order
    ],
    ids=["filters", "locations", "both", "dialect"],
)
def test_replay_sends_what_the_endpoint_receives(account: Account, asked: dict[str, Any], expected: int) -> None:
    scope = account.scope
    with unit_of_work(scope):
        endpoints = update(Subscription).where(Subscription.tenant_id == scope.tenant_id)
        session(scope).execute(endpoints.values(event_types=["order.created"], **asked))
        for total, location_id in ((10, "loc_1"), (60, "loc_1"), (70, "loc_2")):
            record(scope, Placed(object={"id": "ord_1", "total": total}, location_id=location_id))
    assert sent(scope, account.signed_up.endpoint_id) == expected
