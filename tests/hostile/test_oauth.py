"""Odd OAuth requests are refused in the protocol's words, and nobody is sent to an address that is not registered."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accounts.oauth.service import IssuedClient
from tests.api.authorizing import alone
from tests.api.authorizing import new_person
from tests.hostile.oauth import odd_request
from tests.portal.browsing import Visitor

BATCHES, SIZE = 8, 50
ERRORS = {
    "invalid_request", "invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client", "unsupported_grant_type",
}  # fmt: skip


@pytest.fixture(scope="module")
def issued(app: Flask) -> IssuedClient:
    return new_person().register(grant_types=["client_credentials", "authorization_code", "refresh_token"])


@pytest.fixture
def machines(app: Flask) -> FlaskClient:
    return alone()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_odd_oauth_requests_are_answered_in_order(
    app: Flask, machines: FlaskClient, issued: IssuedClient, batch: int
) -> None:
    people = Visitor(app).client
    for number in range(batch * SIZE, batch * SIZE + SIZE):
        odd = odd_request(number, client_id=issued.client.id, secret=issued.secret)
        is_page = odd.path.startswith("/oauth/authorize")
        answer = (people if is_page else machines).open(odd.path, method=odd.method, **odd.options)
        assert answer.status_code in ((302, 303, 400, 404) if is_page else (200, 400, 401, 413, 415)), (number, answer.text)
        assert "no-store" in answer.headers["Cache-Control"] or answer.status_code == 302, number
        if is_page and answer.location:
            assert answer.location.startswith(("/login?next=/oauth/authorize?", "https://app.example/cb?from=tableport&")), number
        elif not is_page and answer.status_code != 200:
            assert answer.json["error"] in ERRORS, number
