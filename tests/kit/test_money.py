"""Decimal text at the edge, exact integers inside."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import AmountPrecision
from kit.money import to_decimal
from kit.money import to_minor

FIFTEEN_DIGITS = 999_999_999_999_999


@given(st.integers(-FIFTEEN_DIGITS, FIFTEEN_DIGITS), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_amount_survives_the_round_trip(minor: int, currency: str) -> None:
    assert to_minor(to_decimal(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        (45.9, "PLN", 4590), (0.1 + 0.7, "EUR", None), (0.29, "EUR", 29), (1.1, "EUR", 110), ("19.99", "EUR", 1999),
        (5, "JPY", 5), (1.005, "KWD", 1005), (Decimal("1.50"), "EUR", 150), ("1.500", "EUR", 150), (-0.01, "EUR", -1),
        (0, "EUR", 0), (0.0, "JPY", 0), ("92233720368547758.07", "EUR", 2**63 - 1),
    ],
)  # fmt: skip
def test_amount_becomes_minor_units_without_binary_rounding(amount: Any, currency: str, minor: int | None) -> None:
    if minor is None:
        with pytest.raises(AmountPrecision):
            to_minor(amount, currency)
    else:
        assert to_minor(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1e400", "EUR"), ("1e999999", "EUR"), ("1e999999999999", "EUR"), ("1e-400", "EUR"), (float("inf"), "EUR"),
        (float("nan"), "EUR"), ("sNaN", "EUR"), ("", "EUR"), ("abc", "EUR"), (1.005, "EUR"), (0.5, "JPY"), (1.0005, "KWD"),
        ("92233720368547758.08", "EUR"), (2**63, "JPY"),
    ],
)  # fmt: skip
def test_amount_is_refused_when_the_currency_cannot_express_it(amount: Any, currency: str) -> None:
    with pytest.raises(AmountPrecision):
        to_minor(amount, currency)
