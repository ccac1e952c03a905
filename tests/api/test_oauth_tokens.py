"""What a client may learn about its tokens, and how it ends them."""

import time
from base64 import b64encode
from typing import Any

import pytest
from authlib.oauth2 import rfc8414
from authlib.oauth2 import rfc9207
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.oauth.grants import revoke_grant
from accounts.oauth.models import OAuthGrant
from accounts.oauth.service import IssuedClient
from kit.unit import control
from kit.unit import control_unit
from tests.api.authorizing import Person
from tests.api.authorizing import alone
from tests.api.authorizing import exchange
from tests.api.authorizing import is_revoked
from tests.api.authorizing import new_person
from tests.api.authorizing import outcome

ALL = ["client_credentials", "authorization_code", "refresh_token"]


@pytest.fixture(scope="module")
def person(app: Flask) -> Person:
    return new_person()


@pytest.fixture
def issued(person: Person) -> IssuedClient:
    return person.register(grant_types=ALL)


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return alone()


def proof(issued: IssuedClient) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{issued.client.id}:{issued.secret}".encode()).decode()}


def introspected(http: FlaskClient, issued: IssuedClient, token: str) -> Any:
    answer = http.post("/oauth/introspect", data={"token": token}, headers=proof(issued))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return answer.json


@pytest.mark.compliance("ASVS 5.0 10.3.3")
def test_introspection_describes_the_tokens_of_a_person(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    told = exchange(http, issued, person.code(issued)).json
    access, renewal = (introspected(http, issued, told[name]) for name in ("access_token", "refresh_token"))
    assert {name: access[name] for name in ("active", "client_id", "scope", "iss", "sub", "token_type")} == {
        "active": True, "client_id": issued.client.id, "scope": "orders:read menus:read",
        "iss": "https://tableport.example", "sub": person.member.person_id, "token_type": "Bearer",
    }  # fmt: skip
    assert access["exp"] - access["iat"] == 3600
    assert (renewal["active"], "token_type" in renewal, renewal["exp"] - renewal["iat"]) == (True, False, 30 * 86_400)
    assert abs(access["iat"] - time.time()) < 60


@pytest.mark.compliance("RFC 9700 4.15.1")
def test_introspection_of_a_clients_own_token_names_nobody(http: FlaskClient, issued: IssuedClient) -> None:
    token = http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=proof(issued)).json["access_token"]
    told = introspected(http, issued, token)
    assert (told["active"], "sub" in told, told["scope"]) == (True, False, "orders:read orders:write menus:read")


def test_introspection_says_less_after_a_smaller_grant_and_nothing_after_its_end(
    http: FlaskClient, person: Person, issued: IssuedClient
) -> None:
    told = exchange(http, issued, person.code(issued)).json
    person.grant(issued, ("orders:read",))
    assert introspected(http, issued, told["access_token"])["scope"] == "orders:read"
    with control_unit():
        grant_id = control().session.scalars(select(OAuthGrant.id).where(OAuthGrant.client_id == issued.client.id)).one()
        revoke_grant(person.member, grant_id=grant_id)
    for name in ("access_token", "refresh_token"):
        assert introspected(http, issued, told[name]) == {"active": False}


def test_token_of_another_client_is_not_active(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    told = exchange(http, issued, person.code(issued)).json
    other = person.register()
    for text in (told["access_token"], told["refresh_token"], "", "garbage"):
        assert introspected(http, other, text) == {"active": False}


@pytest.mark.compliance("ASVS 5.0 10.4.10")
def test_introspection_needs_a_secret(http: FlaskClient, person: Person) -> None:
    public = person.register("public")
    answer = http.post("/oauth/introspect", data={"token": "x", "client_id": public.client.id})
    assert outcome(answer) == (401, "invalid_client")


def test_revoked_refresh_token_takes_its_family_along(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    told, other = (exchange(http, issued, person.code(issued)).json for _ in range(2))
    for _ in range(2):
        answer = http.post("/oauth/revoke", data={"token": told["refresh_token"]}, headers=proof(issued))
        assert (answer.status_code, answer.json) == (200, {})
    assert [is_revoked(one["access_token"]) for one in (told, other)] == [True, False]
    assert introspected(http, issued, told["refresh_token"]) == {"active": False}


def test_revoked_access_token_leaves_the_refresh_token(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    told = exchange(http, issued, person.code(issued)).json
    http.post("/oauth/revoke", data={"token": told["access_token"], "token_type_hint": "refresh_token"}, headers=proof(issued))
    assert is_revoked(told["access_token"])
    assert introspected(http, issued, told["refresh_token"])["active"] is True


def test_public_client_revokes_its_own_tokens_and_no_others(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    public = person.register("public", grant_types=["authorization_code", "refresh_token"])
    own, foreign = (exchange(http, one, person.code(one)).json for one in (public, issued))
    for told in (own, foreign):
        answer = http.post("/oauth/revoke", data={"token": told["refresh_token"], "client_id": public.client.id})
        assert answer.status_code == 200
    assert [is_revoked(told["access_token"]) for told in (own, foreign)] == [True, False]


@pytest.mark.compliance("RFC 9700 2.1.1-6", "RFC 9700 4.7.1-2")
def test_metadata_keeps_to_its_standards(http: FlaskClient) -> None:
    answer = http.get("/.well-known/oauth-authorization-server")
    metadata = rfc8414.AuthorizationServerMetadata(answer.json)
    metadata.validate(metadata_classes=[rfc9207.AuthorizationServerMetadata])
    served = {str(rule) for rule in http.application.url_map.iter_rules()} | {"/oauth/authorize"}
    for name, url in answer.json.items():
        if name.endswith("_endpoint"):
            assert url.removeprefix("https://tableport.example") in served
