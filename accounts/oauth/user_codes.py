"""Codes a device shows and a person types on another screen: BCDF-GHJK. Source: RFC 8628, section 6.1."""

import secrets
from dataclasses import dataclass

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words
LENGTH = 8


@dataclass(frozen=True, slots=True)
class Begun:
    """What a client is told: a code to keep to itself, and one to show to a person."""

    device_code: str
    user_code: str
    lasts_s: int
    interval_s: int


def new_code() -> str:
    """A random code, without its dash."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def letters_of(typed: str) -> str:
    """The letters that count of a code, however it was typed."""
    return "".join(char for char in typed.upper() if char in LETTERS)


def shown(code: str) -> str:
    """A code as people read it."""
    letters = letters_of(code)
    return f"{letters[:4]}-{letters[4:]}"
