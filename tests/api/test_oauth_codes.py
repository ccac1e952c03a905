"""Exchanging authorization codes: once, by their client, with the verifier, within a minute."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy import update
from werkzeug.test import TestResponse

from accounts.applications.service import mark_ready
from accounts.applications.service import side_for
from accounts.keys.queries import credential_by_kid
from accounts.oauth.codes import issue_code
from accounts.oauth.grants import give_grant
from accounts.oauth.grants import revoke_grant
from accounts.oauth.models import AccessToken
from accounts.oauth.models import AuthorizationCode
from accounts.oauth.models import OAuthGrant
from accounts.oauth.service import IssuedClient
from accounts.organisations.members import Member
from accounts.people.service import sign_up
from api import oauth
from kit.clock import now
from kit.crypto import parse
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from tests.support.oauth import CALLBACK
from tests.support.oauth import VERIFIER
from tests.support.oauth import challenge_of
from tests.support.oauth import register

MANY = 8


@dataclass(frozen=True)
class Person:
    """Somebody who lets clients of their own application into its sandbox."""

    member: Member
    application_id: str
    tenant_id: str

    def register(self, kind: str = "confidential", **options: object) -> IssuedClient:
        with control_unit():
            side = side_for(self.member, application_id=self.application_id, environment=Environment.SANDBOX)
            return register(side, kind=kind, **options)

    def grant(self, issued: IssuedClient, scopes: tuple[str, ...] = ("orders:read", "menus:read")) -> OAuthGrant:
        with control_unit():
            return give_grant(
                self.member, client=issued.client, tenant_id=self.tenant_id, scopes=scopes, asked=issued.client.scopes
            )

    def code(self, issued: IssuedClient, redirect_uri: str = CALLBACK) -> str:
        grant = self.grant(issued)
        with control_unit():
            return issue_code(issued.client, grant=grant, redirect_uri=redirect_uri, challenge=challenge_of(VERIFIER))


@pytest.fixture(scope="module")
def person(app: Flask) -> Person:
    with control_unit():
        made = sign_up(
            email=f"{new_id('p').lower()}@example.com", password="correct horse battery", organisation_name="Tills",
            ip="192.0.2.1", user_agent="pytest",
        )  # fmt: skip
        mark_ready(tenant_id=made.tenant_id)
    return Person(made.member, made.application_id, made.tenant_id)


@pytest.fixture(scope="module")
def issued(person: Person) -> IssuedClient:
    return person.register()


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    """The endpoints alone, without the platform's request limits."""
    alone = Flask("oauth alone")
    alone.register_blueprint(oauth.blueprint)
    alone.config["PUBLIC_URL"] = "https://tableport.example"
    return alone.test_client()


def exchange(http: FlaskClient, issued: IssuedClient, code: str, **changes: str | None) -> TestResponse:
    form: dict[str, str | None] = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER,
        "client_id": issued.client.id, "client_secret": issued.secret or None,
    } | changes  # fmt: skip
    return http.post("/oauth/token", data={name: value for name, value in form.items() if value is not None})


def outcome(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json.get("error", "")


def is_revoked(token: str) -> bool:
    with control_unit(writes=False):
        row = credential_by_kid(parse(token).kid)
    return row.revoked_at_us is not None


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


def test_code_exchanged_twice_ends_what_it_gave(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    code = person.code(issued)
    token = exchange(http, issued, code).json["access_token"]
    assert not is_revoked(token)
    assert outcome(exchange(http, issued, code)) == (400, "invalid_grant")
    assert is_revoked(token)


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


def at_once(send: Callable[[], TestResponse]) -> list[TestResponse]:
    barrier = Barrier(MANY)

    def run(_: int) -> TestResponse:
        barrier.wait()
        return send()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(run, range(MANY)))


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
