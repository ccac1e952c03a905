"""Placing an order, and previewing one: the same judgement and the same price, with and without writing.

An order that enters pending takes its stock in the same transaction. A repeated natural key returns the first order.
"""

from dataclasses import dataclass
from typing import Any

from domain.guests.service import find_or_create_guest
from domain.guests.service import get_guest
from domain.locations.service import business_date
from domain.locations.service import ensure_takes_orders
from domain.locations.service import get_location
from domain.locations.service import get_table
from domain.locations.service import only_location
from domain.menus.catalog import Catalog
from domain.menus.catalog import CatalogCharge
from domain.menus.service import catalog_for
from domain.menus.service import reserve_stock
from domain.orders import queries
from domain.orders.changes import payment_status
from domain.orders.changes import read_order
from domain.orders.changes import start_history
from domain.orders.changes import write_change
from domain.orders.drafts import PERCENT
from domain.orders.drafts import PROMO
from domain.orders.drafts import OrderDraft
from domain.orders.drafts import content_digest
from domain.orders.drafts import requested_us
from domain.orders.errors import PromoInvalid
from domain.orders.events import OrderCreated
from domain.orders.lines import choose_lines
from domain.orders.lines import tracked_quantities
from domain.orders.models import OrderLine
from domain.orders.pricing import WHOLE
from domain.orders.pricing import Charge
from domain.orders.pricing import Discount
from domain.orders.pricing import PricedOrder
from domain.orders.pricing import price
from kit.clock import from_us
from kit.documents import Document
from kit.documents import append
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

LARGEST_MINOR = 10**15 - 1  # what a JSON number carries exactly as a decimal


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """is_new False: the natural key was used before with the same content, and this is that order."""

    document: Document
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    """A draft that may become an order: its location, its columns without identity, its lines."""

    location: Document
    catalog: Catalog
    columns: Document
    lines: list[Document]


def place_order(scope: Scope, *, draft: OrderDraft) -> PlacedOrder:
    """Place an order: pending, or scheduled when it is wanted in the future; also accepted where that is automatic.

    Records order.created (then order.accepted). Prices, names and taxes are frozen on its lines. Raises NotFound
    (location, table, guest), ParameterMissing, DuplicateReference (409), Forbidden (open items), and with 422
    StoreUnavailable, UnknownItem, ItemUnavailable, ModifierRules, CurrencyMismatch, PromoInvalid, PhoneInvalid,
    Invalid.
    """
    location = _location(scope, draft)
    digest = None
    if draft.external_id is not None:
        digest = content_digest(draft, location_id=location["id"])
        first = _replay(scope, draft, digest)
        if first is not None:
            return first
    judged = _judge(scope, draft, location)
    order_id = new_id("ord")
    columns = judged.columns | {
        "id": order_id,
        "content_digest": digest,
        "customer_id": _customer(scope, draft, location),
    }
    columns["number"] = _next_number(scope, location["id"], columns["business_date"])
    if queries.insert_order.row(scope, **queries.parameters(columns)) is None:
        # Another request with this natural key committed between the look above and the insert.
        first = _replay(scope, draft, digest)
        if first is None:
            raise _duplicate(draft)
        return first
    append(scope, OrderLine, [{**line, "order_id": order_id} for line in judged.lines])
    start_history(scope, order_id=order_id, status=columns["status"], at=columns["created_at"])
    document = read_order(scope, order_id=order_id)
    record(scope, OrderCreated(object=document, location_id=location["id"]))
    if document["status"] == "pending":
        if taken := tracked_quantities(draft, judged.catalog):
            reserve_stock(scope, quantities=taken)
        if location["auto_accept"]:
            document = write_change(scope, before=document, fields={}, target="accepted")
    return PlacedOrder(document, True)


def preview_order(scope: Scope, *, draft: OrderDraft) -> Document:
    """Judge and price a draft without writing. Returns an order document whose ids and number are None.

    Raises what place_order raises, except for the natural key.
    """
    judged = _judge(scope, draft, _location(scope, draft))
    if draft.customer_id is not None:
        get_guest(scope, guest_id=draft.customer_id)
    columns = judged.columns | {"id": None, "number": None, "customer_id": draft.customer_id}
    lines = [{**line, "id": None} for line in judged.lines]
    return {**columns, "lines": lines, "status_history": []}


