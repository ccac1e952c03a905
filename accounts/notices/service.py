"""Notices: what the platform tells an organisation in the portal and, when it matters, by mail as well.

A notice and its mails are rows of the transaction that causes them. Everybody of the organisation reads them; owners and
developers, who can do something about it, mark them as read and get the mails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import String
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from accounts.mail.letters import one_line
from accounts.mail.service import send_mail
from accounts.notices.models import Notice
from accounts.organisations.members import Member
from accounts.organisations.permissions import ensure
from accounts.organisations.permissions import may
from accounts.people.memberships import list_holders
from accounts.people.service import list_operators
from kit.clock import Instant
from kit.clock import now
from kit.errors import NotFound
from kit.ids import new_id
from kit.unit import control

MANY = 100  # unread notices are counted this far
KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What to tell. kind: of the notice and of its mail. link: a path of the portal. dedupe_key: tells it once, ever."""

    kind: str
    severity: str  # info, warning or error
    title: str
    text: str
    link: str
    dedupe_key: str | None = None


def notify(
    told: Told, *, organisation_id: str, application_id: str | None = None, mail: Mapping[str, Any] | None = None
) -> Notice | None:
    """Write a notice, and one mail to each owner and developer, into the open control transaction.

    mail: the values of the kind's templates; None sends none. Returns None, and writes nothing, when the organisation was told
    this before.
    """
    notice = Notice(
        id=new_id("ntc"), organisation_id=organisation_id, application_id=application_id, kind=told.kind, severity=told.severity,
        title=one_line(told.title)[:200], text=one_line(told.text)[:2000], link=told.link, dedupe_key=told.dedupe_key,
        created_at=now(),
    )  # fmt: skip
    try:
        with control().session.begin_nested():  # the unique key decides between two at once
            control().session.add(notice)
    except IntegrityError:
        if told.dedupe_key is None:
            raise
        return None
    for maker in list_holders("notices.write", organisation_id=organisation_id) if mail is not None else ():
        send_mail(
            kind=told.kind, to_address=maker.email, path=told.link, context=mail or {}, organisation_id=organisation_id,
            person_id=maker.person_id,
        )  # fmt: skip
    return notice


def mail_operators(*, kind: str, path: str, context: Mapping[str, Any]) -> None:
    """Write one mail to everybody who runs the platform into the open control transaction."""
    for operator in list_operators():
        send_mail(kind=kind, to_address=operator.email_as_typed, path=path, context=context, person_id=operator.id)


def count_unread(member: Member) -> int:
    """How many notices wait for the member, counted up to 100. None wait for somebody who can do nothing about them."""
    if not may(member, "notices.write"):
        return 0
    unread = select(Notice.id).where(_is_unread(member)).limit(MANY)
    return int(control().session.scalar(select(func.count()).select_from(unread.subquery())))


def list_notices(member: Member, *, limit: int, after: list[Any] | None = None) -> list[Notice]:
    """The organisation's notices, newest first, up to limit + 1. after: [created_at in µs, id] of the last one seen."""
    query = select(Notice).where(Notice.organisation_id == member.organisation_id)
    if after is not None:
        query = query.where(tuple_(Notice.created_at, Notice.id) < tuple_(*after, types=(Instant(), String())))
    return list(control().session.scalars(query.order_by(Notice.created_at.desc(), Notice.id.desc()).limit(limit + 1)))


def mark_read(member: Member, *, notice_id: str) -> None:
    """Mark one notice as read. Raises Forbidden (403) for a reading role, NotFound, also for another organisation's."""
    ensure(member, "notices.write")
    notice: Notice | None = control().session.scalar(
        select(Notice).where(Notice.organisation_id == member.organisation_id, Notice.id == notice_id)
    )
    if notice is None:
        raise NotFound
    if notice.read_at is None:
        notice.read_at, notice.read_by = now(), member.person_id


def mark_all_read(member: Member) -> int:
    """Mark every notice of the organisation as read. Returns how many were not. Raises Forbidden (403) for a reading role."""
    ensure(member, "notices.write")
    statement = update(Notice).where(_is_unread(member)).values(read_at=now(), read_by=member.person_id)
    return int(control().session.execute(statement.execution_options(synchronize_session=False)).rowcount)


def forget_notices(*, limit: int) -> int:
    """Delete up to `limit` notices that are older than a year. Returns how many."""
    old = select(Notice.id).where(Notice.created_at < now() - KEPT).limit(limit)
    statement = delete(Notice).where(Notice.id.in_(old)).execution_options(synchronize_session=False)
    return int(control().session.execute(statement).rowcount)


def _is_unread(member: Member) -> Any:
    return (Notice.organisation_id == member.organisation_id) & Notice.read_at.is_(None)
