"""Pairings: begun by a client nobody knows, decided by a person in the portal, collected by that client once.

The flow is that of RFC 8628 (device authorization). The key is made at the moment it is handed out, so its text is never
stored and no key is left over from a client that went away. It opens the sandbox and nothing else.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.service import Side
from accounts.applications.service import ensure_on
from accounts.applications.service import side_for
from accounts.audit import service as audit
from accounts.keys.models import ApiKey
from accounts.keys.service import create_key
from accounts.keys.service import revoke_key
from accounts.oauth import user_codes
from accounts.organisations.members import Member
from accounts.organisations.models import Membership
from accounts.organisations.permissions import may_as
from accounts.pairing.errors import AccessDenied
from accounts.pairing.errors import AuthorizationPending
from accounts.pairing.errors import ExpiredToken
from accounts.pairing.errors import SlowDown
from accounts.pairing.models import Pairing
from accounts.plans.scopes import scopes_of
from kit.clock import now
from kit.crypto import parse
from kit.crypto import same
from kit.crypto import vault
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control

LASTS = timedelta(minutes=10)
INTERVAL_S = 2
TOLERANCE_S = 0.5  # a client's timer is not exact
KEPT = timedelta(days=1)
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Collected:
    """What an approved client gets, this once only."""

    api_key: str
    application_id: str
    application: str
    environment: Environment
    scopes: list[str]


def begin_pairing(*, machine: str, ip: str) -> user_codes.Begun:
    """Begin a pairing for a machine. Raises Invalid (422) for a bad name."""
    machine = machine.strip()
    if not 1 <= len(machine) <= LONGEST_NAME or not machine.isprintable():
        message = f"1 to {LONGEST_NAME} printable characters"
        raise Invalid(f"The machine's name must have {message}.", errors=[FieldError("machine", "invalid_value", message)])
    at, device_code = now(), secrets.token_urlsafe(32)
    user_code = user_codes.new_code()
    session = control().session
    session.execute(delete(Pairing).where(Pairing.expires_at < at - KEPT, Pairing.api_key_id.is_(None)))
    session.add(Pairing(
        id=new_id("pair"), device_digest=_device_digest(device_code), user_digest=_user_digest(user_code), machine=machine,
        ip=ip[:45], state="pending", created_at=at, expires_at=at + LASTS,
    ))  # fmt: skip
    return user_codes.Begun(device_code, user_codes.shown(user_code), int(LASTS.total_seconds()), INTERVAL_S)


def find_pairing(*, user_code: str) -> Pairing:
    """The pairing that waits for a person's decision. Raises NotFound for an unknown, decided or expired code."""
    return _pending(user_code, locked=False)


def decide(side: Side, *, user_code: str, is_approved: bool) -> Pairing:
    """Approve or deny a pairing for one application's sandbox.

    Raises NotFound like find_pairing and outside the sandbox, Forbidden for a reading role.
    """
    ensure_on(side, "pairing.decide")
    if side.environment != Environment.SANDBOX or side.person_id is None:
        raise NotFound
    pairing = _pending(user_code, locked=True)
    pairing.state = "approved" if is_approved else "denied"
    pairing.application_id, pairing.person_id = side.application_id, side.person_id
    audit.record(
        organisation_id=side.organisation_id, person_id=side.person_id, action=f"pairing.{pairing.state}", target=pairing.id,
        details={"machine": pairing.machine, "ip": pairing.ip, "application_id": side.application_id},
    )  # fmt: skip
    return pairing


def collect(*, device_code: str) -> Collected | PlatformError:
    """Hand the outcome to the client that began a pairing; commit whatever this returns.

    Returns AuthorizationPending, SlowDown, AccessDenied or ExpiredToken when there is no key to hand out. Raises what
    create_key raises, and the pairing stays approved.
    """
    query = select(Pairing).where(Pairing.device_digest == _device_digest(device_code)).with_for_update()
    pairing: Pairing | None = control().session.scalar(query.execution_options(populate_existing=True))
    at = now()
    if pairing is None or pairing.state == "collected" or pairing.expires_at <= at:
        return ExpiredToken()
    if pairing.state == "denied":
        return AccessDenied()
    asked_at, pairing.asked_at = pairing.asked_at, at
    if asked_at is not None and (at - asked_at).total_seconds() < INTERVAL_S - TOLERANCE_S:
        return SlowDown(f"Ask every {INTERVAL_S} seconds at most.")
    if pairing.state == "pending":
        return AuthorizationPending()
    return _handed_out(pairing)


def end_pairing(*, api_key: str) -> None:
    """Revoke a key that came from a pairing. Any other text changes nothing, and answers the same (RFC 7009)."""
    credential = parse(api_key)
    query = select(ApiKey, Pairing).join(Pairing, Pairing.api_key_id == ApiKey.id)
    row = control().session.execute(query.where(ApiKey.kid == credential.kid)).first() if credential else None
    if row is None or not same(row[0].digest, vault.digest(api_key)):
        return
    key, pairing = row
    side = _side_of(pairing)
    if side is not None:
        revoke_key(side, key_id=key.id)


def _handed_out(pairing: Pairing) -> Collected | PlatformError:
    side = _side_of(pairing)
    if side is None:
        pairing.state = "denied"
        return AccessDenied("Whoever approved this may no longer make keys.")
    issued = create_key(side, name=f"tableport on {pairing.machine}", scopes=scopes_of(Environment.SANDBOX))
    pairing.state, pairing.api_key_id = "collected", issued.key.id
    application = control().session.get(Application, side.application_id)
    return Collected(issued.text, side.application_id, application.name, side.environment, issued.key.scopes)


def _side_of(pairing: Pairing) -> Side | None:
    """The sandbox of the approved application, as the person who approved may act on it now; None when they may not."""
    query = (
        select(Membership)
        .join(Application, Application.organisation_id == Membership.organisation_id)
        .where(Application.id == pairing.application_id, Membership.person_id == pairing.person_id)
    )
    membership: Membership | None = control().session.scalar(query)
    if membership is None or not may_as(membership.role, "pairing.decide"):
        return None
    member = Member(membership.person_id, membership.organisation_id, membership.role, is_operator=False, email="")
    return side_for(member, application_id=str(pairing.application_id), environment=Environment.SANDBOX)


def _pending(user_code: str, *, locked: bool) -> Pairing:
    query = select(Pairing).where(
        Pairing.user_digest == _user_digest(user_code), Pairing.state == "pending", Pairing.expires_at > now()
    )
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    pairing: Pairing | None = control().session.scalar(query)
    if pairing is None:
        raise NotFound("This code is unknown, was used or has expired. Run `tableport login` again.")
    return pairing


def _device_digest(code: str) -> str:
    return vault.digest(f"pairing device {code}")


def _user_digest(code: str) -> str:
    return vault.digest(f"pairing user {user_codes.letters_of(code)}")
