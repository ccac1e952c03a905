"""What people let OAuth clients do: who may grant what, the grants of an organisation, and their end.

In the sandbox the members of the organisation that builds the application grant its own sandbox tenant. In production the
members of the organisation that owns the restaurants do. Reading roles grant nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from accounts.applications.models import Application
from accounts.applications.models import Tenant
from accounts.applications.revocations import revocations
from accounts.applications.service import checked_places
from accounts.applications.service import lock_application
from accounts.applications.service import tenants_of
from accounts.applications.service import tenants_owned_by
from accounts.audit import service as audit
from accounts.oauth.models import AccessToken
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import OAuthGrant
from accounts.organisations.members import Member
from accounts.organisations.models import Membership
from accounts.organisations.models import Organisation
from accounts.organisations.permissions import ensure
from accounts.organisations.permissions import may
from accounts.organisations.permissions import refusal_of
from accounts.plans.scopes import SCOPES
from kit.clock import from_us
from kit.clock import now
from kit.errors import FieldError
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control

TOUCH_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person can let a client into. tenants is empty when `reason` says why they can let it into nothing."""

    application: Application
    maker: Organisation  # who builds the application
    tenants: list[Tenant]
    reason: str


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """A grant with what it is about. Who the person is, accounts.people knows."""

    grant: OAuthGrant
    client: OAuthClient
    application: Application
    maker: Organisation
    tenant: Tenant


def offer_to(member: Member, *, client: OAuthClient) -> Offer:
    """What the member can let this client into, and by whom it is made."""
    session = control().session
    application = session.get(Application, client.application_id)
    maker = session.get(Organisation, application.organisation_id)
    tenants, reason = _tenants(member, client, application)
    if not may(member, "grants.give"):
        tenants, reason = [], refusal_of(member.role, "grants.give")
    elif client.environment == Environment.PRODUCTION and application.state != "approved":
        tenants, reason = [], "This application is not approved for production yet."
    return Offer(application, maker, tenants, "" if tenants else reason)


def give_grant(
    member: Member, *, client: OAuthClient, tenant_id: str, scopes: Iterable[str], asked: Iterable[str],
    location_ids: Iterable[str] = (),
) -> OAuthGrant:  # fmt: skip
    """Let a client work with a tenant, with some of the scopes it asked for.

    location_ids: the only locations it is about, ones the caller knows to exist there; none for all.

    This connects no application: a connection would let its makers issue keys with other scopes than a person granted.

    A second grant of the same person, client and tenant takes the place of the first: what was unticked now is gone from
    the tokens issued before. Raises Forbidden (403) for who may not grant this, Invalid (422) for no or other scopes, or too
    many locations.
    """
    ensure(member, "grants.give")
    offer = offer_to(member, client=client)
    if tenant_id not in {tenant.id for tenant in offer.tenants}:
        raise Forbidden(offer.reason or "These restaurants are not yours to share.", required_scopes=[])
    wanted = set(scopes)
    if not wanted or not wanted <= set(asked):
        message = "Leave at least one permission ticked, of those the application asked for."
        raise Invalid(message, errors=[FieldError("scopes", "invalid_value", message)])
    places = checked_places(location_ids)
    lock_application(client.application_id)  # two consents at once make one grant
    grant = _active(member, client, tenant_id) or _new_grant(member, client, tenant_id)
    grant.scopes, grant.location_ids = [scope for scope in SCOPES if scope in wanted], places
    control().session.flush()  # the code of this transaction refers to it
    revocations.announce()  # older tokens may hold less now
    details = {"client_id": client.id, "tenant_id": tenant_id, "scopes": grant.scopes, "location_ids": places}
    _note(member, "grant.given", grant, details)
    return grant


def find_live_grant(*, grant_id: str) -> OAuthGrant | None:
    """The grant unless it was revoked or its person has left the organisation."""
    query = (
        select(OAuthGrant)
        .join(
            Membership,
            (Membership.person_id == OAuthGrant.person_id) & (Membership.organisation_id == OAuthGrant.organisation_id),
        )
        .where(OAuthGrant.id == grant_id, OAuthGrant.revoked_at.is_(None))
    )
    grant: OAuthGrant | None = control().session.scalar(query)
    return grant


