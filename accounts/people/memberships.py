"""Who belongs to which organisations, and with which role. Owners change it; one owner always stays.

A person may belong to several organisations and acts in one of them at a time, which the browser session remembers.
"""

from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from accounts.applications.revocations import revocations
from accounts.audit import service as audit
from accounts.mail.service import send_mail
from accounts.organisations.members import Member
from accounts.organisations.models import Membership
from accounts.organisations.models import Organisation
from accounts.organisations.permissions import checked_role
from accounts.organisations.permissions import ensure
from accounts.organisations.permissions import roles_with
from accounts.people.errors import LastOwner
from accounts.people.models import Person
from accounts.people.models import WebSession
from kit.clock import now
from kit.crypto import vault
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.unit import control


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member as the others see them."""

    person_id: str
    name: str
    email: str
    role: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Belonging:
    """An organisation somebody belongs to, and as what."""

    organisation_id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Known:
    """A person an old record names: they may have left since, or be one of those who run the platform."""

    email: str
    is_operator: bool


def list_members(member: Member) -> list[Colleague]:
    """Everyone in the member's organisation, oldest first."""
    return colleagues_of(organisation_id=member.organisation_id)


def colleagues_of(*, organisation_id: str) -> list[Colleague]:
    """Everyone in an organisation, oldest first, for a reader who has been let to it."""
    return _colleagues(Membership.organisation_id == organisation_id)


def list_holders(permission: str, *, organisation_id: str) -> list[Colleague]:
    """Those of an organisation whose role holds a permission, oldest first."""
    return _colleagues(Membership.organisation_id == organisation_id, Membership.role.in_(roles_with(permission)))


def people_of(person_ids: set[str]) -> dict[str, Known]:
    """Who these people are, by id. For records of a reader's own organisation, and for operators."""
    rows = control().session.execute(
        select(Person.id, Person.email_as_typed, Person.is_operator).where(Person.id.in_(sorted(person_ids)))
    )
    return {row.id: Known(row.email_as_typed, row.is_operator) for row in rows}


def change_role(member: Member, *, person_id: str, role: str) -> Membership:
    """Give a colleague another role. Raises Forbidden for a non-owner, NotFound, Invalid, LastOwner (409)."""
    ensure(member, "members.write")
    checked_role(role)
    membership = _locked(member, person_id)
    if role != "owner":
        _ensure_other_owner(membership)
    _note(member, "member.role_changed", person_id, {"from": membership.role, "to": role})
    membership.role = role
    return membership


def remove_member(member: Member, *, person_id: str) -> None:
    """Take a person out of the organisation and end their sessions in it. Raises like change_role."""
    ensure(member, "members.write")
    membership = _locked(member, person_id)
    _end(membership)
    _note(member, "member.removed", person_id, {"role": membership.role})
    session = control().session
    is_here = or_(WebSession.organisation_id.is_(None), WebSession.organisation_id == member.organisation_id)
    session.execute(
        update(WebSession)
        .where(WebSession.person_id == person_id, WebSession.revoked_at.is_(None), is_here)
        .values(revoked_at=now())
    )


def leave(member: Member) -> None:
    """Leave the organisation oneself; sessions stay, for the person's other organisations. Raises Forbidden, LastOwner (409)."""
    ensure(member, "members.leave")
    membership = _locked(member, member.person_id)
    _end(membership)
    _note(member, "member.left", member.person_id, {"role": membership.role})


