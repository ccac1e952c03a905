"""The `ref=` parameter of lists: a name another product has for an object."""

from api.operations import Call
from domain.references.service import parse_reference


def named(call: Call, noun: str) -> str | None:
    """The key of the name a list was asked for, or None. Raises BadRequest (400) for another form of it."""
    text = call.query.get("ref")
    return None if text is None else parse_reference(text, noun=noun)
