"""Splitting what is due among payers: pure integer arithmetic whose parts always add up to the whole.

A line weighs what it costs with its tax; charges, tip and what has been paid are spread in proportion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

from domain.orders.pricing import apportion
from domain.orders.pricing import ratio
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid

EVEN, BY_LINE, BY_GUEST = "even", "by_line", "by_guest"
MODES = (EVEN, BY_LINE, BY_GUEST)
MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Share:
    """What one payer owes. line_ids: the lines that are only this payer's."""

    payer_label: str
    amount_minor: int
    line_ids: tuple[str, ...] = ()


def split_due(
    order: Document, *, mode: str, parts: int | None = None, groups: Sequence[Sequence[str]] | None = None
) -> list[Share]:
    """Split what is due on an order; the shares sum to it exactly (largest remainder, ties to the earlier payer).

    even: `parts` (2 to 20). by_line: `groups` of line ids, each active line in exactly one. by_guest: by the lines'
    guest_name; lines of nobody in particular are shared by all. Raises Invalid (422).
    """
    if mode == EVEN:
        if parts is None or not 2 <= parts <= MOST_PARTS:
            raise _refused("parts", f"Expected 2 to {MOST_PARTS}.")
        return _shares(order, [f"Share {number + 1}" for number in range(parts)], [1] * parts, [()] * parts)
    if mode == BY_LINE:
        return _by_line(order, groups)
    if mode == BY_GUEST:
        return _by_guest(order)
    raise _refused("mode", f"Expected one of {', '.join(MODES)}.")


def _by_line(order: Document, groups: Sequence[Sequence[str]] | None) -> list[Share]:
    if not groups or len(groups) > MOST_PARTS:
        raise _refused("groups", f"Expected 1 to {MOST_PARTS} groups of line ids.")
    left = {line["id"] for line in order["lines"] if line["state"] == "active"}
    for index, group in enumerate(groups):
        for place, line_id in enumerate(group):
            if line_id not in left:
                raise _refused(f"groups[{index}][{place}]", f"{line_id} is no active line, or stands in another group.")
            left.discard(line_id)
    if left:
        raise _refused("groups", f"No group holds the line {min(left)}.")
    weights = _weights(order)
    labels = [f"Share {number + 1}" for number in range(len(groups))]
    return _shares(order, labels, [sum(weights[line_id] for line_id in group) for group in groups], groups)


def _by_guest(order: Document) -> list[Share]:
    active = [line for line in order["lines"] if line["state"] == "active"]
    own: dict[str, list[str]] = {}
    for line in active:
        if line["guest_name"]:
            own.setdefault(line["guest_name"], []).append(line["id"])
    if not own:
        return [Share("All guests", order["due_minor"])]
    weights = _weights(order)
    shared = sum(weights[line["id"]] for line in active if not line["guest_name"])
    # Everybody pays an equal part of what is shared: weights times the number of guests stay whole.
    parts = [sum(weights[line_id] for line_id in line_ids) * len(own) + shared for line_ids in own.values()]
    return _shares(order, list(own), parts, list(own.values()))


def _shares(
    order: Document, labels: Sequence[str], weights: Sequence[int], line_ids: Sequence[Sequence[str]]
) -> list[Share]:
    # Lines that all cost nothing still leave a tip or a charge to share.
    amounts = apportion(order["due_minor"], weights if any(weights) else [1] * len(weights))
    return [Share(*share) for share in zip(labels, amounts, map(tuple, line_ids), strict=True)]


def _weights(order: Document) -> dict[str, int]:
    """Exact weights of the active lines: net plus tax, over the common denominator of all rates."""
    active = [line for line in order["lines"] if line["state"] == "active"]
    is_exclusive = order["price_mode"] == "exclusive"
    rates = [ratio(line["tax_rate"]) if is_exclusive and line["tax_rate"] else (0, 1) for line in active]
    whole = lcm(*(denominator for _, denominator in rates))
    return {
        line["id"]: line["net_minor"] * (whole + numerator * whole // denominator)
        for line, (numerator, denominator) in zip(active, rates, strict=True)
    }


def _refused(field: str, message: str) -> Invalid:
    return Invalid(errors=[FieldError(field, "validation_failed", message)])
