"""How a value of a document is printed in a file: amounts as decimals, instants as text, contacts hidden where they must be.

Pure functions. A spreadsheet runs a text that begins like a formula, so such texts are disarmed in CSV (OWASP, "CSV
Injection"); numbers are ours and stay numbers.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from domain.guests.masking import masked_email
from domain.guests.masking import masked_phone
from kit.clock import iso
from kit.documents import Document
from kit.money import exponent
from kit.money import to_decimal

PLAIN, MONEY, INSTANT, PHONES, EMAILS = "plain", "money", "instant", "phones", "emails"
THOUSANDTHS = "thousandths"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its name, the document's key, and what kind of value that is. MONEY is in minor units."""

    name: str
    key: str
    kind: str = PLAIN


def columns(*names: str, **kinds: str) -> tuple[Column, ...]:
    """Columns named like their keys; one written `name=key` has another key."""
    plain = [name.partition("=") for name in names]
    return tuple(Column(name, key or name, kinds.get(name, _kind_of(key or name))) for name, _, key in plain)


def _kind_of(key: str) -> str:
    return MONEY if key.endswith("_minor") else INSTANT if key.endswith("_at") else PLAIN


def value_of(column: Column, document: Document, *, is_masked: bool) -> Any:
    """The JSON value of a cell."""
    value = document[column.key]
    if value is None:
        return None
    if column.kind == MONEY:
        return to_decimal(value, document["currency"])
    if column.kind == INSTANT:
        return iso(value)
    if column.kind == THOUSANDTHS:
        return value / 1000
    if column.kind in (PHONES, EMAILS):
        return _contacts(column.kind, value, is_masked)
    return value


def _contacts(kind: str, value: Any, is_masked: bool) -> Any:
    """One contact as text, or a list of contact documents as a list of texts."""
    mask = masked_phone if kind == PHONES else masked_email
    if isinstance(value, str):
        return mask(value) if is_masked else value
    return [mask(contact["value"]) if is_masked else contact["value"] for contact in value]


def cell_of(column: Column, document: Document, *, is_masked: bool) -> str:
    """The text of a cell in a CSV file. Amounts carry all digits of their currency; lists and objects are JSON."""
    if column.kind == MONEY and document[column.key] is not None:
        return amount_of(document[column.key], document["currency"])
    value = value_of(column, document, is_masked=is_masked)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and column.kind in (PHONES, EMAILS):
        return disarmed(" ".join(value))
    return disarmed(value if isinstance(value, str) else orjson.dumps(value).decode())


def amount_of(minor: int, currency: str) -> str:
    """Minor units as a decimal text: 4590 EUR is 45.90."""
    digits = exponent(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


def disarmed(text: str) -> str:
    """A text no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text
