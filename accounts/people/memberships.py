"""Who belongs to an organisation, and with which role. Owners change it; one owner always stays."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from accounts.audit import service as audit
from accounts.organisations.members import MAKERS
from accounts.organisations.members import Member
from accounts.organisations.members import ensure_owner
from accounts.organisations.models import ROLES
from accounts.organisations.models import Membership
from accounts.organisations.models import Organisation
from accounts.people.errors import LastOwner
from accounts.people.models import Person
from accounts.people.models import WebSession
from kit.clock import now
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
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
class Known:
    """A person an old record names: they may have left since, or be one of those who run the platform."""

    email: str
    is_operator: bool


def list_members(member: Member) -> list[Colleague]:
    """Everyone in the member's organisation, oldest first."""
    return _colleagues(Membership.organisation_id == member.organisation_id)


def list_makers(*, organisation_id: str) -> list[Colleague]:
    """An organisation's owners and developers, oldest first: whom the platform tells when something needs a hand."""
    return _colleagues(Membership.organisation_id == organisation_id, Membership.role.in_(MAKERS))


def people_of(person_ids: set[str]) -> dict[str, Known]:
    """Who these people are, by id. For records of a reader's own organisation, and for operators."""
    rows = control().session.execute(
        select(Person.id, Person.email_as_typed, Person.is_operator).where(Person.id.in_(sorted(person_ids)))
    )
    return {row.id: Known(row.email_as_typed, row.is_operator) for row in rows}


def change_role(member: Member, *, person_id: str, role: str) -> Membership:
    """Give a colleague another role. Raises Forbidden for a non-owner, NotFound, Invalid, LastOwner (409)."""
    ensure_owner(member)
    if role not in ROLES:
        raise Invalid(
            f"A role is one of {', '.join(ROLES)}.", errors=[FieldError("role", "invalid_value", ", ".join(ROLES))]
        )
    membership = _locked(member, person_id)
    if role != "owner":
        _ensure_other_owner(membership)
    audit.record(
        organisation_id=member.organisation_id, person_id=member.person_id, action="member.role_changed", target=person_id,
        details={"from": membership.role, "to": role},
    )  # fmt: skip
    membership.role = role
    return membership


def remove_member(member: Member, *, person_id: str) -> None:
    """Take a person out of the organisation and end their sessions. Raises like change_role."""
    ensure_owner(member)
    membership = _locked(member, person_id)
    _ensure_other_owner(membership)
    session = control().session
    session.execute(
        update(WebSession)
        .where(WebSession.person_id == person_id, WebSession.revoked_at.is_(None))
        .values(revoked_at=now())
    )
    session.delete(membership)
    audit.record(
        organisation_id=member.organisation_id, person_id=member.person_id, action="member.removed", target=person_id,
        details={"role": membership.role},
    )  # fmt: skip


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


def _ensure_other_owner(membership: Membership) -> None:
    query = select(func.count()).where(
        Membership.organisation_id == membership.organisation_id,
        Membership.role == "owner",
        Membership.id != membership.id,
    )
    if not control().session.scalar(query):
        raise LastOwner
