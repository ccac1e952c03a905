"""Webhook endpoints: who may change them, what a plan and a credential allow, how secrets turn over."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.applications.service import seeding_side
from accounts.audit.queries import list_entries
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.service import create_endpoint
from accounts.webhooks.service import delete_endpoint
from accounts.webhooks.service import disable_endpoint
from accounts.webhooks.service import enable_endpoint
from accounts.webhooks.service import get_endpoint
from accounts.webhooks.service import list_endpoints
from accounts.webhooks.service import rotate_secret
from accounts.webhooks.service import update_endpoint
from kit.clock import now
from kit.crypto import vault
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlanRequired
from kit.planes import Environment
from kit.unit import control_unit
from tests.accounts.conftest import Account

URL = "https://pos.example.com/hooks"


def opened(endpoint: WebhookEndpoint, sealed: str) -> str:
    return vault.box.open(sealed, "control", endpoint.application_id, "webhook_endpoints", endpoint.id, "secret")


def test_endpoint_is_created_with_a_secret_that_is_stored_sealed(account: Account):
    with control_unit():
        issued = create_endpoint(
            account.side(), url=URL, event_types=["order.created", "order.created"], description=" Till "
        )
    endpoint = issued.endpoint
    assert endpoint.id.startswith("we_")
    assert issued.secret.startswith("whsec_")
    assert issued.secret not in str(endpoint.__dict__)
    assert opened(endpoint, endpoint.sealed_secret) == issued.secret
    assert (endpoint.event_types, endpoint.description, endpoint.state) == (["order.created"], "Till", "enabled")
    assert (endpoint.made_by, endpoint.api_version, endpoint.version) == ("portal", "2026-11-01", 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "ftp://x"}, "url"),
        ({"event_types": []}, "events"),
        ({"event_types": ["order.created", "order.exploded"]}, "events[1]"),
        ({"event_types": ["*", "order.created"]}, "events[0]"),
        ({"description": "a" * 256}, "description"),
    ],
    ids=["url", "no-types", "unknown-type", "star-and-more", "description"],
)
def test_endpoint_is_refused_with_a_field_when_input_is_bad(account: Account, change: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused, control_unit():
        create_endpoint(account.side(), **{"url": URL, "event_types": ["*"]} | change)
    assert [error.field for error in refused.value.errors] == [field]


def test_endpoint_is_refused_when_the_credential_lacks_the_scope_of_a_type(account: Account):
    with control_unit():
        side = replace(account.side(), scopes=frozenset({"orders:read", "webhooks:write"}), made_by="api", role=None)
        assert create_endpoint(side, url=URL, event_types=["order.created"]).endpoint.made_by == "api"
    with pytest.raises(Forbidden) as refused, control_unit():
        create_endpoint(side, url=URL, event_types=["order.created", "payment.created", "menu.created"])
    assert refused.value.data == {"required_scopes": ["menus:read", "payments:read"]}


def test_endpoint_keeps_the_scopes_of_its_creator_when_it_takes_everything(account: Account):
    with control_unit():
        side = replace(account.side(), scopes=frozenset({"orders:read"}), made_by="api")
        assert create_endpoint(side, url=URL, event_types=["*"]).endpoint.scopes == ["orders:read"]


def test_endpoint_is_refused_when_the_plan_lacks_a_type(account: Account):
    with control_unit():
        create_endpoint(account.production_side("smart"), url=URL, event_types=["order.created"])
    with pytest.raises(PlanRequired) as refused, control_unit():
        create_endpoint(account.side(Environment.PRODUCTION), url=URL, event_types=["order.updated"])
    assert refused.value.data == {"required_plan": "pro"}


def test_endpoint_limit_of_the_sandbox_is_five_and_leaves_out_the_worlds_own(account: Account):
    with control_unit():
        for _ in range(3):
            create_endpoint(seeding_side(application_id=account.application_id), url=URL, event_types=["*"])
        for _ in range(4):
            create_endpoint(account.side(), url=URL, event_types=["*"])
    with pytest.raises(Invalid), control_unit():
        create_endpoint(account.side(), url=URL, event_types=["*"])
    with control_unit():
        delete_endpoint(account.side(), endpoint_id=account.signed_up.endpoint_id)
        create_endpoint(account.side(), url=URL, event_types=["*"])


def test_endpoint_limit_holds_when_many_ask_at_once(account: Account):
    with control_unit():
        side = account.production_side("smart")

    def attempt(_: int) -> bool:
        try:
            with control_unit():
                create_endpoint(side, url=URL, event_types=["order.created"])
        except PlanRequired:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(attempt, range(5))) == 2


def test_endpoint_changes_move_the_version_and_repeating_one_does_not(account: Account):
    endpoint_id = account.signed_up.endpoint_id
    change = {"url": URL, "event_types": ["order.created"], "description": "x", "exclude_own": True}
    for _ in range(2):
        with control_unit():
            endpoint = update_endpoint(account.side(), endpoint_id=endpoint_id, **change)
        assert {name: getattr(endpoint, name) for name in change} == change
        assert endpoint.version == 2


def test_endpoint_is_disabled_and_enabled_by_its_owner(account: Account):
    endpoint_id = account.signed_up.endpoint_id
    with control_unit():
        endpoint = update_endpoint(account.side(), endpoint_id=endpoint_id, state="disabled")
        assert (endpoint.state, endpoint.disabled_reason) == ("disabled", "disabled_by_owner")
        endpoint = enable_endpoint(account.side(), endpoint_id=endpoint_id)
        assert (endpoint.state, endpoint.disabled_reason) == ("enabled", None)
    with pytest.raises(Invalid), control_unit():
        update_endpoint(account.side(), endpoint_id=endpoint_id, state="paused")


def test_platform_disables_an_endpoint_once_and_says_why(account: Account):
    endpoint_id = account.signed_up.endpoint_id
    for _ in range(2):
        with control_unit():
            disable_endpoint(endpoint_id=endpoint_id, reason="gone_410")
            disable_endpoint(endpoint_id="we_none", reason="gone_410")
    with control_unit(writes=False):
        endpoint = get_endpoint(account.side(), endpoint_id=endpoint_id)
        entry = list_entries(account.member, limit=1)[0]
    assert (endpoint.state, endpoint.disabled_reason, endpoint.version) == ("disabled", "gone_410", 2)
    assert (entry.action, entry.person_id, entry.details) == ("endpoint.disabled", None, {"reason": "gone_410"})


def test_rotation_keeps_the_old_secret_for_24_hours(account: Account):
    with control_unit():
        first = create_endpoint(account.side(), url=URL, event_types=["*"])
        second = rotate_secret(account.side(), endpoint_id=first.endpoint.id)
        endpoint = get_endpoint(account.side(), endpoint_id=first.endpoint.id)
    assert second.startswith("whsec_")
    assert opened(endpoint, endpoint.sealed_secret) == second
    assert opened(endpoint, endpoint.sealed_previous_secret) == first.secret
    assert timedelta(hours=23, minutes=59) < endpoint.previous_secret_expires_at - now() <= timedelta(hours=24)


def test_endpoint_of_another_organisation_looks_absent(account: Account, stranger: Account):
    foreign = stranger.signed_up.endpoint_id
    for endpoint_id in (foreign, "we_none"):
        for act in (
            get_endpoint, update_endpoint, enable_endpoint, delete_endpoint, rotate_secret,
        ):  # fmt: skip
            with pytest.raises(NotFound) as refused, control_unit():
                act(account.side(), endpoint_id=endpoint_id)
            assert refused.value.detail == "No such resource"
    with control_unit(writes=False):
        assert get_endpoint(stranger.side(), endpoint_id=foreign).version == 1
        assert foreign not in [endpoint.id for endpoint in list_endpoints(account.side())]


def test_endpoint_of_one_environment_looks_absent_in_the_other(account: Account):
    with pytest.raises(NotFound), control_unit():
        get_endpoint(account.side(Environment.PRODUCTION), endpoint_id=account.signed_up.endpoint_id)


def test_deleted_endpoint_looks_absent(account: Account):
    with control_unit():
        delete_endpoint(account.side(), endpoint_id=account.signed_up.endpoint_id)
    with pytest.raises(NotFound), control_unit():
        get_endpoint(account.side(), endpoint_id=account.signed_up.endpoint_id)


@pytest.mark.parametrize("role", ["viewer", "analyst", "finance"])
def test_endpoint_changes_are_forbidden_when_the_role_only_reads(account: Account, role: str):
    with control_unit():
        reader = account.colleague(role)
    endpoint_id = account.signed_up.endpoint_id
    for act in (
        lambda side: create_endpoint(side, url=URL, event_types=["*"]),
        lambda side: update_endpoint(side, endpoint_id=endpoint_id, state="disabled"),
        lambda side: rotate_secret(side, endpoint_id=endpoint_id),
        lambda side: delete_endpoint(side, endpoint_id=endpoint_id),
    ):
        with pytest.raises(Forbidden), control_unit():
            act(account.side(member=reader))
    with control_unit(writes=False):
        assert [endpoint.version for endpoint in list_endpoints(account.side(member=reader))] == [1]


def test_every_change_of_an_endpoint_is_in_the_audit_trail_without_its_secret(account: Account):
    with control_unit():
        issued = create_endpoint(account.side(), url=URL, event_types=["*"])
        secret = rotate_secret(account.side(), endpoint_id=issued.endpoint.id)
        update_endpoint(account.side(), endpoint_id=issued.endpoint.id, description="x")
        delete_endpoint(account.side(), endpoint_id=issued.endpoint.id)
    with control_unit(writes=False):
        entries = list_entries(account.member, limit=4)
    assert [entry.action for entry in entries] == [
        "endpoint.deleted", "endpoint.updated", "endpoint.secret_rotated", "endpoint.created",
    ]  # fmt: skip
    details = str([entry.details for entry in entries])
    assert issued.secret not in details
    assert secret not in details
