"""Refusals of the sandbox."""

from kit.errors import FieldError
from kit.errors import Invalid


def refused(field: str, message: str) -> Invalid:
    """Make the refusal of one field."""
    return Invalid(message, errors=[FieldError(field, "validation_failed", message)])
