"""Mails leave at least once, in the end, and only to whom they are meant for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from accounts.mail.models import Mail
from accounts.mail.service import Taken
from accounts.mail.service import get_mail
from accounts.mail.service import note_sent
from accounts.mail.service import send_again
from accounts.mail.service import send_mail
from accounts.mail.service import take_mails
from kit.clock import now
from kit.settings import Settings
from kit.unit import control
from kit.unit import control_unit
from tests.worker.mailbox import Mailbox
from tests.worker.mailbox import taking_mail
from tests.worker.test_egress import certificate
from worker import mailing
from worker.mail_routes import MailFolder
from worker.mail_routes import MailServer
from worker.mailing import Postman
from worker.mailing import route_of

SENDER = Address("Tableport", "no-reply", "tableport.example")
CONTEXT = {
    "endpoint": "Küche", "address": "https://pos.example.com/hooks", "application": "Kiosk", "place": "Live",
    "failing_since": None, "last_answer": "502 Bad Gateway", "is_gone": False,
}  # fmt: skip


@pytest.fixture(autouse=True)
def empty_outbox(app: Flask) -> None:
    """Other tests' mails stay out of these rounds."""
    with control_unit():
        control().session.execute(delete(Mail))


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with taking_mail() as box:
        yield box


def write(to_address: str = "owner@bistro.example", **context: Any) -> str:
    with control_unit():
        mail = send_mail(kind="endpoint.disabled", to_address=to_address, path="/live/x", context=CONTEXT | context)
        assert mail is not None
        return mail.id


def write_and_fail() -> None:
    with control_unit():
        send_mail(kind="endpoint.disabled", to_address="a@b.example", path="/", context=CONTEXT)
        raise ZeroDivisionError


def seen(mail_id: str) -> Mail:
    with control_unit(writes=False):
        return get_mail(mail_id=mail_id)


def pass_time(by: timedelta) -> None:
    """Let every mail be older and, if it waits, due earlier by as much."""
    with control_unit():
        for mail in control().session.query(Mail):
            mail.created_at -= by
            mail.due_at = mail.due_at - by if mail.due_at else None


def postman(box: Mailbox, **options: Any) -> Postman:
    return Postman(MailServer(options.pop("url", box.url), envelope_from="no-reply@tableport.example", **options), sender=SENDER)


def test_mail_arrives_with_text_and_html_when_the_server_takes_it(mailbox: Mailbox):
    mail_id = write()
    assert postman(mailbox).round() == 1
    [message] = mailbox.mails
    assert {name: message[name] for name in ("From", "To", "Subject", "Message-ID", "Auto-Submitted")} == {
        "From": "Tableport <no-reply@tableport.example>", "To": "owner@bistro.example",
        "Subject": "Küche was switched off", "Message-ID": f"<{mail_id}@tableport.example>", "Auto-Submitted": "auto-generated",
    }  # fmt: skip
    plain, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "Address:       https://pos.example.com/hooks" in plain
    assert "<dd>Küche</dd>" in html
    assert mailbox.envelopes == [("no-reply@tableport.example", ["owner@bistro.example"], False)]
    mail = seen(mail_id)
    assert (mail.state, mail.attempts, mail.due_at, mail.sent_to, mail.last_error) == ("sent", 1, None, "server", None)
    assert postman(mailbox).round() == 0


def test_mail_is_not_there_when_its_transaction_was_rolled_back(mailbox: Mailbox):
    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert postman(mailbox).round() == 0


def test_mail_waits_when_the_server_is_down_and_goes_out_when_it_is_up():
    with taking_mail() as box:
        pass
    first, second = write(), write()
    assert postman(box).round() == 2
    for mail_id in (first, second):
        mail = seen(mail_id)
        assert (mail.state, mail.attempts) == ("queued", 1)
        assert timedelta(seconds=55) < mail.due_at - now() <= timedelta(seconds=60)
    assert seen(first).last_error == f"127.0.0.1:{box.port} does not answer: ConnectionRefusedError"
    with taking_mail(box):
        assert postman(box).round() == 0
        pass_time(timedelta(minutes=1))
        assert postman(box).round() == 2
    assert {seen(first).state, seen(second).state} == {"sent"}
    assert len(box.mails) == 2


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(2, 15), (3, 60), (4, 180), (5, 360), (12, 360)], ids=str
)
def test_pauses_grow_to_six_hours(attempts: int, minutes: int):
    mail_id = write()
    with control_unit():
        control().session.execute(update(Mail).where(Mail.id == mail_id).values(attempts=attempts))
    Postman(MailServer("smtp://127.0.0.1:1", envelope_from="a@b.example"), sender=SENDER).round()
    pause = seen(mail_id).due_at - now()
    assert timedelta(minutes=minutes - 1) < pause <= timedelta(minutes=minutes)


