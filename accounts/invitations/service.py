"""Inviting people: a mail with a link that works once, for seven days and for the address it was sent to.

The link holds a random token; the database holds its digest. Sending an invitation again makes a new token, so the older mail's
link ends. Whoever opens the link may join only as the address that was invited: the mail shows who can read that address.
"""

import secrets
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy import select

from accounts.audit import service as audit
from accounts.invitations.errors import AlreadyInvited
from accounts.invitations.errors import AlreadyMember
from accounts.invitations.errors import InvitedSomebodyElse
from accounts.invitations.models import Invitation
from accounts.mail.service import send_mail
from accounts.organisations.members import Member
from accounts.organisations.models import Membership
from accounts.organisations.models import Organisation
from accounts.organisations.permissions import checked_role
from accounts.organisations.permissions import ensure
from accounts.people.confirming import ensure_confirmed
from accounts.people.confirming import note_confirmed
from accounts.people.memberships import add_membership
from accounts.people.models import Person
from accounts.people.service import PreparedPassword
from accounts.people.service import add_person
from accounts.people.service import get_person
from accounts.people.service import normalize_email
from kit.clock import now
from kit.crypto import vault
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import RateLimited
from kit.ids import new_id
from kit.unit import control

LASTS = timedelta(days=7)
PAUSE = timedelta(minutes=1)  # between two mails of one invitation
MOST_PENDING = 50  # of an organisation: nobody uses us to write to strangers
UNKNOWN = "This invitation is unknown, was used or withdrawn, or has expired. Ask whoever invited you to send it again."


@dataclass(frozen=True, slots=True)
class Invited:
    """What the person who opens a link is shown. has_account: somebody signs in with this address already."""

    email: str
    role: str
    organisation: str
    invited_by: str
    expires_at: datetime
    has_account: bool


def invite(member: Member, *, email: str, role: str) -> Invitation:
    """Invite an address with a role and write the mail.

    Raises Forbidden, AddressUnconfirmed (403), Invalid (422) for bad input and beyond 50 open invitations, AlreadyMember and
    AlreadyInvited (409).
    """
    ensure(member, "members.invite")
    ensure_confirmed(member)
    role, typed, email = checked_role(role), email.strip(), normalize_email(email)
    organisation = _locked_organisation(member.organisation_id)
    session = control().session
    belongs = (
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.organisation_id == organisation.id, Person.email == email)
    )
    if session.scalar(belongs) is not None:
        raise AlreadyMember(f"{typed} belongs to {organisation.name} already.")
    pending = _pending_of(organisation.id)
    if session.scalar(pending.where(Invitation.email == email)) is not None:
        raise AlreadyInvited(f"{typed} was invited already. Send that invitation again, or withdraw it first.")
    if session.scalar(select(func.count()).select_from(pending.subquery())) >= MOST_PENDING:
        message = f"{MOST_PENDING} invitations are open. Withdraw some that nobody will accept."
        raise Invalid(message, errors=[FieldError("email", "invalid_value", message)])
    invitation = Invitation(
        id=new_id("inv"), organisation_id=organisation.id, email=email, role=role, invited_by=member.person_id, created_at=now()
    )
    _send(member, invitation, organisation, to_address=typed)
    session.add(invitation)
    _note(member.person_id, "member.invited", invitation, {"email": email, "role": role})
    return invitation


def send_again(member: Member, *, invitation_id: str) -> Invitation:
    """Write the mail again with a new link, for seven more days; the older link ends.

    Raises Forbidden, NotFound, RateLimited (429) within a minute of the last mail.
    """
    ensure(member, "members.invite")
    organisation = _locked_organisation(member.organisation_id)
    invitation = _own_pending(member, invitation_id)
    if (waits := invitation.sent_at + PAUSE - now()) > timedelta(0):
        raise RateLimited("The last mail is less than a minute old.", retry_after_s=waits.seconds + 1)
    _send(member, invitation, organisation, to_address=invitation.email)
    _note(member.person_id, "member.invited_again", invitation, {"email": invitation.email, "role": invitation.role})
    return invitation


def withdraw(member: Member, *, invitation_id: str) -> Invitation:
    """End an invitation that nobody has accepted. Raises Forbidden, NotFound."""
    ensure(member, "members.invite")
    _locked_organisation(member.organisation_id)
    invitation = _own_pending(member, invitation_id)
    _end(invitation, "withdrawn")
    _note(member.person_id, "member.invitation_withdrawn", invitation, {"email": invitation.email})
    return invitation


