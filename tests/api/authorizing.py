"""Somebody who lets clients in, and clients that exchange what they get, for the tests of the token endpoint."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accounts.applications.service import mark_ready
from accounts.applications.service import side_for
from accounts.keys.queries import credential_by_kid
from accounts.oauth.codes import issue_code
from accounts.oauth.grants import give_grant
from accounts.oauth.models import OAuthGrant
from accounts.oauth.service import IssuedClient
from accounts.organisations.members import Member
from accounts.signup.service import sign_up
from api import oauth
from kit.crypto import parse
from kit.ids import new_id
from kit.planes import Environment
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

    def code(self, issued: IssuedClient, redirect_uri: str = CALLBACK, jkt: str | None = None) -> str:
        grant, challenge = self.grant(issued), challenge_of(VERIFIER)
        with control_unit():
            return issue_code(issued.client, grant=grant, redirect_uri=redirect_uri, challenge=challenge, jkt=jkt)


def new_person() -> Person:
    """Sign somebody up; no sandbox is built."""
    with control_unit():
        made = sign_up(
            email=f"{new_id('p').lower()}@example.com", password="correct horse battery", organisation_name="Tills",
            ip="192.0.2.1", user_agent="pytest",
        )  # fmt: skip
        mark_ready(tenant_id=made.tenant_id)
    return Person(made.member, made.application_id, made.tenant_id)


def alone() -> FlaskClient:
    """The endpoints alone, without the platform's request limits."""
    app = Flask("oauth alone")
    app.register_blueprint(oauth.blueprint)
    app.config["PUBLIC_URL"] = "https://tableport.example"
    return app.test_client()


def exchange(
    http: FlaskClient, issued: IssuedClient, code: str, *, proof: str | None = None, **changes: str | None
) -> TestResponse:
    form: dict[str, str | None] = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER,
        "client_id": issued.client.id, "client_secret": issued.secret or None,
    } | changes  # fmt: skip
    return ask(http, form, proof)


def refresh(
    http: FlaskClient, issued: IssuedClient, token: str, *, proof: str | None = None, **changes: str | None
) -> TestResponse:
    form: dict[str, str | None] = {
        "grant_type": "refresh_token", "refresh_token": token, "client_id": issued.client.id,
        "client_secret": issued.secret or None,
    } | changes  # fmt: skip
    return ask(http, form, proof)


def ask(http: FlaskClient, form: dict[str, str | None], proof: str | None = None) -> TestResponse:
    """What the token endpoint answers; a parameter of None is left out."""
    given = {name: value for name, value in form.items() if value is not None}
    return http.post("/oauth/token", data=given, headers={"DPoP": proof} if proof else {})


def outcome(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json.get("error", "")


def is_revoked(token: str) -> bool:
    with control_unit(writes=False):
        row = credential_by_kid(parse(token).kid)
    return row.revoked_at_us is not None


def at_once(send: Callable[[], TestResponse]) -> list[TestResponse]:
    """The answers to eight requests that start together."""
    barrier = Barrier(MANY)

    def run(_: int) -> TestResponse:
        barrier.wait()
        return send()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(run, range(MANY)))
