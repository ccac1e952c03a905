"""Tokens bound to a key: issued with a proof, used with a proof for each call, worth nothing without."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwk
from redis import Redis
from werkzeug.test import TestResponse

from accounts.oauth.service import IssuedClient
from api.replays import Replays
from api.replays import replays
from kit.settings import Settings
from tests.api.authorizing import Person
from tests.api.authorizing import alone
from tests.api.authorizing import exchange
from tests.api.authorizing import new_person
from tests.api.authorizing import outcome
from tests.api.authorizing import refresh
from tests.support.proofs import Holder

AT = "https://tableport.example/oauth/token"
BOTH = ["authorization_code", "refresh_token"]
OTHER_KEYS: dict[str, Any] = {
    "PS256": lambda: jwk.RSAKey.generate_key(2048), "Ed25519": lambda: jwk.OKPKey.generate_key("Ed25519"),
}  # fmt: skip


@pytest.fixture(scope="module")
def person(app: Flask) -> Person:
    return new_person()


@pytest.fixture(scope="module")
def machine(person: Person) -> IssuedClient:
    return person.register(grant_types=["client_credentials"], redirect_uris=[])


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return alone()


@pytest.fixture
def holder(app: Flask) -> Holder:
    """Somebody who has been told a nonce."""
    return Holder(nonce=replays.new_nonce())


@pytest.fixture
def memory(settings: Settings) -> Iterator[Redis]:
    """The Redis that knows which proofs were used."""
    client = Redis.from_url(settings.redis_database_url(1))
    yield client
    client.close()


def asked(http: FlaskClient, issued: IssuedClient, proof: str | None) -> TestResponse:
    form = {"grant_type": "client_credentials", "client_id": issued.client.id, "client_secret": issued.secret}
    return http.post("/oauth/token", data=form, headers={"DPoP": proof} if proof else {})


def bound_token(http: FlaskClient, issued: IssuedClient, holder: Holder) -> str:
    answer = asked(http, issued, holder.proof("POST", AT))
    assert (answer.status_code, answer.json["token_type"]) == (200, "DPoP")
    return str(answer.json["access_token"])


def call(app: Flask, token: str, proof: str | None, scheme: str = "DPoP") -> TestResponse:
    headers = {"Authorization": f"{scheme} {token}"} | ({"DPoP": proof} if proof else {})
    return app.test_client().get("/v1/me", headers=headers)


def told(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json.get("code", "")


def here(app: Flask) -> str:
    return f"{app.config['PUBLIC_URL']}/v1/me"


@pytest.mark.parametrize("alg", ["ES256", *OTHER_KEYS])
def test_bound_token_works_with_a_proof_for_each_call(
    app: Flask, http: FlaskClient, machine: IssuedClient, holder: Holder, alg: str
) -> None:
    if alg in OTHER_KEYS:
        holder = Holder(OTHER_KEYS[alg](), alg, holder.nonce)
    token = bound_token(http, machine, holder)
    answer = call(app, token, holder.proof("GET", here(app), token))
    assert (answer.status_code, answer.json["credential_id"]) == (200, machine.client.id)
    assert call(app, token, holder.learn(answer) and holder.proof("GET", here(app), token)).status_code == 200


def test_bound_token_is_refused_as_bearer_and_bearer_token_as_bound(
    app: Flask, http: FlaskClient, machine: IssuedClient, holder: Holder
) -> None:
    token = bound_token(http, machine, holder)
    proof = holder.proof("GET", here(app), token)
    answer = call(app, token, proof, scheme="Bearer")
    assert told(answer) == (401, "unauthenticated")
    assert [challenge.split(" ")[0] for challenge in answer.headers.getlist("WWW-Authenticate")] == ["Bearer", "DPoP"]
    unbound = asked(http, machine, None).json["access_token"]
    assert told(call(app, unbound, holder.proof("GET", here(app), unbound))) == (401, "unauthenticated")


def test_call_is_refused_when_its_proof_is_missing_stale_or_of_another_token_or_key(
    app: Flask, http: FlaskClient, machine: IssuedClient, holder: Holder
) -> None:
    token, thief = bound_token(http, machine, holder), Holder(nonce=holder.nonce)
    proof = holder.proof("GET", here(app), token)
    assert call(app, token, proof).status_code == 200
    for wrong in (None, proof, holder.proof("GET", here(app)), holder.proof("GET", here(app), token + "x"),
                  holder.proof("POST", here(app), token), thief.proof("GET", here(app), token)):  # fmt: skip
        answer = call(app, token, wrong)
        assert told(answer) == (401, "invalid_dpop_proof")
        assert answer.headers["WWW-Authenticate"].startswith('DPoP realm="tableport", error="invalid_dpop_proof", algs="ES256 ')
    answer = call(app, token, holder.proof("GET", here(app), token, nonce="stale"))
    assert (told(answer), 'error="use_dpop_nonce"' in answer.headers["WWW-Authenticate"]) == ((401, "use_dpop_nonce"), True)
    assert call(app, token, holder.learn(answer) and holder.proof("GET", here(app), token)).status_code == 200


def test_client_without_a_nonce_is_told_one_and_its_code_stays_good(http: FlaskClient, person: Person) -> None:
    issued, holder = person.register(), Holder()
    code = person.code(issued)
    first = holder.learn(exchange(http, issued, code, proof=holder.proof("POST", AT)))
    assert (outcome(first), first.headers["Cache-Control"]) == ((400, "use_dpop_nonce"), "no-store")
    second = exchange(http, issued, code, proof=holder.proof("POST", AT))
    assert (second.status_code, second.json["token_type"]) == (200, "DPoP")


WRONG: dict[str, dict[str, Any]] = {
    "other-method": {"htm": "GET"}, "other-place": {"htu": "https://tableport.example/oauth/par"}, "no-place": {"htu": None},
    "other-host": {"htu": "https://evil.example/oauth/token"}, "odd-place": {"htu": "https://[::1/"}, "no-jti": {"jti": None},
    "long-jti": {"jti": "x" * 257}, "list-jti": {"jti": ["x"]}, "no-iat": {"iat": None}, "text-iat": {"iat": "now"},
    "jwt": {"header": {"typ": "JWT"}}, "no-typ": {"header": {"typ": None}}, "no-key": {"header": {"jwk": None}},
    "text-key": {"header": {"jwk": "x"}}, "none": {"header": {"alg": "none"}}, "other-kind": {"header": {"alg": "PS256"}},
    "no-alg": {"header": {"alg": None}}, "list-alg": {"header": {"alg": ["ES256"]}}, "crit": {"header": {"crit": ["x"]}},
    "other-key": {"header": {"jwk": jwk.ECKey.generate_key("P-256").as_dict(private=False)}},
    "private-key": {"header": {"jwk": jwk.ECKey.generate_key("P-256").as_dict(private=True)}},
    "secret-key": {"header": {"jwk": {"kty": "oct", "k": "c2VjcmV0"}, "alg": "HS256"}},
    "odd-point": {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}},
}  # fmt: skip


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_token_is_refused_when_the_proof_is_wrong(
    http: FlaskClient, machine: IssuedClient, holder: Holder, change: dict[str, Any]
) -> None:
    assert outcome(asked(http, machine, holder.proof("POST", AT, **change))) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é", "a" * 5000, "....", "e30.e30.e30", "bnVsbA.bnVsbA."])
def test_token_is_refused_when_the_proof_is_none(http: FlaskClient, machine: IssuedClient, text: str) -> None:
    answer = http.post(
        "/oauth/token", headers={"DPoP": text},
        data={"grant_type": "client_credentials", "client_id": machine.client.id, "client_secret": machine.secret},
    )  # fmt: skip
    assert outcome(answer) == (400, "invalid_dpop_proof")


def test_place_of_a_proof_may_be_spelled_otherwise(http: FlaskClient, machine: IssuedClient, holder: Holder) -> None:
    for htu in ("HTTPS://Tableport.example:443/oauth/token?a=b#c", "https://tableport.example/oauth/%74oken"):
        assert asked(http, machine, holder.proof("POST", htu)).status_code == 200


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_small_rsa_key_proves_nothing(http: FlaskClient, machine: IssuedClient, holder: Holder) -> None:
    small = Holder(jwk.RSAKey.generate_key(1024), "PS256", holder.nonce)
    assert outcome(asked(http, machine, small.proof("POST", AT))) == (400, "invalid_dpop_proof")


@pytest.mark.compliance("RFC 9700 2.2.2", "ASVS 5.0 10.4.5")
@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_refresh_token_of_a_public_client_is_bound_and_that_of_a_confidential_one_to_its_secret(
    http: FlaskClient, person: Person, holder: Holder, kind: str
) -> None:
    issued, other = person.register(kind, grant_types=BOTH), Holder(nonce=holder.nonce)
    first = exchange(http, issued, person.code(issued), proof=holder.proof("POST", AT)).json
    if kind == "public":
        for proof in (None, other.proof("POST", AT)):
            assert outcome(refresh(http, issued, first["refresh_token"], proof=proof)) == (400, "invalid_grant")
        second = refresh(http, issued, first["refresh_token"], proof=holder.proof("POST", AT))
        assert (second.status_code, second.json["token_type"]) == (200, "DPoP")
        assert outcome(refresh(http, issued, second.json["refresh_token"])) == (400, "invalid_grant")
    else:
        second = refresh(http, issued, first["refresh_token"], proof=other.proof("POST", AT))
        assert (second.status_code, second.json["token_type"]) == (200, "DPoP")


def test_code_of_a_request_that_named_a_key_needs_its_proof(http: FlaskClient, person: Person, holder: Holder) -> None:
    issued, other = person.register("public"), Holder(nonce=holder.nonce)
    code = person.code(issued, jkt=holder.jkt)
    for proof in (None, other.proof("POST", AT)):
        assert outcome(exchange(http, issued, code, proof=proof)) == (400, "invalid_grant")
    assert exchange(http, issued, code, proof=holder.proof("POST", AT)).status_code == 200


def test_client_that_must_bind_its_tokens_gets_none_without_a_proof(
    http: FlaskClient, person: Person, holder: Holder
) -> None:
    issued = person.register(grant_types=["client_credentials"], redirect_uris=[], is_bound_only=True)
    assert outcome(asked(http, issued, None)) == (400, "invalid_dpop_proof")
    assert bound_token(http, issued, holder)


def test_introspection_tells_the_key(http: FlaskClient, machine: IssuedClient, holder: Holder) -> None:
    token = bound_token(http, machine, holder)
    proof = {"client_id": machine.client.id, "client_secret": machine.secret}
    answer = http.post("/oauth/introspect", data={"token": token, **proof})
    assert (answer.json["token_type"], answer.json["cnf"]) == ("DPoP", {"jkt": holder.jkt})


def test_proof_made_before_the_memory_was_lost_does_not_count(
    http: FlaskClient, machine: IssuedClient, holder: Holder, memory: Redis
) -> None:
    used = holder.proof("POST", AT)
    assert asked(http, machine, used).status_code == 200
    assert outcome(asked(http, machine, used)) == (400, "invalid_dpop_proof")
    memory.flushdb()
    answer = holder.learn(asked(http, machine, used))
    assert outcome(answer) == (400, "use_dpop_nonce")
    assert asked(http, machine, holder.proof("POST", AT)).status_code == 200


def test_nonce_of_another_installation_or_time_does_not_count(
    settings: Settings, http: FlaskClient, machine: IssuedClient, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = Replays()
    foreign.configure(settings.redis_database_url(1), "another secret key")
    for nonce in (foreign.new_nonce(), holder.nonce[:-2], "A" * 40, "", 7):
        assert outcome(asked(http, machine, holder.proof("POST", AT, nonce=nonce))) == (400, "use_dpop_nonce")
    monkeypatch.setattr("api.replays.NONCE_LASTS_S", -1)
    assert outcome(asked(http, machine, holder.proof("POST", AT))) == (400, "use_dpop_nonce")


def test_no_proof_counts_when_it_cannot_be_remembered(
    app: Flask, http: FlaskClient, machine: IssuedClient, holder: Holder, settings: Settings
) -> None:
    token = bound_token(http, machine, holder)
    proof = holder.proof("GET", here(app), token)
    replays.configure("unix:///nowhere/redis.sock", settings.secret_key)
    try:
        assert told(call(app, token, proof)) == (503, "maintenance")
    finally:
        replays.configure(settings.redis_database_url(1), settings.secret_key)
    assert call(app, token, proof).status_code == 200