def test_mail_is_given_up_after_three_days_and_can_be_tried_once_more(mailbox: Mailbox):
    mail_id, nobody = write(), MailServer("smtp://127.0.0.1:1", envelope_from="a@b.example")
    pass_time(timedelta(days=2, hours=23))
    Postman(nobody, sender=SENDER).round()
    assert seen(mail_id).state == "queued"
    pass_time(timedelta(hours=1))
    Postman(nobody, sender=SENDER).round()
    mail = seen(mail_id)
    assert (mail.state, mail.attempts, mail.due_at) == ("failed", 2, None)
    with control_unit():
        send_again(mail_id=mail_id)
    postman(mailbox).round()
    assert (seen(mail_id).state, len(mailbox.mails)) == ("sent", 1)
    with control_unit():
        send_again(mail_id=mail_id)
    assert seen(mail_id).state == "sent"


def test_mail_goes_again_under_the_same_id_when_the_process_was_killed_before_it_said_so(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
):
    mail_id = write()

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as killed:
        killed.setattr(mailing, "note_sent", die)
        with pytest.raises(SystemExit):
            postman(mailbox).round()
    assert (seen(mail_id).state, postman(mailbox).round()) == ("queued", 0)
    pass_time(timedelta(minutes=10))
    assert postman(mailbox).round() == 1
    assert [message["Message-ID"] for message in mailbox.mails] == [f"<{mail_id}@tableport.example>"] * 2
    assert (seen(mail_id).state, seen(mail_id).attempts) == ("sent", 2)


def test_late_failure_of_a_lost_lease_changes_nothing(mailbox: Mailbox):
    mail_id = write()
    with control_unit():
        [late] = take_mails(limit=1)
    pass_time(timedelta(minutes=10))
    with control_unit():
        take_mails(limit=1)
    leased_until = seen(mail_id).due_at
    with control_unit():
        mailing.note_failure(late, error="late", is_final=True)
    assert (seen(mail_id).state, seen(mail_id).due_at, seen(mail_id).last_error) == ("queued", leased_until, None)


def test_mail_that_kills_its_sender_is_given_up():
    mail_id = write()
    with control_unit():
        control().session.execute(update(Mail).values(attempts=40))
    with control_unit():
        assert take_mails(limit=1) == []
    assert (seen(mail_id).state, seen(mail_id).last_error) == ("failed", "the process that sent it died each time")


@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such mailbox", "failed"), ("452 mailbox full", "queued")], ids=["for ever", "for now"]
)
def test_refused_recipient_holds_up_no_other_mail(mailbox: Mailbox, answer: str, state: str):
    refused, taken = write("gone@bistro.example"), write()
    mailbox.refusals = {"gone@bistro.example": answer}
    postman(mailbox).round()
    assert (seen(refused).state, seen(taken).state) == (state, "sent")
    assert seen(refused).last_error == f"recipient refused: {answer}"


def test_mail_that_breaks_the_connection_holds_up_no_other_mail(mailbox: Mailbox):
    broken, taken = write(), write()
    mailbox.drops = 1
    postman(mailbox).round()
    assert (seen(broken).state, seen(taken).state) == ("queued", "sent")
    assert seen(broken).last_error == "the connection broke: SMTPServerDisconnected"


@pytest.mark.parametrize(
    "address",
    ["@c.example", "a@" + "d" * 70 + ".example", "a@b.example\r\nBcc: c@d.example"],
    ids=["nobody", "label", "header"],
)  # fmt: skip
def test_address_no_mail_can_carry_fails_at_once(mailbox: Mailbox, address: str):
    mail_id = write(address)
    postman(mailbox).round()
    assert (seen(mail_id).state, mailbox.mails) == ("failed", [])


def test_comma_in_an_address_makes_no_second_recipient(mailbox: Mailbox):
    write("a,b@c.example")
    postman(mailbox).round()
    assert mailbox.envelopes[0][1] == ['"a,b"@c.example']
    assert len(mailbox.mails[0]["To"].addresses) == 1


def test_typed_line_breaks_make_no_header_and_no_line(mailbox: Mailbox):
    write(endpoint="Till\r\nBcc: thief@evil.example\r\n\r\nPay here: https://evil.example")
    postman(mailbox).round()
    [message] = mailbox.mails
    assert message["Bcc"] is None
    assert message["Subject"] == "Till  Bcc: thief@evil.example    Pay here: https://evil.example was switched off"
    assert mailbox.envelopes[0][1] == ["owner@bistro.example"]
    assert "\nPay here" not in message.get_body(("plain",)).get_content().replace("\r", "")  # type: ignore[union-attr]


def test_international_domain_is_written_as_mail_servers_know_it(mailbox: Mailbox):
    write("koch@küche.example")
    postman(mailbox).round()
    assert mailbox.envelopes[0][1] == ["koch@xn--kche-0ra.example"]


