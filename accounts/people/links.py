"""Links that people get by mail: to confirm an address, to choose a new password, to move to another address.

A link works once and for a limited time; whoever has it reads the mails of the address it was sent to. The database holds
the digest of its token only, so a copy of the database opens nothing.
"""

import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from accounts.people.errors import LinkOver
from accounts.people.models import MailedLink
from kit.clock import now
from kit.crypto import vault
from kit.unit import control

CONFIRM, RESET, MOVE = "confirm", "reset", "move"
LASTS = {CONFIRM: timedelta(hours=24), RESET: timedelta(minutes=30), MOVE: timedelta(hours=24)}
KEPT = timedelta(days=30)
REMEDIES = {
    CONFIRM: "If your address is not confirmed yet, log in and let us send another from the note above each page.",
    RESET: "Ask for another one on the login page.",
    MOVE: "Ask for another one on your account page.",
}


def mint_link(purpose: str, *, person_id: str | None, email: str) -> str:
    """Make a link for a mail to this address; return its token, which is known here only."""
    token, at = secrets.token_urlsafe(32), now()
    control().session.add(MailedLink(
        id=vault.digest(token), person_id=person_id, purpose=purpose, email=email, created_at=at, expires_at=at + LASTS[purpose],
    ))  # fmt: skip
    return token


def get_link(purpose: str, *, token: str) -> MailedLink:
    """A link that still works, unused afterwards. Raises LinkOver (410) for any other."""
    link: MailedLink | None = control().session.get(MailedLink, vault.digest(token))
    is_good = link is not None and link.purpose == purpose and link.used_at is None and link.expires_at > now()
    if link is None or link.person_id is None or not is_good:
        raise _over(purpose)
    return link


def spend_link(purpose: str, *, token: str) -> MailedLink:
    """Use a link up, and its person's others of this purpose with it. Of any number at once one succeeds.

    Raises LinkOver (410).
    """
    link = get_link(purpose, token=token)
    statement = update(MailedLink).where(MailedLink.id == link.id, MailedLink.used_at.is_(None)).values(used_at=now())
    if control().session.execute(statement.execution_options(synchronize_session=False)).rowcount != 1:
        raise _over(purpose)
    void_links(str(link.person_id), purpose)
    return link


def void_links(person_id: str, *purposes: str) -> None:
    """Let no unused link of these purposes work any more."""
    control().session.execute(
        update(MailedLink)
        .where(MailedLink.person_id == person_id, MailedLink.purpose.in_(purposes), MailedLink.used_at.is_(None))
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )


def forget_links(*, limit: int) -> int:
    """Delete up to `limit` links that ended 30 days ago. Returns how many."""
    old = select(MailedLink.id).where(MailedLink.expires_at < now() - KEPT).limit(limit)
    statement = delete(MailedLink).where(MailedLink.id.in_(old)).execution_options(synchronize_session=False)
    return int(control().session.execute(statement).rowcount)


def _over(purpose: str) -> LinkOver:
    return LinkOver(f"{LinkOver.title}. {REMEDIES[purpose]}")
