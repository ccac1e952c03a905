"""People in front of the portal."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from accounts.people.service import create_person
from kit.ids import new_id
from kit.unit import control_unit
from tests.portal.browsing import PASSWORD
from tests.portal.browsing import Visitor
from tests.support.people import confirm


@dataclass
class Partner:
    """A signed-up visitor and the key the sign-up showed."""

    visitor: Visitor
    key: str
    email: str


@pytest.fixture
def new_visitor(app: Flask) -> Callable[[], Visitor]:
    """Makes a browser nobody is signed in with."""
    return lambda: Visitor(app)


@pytest.fixture
def visitor(new_visitor: Callable[[], Visitor]) -> Visitor:
    """One such browser."""
    return new_visitor()


@pytest.fixture
def new_partner(new_visitor: Callable[[], Visitor]) -> Callable[[], Partner]:
    """Makes an account through the sign-up form; its address is confirmed."""

    def make() -> Partner:
        found = new_visitor()
        email = f"{new_id('p').lower()}@example.com"
        key = found.sign_up(email)
        with control_unit():
            confirm(email)
        return Partner(found, key, email)

    return make


@pytest.fixture
def partner(new_partner: Callable[[], Partner]) -> Partner:
    """One such account, with its sandbox ready."""
    return new_partner()


@pytest.fixture
def operator(new_visitor: Callable[[], Visitor]) -> Visitor:
    """Someone who runs the platform, signed in."""
    email = f"{new_id('op').lower()}@example.com"
    with control_unit():
        create_person(email=email, password=PASSWORD, is_operator=True)
    found = new_visitor()
    found.log_in(email)
    return found
