"""The audit trail as people read it: newest first, by kind of change and by person. Its entries are only ever read here."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import String
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_

from accounts.audit.models import AuditEntry
from accounts.organisations.members import Member
from accounts.organisations.permissions import ensure
from kit.clock import Instant
from kit.unit import control

PLATFORM = "platform"  # in place of a person: what the platform or an API credential did


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a reader looks for; an empty field looks for everything.

    action: one action (key.created) or a family of them (key). person_id: a person, or PLATFORM. organisation_id: for operators.
    """

    action: str = ""
    person_id: str = ""
    organisation_id: str = ""


EVERYTHING = Sought()


def list_entries(
    member: Member, *, limit: int = 50, before_sequence: int | None = None, sought: Sought = EVERYTHING
) -> list[AuditEntry]:
    """Entries of the member's organisation, newest first, older than `before_sequence`."""
    query = _sought(sought).where(AuditEntry.organisation_id == member.organisation_id)
    if before_sequence is not None:
        query = query.where(AuditEntry.sequence < before_sequence)
    return list(control().session.scalars(query.order_by(AuditEntry.sequence.desc()).limit(limit)))


def list_all_entries(
    operator: Member, *, limit: int = 50, after: list[Any] | None = None, sought: Sought = EVERYTHING
) -> list[AuditEntry]:
    """Entries of every organisation, newest first. after: [at in µs, id] of the last one seen.

    Raises NotFound for anyone but an operator.
    """
    ensure(operator, "platform.audit")
    query = _sought(sought)
    if sought.organisation_id:
        query = query.where(AuditEntry.organisation_id == sought.organisation_id)
    if after is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < tuple_(*after, types=(Instant(), String())))
    return list(control().session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)))


def _sought(sought: Sought) -> Any:
    query = select(AuditEntry)
    if sought.action:
        family = AuditEntry.action.startswith(f"{sought.action}.", autoescape=True)
        query = query.where(or_(AuditEntry.action == sought.action, family))
    if sought.person_id == PLATFORM:
        return query.where(AuditEntry.person_id.is_(None))
    return query.where(AuditEntry.person_id == sought.person_id) if sought.person_id else query
