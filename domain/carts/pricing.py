"""What a cart would cost now: the orders' own preview, made forgiving.

A preview refuses a draft with a fault. A cart is still being filled, so every fault becomes a problem in a list, the lines
at fault are left out, and the rest is priced.
"""

import re
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from domain.bookings.dining import linked
from domain.campaigns.errors import PromoInvalid
from domain.orders.drafts import PROMO
from domain.orders.drafts import DiscountDraft
from domain.orders.drafts import LineDraft
from domain.orders.drafts import ModifierDraft
from domain.orders.drafts import OrderDraft
from domain.orders.service import preview_order
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.scope import Scope

LINE = re.compile(r"items\[(\d+)\]")
FROM_CART = (
    "location_id", "source", "external_id", "table_id", "table_less", "reservation_id", "customer_id", "customer", "charge_ids",
    "tip_minor", "notes", "allergy_notes", "metadata", "fulfillment",
)  # fmt: skip


@dataclass(slots=True)
class Assessment:
    """preview: an order document of the lines that can be had, None when nothing can be priced. priced: by line id."""

    preview: Document | None = None
    priced: dict[str, Document] = field(default_factory=dict)
    problems: list[Document] = field(default_factory=list)  # {code, field, line_id, message}


def assess(scope: Scope, *, cart: Document) -> Assessment:
    """Price an open cart and name everything that stands in the way of its checkout. Reads only."""
    found, lines, promo = Assessment(), list(cart["lines"]), cart["promo_code"]
    while lines:
        try:
            draft = draft_of({**cart, "lines": lines, "promo_code": promo})
            found.preview = preview_order(scope, draft=linked(scope, draft=draft, is_preview=True))
        except (Invalid, NotFound) as refusal:
            faults = _note(found, refusal, cart["lines"], lines)
            if faults:
                lines = [line for line in lines if line["id"] not in faults]
            elif isinstance(refusal, PromoInvalid) and promo is not None:
                promo = None
            else:
                return found
            continue
        found.priced = {line["id"]: row for line, row in zip(lines, found.preview["lines"], strict=True)}
        break
    return found


def draft_of(cart: Document) -> OrderDraft:
    """The order a cart asks for. Open lines were allowed when they were put in."""
    discounts = [DiscountDraft(row["type"], row["value"]) for row in cart["discounts"]]
    if cart["promo_code"] is not None:
        discounts.append(DiscountDraft(PROMO, code=cart["promo_code"]))
    return OrderDraft(
        **{name: cart[name] for name in FROM_CART},
        lines=[_line_of(line) for line in cart["lines"]], discounts=discounts, allow_open_items=True,
    )  # fmt: skip


def _line_of(line: Document) -> LineDraft:
    return LineDraft(
        item_id=line["item_id"], variation_id=line["variation_id"], name=line["name"], price_minor=line["price_minor"],
        quantity=line["quantity"], modifiers=[ModifierDraft(**modifier) for modifier in line["modifiers"]],
        notes=line["notes"], guest_name=line["guest_name"],
    )  # fmt: skip


def _note(found: Assessment, refusal: PlatformError, all_lines: list[Any], lines: list[Any]) -> set[str]:
    """Turn a refusal into problems; return the ids of the lines at fault."""
    places = {line["id"]: index for index, line in enumerate(all_lines)}
    faults = set()
    for error in refusal.errors or [FieldError("", refusal.code, refusal.detail)]:
        line_id, path, match = None, error.field, LINE.match(error.field)
        if match is not None:
            line_id = lines[int(match.group(1))]["id"]
            path = f"items[{places[line_id]}]{error.field[match.end() :]}"
            faults.add(line_id)
        found.problems.append({"code": error.code, "field": path or None, "line_id": line_id, "message": error.message})
    return faults
