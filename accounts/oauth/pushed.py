"""Authorization requests that clients send ahead (RFC 9126): nobody on the way can read or change what they ask for.

A reference is opened in a browser within LASTS. From then on the person has DECIDED_WITHIN, in which they may have to sign in
first; their decision uses the reference up.
"""

import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import literal
from sqlalchemy import update

from accounts.oauth.models import OAuthClient
from accounts.oauth.models import PushedRequest
from accounts.oauth.service import KEEP_EXPIRED
from kit.clock import now
from kit.crypto import vault
from kit.unit import control

PREFIX = "urn:ietf:params:oauth:request_uri:"
LASTS = timedelta(seconds=90)
DECIDED_WITHIN = timedelta(minutes=15)


def push(client: OAuthClient, *, parameters: dict[str, str]) -> str:
    """Keep a request that was checked; returns its reference, which is kept nowhere."""
    session, at, uri = control().session, now(), PREFIX + secrets.token_urlsafe(32)
    is_old = PushedRequest.expires_at < at - KEEP_EXPIRED
    session.execute(delete(PushedRequest).where(PushedRequest.client_id == client.id, is_old))
    session.add(PushedRequest(
        digest=_digest(uri), client_id=client.id, parameters=parameters, created_at=at, expires_at=at + LASTS,
    ))  # fmt: skip
    session.flush()  # so that a failure shows here and not after the answer is built
    return uri


def note_arrival(*, uri: str) -> None:
    """A browser has come with a reference: if it came in time, its person has longer from now on. Repeating it adds nothing."""
    at = now()
    is_waiting = (PushedRequest.opened_at.is_(None)) & (PushedRequest.expires_at > at)
    statement = update(PushedRequest).where(PushedRequest.digest == _digest(uri), is_waiting)
    control().session.execute(statement.values(opened_at=at, expires_at=at + DECIDED_WITHIN))


def find_parameters(*, client_id: str, uri: str) -> dict[str, str] | None:
    """What a client has asked for under a reference that still waits for a decision, or None."""
    request: PushedRequest | None = control().session.get(PushedRequest, _digest(uri))
    if request is None or request.client_id != client_id or request.used_at is not None or request.expires_at <= now():
        return None
    return request.parameters


def use(*, uri: str) -> bool:
    """Use a reference up. False when another decision was faster."""
    statement = update(PushedRequest).where(PushedRequest.digest == _digest(uri), PushedRequest.used_at.is_(None))
    return control().session.execute(statement.values(used_at=now()).returning(literal(1))).first() is not None


def _digest(uri: str) -> str:
    return vault.digest(f"pushed request {uri}")
