"""How many points orders are worth and refunds take back: examples and what holds for all amounts."""

from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.loyalty.rules import kept_minor
from domain.loyalty.rules import points_of
from domain.loyalty.rules import points_taken_back

PROGRAM = {"kind": "points", "rate_millionths": 1_000_000, "currency": None}
CASHBACK = {"kind": "cashback", "rate_millionths": 50_000, "currency": "PLN"}
STAMPS = {"kind": "stamps", "rate_millionths": 1_000_000, "currency": None}


def order(total_minor: int, **changes: Any) -> dict[str, Any]:
    """A paid order."""
    return {
        "total_minor": total_minor, "tip_minor": 0, "tax_minor": 0, "tax_included_minor": 0, "deposit_applied_minor": 0,
        "paid_minor": total_minor, "refunded_minor": 0, "currency": "PLN", **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("program", "paid", "multiplier", "points"),
    [
        (PROGRAM, order(4590, tax_minor=340), 100, 42),
        (PROGRAM, order(4590, tax_minor=340), 150, 63),
        (PROGRAM, order(5590, tax_minor=340, tip_minor=1000), 100, 42),
        (PROGRAM, order(3200, tax_included_minor=555), 100, 26),
        (PROGRAM, order(99), 100, 0),
        (PROGRAM, order(1200, currency="JPY"), 100, 1200),
        (PROGRAM, order(11500, currency="KWD"), 100, 11),
        (PROGRAM | {"rate_millionths": 500_000}, order(1999), 100, 9),
        (CASHBACK, order(4250), 100, 212),
        (CASHBACK, order(4250, currency="EUR"), 100, 0),
        (STAMPS, order(4250), 100, 1),
        (STAMPS, order(4250), 200, 2),
        (STAMPS, order(0), 100, 0),
        (PROGRAM, order(8000, paid_minor=10_000, refunded_minor=2000), 100, 80),
        (PROGRAM, order(8000, refunded_minor=2000), 100, 60),
        (PROGRAM, order(8000, refunded_minor=8000), 100, 0),
        (PROGRAM, order(8000, paid_minor=0), 100, 80),
        (PROGRAM, order(8000, paid_minor=5000, deposit_applied_minor=3000), 100, 80),
    ],
    ids=[
        "exclusive-tax", "gold", "tip", "inclusive-tax", "less-than-one", "yen", "three-decimals", "half-a-point", "cashback",
        "cashback-in-another-currency", "stamp", "two-stamps", "free-order", "overpayment-returned", "partly-refunded",
        "refunded", "paid-to-the-channel", "deposit",
    ],
)  # fmt: skip
def test_order_is_worth_its_net_times_rate_times_multiplier(program: dict, paid: dict, multiplier: int, points: int):
    assert points_of(program, paid, multiplier_hundredths=multiplier) == points


AMOUNTS = st.integers(1, 10**9)


@settings(max_examples=500)
@given(
    total=AMOUNTS, tip=st.integers(0, 10**6), tax=st.integers(0, 10**6), refunded=st.integers(0, 10**9),
    rate=st.integers(0, 10_000_000), multiplier=st.integers(0, 1000),
)  # fmt: skip
def test_points_are_rounded_down_once(total: int, tip: int, tax: int, refunded: int, rate: int, multiplier: int):
    paid = order(total + tip + tax, tip_minor=tip, tax_minor=tax, refunded_minor=min(refunded, total + tip + tax))
    program = PROGRAM | {"rate_millionths": rate}
    share = Fraction(kept_minor(paid), paid["total_minor"])
    exact = Fraction(total, 100) * share * Fraction(rate, 1_000_000) * Fraction(multiplier, 100)
    assert points_of(program, paid, multiplier_hundredths=multiplier) == floor(exact)


@settings(max_examples=500)
@given(earned=st.integers(0, 10**9), base=AMOUNTS, parts=st.lists(st.integers(1, 10**8), max_size=8))
def test_refunds_in_parts_take_back_what_one_refund_would(earned: int, base: int, parts: list[int]):
    so_far, taken = 0, []
    for part in parts:
        so_far += part
        taken.append(points_taken_back(earned=earned, base_minor=base, refunded_minor=so_far, now_minor=part))
    assert min(taken, default=0) >= 0
    assert sum(taken) == floor(Fraction(earned * min(so_far, base), base)) <= earned
