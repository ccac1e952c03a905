"""API keys: who may issue them, what they hold, how they end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from accounts.applications.errors import ProductionNotConnected
from accounts.applications.revocations import revocations
from accounts.audit.queries import list_entries
from accounts.audit.service import verify
from accounts.keys.catalog import READ_ONLY
from accounts.keys.errors import KeyNotActive
from accounts.keys.queries import credential_by_kid
from accounts.keys.service import change_version
from accounts.keys.service import create_key
from accounts.keys.service import get_key
from accounts.keys.service import list_keys
from accounts.keys.service import revoke_key
from accounts.keys.service import roll_key
from accounts.keys.service import touch_keys
from accounts.oauth.service import create_client
from accounts.oauth.service import issue_token
from accounts.plans.scopes import SCOPES
from kit.clock import now
from kit.clock import to_us
from kit.crypto import parse
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlanRequired
from kit.planes import Environment
from kit.unit import control_unit
from tests.accounts.conftest import Account


@pytest.mark.parametrize(
    ("scopes", "kind", "head"),
    [
        (list(SCOPES), None, "tp_test_sk_"),
        (list(SCOPES), "rk", "tp_test_rk_"),
        (["menus:read", "orders:read"], None, "tp_test_rk_"),
    ],
    ids=["full", "full-as-restricted", "restricted"],
)
def test_key_has_the_head_of_its_kind(account: Account, scopes: list[str], kind: str | None, head: str):
    with control_unit():
        issued = create_key(account.side(), name=" Till 1 ", scopes=scopes, kind=kind)
    assert issued.text.startswith(head)
    assert (issued.key.head, issued.key.name, issued.key.last4) == (head, "Till 1", issued.text[-4:])
    assert issued.text not in repr(issued.key.__dict__)
    assert parse(issued.text).kid == issued.key.kid


def test_key_scopes_are_kept_once_in_catalogue_order(account: Account):
    with control_unit():
        issued = create_key(account.side(), name="x", scopes=["menus:read", "orders:read", "menus:read"])
    assert issued.key.scopes == ["orders:read", "menus:read"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a" * 81}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["orders:destroy"]}, "scopes"),
        ({"expires_at": now() - timedelta(seconds=1)}, "expires_at"),
        ({"allowed_ips": ["192.0.2.0/24", "nowhere"]}, "allowed_ips[1]"),
        ({"allowed_ips": [f"192.0.2.{n}" for n in range(21)]}, "allowed_ips"),
        ({"kind": "sk"}, "kind"),
        ({"kind": "at"}, "kind"),
    ],
    ids=[
        "blank",
        "long",
        "nul",
        "no-scope",
        "unknown-scope",
        "past",
        "bad-ip",
        "many-ips",
        "restricted-sk",
        "other-kind",
    ],
)
def test_key_is_refused_with_a_field_when_input_is_bad(account: Account, change: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused, control_unit():
        create_key(account.side(), **{"name": "x", "scopes": ["orders:read"]} | change)
    assert [error.field for error in refused.value.errors] == [field]


def test_key_networks_are_normalised(account: Account):
    with control_unit():
        issued = create_key(account.side(), name="x", scopes=READ_ONLY, allowed_ips=["192.0.2.9/24", "2001:DB8::1"])
    assert issued.key.allowed_ips == ["192.0.2.0/24", "2001:db8::1/128"]


@pytest.mark.parametrize("role", ["viewer", "analyst", "finance"])
def test_key_changes_are_forbidden_when_the_role_only_reads(account: Account, role: str):
    with control_unit():
        reader = account.colleague(role)
    with control_unit(writes=False):
        key_id = list_keys(account.side(member=reader))[0].id
    for act in (
        lambda side: create_key(side, name="x", scopes=["orders:read"]),
        lambda side: roll_key(side, key_id=key_id, grace_s=0),
        lambda side: revoke_key(side, key_id=key_id),
    ):
        with pytest.raises(Forbidden) as refused, control_unit():
            act(account.side(member=reader))
        assert (refused.value.code, role in refused.value.detail) == ("insufficient_scope", True)
    with control_unit(writes=False):
        assert [key.revoked_at for key in list_keys(account.side())] == [None]


def test_developer_may_create_a_key(account: Account):
    with control_unit():
        developer = account.colleague("developer")
        issued = create_key(account.side(member=developer), name="x", scopes=READ_ONLY)
    assert issued.key.created_by == developer.person_id


def test_key_of_another_organisation_looks_absent(account: Account, stranger: Account):
    with control_unit(writes=False):
        foreign = list_keys(stranger.side())[0].id
    for key_id in (foreign, "key_none"):
        for act in (
            lambda key_id: get_key(account.side(), key_id=key_id),
            lambda key_id: roll_key(account.side(), key_id=key_id, grace_s=0),
            lambda key_id: revoke_key(account.side(), key_id=key_id),
        ):
            with pytest.raises(NotFound) as refused, control_unit():
                act(key_id)
            assert refused.value.detail == "No such resource"
    with control_unit(writes=False):
        assert get_key(stranger.side(), key_id=foreign).revoked_at is None


def test_key_of_one_environment_looks_absent_in_the_other(account: Account):
    with control_unit():
        live = create_key(account.production_side("pro"), name="x", scopes=["orders:read"]).key
    with pytest.raises(NotFound), control_unit():
        get_key(account.side(), key_id=live.id)


def test_production_key_is_refused_when_no_restaurant_is_connected(account: Account):
    with pytest.raises(ProductionNotConnected) as refused, control_unit():
        create_key(account.side(Environment.PRODUCTION), name="x", scopes=["orders:read"])
    assert (refused.value.status, refused.value.code) == (409, "production_not_connected")


def test_production_key_can_be_made_before_approval_when_a_restaurant_is_connected(account: Account):
    with control_unit():
        tenant_id = account.connected_tenant("pro")
        issued = create_key(account.side(Environment.PRODUCTION), name="x", scopes=["orders:read"])
    with control_unit(writes=False):
        row = credential_by_kid(issued.key.kid)
    assert issued.text.startswith("tp_live_rk_")
    assert (row.tenant_id, row.tenant_plan, row.environment, row.application_state) == (
        tenant_id,
        "pro",
        "production",
        "draft",
    )


def test_production_key_cannot_hold_sandbox_control(account: Account):
    with control_unit():
        account.connected_tenant("pro")
    with pytest.raises(Invalid), control_unit():
        create_key(account.side(Environment.PRODUCTION), name="x", scopes=["sandbox:control"])


@pytest.mark.parametrize(
    ("plan", "allowed", "required"), [("basic", 0, "smart"), ("smart", 2, "pro")], ids=["basic", "smart"]
)
def test_key_is_refused_with_the_plan_it_needs_when_the_plan_is_used_up(
    account: Account, plan: str, allowed: int, required: str
):
    with control_unit():
        side = account.production_side(plan)
        for _ in range(allowed):
            create_key(side, name="x", scopes=["orders:read"])
    with pytest.raises(PlanRequired) as refused, control_unit():
        create_key(side, name="x", scopes=["orders:read"])
    assert refused.value.data == {"required_plan": required}


def test_key_limit_holds_when_many_ask_at_once(account: Account):
    with control_unit():
        side = account.production_side("smart")

    def attempt(_: int) -> bool:
        try:
            with control_unit():
                create_key(side, name="x", scopes=["orders:read"])
        except PlanRequired:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 2
    with control_unit(writes=False):
        assert len(list_keys(side)) == 2


def test_key_frees_its_place_when_revoked_or_rolled(account: Account):
    with control_unit():
        side = account.production_side("smart")
        first = create_key(side, name="x", scopes=["orders:read"]).key
        second = create_key(side, name="x", scopes=["orders:read"]).key
        revoke_key(side, key_id=first.id)
        roll_key(side, key_id=second.id, grace_s=604_800)
        create_key(side, name="x", scopes=["orders:read"])
    with control_unit(writes=False):
        assert len(list_keys(side)) == 4


def test_rolled_key_has_the_same_powers_and_the_old_one_a_grace(account: Account):
    with control_unit():
        old = create_key(
            account.side(), name="Till", scopes=READ_ONLY, allowed_ips=["192.0.2.1"], allow_open_items=True
        ).key
    with control_unit():
        issued = roll_key(account.side(), key_id=old.id, grace_s=3600)
        new, old = issued.key, get_key(account.side(), key_id=old.id)
    same = ("head", "name", "scopes", "allowed_ips", "allow_open_items", "tenant_id", "api_version", "expires_at")
    assert {field: getattr(new, field) for field in same} == {field: getattr(old, field) for field in same} | {
        "expires_at": None
    }
    assert (old.rolled_into_id, old.revoked_at) == (new.id, None)
    assert timedelta(minutes=59) < old.expires_at - now() <= timedelta(hours=1)


def test_rolled_key_ends_at_once_when_the_grace_is_zero(account: Account):
    with control_unit():
        old = create_key(account.side(), name="x", scopes=READ_ONLY).key
        roll_key(account.side(), key_id=old.id, grace_s=0)
    with control_unit(writes=False):
        assert credential_by_kid(old.kid).revoked_at_us <= to_us(now())


@pytest.mark.parametrize("state", ["revoked", "rolled"])
def test_roll_is_refused_when_the_key_is_not_active(account: Account, state: str):
    with control_unit():
        key = create_key(account.side(), name="x", scopes=READ_ONLY).key
        revoke_key(account.side(), key_id=key.id) if state == "revoked" else roll_key(
            account.side(), key_id=key.id, grace_s=3600
        )
    with pytest.raises(KeyNotActive), control_unit():
        roll_key(account.side(), key_id=key.id, grace_s=0)


def test_roll_is_refused_when_the_grace_is_not_offered(account: Account):
    with pytest.raises(Invalid), control_unit():
        roll_key(account.side(), key_id=list_keys(account.side())[0].id, grace_s=60)


def test_revocation_is_announced_after_the_commit_and_only_then(account: Account, monkeypatch: pytest.MonkeyPatch):
    announced: list[str] = []
    monkeypatch.setattr(revocations, "_announce", lambda: announced.append("now"))
    with control_unit():
        key = create_key(account.side(), name="x", scopes=READ_ONLY).key
        assert announced == []

    def fail_after_a_revocation() -> None:
        with control_unit():
            revoke_key(account.side(), key_id=key.id)
            get_key(account.side(), key_id="key_none")

    with pytest.raises(NotFound):
        fail_after_a_revocation()
    assert announced == []
    with control_unit():
        revoke_key(account.side(), key_id=key.id)
    with control_unit():
        revoke_key(account.side(), key_id=key.id)
    assert announced == ["now"]


def test_every_change_of_a_key_is_in_the_audit_trail_without_its_text(account: Account):
    with control_unit():
        first = create_key(account.side(), name="x", scopes=["orders:read"])
        second = roll_key(account.side(), key_id=first.key.id, grace_s=3600)
        revoke_key(account.side(), key_id=second.key.id)
    with control_unit(writes=False):
        entries = list_entries(account.member, limit=3)
    assert [(entry.action, entry.target, entry.person_id) for entry in entries] == [
        ("key.revoked", second.key.id, account.member.person_id),
        ("key.rolled", second.key.id, account.member.person_id),
        ("key.created", first.key.id, account.member.person_id),
    ]
    assert first.text not in str([entry.details for entry in entries])


def test_version_of_a_key_is_changed_and_written_down(account: Account):
    with control_unit():
        key = create_key(account.side(), name="x", scopes=["orders:read"]).key
        for _ in range(2):
            assert change_version(account.side(), key_id=key.id, api_version="2026-09-01").api_version == "2026-09-01"
        entry = list_entries(account.member, limit=1)[0]
        assert (entry.action, entry.details["from"], entry.details["to"]) == ("key.version_changed", "2026-11-01", "2026-09-01")
        assert entry.sequence == verify(account.organisation_id).length
        revoke_key(account.side(), key_id=key.id)
    with pytest.raises(KeyNotActive), control_unit():
        change_version(account.side(), key_id=key.id, api_version="2026-11-01")


def test_touch_notes_the_use_of_a_key_at_most_once_a_minute(account: Account):
    with control_unit(writes=False):
        key = list_keys(account.side())[0]
    at = now()
    for offset_s, ip in ((0, "192.0.2.1"), (59, "198.51.100.2"), (61, "2001:db8:7:9::3")):
        with control_unit():
            used = {key.kid: (to_us(at + timedelta(seconds=offset_s)), ip, f"GET /v1/{offset_s}")}
            touch_keys(used | {"unknown0": (to_us(at), ip, "GET /v1/me")})
        with control_unit(writes=False):
            key = get_key(account.side(), key_id=key.id)
        expected = {0: ("192.0.2.0/24", 0), 59: ("192.0.2.0/24", 0), 61: ("2001:db8:7::/48", 61)}[offset_s]
        assert (key.last_used_ip, key.last_used_at) == (expected[0], at + timedelta(seconds=expected[1]))
        assert key.last_used_for == f"GET /v1/{expected[1]}"


def test_credential_is_found_by_its_kid_for_keys_and_tokens_alike(account: Account):
    with control_unit():
        side = account.side()
        key = create_key(side, name="x", scopes=["orders:read"], allowed_ips=["192.0.2.1"], allow_open_items=True).key
        client = create_client(side, name="x", scopes=["orders:read", "menus:read"]).client
        text, _ = issue_token(client, scopes=["menus:read"])
    with control_unit(writes=False):
        by_key, by_token = credential_by_kid(key.kid), credential_by_kid(parse(text).kid)
        assert credential_by_kid("absent00") is None
    assert (by_key.id, by_key.scopes, by_key.allowed_ips, by_key.allow_open_items) == (
        key.id, ["orders:read"], ["192.0.2.1/32"], True,
    )  # fmt: skip
    assert (by_token.id, by_token.scopes, by_token.allowed_ips, by_token.allow_open_items) == (
        client.id, ["menus:read"], [], False,
    )  # fmt: skip
    for row in (by_key, by_token):
        assert (row.application_id, row.organisation_id) == (account.application_id, account.organisation_id)
        assert (row.tenant_id, row.tenant_plan, row.environment) == (account.signed_up.tenant_id, None, "sandbox")
        assert (row.product, row.api_version, row.application_state) == ("core", "2026-11-01", "draft")
    assert (by_key.expires_at_us, by_key.revoked_at_us) == (None, None)