def transfer_ownership(member: Member, *, person_id: str, confirmation: str) -> Colleague:
    """Make a colleague an owner and oneself a developer, in one step. Returns the new owner.

    confirmation: the organisation's name, typed. Raises Forbidden, NotFound, Invalid (422) for another name or oneself.
    """
    ensure(member, "ownership.transfer")
    if person_id == member.person_id:
        raise _refused("person_id", "Choose somebody else: the organisation is yours already.")
    heir, own = _locked(member, person_id), _locked(member, member.person_id)
    name = control().session.scalar(select(Organisation.name).where(Organisation.id == member.organisation_id))
    if confirmation.strip() != name:
        raise _refused("confirmation", f"Type the name of the organisation, {name}, to confirm.")
    _note(member, "organisation.transferred", person_id, {"from": heir.role, "former_owner": member.person_id})
    heir.role, own.role = "owner", "developer"
    (found,) = _colleagues(Membership.id == heir.id)
    giver = control().session.get(Person, member.person_id)
    send_mail(
        kind="organisation.transferred", to_address=found.email, path="/members", organisation_id=member.organisation_id,
        person_id=person_id, context={"organisation": name, "giver": giver.name or giver.email_as_typed},
    )  # fmt: skip
    return found


def add_membership(member: Member, *, organisation_id: str, role: str, invitation_id: str) -> Member | None:
    """Let a person with an account join an organisation by an invitation. Returns them as its member, None if they are one."""
    session = control().session
    of_both = (Membership.organisation_id == organisation_id, Membership.person_id == member.person_id)
    if session.scalar(select(Membership.id).where(*of_both)) is not None:
        return None
    joined = replace(member, organisation_id=organisation_id, role=checked_role(role))
    session.add(Membership(id=new_id("mbr"), organisation_id=organisation_id, person_id=member.person_id, role=role))
    _note(joined, "member.added", member.person_id, {"role": role, "invitation_id": invitation_id})
    return joined


def list_organisations(*, person_id: str) -> list[Belonging]:
    """The organisations a person belongs to, in the order they joined them."""
    query = (
        select(Organisation.id, Organisation.name, Membership.role)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.created_at, Membership.id)
    )
    return [Belonging(*row) for row in control().session.execute(query)]


def choose_organisation(member: Member, *, session_token: str, organisation_id: str) -> Belonging:
    """Let a browser session act in another organisation of its person from the next request on. Raises NotFound."""
    found = next((one for one in list_organisations(person_id=member.person_id) if one.organisation_id == organisation_id), None)
    web_session: WebSession | None = control().session.get(WebSession, vault.digest(session_token))
    if found is None or web_session is None or web_session.person_id != member.person_id:
        raise NotFound
    web_session.organisation_id = organisation_id
    return found


def _colleagues(*conditions: ColumnElement[bool]) -> list[Colleague]:
    query = (
        select(Person, Membership)
        .join(Membership, Membership.person_id == Person.id)
        .where(*conditions)
        .order_by(Membership.created_at, Membership.id)
    )
    return [
        Colleague(p.id, p.name, p.email_as_typed, m.role, m.created_at) for p, m in control().session.execute(query)
    ]


def _locked(member: Member, person_id: str) -> Membership:
    """The membership, under the organisation's lock: two owners cannot demote each other at once."""
    session = control().session
    session.execute(
        select(Organisation.id).where(Organisation.id == member.organisation_id).with_for_update(key_share=True)
    )
    query = select(Membership).where(
        Membership.organisation_id == member.organisation_id, Membership.person_id == person_id
    )
    membership: Membership | None = session.scalar(query.execution_options(populate_existing=True))
    if membership is None:
        raise NotFound
    return membership


def _end(membership: Membership) -> None:
    """End a membership, and with it what the person let in for the organisation: its tokens stop with their next use."""
    _ensure_other_owner(membership)
    control().session.delete(membership)
    revocations.announce()


def _refused(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[FieldError(field, "invalid_value", message)])


def _note(member: Member, action: str, target: str, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=member.organisation_id, person_id=member.person_id, action=action, target=target, details=details
    )


def _ensure_other_owner(membership: Membership) -> None:
    query = select(func.count()).where(
        Membership.organisation_id == membership.organisation_id,
        Membership.role == "owner",
        Membership.id != membership.id,
    )
    if not control().session.scalar(query):
        raise LastOwner
