"""What RFC 9700 (Best Current Practice for OAuth 2.0 Security) asks for and no other test shows."""

import pytest
from flask import Flask

from accounts.oauth.codes import LASTS
from accounts.oauth.service import IssuedClient
from tests.api.authorizing import new_person
from tests.portal.browsing import Visitor
from tests.support.oauth import request_of


@pytest.fixture(scope="module")
def guest(app: Flask) -> Visitor:
    """Somebody who is signed in."""
    visitor = Visitor(app)
    visitor.sign_up()
    return visitor


@pytest.fixture(scope="module")
def issued(app: Flask) -> IssuedClient:
    """A client of somebody else."""
    return new_person().register()


@pytest.mark.compliance("RFC 9700 2.1-5", "RFC 9700 4.12")
def test_nothing_a_person_has_posted_is_sent_on_to_a_client(guest: Visitor, issued: IssuedClient) -> None:
    path = request_of(issued.client.id)
    guest.get(path)
    assert guest.post(path, decision="refuse").status_code == 200  # a page that goes on by itself
    broken = guest.client.post(request_of(issued.client.id, scope="orders:fly"), data={"csrf_token": token_of(guest, path)})
    assert (broken.status_code, broken.location.startswith("https://app.example/cb")) == (303, True)


@pytest.mark.compliance("RFC 9700 2.6-3")
def test_authorization_page_is_closed_to_scripts_of_other_sites(guest: Visitor, issued: IssuedClient) -> None:
    for method in ("GET", "OPTIONS"):
        answer = guest.client.open(request_of(issued.client.id), method=method, headers={"Origin": "https://evil.example"})
        assert [name for name, _ in answer.headers if name.startswith("Access-Control-")] == []


@pytest.mark.compliance("RFC 9700 4.16")
def test_pages_where_people_decide_stand_in_no_frame(guest: Visitor, issued: IssuedClient) -> None:
    for path in (request_of(issued.client.id), "/device", "/login"):
        assert "frame-ancestors 'none'" in guest.peek(path).headers.get("Content-Security-Policy", "")


@pytest.mark.compliance("ASVS 5.0 10.4.3")
def test_code_lives_a_minute() -> None:
    assert LASTS.total_seconds() == 60


def token_of(visitor: Visitor, path: str) -> str:
    return visitor.get(path).text.split('name="csrf_token" value="')[1].split('"')[0]
