"""The organisation a member belongs to. Who belongs to it is the business of accounts.people."""

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


def create_organisation(*, name: str) -> Organisation:
    """Add an organisation; the caller adds its first owner in the same transaction."""
    organisation = Organisation(id=new_id("org"), name=name.strip())
    session = control().session
    session.add(organisation)
    session.flush()  # the audit chain locks the row, and members refer to it
    return organisation
