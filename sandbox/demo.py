"""The demo of a development installation: a partner with every kind of credential, and an operator.

Written once to `demo.json` in the home folder, mode 0600, because digests alone are stored: when the file is lost, new
passwords and keys are issued and the old ones revoked. Every step may be stopped and repeated.
"""

import json
import os
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.service import Side
from accounts.applications.service import connect
from accounts.applications.service import create_application
from accounts.applications.service import create_tenant
from accounts.applications.service import seeding_side
from accounts.applications.service import tenants_of
from accounts.approvals.service import Verdict
from accounts.approvals.service import decide
from accounts.approvals.service import request_production
from accounts.keys.catalog import READ_ONLY
from accounts.keys.queries import credential_by_kid
from accounts.keys.service import create_key
from accounts.keys.service import list_keys
from accounts.keys.service import revoke_key
from accounts.oauth.service import create_client
from accounts.oauth.service import list_clients
from accounts.oauth.service import revoke_client
from accounts.organisations.members import Member
from accounts.organisations.models import Membership
from accounts.organisations.service import create_organisation
from accounts.people import passwords
from accounts.people.models import Person
from accounts.people.service import create_person
from accounts.plans.scopes import scopes_of
from kit.crypto import parse
from kit.planes import Environment
from kit.settings import Settings
from kit.unit import control
from kit.unit import control_unit
from sandbox.provision import FROZEN
from sandbox.provision import provision

PARTNER, OPERATOR = "partner@demo.example", "operator@demo.example"
MAIN = "Demo application"
# Applications with a sandbox of their own: name, plan the sandbox behaves as (None: everything is open), its world
APPLICATIONS = (
    (MAIN, None, "minimal"),
    ("Demo: Smart plan", "smart", "minimal"),
    ("Demo: Basic plan", "basic", "minimal"),
    ("Demo: another restaurant", None, "neighbour"),
)
# Credential name, application, environment, scopes (None: all)
KEYS = (
    ("tm.full", MAIN, Environment.SANDBOX, None),
    ("tm.readonly", MAIN, Environment.SANDBOX, READ_ONLY),
    ("tm.smart", "Demo: Smart plan", Environment.SANDBOX, None),
    ("tm.basic", "Demo: Basic plan", Environment.SANDBOX, None),
    ("tm.other_tenant", "Demo: another restaurant", Environment.SANDBOX, None),
    ("tm.production", MAIN, Environment.PRODUCTION, None),
)
CLIENT = "client"


def ensure(settings: Settings) -> Path:
    """Make what is missing of the demo and return the path of demo.json. Call outside any unit of work.

    A demo.json whose credentials still work is left alone.
    """
    path = settings.home / "demo.json"
    if _is_current(path):
        return path
    logins = {email: secrets.token_urlsafe(12) for email in (PARTNER, OPERATOR)}
    hashes = {email: passwords.hashed(password) for email, password in logins.items()}
    with control_unit():
        application_ids = _accounts(logins, hashes)
        pending = [tenant_id for tenant_id, state in _tenants(application_ids).items() if state == "pending"]
    for tenant_id in pending:
        provision(tenant_id)
    with control_unit():
        credentials = _credentials(application_ids)
    _write(path, {
        "base_url": settings.public_url,
        "portal": {
            "partner": {"email": PARTNER, "password": logins[PARTNER]},
            "operator": {"email": OPERATOR, "password": logins[OPERATOR]},
        },
        "credentials": credentials,
    })  # fmt: skip
    return path


def _is_current(path: Path) -> bool:
    """The file is there and its first key still works, so it belongs to these databases."""
    try:
        written = json.loads(path.read_text())["credentials"]["tm.full"]["headers"]["Authorization"]
    except (OSError, ValueError, LookupError, TypeError):
        return False
    credential = parse(str(written).removeprefix("Bearer "))
    if credential is None:
        return False
    with control_unit(writes=False):
        row = credential_by_kid(credential.kid)
    return row is not None and row.revoked_at_us is None


