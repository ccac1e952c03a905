"""Prices: the contract's worked examples as literals, and agreement with an independent exact model."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.orders.pricing import Charge
from domain.orders.pricing import Discount
from domain.orders.pricing import PriceLine
from domain.orders.pricing import apportion
from domain.orders.pricing import half_up
from domain.orders.pricing import price
from tests.domain.orders.yardstick import opinion

RATES = st.sampled_from([None, "0", "0.05", "0.08", "0.080", "0.08875", "0.1", "0.21", "0.23", "1"])
AMOUNTS = st.integers(0, 20_000)
DISCOUNTS = st.lists(
    st.one_of(
        st.builds(Discount, st.just("percent"), st.integers(0, 10_000)), st.builds(Discount, st.just("fixed"), AMOUNTS)
    ),
    max_size=3,
)
LINES = st.lists(
    st.builds(
        PriceLine,
        AMOUNTS,
        st.integers(1, 20),
        st.lists(st.tuples(AMOUNTS, st.integers(1, 5)), max_size=3),
        RATES,
        DISCOUNTS,
    ),
    min_size=1,
    max_size=6,
)
CHARGES = st.lists(
    st.one_of(
        st.builds(Charge, st.just("percent"), st.integers(0, 3_000), RATES),
        st.builds(Charge, st.just("fixed"), AMOUNTS, RATES),
    ),
    max_size=3,
)


def test_price_of_a_burger_with_bacon_at_8_percent_exclusive():
    priced = price([PriceLine(3850, 1, [(400, 1)], "0.08")])
    assert (priced.subtotal_minor, priced.tax_minor, priced.total_minor, priced.due_minor) == (4250, 340, 4590, 4590)


def test_price_includes_tax_and_lowers_due_by_the_deposit_when_prices_are_inclusive():
    lines = [PriceLine(1200, 2, (), "0.21"), PriceLine(800, 1, (), "0.21")]
    priced = price(lines, price_mode="inclusive", deposit_minor=1000)
    assert (priced.total_minor, priced.tax_minor, priced.tax_included_minor, priced.due_minor) == (3200, 0, 555, 2200)


def test_price_applies_discount_before_service_charge_and_tax():
    priced = price(
        [PriceLine(1550, 2, [(200, 1)], "0.1")],
        discounts=[Discount("percent", 1000)],
        charges=[Charge("percent", 1000), Charge("fixed", 100)],
    )
    assert (priced.subtotal_minor, priced.discount_minor, priced.tax_minor) == (3500, 350, 315)
    assert (priced.charges_each_minor, priced.charges_minor, priced.total_minor) == ([315, 100], 415, 3880)


def test_price_rounds_an_8_875_percent_tax_once():
    lines = [PriceLine(1299, 1, (), "0.08875"), PriceLine(1201, 1, (), "0.08875")]
    priced = price(lines, charges=[Charge("fixed", 299)], tip_minor=500)
    assert (priced.tax_minor, priced.total_minor) == (222, 3521)


@pytest.mark.parametrize(("rounding", "tax"), [("bucket", 140), ("line", 139)], ids=["bucket", "line"])
def test_price_in_yen_when_tax_is_rounded_by(rounding: str, tax: int):
    lines = [*[PriceLine(333, 1, (), "0.1")] * 3, PriceLine(500, 1, (), "0.08")]
    assert price(lines, tax_rounding=rounding).tax_minor == tax


def test_price_in_dinars_with_three_decimals():
    priced = price([PriceLine(3750, 3, [(125, 2)])], discounts=[Discount("fixed", 500)])
    assert (priced.subtotal_minor, priced.discount_minor, priced.total_minor) == (12_000, 500, 11_500)


def test_price_reports_one_tax_line_per_rate_however_it_is_written():
    priced = price([PriceLine(1000, 1, (), "0.08"), PriceLine(500, 1, (), "0.080"), PriceLine(100, 1, (), "0.1")])
    assert [(tax.rate, tax.base_minor, tax.amount_minor) for tax in priced.tax_lines] == [
        ("0.08", 1500, 120),
        ("0.1", 100, 10),
    ]


def test_price_caps_discounts_and_takes_percents_before_fixed_ones():
    priced = price([PriceLine(1000, 1)], discounts=[Discount("fixed", 700), Discount("percent", 5000)])
    assert (priced.discounts_minor, priced.discount_minor, priced.total_minor) == ([500, 500], 1000, 0)


@pytest.mark.parametrize(
    ("whole", "weights", "parts"),
    [(100, [333, 333, 334], [33, 33, 34]), (2, [1, 1, 1], [1, 1, 0]), (5, [0, 0], [0, 0]), (0, [3, 4], [0, 0])],
    ids=["largest remainder", "ties to the earlier", "no weight", "nothing"],
)
def test_apportion_when(whole: int, weights: list[int], parts: list[int]):
    assert apportion(whole, weights) == parts


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(1, 2, 1), (-1, 2, -1), (3, 2, 2), (-3, 2, -2), (1, 3, 0), (2, 3, 1), (-2, 3, -1), (0, 7, 0)],
)
def test_half_up_rounds_halves_away_from_zero(numerator: int, denominator: int, rounded: int):
    assert half_up(numerator, denominator) == rounded


@settings(max_examples=200, deadline=None)
@given(
    lines=LINES, discounts=DISCOUNTS, charges=CHARGES, tip=AMOUNTS, mode=st.sampled_from(["exclusive", "inclusive"]),
    rounding=st.sampled_from(["bucket", "line"]), deposit=AMOUNTS,
)  # fmt: skip
def test_price_agrees_with_exact_fractions(
    lines: list[PriceLine],
    discounts: list[Discount],
    charges: list[Charge],
    tip: int,
    mode: str,
    rounding: str,
    deposit: int,
):
    priced = price(
        lines,
        discounts=discounts,
        charges=charges,
        tip_minor=tip,
        price_mode=mode,
        tax_rounding=rounding,
        deposit_minor=deposit,
    )
    expected = opinion(lines, discounts, charges, tip, mode, rounding, deposit)
    assert (priced.gross_minor, priced.net_minor) == (expected.gross, expected.net)
    assert (priced.subtotal_minor, priced.discount_minor) == (expected.subtotal, expected.discount)
    assert (priced.charges_minor, priced.tax_minor, priced.tax_included_minor) == expected[4:7]
    assert (priced.total_minor, priced.due_minor) == (expected.total, expected.due)
    assert {Fraction(tax.rate): tax.amount_minor for tax in priced.tax_lines} == expected.tax_by_rate
    assert sum(priced.discounts_minor) <= priced.discount_minor <= priced.subtotal_minor
    assert min(priced.net_minor) >= 0


@settings(max_examples=200, deadline=None)
@given(weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=20), whole=st.integers(0, 10**9))
def test_apportion_sums_to_the_whole_and_strays_by_less_than_one(weights: list[int], whole: int):
    parts = apportion(whole, weights)
    total = sum(weights)
    assert sum(parts) == (whole if total else 0)
    assert all(
        abs(part * total - whole * weight) < total or not total for part, weight in zip(parts, weights, strict=True)
    )
