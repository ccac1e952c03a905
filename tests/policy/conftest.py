"""One organisation with somebody in each role, someone who runs the platform, and browsers they are signed in with."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accounts.organisations.members import Member
from accounts.organisations.models import ROLES
from accounts.people.service import PreparedPassword
from accounts.people.service import add_person
from accounts.people.service import start_session
from accounts.signup.service import sign_up
from kit.ids import new_id
from kit.unit import control_unit
from sandbox.provision import provision

OPERATOR, NOBODY = "operator", "nobody"
UNUSABLE = PreparedPassword("no password fits")  # everybody here is signed in already


@dataclass(frozen=True)
class Signed:
    """A browser with a session, and the token its forms need."""

    client: FlaskClient
    csrf: str


@pytest.fixture(scope="module")
def people(app: Flask) -> dict[str, Member]:
    """Role → who has it in one organisation whose sandbox is ready; and an operator who belongs to none."""
    with control_unit():
        made = sign_up(
            email=address(), password=UNUSABLE, organisation_name="Bistro Systems", ip="192.0.2.1", user_agent="pytest"
        )
        found = {"owner": made.member}
        for role in ROLES[1:]:
            found[role] = add_person(address(), UNUSABLE.stored, organisation_id=made.member.organisation_id, role=role)
        found[OPERATOR] = add_person(address(), UNUSABLE.stored, is_operator=True)
    provision(made.tenant_id)
    return found


def address() -> str:
    return f"{new_id('p').lower()}@example.com"


@pytest.fixture(scope="module")
def signed(app: Flask, people: dict[str, Member]) -> Callable[[str], Signed]:
    """The browser of one of them, or of nobody; made once."""
    made: dict[str, Signed] = {}

    def of(who: str) -> Signed:
        if who not in made:
            made[who] = sign_in(app, people.get(who), number=len(made))
        return made[who]

    return of


def sign_in(app: Flask, member: Member | None, *, number: int) -> Signed:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"10.8.0.{number + 1}"
    if member is not None:
        with control_unit():
            token = start_session(member.person_id, "192.0.2.1", "pytest")
        with client.session_transaction() as session:
            session["_user_id"] = token
    page = client.get("/docs/roles").text
    return Signed(client, page.split('name="csrf_token" value="')[1].split('"')[0])
