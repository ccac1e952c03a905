"""People: their accounts, signing in, and who a browser session belongs to. Signing up is the business of accounts.signup.

The session cookie holds a random token; the database holds its digest, so a copy of the database signs nobody in, and
signing out ends the session on the server.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from sqlalchemy import case
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from accounts.audit import service as audit
from accounts.organisations.members import Member
from accounts.organisations.models import Membership
from accounts.organisations.models import Organisation
from accounts.organisations.permissions import checked_role
from accounts.people import passwords
from accounts.people.errors import EmailTaken
from accounts.people.errors import FactorNeeded
from accounts.people.errors import WrongCredentials
from accounts.people.models import Person
from accounts.people.models import WebSession
from accounts.people.places import browser_of
from accounts.people.places import network_of
from accounts.people.sessions import end_surplus_sessions
from accounts.people.sessions import has_been_at
from accounts.people.sessions import idle_of
from accounts.people.sessions import tell_of_new_place
from kit.clock import now
from kit.crypto import vault
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import Unauthenticated
from kit.ids import new_id
from kit.unit import control
from kit.unit import side_transaction

LASTS = timedelta(hours=12)
SEEN_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class KnownPassword:
    """What a try to sign in is checked against. person_id is None when nobody has the address.

    is_familiar: whoever has it has signed in from this network before.
    """

    person_id: str | None
    stored: str
    is_familiar: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """Whose password was right. renewed: its stored form with today's parameters, when it was made with others."""

    person_id: str
    stored: str
    renewed: str | None


@dataclass(frozen=True, slots=True)
class PreparedPassword:
    """A new password that was accepted, in its stored form."""

    stored: str


@dataclass(frozen=True, slots=True)
class Signed:
    """An open session. proved_at: when its person last showed who they are. is_lacking: an organisation asks for a factor."""

    member: Member
    proved_at: datetime
    has_factor: bool
    is_lacking: bool


def prepare_password(*, email: str, password: str) -> PreparedPassword:
    """Check and hash a new password. Slow, so it belongs before a transaction. Raises Invalid (422)."""
    passwords.ensure_acceptable(password, email=normalize_email(email))
    return PreparedPassword(passwords.hashed(password))


def create_person(
    *, email: str, password: str, name: str = "", is_operator: bool = False, organisation_id: str | None = None,
    role: str = "viewer",
) -> Member:  # fmt: skip
    """Add a person whose address is known to be theirs, in an organisation or (an operator) in none.

    Raises Invalid (422) for bad input, EmailTaken (409), NotFound for an unknown organisation.
    """
    checked_role(role)
    prepared = prepare_password(email=email, password=password)
    return add_person(
        email, prepared.stored, name=name, is_operator=is_operator, organisation_id=organisation_id, role=role,
        is_confirmed=True,
    )  # fmt: skip


def find_password(*, email: str, ip: str = "") -> KnownPassword:
    """What to check a password against: an unknown address gets one that nothing fits. First of the three steps in.

    ip: where the try comes from.
    """
    email = email.strip().lower()
    query = select(Person.id, Person.password_hash, has_been_at(network_of(ip))).where(Person.email == email)
    row = control().session.execute(query).first() if email.isprintable() else None
    return KnownPassword(*row) if row else KnownPassword(None, passwords.NOBODY)


def is_taken(*, email: str) -> bool:
    """Whether somebody has an account with this address. Raises Invalid (422)."""
    query = select(Person.id).where(Person.email == normalize_email(email))
    return control().session.scalar(query) is not None


def check_password(known: KnownPassword, password: str) -> Proof:
    """Check a password, as slowly for an unknown address as for a known one. Raises WrongCredentials (401).

    Needs no unit and belongs outside of any: it takes some 20 ms, in which nobody else could write.
    """
    is_right = passwords.matches(password, known.stored)
    if known.person_id is None or not is_right:
        raise WrongCredentials
    renewed = passwords.hashed(password) if passwords.is_outdated(known.stored) else None
    return Proof(known.person_id, known.stored, renewed)


