"""How names are compared when somebody searches: without case, accents or compatibility forms."""

import unicodedata

# Letters with a stroke are letters of their own to Unicode, yet people type the bare one.
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t"})


def folded(text: str) -> str:
    """NFKC, case folded, diacritics stripped."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in plain if not unicodedata.combining(char)).translate(_STROKES)


def matches(q: str, *texts: str | None) -> bool:
    """Tell whether every word of the query occurs in the texts."""
    hay = folded(" ".join(text for text in texts if text))
    return all(word in hay for word in folded(q).split())