def list_invitations(member: Member) -> list[Invitation]:
    """The organisation's open invitations, expired ones included, newest first."""
    query = _pending_of(member.organisation_id).order_by(Invitation.created_at.desc(), Invitation.id.desc())
    return list(control().session.scalars(query))


def get_invited(*, token: str) -> Invited:
    """What a link stands for. Raises NotFound for one that does not work, whatever the reason."""
    invitation = _working(token, locked=False)
    session = control().session
    organisation = session.get(Organisation, invitation.organisation_id)
    has_account = session.scalar(select(Person.id).where(Person.email == invitation.email)) is not None
    inviter = get_person(person_id=invitation.invited_by)
    return Invited(
        invitation.email, invitation.role, organisation.name, inviter.name or inviter.email_as_typed, invitation.expires_at,
        has_account,
    )  # fmt: skip


def accept(member: Member, *, token: str) -> Member:
    """Let a person who has an account join. Returns them as a member of the organisation they joined.

    Raises NotFound like get_invited, InvitedSomebodyElse (403), AlreadyMember (409).
    """
    invitation = _working(token, locked=True)
    if member.email != invitation.email:
        raise InvitedSomebodyElse(f"This invitation was sent to {invitation.email}, and you are signed in as {member.email}.")
    joined = add_membership(
        member, organisation_id=invitation.organisation_id, role=invitation.role, invitation_id=invitation.id
    )
    if joined is None:
        raise AlreadyMember("You belong to this organisation already.")
    note_confirmed(get_person(person_id=member.person_id))  # the link has shown that they read mails to this address
    _end(invitation, "accepted")
    return replace(joined, is_confirmed=True)


def accept_as_new(*, token: str, name: str, password: PreparedPassword) -> Member:
    """Open an account for the invited address in the organisation that invites. The mail has shown that the address is theirs.

    Raises NotFound like get_invited, EmailTaken (409).
    """
    invitation = _working(token, locked=True)
    joined = add_person(
        invitation.email, password.stored, name=name, organisation_id=invitation.organisation_id, role=invitation.role,
        is_confirmed=True,
    )  # fmt: skip
    _end(invitation, "accepted")
    return joined


def _send(member: Member, invitation: Invitation, organisation: Organisation, *, to_address: str) -> None:
    """Give the invitation a new link and write it to the address."""
    token, at = secrets.token_urlsafe(32), now()
    invitation.token_digest, invitation.sent_at, invitation.expires_at = _digest(token), at, at + LASTS
    inviter = get_person(person_id=member.person_id)
    send_mail(
        kind="member.invited", is_secret=True, to_address=to_address, path=f"/join/{token}", organisation_id=organisation.id,
        context={
            "organisation": organisation.name, "role": invitation.role, "inviter": inviter.name or inviter.email_as_typed,
            "address": to_address, "expires_at": invitation.expires_at,
        },
    )  # fmt: skip


def _end(invitation: Invitation, state: str) -> None:
    invitation.state, invitation.ended_at = state, now()


def _pending_of(organisation_id: str) -> Any:
    return select(Invitation).where(Invitation.organisation_id == organisation_id, Invitation.state == "pending")


def _own_pending(member: Member, invitation_id: str) -> Invitation:
    query = _pending_of(member.organisation_id).where(Invitation.id == invitation_id)
    invitation: Invitation | None = control().session.scalar(query.execution_options(populate_existing=True))
    if invitation is None:
        raise NotFound("This invitation was accepted or withdrawn.")
    return invitation


def _working(token: str, *, locked: bool) -> Invitation:
    query = select(Invitation).where(
        Invitation.token_digest == _digest(token), Invitation.state == "pending", Invitation.expires_at > now()
    )
    if locked:  # two tries at once: the second finds it accepted
        query = query.with_for_update().execution_options(populate_existing=True)
    invitation: Invitation | None = control().session.scalar(query)
    if invitation is None:
        raise NotFound(UNKNOWN)
    return invitation


def _locked_organisation(organisation_id: str) -> Organisation:
    """The organisation under its lock: what is counted among its invitations is counted under it."""
    query = select(Organisation).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    organisation: Organisation | None = control().session.scalar(query)
    if organisation is None:
        raise NotFound
    return organisation


def _digest(token: str) -> str:
    return vault.digest(f"invitation {token}")


def _note(person_id: str, action: str, invitation: Invitation, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=invitation.organisation_id, person_id=person_id, action=action, target=invitation.id, details=details
    )
