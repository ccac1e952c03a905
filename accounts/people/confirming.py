"""Showing that an address is one's own: a letter, a link, a button. The sandbox does not wait for it; what others see does."""

from accounts.mail.service import send_mail
from accounts.organisations.members import Member
from accounts.people import trail
from accounts.people.errors import AddressUnconfirmed
from accounts.people.errors import LinkOver
from accounts.people.links import CONFIRM
from accounts.people.links import get_link
from accounts.people.links import mint_link
from accounts.people.links import spend_link
from accounts.people.models import Person
from kit.clock import now
from kit.unit import control


def ensure_confirmed(member: Member) -> None:
    """Raise AddressUnconfirmed (403) until the member has shown that they read mails to their address."""
    if not member.is_confirmed:
        raise AddressUnconfirmed("Confirm your e-mail address first: open the link in the mail we sent you.", required_scopes=[])


def send_confirmation(*, person_id: str) -> None:
    """Write to a person how to confirm their address; nothing when they have."""
    person = control().session.get(Person, person_id)
    if person.confirmed_at is not None:
        return
    token, address = mint_link(CONFIRM, person_id=person.id, email=person.email), person.email_as_typed
    send_mail(
        kind="address.confirm", to_address=address, path=f"/confirm/{token}", context={"address": address}, person_id=person.id,
        is_secret=True,
    )  # fmt: skip


def find_address(*, token: str) -> str:
    """The address a link would confirm. Raises LinkOver (410)."""
    return get_link(CONFIRM, token=token).email


def confirm_address(*, token: str) -> Person:
    """Note that the person of a link reads mails to their address. Raises LinkOver (410), also when they have another one now."""
    link = spend_link(CONFIRM, token=token)
    person: Person = control().session.get(Person, link.person_id)
    if person.email != link.email:
        raise LinkOver
    note_confirmed(person)
    return person


def note_confirmed(person: Person) -> None:
    """Note that a person was seen to read mails to the address they have: they used a link that was sent there."""
    if person.confirmed_at is None:
        person.confirmed_at = now()
        trail.note(person.id, "person.address_confirmed")
