"""Mails as rows of the transaction that causes them: no mail without its change, no change without its mail.

The worker takes due mails under a lease, sends them with no transaction open, and says how it went. Anything between may be
lost: a mail is sent at least once, each time under the same message id.

A secret mail holds a link that lets somebody in. Its text is sealed in the database, is opened for the sender only, and is
gone once a mail server has taken it. Its subject and address stay readable: they must hold no secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import String
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from accounts.mail.letters import letters
from accounts.mail.letters import one_line
from accounts.mail.models import Mail
from kit.clock import Instant
from kit.clock import now
from kit.crypto import vault
from kit.errors import NotFound
from kit.ids import new_id
from kit.unit import control

LEASE = timedelta(minutes=10)
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))  # after each failure; then the last one
GIVE_UP = timedelta(days=3)
MOST_ATTEMPTS = 40  # three days take some twenty; of one whose sender dies each time there are more
KEPT = timedelta(days=30)
LOST = "the process that sent it died each time"
UNREADABLE = "its text was sealed under another master key"


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail under lease. attempt: which take this is; a later one makes this one's failure worth nothing."""

    id: str
    attempt: int
    to_address: str
    subject: str
    text: str
    html: str
    created_at: datetime


def send_mail(
    *, kind: str, to_address: str, path: str, context: Mapping[str, Any], organisation_id: str | None = None,
    person_id: str | None = None, dedupe_key: str | None = None, is_secret: bool = False,
) -> Mail | None:  # fmt: skip
    """Write a mail into the open control transaction; it goes out once that is committed.

    kind: names its templates, see accounts.mail.letters. path: of this site, where its one link leads. context: their values.
    is_secret: path or context hold something an operator must not read. dedupe_key: a second mail with the same key is not
    written (None then).
    """
    letter, at, mail_id = letters.write(kind, path=path, context=context), now(), new_id("mail")
    text, html = letter.text, letter.html
    if is_secret:
        text, html = vault.box.seal(text, *_place(mail_id, "text")), vault.box.seal(html, *_place(mail_id, "html"))
    mail = Mail(
        id=mail_id, organisation_id=organisation_id, person_id=person_id, to_address=to_address, kind=kind,
        subject=letter.subject, text=text, html=html, is_secret=is_secret, dedupe_key=dedupe_key, due_at=at, created_at=at,
    )  # fmt: skip
    try:
        with control().session.begin_nested():  # the unique key decides between two at once
            control().session.add(mail)
    except IntegrityError:
        if dedupe_key is None:
            raise
        return None
    return mail


def is_mail_due() -> bool:
    """Whether a mail waits to be sent."""
    return bool(control().session.scalar(select(exists().where(Mail.due_at <= now()))))


def take_mails(*, limit: int) -> list[Taken]:
    """Put up to `limit` due mails under lease, oldest first. Whoever dies with them gives them back by doing nothing."""
    session, at = control().session, now()
    session.execute(
        update(Mail)
        .where(Mail.due_at <= at, Mail.attempts >= MOST_ATTEMPTS)
        .values(state="failed", due_at=None, last_error=LOST)
        .execution_options(synchronize_session=False)
    )
    due = select(Mail).where(Mail.due_at <= at).order_by(Mail.due_at, Mail.id).limit(limit)
    taken = []
    for mail in session.scalars(due.with_for_update(skip_locked=True)):
        mail.attempts += 1
        mail.due_at = at + LEASE
        try:
            text, html = _opened(mail, "text"), _opened(mail, "html")
        except ValueError:
            mail.state, mail.due_at, mail.last_error = "failed", None, UNREADABLE
            continue
        taken.append(Taken(mail.id, mail.attempts, mail.to_address, mail.subject, text, html, mail.created_at))
    return taken


def note_sent(taken: Taken, *, sent_to: str) -> None:
    """Say that a mail went out. That is true whoever has its lease by now. What a server has taken of a secret one is erased."""
    values: dict[str, Any] = {"state": "sent", "due_at": None, "sent_at": now(), "sent_to": sent_to, "last_error": None}
    if sent_to == "server":
        values |= {name: case((Mail.is_secret, ""), else_=getattr(Mail, name)) for name in ("text", "html")}
    control().session.execute(
        update(Mail)
        .where(Mail.id == taken.id, Mail.state != "sent")
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def note_failure(taken: Taken, *, error: str, is_final: bool) -> None:
    """Say why a mail did not go out. It is tried again, after ever longer pauses and for three days, unless is_final."""
    at = now()
    is_over = is_final or at - taken.created_at >= GIVE_UP
    again = min(at + DELAYS[min(taken.attempt, len(DELAYS)) - 1], max(taken.created_at + GIVE_UP, at + DELAYS[0]))
    control().session.execute(
        update(Mail)
        .where(Mail.id == taken.id, Mail.state == "queued", Mail.attempts == taken.attempt)
        .values(state="failed" if is_over else "queued", due_at=None if is_over else again, last_error=one_line(error)[:300])
        .execution_options(synchronize_session=False)
    )


def list_mails(*, limit: int, after: list[Any] | None = None, state: str | None = None) -> list[Mail]:
    """Mails for an operator, newest first, up to limit + 1. after: [created_at in µs, id] of the last one seen."""
    query = select(Mail).order_by(Mail.created_at.desc(), Mail.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(Mail.created_at, Mail.id) < tuple_(*after, types=(Instant(), String())))
    if state is not None:
        query = query.where(Mail.state == state)
    return list(control().session.scalars(query))


def get_mail(*, mail_id: str) -> Mail:
    """One mail for an operator. Raises NotFound."""
    mail: Mail | None = control().session.get(Mail, mail_id)
    if mail is None:
        raise NotFound
    return mail


def read_secret(mail: Mail) -> str | None:
    """The text of a secret mail; None when it was erased or is sealed under another master key.

    For the outbox of a developer's own installation, where mails go nowhere. Never for an operator of other people's accounts.
    """
    try:
        return _opened(mail, "text") or None
    except ValueError:
        return None


def send_again(*, mail_id: str) -> Mail:
    """Let a mail that was given up be tried once more; one that is not is left as it is. Raises NotFound."""
    query = select(Mail).where(Mail.id == mail_id).with_for_update()
    mail: Mail | None = control().session.scalar(query.execution_options(populate_existing=True))
    if mail is None:
        raise NotFound
    if mail.state == "failed":
        mail.state, mail.due_at, mail.attempts = "queued", now(), 0
    return mail


def forget_mails(*, limit: int) -> int:
    """Delete up to `limit` finished mails that are older than 30 days. Returns how many."""
    old = select(Mail.id).where(Mail.created_at < now() - KEPT, Mail.due_at.is_(None)).limit(limit)
    statement = delete(Mail).where(Mail.id.in_(old)).execution_options(synchronize_session=False)
    return int(control().session.execute(statement).rowcount)


def _opened(mail: Mail, column: str) -> str:
    """What a column reads, unsealed when it has to be. Raises ValueError when the seal does not open."""
    text: str = getattr(mail, column)
    return vault.box.open(text, *_place(mail.id, column)) if mail.is_secret and text else text


def _place(mail_id: str, column: str) -> tuple[str, ...]:
    return "control", "mails", mail_id, column
