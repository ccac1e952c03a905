"""The amounts of an order as its columns, from lines, discounts and charges that are decided.

Placing prices a draft with it and amending prices an order again, so both come to the same amounts. Reads no database.
"""

from typing import Any

from domain.orders.drafts import CHANNEL
from domain.orders.pricing import Charge
from domain.orders.pricing import Discount
from domain.orders.pricing import PricedOrder
from domain.orders.pricing import PriceLine
from domain.orders.pricing import price
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid

LARGEST_MINOR = 10**15 - 1  # what a JSON number carries exactly as a decimal


def priced_order(
    lines: list[tuple[Document, PriceLine]], *, terms: Document, field: str
) -> tuple[Document, list[Document]]:
    """Price active lines; returns the order's amount columns and the lines with gross_minor and net_minor.

    terms: {discounts, charges (rows as on an order), tip_minor, price_mode, tax_rounding, deposit_minor, collected_by}.
    due_minor is that of an order nobody has paid. field: what to blame when the order is too large. Raises Invalid (422).
    """
    priced = price(
        [line for _, line in lines],
        discounts=[Discount(row["kind"], row["value"]) for row in terms["discounts"]],
        charges=[Charge(row["kind"], row["value"], row["tax_rate"]) for row in terms["charges"]],
        tip_minor=terms["tip_minor"], price_mode=terms["price_mode"], tax_rounding=terms["tax_rounding"],
    )  # fmt: skip
    if max(priced.subtotal_minor, priced.total_minor) > LARGEST_MINOR:
        raise Invalid(errors=[FieldError(field, "validation_failed", "The order is too large to be priced.")])
    rows = [
        row | {"gross_minor": gross, "net_minor": net}
        for (row, _), gross, net in zip(lines, priced.gross_minor, priced.net_minor, strict=True)
    ]
    return _columns(priced, terms, rows), rows


def bill_minor(order: Document) -> int:
    """What has to be paid for an order in all: its total without the deposit."""
    bill: int = order["total_minor"] - order["deposit_applied_minor"]
    return bill


def payment_status(*, paid_minor: int, refunded_minor: int, due_minor: int) -> str:
    """The derived payment status. An order of which nothing is due counts as paid, also when it was free."""
    if refunded_minor:
        return "refunded" if refunded_minor == paid_minor else "partially_refunded"
    if not due_minor:
        return "paid"
    return "partially_paid" if paid_minor else "unpaid"


def _columns(priced: PricedOrder, terms: Document, rows: list[Document]) -> Document:
    deposit = min(terms["deposit_minor"], priced.total_minor)
    due = 0 if terms["collected_by"] == CHANNEL else priced.total_minor - deposit
    return {
        "discounts": _with_amounts(terms["discounts"], priced.discounts_minor),
        "charges": _with_amounts(terms["charges"], priced.charges_each_minor),
        "tax_lines": _tax_lines(priced, terms, rows),
        "subtotal_minor": priced.subtotal_minor, "discount_minor": priced.discount_minor,
        "charges_minor": priced.charges_minor, "tax_minor": priced.tax_minor,
        "tax_included_minor": priced.tax_included_minor, "tip_minor": priced.tip_minor,
        "total_minor": priced.total_minor, "deposit_applied_minor": deposit, "due_minor": due,
        "payment_status": payment_status(paid_minor=0, refunded_minor=0, due_minor=due),
    }  # fmt: skip


def _with_amounts(rows: list[Document], amounts: list[int]) -> list[Document]:
    return [row | {"amount_minor": amount} for row, amount in zip(rows, amounts, strict=True)]


def _tax_lines(priced: PricedOrder, terms: Document, rows: list[Document]) -> list[dict[str, Any]]:
    is_included = terms["price_mode"] == "inclusive"
    names = {row["tax_rate"]: row["tax_name"] for row in (*terms["charges"], *rows)}
    return [
        {
            "name": names[tax.rate], "rate": tax.rate, "base_minor": tax.base_minor, "amount_minor": tax.amount_minor,
            "included": is_included,
        }
        for tax in priced.tax_lines
    ]  # fmt: skip