def quote_of(preview: Document) -> dict[str, int]:
    """The prices of a preview by item, variation and modifier id; OrderDraft.quoted_prices takes them back."""
    prices = {}
    for line in preview["lines"]:
        if line["item_id"] is not None:
            prices[line["variation_id"] or line["item_id"]] = line["unit_minor"]
        prices |= {
            row["modifier_id"]: row["price_minor"] for row in line["modifiers"] if row["modifier_id"] is not None
        }
    return prices


def _location(scope: Scope, draft: OrderDraft) -> Document:
    return only_location(scope) if draft.location_id is None else get_location(scope, location_id=draft.location_id)


def _replay(scope: Scope, draft: OrderDraft, digest: str | None) -> PlacedOrder | None:
    """The order this natural key already made. Raises DuplicateReference when it was made from other content."""
    row = queries.by_reference.row(scope, source=draft.source, external_id=draft.external_id)
    if row is None:
        return None
    if row[1] != digest:
        raise _duplicate(draft)
    return PlacedOrder(read_order(scope, order_id=row[0]), False)


def _duplicate(draft: OrderDraft) -> DuplicateReference:
    return DuplicateReference(f"external_id {draft.external_id} already belongs to an order with other content.")


def _judge(scope: Scope, draft: OrderDraft, location: Document) -> _Judged:
    now_us, wanted_us = tenant_now_us(scope), requested_us(draft)
    is_scheduled = wanted_us is not None and wanted_us > now_us
    _check_draft(draft)
    if not is_scheduled or not location["is_active"]:
        ensure_takes_orders(scope, location=location, at=from_us(now_us))
    if draft.table_id is not None:
        get_table(scope, location_id=location["id"], table_id=draft.table_id)
    item_ids = [line.item_id for line in draft.lines if line.item_id is not None]
    modifier_ids = [m.modifier_id for line in draft.lines for m in line.modifiers if m.modifier_id is not None]
    catalog = catalog_for(scope, location=location, item_ids=item_ids, modifier_ids=modifier_ids)
    chosen = choose_lines(draft, catalog=catalog, location=location, wanted_us=wanted_us if is_scheduled else None)
    charges = _charges(draft, catalog)
    priced = price(
        [line for _, line in chosen],
        discounts=[Discount(discount.type, discount.value or 0) for discount in draft.discounts],
        charges=[Charge(charge.kind, charge.value, charge.tax_rate) for charge in charges],
        tip_minor=draft.tip_minor, price_mode=location["price_mode"], tax_rounding=location["tax_rounding"],
    )  # fmt: skip
    if max(priced.subtotal_minor, priced.total_minor) > LARGEST_MINOR:
        raise Invalid(errors=[FieldError("items", "validation_failed", "The order is too large to be priced.")])
    lines = [
        row | {"gross_minor": gross, "net_minor": net}
        for (row, _), gross, net in zip(chosen, priced.gross_minor, priced.net_minor, strict=True)
    ]
    day = business_date(location, from_us(wanted_us if is_scheduled and wanted_us else now_us))
    columns = _columns(draft, location, priced, charges, lines) | {
        "status": "scheduled" if is_scheduled else "pending", "business_date": day,
        "created_at": now_us, "updated_at": now_us,
    }  # fmt: skip
    return _Judged(location, catalog, columns, lines)


def _check_draft(draft: OrderDraft) -> None:
    """Rules of the body that need nothing but the body."""
    kind, errors = draft.fulfillment["type"], []
    if not draft.lines:
        errors.append(("items", "An order has at least one line."))
    if kind == "dine_in" and draft.table_id is None and not draft.table_less:
        errors.append(("table_id", "A dine-in order names its table, or says table_less."))
    if kind == "delivery" and not draft.fulfillment.get("address"):
        errors.append(("fulfillment.address", "A delivery has an address."))
    if draft.reservation_id is not None:
        errors.append(("reservation_id", f"There is no reservation {draft.reservation_id}."))
    if draft.tip_minor < 0:
        errors.append(("tip", "Expected 0 or more."))
    for index, discount in enumerate(draft.discounts):
        path = f"discounts[{index}]"
        if discount.type == PROMO:
            raise PromoInvalid(
                errors=[FieldError(f"{path}.code", PromoInvalid.code, f"There is no promo {discount.code}.")]
            )
        if discount.value is None or discount.value < 0 or (discount.type == PERCENT and discount.value > WHOLE):
            errors.append((f"{path}.value", "Expected 0 or more, and 100 % at most."))
    if errors:
        raise Invalid(errors=[FieldError(path, "validation_failed", message) for path, message in errors])


