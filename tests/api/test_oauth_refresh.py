"""Refresh tokens: exchanged once, for less if asked, and the end of a family when one comes again."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy import update

from accounts.oauth.grants import revoke_grant
from accounts.oauth.models import AccessToken
from accounts.oauth.models import OAuthGrant
from accounts.oauth.models import RefreshToken
from accounts.oauth.service import IssuedClient
from kit.clock import now
from kit.unit import control
from kit.unit import control_unit
from tests.api.authorizing import Person
from tests.api.authorizing import alone
from tests.api.authorizing import at_once
from tests.api.authorizing import exchange
from tests.api.authorizing import is_revoked
from tests.api.authorizing import new_person
from tests.api.authorizing import outcome
from tests.api.authorizing import refresh

BOTH = ["authorization_code", "refresh_token"]


@pytest.fixture(scope="module")
def person(app: Flask) -> Person:
    return new_person()


@pytest.fixture(scope="module", params=["confidential", "public"])
def issued(person: Person, request: pytest.FixtureRequest) -> IssuedClient:
    return person.register(request.param, grant_types=BOTH)


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return alone()


def first_of(http: FlaskClient, person: Person, issued: IssuedClient) -> dict[str, str]:
    told: dict[str, str] = exchange(http, issued, person.code(issued)).json
    return told


def test_refresh_token_is_exchanged_for_a_new_pair(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    first = first_of(http, person, issued)
    assert first["refresh_token"].startswith("tp_test_rt_")
    second = refresh(http, issued, first["refresh_token"])
    assert (second.status_code, second.json["scope"], second.headers["Cache-Control"]) == (
        200, "orders:read menus:read", "no-store",
    )  # fmt: skip
    assert second.json["refresh_token"] != first["refresh_token"]
    assert refresh(http, issued, second.json["refresh_token"]).status_code == 200


@pytest.mark.compliance("RFC 9700 2.2.2", "RFC 9700 4.14.2-3", "ASVS 5.0 10.4.5")
def test_refresh_token_that_comes_again_ends_its_family_and_no_other(
    http: FlaskClient, person: Person, issued: IssuedClient
) -> None:
    other, first = first_of(http, person, issued), first_of(http, person, issued)
    second = refresh(http, issued, first["refresh_token"]).json
    assert outcome(refresh(http, issued, first["refresh_token"])) == (400, "invalid_grant")
    assert outcome(refresh(http, issued, second["refresh_token"])) == (400, "invalid_grant")
    assert [is_revoked(one["access_token"]) for one in (first, second, other)] == [True, True, False]
    assert refresh(http, issued, other["refresh_token"]).status_code == 200


@pytest.mark.compliance("RFC 9700 4.14.2-2")
def test_refresh_gives_less_when_asked_and_all_again_later(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    first = first_of(http, person, issued)
    assert outcome(refresh(http, issued, first["refresh_token"], scope="orders:write")) == (400, "invalid_scope")
    second = refresh(http, issued, first["refresh_token"], scope="menus:read").json
    assert second["scope"] == "menus:read"
    assert refresh(http, issued, second["refresh_token"]).json["scope"] == "orders:read menus:read"


@pytest.mark.parametrize("text", [None, "", "garbage", "tp_test_rt_" + "0" * 57], ids=["none", "empty", "odd", "checksum"])
def test_refresh_is_refused_when_the_token_is_not_one(http: FlaskClient, issued: IssuedClient, text: str | None) -> None:
    error = "invalid_grant" if text is not None else "invalid_request"
    assert outcome(refresh(http, issued, "", refresh_token=text)) == (400, error)


@pytest.mark.compliance("RFC 9700 2.3", "ASVS 5.0 10.3.1")
def test_access_token_does_not_refresh_and_refresh_token_does_not_call(
    app: Flask, http: FlaskClient, person: Person, issued: IssuedClient
) -> None:
    first = first_of(http, person, issued)
    assert outcome(refresh(http, issued, first["access_token"])) == (400, "invalid_grant")
    answer = app.test_client().get("/v1/me", headers={"Authorization": f"Bearer {first['refresh_token']}"})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


def test_refresh_token_of_another_client_is_unknown_and_stays_good(
    http: FlaskClient, person: Person, issued: IssuedClient
) -> None:
    first, other = first_of(http, person, issued), person.register("public", grant_types=BOTH)
    assert outcome(refresh(http, other, first["refresh_token"])) == (400, "invalid_grant")
    assert refresh(http, issued, first["refresh_token"]).status_code == 200


@pytest.mark.compliance("RFC 9700 4.14.2-1")
def test_client_that_may_not_refresh_is_given_no_refresh_token(http: FlaskClient, person: Person) -> None:
    assert "refresh_token" not in first_of(http, person, person.register())


@pytest.mark.parametrize("column", ["expires_at", "ends_at"], ids=["idle", "too-old"])
def test_refresh_is_refused_when_the_token_has_expired(
    http: FlaskClient, person: Person, issued: IssuedClient, column: str
) -> None:
    first = first_of(http, person, issued)
    with control_unit():
        of_client = update(RefreshToken).where(RefreshToken.client_id == issued.client.id)
        control().session.execute(of_client.values({column: now() - timedelta(seconds=1)}))
    assert outcome(refresh(http, issued, first["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.compliance("ASVS 5.0 10.4.8")
def test_successors_live_no_longer_than_their_family(http: FlaskClient, person: Person, issued: IssuedClient) -> None:
    first = first_of(http, person, issued)
    ends_at = now() + timedelta(days=10)
    with control_unit():
        of_client = update(RefreshToken).where(RefreshToken.client_id == issued.client.id, RefreshToken.used_at.is_(None))
        control().session.execute(of_client.values(ends_at=ends_at))
    refresh(http, issued, first["refresh_token"])
    with control_unit(writes=False):
        newest = control().session.scalars(
            select(RefreshToken).where(RefreshToken.client_id == issued.client.id).order_by(RefreshToken.created_at.desc())
        ).first()
    assert (newest.expires_at, newest.ends_at) == (ends_at, ends_at)


def test_refresh_is_refused_when_the_grant_has_ended(http: FlaskClient, person: Person) -> None:
    issued = person.register(grant_types=BOTH)
    first = first_of(http, person, issued)
    with control_unit():
        grant_id = control().session.scalars(select(OAuthGrant.id).where(OAuthGrant.client_id == issued.client.id)).one()
        revoke_grant(person.member, grant_id=grant_id)
    assert outcome(refresh(http, issued, first["refresh_token"])) == (400, "invalid_grant")
    assert is_revoked(first["access_token"])


def test_one_of_eight_at_the_same_moment_is_answered_and_the_family_ends(http: FlaskClient, person: Person) -> None:
    issued = person.register(grant_types=BOTH)
    first, app = first_of(http, person, issued), http.application
    answers = at_once(lambda: refresh(app.test_client(), issued, first["refresh_token"]))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    with control_unit(writes=False):
        for table, count in ((AccessToken, 2), (RefreshToken, 2)):
            ends = list(control().session.scalars(select(table.revoked_at).where(table.client_id == issued.client.id)))
            assert (len(ends), None in ends) == (count, False)
