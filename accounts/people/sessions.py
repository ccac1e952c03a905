"""The browsers somebody is signed in with: as they see them, how they end them, and the letter about one never seen before.

A session ends on the server, so a copied cookie is worth nothing afterwards. Pages know a session by its public id; what it
is looked up by stays out of them.
"""

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import update

from accounts.mail.service import send_mail
from accounts.organisations.members import Member
from accounts.people import trail
from accounts.people.models import Person
from accounts.people.models import WebSession
from kit.clock import now
from kit.crypto import vault
from kit.errors import NotFound
from kit.unit import control

IDLE = timedelta(hours=2)
IDLE_OPERATOR = timedelta(minutes=30)
MOST = 20  # open sessions of one person; one more ends the oldest
KEPT = timedelta(days=90)  # after its end: how long a network and a browser count as known


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open session as its person sees it. is_this: the one that asks."""

    public_id: str
    browser: str
    network: str
    created_at: datetime
    last_seen_at: datetime
    is_this: bool


def idle_of(*, is_operator: bool) -> timedelta:
    """How long a session may rest before it is over."""
    return IDLE_OPERATOR if is_operator else IDLE


def list_sessions(member: Member, *, token: str) -> list[SignedIn]:
    """The member's open sessions: the one with this token first, then those seen last."""
    at, this = now(), vault.digest(token)
    seen_after = at - idle_of(is_operator=member.is_operator)
    query = (
        select(WebSession)
        .where(*_open(member.person_id), WebSession.expires_at > at, WebSession.last_seen_at >= seen_after)
        .order_by(WebSession.last_seen_at.desc(), WebSession.public_id)
    )
    found = [
        SignedIn(one.public_id, one.browser, one.network, one.created_at, one.last_seen_at, one.id == this)
        for one in control().session.scalars(query)
    ]
    return sorted(found, key=lambda one: not one.is_this)


def end_session(member: Member, *, public_id: str) -> None:
    """End one of the member's sessions. Raises NotFound, also for somebody else's and for one that has ended."""
    if not _end(*_open(member.person_id), WebSession.public_id == public_id):
        raise NotFound("This session has ended already.")
    trail.note(member.person_id, "session.ended", target=public_id)


def end_other_sessions(member: Member, *, token: str) -> int:
    """End all of the member's sessions but the one with this token. Returns how many."""
    ended = _end(*_open(member.person_id), WebSession.id != vault.digest(token))
    if ended:
        trail.note(member.person_id, "session.others_ended", details={"sessions": ended})
    return ended


def end_all_sessions(person_id: str) -> int:
    """End every session of a person. Returns how many."""
    return _end(*_open(person_id))


def end_surplus_sessions(person_id: str) -> int:
    """End the oldest sessions of a person who has more than 20. Returns how many."""
    kept = (
        select(WebSession.id)
        .where(*_open(person_id))
        .order_by(WebSession.created_at.desc(), WebSession.public_id.desc())
        .limit(MOST)
    )
    ended = _end(*_open(person_id), WebSession.id.not_in(kept))
    if ended:
        trail.note(person_id, "session.surplus_ended", details={"sessions": ended})
    return ended


def end_sessions_of(*, email: str) -> int | None:
    """End every session of the person with an address; None when nobody has it. For whoever runs the installation."""
    person_id = control().session.scalar(select(Person.id).where(Person.email == email.strip().lower()))
    return None if person_id is None else _end_for_safety(person_id)


def end_sessions_of_everybody() -> int:
    """End every session there is. Returns how many. For whoever runs the installation."""
    query = select(WebSession.person_id).where(WebSession.revoked_at.is_(None), WebSession.expires_at > now()).distinct()
    return sum(_end_for_safety(person_id) for person_id in control().session.scalars(query).all())


def has_been_at(network: str | None) -> Any:
    """Whether the person of the row being selected has signed in from a network, as a column."""
    return exists().where(WebSession.person_id == Person.id, WebSession.network == (network or "")).correlate(Person)


def tell_of_new_place(person_id: str, *, network: str, browser: str) -> None:
    """Write to somebody who signs in with a browser or from a network they never used. Their first place is no news."""
    query = select(WebSession.network, WebSession.browser).where(WebSession.person_id == person_id).distinct()
    places = control().session.execute(query).all()
    is_known = any(place.network == network for place in places) and any(place.browser == browser for place in places)
    if is_known or not places:
        return
    person = control().session.get(Person, person_id)
    send_mail(
        kind="session.new_place", to_address=person.email_as_typed, path="/account", person_id=person_id,
        context={"browser": browser, "network": network or "unknown", "at": now()},
    )  # fmt: skip


def forget_sessions(*, limit: int) -> int:
    """Delete up to `limit` sessions that were over 90 days ago. Returns how many."""
    old = select(WebSession.id).where(WebSession.expires_at < now() - KEPT).limit(limit)
    statement = delete(WebSession).where(WebSession.id.in_(old)).execution_options(synchronize_session=False)
    return int(control().session.execute(statement).rowcount)


def _end_for_safety(person_id: str) -> int:
    ended = end_all_sessions(person_id)
    if ended:
        trail.note(person_id, "session.all_ended", details={"sessions": ended}, is_own=False)
    return ended


def _open(person_id: str) -> tuple[Any, ...]:
    return WebSession.person_id == person_id, WebSession.revoked_at.is_(None)


def _end(*conditions: Any) -> int:
    statement = update(WebSession).where(*conditions).values(revoked_at=now())
    return int(control().session.execute(statement.execution_options(synchronize_session=False)).rowcount)
