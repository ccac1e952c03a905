from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.models import Tenant
from accounts.notices.models import Notice
from accounts.organisations.models import Organisation
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import EndpointHealth
from accounts.webhooks.models import Subscription
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.sync import sync_endpoint
from kit.clock import now
from kit.crypto import signing_secret
from kit.crypto import vault
from kit.ids import new_id
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control
from kit.unit import control_unit
from kit.unit import session
from kit.unit import unit_of_work
from tests.worker.receiver import Receiver
from tests.worker.rows import NewScope
from tests.worker.rows import change_delivery
from tests.worker.rows import create_events
from tests.worker.rows import create_subscription
from tests.worker.rows import deliveries
from worker import deliver
from worker import disabling
from worker.claims import claim
from worker.deliver import pump
from worker.disabling import tell_all
from worker.disabling import tell_of_ladder
from worker.disabling import untold
from worker.pace import Pace
from worker.relay import relay
from worker.upkeep import end_orphans
from worker.upkeep import provision_pending
from worker.upkeep import sweep
from worker.upkeep import tidy_deliveries

pytestmark = pytest.mark.usefixtures("clean_planes")
SANDBOX = Environment.SANDBOX
Synced = tuple[Scope, str]  # the tenant's scope, the endpoint's id


def delivery(scope: Scope) -> Delivery:
    [row] = deliveries(scope)
    return row


def claimed_by_a_dead_process(scope: Scope, **values: Any) -> None:
    create_subscription(scope, "https://a.test/")
    create_events(scope)
    relay(SANDBOX)
    claim(SANDBOX, limit=1, pace=Pace())
    change_delivery(scope, lease_until=now(), due_at=now(), **values)


def test_sweep_gives_a_delivery_back_when_its_lease_ran_out(scope: Scope):
    claimed_by_a_dead_process(scope)
    tidy_deliveries(SANDBOX)
    row = delivery(scope)
    assert (row.state, row.lease_id, row.lease_until, row.attempts) == ("pending", None, None, 1)
    assert row.due_at <= now()


def test_sweep_leaves_a_lease_when_it_still_holds(scope: Scope):
    claimed_by_a_dead_process(scope)
    change_delivery(scope, lease_until=now() + timedelta(seconds=20), due_at=now() + timedelta(seconds=20))
    tidy_deliveries(SANDBOX)
    assert delivery(scope).lease_id is not None


def test_sweep_gives_up_when_a_delivery_killed_twenty_processes(scope: Scope):
    claimed_by_a_dead_process(scope, attempts=20)
    tidy_deliveries(SANDBOX)
    row = delivery(scope)
    assert (row.state, row.last_reason, row.due_at) == ("dead", "lost", None)


def test_delivery_is_ended_when_nobody_subscribes_any_more(scope: Scope):
    create_subscription(scope, "https://a.test/")
    create_events(scope)
    relay(SANDBOX)
    with unit_of_work(scope):
        for row in session(scope).scalars(Subscription.owned_by(scope)):
            session(scope).delete(row)
    end_orphans()
    row = delivery(scope)
    assert (row.state, row.last_reason, row.due_at) == ("dead", "endpoint_deleted", None)


def test_sweep_holds_deliveries_when_their_endpoint_is_disabled(scope: Scope):
    create_subscription(scope, "https://a.test/")
    create_events(scope)
    relay(SANDBOX)
    with unit_of_work(scope):
        session(scope).scalars(Subscription.owned_by(scope)).one().is_enabled = False
    tidy_deliveries(SANDBOX)
    row = delivery(scope)
    assert (row.state, row.due_at) == ("held", None)


@pytest.fixture
def endpoint(new_scope: NewScope, receiver: Receiver) -> tuple[Scope, str]:
    """A real endpoint of an application with a sandbox tenant, synced to the plane: (the tenant's scope, its id)."""
    scope = new_scope()
    endpoint_id, organisation_id = new_id("we"), new_id("org")
    secret = vault.box.seal(
        signing_secret(), "control", scope.application_id, "webhook_endpoints", endpoint_id, "secret"
    )
    with control_unit() as unit:
        unit.session.add(Organisation(id=organisation_id, name=new_id("Org")))
        unit.session.flush()  # the next rows refer to it
        unit.session.add(Application(id=scope.application_id, organisation_id=organisation_id, name="First"))
        unit.session.flush()  # the next rows refer to it
        unit.session.add(
            Tenant(
                id=scope.tenant_id, environment="sandbox", application_id=scope.application_id, name="R", state="ready"
            )
        )
        unit.session.add(
            WebhookEndpoint(
                id=endpoint_id, application_id=scope.application_id, environment="sandbox", url=receiver.url,
                event_types=["*"], api_version="2026-11-01", scopes=["customers:read", "webhooks:read"],
                sealed_secret=secret, created_at=now() - timedelta(minutes=1),
            )
        )  # fmt: skip
    sync_endpoint(endpoint_id)
    return scope, endpoint_id


