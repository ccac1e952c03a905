"""What can be exported: for each dataset its columns, the scope its reader needs, and how its pages are read.

A dataset is one line of DATASETS. Its document keys are those of its page statement (accounts.exports.pages).
"""

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.exports import pages
from accounts.exports.cells import EMAILS
from accounts.exports.cells import PHONES
from accounts.exports.cells import THOUSANDTHS
from accounts.exports.cells import Column
from accounts.exports.cells import columns
from kit.documents import Document
from kit.documents import Registered


def _as_it_is(document: Document) -> Iterable[Document]:
    yield document


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset. position: document keys a page continues after. rows: the file's rows of one document.

    at: the key of the instant whose business date decides, when the statement's own condition does not.
    """

    scope: str
    columns: tuple[Column, ...]
    page: Registered
    position: tuple[str, ...]
    at: str | None = None
    has_locations: bool = True
    has_contacts: bool = False
    rows: Callable[[Document], Iterable[Document]] = _as_it_is


def _parts(key: str) -> Callable[[Document], Iterable[Document]]:
    """The entries of a list in an order, each with the order's columns."""

    def rows(document: Document) -> Iterable[Document]:
        whole = {name: document[name] for name in ("business_date", "location_id", "currency")}
        for part in document[key]:
            yield {**whole, "order_id": document["id"], "order_status": document["status"], **part}

    return rows


def _flat_order(document: Document) -> Iterable[Document]:
    yield document | {f"fulfillment_{name}": document["fulfillment"].get(name) for name in ("type", "requested_at")}


_ORDER_PART = ("order_id", "order_status", "business_date", "location_id", "currency")
_BY_DAY = ("business_date", "location_id", "number")
_BY_TIME = ("created_at", "id")

DATASETS: dict[str, Dataset] = {
    "orders": Dataset(
        "orders:read",
        columns(
            "id", "number", "business_date", "location_id", "source", "external_id", "status", "payment_status",
            "fulfillment_type", "requested_at=fulfillment_requested_at", "table_id", "reservation_id", "customer_id",
            "currency", "price_mode", "subtotal=subtotal_minor", "discount=discount_minor", "charges=charges_minor",
            "tax=tax_minor", "tax_included=tax_included_minor", "tip=tip_minor", "total=total_minor",
            "deposit_applied=deposit_applied_minor", "paid=paid_minor", "refunded=refunded_minor", "due=due_minor",
            "cancel_reason", "notes", "metadata", "created_at", "updated_at",
        ),
        pages.ORDERS, _BY_DAY, rows=_flat_order,
    ),
    "order_lines": Dataset(
        "orders:read",
        columns(
            "id", *_ORDER_PART, "position", "item_id", "variation_id", "name", "quantity", "price=unit_minor",
            "modifiers", "line_total=gross_minor", "net=net_minor", "tax_name", "tax_rate", "status=state", "notes",
            "guest_name",
        ),
        pages.ORDER_LINES, ("business_date", "location_id", "order_number", "position"),
    ),
    "payments": Dataset(
        "payments:read",
        columns(
            "id", "order_id", "reservation_id", "business_date", "location_id", "purpose", "method", "status", "currency",
            "amount=amount_minor", "tip=tip_minor", "tendered=tendered_minor", "change=change_minor",
            "refunded=refunded_minor", "decline_code", "provider_ref", "payer_label", "created_at", "updated_at",
        ),
        pages.PAYMENTS, _BY_TIME, at="created_at",
    ),
    "refunds": Dataset(
        "payments:read",
        columns(
            "id", "payment_id", "order_id", "business_date", "location_id", "status", "reason", "currency",
            "amount=amount_minor", "line_ids", "created_at",
        ),
        pages.REFUNDS, _BY_TIME, at="created_at",
    ),
    "taxes": Dataset(
        "orders:read", columns(*_ORDER_PART, "name", "rate", "base=base_minor", "amount=amount_minor", "included"),
        pages.ORDERS, _BY_DAY, rows=_parts("tax_lines"),
    ),
    "discounts": Dataset(
        "orders:read", columns(*_ORDER_PART, "type", "value", "code", "amount=amount_minor"),
        pages.ORDERS, _BY_DAY, rows=_parts("discounts"),
    ),
    "daily_sales": Dataset(
        "analytics:read",
        columns(
            "business_date", "location_id", "currency", "orders", "gross=gross_minor", "discount=discount_minor",
            "charges=charges_minor", "tax=tax_minor", "tip=tip_minor", "total=total_minor", "refunded=refunded_minor",
        ),
        pages.DAILY_SALES, ("business_date", "location_id", "currency"),
    ),
    "customers": Dataset(
        "customers:read",
        columns(
            "id", "external_id", "name", "first_name", "last_name", "phones", "emails", "locale", "country", "tags",
            "allergies", "consents", "is_temporary", "source", "created_at", "updated_at", phones=PHONES, emails=EMAILS,
        ),
        pages.CUSTOMERS, _BY_TIME, at="created_at", has_locations=False, has_contacts=True,
    ),
    "reservations": Dataset(
        "reservations:read",
        columns(
            "id", "ref", "external_id", "business_date", "location_id", "source", "channel", "status", "start_at",
            "duration_minutes", "party_size", "customer_id", "contact_name", "contact_phone", "contact_email",
            "special_request", "currency", "deposit_required=deposit_required_minor", "deposit_paid=deposit_paid_minor",
            "deposit_refunded=deposit_refunded_minor", "created_at", "updated_at", contact_phone=PHONES,
            contact_email=EMAILS,
        ),
        pages.RESERVATIONS, ("start_at", "id"), at="start_at", has_contacts=True,
    ),
    "reviews": Dataset(
        "reviews:read",
        columns(
            "id", "business_date", "location_id", "order_id", "reservation_id", "customer_id", "source", "overall", "food",
            "service", "ambience", "comment", "language", "sentiment=sentiment_thousandths", "sentiment_label", "status",
            "response_text", "responded_at", "created_at", "updated_at", sentiment=THOUSANDTHS,
        ),
        pages.REVIEWS, _BY_TIME, at="created_at",
    ),
    "loyalty_transactions": Dataset(
        "loyalty:read",
        columns(
            "id", "business_date", "membership_id", "program_id", "delta", "reason", "balance_after", "order_id",
            "redemption_id", "note", "created_at",
        ),
        pages.LOYALTY_TRANSACTIONS, _BY_TIME, at="created_at", has_locations=False,
    ),
}  # fmt: skip
