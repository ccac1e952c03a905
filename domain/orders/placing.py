"""Placing an order, and previewing one: the same judgement and the same price, with and without writing.

An order that enters pending takes its stock in the same transaction. A repeated natural key returns the first order.
"""

from dataclasses import dataclass

from domain.campaigns.promos import Promo
from domain.campaigns.promos import resolve_promo
from domain.campaigns.promos import use_promo
from domain.guests.service import find_or_create_guest
from domain.guests.service import require_guest
from domain.locations.service import business_date
from domain.locations.service import ensure_takes_orders
from domain.locations.service import get_serving_location
from domain.locations.service import get_table
from domain.locations.service import only_location
from domain.menus.catalog import Catalog
from domain.menus.catalog import CatalogCharge
from domain.menus.service import catalog_for
from domain.menus.service import reserve_stock
from domain.orders import queries
from domain.orders.changes import read_order
from domain.orders.changes import start_history
from domain.orders.changes import write_change
from domain.orders.drafts import PERCENT
from domain.orders.drafts import PROMO
from domain.orders.drafts import OrderDraft
from domain.orders.drafts import content_digest
from domain.orders.drafts import requested_us
from domain.orders.events import OrderCreated
from domain.orders.lines import choose_lines
from domain.orders.lines import tracked_quantities
from domain.orders.machine import is_channel_order
from domain.orders.models import OrderLine
from domain.orders.order_timers import set_order_timers
from domain.orders.pricing import WHOLE
from domain.orders.pricing import PriceLine
from domain.orders.pricing import gross_of
from domain.orders.totals import priced_order
from kit.clock import from_us
from kit.documents import Document
from kit.documents import append
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import said_in
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """is_new False: the natural key was used before with the same content, and this is that order."""

    document: Document
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    """A draft that may become an order: its location, its columns without identity, its lines, promos by discount."""

    location: Document
    catalog: Catalog
    columns: Document
    lines: list[Document]
    promos: dict[int, Promo]


def place_order(scope: Scope, *, draft: OrderDraft) -> PlacedOrder:
    """Place an order: pending, or scheduled when it is wanted in the future; also accepted where that is automatic.

    Records order.created (then order.accepted). Prices, names and taxes are frozen on its lines. Raises ParameterMissing,
    DuplicateReference (409), Forbidden (open items), and with 422 StoreUnavailable, UnknownItem, ItemUnavailable,
    ModifierRules, CurrencyMismatch, PromoInvalid, PhoneInvalid, Invalid (a location, table or guest that does not exist
    included).
    """
    location = _location(scope, draft)
    digest = None
    if draft.external_id is not None:
        digest = content_digest(draft, location_id=location["id"])
        first = _replay(scope, draft, digest)
        if first is not None:
            return first
    judged = _judge(scope, draft, location, _customer(scope, draft, location))
    order_id = new_id("ord")
    columns = judged.columns | {"id": order_id, "content_digest": digest}
    columns["number"] = _next_number(scope, location["id"], columns["business_date"])
    if queries.insert_order.row(scope, **queries.parameters(columns)) is None:
        # Another request with this natural key committed between the look above and the insert.
        first = _replay(scope, draft, digest)
        if first is None:
            raise _duplicate(draft)
        return first
    append(scope, OrderLine, [{**line, "order_id": order_id} for line in judged.lines])
    first_entry = start_history(scope, order_id=order_id, status=columns["status"], at=columns["created_at"])
    # What a read would give now, a statement cheaper. Tests hold the two equal.
    del columns["content_digest"]
    document: Document = {**columns, "lines": judged.lines, "status_history": [first_entry], "refs": []}
    record(scope, OrderCreated(object=document, location_id=location["id"]))
    for index, promo in judged.promos.items():
        taken_minor = document["discounts"][index]["amount_minor"]
        use_promo(scope, promo=promo, order=document, discount_minor=taken_minor, field=f"discounts[{index}].code")
    if document["status"] == "pending":
        if taken := tracked_quantities(draft, judged.catalog):
            reserve_stock(scope, quantities=taken)
        if location["auto_accept"]:
            document = write_change(scope, before=document, fields={}, target="accepted")
    if document["status"] == "scheduled" or is_channel_order(document):
        set_order_timers(scope, order=document)
    return PlacedOrder(document, True)


def preview_order(scope: Scope, *, draft: OrderDraft) -> Document:
    """Judge and price a draft without writing. Returns an order document whose ids and number are None.

    Raises what place_order raises, except for the natural key.
    """
    if draft.customer_id is not None:
        with said_in("customer_id"):
            require_guest(scope, guest_id=draft.customer_id)
    judged = _judge(scope, draft, _location(scope, draft), draft.customer_id)
    columns = judged.columns | {"id": None, "number": None}
    lines = [{**line, "id": None} for line in judged.lines]
    return {**columns, "lines": lines, "status_history": [], "refs": []}


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
    if draft.location_id is None:
        return only_location(scope)
    with said_in("location_id"):
        return get_serving_location(scope, location_id=draft.location_id)


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


