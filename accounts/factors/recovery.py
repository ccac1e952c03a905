"""Recovery codes: ten, each good once, for whoever has lost the phone or the key.

A code is four groups of four letters and digits. The first group finds its row; the others, 60 bits, are kept as argon2id,
so that one try costs one hash whether the code exists or not.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from accounts.factors.errors import WrongCode
from accounts.factors.models import RecoveryCode
from accounts.people import passwords
from kit.clock import now
from kit.ids import CROCKFORD
from kit.ids import new_id
from kit.unit import control

COUNT = 10
GROUPS, GROUP = 4, 4
LOOKALIKES = str.maketrans("ILO", "110")  # read as Crockford's base32 says


@dataclass(frozen=True, slots=True)
class PreparedCodes:
    """New codes as their person will read them, and what is kept of each: (first group, hash of the others)."""

    texts: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class KnownCode:
    """What a try is checked against: an unknown code gets a hash that nothing fits."""

    code_id: str | None
    rest: str
    rest_hash: str


def prepare_codes() -> PreparedCodes:
    """Make ten codes. Slow, so it belongs before a transaction."""
    heads: set[str] = set()
    while len(heads) < COUNT:
        heads.add(_letters(GROUP))
    codes = [(head, _letters(GROUP * (GROUPS - 1))) for head in sorted(heads)]
    return PreparedCodes(
        tuple(_grouped(head + rest) for head, rest in codes), tuple((head, passwords.hashed(rest)) for head, rest in codes)
    )


def replace_codes(person_id: str, prepared: PreparedCodes) -> None:
    """Keep new codes; those from before are worth nothing."""
    drop_codes(person_id)
    for head, rest_hash in prepared.kept:
        control().session.add(RecoveryCode(
            id=new_id("rec"), person_id=person_id, head=head, rest_hash=rest_hash, created_at=now()
        ))  # fmt: skip


def drop_codes(person_id: str) -> None:
    """Delete every code of a person."""
    statement = delete(RecoveryCode).where(RecoveryCode.person_id == person_id)
    control().session.execute(statement.execution_options(synchronize_session=False))


def count_codes(person_id: str) -> int:
    """How many codes a person has left."""
    unused = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return int(control().session.scalar(unused))


def find_code(person_id: str, text: str) -> KnownCode:
    """What to check a typed code against, however it is spaced."""
    letters = "".join(char for char in text.upper() if char.isalnum()).translate(LOOKALIKES)
    head, rest = letters[:GROUP], letters[GROUP:]
    query = select(RecoveryCode).where(
        RecoveryCode.person_id == person_id, RecoveryCode.head == head, RecoveryCode.used_at.is_(None)
    )
    row: RecoveryCode | None = control().session.scalar(query) if len(letters) == GROUP * GROUPS else None
    return KnownCode(row.id, rest, row.rest_hash) if row else KnownCode(None, rest, passwords.NOBODY)


def check_code(known: KnownCode) -> str:
    """The id of the code that was typed. Takes as long for a wrong one. Raises WrongCode (401)."""
    is_right = passwords.matches(known.rest, known.rest_hash)
    if known.code_id is None or not is_right:
        raise WrongCode
    return known.code_id


def use_code(code_id: str) -> None:
    """Use a code up: of several tries at once one succeeds. Raises WrongCode (401) for the others."""
    statement = update(RecoveryCode).where(RecoveryCode.id == code_id, RecoveryCode.used_at.is_(None)).values(used_at=now())
    if control().session.execute(statement.execution_options(synchronize_session=False)).rowcount != 1:
        raise WrongCode


def _letters(count: int) -> str:
    return "".join(secrets.choice(CROCKFORD) for _ in range(count))


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))
