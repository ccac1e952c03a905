"""Between the right password and the session: a ticket of five minutes that only a second factor turns into a session."""

from accounts.factors.errors import SignInExpired
from accounts.factors.proofs import Proven
from accounts.factors.proofs import accept
from accounts.factors.tickets import SIGN_IN
from accounts.factors.tickets import find_ticket
from accounts.factors.tickets import open_ticket
from accounts.factors.tickets import take_ticket
from accounts.people.models import Person
from accounts.people.service import start_session
from kit.crypto import same
from kit.crypto import vault
from kit.unit import control


def begin_sign_in(person: Person) -> str:
    """Remember that a person knew their password; return the token of their browser."""
    return open_ticket(SIGN_IN, {"person_id": person.id, "password": _mark(person)})


def find_waiting(token: str) -> Person:
    """Whose sign-in waits for a second factor. Raises SignInExpired (401), also when the password was changed meanwhile."""
    return _person(find_ticket(SIGN_IN, token))


def finish_sign_in(token: str, proven: Proven, *, ip: str, user_agent: str) -> str:
    """Open the session of whoever has proved both; return its token. Raises like find_waiting and accept."""
    person = _person(take_ticket(SIGN_IN, token))
    if person.id != proven.person_id:
        raise SignInExpired
    return sign_in_with(proven, ip=ip, user_agent=user_agent)


def sign_in_with(proven: Proven, *, ip: str, user_agent: str) -> str:
    """Open a session for a proof that needs no password beside it; return its token. Raises like accept."""
    accept(proven)
    return start_session(proven.person_id, ip, user_agent, proved_by=proven.by)


def _person(kept: dict[str, str] | None) -> Person:
    person: Person | None = control().session.get(Person, kept["person_id"]) if kept else None
    if kept is None or person is None or not same(_mark(person), kept["password"]):
        raise SignInExpired
    return person


def _mark(person: Person) -> str:
    """Changes with the password and tells nothing about it."""
    return vault.digest(f"password {person.password_hash}")
