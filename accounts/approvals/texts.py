"""What people write to each other here: notes, reasons, messages. Trimmed, short, and without control characters."""

from kit.errors import FieldError
from kit.errors import Invalid

LONGEST = 2000


def checked_text(value: str, field: str, *, needed: str = "") -> str:
    """The text as it is kept. needed: what to do when it is empty, if it may not be. Raises Invalid (422)."""
    value = value.replace("\r\n", "\n").strip()
    if len(value) > LONGEST or any(not (character.isprintable() or character in "\n\t") for character in value):
        message = f"at most {LONGEST} characters and no control characters"
        raise Invalid(f"The {field} takes {message}.", errors=[FieldError(field, "invalid_value", message)])
    if needed and not value:
        raise Invalid(f"The {field} is empty: {needed}.", errors=[FieldError(field, "required", needed)])
    return value