def _accounts(logins: dict[str, str], hashes: dict[str, str]) -> dict[str, str]:
    """Bring people, organisation and applications into being; return the applications' ids by name."""
    partner = _member(PARTNER, hashes) or create_person(
        email=PARTNER, password=logins[PARTNER], name="Demo Partner", role="owner",
        organisation_id=create_organisation(name="Demo Integrations").id,
    )  # fmt: skip
    operator = _member(OPERATOR, hashes) or create_person(
        email=OPERATOR, password=logins[OPERATOR], name="Demo Operator", is_operator=True
    )
    found = {row.name: row.id for row in control().session.scalars(
        select(Application).where(Application.organisation_id == partner.organisation_id)
    )}  # fmt: skip
    for name, *_ in APPLICATIONS:
        if name not in found:
            found[name] = create_application(partner, name=name).id
    _approve(partner, operator, found[MAIN])
    return found


def _member(email: str, hashes: dict[str, str]) -> Member | None:
    """The person of an earlier demo, with the new password, or None."""
    session = control().session
    person = session.scalar(select(Person).where(Person.email == email))
    if person is None:
        return None
    person.password_hash = hashes[email]
    query = select(Membership).where(Membership.person_id == person.id)  # unscoped: people belong to no tenant
    membership = session.scalar(query)
    organisation_id, role = (membership.organisation_id, membership.role) if membership else ("", "")
    return Member(person.id, organisation_id, role, person.is_operator, email, is_confirmed=True)


def _approve(partner: Member, operator: Member, application_id: str) -> None:
    """Take the main application through the approval that every application goes through."""
    application = control().session.get(Application, application_id)
    if application.state not in ("draft", "rejected"):
        return
    request = request_production(
        partner, application_id=application_id, plan_tier="pro", scopes=scopes_of(Environment.PRODUCTION),
        note="Part of the demo installation.", evidence={},
    )  # fmt: skip
    control().session.flush()  # the decision reads the request
    decide(operator, request_id=request.id, verdict=Verdict(word="approve", reason="Part of the demo installation."))


def _tenants(application_ids: dict[str, str]) -> dict[str, str]:
    """Register a sandbox per application and the restaurant group the main one serves; return their states by id."""
    tenants = []
    for name, plan_tier, profile in APPLICATIONS:
        application_id = application_ids[name]
        tenants += tenants_of(application_id=application_id, environment=Environment.SANDBOX) or [
            create_tenant(
                environment=Environment.SANDBOX, application_id=application_id, name=name, plan_tier=plan_tier,
                profile=profile, clock_mode=FROZEN,
            )
        ]  # fmt: skip
    live = tenants_of(application_id=application_ids[MAIN], environment=Environment.PRODUCTION)
    if not live:
        owner = control().session.get(Application, application_ids[MAIN]).organisation_id  # so that its consent can be tried
        live = [
            create_tenant(
                environment=Environment.PRODUCTION, application_id=None, name="Bistro Group", plan_tier="pro",
                organisation_id=owner,
            )
        ]  # fmt: skip
        connect(application_id=application_ids[MAIN], tenant_id=live[0].id)
    return {tenant.id: tenant.state for tenant in [*tenants, *live]}


def _credentials(application_ids: dict[str, str]) -> dict[str, Any]:
    """Revoke the demo's earlier credentials and issue new ones; return them as demo.json shows them."""
    issued: dict[str, Any] = {}
    for name, application, environment, scopes in KEYS:
        # The demo's own keys are issued whatever the plan they behave as allows.
        side = replace(seeding_side(application_id=application_ids[application], environment=environment), plan_tier=None)
        _revoke_keys(side, name)
        key = create_key(
            side, name=name, scopes=scopes_of(environment) if scopes is None else scopes,
            allow_open_items=environment == Environment.SANDBOX,
        )  # fmt: skip
        issued[name] = {"headers": {"Authorization": f"Bearer {key.text}"}}
    side = seeding_side(application_id=application_ids[MAIN], environment=Environment.SANDBOX)
    for client in list_clients(side):
        if client.name == CLIENT:
            revoke_client(side, client_id=client.id)
    made = create_client(side, name=CLIENT, scopes=scopes_of(Environment.SANDBOX))
    return issued | {CLIENT: {"client_id": made.client.id, "client_secret": made.secret}}


def _revoke_keys(side: Side, name: str) -> None:
    for key in list_keys(side):
        if key.name == name and key.revoked_at is None:
            revoke_key(side, key_id=key.id)


def _write(path: Path, content: dict[str, Any]) -> None:
    """Put the file in place whole and readable by its owner only."""
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps(content, indent=1) + "\n")
    temporary.replace(path)
