"""Client libraries of others complete every flow they know against a platform that runs as `make run` starts it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

from tests.contract.live import shared_stack
from tests.interop.person import CALLBACK
from tests.interop.person import DEVICE_CODE
from tests.interop.person import LivePerson
from tests.interop.person import Registered
from tests.support.proofs import Holder

HERE = Path(__file__).parent
MODULES = Path(sys.prefix) / "interop" / "node_modules"
FLOWS = ["confidential", "public", "machine", "device", "pushed", "bound"]
SCOPE = "orders:read menus:read"
VERIFIER = "a-verifier-of-a-library-that-is-long-enough-0123456789"
pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def base(pytestconfig: pytest.Config) -> str:
    return shared_stack(pytestconfig).url


@pytest.fixture(scope="module")
def person(base: str) -> Iterator[LivePerson]:
    person = LivePerson(base)
    yield person
    person.leave()


@pytest.fixture(scope="module")
def clients(person: LivePerson) -> dict[str, Registered]:
    return {kind: person.register(kind) for kind in ("confidential", "public")}


@pytest.fixture
def kept() -> Iterator[ExitStack]:
    """What is closed when the test is over."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(autouse=True)
def without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform under test has no TLS, without which both Python libraries refuse to work."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.mark.parametrize("library", ["o4w", "oidc"])
def test_library_of_node_completes_every_flow(
    base: str, person: LivePerson, clients: dict[str, Registered], library: str, tmp_path: Path
) -> None:
    for script in HERE.glob("*.mjs"):
        (tmp_path / script.name).write_bytes(script.read_bytes())
    (tmp_path / "node_modules").symlink_to(MODULES)
    given = {"base": base, "callback": CALLBACK, "clients": {kind: asdict(client) for kind, client in clients.items()}}
    path = os.pathsep.join((str(Path(sys.prefix) / "bin"), os.environ["PATH"]))
    with subprocess.Popen(
        ["node", str(tmp_path / "run.mjs"), library, json.dumps(given)], text=True, env={**os.environ, "PATH": path},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        wish: dict[str, Any] = {}
        for line in process.stdout:
            wish = json.loads(line)
            if "done" not in wish:
                location = person.visit(wish["visit"]) if "visit" in wish else person.allow_device(wish["device"])
                print(json.dumps({"location": location}), file=process.stdin, flush=True)
        said = process.stderr.read() if process.stderr else ""
    assert (wish.get("done"), process.returncode) == (FLOWS, 0), said


@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_authlib_completes_every_flow(
    base: str, person: LivePerson, clients: dict[str, Registered], kept: ExitStack, kind: str
) -> None:
    client = clients[kind]
    method = "client_secret_basic" if client.secret else "none"
    session = kept.enter_context(AuthlibSession(
        client.id, client.secret or None, scope=SCOPE, redirect_uri=CALLBACK, code_challenge_method="S256",
        token_endpoint_auth_method=method, revocation_endpoint_auth_method=method,
    ))  # fmt: skip
    url, state = session.create_authorization_url(f"{base}/oauth/authorize", code_verifier=VERIFIER)
    for address in (url, pushed(base, client, url)):
        token = session.fetch_token(
            f"{base}/oauth/token", authorization_response=person.visit(address), code_verifier=VERIFIER, state=state
        )
        assert token["scope"] == SCOPE
    assert session.refresh_token(f"{base}/oauth/token")["refresh_token"] != token["refresh_token"]
    assert session.get(f"{base}/v1/me").json()["credential_id"] == client.id
    session.revoke_token(f"{base}/oauth/revoke", token=session.token["refresh_token"])
    assert session.get(f"{base}/v1/me").json()["code"] == "token_revoked"

    begun = httpx.post(f"{base}/oauth/device_authorization", data=proof_of(client)).json()
    person.allow_device(begun["verification_uri_complete"])
    session.fetch_token(f"{base}/oauth/token", grant_type=DEVICE_CODE, device_code=begun["device_code"])
    assert session.get(f"{base}/v1/me").status_code == 200


@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_requests_oauthlib_completes_every_flow(
    base: str, person: LivePerson, clients: dict[str, Registered], kept: ExitStack, kind: str
) -> None:
    client = clients[kind]
    secret = {"client_secret": client.secret} if client.secret else {}
    session = kept.enter_context(OAuth2Session(client.id, redirect_uri=CALLBACK, scope=SCOPE.split(" "), pkce="S256"))
    url, _ = session.authorization_url(f"{base}/oauth/authorize")
    location = person.visit(pushed(base, client, url))
    token = session.fetch_token(f"{base}/oauth/token", authorization_response=location, include_client_id=True, **secret)
    assert session.get(f"{base}/v1/me").status_code == 200
    renewed = session.refresh_token(f"{base}/oauth/token", client_id=client.id, **secret)
    assert renewed["refresh_token"] != token["refresh_token"]


def test_library_gets_a_token_for_itself(base: str, clients: dict[str, Registered], kept: ExitStack) -> None:
    client = clients["confidential"]
    session = kept.enter_context(OAuth2Session(client=BackendApplicationClient(client.id, scope=["orders:read"])))
    session.fetch_token(f"{base}/oauth/token", client_secret=client.secret)
    assert session.get(f"{base}/v1/me").json()["scopes"] == ["orders:read"]
    authlib = kept.enter_context(AuthlibSession(client.id, client.secret, scope="orders:read"))
    authlib.fetch_token(f"{base}/oauth/token", grant_type="client_credentials")
    told = authlib.introspect_token(f"{base}/oauth/introspect", token=authlib.token["access_token"]).json()
    assert (told["active"], told["scope"]) == (True, "orders:read")


def test_bound_token_works_for_whoever_holds_the_key(base: str, clients: dict[str, Registered]) -> None:
    holder, form = Holder(), {"grant_type": "client_credentials", **proof_of(clients["confidential"])}
    for _ in range(2):
        answer = httpx.post(f"{base}/oauth/token", data=form, headers={"DPoP": holder.proof("POST", f"{base}/oauth/token")})
        holder.nonce = answer.headers["DPoP-Nonce"]
    token, place = answer.json()["access_token"], f"{base}/v1/me"
    for scheme, status in (("DPoP", 200), ("Bearer", 401)):
        headers = {"Authorization": f"{scheme} {token}", "DPoP": holder.proof("GET", place, token)}
        assert httpx.get(place, headers=headers).status_code == status


def pushed(base: str, client: Registered, url: str) -> str:
    """The address a library has made, sent ahead as no Python library does by itself."""
    parameters = dict(httpx.QueryParams(urlsplit(url).query)) | proof_of(client)
    answer = httpx.post(f"{base}/oauth/par", data=parameters)
    assert answer.status_code == 201, answer.text
    return f"{base}/oauth/authorize?" + str(httpx.QueryParams(client_id=client.id, request_uri=answer.json()["request_uri"]))


def proof_of(client: Registered) -> dict[str, str]:
    return {"client_id": client.id, **({"client_secret": client.secret} if client.secret else {})}
