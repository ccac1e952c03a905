"""The price of an order: pure integer arithmetic over what the menu and the draft already decided.

Owns rounding, the order of discounts, their apportioning to lines and the tax buckets. Reads no database and knows no
ids. Rounding is half up, away from zero. Percentages are basis points, tax rates decimal strings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

EXCLUSIVE, INCLUSIVE = "exclusive", "inclusive"
BUCKET, LINE = "bucket", "line"
WHOLE = 10_000  # basis points in 100 %


@dataclass(slots=True)
class Discount:
    """kind percent: value in basis points; kind fixed: value in minor units. Never takes more than is left."""

    kind: str
    value: int


@dataclass(slots=True)
class PriceLine:
    """unit_minor without modifiers; modifiers are (price_minor, quantity) per unit; tax_rate None means not taxed."""

    unit_minor: int
    quantity: int
    modifiers: Sequence[tuple[int, int]] = ()
    tax_rate: str | None = None
    discounts: Sequence[Discount] = ()


@dataclass(slots=True)
class Charge:
    """An extra charge on what is left after discounts."""

    kind: str
    value: int
    tax_rate: str | None = None


@dataclass(slots=True)
class TaxLine:
    """The tax of one rate. rate as first written on a line or charge."""

    rate: str
    base_minor: int
    amount_minor: int


@dataclass(slots=True)
class PricedOrder:
    """Every amount of an order. Per-part lists follow the order of what was given."""

    gross_minor: list[int]
    net_minor: list[int]
    discounts_minor: list[int]
    charges_each_minor: list[int]
    tax_lines: list[TaxLine]
    subtotal_minor: int
    discount_minor: int
    charges_minor: int
    tax_minor: int
    tax_included_minor: int
    tip_minor: int
    total_minor: int
    due_minor: int


def price(
    lines: Sequence[PriceLine],
    *,
    discounts: Sequence[Discount] = (),
    charges: Sequence[Charge] = (),
    tip_minor: int = 0,
    price_mode: str = EXCLUSIVE,
    tax_rounding: str = BUCKET,
    deposit_minor: int = 0,
) -> PricedOrder:
    """Price an order. `discounts` are the order's own; line discounts come off first, percent before fixed.

    Lines must not be negative. Raises nothing: the caller has validated the draft.
    """
    gross = [gross_of(line) for line in lines]
    net = [amount - sum(_discounted(line.discounts, amount)) for line, amount in zip(lines, gross, strict=True)]
    taken = _discounted(discounts, sum(net))
    if any(taken):
        net = [amount - share for amount, share in zip(net, apportion(sum(taken), net), strict=True)]
    left, subtotal = sum(net), sum(gross)
    charged = [half_up(charge.value * left, WHOLE) if charge.kind == "percent" else charge.value for charge in charges]
    parts = [(line.tax_rate, amount) for line, amount in zip(lines, net, strict=True)]
    parts += [(charge.tax_rate, amount) for charge, amount in zip(charges, charged, strict=True)]
    tax_lines = _taxes(parts, price_mode, tax_rounding)
    tax = sum(line.amount_minor for line in tax_lines)
    added, included = (tax, 0) if price_mode == EXCLUSIVE else (0, tax)
    total = left + sum(charged) + tip_minor + added
    return PricedOrder(
        gross_minor=gross, net_minor=net, discounts_minor=taken, charges_each_minor=charged, tax_lines=tax_lines,
        subtotal_minor=subtotal, discount_minor=subtotal - left, charges_minor=sum(charged), tax_minor=added,
        tax_included_minor=included, tip_minor=tip_minor, total_minor=total, due_minor=max(0, total - deposit_minor),
    )  # fmt: skip


def apportion(whole: int, weights: Sequence[int]) -> list[int]:
    """Split `whole` by weight so that the parts sum to it: largest remainder, ties to the earlier part."""
    sum_of_weights = sum(weights)
    if not whole or not sum_of_weights:
        return [0] * len(weights)
    shares = [divmod(whole * weight, sum_of_weights) for weight in weights]
    parts = [share for share, _ in shares]
    left = whole - sum(parts)
    if left:
        for index in sorted(range(len(parts)), key=lambda index: (-shares[index][1], index))[:left]:
            parts[index] += 1
    return parts


def half_up(numerator: int, denominator: int) -> int:
    """Round numerator / denominator to the nearest integer, halves away from zero. The denominator is positive."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


@lru_cache(maxsize=1024)
def ratio(rate: str) -> tuple[int, int]:
    """A decimal rate as a reduced pair of integers: "0.08" is (2, 25)."""
    return Fraction(rate).as_integer_ratio()


def gross_of(line: PriceLine) -> int:
    """What a line costs before any discount."""
    unit = line.unit_minor
    for price_minor, quantity in line.modifiers:
        unit += price_minor * quantity
    return unit * line.quantity


def _discounted(discounts: Sequence[Discount], amount: int) -> list[int]:
    """What each discount takes off `amount`: percents first, each from what the ones before it left."""
    taken = [0] * len(discounts)
    for index in sorted(range(len(discounts)), key=lambda index: discounts[index].kind != "percent"):
        discount = discounts[index]
        wanted = half_up(discount.value * amount, WHOLE) if discount.kind == "percent" else discount.value
        taken[index] = min(amount, wanted)
        amount -= taken[index]
    return taken


def _taxes(parts: Sequence[tuple[str | None, int]], price_mode: str, tax_rounding: str) -> list[TaxLine]:
    """One tax line per rate. `bucket` rounds once per rate, `line` rounds each part."""
    found: dict[tuple[int, int], TaxLine] = {}
    for rate, base in parts:
        if rate is None:
            continue
        pair = ratio(rate)
        if not pair[0]:
            continue
        tax_line = found.get(pair)
        if tax_line is None:
            tax_line = found[pair] = TaxLine(rate, 0, 0)
        tax_line.base_minor += base
        if tax_rounding == LINE:
            tax_line.amount_minor += _tax(base, pair, price_mode)
    if tax_rounding == BUCKET:
        for pair, tax_line in found.items():
            tax_line.amount_minor = _tax(tax_line.base_minor, pair, price_mode)
    return list(found.values())


def _tax(base: int, pair: tuple[int, int], price_mode: str) -> int:
    numerator, denominator = pair
    return half_up(base * numerator, denominator if price_mode == EXCLUSIVE else denominator + numerator)
