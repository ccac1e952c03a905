"""Provisioning: resumable wherever it stops, and what a new account finds."""

from contextlib import suppress

import pytest
from flask import Flask

from accounts.applications.service import create_tenant
from accounts.applications.service import get_tenant
from accounts.applications.service import seeding_side
from accounts.signup.service import SignedUp
from accounts.signup.service import sign_up
from accounts.webhooks.models import Subscription
from accounts.webhooks.options import Options
from accounts.webhooks.service import change_signature
from accounts.webhooks.service import create_endpoint
from accounts.webhooks.service import list_endpoints
from accounts.webhooks.service import update_endpoint
from accounts.webhooks.sync import sync_pending
from kit.clock import now_us
from kit.errors import Invalid
from kit.ids import new_id
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import Unit
from kit.unit import control_unit
from kit.unit import session
from kit.unit import tenant_now_us
from kit.unit import unit_of_work
from sandbox import endpoints
from sandbox import inbox
from sandbox import service
from sandbox.provision import provision


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def account(app: Flask) -> SignedUp:
    """A new sign-up whose sandbox is pending."""
    email = f"{new_id('x').lower()}@example.com"
    with control_unit():
        return sign_up(email=email, password="a rather long passphrase", organisation_name="Acme", ip="", user_agent="")


def urls(application_id: str) -> list[str]:
    with control_unit(writes=False):
        return [endpoint.url for endpoint in list_endpoints(seeding_side(application_id=application_id))]


def scope_of(account: SignedUp) -> Scope:
    return Scope(Environment.SANDBOX, account.tenant_id, application_id=account.application_id)


def subscriptions(scope: Scope) -> dict[str, bool]:
    with unit_of_work(scope, writes=False):
        rows = session(scope).scalars(Subscription.owned_by(scope))
        return {row.url: row.is_enabled for row in rows}


def test_new_account_gets_world_real_clock_inbox_and_fixture_endpoints(account: SignedUp) -> None:
    provision(account.tenant_id)

    scope = scope_of(account)
    with control_unit(writes=False):
        assert get_tenant(tenant_id=account.tenant_id).state == "ready"
    with unit_of_work(scope, writes=False):
        state = service.state(scope)
        assert abs(tenant_now_us(scope) - now_us()) < 5_000_000
        [address] = inbox.list_inboxes(scope)
        assert inbox.messages(scope, token=inbox.token_of(address)) == []
    assert (state["counts"]["orders"], state["clock"]["mode"]) == (8, "real")
    assert urls(account.application_id) == [
        address, "https://hooks.sandbox.invalid/ok", "https://hooks.sandbox.invalid/fail-502",
    ]  # fmt: skip
    assert subscriptions(scope) == dict.fromkeys(urls(account.application_id), True)


def test_provisioning_a_ready_tenant_changes_nothing(account: SignedUp) -> None:
    provision(account.tenant_id)
    scope = scope_of(account)
    with unit_of_work(scope):
        before = service.state(scope)
    provision(account.tenant_id)

    with unit_of_work(scope, writes=False):
        assert service.state(scope)["counts"] == before["counts"]
    assert len(urls(account.application_id)) == 3


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("commit", range(1, 14))
def test_provisioning_is_finished_by_the_next_run_when_killed_around_a_commit(
    account: SignedUp, monkeypatch: pytest.MonkeyPatch, commit: int, moment: str
) -> None:
    with monkeypatch.context() as patched:
        kill_at(patched, commit, moment)
        with suppress(Killed):
            provision(account.tenant_id)
    provision(account.tenant_id)
    sync_pending()

    scope = scope_of(account)
    with control_unit(writes=False):
        assert get_tenant(tenant_id=account.tenant_id).state == "ready"
    with unit_of_work(scope, writes=False):
        assert service.state(scope)["counts"]["orders"] == 8
        assert len(inbox.list_inboxes(scope)) == 1
    assert subscriptions(scope) == dict.fromkeys(urls(account.application_id), True)
    assert len(urls(account.application_id)) == 3


def kill_at(patched: pytest.MonkeyPatch, number: int, moment: str) -> None:
    """End the process around the number-th commit from now."""
    commit, count = Unit.commit, iter(range(1, 1000))

    def killing(unit: Unit) -> None:
        is_now = next(count) == number
        if is_now and moment == "before":
            raise Killed
        commit(unit)
        if is_now:
            raise Killed

    patched.setattr(Unit, "commit", killing)


def test_tenant_stays_pending_when_its_world_cannot_be_built(account: SignedUp) -> None:
    with control_unit():
        get_tenant(tenant_id=account.tenant_id).profile = "gigantic"
    with pytest.raises(Invalid):
        provision(account.tenant_id)

    with control_unit():
        tenant = get_tenant(tenant_id=account.tenant_id)
        assert tenant.state == "pending"
        tenant.profile = "minimal"
    provision(account.tenant_id)
    with control_unit(writes=False):
        assert get_tenant(tenant_id=account.tenant_id).state == "ready"


def test_production_tenant_gets_its_rows_without_endpoints(account: SignedUp) -> None:
    with control_unit():
        tenant = create_tenant(
            environment=Environment.PRODUCTION, application_id=None, name="Group", plan_tier="pro", clock_mode="frozen"
        )
    provision(tenant.id)

    scope = Scope(Environment.PRODUCTION, tenant.id)
    with unit_of_work(scope, writes=False):
        assert service.state(scope)["counts"]["orders"] == 8
        assert inbox.list_inboxes(scope) == []
        assert abs(tenant_now_us(scope) - now_us()) < 5_000_000


def test_reset_removes_api_endpoints_and_repairs_the_worlds(account: SignedUp) -> None:
    provision(account.tenant_id)
    before = urls(account.application_id)
    with control_unit():
        side = seeding_side(application_id=account.application_id)
        by_url = {endpoint.url: endpoint for endpoint in list_endpoints(side)}
        made = create_endpoint(side, url="https://example.com/hook", event_types=["*"]).endpoint
        made.made_by = "api"
        changed = by_url["https://hooks.sandbox.invalid/ok"]
        change_signature(side, endpoint_id=changed.id, signature="v1a")
        options: Options = {"filters": [{"field": "id", "operator": "eq", "value": "x"}], "headers": {"x-a": "b"}}
        update_endpoint(side, endpoint_id=changed.id, state="disabled", options=options)
        by_url["https://hooks.sandbox.invalid/fail-502"].made_by = "gone"
        by_url["https://hooks.sandbox.invalid/fail-502"].deleted_at = made.created_at
    endpoints.after_reset(account.tenant_id)

    with control_unit(writes=False):
        rows = list_endpoints(seeding_side(application_id=account.application_id))
    assert [row.url for row in rows] == before
    assert {(row.state, row.signature, str(row.filters), str(row.header_names)) for row in rows} == {
        ("enabled", "v1", "[]", "[]"),
    }  # fmt: skip
    assert subscriptions(scope_of(account))["https://example.com/hook"] is False


def test_reset_keeps_endpoints_made_in_the_portal(account: SignedUp) -> None:
    provision(account.tenant_id)
    with control_unit():
        [own] = [row for row in list_endpoints(seeding_side(application_id=account.application_id)) if row.made_by == "portal"]
        own.state = "disabled"
        own_id = own.id
    endpoints.after_reset(account.tenant_id)

    with control_unit(writes=False):
        [own] = [row for row in list_endpoints(seeding_side(application_id=account.application_id)) if row.made_by == "portal"]
    assert (own.id, own.state) == (own_id, "disabled")
