"""OAuth clients and tokens below HTTP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy import select

from accounts.applications.errors import ProductionNotConnected
from accounts.audit.queries import list_entries
from accounts.keys.queries import credential_by_kid
from accounts.oauth.models import AccessToken
from accounts.oauth.service import change_client
from accounts.oauth.service import create_client
from accounts.oauth.service import granted
from accounts.oauth.service import issue_token
from accounts.oauth.service import list_clients
from accounts.oauth.service import revoke_client
from accounts.oauth.service import revoke_token
from accounts.oauth.service import verify_client
from kit.clock import now
from kit.crypto import parse
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlanRequired
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from tests.accounts.conftest import Account

SCOPES = ["orders:read", "menus:read"]


def test_client_proves_itself_with_the_secret_shown_once(account: Account):
    with control_unit():
        issued = create_client(account.side(), name=" Sync ", scopes=SCOPES)
    assert issued.secret.startswith("tp_test_cs_")
    assert issued.client.id.startswith("cli_")
    assert issued.secret not in str(issued.client.__dict__)
    with control_unit(writes=False):
        assert verify_client(client_id=issued.client.id, secret=issued.secret).name == "Sync"
        for client_id, secret in ((issued.client.id, issued.secret[:-1]), ("cli_none", issued.secret), ("\x00", "")):
            assert verify_client(client_id=client_id, secret=secret) is None


def test_client_of_production_needs_a_restaurant_and_gets_live_texts(account: Account):
    with pytest.raises(ProductionNotConnected), control_unit():
        create_client(account.side(Environment.PRODUCTION), name="x", scopes=SCOPES)
    with control_unit():
        issued = create_client(account.production_side("pro"), name="x", scopes=SCOPES)
        text, lasts_s = issue_token(issued.client, scopes=SCOPES)
    assert (issued.secret[:11], text[:11], lasts_s) == ("tp_live_cs_", "tp_live_at_", 3600)


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"name": "a\x00"}, {"scopes": []}, {"scopes": ["orders:fly"]}],
    ids=["blank", "nul", "no-scope", "unknown-scope"],
)  # fmt: skip
def test_client_is_refused_when_input_is_bad(account: Account, change: dict[str, Any]):
    with pytest.raises(Invalid), control_unit():
        create_client(account.side(), **{"name": "x", "scopes": SCOPES} | change)


def test_client_is_refused_beyond_its_creators_scopes_or_role(account: Account):
    with control_unit():
        viewer = account.colleague("viewer")
        side = replace(account.side(), scopes=frozenset({"orders:read"}))
    with pytest.raises(Forbidden) as refused, control_unit():
        create_client(side, name="x", scopes=SCOPES)
    assert refused.value.data == {"required_scopes": ["menus:read"]}
    with pytest.raises(Forbidden), control_unit():
        create_client(account.side(member=viewer), name="x", scopes=SCOPES)


@pytest.mark.parametrize(("plan", "allowed", "required"), [("smart", 0, "pro"), ("pro", 3, "enterprise")])
def test_client_is_refused_with_the_plan_it_needs_when_the_plan_is_used_up(
    account: Account, plan: str, allowed: int, required: str
):
    with control_unit():
        side = account.production_side(plan)
        for _ in range(allowed):
            create_client(side, name="x", scopes=SCOPES)
    with pytest.raises(PlanRequired) as refused, control_unit():
        create_client(side, name="x", scopes=SCOPES)
    assert refused.value.data == {"required_plan": required}


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        ("", ["orders:read", "menus:read"]),
        ("menus:read", ["menus:read"]),
        ("menus:read orders:read menus:read", ["menus:read", "orders:read"]),
        ("menus:read orders:write", None),
        (" menus:read", None),
    ],
    ids=["none-named", "one", "repeated", "foreign", "leading-space"],
)
def test_scopes_are_granted_exactly_or_not_at_all(account: Account, requested: str, expected: Any):
    with control_unit():
        client = create_client(account.side(), name="x", scopes=SCOPES).client
    assert granted(client, requested) == expected


def test_revoked_client_takes_its_tokens_with_it(account: Account):
    with control_unit():
        issued = create_client(account.side(), name="x", scopes=SCOPES)
        text, _ = issue_token(issued.client, scopes=SCOPES)
    for _ in range(2):
        with control_unit():
            revoke_client(account.side(), client_id=issued.client.id)
    with control_unit(writes=False):
        assert verify_client(client_id=issued.client.id, secret=issued.secret) is None
        assert credential_by_kid(parse(text).kid).revoked_at_us is not None
        assert [entry.action for entry in list_entries(account.member, limit=2)] == ["client.revoked", "client.created"]


def test_client_of_another_organisation_looks_absent(account: Account, stranger: Account):
    with control_unit():
        foreign = create_client(stranger.side(), name="x", scopes=SCOPES).client
    for client_id in (foreign.id, "cli_none"):
        with pytest.raises(NotFound), control_unit():
            revoke_client(account.side(), client_id=client_id)
    with control_unit(writes=False):
        assert list_clients(account.side()) == []
        assert [client.revoked_at for client in list_clients(stranger.side())] == [None]


def test_token_is_revoked_by_its_own_client_only(account: Account, stranger: Account):
    with control_unit():
        mine = create_client(account.side(), name="x", scopes=SCOPES).client
        other = create_client(stranger.side(), name="x", scopes=SCOPES).client
        text, _ = issue_token(mine, scopes=SCOPES)
        assert revoke_token(other, text=text) is False
        assert revoke_token(mine, text="garbage") is False
        assert credential_by_kid(parse(text).kid).revoked_at_us is None
        assert revoke_token(mine, text=text) is True
    with control_unit(writes=False):
        assert credential_by_kid(parse(text).kid).revoked_at_us is not None


def test_old_tokens_are_cleared_away_when_a_new_one_is_issued(account: Account):
    with control_unit():
        client = create_client(account.side(), name="x", scopes=SCOPES).client
        for age in (timedelta(hours=25), timedelta(hours=23)):
            text, _ = issue_token(client, scopes=SCOPES)
            control().session.get(AccessToken, parse(text).kid).expires_at = now() - age
    with control_unit():
        issue_token(client, scopes=SCOPES)
        count = select(func.count()).select_from(AccessToken).where(AccessToken.client_id == client.id)
        assert control().session.scalar(count) == 2


CODE = {"grant_types": ["authorization_code"], "redirect_uris": ["https://app.example/cb"]}


def test_public_client_has_no_secret_and_nothing_proves_it(account: Account):
    with control_unit():
        issued = create_client(account.side(), name="x", scopes=SCOPES, kind="public", **CODE)
    assert (issued.secret, issued.client.secret_digest, issued.client.kind) == ("", "", "public")
    with control_unit(writes=False):
        assert verify_client(client_id=issued.client.id, secret="") is None


def test_client_for_peoples_consent_needs_no_restaurant_in_production(account: Account):
    with control_unit():
        client = create_client(account.side(Environment.PRODUCTION), name="x", scopes=SCOPES, **CODE).client
        assert (client.tenant_id, client.redirect_uris) == (None, ["https://app.example/cb"])
    with pytest.raises(ProductionNotConnected), control_unit():
        change_client(
            account.side(Environment.PRODUCTION), client_id=client.id, name="x",
            grant_types=["client_credentials", "authorization_code"], redirect_uris=["https://app.example/cb"],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "secret"}, "kind"),
        ({"grant_types": []}, "grant_types"),
        ({"grant_types": ["password"]}, "grant_types"),
        ({"kind": "public"}, "grant_types"),
        ({"grant_types": ["authorization_code"]}, "redirect_uris"),
        ({"redirect_uris": ["https://app.example/cb"]}, "redirect_uris"),
    ],
    ids=["kind", "no-grant", "other-grant", "public-for-itself", "code-without-uri", "uri-without-code"],
)
def test_client_is_refused_when_its_parts_do_not_fit(account: Account, change: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused, control_unit():
        create_client(account.side(), name="x", scopes=SCOPES, **change)
    assert [error.field for error in refused.value.errors] == [field]


def test_client_is_changed_by_its_own_organisation_only(account: Account, stranger: Account):
    with control_unit():
        client = create_client(account.side(), name="x", scopes=SCOPES).client
        change_client(account.side(), client_id=client.id, name=" y ", **CODE)
    assert (client.name, client.grant_types) == ("y", ["authorization_code"])
    with pytest.raises(NotFound), control_unit():
        change_client(stranger.side(), client_id=client.id, name="z", **CODE)
    with control_unit(writes=False):
        assert list_entries(account.member, limit=1)[0].action == "client.changed"