def test_password_goes_over_tls_to_a_server_with_the_right_certificate(tmp_path: Path):
    server_side, trust = certificate(tmp_path, "localhost")
    with taking_mail(tls=server_side, needs_login=True) as box:
        mail_id, url = write(), f"smtp://post%40man:s3cret@localhost:{box.port}"
        postman(box, url=url).round()
        assert seen(mail_id).last_error == "TLS: CERTIFICATE_VERIFY_FAILED"
        assert box.logins == []
        pass_time(timedelta(minutes=1))
        postman(box, url=url, tls=trust).round()
    assert (box.logins, box.envelopes[0][2], seen(mail_id).state) == ([("post@man", "s3cret")], True, "sent")


def test_wrong_password_is_told_and_tried_again(tmp_path: Path):
    server_side, trust = certificate(tmp_path, "localhost")
    with taking_mail(tls=server_side, needs_login=True) as box:
        mail_id = write()
        postman(box, url=f"smtp://u:wrong@localhost:{box.port}", tls=trust).round()
    assert seen(mail_id).state == "queued"
    assert (seen(mail_id).last_error or "").startswith("535 ")


def test_password_stays_here_when_the_server_offers_no_tls(mailbox: Mailbox):
    mail_id = write()
    postman(mailbox, url=f"smtp://u:s3cret@127.0.0.1:{mailbox.port}").round()
    assert (mailbox.logins, mailbox.mails) == ([], [])
    assert seen(mail_id).last_error == "the server offers no STARTTLS, and a password is sent over TLS only"


def test_postman_sends_by_himself_and_goes_on_when_a_round_fails(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mailing, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(mailing, "LONGEST_BACKOFF_S", 0.01)
    stumbles = [ZeroDivisionError, SQLAlchemyError]
    take, arrived = mailing.take_mails, Event()

    def take_in_the_end(**options: Any) -> list[Taken]:
        if stumbles:
            raise stumbles.pop()
        return take(**options)

    def taken(*arguments: Any, **options: Any) -> None:
        note_sent(*arguments, **options)
        control().after_commit.append(arrived.set)

    monkeypatch.setattr(mailing, "take_mails", take_in_the_end)
    monkeypatch.setattr(mailing, "note_sent", taken)
    mail_id, walking = write(), postman(mailbox)
    walking.start()
    assert arrived.wait(10)
    walking.stop()
    assert (seen(mail_id).state, len(mailbox.mails), stumbles) == ("sent", 1, [])


def test_mails_become_private_files_when_no_server_is_set(settings: Settings, tmp_path: Path):
    mail_id, route = write(), route_of(replace(settings, home=tmp_path))
    Postman(route, sender=SENDER).round()
    [path] = (tmp_path / "mail").iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == (f"{mail_id}.eml", 0o600)
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert (message["To"], message["Subject"]) == ("owner@bistro.example", "Küche was switched off")
    assert (seen(mail_id).state, seen(mail_id).sent_to) == ("sent", "folder")
    folder = MailFolder(tmp_path)
    assert (folder.forget(kept_s=60), folder.forget(kept_s=-60), list(path.parent.iterdir())) == (0, 1, [])


def write_secret() -> str:
    with control_unit():
        mail = send_mail(kind="endpoint.disabled", to_address="a@b.example", path="/join/t0ken", context=CONTEXT, is_secret=True)
        assert mail is not None
        return mail.id


def test_secret_mail_is_sealed_until_it_is_sent_and_erased_then(mailbox: Mailbox):
    mail_id = write_secret()
    waiting = seen(mail_id)
    assert all("t0ken" not in column and "switched off" not in column for column in (waiting.text, waiting.html))
    postman(mailbox).round()
    [message] = mailbox.mails
    for kind in ("plain", "html"):
        assert "/join/t0ken" in message.get_body((kind,)).get_content()  # type: ignore[union-attr]
    assert (seen(mail_id).state, seen(mail_id).text, seen(mail_id).html) == ("sent", "", "")


def test_secret_mail_of_another_row_is_not_opened_and_holds_up_no_other(mailbox: Mailbox):
    moved, taken = write_secret(), write()
    with control_unit():
        control().session.execute(update(Mail).where(Mail.id == moved).values(text=Mail.html))
    assert postman(mailbox).round() == 1
    assert (seen(moved).state, seen(moved).last_error) == ("failed", "its text was sealed under another master key")
    assert seen(taken).state == "sent"


def test_second_mail_with_the_same_key_is_not_written():
    with control_unit():
        made = [
            send_mail(kind="endpoint.disabled", to_address="a@b.example", path="/", context=CONTEXT, dedupe_key="k")
            for _ in range(2)
        ]
    assert [mail is None for mail in made] == [False, True]