def _charges(draft: OrderDraft, catalog: Catalog) -> list[CatalogCharge]:
    """The charges asked for, then those the location adds by itself. Raises Invalid for one it does not know."""
    kind, chosen = draft.fulfillment["type"], []
    for index, charge_id in enumerate(draft.charge_ids):
        charge = catalog.charges.get(charge_id)
        if charge is None or not _applies(charge, kind):
            message = f"There is no charge {charge_id} for {kind} orders at this location."
            raise Invalid(errors=[FieldError(f"charges[{index}]", "validation_failed", message)])
        if charge not in chosen:
            chosen.append(charge)
    added = [charge for charge in catalog.charges.values() if charge.auto_apply and _applies(charge, kind)]
    return chosen + sorted((charge for charge in added if charge not in chosen), key=lambda charge: charge.id)


def _applies(charge: CatalogCharge, kind: str) -> bool:
    return not charge.order_types or kind in charge.order_types


def _columns(
    draft: OrderDraft, location: Document, priced: PricedOrder, charges: list[CatalogCharge], lines: list[Document]
) -> Document:
    """Order columns that follow from the draft and its price."""
    fulfillment = {"type": draft.fulfillment["type"], "requested_at": requested_us(draft), "promised_at": None}
    return {
        "external_id": draft.external_id, "source": draft.source, "location_id": location["id"],
        "table_id": draft.table_id, "reservation_id": None,
        "fulfillment": fulfillment | {"address": draft.fulfillment.get("address")},
        "payment_status": payment_status(paid_minor=0, refunded_minor=0, due_minor=priced.due_minor),
        "currency": location["currency"], "price_mode": location["price_mode"],
        "discounts": [
            {"type": discount.type, "value": discount.value, "code": discount.code, "amount_minor": amount}
            for discount, amount in zip(draft.discounts, priced.discounts_minor, strict=True)
        ],
        "charges": [
            {"id": charge.id, "name": charge.name, "amount_minor": amount}
            for charge, amount in zip(charges, priced.charges_each_minor, strict=True)
        ],
        "tax_lines": _tax_lines(priced, charges, lines, location["price_mode"] == "inclusive"),
        "subtotal_minor": priced.subtotal_minor, "discount_minor": priced.discount_minor,
        "charges_minor": priced.charges_minor, "tax_minor": priced.tax_minor,
        "tax_included_minor": priced.tax_included_minor, "tip_minor": priced.tip_minor,
        "total_minor": priced.total_minor, "deposit_applied_minor": 0, "paid_minor": 0, "refunded_minor": 0,
        "due_minor": priced.due_minor,
        "notes": draft.notes, "allergy_notes": draft.allergy_notes, "metadata": dict(draft.metadata),
        "cancel_reason": None, "reason_detail": None, "version": 1,
    }  # fmt: skip


def _tax_lines(
    priced: PricedOrder, charges: list[CatalogCharge], lines: list[Document], is_included: bool
) -> list[dict[str, Any]]:
    names = {charge.tax_rate: charge.tax_name for charge in charges} | {
        row["tax_rate"]: row["tax_name"] for row in lines
    }
    return [
        {
            "name": names[tax.rate], "rate": tax.rate, "base_minor": tax.base_minor, "amount_minor": tax.amount_minor,
            "included": is_included,
        }
        for tax in priced.tax_lines
    ]  # fmt: skip


def _customer(scope: Scope, draft: OrderDraft, location: Document) -> str | None:
    if draft.customer_id is not None:
        return str(get_guest(scope, guest_id=draft.customer_id)["id"])
    if draft.customer is None:
        return None
    return find_or_create_guest(
        scope, name=draft.customer["name"], phone=draft.customer.get("phone"), email=draft.customer.get("email"),
        country=location["country"],
    )  # fmt: skip


def _next_number(scope: Scope, location_id: str, day: str) -> int:
    row = queries.next_number.row(scope, counter_id=f"{location_id}:{day}")
    return int(row[0]) if row is not None else 0
