"""Applications, the tenants they work with, and Side: one environment of one application.

A lookup starts from the member's organisation or is made by the platform itself (provisioning, seeding); a foreign id
answers like an absent one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from accounts.applications.errors import ApplicationNameTaken
from accounts.applications.models import Application
from accounts.applications.models import Connection
from accounts.applications.models import Tenant
from accounts.audit import service as audit
from accounts.organisations.members import Member
from accounts.organisations.models import Organisation
from accounts.organisations.permissions import ensure
from accounts.organisations.permissions import ensure_as
from accounts.plans.scopes import scopes_of
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.planes import Environment
from kit.scope import SYSTEM
from kit.scope import Actor
from kit.unit import control

MAX_PLACES = 50  # locations a credential can be restricted to


@dataclass(frozen=True, slots=True)
class Side:
    """One environment of one application, and who acts on it.

    tenant_id is empty in production until a restaurant connects. made_by: portal (a person with a role), api or listener
    (a credential, whose scopes the gate has checked) or world (seeding).
    """

    application_id: str
    organisation_id: str
    environment: Environment
    tenant_id: str
    plan_tier: str | None
    scopes: frozenset[str]
    actor: Actor
    made_by: str
    person_id: str | None = None
    role: str | None = None


def ensure_on(side: Side, permission: str) -> None:
    """Raise Forbidden (403) for a person whose role does not hold a permission. What credentials may do, the gate checks."""
    if side.made_by == "portal":
        ensure_as(side.role, permission)


def checked_name(name: str) -> str:
    """The name of a credential, trimmed. Raises Invalid (422)."""
    name = name.strip()
    if not 1 <= len(name) <= 80 or not name.isprintable():
        message = "1 to 80 printable characters"
        raise Invalid(f"The name must have {message}.", errors=[FieldError("name", "invalid_value", message)])
    return name


def checked_places(location_ids: Iterable[str]) -> list[str]:
    """The locations a credential is restricted to, none for all. Raises Invalid (422) for too many."""
    places = list(dict.fromkeys(location_ids))
    if len(places) > MAX_PLACES:
        message = f"at most {MAX_PLACES} locations; choose none for all"
        raise Invalid(f"Choose {message}.", errors=[FieldError("location_ids", "invalid_value", message)])
    return places


def side_for(member: Member, *, application_id: str, environment: Environment, tenant_id: str | None = None) -> Side:
    """The member's view of one environment of their application.

    tenant_id picks one of several connected production tenants; without it the first connected one.
    Raises NotFound for another organisation's application or a tenant it does not work with.
    """
    application = get_application(member, application_id=application_id)
    tenant = _tenant_for(application.id, environment, tenant_id)
    return Side(
        application.id, application.organisation_id, environment, tenant.id if tenant else "",
        tenant.plan if tenant else None, _scopes(application, environment), Actor("partner_app", application.id), "portal",
        member.person_id, member.role,
    )  # fmt: skip


def _scopes(application: Application, environment: Environment) -> frozenset[str]:
    """What its people may give to a credential: in production what was granted, once something was."""
    granted = application.granted_scopes if environment == Environment.PRODUCTION else []
    return scopes_of(environment) & frozenset(granted) if granted else scopes_of(environment)


def seeding_side(
    *, application_id: str, environment: Environment = Environment.SANDBOX, tenant_id: str | None = None
) -> Side:
    """A Side for the platform's own seeding: no role, and what it makes does not count against limits."""
    application: Application | None = control().session.get(Application, application_id)
    if application is None:
        raise NotFound
    tenant = _tenant_for(application_id, environment, tenant_id)
    return Side(
        application_id, application.organisation_id, environment, tenant.id if tenant else "",
        tenant.plan if tenant else None, scopes_of(environment), SYSTEM, "world",
    )  # fmt: skip


