"""The token, revocation and metadata endpoints, with well-formed and with hostile requests."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func
from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.service import seeding_side
from accounts.applications.service import side_for
from accounts.keys.queries import credential_by_kid
from accounts.oauth.models import AccessToken
from accounts.oauth.service import IssuedClient
from accounts.oauth.service import create_client
from accounts.oauth.service import revoke_client
from accounts.signup.service import sign_up
from api import oauth
from kit.clock import from_us
from kit.clock import now
from kit.crypto import parse
from kit.ids import ulid
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit

SCOPES = ["orders:read", "menus:read", "orders:write"]
FORM = "application/x-www-form-urlencoded"


def new_client() -> IssuedClient:
    with control_unit():
        made = sign_up(
            email=f"{ulid().lower()}@example.com", password="correct horse battery", organisation_name="Till Systems",
            ip="192.0.2.1", user_agent="pytest",
        )  # fmt: skip
        side = side_for(made.member, application_id=made.application_id, environment=Environment.SANDBOX)
        return create_client(side, name="Nightly sync", scopes=SCOPES)


@pytest.fixture(scope="module")
def issued(app: Flask) -> IssuedClient:
    return new_client()


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    """The endpoints alone, as any application mounts them: without the platform's request limits."""
    alone = Flask("oauth alone")
    alone.register_blueprint(oauth.blueprint)
    alone.config["PUBLIC_URL"] = "https://tableport.example"
    return alone.test_client()


def basic(issued: IssuedClient) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{issued.client.id}:{issued.secret}".encode()).decode()}


def encoded(issued: IssuedClient) -> dict[str, str]:
    """The same as careful clients spell it: both parts encoded like a form's."""
    pair = f"{issued.client.id}:{issued.secret}".replace("_", "%5F")
    return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}


def in_body(issued: IssuedClient) -> dict[str, str]:
    return {"client_id": issued.client.id, "client_secret": issued.secret}


GRANT = {"grant_type": "client_credentials", "scope": "orders:read menus:read"}


@pytest.mark.parametrize("encoding", ["data", "json"])
@pytest.mark.parametrize("by_header", [True, False], ids=["basic", "body"])
def test_token_is_issued_when_the_client_proves_itself(
    http: FlaskClient, issued: IssuedClient, encoding: str, by_header: bool
):
    parameters = GRANT if by_header else GRANT | in_body(issued)
    answer = http.post("/oauth/token", **{encoding: parameters}, headers=basic(issued) if by_header else None)
    assert answer.status_code == 200
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 3600)
    assert answer.json["scope"] == "orders:read menus:read"
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    token = answer.json["access_token"]
    assert token.startswith("tp_test_at_")
    with control_unit(writes=False):
        row = credential_by_kid(parse(token).kid)
    assert (row.id, row.scopes, row.revoked_at_us) == (issued.client.id, ["orders:read", "menus:read"], None)
    assert timedelta(minutes=59) < from_us(row.expires_at_us) - now() <= timedelta(hours=1)


def test_token_is_issued_when_id_and_secret_are_encoded_in_the_header(http: FlaskClient, issued: IssuedClient):
    assert http.post("/oauth/token", data=GRANT, headers=encoded(issued)).status_code == 200


def test_token_holds_all_scopes_of_the_client_when_none_is_named(http: FlaskClient, issued: IssuedClient):
    answer = http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=basic(issued))
    assert answer.json["scope"].split(" ") == ["orders:read", "orders:write", "menus:read"]


