"""Letters with links: confirming an address, and getting back in without the password."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.mail.models import Mail
from accounts.people.models import MailedLink
from kit.unit import control_unit
from tests.portal.browsing import PASSWORD
from tests.portal.browsing import Forms
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from tests.portal.test_entry import attempt
from tests.portal.test_security import set_up_app
from tests.support.people import letters_to
from tests.support.people import link_to

NEW_PASSWORD = "sparrow-anchor-velvet-31"
BANNER = "with the link we sent there"


@pytest.fixture
def newcomer(visitor: Visitor) -> Visitor:
    """Somebody who has just signed up and not confirmed their address."""
    visitor.sign_up(f"new-{visitor.address}@example.com")
    return visitor


def address_of(newcomer: Visitor) -> str:
    return f"new-{newcomer.address}@example.com"


def test_address_is_confirmed_by_the_button_and_not_by_opening_the_link(newcomer: Visitor) -> None:
    path = link_to(address_of(newcomer), "address.confirm")
    assert BANNER in newcomer.get("/sandbox/keys").text

    newcomer.get(path)
    assert BANNER in newcomer.get("/sandbox/keys").text
    newcomer.get(path)
    page = newcomer.submit(path)

    assert f"{address_of(newcomer)} is confirmed." in page.text
    assert BANNER not in newcomer.get("/sandbox/keys").text
    assert newcomer.get(path).status_code == 410
    assert "used before" in newcomer.page.text if newcomer.page else False
    assert "person.address_confirmed" in newcomer.get("/audit").text


@pytest.mark.compliance("ASVS 5.0 7.6.2")
def test_link_confirms_in_a_browser_nobody_is_signed_in_with_and_signs_nobody_in(app: Flask, newcomer: Visitor) -> None:
    path, other = link_to(address_of(newcomer), "address.confirm"), Visitor(app)
    other.get(path)

    assert "<h1>Log in</h1>" in other.submit(path).text
    assert BANNER not in newcomer.get("/sandbox/keys").text
    assert other.peek("/account").status_code == 302


def test_going_live_waits_for_the_address_and_says_so(newcomer: Visitor) -> None:
    newcomer.get("/sandbox/application/evidence")

    answer = newcomer.post("/sandbox/application/request", plan_tier="pro", scopes=["orders:read"], note="x")

    assert answer.status_code == 403
    assert "Confirm your e-mail address first" in answer.text
    assert "Draft" in newcomer.get("/sandbox/application").text


def test_letter_is_sent_again_three_times_an_hour(newcomer: Visitor) -> None:
    statuses = []
    for _ in range(4):
        newcomer.get("/sandbox/logs")
        statuses.append(newcomer.post("/account/confirmation").status_code)

    assert statuses == [302, 302, 302, 429]
    assert letters_to(address_of(newcomer)) == ["address.confirm"] * 4


def test_token_of_a_letter_is_nowhere_in_the_database(newcomer: Visitor) -> None:
    token = link_to(address_of(newcomer), "address.confirm").rpartition("/")[2]
    with control_unit(writes=False) as unit:
        mail = unit.session.scalars(select(Mail).where(Mail.to_address == address_of(newcomer))).one()
        ids = unit.session.scalars(select(MailedLink.id)).all()
    assert token not in f"{mail.text}{mail.html}{mail.subject}{ids}"


def forget(visitor: Visitor, email: str) -> str:
    """Ask for a new password and return the page that follows."""
    visitor.get("/password/forgotten")
    return visitor.submit("/password/forgotten", email=email).text


@pytest.mark.compliance("ASVS 5.0 6.4.3", "ASVS 5.0 7.4.3")
def test_new_password_opens_the_account_and_ends_every_session(app: Flask, partner: Partner, visitor: Visitor) -> None:
    forget(visitor, partner.email)
    path = link_to(partner.email, "password.forgotten")
    visitor.get(path)

    assert "Log in with the new one." in visitor.submit(path, password=NEW_PASSWORD).text

    assert partner.visitor.peek("/account").location == "/login?next=/account"
    assert attempt(app, partner.email).status_code == 401
    assert attempt(app, partner.email, NEW_PASSWORD).status_code == 302
    assert letters_to(partner.email)[-3:] == ["password.forgotten", "password.changed", "session.new_place"]
    assert visitor.get(path).status_code == 410


@pytest.mark.compliance("ASVS 5.0 6.4.3")
def test_new_password_leaves_the_second_factor(app: Flask, partner: Partner, visitor: Visitor) -> None:
    set_up_app(partner.visitor)
    forget(visitor, partner.email)
    path = link_to(partner.email, "password.forgotten")
    visitor.get(path)
    visitor.submit(path, password=NEW_PASSWORD)

    assert attempt(app, partner.email, NEW_PASSWORD).location == "/login/factor"


@pytest.mark.compliance("ASVS 5.0 6.4.2")
def test_pages_for_getting_in_ask_for_no_hint_and_no_answer(partner: Partner, visitor: Visitor) -> None:
    asked = {}
    for page, form in (("/signup", "/signup"), ("/login", "/login"), ("/password/forgotten", "/password/forgotten")):
        asked[page] = set(Forms(visitor.get(page).text).found[form])
    forget(visitor, partner.email)
    path = link_to(partner.email, "password.forgotten")
    asked["reset"] = set(Forms(visitor.get(path).text).found[path])

    assert {page: names - {"csrf_token", "next"} for page, names in asked.items()} == {
        "/signup": {"email", "password", "company"}, "/login": {"email", "password"}, "/password/forgotten": {"email"},
        "reset": {"username", "password"},
    }  # fmt: skip


def test_refused_new_password_leaves_the_link_and_the_old_one(app: Flask, partner: Partner, visitor: Visitor) -> None:
    forget(visitor, partner.email)
    path = link_to(partner.email, "password.forgotten")
    visitor.get(path)

    assert visitor.post(path, password="short").status_code == 422

    assert attempt(app, partner.email, PASSWORD).status_code == 302
    assert visitor.get(path).status_code == 200


def test_new_password_waits_for_no_count_of_wrong_ones(app: Flask, partner: Partner, visitor: Visitor) -> None:
    assert [attempt(app, partner.email).status_code for _ in range(11)][-1] == 429
    forget(visitor, partner.email)
    path = link_to(partner.email, "password.forgotten")
    visitor.get(path)
    visitor.submit(path, password=NEW_PASSWORD)

    assert attempt(app, partner.email, NEW_PASSWORD).status_code == 302


def test_answer_is_the_same_for_an_address_without_an_account(app: Flask, partner: Partner) -> None:
    nobody = f"nobody-{partner.email}"
    known, unknown = forget(Visitor(app), partner.email), forget(Visitor(app), nobody)

    assert said(known).replace(partner.email, "…") == said(unknown).replace(nobody, "…")
    assert "a letter is on its way to …" in said(known).replace(partner.email, "…")
    assert letters_to(nobody) == ["password.no_account"]
    assert link_to(nobody, "password.no_account") == "/signup"


def said(html: str) -> str:
    """What the page reports of the post before it."""
    return html.split('role="status"')[1].split("</div></div>", maxsplit=1)[0]


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "unknown"])
def test_fourth_letter_to_one_address_within_an_hour_is_429(app: Flask, partner: Partner, is_known: bool) -> None:
    statuses = []
    for _ in range(4):
        visitor = Visitor(app)
        visitor.get("/password/forgotten")
        email = partner.email if is_known else f"nobody-{partner.email}"
        statuses.append(visitor.post("/password/forgotten", email=email).status_code)

    assert statuses == [302, 302, 302, 429]


@pytest.mark.parametrize("path", ["/password/reset/none", "/confirm/none", "/account/move/none"])
def test_unknown_link_is_410_however_it_is_used(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 410
    visitor.get("/login")
    token = visitor.page.text.split('name="csrf_token" value="')[1].split('"')[0] if visitor.page else ""

    assert visitor.client.post(path, data={"csrf_token": token, "password": NEW_PASSWORD}).status_code == 410


def test_link_that_is_too_old_sets_no_password(partner: Partner, visitor: Visitor) -> None:
    forget(visitor, partner.email)
    path = link_to(partner.email, "password.forgotten")
    visitor.get(path)
    with control_unit() as unit:
        for link in unit.session.scalars(select(MailedLink).where(MailedLink.email == partner.email)):
            link.expires_at -= timedelta(minutes=30)

    assert visitor.post(path, password=NEW_PASSWORD).status_code == 410
    assert partner.visitor.peek("/account").status_code == 200
