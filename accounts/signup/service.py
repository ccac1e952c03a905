"""Signing up: the one step that makes a person, an organisation, an application, a key and an endpoint together.

It stands above what it makes, so that people can be known to webhooks (who is told of a fault) without a circle.
"""

import secrets
from dataclasses import dataclass

from accounts.applications.service import create_application
from accounts.applications.service import create_tenant
from accounts.applications.service import side_for
from accounts.keys.service import create_key
from accounts.organisations.members import Member
from accounts.organisations.service import create_organisation
from accounts.people.confirming import send_confirmation
from accounts.people.service import PreparedPassword
from accounts.people.service import add_person
from accounts.people.service import prepare_password
from accounts.people.service import start_session
from accounts.plans.scopes import SCOPES
from accounts.webhooks.service import create_endpoint
from kit.errors import FieldError
from kit.errors import Invalid
from kit.planes import Environment

INBOX = "https://inbox.sandbox.invalid/"


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A new account. api_key and session_token are known here only; the tenant is pending until it is provisioned."""

    member: Member
    session_token: str
    application_id: str
    tenant_id: str
    api_key: str
    endpoint_id: str


def sign_up(
    *, email: str, password: str | PreparedPassword, organisation_name: str, ip: str, user_agent: str
) -> SignedUp:
    """Open an account: person, organisation, application, pending sandbox tenant, full sandbox key, inbox endpoint.

    password: prepared where others may be waiting to write; a plain one is hashed here, before the first statement.
    The endpoint's URL names an inbox that provisioning opens. A letter asks to confirm the address; nothing here waits for it.
    Raises Invalid (422) for bad input, EmailTaken (409).
    """
    _ensure_organisation_name(organisation_name)
    prepared = prepare_password(email=email, password=password) if isinstance(password, str) else password
    organisation = create_organisation(name=organisation_name)
    member = add_person(email, prepared.stored, organisation_id=organisation.id, role="owner")
    application = create_application(member, name="First application")
    tenant = create_tenant(environment=Environment.SANDBOX, application_id=application.id, name=organisation.name)
    side = side_for(member, application_id=application.id, environment=Environment.SANDBOX)
    issued = create_key(side, name="First key", scopes=SCOPES)
    url = INBOX + secrets.token_urlsafe(24)
    endpoint = create_endpoint(side, url=url, event_types=["*"], description="Your sandbox inbox").endpoint
    token = start_session(member.person_id, ip, user_agent)
    send_confirmation(person_id=member.person_id)
    return SignedUp(member, token, application.id, tenant.id, issued.text, endpoint.id)


def _ensure_organisation_name(name: str) -> None:
    if not 1 <= len(name.strip()) <= 255 or not name.strip().isprintable():
        message = "1 to 255 printable characters"
        raise Invalid(f"The company name must have {message}.",
                      errors=[FieldError("organisation_name", "invalid_value", message)])  # fmt: skip
