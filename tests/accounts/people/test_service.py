"""Signing up, signing in, and browser sessions."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from accounts.applications.service import get_tenant
from accounts.keys.queries import credential_by_kid
from accounts.organisations.service import get_organisation
from accounts.people.errors import EmailTaken
from accounts.people.errors import WrongCredentials
from accounts.people.models import WebSession
from accounts.people.service import Proof
from accounts.people.service import check_password
from accounts.people.service import create_person
from accounts.people.service import find_password
from accounts.people.service import log_out
from accounts.people.service import member_of_session
from accounts.people.service import open_session
from accounts.people.sessions import forget_sessions
from accounts.signup.service import sign_up
from accounts.webhooks.models import Subscription
from accounts.webhooks.service import get_endpoint
from kit.clock import now
from kit.crypto import parse
from kit.crypto import same
from kit.crypto import vault
from kit.errors import Invalid
from kit.unit import control
from kit.unit import control_unit
from kit.unit import session
from kit.unit import unit_of_work
from tests.accounts.conftest import PASSWORD
from tests.accounts.conftest import Account

WHERE = {"ip": "192.0.2.7", "user_agent": "Firefox"}


def log_in(email: str, password: str) -> str:
    """The three steps in, each in the transaction it needs."""
    with control_unit(writes=False):
        known = find_password(email=email)
    proof = check_password(known, password)
    with control_unit():
        return open_session(proof, **WHERE)


def test_sign_up_makes_everything_a_first_call_needs(account: Account):
    made = account.signed_up
    with control_unit(writes=False):
        assert get_organisation(made.member).name == "Pasta & Co"
        assert (made.member.role, made.member.is_operator, made.member.email) == ("owner", False, account.email)
        assert member_of_session(made.session_token) == made.member
        tenant = get_tenant(tenant_id=made.tenant_id)
        assert (tenant.environment, tenant.clock_mode, tenant.plan_tier) == ("sandbox", "real", None)
        credential = parse(made.api_key)
        row = credential_by_kid(credential.kid)
        assert (row.tenant_id, row.application_id, len(row.scopes)) == (made.tenant_id, made.application_id, 39)
        endpoint = get_endpoint(account.side(), endpoint_id=made.endpoint_id)
        assert endpoint.url.startswith("https://inbox.sandbox.invalid/")
        assert (endpoint.event_types, endpoint.made_by, endpoint.needs_sync) == (["*"], "portal", False)
    assert made.api_key.startswith("tp_test_sk_")
    assert same(row.digest, vault.digest(made.api_key))
    with unit_of_work(account.scope, writes=False):
        subscription = session(account.scope).scalar(Subscription.owned_by(account.scope))
        assert (subscription.id, subscription.url) == (made.endpoint_id, endpoint.url)


def test_sign_up_is_refused_when_the_address_is_known_in_other_letters(account: Account):
    with pytest.raises(EmailTaken), control_unit():
        sign_up(email=account.email.upper(), password=PASSWORD, organisation_name="Other", **WHERE)


@pytest.mark.compliance("ASVS 5.0 6.2.1")
@pytest.mark.parametrize(
    ("email", "password", "field", "code"),
    [
        ("no-at.example.com", PASSWORD, "email", "email_invalid"),
        ("two@at@example.com", PASSWORD, "email", "email_invalid"),
        ("local@nodot", PASSWORD, "email", "email_invalid"),
        (f"{'a' * 250}@example.com", PASSWORD, "email", "email_invalid"),
        ("a@example.com", "elevenchars", "password", "password_refused"),
        ("a@example.com", "x" * 129, "password", "password_refused"),
        ("a@example.com", "Qwertyuiop123", "password", "password_refused"),
        ("ada.lovelace@example.com", "Ada.Lovelace@example.com", "password", "password_refused"),
    ],
    ids=["no-at", "two-ats", "no-dot", "too-long", "short", "long", "common", "is-the-address"],
)
def test_sign_up_is_refused_with_a_field_when_input_is_bad(
    app: Flask, email: str, password: str, field: str, code: str
):
    with pytest.raises(Invalid) as refused, control_unit():
        sign_up(email=email, password=password, organisation_name="X", **WHERE)
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_sign_up_succeeds_once_when_one_address_asks_twice_at_once(app: Flask):
    email = f"{now().timestamp()}@example.com"

    def attempt(_: int) -> bool:
        try:
            with control_unit():
                sign_up(email=email, password=PASSWORD, organisation_name="X", **WHERE)
        except EmailTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


@pytest.mark.compliance("ASVS 5.0 7.2.2")
def test_log_in_opens_a_session_of_its_own(account: Account):
    token = log_in(f" {account.email.upper()} ", PASSWORD)
    with control_unit(writes=False):
        assert member_of_session(token) == account.member
    assert token != account.signed_up.session_token


@pytest.mark.parametrize(("known", "password"), [(True, "wrong password"), (False, PASSWORD)], ids=["wrong", "unknown"])
def test_log_in_answers_the_same_when_password_or_address_is_wrong(account: Account, known: bool, password: str):
    email = account.email if known else "nobody@example.com"
    with pytest.raises(WrongCredentials) as refused:
        log_in(email, password)
    assert (refused.value.status, refused.value.detail) == (401, "The e-mail address or the password is wrong")


@pytest.mark.compliance("ASVS 5.0 7.4.1")
def test_session_ends_on_the_server_when_its_person_logs_out(account: Account):
    token = account.signed_up.session_token
    with control_unit():
        log_out(token)
    with control_unit():
        log_out("unknown")
        assert member_of_session(token) is None


@pytest.mark.compliance("ASVS 5.0 7.3.1", "ASVS 5.0 7.3.2", "ASVS 5.0 7.4.1")
@pytest.mark.parametrize(
    "values",
    [{"last_seen_at": now() - timedelta(hours=2, minutes=1)}, {"expires_at": now() - timedelta(seconds=1)}],
    ids=["idle", "expired"],
)
def test_session_is_nobodys_when_too_old(account: Account, values: dict[str, Any]):
    token = account.signed_up.session_token
    with control_unit():
        control().session.execute(update(WebSession).where(WebSession.id == vault.digest(token)).values(**values))
    with control_unit(writes=False):
        assert member_of_session(token) is None


@pytest.mark.parametrize("writes", [True, False], ids=["write-unit", "read-unit"])
def test_session_is_seen_at_most_once_a_minute(account: Account, writes: bool):
    token = account.signed_up.session_token
    long_ago, just_now = now() - timedelta(minutes=5), now() - timedelta(seconds=30)
    for before, moves in ((long_ago, True), (just_now, False)):
        with control_unit():
            change = update(WebSession).where(WebSession.id == vault.digest(token)).values(last_seen_at=before)
            control().session.execute(change)
        with control_unit(writes=writes):
            member_of_session(token)
        with control_unit(writes=False):
            seen = control().session.get(WebSession, vault.digest(token)).last_seen_at
        assert (seen > before) is moves


@pytest.mark.compliance("ASVS 5.0 7.2.3")
def test_session_is_known_by_a_text_of_256_random_bits(account: Account):
    proof = proof_of(account)
    with control_unit():
        tokens = {open_session(proof, **WHERE) for _ in range(3)}
    assert [len(token) for token in tokens] == [43] * 3  # base64 without padding


@pytest.mark.compliance("ASVS 5.0 7.1.2")
def test_oldest_session_ends_when_there_is_one_more_than_twenty(account: Account):
    proof = proof_of(account)
    with control_unit():
        tokens = [account.signed_up.session_token, *(open_session(proof, **WHERE) for _ in range(19))]
    assert open_ones(tokens) == tokens
    with control_unit():
        tokens.append(open_session(proof, **WHERE))
    assert open_ones(tokens) == tokens[1:]


def proof_of(account: Account) -> Proof:
    with control_unit(writes=False):
        return Proof(account.member.person_id, find_password(email=account.email).stored, None)


def open_ones(tokens: list[str]) -> list[str]:
    with control_unit(writes=False):
        return [token for token in tokens if member_of_session(token)]


def test_session_is_forgotten_three_months_after_its_end(account: Account):
    old, young = log_in(account.email, PASSWORD), log_in(account.email, PASSWORD)
    with control_unit():
        for token, days in ((old, 91), (young, 89)):
            control().session.get(WebSession, vault.digest(token)).expires_at = now() - timedelta(days=days)
    with control_unit():
        assert forget_sessions(limit=1000) >= 1
    with control_unit(writes=False):
        kept = [control().session.get(WebSession, vault.digest(token)) is not None for token in (old, young)]
    assert kept == [False, True]


def test_operator_needs_no_organisation(app: Flask):
    with control_unit():
        member = create_person(email=f"op-{now().timestamp()}@example.com", password=PASSWORD, is_operator=True)
    assert (member.organisation_id, member.role, member.is_operator) == ("", "", True)
