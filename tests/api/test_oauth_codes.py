"""Exchanging authorization codes: once, by their client, with the verifier, within a minute."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy import update

from accounts.keys.queries import credential_by_kid
from accounts.oauth.grants import revoke_grant
from accounts.oauth.models import AccessToken
from accounts.oauth.models import AuthorizationCode
from accounts.oauth.models import OAuthGrant
from accounts.oauth.service import IssuedClient
from kit.clock import now
from kit.crypto import parse
from kit.unit import control
from kit.unit import control_unit
from tests.api.authorizing import Person
from tests.api.authorizing import alone
from tests.api.authorizing import at_once
from tests.api.authorizing import exchange
from tests.api.authorizing import is_revoked
from tests.api.authorizing import new_person
from tests.api.authorizing import outcome
from tests.support.oauth import VERIFIER


@pytest.fixture(scope="module")
def person(app: Flask) -> Person:
    return new_person()


@pytest.fixture(scope="module")
def issued(person: Person) -> IssuedClient:
    return person.register()


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return alone()


@pytest.mark.compliance("RFC 9700 2.1.1-3")
@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_code_is_exchanged_for_a_token_of_the_persons_tenant(http: FlaskClient, person: Person, kind: str) -> None:
    issued = person.register(kind)
    answer = exchange(http, issued, person.code(issued))
    assert (answer.status_code, answer.json["scope"], answer.headers["Cache-Control"]) == (
        200, "orders:read menus:read", "no-store",
    )  # fmt: skip
    with control_unit(writes=False):
        row = credential_by_kid(parse(answer.json["access_token"]).kid)
    assert (row.id, row.tenant_id, row.scopes) == (issued.client.id, person.tenant_id, ["orders:read", "menus:read"])


@pytest.mark.compliance("RFC 9700 4.2.4", "ASVS 5.0 10.4.2")
def test_code_exchanged_twice_ends_what_it_gave(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    code = person.code(issued)
    token = exchange(http, issued, code).json["access_token"]
    assert not is_revoked(token)
    assert outcome(exchange(http, issued, code)) == (400, "invalid_grant")
    assert is_revoked(token)


@pytest.mark.compliance("RFC 9700 2.1.1-4", "ASVS 5.0 10.4.6", "ASVS 5.0 10.4.10")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"code": None}, (400, "invalid_request")),
        ({"code": "x"}, (400, "invalid_grant")),
        ({"code": ""}, (400, "invalid_grant")),
        ({"redirect_uri": None}, (400, "invalid_grant")),
        ({"redirect_uri": "http://127.0.0.1/cb"}, (400, "invalid_grant")),
        ({"code_verifier": None}, (400, "invalid_request")),
        ({"code_verifier": "short"}, (400, "invalid_request")),
        ({"code_verifier": VERIFIER[::-1]}, (400, "invalid_grant")),
        ({"client_secret": None}, (401, "invalid_client")),
        ({"client_secret": "wrong"}, (401, "invalid_client")),
        ({"client_id": None, "client_secret": None}, (401, "invalid_client")),
    ],
    ids=[
        "no-code", "unknown", "empty", "no-address", "other-address", "no-verifier", "short-verifier", "other-verifier",
        "no-secret", "wrong-secret", "no-client",
    ],
)  # fmt: skip
def test_code_is_not_exchanged_when_the_request_is_wrong_and_stays_good(
    http: FlaskClient, person: Person, issued: IssuedClient, change: dict[str, str | None], expected: tuple[int, str]
) -> None:
    code = person.code(issued)
    assert outcome(exchange(http, issued, **{"code": code} | change)) == expected
    assert exchange(http, issued, code).status_code == 200


def test_code_of_another_client_is_unknown_and_stays_good(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    other, code = person.register("public"), person.code(issued)
    assert outcome(exchange(http, other, code)) == (400, "invalid_grant")
    assert exchange(http, issued, code).status_code == 200


def test_public_client_with_a_secret_and_confidential_one_without_are_refused(http: FlaskClient, person: Person) -> None:
    public = person.register("public")
    assert outcome(exchange(http, public, person.code(public), client_secret="x")) == (401, "invalid_client")


def expire_codes(issued: IssuedClient) -> None:
    with control_unit():
        of_client = update(AuthorizationCode).where(AuthorizationCode.client_id == issued.client.id)
        control().session.execute(of_client.values(expires_at=now() - timedelta(seconds=1)))


@pytest.mark.compliance("ASVS 5.0 10.4.3", "ASVS 5.0 10.4.4")
@pytest.mark.parametrize("ending", ["expired", "grant-revoked", "unregistered"])
def test_code_is_not_exchanged_when_it_has_ended(http: FlaskClient, person: Person, ending: str) -> None:
    issued = person.register()
    code = person.code(issued)
    ways: dict[str, Callable[[], Any]] = {
        "expired": lambda: expire_codes(issued), "grant-revoked": lambda: end_grants(person, issued),
        "unregistered": lambda: forbid_codes(issued),
    }  # fmt: skip
    ways[ending]()
    error = "unauthorized_client" if ending == "unregistered" else "invalid_grant"
    assert outcome(exchange(http, issued, code)) == (400, error)


def end_grants(person: Person, issued: IssuedClient) -> None:
    with control_unit():
        for grant_id in list(control().session.scalars(select(OAuthGrant.id).where(OAuthGrant.client_id == issued.client.id))):
            revoke_grant(person.member, grant_id=grant_id)


def forbid_codes(issued: IssuedClient) -> None:
    with control_unit():
        control().session.get(type(issued.client), issued.client.id).grant_types = ["client_credentials"]


@pytest.mark.compliance("ASVS 5.0 10.4.2")
def test_one_of_eight_at_the_same_moment_gets_a_token_and_it_ends_at_once(http: FlaskClient, person: Person) -> None:
    issued = person.register()
    code = person.code(issued)
    app = http.application
    answers = at_once(lambda: exchange(app.test_client(), issued, code))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    with control_unit(writes=False):
        query = select(AccessToken.revoked_at).where(AccessToken.client_id == issued.client.id)
        ends = list(control().session.scalars(query))
    assert (len(ends), None in ends) == (1, False)
