"""The account page: what people change about themselves, and where they are signed in."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.people.models import Person
from accounts.people.models import WebSession
from kit.unit import control_unit
from tests.portal.browsing import PASSWORD
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from tests.portal.test_entry import attempt
from tests.support.people import letters_to
from tests.support.people import link_to

NEW_PASSWORD = "sparrow-anchor-velvet-31"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def elsewhere(app: Flask, email: str, *, agent: str = FIREFOX, address: str = "198.51.100.20") -> Visitor:
    """The same person at another browser in another network."""
    visitor = Visitor(app)
    visitor.move_to(address)
    visitor.client.environ_base["HTTP_USER_AGENT"] = agent
    visitor.log_in(email)
    return visitor


def test_name_is_saved(partner: Partner) -> None:
    partner.visitor.get("/account")
    partner.visitor.submit("/account/name", name="  Ada Kowalska ")

    assert 'value="Ada Kowalska"' in partner.visitor.page.text if partner.visitor.page else False
    assert "person.renamed" in partner.visitor.get("/audit").text


@pytest.mark.compliance("ASVS 5.0 6.2.2", "ASVS 5.0 7.4.3")
def test_password_is_changed_with_the_old_one_and_ends_the_other_sessions(app: Flask, partner: Partner) -> None:
    other = elsewhere(app, partner.email)
    partner.visitor.get("/account")

    page = partner.visitor.submit("/account/password", old_password=PASSWORD, password=NEW_PASSWORD)

    assert "Your password was changed. One other session has ended." in page.text
    assert other.peek("/account").status_code == 302
    assert letters_to(partner.email)[-1] == "password.changed"
    assert attempt(app, partner.email, NEW_PASSWORD).status_code == 302
    assert "person.password_changed" in partner.visitor.get("/audit").text


@pytest.mark.compliance("ASVS 5.0 6.2.3", "ASVS 5.0 7.5.1")
@pytest.mark.parametrize(
    ("action", "fields", "field"),
    [
        ("/account/password", {"old_password": "wrong-but-long-enough", "password": NEW_PASSWORD}, "old_password"),
        ("/account/password", {"old_password": PASSWORD, "password": "short"}, "password"),
        ("/account/email", {"email": "next@example.com", "email_password": "wrong-but-long-enough"}, "email_password"),
        ("/account/email", {"email": "no-address", "email_password": PASSWORD}, "email"),
        ("/account/name", {"name": "x" * 256}, "name"),
    ],
    ids=["old-wrong", "new-short", "password-wrong", "no-address", "long-name"],
)
def test_refused_change_points_at_its_field(partner: Partner, action: str, fields: dict[str, str], field: str) -> None:
    partner.visitor.get("/account")

    answer = partner.visitor.post(action, **fields)

    assert answer.status_code == 422
    assert f'<small id="h-{field}" class="wrong">' in answer.text
    assert letters_to(partner.email) == ["address.confirm"]
    assert letters_to("next@example.com") == []


def test_wrong_old_passwords_are_counted(partner: Partner) -> None:
    statuses = []
    for _ in range(6):
        partner.visitor.get("/account")
        answer = partner.visitor.post("/account/password", old_password="wrong-but-long-enough", password=NEW_PASSWORD)
        statuses.append(answer.status_code)

    assert statuses == [422] * 5 + [429]


def test_address_changes_when_the_new_one_is_confirmed_and_the_old_one_is_told(app: Flask, partner: Partner) -> None:
    address = f"Moved-{partner.email}"
    partner.visitor.get("/account")
    partner.visitor.submit("/account/email", email=address, email_password=PASSWORD)
    assert attempt(app, partner.email, PASSWORD).status_code == 302

    path = link_to(address, "address.move")
    partner.visitor.get(path)
    page = partner.visitor.submit(path)

    assert f"From now on you log in with {address}." in page.text
    assert attempt(app, address.lower(), PASSWORD).status_code == 302
    assert attempt(app, partner.email, PASSWORD).status_code == 401
    assert "address.changed" in letters_to(partner.email)
    assert "person.address_changed" in partner.visitor.get("/audit").text


def test_address_of_another_account_is_not_given_away(app: Flask, partner: Partner, visitor: Visitor) -> None:
    visitor.sign_up(taken := f"taken-{partner.email}")
    partner.visitor.get("/account")

    page = partner.visitor.submit("/account/email", email=taken, email_password=PASSWORD)

    assert f"Look into the mail of {taken}" in page.text
    assert letters_to(taken) == ["address.confirm", "address.taken"]
    assert link_to(taken, "address.taken") == "/login"


def test_sessions_are_listed_without_what_opens_them(app: Flask, partner: Partner) -> None:
    elsewhere(app, partner.email)
    html = partner.visitor.get("/account").text

    assert html.count("This browser") == 1
    assert "Firefox on Linux" in html
    assert "198.51.100.0/24" in html
    assert "198.51.100.20" not in html
    with control_unit(writes=False) as unit:
        query = select(WebSession.id).join(Person, Person.id == WebSession.person_id).where(Person.email == partner.email)
        digests = unit.session.scalars(query).all()
    assert len(digests) == 2
    assert [digest for digest in digests if digest[2:20] in html] == []


@pytest.mark.compliance("ASVS 5.0 7.5.2")
def test_session_is_ended_by_its_person_only(app: Flask, partner: Partner, visitor: Visitor) -> None:
    other = elsewhere(app, partner.email)
    visitor.sign_up()
    session_id = re.findall(r"/account/sessions/(ses_\w+)/end", partner.visitor.get("/account").text)[0]
    visitor.get("/account")
    token = re.findall(r'name="csrf_token" value="([^"]+)', visitor.page.text if visitor.page else "")[0]

    assert visitor.client.post(f"/account/sessions/{session_id}/end", data={"csrf_token": token}).status_code == 404
    assert other.peek("/account").status_code == 200

    assert "The session has ended." in partner.visitor.submit(f"/{session_id}/end").text
    assert other.peek("/account").status_code == 302
    assert "session.ended" in partner.visitor.get("/audit").text


@pytest.mark.compliance("ASVS 5.0 7.5.2")
def test_all_other_sessions_end_with_one_button(app: Flask, partner: Partner) -> None:
    others = [elsewhere(app, partner.email) for _ in range(2)]
    partner.visitor.get("/account")

    assert "2 other sessions have ended." in partner.visitor.submit("/account/sessions/end-others").text
    assert [other.peek("/account").status_code for other in others] == [302, 302]
    assert partner.visitor.peek("/account").status_code == 200


def test_letter_tells_of_a_browser_and_of_a_network_once(app: Flask, partner: Partner) -> None:
    for address, agent in (
        ("198.51.100.20", FIREFOX), ("198.51.100.99", FIREFOX), ("203.0.113.5", FIREFOX), ("203.0.113.5", "curl/8.11"),
        (partner.visitor.address, FIREFOX),
    ):  # fmt: skip
        elsewhere(app, partner.email, address=address, agent=agent)

    assert letters_to(partner.email).count("session.new_place") == 3


def test_operator_without_an_organisation_has_an_account_page(operator: Visitor) -> None:
    assert "Where you are signed in" in operator.get("/account").text