def _tenant_for(application_id: str, environment: Environment, tenant_id: str | None) -> Tenant | None:
    query = _tenants_of(application_id, environment)
    if tenant_id is not None:
        query = query.where(Tenant.id == tenant_id)
    tenant: Tenant | None = control().session.scalars(query.limit(1)).first()
    if tenant is None and tenant_id is not None:
        raise NotFound
    return tenant


def _tenants_of(application_id: str, environment: Environment) -> Any:
    """Tenants an application works with, oldest first: its own in the sandbox, connected ones in production."""
    query = select(Tenant).where(Tenant.environment == environment)
    if environment == Environment.SANDBOX:
        return query.where(Tenant.application_id == application_id).order_by(Tenant.created_at, Tenant.id)
    query = query.join(Connection, Connection.tenant_id == Tenant.id).where(Connection.application_id == application_id)
    return query.order_by(Connection.created_at, Connection.id)


def tenants_of(*, application_id: str, environment: Environment) -> list[Tenant]:
    """Every tenant an application works with in one environment, oldest first."""
    return list(control().session.scalars(_tenants_of(application_id, environment)))


def list_applications(member: Member) -> list[Application]:
    """The organisation's applications, oldest first."""
    query = select(Application).where(Application.organisation_id == member.organisation_id)
    return list(control().session.scalars(query.order_by(Application.created_at, Application.id)))


def get_application(member: Member, *, application_id: str) -> Application:
    """One application of the member's organisation. Raises NotFound, also for another organisation's."""
    query = select(Application).where(
        Application.id == application_id, Application.organisation_id == member.organisation_id
    )
    application: Application | None = control().session.scalar(query)
    if application is None:
        raise NotFound
    return application


def lock_application(application_id: str) -> Application:
    """The application, its row locked until commit: what is counted per application is counted under this lock."""
    query = select(Application).where(Application.id == application_id).with_for_update(key_share=True)
    application: Application | None = control().session.scalar(query.execution_options(populate_existing=True))
    if application is None:
        raise NotFound
    return application


def plan_now(side: Side) -> str | None:
    """The plan of the side's tenant as it is under the application's lock, which a change of plan takes as well."""
    if side.made_by == "world" or not side.tenant_id:
        return side.plan_tier
    tenant: Tenant | None = control().session.get(Tenant, side.tenant_id, populate_existing=True)
    return tenant.plan if tenant else side.plan_tier


def create_application(member: Member, *, name: str) -> Application:
    """Add an application in state draft, without any tenant.

    Raises Forbidden for a reading role, Invalid for a bad name, ApplicationNameTaken (409).
    """
    ensure(member, "applications.write")
    name = _free_name(member, name)
    application = Application(id=new_id("app"), organisation_id=member.organisation_id, name=name, state="draft")
    session = control().session
    session.add(application)
    session.flush()  # tenants and keys of this transaction refer to it
    _note(member, "application.created", application, {"name": name})
    return application


def rename_application(
    member: Member, *, application_id: str, name: str, description: str | None = None
) -> Application:
    """Change an application's name and, when given, its description. Raises like create_application, and NotFound."""
    ensure(member, "applications.write")
    application = get_application(member, application_id=application_id)
    before = application.name
    if name.strip() != before:
        application.name = _free_name(member, name)
    if description is not None:
        application.description = _text(description, "description", 0, 500)
    _note(member, "application.renamed", application, {"from": before, "to": application.name})
    return application


def _free_name(member: Member, name: str) -> str:
    name = _text(name, "name", 1, 80)
    session = control().session
    # Two people choosing one name at once are put in order by the organisation's row.
    session.execute(
        select(Organisation.id).where(Organisation.id == member.organisation_id).with_for_update(key_share=True)
    )
    query = select(Application.id).where(
        Application.organisation_id == member.organisation_id, Application.name == name
    )
    if session.scalar(query) is not None:
        raise ApplicationNameTaken(f"Your organisation already has an application named {name}.")
    return name


