"""Names: taken apart, put together and folded for searches. Pure functions."""

import unicodedata

from domain.menus.search import folded

FAMILY_NAME_FIRST = frozenset({"ja", "zh", "ko"})
SEARCHED = (
    "name", "first_name", "last_name", "alt_first_name", "alt_last_name", "alpha_first_name", "alpha_last_name",
    "display_name", "company_name",
)  # fmt: skip
LONGEST = 255


def split_name(name: str) -> tuple[str | None, str]:
    """Split a single name: the last word is the family name, the rest the given names; one word is a family name."""
    first, _, last = name.rpartition(" ")
    return first.strip() or None, last


def join_name(first: str | None, last: str | None, *, locale: str | None) -> str:
    """Join the parts as the language does: `ja`, `zh` and `ko` say the family name first."""
    is_family_first = (locale or "").partition("-")[0].lower() in FAMILY_NAME_FIRST
    parts = (last, first) if is_family_first else (first, last)
    return " ".join(part for part in parts if part)[:LONGEST]


def clean_name(name: str) -> str:
    """A name as it is stored: NFC, without blanks around it."""
    return unicodedata.normalize("NFC", name).strip()


def search_text(columns: dict[str, str | None]) -> str:
    """Every name of a guest in the form searches are compared in. Reads the name columns, ignores the rest."""
    words = dict.fromkeys(folded(" ".join(columns.get(name) or "" for name in SEARCHED)).split())
    return " ".join(words)


def search_words(q: str) -> list[str]:
    """The different words of a search in the same form."""
    return list(dict.fromkeys(folded(q).split()))
