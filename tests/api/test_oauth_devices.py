"""Clients without a browser: the codes they are told, what they learn while they wait, and the one token at the end."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from werkzeug.test import TestResponse

from accounts.oauth import devices
from accounts.oauth.grants import revoke_grant
from accounts.oauth.models import AccessToken
from accounts.oauth.models import DeviceRequest
from accounts.oauth.service import DEVICE_CODE
from accounts.oauth.service import IssuedClient
from kit.clock import now
from kit.errors import NotFound
from kit.unit import control
from kit.unit import control_unit
from tests.api.authorizing import Person
from tests.api.authorizing import alone
from tests.api.authorizing import ask
from tests.api.authorizing import at_once
from tests.api.authorizing import new_person
from tests.api.authorizing import outcome
from tests.api.authorizing import refresh

WAITING = (400, "authorization_pending")


@pytest.fixture
def person(app: Flask) -> Person:
    return new_person()


@pytest.fixture(params=["confidential", "public"])
def issued(person: Person, request: pytest.FixtureRequest) -> IssuedClient:
    return on_device(person, request.param)


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return alone()


def on_device(person: Person, kind: str = "public") -> IssuedClient:
    return person.register(kind, grant_types=[DEVICE_CODE, "refresh_token"], redirect_uris=[])


def proof_of(issued: IssuedClient) -> dict[str, str | None]:
    return {"client_id": issued.client.id, "client_secret": issued.secret or None}


def begin(http: FlaskClient, issued: IssuedClient, **more: str) -> TestResponse:
    form = {name: value for name, value in (proof_of(issued) | more).items() if value is not None}
    return http.post("/oauth/device_authorization", data=form)


def begun(http: FlaskClient, issued: IssuedClient) -> Any:
    return begin(http, issued, scope="orders:read menus:read").json


def poll(http: FlaskClient, issued: IssuedClient, device_code: str | None) -> TestResponse:
    return ask(http, {"grant_type": DEVICE_CODE, "device_code": device_code, **proof_of(issued)})


def allow(person: Person, user_code: str, *scopes: str) -> None:
    with control_unit():
        devices.allow(person.member, user_code=user_code, tenant_id=person.tenant_id, scopes=scopes or ("orders:read",))


def set_back(issued: IssuedClient, **values: Any) -> None:
    with control_unit():
        of_client = update(DeviceRequest).where(DeviceRequest.client_id == issued.client.id)
        control().session.execute(of_client.values(**values))


def test_client_waits_until_a_person_has_allowed_less_and_gets_that_once(
    http: FlaskClient, person: Person, issued: IssuedClient
) -> None:
    answer = begin(http, issued, scope="orders:read menus:read")
    told, page = answer.json, "https://tableport.example/device"
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (told["expires_in"], told["interval"]) == (600, 5)
    assert (told["verification_uri"], told["verification_uri_complete"]) == (page, f"{page}?user_code={told['user_code']}")
    assert outcome(poll(http, issued, told["device_code"])) == WAITING
    allow(person, told["user_code"].lower().replace("-", " "), "menus:read")
    token = poll(http, issued, told["device_code"])
    assert (token.status_code, token.json["scope"], token.json["token_type"]) == (200, "menus:read", "Bearer")
    assert outcome(poll(http, issued, told["device_code"])) == (400, "invalid_grant")
    assert refresh(http, issued, token.json["refresh_token"]).status_code == 200


def test_client_that_asks_too_often_is_told_to_wait_longer_each_time(http: FlaskClient, person: Person) -> None:
    issued = on_device(person)
    code = begun(http, issued)["device_code"]
    assert [outcome(poll(http, issued, code))[1] for _ in range(3)] == ["authorization_pending", "slow_down", "slow_down"]
    for waited_s, expected in ((14, "slow_down"), (20, "authorization_pending")):  # 5, and 5 more for each of three
        set_back(issued, asked_at=now() - timedelta(seconds=waited_s))
        assert outcome(poll(http, issued, code)) == (400, expected)


def test_client_learns_of_refusal_and_of_time_that_has_run_out(http: FlaskClient, person: Person) -> None:
    issued = on_device(person)
    refused, late = begun(http, issued), begun(http, issued)
    with control_unit():
        devices.deny(user_code=refused["user_code"])
    assert outcome(poll(http, issued, refused["device_code"])) == (400, "access_denied")
    allow(person, late["user_code"])
    set_back(issued, expires_at=now())
    assert outcome(poll(http, issued, late["device_code"])) == (400, "expired_token")


def test_code_that_was_decided_or_has_expired_cannot_be_decided(http: FlaskClient, person: Person) -> None:
    issued = on_device(person)
    decided, late = begun(http, issued), begun(http, issued)
    allow(person, decided["user_code"])
    for code in (decided["user_code"], "BBBB-BBBB", "", late["user_code"]):
        set_back(issued, expires_at=now()) if code == late["user_code"] else None
        with pytest.raises(NotFound), control_unit():
            devices.deny(user_code=code)


def test_grant_that_ended_before_it_was_collected_gives_nothing(http: FlaskClient, person: Person) -> None:
    issued = on_device(person)
    told = begun(http, issued)
    allow(person, told["user_code"])
    with control_unit():
        query = select(DeviceRequest.grant_id).where(DeviceRequest.client_id == issued.client.id)
        revoke_grant(person.member, grant_id=control().session.scalars(query).one())
    assert outcome(poll(http, issued, told["device_code"])) == (400, "invalid_grant")


@pytest.mark.parametrize("code", [None, "", "x", "é"], ids=["none", "empty", "unknown", "odd"])
def test_poll_is_refused_when_the_code_is_not_one(http: FlaskClient, person: Person, code: str | None) -> None:
    assert outcome(poll(http, on_device(person), code)) == (400, "invalid_grant" if code in ("", "x") else "invalid_request")


def test_device_code_of_another_client_is_unknown_and_stays_good(http: FlaskClient, person: Person) -> None:
    issued, other = on_device(person), on_device(person, "confidential")
    told = begun(http, issued)
    allow(person, told["user_code"])
    assert outcome(poll(http, other, told["device_code"])) == (400, "invalid_grant")
    assert poll(http, issued, told["device_code"]).status_code == 200


def test_beginning_is_refused_without_registration_secret_or_scope(http: FlaskClient, person: Person) -> None:
    issued = on_device(person, "confidential")
    assert outcome(begin(http, person.register())) == (400, "unauthorized_client")
    assert outcome(begin(http, issued, client_secret="x")) == (401, "invalid_client")
    assert outcome(begin(http, issued, scope="customers:pii")) == (400, "invalid_scope")
    code_client = person.register()
    assert outcome(poll(http, code_client, "x")) == (400, "unauthorized_client")


def test_one_of_eight_polls_at_the_same_moment_gets_the_token(http: FlaskClient, person: Person) -> None:
    issued = on_device(person)
    told, app = begun(http, issued), http.application
    allow(person, told["user_code"])
    answers = at_once(lambda: poll(app.test_client(), issued, told["device_code"]))
    assert sorted(outcome(answer) for answer in answers) == [(200, "")] + [(400, "invalid_grant")] * 7
    with control_unit(writes=False):
        query = select(func.count()).select_from(AccessToken).where(AccessToken.client_id == issued.client.id)
        assert control().session.scalar(query) == 1
