"""Money as signed 64-bit integer minor units plus an ISO 4217 code. Decimal text exists only at the edges."""

from decimal import Decimal
from decimal import InvalidOperation

EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}
MAX_MINOR = 2**63 - 1


class AmountPrecision(ValueError):
    """The amount has more fraction digits than the currency, or does not fit 64 bits."""


def exponent(currency: str) -> int:
    """Fraction digits of a currency."""
    return EXPONENTS.get(currency, 2)


def to_minor(amount: int | float | str | Decimal, currency: str) -> int:
    """Convert a decimal amount to integer minor units without binary rounding.

    Raises AmountPrecision when the amount is not a finite number that the currency can express.
    """
    try:
        exact = Decimal(str(amount))
        # 1e999999999 is a legal JSON number; turning it into an integer would take all memory.
        if exact and (not exact.is_finite() or abs(exact.adjusted()) > 20):
            raise AmountPrecision(f"{currency} amounts do not reach that far")
        scaled = exact.scaleb(exponent(currency))
        minor = int(scaled)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise AmountPrecision(f"{amount!r} is not an amount") from error
    if scaled != minor or abs(minor) > MAX_MINOR:
        raise AmountPrecision(f"{currency} has {exponent(currency)} fraction digits")
    return minor


def to_decimal(minor: int, currency: str) -> float:
    """Minor units as the JSON number a caller reads (4590 EUR is 45.9). Exact up to 15 digits, as JSON numbers are."""
    digits = EXPONENTS.get(currency, 2)
    return minor / 100 if digits == 2 else minor / 10**digits