def _judge(scope: Scope, draft: OrderDraft, location: Document, customer_id: str | None) -> _Judged:
    now_us, wanted_us = tenant_now_us(scope), requested_us(draft)
    is_scheduled = wanted_us is not None and wanted_us > now_us
    _check_draft(draft)
    if not is_scheduled or not location["is_active"]:
        ensure_takes_orders(scope, location=location, at=from_us(now_us))
    if draft.table_id is not None:
        with said_in("table_id"):
            get_table(scope, location_id=location["id"], table_id=draft.table_id)
    item_ids = [line.item_id for line in draft.lines if line.item_id is not None]
    modifier_ids = [m.modifier_id for line in draft.lines for m in line.modifiers if m.modifier_id is not None]
    catalog = catalog_for(scope, location=location, item_ids=item_ids, modifier_ids=modifier_ids)
    chosen = choose_lines(draft, catalog=catalog, location=location, wanted_us=wanted_us if is_scheduled else None)
    promos = _promos(scope, draft, location, customer_id, chosen)
    terms = {
        "discounts": _discounts(draft, promos), "charges": _charges(draft, catalog), "tip_minor": draft.tip_minor,
        "price_mode": location["price_mode"], "tax_rounding": location["tax_rounding"],
        "deposit_minor": draft.deposit_minor, "collected_by": draft.collected_by,
    }  # fmt: skip
    amounts, lines = priced_order(chosen, terms=terms, field="items")
    day = business_date(location, from_us(wanted_us if is_scheduled and wanted_us else now_us))
    columns = _columns(draft, location, customer_id) | amounts | {
        "status": "scheduled" if is_scheduled else "pending", "business_date": day,
        "created_at": now_us, "updated_at": now_us,
    }  # fmt: skip
    return _Judged(location, catalog, columns, lines, promos)


def _check_draft(draft: OrderDraft) -> None:
    """Rules of the body that need nothing but the body."""
    kind, errors = draft.fulfillment["type"], []
    if not draft.lines:
        errors.append(("items", "An order has at least one line."))
    if kind == "dine_in" and draft.table_id is None and not draft.table_less:
        errors.append(("table_id", "A dine-in order names its table, or says table_less."))
    if kind == "delivery" and not draft.fulfillment.get("address"):
        errors.append(("fulfillment.address", "A delivery has an address."))
    if draft.tip_minor < 0:
        errors.append(("tip", "Expected 0 or more."))
    for index, discount in enumerate(draft.discounts):
        path = f"discounts[{index}]"
        if discount.type == PROMO:
            if not discount.code or any(other.type == PROMO for other in draft.discounts[:index]):
                errors.append((f"{path}.code", "Expected one promo code for an order."))
        elif discount.value is None or discount.value < 0 or (discount.type == PERCENT and discount.value > WHOLE):
            errors.append((f"{path}.value", "Expected 0 or more, and 100 % at most."))
    if errors:
        raise Invalid(errors=[FieldError(path, "validation_failed", message) for path, message in errors])


def _promos(
    scope: Scope, draft: OrderDraft, location: Document, customer_id: str | None, chosen: list[tuple[Document, PriceLine]]
) -> dict[int, Promo]:
    """What the draft's promo codes are worth, by the place of the discount. Raises PromoInvalid."""
    return {
        index: resolve_promo(
            scope, code=discount.code or "", currency=location["currency"], location_id=location["id"],
            subtotal_minor=sum(gross_of(line) for _, line in chosen), customer_id=customer_id,
            is_anonymous=customer_id is None and draft.customer is None, field=f"discounts[{index}].code",
        )
        for index, discount in enumerate(draft.discounts)
        if discount.type == PROMO
    }  # fmt: skip


def _discounts(draft: OrderDraft, promos: dict[int, Promo]) -> list[Document]:
    rows = []
    for index, discount in enumerate(draft.discounts):
        promo = promos.get(index)
        kind, value = (discount.type, discount.value) if promo is None else (promo.kind, promo.value)
        code, promo_id = (None, None) if promo is None else (promo.code, promo.id)
        rows.append({"type": discount.type, "kind": kind, "value": value, "code": code, "promo_id": promo_id})
    return rows


def _charges(draft: OrderDraft, catalog: Catalog) -> list[Document]:
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
    chosen += sorted((charge for charge in added if charge not in chosen), key=lambda charge: charge.id)
    return [
        {
            "id": charge.id, "name": charge.name, "kind": charge.kind, "value": charge.value,
            "tax_name": charge.tax_name, "tax_rate": charge.tax_rate,
        }
        for charge in chosen
    ]  # fmt: skip


def _applies(charge: CatalogCharge, kind: str) -> bool:
    return not charge.order_types or kind in charge.order_types


def _columns(draft: OrderDraft, location: Document, customer_id: str | None) -> Document:
    """Order columns that follow from the draft, without its amounts."""
    fulfillment = {"type": draft.fulfillment["type"], "requested_at": requested_us(draft), "promised_at": None}
    return {
        "external_id": draft.external_id, "source": draft.source, "channel": draft.channel,
        "collected_by": draft.collected_by, "location_id": location["id"],
        "table_id": draft.table_id, "reservation_id": draft.reservation_id, "customer_id": customer_id,
        "pax": draft.pax, "fulfillment": fulfillment | {"address": draft.fulfillment.get("address")},
        "currency": location["currency"], "price_mode": location["price_mode"],
        "tax_rounding": location["tax_rounding"], "paid_minor": 0, "refunded_minor": 0,
        "notes": draft.notes, "allergy_notes": draft.allergy_notes, "metadata": dict(draft.metadata),
        "cancel_reason": None, "reason_detail": None, "delivery": None, "cancellation_request": None, "version": 1,
    }  # fmt: skip


def _customer(scope: Scope, draft: OrderDraft, location: Document) -> str | None:
    if draft.customer_id is not None:
        with said_in("customer_id"):
            require_guest(scope, guest_id=draft.customer_id)
        return draft.customer_id
    if draft.customer is None:
        return None
    return find_or_create_guest(
        scope, name=draft.customer["name"], phone=draft.customer.get("phone"), email=draft.customer.get("email"),
        country=location["country"],
    )  # fmt: skip


def _next_number(scope: Scope, location_id: str, day: str) -> int:
    row = queries.next_number.row(scope, counter_id=f"{location_id}:{day}")
    return int(row[0]) if row is not None else 0
