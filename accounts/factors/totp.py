"""Authenticator apps: time-based one-time codes (RFC 6238), six digits, half a minute each.

The seed is sealed in its row and shown to its person until they have typed a first code, never afterwards.
"""

from dataclasses import dataclass
from datetime import timedelta

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from accounts.factors.errors import WrongCode
from accounts.factors.models import Authenticator
from kit.clock import now
from kit.crypto import vault
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.ids import new_id
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
    app = _app(person_id)
    return app if app is not None and app.confirmed_at else None


def begin_enrolment(person_id: str) -> None:
    """Make a seed for an app to be set up; one that was begun before is dropped. Raises InvalidTransition (409)."""
    if find_app(person_id) is not None:
        raise InvalidTransition("An authenticator app is set up already. Remove it first.")
    cancel_enrolment(person_id)
    app = Authenticator(id=new_id("aut"), person_id=person_id, last_timecode=0, created_at=now())
    app.sealed_seed = vault.box.seal(pyotp.random_base32(), *_place(app))
    control().session.add(app)


def cancel_enrolment(person_id: str) -> None:
    """Drop what was begun; an app that counts stays."""
    begun = delete(Authenticator).where(Authenticator.person_id == person_id, Authenticator.confirmed_at.is_(None))
    control().session.execute(begun)


def find_enrolment(person_id: str, *, account: str) -> Enrolment | None:
    """The app being set up, or None. account: how the app will name it."""
    app = _begun(person_id)
    if app is None:
        return None
    seed = _seed(app)
    return Enrolment(seed, pyotp.TOTP(seed).provisioning_uri(name=account, issuer_name=ISSUER))


def check_enrolment(person_id: str, *, code: str) -> None:
    """See whether a code is one of the app being set up. Raises NotFound when none is, WrongCode (401)."""
    _checked(person_id, code)


def finish_enrolment(person_id: str, *, code: str) -> None:
    """Let the app count. Raises like check_enrolment."""
    app, timecode = _checked(person_id, code)
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


def _app(person_id: str) -> Authenticator | None:
    app: Authenticator | None = control().session.scalar(select(Authenticator).where(Authenticator.person_id == person_id))
    return app


def _begun(person_id: str) -> Authenticator | None:
    """The app that is being set up, unless it was begun too long ago."""
    app = _app(person_id)
    return app if app is not None and app.confirmed_at is None and app.created_at + SHOWN > now() else None


def _checked(person_id: str, code: str) -> tuple[Authenticator, int]:
    app = _begun(person_id)
    if app is None:
        raise NotFound("No authenticator app is being set up any more. Begin again.")
    return app, timecode_of(_seed(app), code)


def _seed(app: Authenticator) -> str:
    return vault.box.open(app.sealed_seed, *_place(app))


def _place(app: Authenticator) -> tuple[str, ...]:
    return "control", app.person_id, Authenticator.__tablename__, app.id, "seed"
