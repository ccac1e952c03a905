"""Authenticator apps: time-based one-time codes (RFC 6238), six digits, half a minute each.

The seed is sealed in its row and shown to its person until they have typed a first code, never afterwards.
"""

from dataclasses import dataclass
from datetime import timedelta

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import delete
from sqlalchemy import update

from accounts.factors.errors import WrongCode
from accounts.factors.models import Authenticator
from kit.clock import now
from kit.crypto import vault
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.unit import control

ISSUER = "Tableport"
WINDOW = 1  # half minutes a phone's clock may be ahead or behind
SHOWN = timedelta(minutes=15)  # how long an app that gave no code yet can still be set up


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An app that is being set up. uri: what its QR code says (otpauth)."""

    seed: str
    uri: str


def find_app(person_id: str) -> Authenticator | None:
    """The person's app if it counts."""
    app: Authenticator | None = control().session.get(Authenticator, person_id)
    return app if app is not None and app.confirmed_at else None


def begin_enrolment(person_id: str) -> None:
    """Make a seed for an app to be set up; one that was begun before is dropped. Raises InvalidTransition (409)."""
    if find_app(person_id) is not None:
        raise InvalidTransition("An authenticator app is set up already. Remove it first.")
    cancel_enrolment(person_id)
    sealed = vault.box.seal(pyotp.random_base32(), *_place(person_id))
    control().session.add(Authenticator(person_id=person_id, sealed_seed=sealed, last_timecode=0, created_at=now()))


def cancel_enrolment(person_id: str) -> None:
    """Drop what was begun; an app that counts stays."""
    begun = delete(Authenticator).where(Authenticator.person_id == person_id, Authenticator.confirmed_at.is_(None))
    control().session.execute(begun.execution_options(synchronize_session=False))
    control().session.expire_all()


def find_enrolment(person_id: str, *, account: str) -> Enrolment | None:
    """The app being set up, or None. account: how the app will name it."""
    app: Authenticator | None = control().session.get(Authenticator, person_id)
    if app is None or app.confirmed_at or app.created_at + SHOWN <= now():
        return None
    seed = _seed(app)
    return Enrolment(seed, pyotp.TOTP(seed).provisioning_uri(name=account, issuer_name=ISSUER))


def check_enrolment(person_id: str, *, code: str) -> int:
    """The half minute a code of the app being set up belongs to. Raises NotFound when none is, WrongCode (401)."""
    app: Authenticator | None = control().session.get(Authenticator, person_id)
    if app is None or app.confirmed_at or app.created_at + SHOWN <= now():
        raise NotFound("No authenticator app is being set up any more. Begin again.")
    return timecode_of(_seed(app), code)


def finish_enrolment(person_id: str, *, code: str) -> None:
    """Let the app count. Raises like check_enrolment."""
    timecode = check_enrolment(person_id, code=code)
    app = control().session.get(Authenticator, person_id)
    app.last_timecode, app.confirmed_at = timecode, now()


def find_seed(person_id: str) -> str | None:
    """The seed that codes are checked against."""
    app = find_app(person_id)
    return _seed(app) if app else None


def timecode_of(seed: str, code: str) -> int:
    """The half minute a code belongs to: the present one, or one beside it. Raises WrongCode (401)."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit()):
        raise WrongCode
    try:
        return int(pyotp.TOTP(seed).verify_and_get_timecode(digits, for_time=now(), valid_window=WINDOW))
    except OTPVerificationError as error:
        raise WrongCode from error


def take_timecode(person_id: str, timecode: int) -> None:
    """Let no code of this half minute, or of one before it, be taken again. Raises WrongCode (401) when one was."""
    statement = (
        update(Authenticator)
        .where(
            Authenticator.person_id == person_id, Authenticator.confirmed_at.is_not(None),
            Authenticator.last_timecode < timecode,
        )
        .values(last_timecode=timecode)
    )  # fmt: skip
    if control().session.execute(statement.execution_options(synchronize_session=False)).rowcount != 1:
        raise WrongCode


def remove_app(person_id: str) -> None:
    """Let the app's codes be worth nothing. Raises NotFound."""
    app = find_app(person_id)
    if app is None:
        raise NotFound("There is no authenticator app.")
    control().session.delete(app)
    control().session.flush()  # what the person has left is counted next


def _seed(app: Authenticator) -> str:
    return vault.box.open(app.sealed_seed, *_place(app.person_id))


def _place(person_id: str) -> tuple[str, ...]:
    return "control", "authenticators", person_id, "sealed_seed"
