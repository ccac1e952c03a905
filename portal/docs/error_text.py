"""The form of an entry about an error code."""

from dataclasses import dataclass
from dataclasses import field
from typing import Any

from kit.errors import FieldError


@dataclass(frozen=True)
class ErrorText:
    """One entry. detail, data and fields fill the example; data as an error carries it (amounts in minor units)."""

    meaning: str
    remedy: str
    detail: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    fields: tuple[FieldError, ...] = ()
