"""Client libraries of others against the whole application: Authlib's own and requests-oauthlib."""

from io import BytesIO
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from flask import Flask
from requests.adapters import BaseAdapter
from requests_oauthlib import OAuth2Session

from accounts.oauth.grants import give_grant
from accounts.oauth.service import IssuedClient
from api.oauth.asking import Asked
from api.oauth.asking import read_authorization
from kit.ids import new_id
from kit.unit import control_unit
from tests.api.authorizing import Person
from tests.api.authorizing import new_person
from tests.support.oauth import CALLBACK

HOST = "https://tableport.example"
SCOPE = "orders:read menus:read"


class InProcess(BaseAdapter):
    """Answers requests' calls from an application in this process."""

    def __init__(self, app: Flask, address: str) -> None:
        super().__init__()
        self._client = app.test_client(use_cookies=False)
        self._client.environ_base["REMOTE_ADDR"] = address

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        path = str(request.url).removeprefix(HOST)
        got = self._client.open(path, method=request.method, headers=dict(request.headers), data=request.body)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = got.status_code, str(request.url), request
        answer.headers.update(dict(got.headers))
        answer.raw = BytesIO(got.data)
        return answer

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="module")
def person(app: Flask) -> Person:
    return new_person()


@pytest.fixture
def issued(person: Person, request: pytest.FixtureRequest) -> IssuedClient:
    return person.register(request.param, grant_types=["authorization_code", "refresh_token"])


@pytest.fixture
def address() -> str:
    """An address of its own, so that no other test's requests count."""
    tail = new_id("x")[-4:].encode().hex()
    return f"2001:db8:2::{tail[:4]}:{tail[4:]}"


def sent_back(app: Flask, person: Person, url: str) -> str:
    """Where the consent of a person leads from an authorization address."""
    with app.test_request_context(url.removeprefix(HOST)) as context, control_unit():
        asked = read_authorization(context.request)
        assert isinstance(asked, Asked)
        grant = give_grant(
            person.member, client=asked.client, tenant_id=person.tenant_id, scopes=asked.scopes, asked=asked.scopes
        )
        return asked.answer(grant)


@pytest.mark.parametrize("issued", ["confidential", "public"], indirect=True)
def test_authlib_completes_the_flow(app: Flask, person: Person, issued: IssuedClient, address: str) -> None:
    client = AuthlibSession(
        issued.client.id, issued.secret or None, scope=SCOPE, redirect_uri=CALLBACK, code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if issued.secret else "none",
        revocation_endpoint_auth_method="client_secret_basic" if issued.secret else "none",
    )  # fmt: skip
    client.mount(HOST, InProcess(app, address))
    verifier = "an-authlib-verifier-that-is-long-enough-0123456789"
    url, state = client.create_authorization_url(f"{HOST}/oauth/authorize", code_verifier=verifier)
    token = client.fetch_token(
        f"{HOST}/oauth/token", authorization_response=sent_back(app, person, url), code_verifier=verifier, state=state
    )
    assert (token["scope"], token["token_type"]) == (SCOPE, "Bearer")
    assert client.get(f"{HOST}/v1/me").json()["credential_id"] == issued.client.id
    renewed = client.refresh_token(f"{HOST}/oauth/token")
    assert renewed["refresh_token"] != token["refresh_token"]
    assert client.get(f"{HOST}/v1/me").status_code == 200
    client.revoke_token(f"{HOST}/oauth/revoke", token=renewed["refresh_token"])
    assert client.get(f"{HOST}/v1/me").json()["code"] == "token_revoked"


@pytest.mark.parametrize("issued", ["confidential", "public"], indirect=True)
def test_requests_oauthlib_completes_the_flow(app: Flask, person: Person, issued: IssuedClient, address: str) -> None:
    session = OAuth2Session(issued.client.id, redirect_uri=CALLBACK, scope=SCOPE.split(" "), pkce="S256")
    session.mount(HOST, InProcess(app, address))
    url, _ = session.authorization_url(f"{HOST}/oauth/authorize")
    secret = {"client_secret": issued.secret} if issued.secret else {}
    token = session.fetch_token(
        f"{HOST}/oauth/token", authorization_response=sent_back(app, person, url), include_client_id=True, **secret
    )
    assert token["scope"] == SCOPE.split(" ")
    assert session.get(f"{HOST}/v1/me").json()["scopes"] == ["menus:read", "orders:read"]
    renewed = session.refresh_token(f"{HOST}/oauth/token", client_id=issued.client.id, **secret)
    assert renewed["refresh_token"] != token["refresh_token"]
    assert session.get(f"{HOST}/v1/me").status_code == 200
