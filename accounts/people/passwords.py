"""Passwords: what is accepted, and how they are stored and checked (argon2id, OWASP's 19 MiB profile).

`leaked_passwords.bin` holds the first six bytes of the SHA-256 of 43,940 passwords of at least twelve characters, in small
letters, that stood most often in public leaks (`docs/access.md` says where they come from). Nobody can read them from it, and a
password that is in none of the leaks is refused once in six billion.
"""

import re
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError
from argon2.exceptions import VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from kit.errors import FieldError
from kit.errors import Invalid

SHORTEST, LONGEST = 12, 128
OWN_ENOUGH = 8  # letters and digits a password has beside the words everybody here would try first
# Words of this platform and of those who use it; docs/access.md lists them.
WORDS = (
    "tableport", "restaurant", "password", "passwort", "kitchen", "waiter", "bistro", "tables", "table", "orders", "order",
    "menus", "menu", "guests", "guest", "sandbox", "production", "webhook", "developer", "analyst", "finance", "viewer", "owner",
    "operator", "partner", "admin", "login", "secret", "apikey",
)  # fmt: skip
SHORTEST_WORD = 4  # of the parts of an address that count as such a word
DIGEST = 6
_COMMON = frozenset(FREQUENCY_LISTS["passwords"])
_LEAKED_BYTES = (Path(__file__).parent / "leaked_passwords.bin").read_bytes()
_LEAKED = frozenset(_LEAKED_BYTES[at : at + DIGEST] for at in range(0, len(_LEAKED_BYTES), DIGEST))
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_room = BoundedSemaphore(4)  # many logins at once may not take all memory
# Checked for unknown addresses, so that they take as long as known ones. No one's password.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$gXHJ6/24CL6ykGH9ZJmcpg$k6dhWv1mWqSkxemEXVDKCq1/kh9My81Chfa84asU0Gk"


def ensure_acceptable(password: str, *, email: str) -> None:
    """Raise Invalid (422) unless the password has 12 to 128 characters, was in no leak and says something of its own.

    What characters it is made of is its owner's business.
    """
    message = ""
    if not SHORTEST <= len(password) <= LONGEST:
        message = f"{SHORTEST} to {LONGEST} characters"
    elif is_leaked(password):
        message = "not one of the most used passwords"
    elif password.lower() == email:
        message = "not your e-mail address"
    elif not _is_own(password, email):
        message = "not made of your address or of words like tableport, restaurant and admin alone"
    if message:
        detail = f"The password must be {message}." if message.startswith("not") else f"The password needs {message}."
        raise Invalid(detail, errors=[FieldError("password", "password_refused", message)])


def is_leaked(password: str) -> bool:
    """Whether a password stood often in leaks, in whatever case."""
    lowered = password.lower()
    return lowered in _COMMON or sha256(lowered.encode("utf-8", "surrogatepass")).digest()[:DIGEST] in _LEAKED


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


def _is_own(password: str, email: str) -> bool:
    """Whether enough is left of a password without the words that whoever guesses here would begin with."""
    parts = [part for part in re.split(r"[^a-z0-9]+", email) if len(part) >= SHORTEST_WORD]
    lowered = rest = password.lower()
    for word in sorted({*WORDS, *parts}, key=len, reverse=True):
        rest = rest.replace(word, " ")
    return rest == lowered or sum(char.isalnum() for char in rest) >= OWN_ENOUGH
