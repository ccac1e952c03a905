"""The cart as callers see it: what is wanted, what that costs now, and what stands in the way of buying it."""

from typing import Any

from domain.carts.pricing import Assessment
from domain.carts.pricing import assess
from domain.carts.rows import CHECKED_OUT
from domain.orders.service import get_order
from kit.documents import Document
from kit.scope import Scope

AMOUNTS = (
    "subtotal_minor", "discount_minor", "charges_minor", "tax_minor", "tax_included_minor", "tip_minor", "total_minor",
    "deposit_applied_minor", "paid_minor", "refunded_minor", "due_minor",
)  # fmt: skip


def shown(scope: Scope, *, cart: Document) -> Document:
    """Lay prices and problems over a stored cart.

    Adds to its columns: lines with unit_minor, gross_minor, allergens and is_available; totals (None when the cart cannot
    be priced at all, e.g. while the restaurant is closed); discounts and charges with their amounts; tax_lines; problems
    [{code, field, line_id, message}]; is_ready: it could be checked out.
    """
    found = _of_order(scope, cart) if cart["status"] == CHECKED_OUT else assess(scope, cart=cart)
    preview = found.preview
    at_fault = {problem["line_id"] for problem in found.problems}
    return {
        **cart,
        "lines": [_line(line, found.priced.get(line["id"]), line["id"] in at_fault) for line in cart["lines"]],
        "discounts": preview["discounts"] if preview is not None else _asked_for(cart),
        "charges": preview["charges"] if preview is not None else [],
        "tax_lines": preview["tax_lines"] if preview is not None else [],
        "totals": _totals(cart, preview),
        "problems": found.problems,
        "is_ready": cart["status"] != CHECKED_OUT and bool(cart["lines"]) and not found.problems,
    }


def _of_order(scope: Scope, cart: Document) -> Assessment:
    """What was bought costs what the order says."""
    order = get_order(scope, order_id=cart["order_id"])
    by_position = {line["position"]: line for line in order["lines"]}
    bought = zip(range(len(cart["lines"])), cart["lines"], strict=True)
    return Assessment(order, {line["id"]: by_position[place] for place, line in bought if place in by_position})


def _line(line: Document, priced: Document | None, is_at_fault: bool) -> Document:
    shown = {**line, "is_available": not is_at_fault}
    if priced is None:
        return shown | {"unit_minor": line["price_minor"], "gross_minor": None, "allergens": []}
    # A preview makes up new ids each time; the cart's own modifiers have none.
    modifiers = [{name: value for name, value in row.items() if name != "id"} for row in priced["modifiers"]]
    return shown | {name: priced[name] for name in ("name", "unit_minor", "gross_minor", "allergens")} | {"modifiers": modifiers}


def _asked_for(cart: Document) -> list[Document]:
    """The discounts of a cart that cannot be priced, without amounts."""
    return [{**row, "kind": row["type"], "code": None, "amount_minor": None} for row in cart["discounts"]]


def _totals(cart: Document, preview: Document | None) -> dict[str, Any] | None:
    if preview is not None:
        return {name: preview[name] for name in AMOUNTS}
    return None if cart["lines"] else dict.fromkeys(AMOUNTS, 0)
