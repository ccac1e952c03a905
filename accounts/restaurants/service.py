"""Whose restaurants a production tenant is: operators say so, and from then on the organisation's members decide which
applications may work with them. Restaurants that nobody was given can be let in by nobody.
"""

from dataclasses import dataclass

from sqlalchemy import Select
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from accounts.applications.models import Application
from accounts.applications.models import Tenant
from accounts.applications.revocations import revocations
from accounts.audit import service as audit
from accounts.notices.service import Told
from accounts.notices.service import notify
from accounts.oauth.models import OAuthGrant
from accounts.organisations.members import Member
from accounts.organisations.models import Organisation
from accounts.organisations.permissions import ensure
from accounts.people.memberships import Colleague
from accounts.people.memberships import colleagues_of
from accounts.restaurants.errors import RestaurantsTaken
from kit.clock import now
from kit.errors import NotFound
from kit.planes import Environment
from kit.unit import control


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation as operators see it."""

    organisation: Organisation
    members: list[Colleague]
    applications: list[Application]
    restaurants: list[Tenant]


def search_organisations(operator: Member, *, words: str, limit: int) -> list[Organisation]:
    """Organisations by a part of their name or their id, newest first. Raises NotFound for anyone but operators."""
    ensure(operator, "platform.organisations")
    query = select(Organisation).order_by(Organisation.created_at.desc(), Organisation.id.desc()).limit(limit)
    if words := words.strip():
        query = query.where(or_(Organisation.name.icontains(words, autoescape=True), Organisation.id == words))
    return list(control().session.scalars(query))


def get_partner(operator: Member, *, organisation_id: str) -> Partner:
    """One organisation with its members, applications and restaurant groups. Raises NotFound."""
    ensure(operator, "platform.organisations")
    organisation = _organisation(organisation_id)
    session = control().session
    applications = select(Application).where(Application.organisation_id == organisation.id)
    restaurants = _production().where(Tenant.organisation_id == organisation.id)
    return Partner(
        organisation, colleagues_of(organisation_id=organisation.id),
        list(session.scalars(applications.order_by(Application.created_at, Application.id))),
        list(session.scalars(restaurants.order_by(Tenant.created_at, Tenant.id))),
    )  # fmt: skip


def search_unassigned(operator: Member, *, words: str, limit: int) -> list[Tenant]:
    """Restaurant groups nobody was given, by name or id, newest first. Raises NotFound for anyone but operators."""
    ensure(operator, "platform.organisations")
    query = _production().where(Tenant.organisation_id.is_(None))
    if words := words.strip():
        query = query.where(or_(Tenant.name.icontains(words, autoescape=True), Tenant.id == words))
    return list(control().session.scalars(query.order_by(Tenant.created_at.desc(), Tenant.id.desc()).limit(limit)))


def assign(operator: Member, *, organisation_id: str, tenant_id: str) -> Tenant:
    """Give a restaurant group to an organisation. Repeating it changes nothing.

    Raises NotFound, also for anyone but operators and for what is no production tenant, RestaurantsTaken (409).
    """
    ensure(operator, "platform.assign")
    organisation, tenant = _organisation(organisation_id), _locked(tenant_id)
    if tenant.organisation_id == organisation.id:
        return tenant
    if tenant.organisation_id is not None:
        raise RestaurantsTaken(f"{tenant.name} belongs to another organisation. Take it from there first.")
    tenant.organisation_id = organisation.id
    _tell(operator, organisation.id, tenant, "assigned", {"name": tenant.name})
    return tenant


def release(operator: Member, *, organisation_id: str, tenant_id: str) -> Tenant:
    """Take a restaurant group from an organisation. What its members let in there ends with the next call.

    Raises NotFound, also for a group that is not the organisation's.
    """
    ensure(operator, "platform.assign")
    tenant = _locked(tenant_id)
    if tenant.organisation_id != organisation_id:
        raise NotFound
    tenant.organisation_id = None
    ended = (
        update(OAuthGrant)
        .where(
            OAuthGrant.organisation_id == organisation_id, OAuthGrant.tenant_id == tenant_id, OAuthGrant.revoked_at.is_(None)
        )
        .values(revoked_at=now())
        .execution_options(synchronize_session=False)
    )
    count = int(control().session.execute(ended).rowcount)
    revocations.announce()
    _tell(operator, organisation_id, tenant, "released", {"name": tenant.name, "grants_ended": count})
    return tenant


def _tell(operator: Member, organisation_id: str, tenant: Tenant, what: str, details: dict[str, str | int]) -> None:
    audit.record(
        organisation_id=organisation_id, person_id=operator.person_id, action=f"tenant.{what}", target=tenant.id, details=details
    )
    texts = {
        "assigned": (
            "info", f"{tenant.name} belongs to your organisation now",
            "Your owners and developers decide which applications may work with these restaurants.",
        ),
        "released": (
            "warning", f"{tenant.name} no longer belongs to your organisation",
            "Applications your people had let into these restaurants were disconnected.",
        ),
    }  # fmt: skip
    severity, title, text = texts[what]
    told = Told(kind=f"tenant.{what}", severity=severity, title=title, text=text, link="/live/apps")
    notify(told, organisation_id=organisation_id)


def _production() -> Select[tuple[Tenant]]:
    return select(Tenant).where(Tenant.environment == Environment.PRODUCTION)


def _organisation(organisation_id: str) -> Organisation:
    organisation: Organisation | None = control().session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    return organisation


def _locked(tenant_id: str) -> Tenant:
    """The production tenant, its row locked until commit, so that two operators do not give it to two organisations."""
    query = _production().where(Tenant.id == tenant_id).with_for_update(key_share=True)
    tenant: Tenant | None = control().session.scalar(query.execution_options(populate_existing=True))
    if tenant is None:
        raise NotFound
    return tenant