def recognise(proof: Proof) -> Person:
    """The person who proved to know the password. Raises WrongCredentials (401) when it was changed after the check."""
    # Held, so that a password that is being changed is seen changed, or ends the session this opens with all the others.
    person: Person | None = control().session.get(
        Person, proof.person_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if person is None or person.password_hash != proof.stored:
        raise WrongCredentials
    if proof.renewed is not None:
        person.password_hash = proof.renewed
    return person


def open_session(proof: Proof, *, ip: str, user_agent: str) -> str:
    """Sign in whoever proved to know the password and needs no more than that; return the session's token.

    Raises WrongCredentials (401) when the password was changed after it had been checked, FactorNeeded (401) for whoever has a
    second factor: accounts.factors opens their session.
    """
    person = recognise(proof)
    if person.has_factor:
        raise FactorNeeded
    return start_session(person.id, ip, user_agent)


def member_of_session(token: str) -> Member | None:
    """Whose session this is, or None when it is unknown, ended, idle for too long or older than 12 hours.

    Who belongs to several organisations acts in the one they chose last in this session, else in the one they joined first.
    """
    signed = find_session(token)
    return signed.member if signed else None


def find_session(token: str) -> Signed | None:
    """An open session, or None like member_of_session."""
    at = now()
    is_chosen = case((Membership.organisation_id == WebSession.organisation_id, 0), else_=1)
    row = (
        control()
        .session.execute(
            select(WebSession, Person, Membership, Organisation.needs_factor)
            .join(Person, Person.id == WebSession.person_id)
            .outerjoin(Membership, Membership.person_id == Person.id)
            .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
            .where(WebSession.id == vault.digest(token), WebSession.revoked_at.is_(None), WebSession.expires_at > at)
            .order_by(is_chosen, Membership.created_at, Membership.id)
            .limit(1)
        )
        .first()
    )
    if row is None:
        return None
    web_session, person, membership, needs_factor = row
    if at - web_session.last_seen_at > idle_of(is_operator=person.is_operator):
        return None
    if at - web_session.last_seen_at >= SEEN_EVERY:
        _see(web_session)
    is_lacking = bool(needs_factor) and not person.has_factor
    return Signed(_member(person, membership), web_session.proved_at, person.has_factor, is_lacking)


def renew_session(token: str, *, proved_by: str) -> str:
    """Give an open session a new token, because its person has just shown again who they are. The old one opens nothing.

    Raises Unauthenticated (401) when the session has ended, or got another token, meanwhile.
    """
    renewed = secrets.token_urlsafe(32)
    statement = (
        update(WebSession)
        .where(WebSession.id == vault.digest(token), WebSession.revoked_at.is_(None))
        .values(id=vault.digest(renewed), proved_at=now(), proved_by=proved_by)
    )
    if control().session.execute(statement.execution_options(synchronize_session=False)).rowcount != 1:
        raise Unauthenticated("This session has ended. Log in again.")
    return renewed


def log_out(token: str) -> None:
    """End a session on the server. An unknown token changes nothing."""
    web_session: WebSession | None = control().session.get(WebSession, vault.digest(token))
    if web_session is not None and web_session.revoked_at is None:
        web_session.revoked_at = now()


def get_person(*, person_id: str) -> Person:
    """A person by id, for names in trails and queues. Raises NotFound."""
    person: Person | None = control().session.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


def list_operators() -> list[Person]:
    """Everybody who runs the platform, oldest first: whom a partner's request is told."""
    return list(control().session.scalars(select(Person).where(Person.is_operator).order_by(Person.created_at, Person.id)))


def normalize_email(raw: str) -> str:
    """Lower case, checked: one @, a domain DNS could hold, at most 254 characters. Raises Invalid (422)."""
    email = raw.strip().lower()
    name, at, domain = email.rpartition("@")
    try:
        domain.encode("idna")
    except UnicodeError:
        domain = ""
    is_plain = email.isprintable() and " " not in email and "@" not in name
    if not (name and at and "." in domain.strip(".") and is_plain and len(email) <= 254):
        raise Invalid(
            "This is not an e-mail address.", errors=[FieldError("email", "email_invalid", "name@example.com")]
        )
    return email


def add_person(
    email: str, password_hash: str, *, name: str = "", is_operator: bool = False, organisation_id: str | None = None,
    role: str = "viewer", is_confirmed: bool = False,
) -> Member:  # fmt: skip
    """Add a person whose password is prepared. is_confirmed: they are known to read mails to the address.

    Raises Invalid (422) for a bad address, EmailTaken (409)."""
    session = control().session
    person = Person(
        id=new_id("per"), email=normalize_email(email), email_as_typed=email.strip(), name=name.strip(),
        password_hash=password_hash, is_operator=is_operator, confirmed_at=now() if is_confirmed else None,
    )  # fmt: skip
    try:
        with session.begin_nested():  # the unique address decides between two sign-ups at once
            session.add(person)
    except IntegrityError as error:
        raise EmailTaken from error
    if organisation_id is None:
        return _member(person, None)
    membership = Membership(id=new_id("mbr"), organisation_id=organisation_id, person_id=person.id, role=role)
    session.add(membership)
    audit.record(
        organisation_id=organisation_id,
        person_id=person.id,
        action="member.added",
        target=person.id,
        details={"role": role},
    )
    return _member(person, membership)


def _member(person: Person, membership: Membership | None) -> Member:
    organisation_id, role = (membership.organisation_id, membership.role) if membership else ("", "")
    return Member(
        person.id, organisation_id, role, person.is_operator, person.email, is_confirmed=person.confirmed_at is not None
    )


def start_session(person_id: str, ip: str, user_agent: str, *, proved_by: str = "password") -> str:
    """Open a session for a person who is known to be who they say; return its token."""
    token, at = secrets.token_urlsafe(32), now()
    network, browser = network_of(ip) or "", browser_of(user_agent)
    tell_of_new_place(person_id, network=network, browser=browser)
    session = control().session
    session.add(WebSession(
        id=vault.digest(token), public_id=new_id("ses"), person_id=person_id, created_at=at, last_seen_at=at,
        expires_at=at + LASTS, proved_at=at, proved_by=proved_by, network=network, browser=browser,
    ))  # fmt: skip
    session.flush()  # so that a failure shows here and not at commit
    end_surplus_sessions(person_id)
    return token


def _see(web_session: WebSession) -> None:
    """Note the visit. A page that only reads notes it in a transaction of its own."""
    if control().writes:
        web_session.last_seen_at = now()
        return
    with side_transaction(None) as unit:
        row = unit.session.get(WebSession, web_session.id)
        row.last_seen_at = now()
