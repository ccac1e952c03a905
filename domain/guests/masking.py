"""How contact data is shown to those who may not see it: enough to recognise, not enough to call or write."""

import re

HIDDEN = "•••"
_NAMES = (
    "phone", "number", "email", "recipient", "to", "username", "line1", "line2", "postal_code", "instructions",
    "contact_phone", "contact_email",
)  # fmt: skip
_LISTS = ("phones", "emails")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_EMAIL = re.compile(r"[^\s\"'<>,;:=&?/\\]+@[^\s\"'<>,;:=&?/\\]+\.[^\s\"'<>,;:=&?/\\]+")
_NAMED = re.compile(rf'("(?:{"|".join(_NAMES)})"\s*:\s*)"(?:[^"\\]|\\.)*"?')
_LISTED = re.compile(rf'("(?:{"|".join(_LISTS)})"\s*:\s*)\[[^\]]*\]?')
_SOUGHT = re.compile(r"(?<![^&?])((?:q|phone|email)=)[^&]*")


def masked_phone(value: str) -> str:
    """+37060012345 as +3706•••345."""
    return f"{value[:5]}{HIDDEN}{value[-3:]}" if len(value) > 8 else HIDDEN


def masked_email(value: str) -> str:
    """jane@example.com as j•••@example.com."""
    name, _, domain = value.partition("@")
    return f"{name[:1]}{HIDDEN}@{domain}"


def masked_text(text: str) -> str:
    """A logged body without contact data: what stands under a name for it, and what looks like it anywhere.

    Works on text, so that a body that was cut short or is no JSON is masked too.
    """
    text = _LISTED.sub(rf'\1["{HIDDEN}"]', text)
    text = _NAMED.sub(rf'\1"{HIDDEN}"', text)
    return _EMAIL.sub(HIDDEN, _PHONE.sub(HIDDEN, text))


def masked_query(text: str) -> str:
    """A logged query string without what was searched for among contacts."""
    return _SOUGHT.sub(rf"\1{HIDDEN}", text)
