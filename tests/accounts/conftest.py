"""Accounts for the tests of this folder: each call signs up a new partner, so tests never share an organisation."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime

import pytest
from flask import Flask

from accounts.applications.service import Side
from accounts.applications.service import connect
from accounts.applications.service import create_tenant
from accounts.applications.service import mark_ready
from accounts.applications.service import side_for
from accounts.organisations.members import Member
from accounts.people.service import create_person
from accounts.signup.service import SignedUp
from accounts.signup.service import sign_up
from kit.documents import append
from kit.ids import ulid
from kit.planes import Environment
from kit.scope import Scope
from kit.scope import TenantState
from kit.unit import control_unit
from kit.unit import unit_of_work
from tests.support.people import confirm

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Account:
    """A partner with one application and a provisioned, empty sandbox tenant."""

    signed_up: SignedUp
    email: str

    @property
    def member(self) -> Member:
        return self.signed_up.member

    @property
    def application_id(self) -> str:
        return self.signed_up.application_id

    @property
    def organisation_id(self) -> str:
        return self.signed_up.member.organisation_id

    @property
    def scope(self) -> Scope:
        return Scope(Environment.SANDBOX, self.signed_up.tenant_id, application_id=self.application_id)

    def side(self, environment: Environment = Environment.SANDBOX, member: Member | None = None) -> Side:
        """The owner's (or another member's) side; needs an open control unit."""
        return side_for(member or self.member, application_id=self.application_id, environment=environment)

    def production_side(self, plan_tier: str) -> Side:
        """The owner's side of production, connected to a tenant on this plan; needs an open control unit."""
        self.connected_tenant(plan_tier)
        return self.side(Environment.PRODUCTION)

    def colleague(self, role: str) -> Member:
        """Another member of the organisation; needs an open control unit."""
        return create_person(
            email=f"{ulid().lower()}@example.com", password=PASSWORD, organisation_id=self.organisation_id, role=role
        )

    def connected_tenant(self, plan_tier: str) -> str:
        """A production tenant that connected the application; needs an open control unit."""
        tenant = create_tenant(
            environment=Environment.PRODUCTION, application_id=None, name="Bistro", plan_tier=plan_tier
        )
        connect(application_id=self.application_id, tenant_id=tenant.id)
        return tenant.id


@pytest.fixture
def new_account(app: Flask) -> Callable[[], Account]:
    """Signs up a new partner, whose address is confirmed, and gives its sandbox tenant a state row."""

    def make() -> Account:
        email = f"{ulid().lower()}@example.com"
        with control_unit():
            signed_up = sign_up(
                email=email, password=PASSWORD, organisation_name="Pasta & Co", ip="192.0.2.1", user_agent="pytest"
            )
            confirm(email)
            signed_up = replace(signed_up, member=replace(signed_up.member, is_confirmed=True))
        account = Account(signed_up, email)
        with unit_of_work(account.scope):
            append(account.scope, TenantState, [{"created_at": datetime(2026, 1, 12, 12, tzinfo=UTC)}])
        with control_unit():
            mark_ready(tenant_id=signed_up.tenant_id)
        return account

    return make


@pytest.fixture
def account(new_account: Callable[[], Account]) -> Account:
    """A new partner."""
    return new_account()


@pytest.fixture
def stranger(new_account: Callable[[], Account]) -> Account:
    """Another partner, whose things must look absent to `account`."""
    return new_account()


@pytest.fixture
def operator(app: Flask) -> Member:
    """Someone who runs the platform."""
    with control_unit():
        return create_person(email=f"{ulid().lower()}@example.com", password=PASSWORD, is_operator=True)
