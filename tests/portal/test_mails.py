"""The outbox as an operator sees it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy import update

from accounts.mail.models import Mail
from accounts.mail.service import send_mail
from accounts.people.models import Person
from kit.ids import new_id
from kit.unit import control_unit
from tests.portal.browsing import Visitor

CONTEXT = {
    "endpoint": "Till <1>", "address": "https://pos.example.com/", "application": "Kiosk", "place": "Live", "failing_since": None,
    "last_answer": "timeout", "is_gone": False,
}  # fmt: skip


@pytest.fixture
def mail_id(operator: Visitor) -> str:
    """A mail to an address of its own."""
    with control_unit():
        mail = send_mail(
            kind="endpoint.disabled", to_address=f"{new_id('to').lower()}@bistro.example", path="/live/x", context=CONTEXT
        )
        assert mail is not None
        return mail.id


@pytest.fixture
def secret_mail_id(operator: Visitor) -> str:
    """A mail whose link lets somebody in."""
    with control_unit():
        mail = send_mail(kind="endpoint.disabled", to_address="a@b.example", path="/join/t0ken", context=CONTEXT, is_secret=True)
        assert mail is not None
        return mail.id


@pytest.fixture
def in_production(app: Flask, operator: Visitor, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation for business, where operators need a second factor: this one has it."""
    operators = update(Person).where(Person.is_operator)
    with control_unit() as unit:
        unit.session.execute(operators.values(has_factor=True))
    monkeypatch.setitem(app.config, "IS_PRODUCTION", True)
    yield
    with control_unit() as unit:
        unit.session.execute(operators.values(has_factor=False))


def change(mail_id: str, **values: object) -> None:
    with control_unit() as unit:
        unit.session.execute(update(Mail).where(Mail.id == mail_id).values(**values))


def test_list_says_what_became_of_each_mail_and_that_no_server_is_set(operator: Visitor, mail_id: str) -> None:
    html = operator.get("/admin/mails").text
    assert "No mail server is set, so nobody gets these." in html
    assert "Queued" in html

    change(mail_id, state="sent", sent_to="folder", due_at=None)

    assert "Written to a file" in operator.get("/admin/mails?state=sent").text
    assert f"/admin/mails/{mail_id}" in operator.page.text if operator.page else False
    assert f"/admin/mails/{mail_id}" not in operator.get("/admin/mails?state=failed").text


def test_mail_is_shown_as_text(operator: Visitor, mail_id: str) -> None:
    html = operator.get(f"/admin/mails/{mail_id}").text

    assert "<h1>Till &lt;1&gt; was switched off</h1>" in html
    assert "Endpoint:      Till &lt;1&gt;" in html
    assert "Try again" not in html


def test_mail_that_was_given_up_is_tried_again(operator: Visitor, mail_id: str) -> None:
    change(mail_id, state="failed", due_at=None, last_error="550 no such mailbox")
    assert "550 no such mailbox" in operator.get(f"/admin/mails/{mail_id}").text

    assert "It is tried again within seconds." in operator.submit("/send").text
    with control_unit(writes=False) as unit:
        assert unit.session.scalar(select(Mail.state).where(Mail.id == mail_id)) == "queued"


def test_secret_mail_is_read_on_the_installation_of_a_developer(operator: Visitor, secret_mail_id: str) -> None:
    html = operator.get(f"/admin/mails/{secret_mail_id}").text

    assert "/join/t0ken" in html
    assert "You see this because the installation is for development." in html


@pytest.mark.usefixtures("in_production")
def test_secret_mail_is_read_by_no_operator_in_production(operator: Visitor, secret_mail_id: str) -> None:
    html = operator.get(f"/admin/mails/{secret_mail_id}").text

    assert "t0ken" not in html
    assert "sealed until the mail is sent" in html


def test_unknown_mail_is_404(operator: Visitor) -> None:
    assert operator.get("/admin/mails/mail_unknown").status_code == 404
