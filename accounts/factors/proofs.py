"""Showing who one is: a code, a recovery code, a passkey, or the password of somebody who has nothing else.

In three steps, as with passwords: what to check against is looked up (`look_up`), it is checked where nobody waits for a
transaction (`check`), and what was right is taken, once (`accept`).
"""

from dataclasses import dataclass

from accounts.factors import passkeys
from accounts.factors import recovery
from accounts.factors import totp
from accounts.factors.errors import WrongCode
from accounts.factors.passkeys import Shown
from accounts.factors.recovery import KnownCode
from accounts.factors.telling import tell
from accounts.people import service as people
from accounts.people.errors import WrongCredentials
from accounts.people.service import KnownPassword
from accounts.people.service import get_person

TOTP, PASSKEY, RECOVERY, PASSWORD = "totp", "passkey", "recovery", "password"
TYPED = (TOTP, RECOVERY, PASSWORD)


@dataclass(frozen=True, slots=True)
class Try:
    """What somebody typed, and what it is checked against."""

    person_id: str
    by: str
    text: str
    seed: str | None = None
    code: KnownCode | None = None
    password: KnownPassword | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """What was right. It counts once `accept` has taken it."""

    person_id: str
    by: str
    timecode: int = 0
    code_id: str = ""
    stored: str = ""
    passkey: Shown | None = None


def ways_of(person_id: str) -> tuple[str, ...]:
    """How a person can show who they are. The password does only for whoever has no second factor."""
    if not get_person(person_id=person_id).has_factor:
        return (PASSWORD,)
    found = ((TOTP, totp.find_app(person_id)), (PASSKEY, passkeys.list_passkeys(person_id)),
             (RECOVERY, recovery.count_codes(person_id)))  # fmt: skip
    return tuple(way for way, is_there in found if is_there)


def look_up(*, person_id: str, by: str, text: str) -> Try:
    """What to check a typed proof against. Raises WrongCode (401) for a way that is not open to the person."""
    if by == TOTP and (seed := totp.find_seed(person_id)):
        return Try(person_id, by, text, seed=seed)
    if by == RECOVERY:
        return Try(person_id, by, text, code=recovery.find_code(person_id, text))
    person = get_person(person_id=person_id)
    if by != PASSWORD or person.has_factor:
        raise WrongCode
    return Try(person_id, by, text, password=KnownPassword(person_id, person.password_hash))


def check(one: Try) -> Proven:
    """Check what was typed. Slow, so it belongs before a transaction. Raises WrongCode, WrongCredentials (401)."""
    if one.seed is not None:
        return Proven(one.person_id, one.by, timecode=totp.timecode_of(one.seed, one.text))
    if one.code is not None:
        return Proven(one.person_id, one.by, code_id=recovery.check_code(one.code))
    if one.password is None:
        raise WrongCode
    return Proven(one.person_id, one.by, stored=people.check_password(one.password, one.text).stored)


def accept(proven: Proven) -> None:
    """Take a proof: each code, and each answer of a passkey, is good once. Raises WrongCode, PasskeyRefused (401).

    Raises WrongCredentials (401) when the password was changed meanwhile.
    """
    if proven.passkey is not None:
        passkeys.take_count(proven.passkey)
    elif proven.by == TOTP:
        totp.take_timecode(proven.person_id, proven.timecode)
    elif proven.by == RECOVERY:
        recovery.use_code(proven.code_id)
        left = recovery.count_codes(proven.person_id)
        tell("factor.code_used", person_id=proven.person_id, details={"left": left}, about=f"{left} left")
    elif get_person(person_id=proven.person_id).password_hash != proven.stored:
        raise WrongCredentials
