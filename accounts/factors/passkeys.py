"""Passkeys (WebAuthn level 3): credentials that verify their person by themselves and sign a challenge of ours.

A challenge is kept on the server, ends after minutes and is taken once, whatever comes of it. What a browser sends is checked
by py_webauthn; nothing of it is believed before.
"""

import json
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from webauthn import generate_authentication_options
from webauthn import generate_registration_options
from webauthn import options_to_json
from webauthn import verify_authentication_response
from webauthn import verify_registration_response
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticatorSelectionCriteria
from webauthn.helpers.structs import CredentialDeviceType
from webauthn.helpers.structs import PublicKeyCredentialDescriptor
from webauthn.helpers.structs import ResidentKeyRequirement
from webauthn.helpers.structs import UserVerificationRequirement

from accounts.factors.errors import PasskeyRefused
from accounts.factors.models import Passkey
from accounts.factors.tickets import CHALLENGE
from accounts.factors.tickets import open_ticket
from accounts.factors.tickets import take_ticket
from kit.clock import now
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.unit import control

NAME = "Tableport"
MOST = 20  # of one person
LONGEST_ANSWER = 16_384
# What reading the answer of a browser may raise besides its own errors: it is anybody's bytes.
BROKEN = (
    WebAuthnException, UnsupportedAlgorithm, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
    RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom passkeys are made for: a domain, and the one origin their answers come from."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A challenge: what the browser's authenticator is asked (JSON), and the token that takes the challenge."""

    options: str
    token: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey that answered. seen_count: its counter before; new_count: what it says now."""

    passkey_id: str
    person_id: str
    seen_count: int
    new_count: int
    is_synced: bool


def relying_party(public_url: str) -> RelyingParty | None:
    """Whom passkeys of an installation are made for; None where its address is a number, which no passkey can be bound to.

    A loopback address stands for `localhost`, where browsers do without TLS.
    """
    parts = urlsplit(public_url)
    host = (parts.hostname or "").lower()
    try:
        is_number, is_loopback = True, ip_address(host).is_loopback
    except ValueError:
        is_number = is_loopback = False
    if is_number and not is_loopback:
        return None
    host = "localhost" if is_loopback else host
    port = f":{parts.port}" if parts.port else ""
    return RelyingParty(host, f"{parts.scheme}://{host}{port}")


def ask_to_enrol(party: RelyingParty, *, person_id: str, email: str) -> Asked:
    """Ask for a new passkey of a person, of a device that has none of theirs yet."""
    options = generate_registration_options(
        rp_id=party.id, rp_name=NAME, user_name=email, user_display_name=email, user_id=person_id.encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(person_id),
    )  # fmt: skip
    return _asked(options, options.challenge, holder=person_id)


def ask_to_prove(party: RelyingParty, *, person_id: str = "") -> Asked:
    """Ask for a passkey of this person; without one, of whoever is there."""
    options = generate_authentication_options(
        rp_id=party.id, user_verification=UserVerificationRequirement.REQUIRED,
        allow_credentials=_descriptors(person_id) if person_id else [],
    )  # fmt: skip
    return _asked(options, options.challenge, holder=person_id)


def take_challenge(token: str, *, person_id: str = "") -> bytes:
    """The challenge that was asked of this person, or of anybody; commit whatever follows. Raises PasskeyRefused (401)."""
    kept = take_ticket(CHALLENGE, token, holder=person_id)
    if kept is None:
        raise PasskeyRefused("The passkey answered too late. Try again.")
    return base64url_to_bytes(kept["challenge"])


def add_passkey(party: RelyingParty, *, person_id: str, name: str, answer: str, challenge: bytes) -> Passkey:
    """Keep a new passkey. Raises PasskeyRefused (401), Invalid (422) for one too many."""
    session = control().session
    if not name.isprintable():
        message = "Printable characters only."
        raise Invalid(message, errors=[FieldError("name", "invalid_value", message)])
    if session.scalar(select(func.count()).where(Passkey.person_id == person_id)) >= MOST:
        message = f"At most {MOST} passkeys. Remove one first."
        raise Invalid(message, errors=[FieldError("name", "too_many_items", message)])
    try:
        made = verify_registration_response(
            credential=_read(answer), expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
            require_user_verification=True,
        )  # fmt: skip
    except BROKEN as error:
        raise PasskeyRefused from error
    credential_id = bytes_to_base64url(made.credential_id)
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == credential_id)):
        raise PasskeyRefused("This passkey is known already.")
    passkey = Passkey(
        id=new_id("pky"), person_id=person_id, name=name, credential_id=credential_id,
        public_key=bytes_to_base64url(made.credential_public_key), sign_count=made.sign_count,
        is_synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE, created_at=now(),
    )  # fmt: skip
    session.add(passkey)
    session.flush()  # what the person has is counted next
    return passkey


def check_passkey(party: RelyingParty, *, answer: str, challenge: bytes, person_id: str = "") -> Shown:
    """Whose passkey answered the challenge. person_id: whose it has to be. Raises PasskeyRefused (401).

    A counter that does not go on means that the passkey was copied, and refuses it.
    """
    try:
        credential = _read(answer)
        known = control().session.scalar(select(Passkey).where(Passkey.credential_id == str(credential["id"])))
        if known is None or (person_id or _named(credential)) != known.person_id:
            raise PasskeyRefused
        seen = verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(known.public_key), credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )  # fmt: skip
    except BROKEN as error:
        raise PasskeyRefused from error
    is_synced = seen.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    return Shown(known.id, known.person_id, known.sign_count, seen.new_sign_count, is_synced)


def take_count(shown: Shown) -> None:
    """Note the use of a passkey. Raises PasskeyRefused (401) when its counter has moved since it was checked."""
    statement = (
        update(Passkey)
        .where(Passkey.id == shown.passkey_id, Passkey.sign_count == shown.seen_count)
        .values(sign_count=shown.new_count, is_synced=shown.is_synced, last_used_at=now())
    )
    if control().session.execute(statement.execution_options(synchronize_session=False)).rowcount != 1:
        raise PasskeyRefused


def list_passkeys(person_id: str) -> list[Passkey]:
    """A person's passkeys, oldest first."""
    query = select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.created_at, Passkey.id)
    return list(control().session.scalars(query))


def remove_passkey(person_id: str, *, passkey_id: str) -> Passkey:
    """Let a passkey be worth nothing. Raises NotFound, also for another person's."""
    passkey = next((one for one in list_passkeys(person_id) if one.id == passkey_id), None)
    if passkey is None:
        raise NotFound
    control().session.delete(passkey)
    control().session.flush()  # what the person has left is counted next
    return passkey


def _asked(options: Any, challenge: bytes, *, holder: str) -> Asked:
    kept = {"challenge": bytes_to_base64url(challenge)}
    return Asked(options_to_json(options), open_ticket(CHALLENGE, kept, holder=holder))


def _descriptors(person_id: str) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in list_passkeys(person_id)]


def _named(credential: dict[str, Any]) -> str:
    """Whom the passkey says it was made for. It has to, when nobody else has said who is there."""
    return base64url_to_bytes(credential["response"]["userHandle"]).decode()


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("longer than any answer of an authenticator")
    read = json.loads(answer)
    if not isinstance(read, dict) or not str(read["id"]).isprintable():
        raise TypeError("no credential")
    return read
