"""Getting back in without the password: a letter, a link that lasts half an hour, a new password.

Whoever asks learns nothing about the address: one that belongs to nobody is written to as well, with the same work done, and
its link opens nothing. A second factor is still asked for at the next sign-in.
"""

from sqlalchemy import select

from accounts.mail.service import send_mail
from accounts.people.confirming import note_confirmed
from accounts.people.links import RESET
from accounts.people.links import get_link
from accounts.people.links import mint_link
from accounts.people.links import spend_link
from accounts.people.models import Person
from accounts.people.profile import lock_person
from accounts.people.profile import set_password
from accounts.people.service import PreparedPassword
from accounts.people.service import normalize_email
from accounts.people.sessions import end_all_sessions
from kit.unit import control


def ask_for_reset(*, email: str) -> None:
    """Write to an address how to choose a new password, or that it belongs to no account. Raises Invalid (422)."""
    email = normalize_email(email)
    person: Person | None = control().session.scalar(select(Person).where(Person.email == email))
    token = mint_link(RESET, person_id=person.id if person else None, email=email)
    send_mail(
        kind="password.forgotten" if person else "password.no_account", path=f"/password/reset/{token}" if person else "/signup",
        to_address=person.email_as_typed if person else email, context={"address": email}, is_secret=True,
        person_id=person.id if person else None,
    )  # fmt: skip


def find_address(*, token: str) -> str:
    """The address of the account a link gives a new password. Raises LinkOver (410)."""
    return get_link(RESET, token=token).email


def reset_password(*, token: str, password: PreparedPassword) -> Person:
    """Give the person of a link a new password, end their sessions and tell them. Raises LinkOver (410).

    Whoever has the link reads mails to the address, so it is confirmed as well.
    """
    link = spend_link(RESET, token=token)
    person = lock_person(str(link.person_id))
    set_password(person, password, how="reset")
    end_all_sessions(person.id)
    note_confirmed(person)  # a link to an address they had before would be void: moving voids it
    return person
