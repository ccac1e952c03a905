"""The organisation a member belongs to. Who belongs to it is the business of accounts.people."""

from sqlalchemy import select

from accounts.organisations.members import Member
from accounts.organisations.models import Organisation
from kit.errors import NotFound
from kit.ids import new_id
from kit.unit import control


def get_organisation(member: Member) -> Organisation:
    """The member's own organisation. Raises NotFound for an operator who belongs to none."""
    organisation: Organisation | None = control().session.get(Organisation, member.organisation_id)
    if organisation is None:
        raise NotFound("You belong to no organisation.")
    return organisation


def names_of(organisation_ids: set[str]) -> dict[str, str]:
    """Names of organisations by id, for operators."""
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(sorted(organisation_ids)))
    return {row.id: row.name for row in control().session.execute(query)}


def list_ids() -> list[str]:
    """Every organisation's id, oldest first, for the platform's own checks."""
    return list(control().session.scalars(select(Organisation.id).order_by(Organisation.created_at, Organisation.id)))


def create_organisation(*, name: str) -> Organisation:
    """Add an organisation; the caller adds its first owner in the same transaction."""
    organisation = Organisation(id=new_id("org"), name=name.strip())
    session = control().session
    session.add(organisation)
    session.flush()  # the audit chain locks the row, and members refer to it
    return organisation
