"""Device codes (RFC 8628): a client without a browser asks, a person decides on another screen, the client collects once.

A used device code that comes again ends nothing: it travels between client and server only, and a client whose answer was slow
asks twice by the protocol's own rules.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from sqlalchemy import delete
from sqlalchemy import select

from accounts.oauth import user_codes
from accounts.oauth.grants import give_grant
from accounts.oauth.models import DeviceRequest
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import OAuthGrant
from accounts.oauth.service import KEEP_EXPIRED
from accounts.organisations.members import Member
from kit.clock import now
from kit.crypto import vault
from kit.errors import NotFound
from kit.ids import new_id
from kit.unit import control

LASTS = timedelta(minutes=10)
INTERVAL_S = 5
SLOWER_S = 5  # added to the interval each time the client asks too early
TOLERANCE_S = 0.5  # a client's timer is not exact


class Outcome(Enum):
    """What a client learns that asks whether a person has decided."""

    GRANTED = "granted"
    PENDING = "authorization_pending"
    TOO_EARLY = "slow_down"
    DENIED = "access_denied"
    EXPIRED = "expired_token"
    UNKNOWN = "invalid_grant"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for a person, and the client that made it."""

    request: DeviceRequest
    client: OAuthClient


def begin(client: OAuthClient, *, scopes: Iterable[str], ip: str) -> user_codes.Begun:
    """Begin a request for some of the client's scopes. Trusts its caller that they are (accounts.oauth.service.granted)."""
    session, at, device_code, user_code = control().session, now(), secrets.token_urlsafe(32), user_codes.new_code()
    is_old = DeviceRequest.expires_at < at - KEEP_EXPIRED
    session.execute(delete(DeviceRequest).where(DeviceRequest.client_id == client.id, is_old))
    session.add(DeviceRequest(
        id=new_id("dev"), device_digest=_device_digest(device_code), user_digest=_user_digest(user_code),
        client_id=client.id, scopes=list(scopes), ip=ip[:45], state="pending", interval_s=INTERVAL_S, created_at=at,
        expires_at=at + LASTS,
    ))  # fmt: skip
    session.flush()  # so that a failure shows here and not after the answer is built
    return user_codes.Begun(device_code, user_codes.shown(user_code), int(LASTS.total_seconds()), INTERVAL_S)


def find_waiting(*, user_code: str, locked: bool = False) -> Waiting:
    """The request a typed code belongs to. Raises NotFound for an unknown, decided or expired one, or one whose client ended."""
    query = (
        select(DeviceRequest, OAuthClient)
        .join(OAuthClient, OAuthClient.id == DeviceRequest.client_id)
        .where(
            DeviceRequest.user_digest == _user_digest(user_code), DeviceRequest.state == "pending",
            DeviceRequest.expires_at > now(), OAuthClient.revoked_at.is_(None),
        )
    )  # fmt: skip
    if locked:
        query = query.with_for_update(of=DeviceRequest).execution_options(populate_existing=True)
    row = control().session.execute(query).first()
    if row is None:
        raise NotFound("This code is unknown, was used or has expired. Start again on the device.")
    return Waiting(*row)


def allow(
    member: Member, *, user_code: str, tenant_id: str, scopes: Iterable[str], location_ids: Iterable[str] = ()
) -> Waiting:
    """Let the device's client in. Raises NotFound like find_waiting, and what give_grant raises."""
    waiting = find_waiting(user_code=user_code, locked=True)
    request = waiting.request
    grant = give_grant(
        member, client=waiting.client, tenant_id=tenant_id, scopes=scopes, asked=request.scopes, location_ids=location_ids
    )
    request.state, request.grant_id = "approved", grant.id
    return waiting


def deny(*, user_code: str) -> Waiting:
    """Refuse the device's client. Raises NotFound like find_waiting."""
    waiting = find_waiting(user_code=user_code, locked=True)
    waiting.request.state = "denied"
    return waiting


def poll(client: OAuthClient, *, device_code: str) -> tuple[Outcome, OAuthGrant | None]:
    """What became of a request; commit whatever this returns. GRANTED comes with the grant, once, and uses the code up."""
    query = select(DeviceRequest).where(
        DeviceRequest.device_digest == _device_digest(device_code), DeviceRequest.client_id == client.id
    )
    query = query.with_for_update().execution_options(populate_existing=True)
    request: DeviceRequest | None = control().session.scalar(query)
    if request is None or request.state == "used":
        return Outcome.UNKNOWN, None
    if request.state == "denied":
        return Outcome.DENIED, None
    at = now()
    if request.expires_at <= at:
        return Outcome.EXPIRED, None
    if request.state == "approved":
        request.state = "used"
        return Outcome.GRANTED, control().session.get(OAuthGrant, request.grant_id)
    asked_at, request.asked_at = request.asked_at, at
    if asked_at is not None and (at - asked_at).total_seconds() < request.interval_s - TOLERANCE_S:
        request.interval_s += SLOWER_S
        return Outcome.TOO_EARLY, None
    return Outcome.PENDING, None


def _device_digest(code: str) -> str:
    return vault.digest(f"device code {code}")


def _user_digest(code: str) -> str:
    return vault.digest(f"device user {user_codes.letters_of(code)}")
