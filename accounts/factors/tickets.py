"""Tickets: a sign-in that waits for its second factor, a challenge for a passkey, a form whose sender is asked who they are.

A ticket is worth nothing without the token in the browser that opened it, tells nobody who reads the database what is in it,
and ends by itself.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from accounts.factors.models import Ticket
from kit.clock import now
from kit.crypto import vault
from kit.unit import control


@dataclass(frozen=True, slots=True)
class Kind:
    """What a ticket is for, and how long it stands open."""

    name: str
    lasts: timedelta


SIGN_IN = Kind("sign_in", timedelta(minutes=5))  # held by a person
CHALLENGE = Kind("challenge", timedelta(minutes=5))  # held by a person; by nobody when it asks who is there
POST = Kind("post", timedelta(minutes=10))  # held by a browser session


def open_ticket(kind: Kind, content: dict[str, Any], *, holder: str = "") -> str:
    """Keep a JSON object for a few minutes; return the token that finds it."""
    token = secrets.token_urlsafe(32)
    digest = _digest(kind, token)
    control().session.add(Ticket(
        id=digest, kind=kind.name, holder=holder, sealed=vault.box.seal(json.dumps(content), *_place(digest)),
        expires_at=now() + kind.lasts,
    ))  # fmt: skip
    return token


def find_ticket(kind: Kind, token: str, *, holder: str | None = None) -> dict[str, Any] | None:
    """What a ticket holds, or None when it is unknown, over or, where a holder is named, another's."""
    ticket: Ticket | None = control().session.get(Ticket, _digest(kind, token))
    if ticket is None or ticket.expires_at <= now() or holder not in (None, ticket.holder):
        return None
    content: dict[str, Any] = json.loads(vault.box.open(ticket.sealed, *_place(ticket.id)))
    return content


def take_ticket(kind: Kind, token: str, *, holder: str | None = None) -> dict[str, Any] | None:
    """What find_ticket finds, to the first who asks: of several at once one gets it."""
    content = find_ticket(kind, token, holder=holder)
    if content is None:
        return None
    statement = delete(Ticket).where(Ticket.id == _digest(kind, token)).execution_options(synchronize_session=False)
    return content if control().session.execute(statement).rowcount == 1 else None


def hand_over(kind: Kind, *, holder: str, heir: str) -> None:
    """Let another hold the tickets somebody has."""
    statement = update(Ticket).where(Ticket.kind == kind.name, Ticket.holder == holder).values(holder=heir)
    control().session.execute(statement.execution_options(synchronize_session=False))


def forget_tickets(*, limit: int) -> int:
    """Delete up to `limit` tickets that are over. Returns how many."""
    old = select(Ticket.id).where(Ticket.expires_at <= now()).limit(limit)
    statement = delete(Ticket).where(Ticket.id.in_(old)).execution_options(synchronize_session=False)
    return int(control().session.execute(statement).rowcount)


def _digest(kind: Kind, token: str) -> str:
    return vault.digest(f"ticket {kind.name} {token}")


def _place(digest: str) -> tuple[str, ...]:
    return "control", "tickets", digest, "sealed"