def control_state(endpoint_id: str) -> tuple[str, str | None]:
    with control_unit(writes=False):
        row = control().session.get(WebhookEndpoint, endpoint_id)
        return row.state, row.disabled_reason


def test_control_learns_of_a_gone_endpoint_at_once(endpoint: Synced, receiver: Receiver):
    scope, endpoint_id = endpoint
    receiver.answers = [(410, {}, b"")]
    create_events(scope)
    pump(SANDBOX)
    assert control_state(endpoint_id) == ("disabled", "gone_410")
    with unit_of_work(scope, writes=False):
        row = session(scope).scalars(Subscription.owned_by(scope)).one()
    assert (row.is_enabled, row.disabled_reason, row.version) == (False, "gone_410", 2)
    assert untold(SANDBOX) == []


@pytest.fixture
def gone_unsaid(endpoint: Synced, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Synced:
    """An endpoint that answered 410 to a pump that died before it told the control plane."""
    receiver.answers = [(410, {}, b"")]
    create_events(endpoint[0])
    with monkeypatch.context() as patch:
        patch.setattr(deliver, "tell_all", lambda _disabled: None)
        pump(SANDBOX)
    return endpoint


def test_sweep_tells_control_when_the_pump_died_before(gone_unsaid: Synced):
    _scope, endpoint_id = gone_unsaid
    assert control_state(endpoint_id) == ("enabled", None)
    [forgotten] = untold(SANDBOX)
    tell_all([forgotten])
    assert control_state(endpoint_id) == ("disabled", "gone_410")
    assert untold(SANDBOX) == []


def test_control_keeps_the_endpoint_when_it_was_changed_since(gone_unsaid: Synced):
    scope, endpoint_id = gone_unsaid
    with control_unit():
        row = control().session.get(WebhookEndpoint, endpoint_id)
        row.version, row.needs_sync = row.version + 1, True
    tell_all(untold(SANDBOX))
    assert control_state(endpoint_id) == ("enabled", None)
    sync_endpoint(endpoint_id)
    with unit_of_work(scope, writes=False):
        assert session(scope).scalars(Subscription.owned_by(scope)).one().is_enabled is True


def test_sweep_has_owners_warned_of_each_rung_and_told_when_it_is_over(endpoint: Synced, monkeypatch: pytest.MonkeyPatch):
    scope, endpoint_id = endpoint
    since = now() - timedelta(days=3)
    with unit_of_work(scope):
        row = EndpointHealth(id=endpoint_id, failing_since=since, warned_percent=50, failing_reason="http_502")
        session(scope).add(row)
    with monkeypatch.context() as patch:  # a process that dies after it told control
        patch.setattr(disabling, "_told", select(1))
        tell_of_ladder(SANDBOX)
    for percent in (50, 70, 70, 0, 0):
        with unit_of_work(scope):
            session(scope).scalars(EndpointHealth.owned_by(scope)).one().warned_percent = percent
        tell_of_ladder(SANDBOX)
    with unit_of_work(scope, writes=False):
        assert session(scope).scalars(EndpointHealth.owned_by(scope)).one().told_percent == 0
    with control_unit(writes=False):
        told = control().session.scalars(select(Notice.title).where(Notice.link.contains(endpoint_id)).order_by(Notice.id))
        assert [title.partition(" ")[2] for title in told] == [
            "is 50 % of the way to being switched off", "is 70 % of the way to being switched off", "takes webhooks again",
        ]  # fmt: skip


def test_warning_waits_while_a_change_is_on_its_way_to_the_plane(endpoint: Synced):
    scope, endpoint_id = endpoint
    with unit_of_work(scope):
        session(scope).add(EndpointHealth(id=endpoint_id, failing_since=now(), warned_percent=50))
    with control_unit():
        row = control().session.get(WebhookEndpoint, endpoint_id)
        row.version, row.needs_sync = row.version + 1, True
    tell_of_ladder(SANDBOX)
    with unit_of_work(scope, writes=False):
        assert session(scope).scalars(EndpointHealth.owned_by(scope)).one().told_percent == 0


def test_sweep_builds_a_tenant_when_sign_up_was_killed(new_scope: NewScope):
    tenant_id = new_id("tnt")
    with control_unit() as unit:
        unit.session.add(Tenant(id=tenant_id, environment="sandbox", name="R", profile="empty", state="pending"))
    provision_pending()
    with control_unit(writes=False):
        assert control().session.get(Tenant, tenant_id).state == "ready"


def test_sweep_runs_the_other_steps_when_one_fails(scope: Scope, monkeypatch: pytest.MonkeyPatch):
    claimed_by_a_dead_process(scope)
    monkeypatch.setattr("worker.upkeep.untold", lambda _environment: 1 / 0)
    sweep()
    assert delivery(scope).lease_id is None
