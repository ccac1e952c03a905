"""The command that ends sessions."""

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.audit.models import AuditEntry
from accounts.people.service import PreparedPassword
from accounts.people.service import find_session
from accounts.signup.service import SignedUp
from accounts.signup.service import sign_up
from kit.ids import new_id
from kit.unit import control_unit
from worker.sessions import end


def signed_up() -> SignedUp:
    with control_unit():
        return sign_up(
            email=f"{new_id('p').lower()}@example.com", password=PreparedPassword("no password fits"),
            organisation_name="Pasta & Co", ip="192.0.2.1", user_agent="pytest",
        )  # fmt: skip


def is_open(person: SignedUp) -> bool:
    with control_unit(writes=False):
        return find_session(person.session_token) is not None


def trail_of(person: SignedUp) -> list[tuple[str, str | None]]:
    with control_unit(writes=False) as unit:
        query = select(AuditEntry.action, AuditEntry.person_id).where(
            AuditEntry.organisation_id == person.member.organisation_id, AuditEntry.action.like("session.%")
        )
        return [(row.action, row.person_id) for row in unit.session.execute(query)]


@pytest.mark.compliance("ASVS 5.0 7.4.5")
def test_sessions_of_one_person_end_and_then_everybodys(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = signed_up(), signed_up()

    assert end(one.member.email.upper()) == 0
    assert capsys.readouterr().out == "Sessions ended: 1.\n"
    assert (is_open(one), is_open(other)) == (False, True)
    assert end("everybody") == 0
    assert is_open(other) is False
    assert trail_of(one) == trail_of(other) == [("session.all_ended", None)]
    assert end("nobody@example.com") == 2
