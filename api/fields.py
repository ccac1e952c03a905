"""The field types every product's schemas are made of, and the schema base that refuses what it does not know."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from marshmallow import RAISE
from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate

from kit.clock import iso
from kit.clock import to_us
from kit.money import EXPONENTS


class Body(Schema):
    """Base of request bodies and queries: an unknown field is an error, never silently dropped."""

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """NFC-normalised text without control characters (newline and tab are allowed)."""

    def __init__(self, *, max_length: int, min_length: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length
        self.min_length = min_length
        lengths = {"maxLength": max_length} | ({"minLength": min_length} if min_length else {})
        self.metadata = {**self.metadata, **lengths}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Expected a string.")
        text = value if value.isascii() else unicodedata.normalize("NFC", value)
        if not text.isprintable() and any(_is_control(char) for char in text):
            raise ValidationError("Control characters are not allowed.")
        if len(text) > self.max_length:
            raise ValidationError(f"At most {self.max_length} characters.")
        if len(text) < self.min_length:
            raise ValidationError(f"At least {self.min_length} character{'s' if self.min_length > 1 else ''}.")
        return text


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t"


class Identifier(Text):
    """An object id. Never parsed; only its length and characters are bounded."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, min_length=1, **kwargs)


class Integer(fields.Integer):
    """A JSON integer: no strings, no booleans, no fractions."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Expected a whole number.")
        return value


class Flag(fields.Boolean):
    """A JSON boolean and nothing that merely looks like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Expected true or false.")
        return value


class Amount(fields.Field[Decimal]):
    """A decimal amount on input, kept exact. Its currency is known later, so precision is checked by the view."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValidationError("Expected a number.")
        amount = Decimal(value)
        if not amount.is_finite() or amount.adjusted() > 15:
            raise ValidationError("The amount is too large.")
        if amount < 0:
            raise ValidationError("The amount must not be negative.")
        return amount


class JsonObject(fields.Dict):
    """A JSON object of the caller's own making. Its numbers are plain ones: a body is read with exact decimals."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> dict[str, Any]:
        loaded: dict[str, Any] = super()._deserialize(value, attr, data, **kwargs)
        return {name: _with_plain_numbers(part) for name, part in loaded.items()}


class JsonValue(fields.Raw):
    """Any JSON value, its numbers plain ones. What it may be is said by what reads it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return _with_plain_numbers(value)


class HiddenTexts(fields.Dict):
    """An object of texts that are taken but never shown. What names and values may be is said by what keeps them."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> dict[str, Any]:
        loaded: dict[str, Any] = super()._deserialize(value, attr, data, **kwargs)
        if not all(isinstance(text, str) for text in loaded.values()):
            raise ValidationError("Expected an object whose values are strings.")
        return loaded


def _with_plain_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_plain_numbers(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_plain_numbers(part) for part in value]
    if isinstance(value, Decimal):
        value = float(value)
        if not isfinite(value):
            raise ValidationError("A number is too large.")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValidationError("A whole number is too large.")
    return value


class Money(fields.Field[float]):
    """Integer minor units of the document's currency, printed as a decimal number (api.views does the printing)."""


class DiscountValue(fields.Field[float]):
    """What a discount was asked for: basis points of a `percent` one, else minor units; printed as percent or decimals."""


class Instant(fields.Field[int]):
    """ISO 8601 with an offset on input (as microseconds since the epoch), `…Z` on output."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        try:
            instant = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise ValidationError("Expected an instant such as 2026-01-12T12:00:00Z.")
        try:
            return to_us(instant.astimezone(UTC))
        except (OverflowError, ValueError) as error:
            raise ValidationError("The instant is out of range.") from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return iso_or_none(value)


class Part(fields.Nested):
    """An object made from the same document as its parent, such as an order's totals."""

    def get_value(self, obj: Any, attr: str, accessor: Any = None, default: Any = None) -> Any:
        return obj


class CommaList(fields.Field[tuple[str, ...]]):
    """A query parameter holding a comma separated list."""

    def __init__(self, *, allowed: tuple[str, ...] | None = None, max_items: int = 50, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.allowed = allowed
        self.max_items = max_items

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[str, ...]:
        items = tuple(part.strip() for part in value.split(",") if part.strip())
        unknown = [item for item in items if self.allowed is not None and item not in self.allowed]
        if unknown:
            raise ValidationError(f"Unknown value {unknown[0]!r}; expected {', '.join(self.allowed or ())}.")
        if len(items) > self.max_items:
            raise ValidationError(f"At most {self.max_items} values.")
        return tuple(dict.fromkeys(items))


def matching(pattern: str, *, error: str) -> validate.Regexp:
    """Accept texts that match as a whole, `\\d` and the like in ASCII, as the OpenAPI document's expressions mean it."""
    return validate.Regexp(rf"^{pattern}\Z", flags=re.ASCII, error=error)


def currency_divisor(currency: str) -> int:
    """What minor units are divided by to print a currency's decimals."""
    return int(10 ** EXPONENTS.get(currency, 2))


def money_of(minor: int | None, divisor: int) -> float | int | None:
    """Minor units as the JSON number of a currency with that divisor."""
    if minor is None:
        return None
    return minor if divisor == 1 else minor / divisor


def iso_or_none(us: int | None) -> str | None:
    """An instant of a document as text."""
    return None if us is None else iso(us)
