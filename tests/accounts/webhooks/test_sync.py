"""Endpoints reach the planes, once, in order, and also after a failure in between."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy import update

from accounts.applications.models import Connection
from accounts.webhooks import sync
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import EndpointHealth
from accounts.webhooks.models import Subscription
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.queries import list_events
from accounts.webhooks.service import create_endpoint
from accounts.webhooks.service import delete_endpoint
from accounts.webhooks.service import disable_endpoint
from accounts.webhooks.service import enable_endpoint
from accounts.webhooks.service import get_endpoint
from accounts.webhooks.service import rotate_secret
from accounts.webhooks.service import update_endpoint
from accounts.webhooks.sync import sync_endpoint
from accounts.webhooks.sync import sync_pending
from kit.clock import now
from kit.crypto import vault
from kit.documents import append
from kit.errors import NotFound
from kit.outbox import Event
from kit.outbox import record
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control
from kit.unit import control_unit
from kit.unit import session
from kit.unit import unit_of_work
from tests.accounts.conftest import Account

URL = "https://pos.example.com/hooks"


class Happened(Event):
    type = "order.created"


def subscription(scope: Scope, endpoint_id: str) -> Subscription | None:
    with unit_of_work(scope, writes=False):
        return session(scope).scalar(Subscription.owned_by(scope).where(Subscription.id == endpoint_id))


def secret_of(scope: Scope, row: Subscription, sealed: str) -> str:
    return vault.box.open(sealed, scope.environment, scope.tenant_id, "subscriptions", row.id, "secret")


def mark_pending(endpoint_id: str) -> None:
    with control_unit():
        control().session.execute(
            update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).values(needs_sync=True)
        )


def needs_sync(endpoint_id: str) -> bool:
    with control_unit(writes=False):
        return control().session.get(WebhookEndpoint, endpoint_id).needs_sync


def live_scope(account: Account, tenant_id: str) -> Scope:
    return Scope(Environment.PRODUCTION, tenant_id, application_id=account.application_id)


def test_endpoint_is_on_the_plane_once_its_creation_is_committed(account: Account):
    with control_unit():
        issued = create_endpoint(account.side(), url=URL, event_types=["order.created"], exclude_own=True)
        assert subscription(account.scope, issued.endpoint.id) is None
    row = subscription(account.scope, issued.endpoint.id)
    assert (row.url, row.event_types, row.exclude_own, row.is_enabled) == (URL, ["order.created"], True, True)
    assert (row.retry_schedule, row.api_version, row.version) == ([5, 30, 180], "2026-11-01", 1)
    assert (row.application_id, row.created_at) == (account.application_id, issued.endpoint.created_at)
    assert len(row.scopes) == 39
    assert secret_of(account.scope, row, row.sealed_secret) == issued.secret
    assert needs_sync(issued.endpoint.id) is False


def test_endpoint_is_not_on_the_plane_when_its_creation_is_rolled_back(account: Account):
    made = []

    def fail_after_a_creation() -> None:
        with control_unit():
            made.append(create_endpoint(account.side(), url=URL, event_types=["*"]).endpoint.id)
            get_endpoint(account.side(), endpoint_id="we_none")

    with pytest.raises(NotFound):
        fail_after_a_creation()
    assert subscription(account.scope, made[0]) is None


def test_rotation_reaches_the_plane_with_both_secrets(account: Account):
    with control_unit():
        issued = create_endpoint(account.side(), url=URL, event_types=["*"])
    with control_unit():
        second = rotate_secret(account.side(), endpoint_id=issued.endpoint.id)
    row = subscription(account.scope, issued.endpoint.id)
    assert secret_of(account.scope, row, row.sealed_secret) == second
    assert secret_of(account.scope, row, row.sealed_previous_secret) == issued.secret
    assert row.previous_secret_expires_at > now()


def test_change_is_finished_by_the_sweep_when_the_plane_failed(account: Account, monkeypatch: pytest.MonkeyPatch):
    endpoint_id = account.signed_up.endpoint_id
    with monkeypatch.context() as broken:
        broken.setattr(sync, "_copy", lambda *_: 1 / 0)
        with control_unit():
            update_endpoint(account.side(), endpoint_id=endpoint_id, url=URL)
        sync_pending()
        assert needs_sync(endpoint_id) is True
        assert subscription(account.scope, endpoint_id).url != URL
    assert sync_pending() >= 1
    assert subscription(account.scope, endpoint_id).url == URL
    assert needs_sync(endpoint_id) is False


def test_older_copy_never_overwrites_a_newer_one(account: Account, monkeypatch: pytest.MonkeyPatch):
    endpoint_id = account.signed_up.endpoint_id
    late, copy = [], sync._copy
    with monkeypatch.context() as held:
        held.setattr(sync, "_copy", lambda *args: late.append(args))
        with control_unit():
            update_endpoint(account.side(), endpoint_id=endpoint_id, url="https://old.example/")
    with control_unit():
        update_endpoint(account.side(), endpoint_id=endpoint_id, url="https://new.example/")
    with unit_of_work(account.scope):
        copy(*late[0])
    row = subscription(account.scope, endpoint_id)
    assert (row.url, row.version) == ("https://new.example/", 3)


def test_change_during_a_sync_stays_marked_for_the_next(account: Account, monkeypatch: pytest.MonkeyPatch):
    endpoint_id, copy = account.signed_up.endpoint_id, sync._copy

    def interrupted(*args: object) -> None:
        copy(*args)
        with control_unit():
            control().session.execute(
                update(WebhookEndpoint)
                .where(WebhookEndpoint.id == endpoint_id)
                .values(version=WebhookEndpoint.version + 1)
            )

    mark_pending(endpoint_id)
    with monkeypatch.context() as racing:
        racing.setattr(sync, "_copy", interrupted)
        sync_endpoint(endpoint_id)
    assert needs_sync(endpoint_id) is True


@pytest.mark.parametrize(
    ("dialect", "schedule", "timeout_s", "types"),
    [
        ("core", [5, 30, 180], 5, []),
        ("pos", [5, 30, 180], 10, ["order.ready"]),
        ("channel", [1, 2, 4, 8, 16, 32], 10, ["order.ready"]),
        ("sync", [5, 30, 180], 5, []),
    ],
)
def test_dialect_decides_how_often_its_requests_are_repeated(
    account: Account, dialect: str, schedule: list[int], timeout_s: int, types: list[str]
):
    with control_unit():
        tenant_id = account.connected_tenant("smart")
    with control_unit():
        made = create_endpoint(account.side(Environment.PRODUCTION), url=URL, event_types=["*"]).endpoint
        made.dialect, made.event_types = dialect, ["order.ready", "export.completed"]
    row = subscription(live_scope(account, tenant_id), made.id)
    assert (row.dialect, row.retry_schedule, row.timeout_s, row.event_types) == (dialect, schedule, timeout_s, types)


def test_copy_of_everything_is_what_its_dialect_has_names_for(account: Account):
    with control_unit():
        made = create_endpoint(account.side(), url=URL, event_types=["*"]).endpoint
        made.dialect = "sync"
    row = subscription(account.scope, made.id)
    assert row.event_types == [
        "order.completed", "payment.confirmed", "customer.created", "customer.updated", "customer.deleted", "membership.created",
        "membership.updated", "membership.deleted", "reservation.created", "reservation.updated", "store.status.updated",
    ]  # fmt: skip


def test_production_endpoint_reaches_every_connected_tenant_with_its_own_plan(account: Account):
    with control_unit():
        pro, smart = account.connected_tenant("pro"), account.connected_tenant("smart")
    with control_unit():
        endpoint_id = create_endpoint(account.side(Environment.PRODUCTION), url=URL, event_types=["*"]).endpoint.id
    first, second = (subscription(live_scope(account, tenant_id), endpoint_id) for tenant_id in (pro, smart))
    assert (first.event_types, len(first.retry_schedule), first.timeout_s, first.kept_days) == (["*"], 9, 10, 30)
    assert (len(second.event_types), second.retry_schedule, second.timeout_s, second.kept_days) == (8, [5, 30, 180], 5, 7)
    assert "*" not in second.event_types
    assert subscription(account.scope, endpoint_id) is None


def test_new_connection_gets_the_endpoints_that_exist_and_events_from_then_on(account: Account):
    with control_unit():
        endpoint = create_endpoint(account.production_side("pro"), url=URL, event_types=["*"]).endpoint
    sync_pending()
    with control_unit():
        later = account.connected_tenant("pro")
    assert subscription(live_scope(account, later), endpoint.id) is None
    sync_pending()
    row = subscription(live_scope(account, later), endpoint.id)
    assert row.created_at > endpoint.created_at
    with control_unit(writes=False):
        open_connections = select(Connection.id).where(
            Connection.application_id == account.application_id, Connection.synced_at.is_(None)
        )
        assert list(control().session.scalars(open_connections)) == []


def test_two_applications_of_one_tenant_have_subscriptions_of_their_own(account: Account, stranger: Account):
    with control_unit():
        tenant_id = account.connected_tenant("pro")
        sync_scope = live_scope(account, tenant_id)
        endpoint_id = create_endpoint(account.side(Environment.PRODUCTION), url=URL, event_types=["*"]).endpoint.id
    assert subscription(sync_scope, endpoint_id).application_id == account.application_id
    assert subscription(stranger.scope, endpoint_id) is None


def events_of(account: Account) -> list[tuple[str, str]]:
    with unit_of_work(account.scope, writes=False):
        return [(event["type"], event["object_id"]) for event in list_events(account.scope, after_sequence=0, limit=50)]


def test_fault_is_announced_once_and_again_after_the_next_fault(account: Account):
    endpoint_id = account.signed_up.endpoint_id
    announced = ("webhook.endpoint.disabled", endpoint_id)
    with control_unit():
        disable_endpoint(endpoint_id=endpoint_id, reason="gone_410")
    assert subscription(account.scope, endpoint_id).is_enabled is False
    with control_unit():
        update_endpoint(account.side(), endpoint_id=endpoint_id, description="still broken")
    sync_endpoint(endpoint_id)
    assert events_of(account) == [announced]
    with control_unit():
        enable_endpoint(account.side(), endpoint_id=endpoint_id)
    assert subscription(account.scope, endpoint_id).is_enabled is True
    with control_unit():
        disable_endpoint(endpoint_id=endpoint_id, reason="gone_410")
    assert events_of(account) == [announced, announced]


def test_owners_own_pause_is_not_announced(account: Account):
    with control_unit():
        update_endpoint(account.side(), endpoint_id=account.signed_up.endpoint_id, state="disabled")
    assert subscription(account.scope, account.signed_up.endpoint_id).is_enabled is False
    assert events_of(account) == []


def deliveries(account: Account, states: tuple[str, ...]) -> None:
    with unit_of_work(account.scope):
        events = [record(account.scope, Happened(object={"id": f"ord_{number}"})) for number in range(len(states))]
    with unit_of_work(account.scope):
        append(account.scope, Delivery, [
            {
                "id": f"dlv_{state}", "event_id": event.id, "event_type": event.type, "state": state,
                "endpoint_id": account.signed_up.endpoint_id, "due_at": now() if state == "pending" else None,
                "created_at": now(), "lease_id": "l1" if state == "pending" else None,
            }
            for event, state in zip(events, states, strict=True)
        ])  # fmt: skip


def states_of(account: Account) -> dict[str, tuple[str, bool, str | None]]:
    with unit_of_work(account.scope, writes=False):
        rows = session(account.scope).scalars(Delivery.owned_by(account.scope))
        return {row.id: (row.state, row.due_at is not None, row.last_reason) for row in rows}


def test_waiting_deliveries_are_given_up_when_the_endpoint_is_deleted(account: Account):
    deliveries(account, ("pending", "held", "succeeded"))
    with control_unit():
        delete_endpoint(account.side(), endpoint_id=account.signed_up.endpoint_id)
    assert subscription(account.scope, account.signed_up.endpoint_id).is_enabled is False
    assert states_of(account) == {
        "dlv_pending": ("dead", False, "endpoint_deleted"),
        "dlv_held": ("dead", False, "endpoint_deleted"),
        "dlv_succeeded": ("succeeded", False, None),
    }


def test_held_deliveries_go_out_when_the_endpoint_is_enabled(account: Account):
    deliveries(account, ("held", "dead"))
    with control_unit():
        disable_endpoint(endpoint_id=account.signed_up.endpoint_id, reason="gone_410")
    with control_unit():
        enable_endpoint(account.side(), endpoint_id=account.signed_up.endpoint_id)
    assert states_of(account) == {"dlv_held": ("pending", True, None), "dlv_dead": ("dead", False, None)}


def test_change_ends_a_pause_and_switching_on_begins_anew(account: Account):
    endpoint_id = account.signed_up.endpoint_id
    with unit_of_work(account.scope):
        session(account.scope).add(EndpointHealth(
            id=endpoint_id, pauses=3, paused_until=now(), pause_reason="timeout", failing_since=now(), warned_percent=70,
        ))  # fmt: skip
    with control_unit():
        update_endpoint(account.side(), endpoint_id=endpoint_id, url=URL)
    assert health_of(account) == (0, None, True, 70, False)
    with control_unit():
        disable_endpoint(endpoint_id=endpoint_id, reason="no_success_for_5_days")
    with control_unit():
        enable_endpoint(account.side(), endpoint_id=endpoint_id)
    assert health_of(account) == (0, None, False, 0, True)


def health_of(account: Account) -> tuple[int, Any, bool, int, bool]:
    with unit_of_work(account.scope, writes=False):
        row = session(account.scope).scalars(EndpointHealth.owned_by(account.scope)).one()
        return row.pauses, row.paused_until, row.failing_since is not None, row.warned_percent, row.judged_from is not None


def test_unknown_endpoint_is_left_alone(app: Flask):
    sync_endpoint("we_none")