def _text(value: str, field: str, shortest: int, longest: int) -> str:
    value = value.strip()
    if not shortest <= len(value) <= longest or not value.replace("\n", "").isprintable():
        message = f"{shortest} to {longest} printable characters"
        raise Invalid(f"The {field} must have {message}.", errors=[FieldError(field, "invalid_value", message)])
    return value


def _note(member: Member, action: str, application: Application, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=member.organisation_id, person_id=member.person_id, action=action, target=application.id,
        details=details,
    )  # fmt: skip


def create_tenant(
    *, environment: Environment, application_id: str | None, name: str, plan_tier: str | None = None,
    profile: str = "minimal", clock_mode: str = "real", organisation_id: str | None = None,
) -> Tenant:  # fmt: skip
    """Add the registry entry of a tenant, pending until its rows exist on its plane (sandbox.provision makes them).

    application_id: the owner of a sandbox tenant; None for a production tenant, which applications connect to.
    organisation_id: the owner of a production tenant, if its restaurants have an account here.
    """
    tenant = Tenant(
        id=new_id("tn"), environment=environment, application_id=application_id, name=name, plan_tier=plan_tier,
        profile=profile, clock_mode=clock_mode, organisation_id=organisation_id, state="pending",
    )  # fmt: skip
    session = control().session
    session.add(tenant)
    session.flush()  # keys and connections of this transaction refer to it
    return tenant


def connect(*, application_id: str, tenant_id: str) -> Connection:
    """Let an application work with a production tenant. Connecting twice is the same as once.

    Endpoints that exist already are subscribed to the tenant by accounts.webhooks.sync.
    """
    application, tenant = lock_application(application_id), get_tenant(tenant_id=tenant_id)
    if tenant.environment != Environment.PRODUCTION:
        raise NotFound
    session = control().session
    query = select(Connection).where(Connection.application_id == application_id, Connection.tenant_id == tenant_id)
    connection: Connection | None = session.scalar(query)
    if connection is None:
        connection = Connection(id=new_id("con"), application_id=application_id, tenant_id=tenant_id)
        session.add(connection)
        session.flush()  # a Side made in this transaction must see it
        audit.record(
            organisation_id=application.organisation_id, person_id=None, action="tenant.connected", target=application_id,
            details={"tenant_id": tenant_id},
        )  # fmt: skip
    return connection


def applications_of_tenant(*, tenant_id: str) -> list[Application]:
    """The applications that work with a production tenant, in the order they were connected."""
    query = (
        select(Application)
        .join(Connection, Connection.application_id == Application.id)
        .where(Connection.tenant_id == tenant_id)
        .order_by(Connection.created_at, Connection.id)
    )
    return list(control().session.scalars(query))


def tenants_owned_by(*, organisation_id: str) -> list[Tenant]:
    """The production tenants of an organisation that exist on their plane, oldest first."""
    query = select(Tenant).where(
        Tenant.organisation_id == organisation_id, Tenant.environment == Environment.PRODUCTION, Tenant.state == "ready"
    )
    return list(control().session.scalars(query.order_by(Tenant.created_at, Tenant.id)))


def get_tenant(*, tenant_id: str) -> Tenant:
    """The registry entry of any tenant, for the platform itself. Raises NotFound."""
    tenant: Tenant | None = control().session.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound
    return tenant


def sandbox_tenant(*, application_id: str) -> Tenant:
    """The application's sandbox tenant. Raises NotFound when it has none."""
    tenant = _tenant_for(application_id, Environment.SANDBOX, None)
    if tenant is None:
        raise NotFound
    return tenant


def tenants_pending() -> list[Tenant]:
    """Tenants whose rows do not exist on their plane yet, oldest first."""
    query = select(Tenant).where(Tenant.state == "pending").order_by(Tenant.created_at, Tenant.id)
    return list(control().session.scalars(query))


def mark_ready(*, tenant_id: str) -> Tenant:
    """Say that a tenant's rows exist on its plane. Repeating it changes nothing."""
    tenant = get_tenant(tenant_id=tenant_id)
    tenant.state = "ready"
    return tenant
