"""Authorization requests sent ahead: what is kept, who may refer to it, for how long and how often."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from accounts.oauth import pushed
from accounts.oauth.models import PushedRequest
from accounts.oauth.service import IssuedClient
from api.oauth.asking import Asked
from api.oauth.asking import Misasked
from api.oauth.asking import read_authorization
from api.replays import replays
from kit.clock import now
from kit.errors import BadRequest
from kit.unit import control
from kit.unit import control_unit
from tests.api.authorizing import Person
from tests.api.authorizing import alone
from tests.api.authorizing import exchange
from tests.api.authorizing import new_person
from tests.api.authorizing import outcome
from tests.support.oauth import answer_in
from tests.support.oauth import parameters_of
from tests.support.proofs import Holder

HERE = "https://tableport.example/oauth/par"


@pytest.fixture(scope="module")
def person(app: Flask) -> Person:
    return new_person()


@pytest.fixture(params=["confidential", "public"])
def issued(person: Person, request: pytest.FixtureRequest) -> IssuedClient:
    return person.register(request.param)


@pytest.fixture(scope="module")
def kept(person: Person) -> IssuedClient:
    """A client whose requests are all refused."""
    return person.register()


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return alone()


def push(http: FlaskClient, issued: IssuedClient, *, proof: str = "", **changes: str | None) -> TestResponse:
    secret = {"client_secret": issued.secret} if issued.secret else {}
    form = parameters_of(issued.client.id, **secret | changes)
    return http.post("/oauth/par", data=form, headers={"DPoP": proof} if proof else {})


def opened(http: FlaskClient, client_id: str, uri: str, **more: str) -> Asked | Misasked:
    """What the consent page finds under a reference."""
    query = {"client_id": client_id, "request_uri": uri, **more}
    with http.application.test_request_context("/oauth/authorize", query_string=query) as context, control_unit(writes=False):
        return read_authorization(context.request)


def answered(http: FlaskClient, person: Person, issued: IssuedClient, asked: Asked | Misasked) -> dict[str, str]:
    assert isinstance(asked, Asked)
    grant = person.grant(issued)
    with http.application.test_request_context("/oauth/authorize"), control_unit():
        return answer_in(asked.answer(grant)).told


def set_time(**values: object) -> None:
    with control_unit():
        control().session.execute(update(PushedRequest).values(**values))


def test_pushed_request_leads_to_a_code_once_whatever_the_address_says_besides(
    http: FlaskClient, person: Person, issued: IssuedClient
) -> None:
    answer = push(http, issued)
    uri = answer.json["request_uri"]
    assert (answer.status_code, answer.json["expires_in"], answer.headers["Cache-Control"]) == (201, 90, "no-store")
    assert uri.startswith("urn:ietf:params:oauth:request_uri:")
    asked, again = (opened(http, issued.client.id, uri, scope="orders:write", state="forged") for _ in range(2))
    assert isinstance(asked, Asked)
    assert asked.scopes == ["orders:read", "menus:read"]
    told = answered(http, person, issued, asked)
    assert (told["state"], told["iss"]) == ("xyz", "https://tableport.example")
    assert exchange(http, issued, told["code"]).status_code == 200
    with pytest.raises(BadRequest):
        answered(http, person, issued, again)
    assert isinstance(opened(http, issued.client.id, uri), Misasked)


def test_reference_is_opened_in_time_and_then_waits_for_the_person(http: FlaskClient, person: Person) -> None:
    issued = person.register()
    late, early = (push(http, issued).json["request_uri"] for _ in range(2))
    with control_unit():
        pushed.note_arrival(uri=early)
    set_time(expires_at=PushedRequest.expires_at - 91_000_000)
    with control_unit():
        pushed.note_arrival(uri=late)
        pushed.note_arrival(uri=early)
    assert isinstance(opened(http, issued.client.id, early), Asked)
    assert isinstance(opened(http, issued.client.id, late), Misasked)
    set_time(expires_at=now() - timedelta(seconds=1))
    assert isinstance(opened(http, issued.client.id, early), Misasked)


def test_reference_is_worth_nothing_to_another_client(http: FlaskClient, person: Person) -> None:
    issued, other = person.register(), person.register("public")
    uri = push(http, issued).json["request_uri"]
    for client_id, reference in ((other.client.id, uri), ("", uri), (issued.client.id, uri + "x"), (issued.client.id, "https://x")):
        found = opened(http, client_id, reference)
        assert isinstance(found, Misasked)
        assert found.location == ""


@pytest.mark.compliance("ASVS 5.0 10.4.10")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"client_secret": "x"}, (401, "invalid_client")),
        ({"client_secret": None}, (401, "invalid_client")),
        ({"redirect_uri": "https://evil.example/"}, (400, "invalid_request")),
        ({"redirect_uri": None}, (400, "invalid_request")),
        ({"code_challenge": None}, (400, "invalid_request")),
        ({"code_challenge_method": "plain"}, (400, "invalid_request")),
        ({"scope": "orders:fly"}, (400, "invalid_scope")),
        ({"response_type": "token"}, (400, "unsupported_response_type")),
        ({"response_mode": "fragment"}, (400, "invalid_request")),
        ({"request_uri": "urn:x"}, (400, "invalid_request")),
        ({"request": "a.b.c"}, (400, "request_not_supported")),
        ({"dpop_jkt": "short"}, (400, "invalid_request")),
        ({"state": "é"}, (400, "invalid_request")),
    ],
    ids=[
        "secret", "no-secret", "address", "no-address", "no-pkce", "plain", "scope", "type", "mode", "uri", "jar", "jkt", "odd",
    ],
)  # fmt: skip
def test_request_that_is_wrong_is_refused_at_once_and_nobody_is_sent_anywhere(
    http: FlaskClient, kept: IssuedClient, change: dict[str, str | None], expected: tuple[int, str]
) -> None:
    answer = push(http, kept, **change)
    assert (outcome(answer), answer.location) == (expected, None)


def test_client_that_must_push_is_not_heard_otherwise(http: FlaskClient, person: Person) -> None:
    issued = person.register(is_pushed_only=True)
    in_the_open = http.application.test_request_context("/oauth/authorize", query_string=parameters_of(issued.client.id))
    with in_the_open as context, control_unit(writes=False):
        found = read_authorization(context.request)
    assert isinstance(found, Misasked)
    assert answer_in(found.location).told["error"] == "invalid_request"
    assert isinstance(opened(http, issued.client.id, push(http, issued).json["request_uri"]), Asked)


def test_key_proved_with_the_request_binds_the_code(http: FlaskClient, person: Person) -> None:
    issued, holder = person.register("public"), Holder(nonce=replays.new_nonce())
    other = Holder(nonce=holder.nonce)
    assert outcome(push(http, issued, proof=other.proof("POST", HERE), dpop_jkt=holder.jkt)) == (400, "invalid_request")
    uri = push(http, issued, proof=holder.proof("POST", HERE)).json["request_uri"]
    code = answered(http, person, issued, opened(http, issued.client.id, uri))["code"]
    assert outcome(exchange(http, issued, code)) == (400, "invalid_grant")
    proof = holder.proof("POST", "https://tableport.example/oauth/token")
    assert exchange(http, issued, code, proof=proof).json["token_type"] == "DPoP"
