"""How many points an order is worth and how many a refund takes back. Pure arithmetic on integers."""

from kit.documents import Document
from kit.money import EXPONENTS

RATE_UNIT = 1_000_000  # a program's rate is in millionths
MULTIPLIER_UNIT = 100  # a tier's multiplier is in hundredths
MOST_POINTS = 1_000_000_000_000  # one order earns; keeps balances far inside 64 bits


def kept_minor(order: Document) -> int:
    """What the restaurant keeps of an order's total: all of it, less what was refunded beyond an overpayment."""
    settled = order["paid_minor"] + order["deposit_applied_minor"]
    overpaid = max(0, settled - order["total_minor"])
    return max(0, order["total_minor"] - max(0, order["refunded_minor"] - overpaid))


def net_minor(order: Document) -> int:
    """An order's total without tax and tip."""
    taxes = order["tax_minor"] + order["tax_included_minor"]
    return max(0, order["total_minor"] - order["tip_minor"] - taxes)


def points_of(program: Document, order: Document, *, multiplier_hundredths: int) -> int:
    """floor(net of tax and tip x program rate x tier multiplier), in proportion to what is kept of the order's total.

    program: kind, rate_millionths, currency. points: rate per currency unit; stamps: rate per order; cashback: a share
    of the net, in minor units. An order in another currency than the program's is worth nothing.
    """
    kept, total = kept_minor(order), order["total_minor"]
    if not kept or program["currency"] not in (None, order["currency"]):
        return 0
    rate = program["rate_millionths"] * multiplier_hundredths
    unit = RATE_UNIT * MULTIPLIER_UNIT
    if program["kind"] == "stamps":
        return min(rate // unit, MOST_POINTS)
    if program["kind"] == "points":
        unit *= 10 ** EXPONENTS.get(order["currency"], 2)
    return min(net_minor(order) * kept * rate // (total * unit), MOST_POINTS)


def points_taken_back(*, earned: int, base_minor: int, refunded_minor: int, now_minor: int) -> int:
    """What one refund takes back of earned points: pro rata of base_minor, rounded down over all refunds together.

    refunded_minor: refunded since the points were earned, this refund included; now_minor: this refund alone.
    """
    if base_minor <= 0:
        return 0
    after = earned * min(refunded_minor, base_minor) // base_minor
    before = earned * min(max(0, refunded_minor - now_minor), base_minor) // base_minor
    return max(0, after - before)
