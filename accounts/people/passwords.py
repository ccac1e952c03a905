"""Passwords: what is accepted, and how they are stored and checked (argon2id, OWASP's 19 MiB profile)."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError
from argon2.exceptions import VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from kit.errors import FieldError
from kit.errors import Invalid

SHORTEST, LONGEST = 12, 128
_COMMON = frozenset(FREQUENCY_LISTS["passwords"])
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_room = BoundedSemaphore(4)  # many logins at once may not take all memory
# Checked for unknown addresses, so that they take as long as known ones. No one's password.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$gXHJ6/24CL6ykGH9ZJmcpg$k6dhWv1mWqSkxemEXVDKCq1/kh9My81Chfa84asU0Gk"


def ensure_acceptable(password: str, *, email: str) -> None:
    """Raise Invalid (422) unless the password has 12 to 128 characters, is not common and not the address."""
    message = ""
    if not SHORTEST <= len(password) <= LONGEST:
        message = f"{SHORTEST} to {LONGEST} characters"
    elif password.lower() in _COMMON:
        message = "not one of the most used passwords"
    elif password.lower() == email:
        message = "not your e-mail address"
    if message:
        detail = f"The password must be {message}." if message.startswith("not") else f"The password needs {message}."
        raise Invalid(detail, errors=[FieldError("password", "password_refused", message)])


def hashed(password: str) -> str:
    """The stored form of a password. Takes some 20 ms and 19 MiB."""
    with _room:
        return _hasher.hash(password)


def matches(password: str, stored: str) -> bool:
    """Whether the password is the one behind the stored form."""
    with _room:
        try:
            return _hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether the stored form was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)
