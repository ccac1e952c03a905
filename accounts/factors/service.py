"""A person's own factors: what there is, adding and removing. Each change is recorded and told to the person by mail.

The first factor brings recovery codes with it, the last one takes them along.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from accounts.audit import service as audit
from accounts.factors import passkeys
from accounts.factors import recovery
from accounts.factors import totp
from accounts.factors.models import Authenticator
from accounts.factors.models import Passkey
from accounts.factors.models import RecoveryCode
from accounts.factors.passkeys import RelyingParty
from accounts.factors.recovery import PreparedCodes
from accounts.factors.telling import tell
from accounts.factors.totp import Enrolment
from accounts.organisations.members import Member
from accounts.organisations.models import Membership
from accounts.organisations.models import Organisation
from accounts.organisations.permissions import ensure
from accounts.people.models import Person
from accounts.people.models import WebSession
from accounts.people.service import get_person
from kit.clock import now
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.unit import control


@dataclass(frozen=True, slots=True)
class Overview:
    """What can open a person's account besides their password. enrolment: the app that is being set up."""

    app_since: datetime | None
    enrolment: Enrolment | None
    passkeys: list[Passkey]
    codes_left: int

    @property
    def has_factor(self) -> bool:
        return self.app_since is not None or bool(self.passkeys)


@dataclass(frozen=True, slots=True)
class Requirement:
    """Whether an organisation asks its members for a second factor, and how many of them have one."""

    is_set: bool
    members: int
    with_factor: int


def overview(member: Member) -> Overview:
    """The member's own factors."""
    app = totp.find_app(member.person_id)
    return Overview(
        app.confirmed_at if app else None, totp.find_enrolment(member.person_id, account=member.email),
        passkeys.list_passkeys(member.person_id), recovery.count_codes(member.person_id),
    )  # fmt: skip


def begin_app(member: Member) -> None:
    """Begin to set up an authenticator app. Raises InvalidTransition (409) when there is one."""
    _locked(member.person_id)
    totp.begin_enrolment(member.person_id)


def cancel_app(member: Member) -> None:
    """Leave off setting up an app; one that is set up stays."""
    totp.cancel_enrolment(member.person_id)


def finish_app(member: Member, *, code: str, codes: PreparedCodes | None) -> None:
    """Let the app count, with recovery codes if there are none. Raises NotFound, WrongCode (401)."""
    _locked(member.person_id)
    totp.finish_enrolment(member.person_id, code=code)
    tell("factor.totp_added", person_id=member.person_id)
    _settle(member.person_id, codes)


def remove_app(member: Member) -> None:
    """Remove the authenticator app. Raises NotFound."""
    _locked(member.person_id)
    totp.remove_app(member.person_id)
    tell("factor.totp_removed", person_id=member.person_id)
    _settle(member.person_id, None)


def add_passkey(
    member: Member, *, party: RelyingParty, name: str, answer: str, challenge: bytes, codes: PreparedCodes | None
) -> Passkey:
    """Keep a passkey that answered, with recovery codes if there are none. Raises PasskeyRefused (401), Invalid (422)."""
    _locked(member.person_id)
    passkey = passkeys.add_passkey(party, person_id=member.person_id, name=name, answer=answer, challenge=challenge)
    tell("factor.passkey_added", person_id=member.person_id, target=passkey.id, details={"name": name}, about=name)
    _settle(member.person_id, codes)
    return passkey


def remove_passkey(member: Member, *, passkey_id: str) -> Passkey:
    """Remove one of the member's passkeys. Raises NotFound."""
    _locked(member.person_id)
    passkey = passkeys.remove_passkey(member.person_id, passkey_id=passkey_id)
    details = {"name": passkey.name}
    tell("factor.passkey_removed", person_id=member.person_id, target=passkey.id, details=details, about=passkey.name)
    _settle(member.person_id, None)
    return passkey


def renew_codes(member: Member, *, codes: PreparedCodes) -> None:
    """Replace the recovery codes. Raises InvalidTransition (409) for whoever has nothing they could stand in for."""
    if not _locked(member.person_id).has_factor:
        raise InvalidTransition("Recovery codes stand in for a second factor. Set one up first.")
    recovery.replace_codes(member.person_id, codes)
    tell("factor.codes_made", person_id=member.person_id)


def forget_factors(*, email: str) -> bool:
    """Take away every factor of somebody who has lost them all, and end their sessions. False: nobody has this address.

    For whoever runs the installation, once they are sure who asks.
    """
    session = control().session
    person_id = session.scalar(select(Person.id).where(Person.email == email.strip().lower()))
    if person_id is None:
        return False
    person = _locked(person_id)
    for model in (Authenticator, Passkey, RecoveryCode):
        session.execute(delete(model).where(model.person_id == person.id))
    open_ones = update(WebSession).where(WebSession.person_id == person.id, WebSession.revoked_at.is_(None))
    session.execute(open_ones.values(revoked_at=now()))
    person.has_factor = False
    tell("factor.forgotten", person_id=person.id, is_own=False)
    return True


def requirement_of(member: Member) -> Requirement:
    """What the member's organisation asks of its members."""
    counted = (
        select(Organisation.needs_factor, func.count(), func.count().filter(Person.has_factor))
        .join(Membership, Membership.organisation_id == Organisation.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Organisation.id == member.organisation_id)
        .group_by(Organisation.id, Organisation.needs_factor)
    )
    row = control().session.execute(counted).first()
    return Requirement(*row) if row else Requirement(is_set=False, members=0, with_factor=0)


def require_factor(member: Member, *, is_required: bool) -> None:
    """Ask every member of the organisation for a second factor, or no longer. Raises Forbidden (403).

    Raises Invalid (422) when the owner has none: the first to be locked out would be they.
    """
    ensure(member, "security.require")
    if is_required and not get_person(person_id=member.person_id).has_factor:
        message = "Set up a second factor for yourself first."
        raise Invalid(message, errors=[FieldError("is_required", "invalid_value", message)])
    organisation = control().session.get(Organisation, member.organisation_id)
    if organisation.needs_factor != is_required:
        organisation.needs_factor = is_required
        audit.record(
            organisation_id=organisation.id, person_id=member.person_id, target=organisation.id,
            action="factor.required" if is_required else "factor.not_required",
        )  # fmt: skip


def _locked(person_id: str) -> Person:
    """The person, whose factors nobody else changes until this is over: what they have left is counted from all of them."""
    query = select(Person).where(Person.id == person_id).with_for_update(key_share=True)
    person: Person = control().session.scalars(query.execution_options(populate_existing=True)).one()
    return person


def _settle(person_id: str, codes: PreparedCodes | None) -> None:
    """Note whether the person has a factor, and give or take recovery codes accordingly."""
    person = get_person(person_id=person_id)
    person.has_factor = totp.find_app(person_id) is not None or bool(passkeys.list_passkeys(person_id))
    if not person.has_factor:
        recovery.drop_codes(person_id)
    elif codes is not None and not recovery.count_codes(person_id):
        recovery.replace_codes(person_id, codes)
