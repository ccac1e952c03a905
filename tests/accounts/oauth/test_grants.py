"""Grants below HTTP: when they were used, and who may end them."""

from datetime import timedelta

import pytest

from accounts.audit.queries import list_entries
from accounts.oauth.grants import give_grant
from accounts.oauth.grants import list_grants
from accounts.oauth.grants import revoke_grant
from accounts.oauth.grants import touch_grants
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import OAuthGrant
from accounts.oauth.service import issue_token
from accounts.organisations.members import Member
from kit.clock import now
from kit.clock import to_us
from kit.crypto import parse
from kit.errors import Forbidden
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from tests.accounts.conftest import Account
from tests.support.oauth import register


def granted(account: Account, member: Member | None = None) -> tuple[OAuthClient, OAuthGrant]:
    """A client that a member let into the account's sandbox; needs an open control unit."""
    client = register(account.side()).client
    grant = give_grant(
        member or account.member, client=client, tenant_id=account.signed_up.tenant_id, scopes=["orders:read"],
        asked=client.scopes,
    )  # fmt: skip
    return client, grant


def test_use_of_a_grants_token_is_noted_once_a_minute(account: Account):
    with control_unit():
        client, grant = granted(account)
        kid = parse(issue_token(client, scopes=["orders:read"], grant_id=grant.id)[0]).kid
        own = parse(issue_token(client, scopes=["orders:read"])[0]).kid
    first = now()
    for at in (first, first + timedelta(seconds=59), first + timedelta(seconds=61)):
        with control_unit():
            touch_grants({kid: (to_us(at), "192.0.2.1"), own: (to_us(at), ""), "unknown0": (to_us(at), "")})
            control().session.expire_all()
            expected = first if at < first + timedelta(seconds=60) else at
            assert control().session.get(OAuthGrant, grant.id).last_used_at == expected


def test_viewer_ends_no_grant_but_who_gave_one_does_whatever_they_are_now(account: Account):
    with control_unit():
        viewer, developer = account.colleague("viewer"), account.colleague("developer")
        _, grant = granted(account, developer)
    with pytest.raises(Forbidden), control_unit():
        revoke_grant(viewer, grant_id=grant.id)
    demoted = Member(developer.person_id, developer.organisation_id, "viewer", is_operator=False, email="")
    for _ in range(2):
        with control_unit():
            revoke_grant(demoted, grant_id=grant.id)
    with control_unit(writes=False):
        assert list_grants(account.member, environment=Environment.SANDBOX) == []
        assert [entry.action for entry in list_entries(account.member, limit=2)] == ["grant.revoked", "grant.given"]