@pytest.mark.compliance("RFC 9700 2.4", "ASVS 5.0 10.4.4", "ASVS 5.0 10.4.11")
@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"data": GRANT | {"scope": "orders:read customers:pii"}}, 400, "invalid_scope"),
        ({"data": GRANT | {"scope": "orders:read  menus:read"}}, 400, "invalid_scope"),
        ({"data": GRANT | {"grant_type": "password"}}, 400, "unsupported_grant_type"),
        ({"data": {"scope": "orders:read"}}, 400, "unsupported_grant_type"),
        ({"data": GRANT | {"grant_type": 'x"y'}}, 400, "invalid_request"),
        ({"data": GRANT | {"grant_type": "é"}}, 400, "invalid_request"),
        ({"query_string": GRANT, "data": {}}, 400, "invalid_request"),
        ({"data": "grant_type=client_credentials&grant_type=password", "content_type": FORM}, 400, "invalid_request"),
        ({"data": b"grant_type=\xff", "content_type": FORM}, 400, "invalid_request"),
        ({"data": b"{", "content_type": "application/json"}, 400, "invalid_request"),
        ({"json": ["grant_type"]}, 400, "invalid_request"),
        ({"json": GRANT | {"scope": ["orders:read"]}}, 400, "invalid_request"),
        ({"data": "grant_type=client_credentials", "content_type": "text/plain"}, 415, "invalid_request"),
        ({"data": {"grant_type": "a" * 9000}}, 413, "invalid_request"),
        ({"data": GRANT | {"client_secret": "x"}}, 400, "invalid_request"),
        ({"data": GRANT | {"client_id": "cli_other"}}, 400, "invalid_request"),
    ],
    ids=[
        "foreign-scope", "double-space", "other-grant", "no-grant", "quote", "not-ascii", "in-url", "repeated", "bytes",
        "broken-json", "json-list", "json-nested", "text", "too-large", "two-methods", "two-clients",
    ],
)  # fmt: skip
def test_token_is_refused_when_the_request_is_wrong(
    http: FlaskClient, issued: IssuedClient, change: dict[str, Any], status: int, error: str
):
    answer = http.post("/oauth/token", headers=basic(issued), **change)
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "authorization",
    [
        None, "Basic", "Basic !!!", "Bearer tp_test_sk_x", "Basic " + b64encode(b"nobody:secret").decode(),
        "Basic " + b64encode(b"\xff\xfe:\xe9").decode(), "Basic " + b64encode("cli_é:gehéim".encode()).decode(),
        "Basic " + b64encode(b"no-colon").decode(), "Basic " + b64encode(b"cli_\x00:\x00").decode(),
    ],
    ids=["none", "empty", "garbage", "bearer", "unknown", "latin-1", "not-ascii", "no-colon", "nul"],
)  # fmt: skip
def test_token_is_refused_with_401_when_the_client_is_not_known(http: FlaskClient, authorization: str | None):
    answer = http.post("/oauth/token", data=GRANT, headers={"Authorization": authorization} if authorization else None)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_token_is_refused_when_the_secret_is_wrong_and_nothing_is_stored(http: FlaskClient, issued: IssuedClient):
    def stored() -> int:
        with control_unit(writes=False):
            return control().session.scalar(select(func.count()).select_from(AccessToken))

    before = stored()
    answer = http.post("/oauth/token", data=GRANT | in_body(issued) | {"client_secret": issued.secret.swapcase()})
    assert (answer.status_code, answer.json["error"], stored()) == (401, "invalid_client", before)


def test_token_is_refused_when_the_client_is_revoked_or_its_application_suspended(http: FlaskClient, app: Flask):
    revoked, suspended = new_client(), new_client()
    with control_unit():
        revoke_client(seeding_side(application_id=revoked.client.application_id), client_id=revoked.client.id)
        control().session.get(Application, suspended.client.application_id).state = "suspended"
    for issued in (revoked, suspended):
        answer = http.post("/oauth/token", data=GRANT, headers=basic(issued))
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_revocation_ends_the_token_when_it_is_the_clients_own(http: FlaskClient, issued: IssuedClient):
    token = http.post("/oauth/token", data=GRANT, headers=basic(issued)).json["access_token"]
    for _ in range(2):
        answer = http.post("/oauth/revoke", data={"token": token}, headers=basic(issued))
        assert (answer.status_code, answer.json) == (200, {})
    with control_unit(writes=False):
        assert credential_by_kid(parse(token).kid).revoked_at_us is not None


@pytest.mark.parametrize("text", ["", "garbage", "tp_test_at_" + "0" * 57], ids=["empty", "garbage", "bad-checksum"])
def test_revocation_answers_the_same_when_the_token_is_unknown(http: FlaskClient, issued: IssuedClient, text: str):
    answer = http.post("/oauth/revoke", data={"token": text}, headers=basic(issued))
    assert (answer.status_code, answer.json) == (200, {})


def test_revocation_leaves_the_token_when_it_is_another_clients(http: FlaskClient, issued: IssuedClient):
    other = new_client()
    token = http.post("/oauth/token", data=GRANT, headers=basic(other)).json["access_token"]
    answer = http.post("/oauth/revoke", json={"token": token}, headers=basic(issued))
    assert (answer.status_code, answer.json) == (200, {})
    with control_unit(writes=False):
        assert credential_by_kid(parse(token).kid).revoked_at_us is None


@pytest.mark.compliance("ASVS 5.0 10.4.10")
@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"data": {"hint": "x"}}, 400, "invalid_request"),
        ({"data": {"token": "x"}, "headers": None}, 401, "invalid_client"),
    ],
    ids=["no-token", "no-client"],
)
def test_revocation_is_refused_when_the_request_is_wrong(
    http: FlaskClient, issued: IssuedClient, change: dict[str, Any], status: int, error: str
):
    answer = http.post("/oauth/revoke", **({"headers": basic(issued)} | change))
    assert (answer.status_code, answer.json["error"]) == (status, error)


def test_metadata_names_what_the_server_supports(http: FlaskClient):
    answer = http.get("/.well-known/oauth-authorization-server")
    assert answer.status_code == 200
    assert answer.json["issuer"] == "https://tableport.example"
    assert answer.json["token_endpoint"] == "https://tableport.example/oauth/token"
    assert answer.json["revocation_endpoint"] == "https://tableport.example/oauth/revoke"
    assert answer.json["authorization_endpoint"] == "https://tableport.example/oauth/authorize"
    assert answer.json["grant_types_supported"] == [
        "client_credentials", "authorization_code", "urn:ietf:params:oauth:grant-type:device_code", "refresh_token",
    ]  # fmt: skip
    assert (answer.json["response_types_supported"], answer.json["code_challenge_methods_supported"]) == (["code"], ["S256"])
    assert answer.json["authorization_response_iss_parameter_supported"] is True
    assert answer.json["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post", "none"]
    assert len(answer.json["scopes_supported"]) == 39
