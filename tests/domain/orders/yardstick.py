"""A second, slow opinion on prices: exact fractions all the way, written from the rules alone."""

from collections import defaultdict
from fractions import Fraction
from math import floor
from typing import NamedTuple

from domain.orders.pricing import Charge
from domain.orders.pricing import Discount
from domain.orders.pricing import PriceLine


class Opinion(NamedTuple):
    gross: list[int]
    net: list[int]
    subtotal: int
    discount: int
    charges: int
    tax: int
    tax_included: int
    total: int
    due: int
    tax_by_rate: dict[Fraction, int]


def rounded(exact: Fraction) -> int:
    """Nearest integer of an amount that is not negative, halves up."""
    return floor(exact + Fraction(1, 2))


def reduced(amount: int, discounts: list[Discount]) -> int:
    """What is left of an amount: every percent in turn, then every fixed one, never below zero."""
    for discount in [d for d in discounts if d.kind == "percent"]:
        amount -= min(amount, rounded(Fraction(discount.value, 10_000) * amount))
    for discount in [d for d in discounts if d.kind == "fixed"]:
        amount = max(0, amount - discount.value)
    return amount


def shares(whole: int, weights: list[int]) -> list[int]:
    """Hand out one unit after the other: each round goes to whoever lacks most of what he is owed."""
    if sum(weights) == 0:
        return [0 for _ in weights]
    owed = [Fraction(whole * weight, sum(weights)) for weight in weights]
    given = [owed_part.numerator // owed_part.denominator for owed_part in owed]
    while sum(given) < whole:
        lacking = [part - have for part, have in zip(owed, given, strict=True)]
        given[lacking.index(max(lacking))] += 1
    return given


def opinion(
    lines: list[PriceLine],
    discounts: list[Discount],
    charges: list[Charge],
    tip: int,
    mode: str,
    rounding: str,
    deposit: int,
) -> Opinion:
    gross = []
    for line in lines:
        one = Fraction(line.unit_minor) + sum(Fraction(price) * quantity for price, quantity in line.modifiers)
        gross.append(int(one * line.quantity))
    net = [reduced(amount, list(line.discounts)) for amount, line in zip(gross, lines, strict=True)]
    off_the_order = sum(net) - reduced(sum(net), discounts)
    net = [amount - share for amount, share in zip(net, shares(off_the_order, net), strict=True)]
    charged = [
        rounded(Fraction(charge.value, 10_000) * sum(net)) if charge.kind == "percent" else charge.value
        for charge in charges
    ]
    bases: dict[Fraction, list[int]] = defaultdict(list)
    for source, amount in [*zip(lines, net, strict=True), *zip(charges, charged, strict=True)]:
        if source.tax_rate is not None and Fraction(source.tax_rate) != 0:
            bases[Fraction(source.tax_rate)].append(amount)
    taxes = {}
    for rate, amounts in bases.items():
        factor = rate if mode == "exclusive" else 1 - 1 / (1 + rate)
        parts = amounts if rounding == "line" else [sum(amounts)]
        taxes[rate] = sum(rounded(factor * amount) for amount in parts)
    tax = sum(taxes.values())
    added = tax if mode == "exclusive" else 0
    total = sum(net) + sum(charged) + tip + added
    return Opinion(
        gross,
        net,
        sum(gross),
        sum(gross) - sum(net),
        sum(charged),
        added,
        tax - added,
        total,
        max(0, total - deposit),
        taxes,
    )
