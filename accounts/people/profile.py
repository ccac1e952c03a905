"""What people change about their own account: name, password, address. What opens it is changed with the password only."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.mail.service import send_mail
from accounts.organisations.members import Member
from accounts.people import trail
from accounts.people.errors import EmailTaken
from accounts.people.errors import WrongCredentials
from accounts.people.links import CONFIRM
from accounts.people.links import MOVE
from accounts.people.links import RESET
from accounts.people.links import get_link
from accounts.people.links import mint_link
from accounts.people.links import spend_link
from accounts.people.links import void_links
from accounts.people.models import Person
from accounts.people.service import PreparedPassword
from accounts.people.service import Proof
from accounts.people.service import normalize_email
from accounts.people.sessions import end_other_sessions
from kit.clock import now
from kit.errors import FieldError
from kit.errors import Invalid
from kit.unit import control


def change_name(member: Member, *, name: str) -> None:
    """Set the name colleagues see; empty shows the address. Raises Invalid (422)."""
    name = name.strip()
    if len(name) > 255 or not name.isprintable():
        message = "at most 255 printable characters"
        raise Invalid(f"The name must have {message}.", errors=[FieldError("name", "invalid_value", message)])
    person = control().session.get(Person, member.person_id)
    if person.name != name:
        person.name = name
        trail.note(person.id, "person.renamed")


def change_password(member: Member, *, proof: Proof, password: PreparedPassword, token: str) -> int:
    """Set a new password, end the member's other sessions and tell them. Returns how many sessions ended.

    token: of the session that stays. Raises WrongCredentials (401) when the password was changed after it had been checked.
    """
    set_password(_proven(member, proof), password, how="changed")
    return end_other_sessions(member, token=token)


def ask_to_move(member: Member, *, proof: Proof, email: str) -> None:
    """Write to a new address how to confirm it; until then nothing changes. Raises Invalid (422), WrongCredentials (401).

    One that has an account already is told so itself, and whoever asked is not.
    """
    person, address = _proven(member, proof), email.strip()
    email = normalize_email(address)
    if email == person.email:
        message = "This is your address already."
        raise Invalid(message, errors=[FieldError("email", "invalid_value", message)])
    void_links(person.id, MOVE)
    token = mint_link(MOVE, person_id=person.id, email=address)
    is_taken = control().session.scalar(select(Person.id).where(Person.email == email)) is not None
    send_mail(
        kind="address.taken" if is_taken else "address.move", path="/login" if is_taken else f"/account/move/{token}",
        to_address=address, context={"address": address}, person_id=None if is_taken else person.id, is_secret=True,
    )  # fmt: skip


def find_new_address(*, token: str) -> str:
    """The address a link moves an account to. Raises LinkOver (410)."""
    return get_link(MOVE, token=token).email


def move_address(*, token: str) -> Person:
    """Give an account the address its link was sent to and tell the old one. Raises LinkOver (410), EmailTaken (409)."""
    link = spend_link(MOVE, token=token)
    person = lock_person(str(link.person_id))
    old, address = person.email_as_typed, link.email
    try:
        with control().session.begin_nested():  # the unique address decides between this and a sign-up at the same moment
            person.email, person.email_as_typed = address.lower(), address
    except IntegrityError as error:
        raise EmailTaken from error
    person.confirmed_at = now()
    void_links(person.id, CONFIRM, RESET)
    trail.note(person.id, "person.address_changed")
    send_mail(
        kind="address.changed", to_address=old, path="/account", context={"old": old, "new": address}, person_id=person.id
    )
    return person


def set_password(person: Person, password: PreparedPassword, *, how: str) -> None:
    """Set a password, void the links that would set another one, note it and tell its person. how: changed or reset."""
    person.password_hash = password.stored
    void_links(person.id, RESET)
    trail.note(person.id, f"person.password_{how}")
    send_mail(
        kind="password.changed", to_address=person.email_as_typed, path="/password/forgotten", person_id=person.id,
        context={"address": person.email_as_typed, "at": now()},
    )  # fmt: skip


def lock_person(person_id: str) -> Person:
    """A person whose password and address stay as they are read until this transaction ends."""
    person: Person = control().session.get(Person, person_id, with_for_update={"key_share": True}, populate_existing=True)
    return person


def _proven(member: Member, proof: Proof) -> Person:
    person = lock_person(member.person_id)
    if proof.person_id != person.id or proof.stored != person.password_hash:
        raise WrongCredentials
    return person