def list_grants(member: Member, *, environment: Environment) -> list[ConnectedApp]:
    """The grants of the member's organisation in one environment that have not ended, newest first, whoever gave them."""
    query = (
        select(OAuthGrant, OAuthClient, Application, Organisation, Tenant)
        .join(OAuthClient, OAuthClient.id == OAuthGrant.client_id)
        .join(Application, Application.id == OAuthClient.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Tenant, Tenant.id == OAuthGrant.tenant_id)
        .where(
            OAuthGrant.organisation_id == member.organisation_id, OAuthGrant.revoked_at.is_(None),
            OAuthClient.revoked_at.is_(None), OAuthClient.environment == environment,
        )
        .order_by(OAuthGrant.created_at.desc(), OAuthGrant.id.desc())
    )  # fmt: skip
    return [ConnectedApp(*row) for row in control().session.execute(query)]


def revoke_grant(member: Member, *, grant_id: str) -> OAuthClient:
    """End a grant of the member's organisation: its tokens stop with the next request. Returns the client.

    Whoever gave a grant may end it whatever their role is now; others need to be owner or developer. Raises NotFound,
    Forbidden (403). Repeating it changes nothing.
    """
    query = select(OAuthGrant).where(OAuthGrant.id == grant_id, OAuthGrant.organisation_id == member.organisation_id)
    grant: OAuthGrant | None = control().session.scalar(query)
    if grant is None:
        raise NotFound
    if grant.person_id != member.person_id:
        ensure(member, "grants.end")
    client: OAuthClient = control().session.get(OAuthClient, grant.client_id)
    if grant.revoked_at is None:
        grant.revoked_at = now()
        _note(member, "grant.revoked", grant, {"client_id": client.id, "tenant_id": grant.tenant_id})
        revocations.announce()
    return client


def touch_grants(used: dict[str, tuple[int, str, str]]) -> None:
    """Note when tokens of grants were used, each grant at most once a minute. used: kid of a token → (µs, …)."""
    connection = control().connection
    for kid, (at_us, *_) in sorted(used.items()):
        at = from_us(at_us)
        is_old = or_(OAuthGrant.last_used_at.is_(None), OAuthGrant.last_used_at < at - TOUCH_EVERY)
        holder = select(AccessToken.grant_id).where(AccessToken.kid == kid).scalar_subquery()
        connection.execute(update(OAuthGrant).where(OAuthGrant.id == holder, is_old).values(last_used_at=at))


def _tenants(member: Member, client: OAuthClient, application: Application) -> tuple[list[Tenant], str]:
    if client.environment == Environment.PRODUCTION:
        found = tenants_owned_by(organisation_id=member.organisation_id)
        return found, "No restaurants belong to your organisation here, so there is nothing to share."
    if application.organisation_id != member.organisation_id:
        return [], "This is a sandbox application: only members of the organisation that builds it can let it in."
    found = tenants_of(application_id=application.id, environment=Environment.SANDBOX)
    return [tenant for tenant in found if tenant.state == "ready"], "The sandbox is still being built; try again in a moment."


def _active(member: Member, client: OAuthClient, tenant_id: str) -> OAuthGrant | None:
    query = select(OAuthGrant).where(
        OAuthGrant.client_id == client.id, OAuthGrant.person_id == member.person_id,
        OAuthGrant.organisation_id == member.organisation_id, OAuthGrant.tenant_id == tenant_id,
        OAuthGrant.revoked_at.is_(None),
    )  # fmt: skip
    grant: OAuthGrant | None = control().session.scalar(query)
    return grant


def _new_grant(member: Member, client: OAuthClient, tenant_id: str) -> OAuthGrant:
    grant = OAuthGrant(
        id=new_id("gra"), client_id=client.id, person_id=member.person_id, organisation_id=member.organisation_id,
        tenant_id=tenant_id, created_at=now(),
    )  # fmt: skip
    control().session.add(grant)
    return grant


def _note(member: Member, action: str, grant: OAuthGrant, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=member.organisation_id, person_id=member.person_id, action=action, target=grant.id, details=details
    )
