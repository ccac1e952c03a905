"""The orders and payments of the minimal world: one in each interesting state, priced as the platform prices them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from domain.locations.hours import business_date
from domain.orders.models import Order
from domain.orders.models import OrderCounter
from domain.orders.models import OrderLine
from domain.orders.models import OrderStatusChange
from domain.orders.pricing import PricedOrder
from domain.orders.pricing import PriceLine
from domain.orders.pricing import price
from domain.orders.service import set_order_timers
from domain.payments.models import Payment
from domain.payments.models import Refund
from kit.clock import from_us
from kit.documents import Document
from kit.documents import append
from kit.scope import Scope
from sandbox.worlds.seeds import MINUTE_US
from sandbox.worlds.seeds import Seeds

TAX = {"tax_pl_8": ("VAT 8 %", "0.08"), "tax_pl_23": ("VAT 23 %", "0.23")}
STAFF, GUEST = ("staff", "usr_waw_anka"), ("guest", "cus_anna")
BACON = {"modifier_id": "mod_extra_bacon", "name": "Extra Bacon", "price_minor": 400, "quantity": 1}


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happened to one order. history: (status, minutes after it was placed), the placing itself included."""

    id: str | None = None  # None: drawn from the seed
    source: str
    placed_min: int  # minutes before now
    history: tuple[tuple[str, int], ...]
    items: tuple[tuple[str, int], ...]  # (item id, quantity); empty: drawn from the seed
    fulfillment: str = "pickup"
    guest_id: str | None = None
    table_id: str | None = None
    reason: str | None = None
    paid_by: str | None = None
    tip_minor: int = 0
    refund_minor: int = 0
    requested_min: int | None = None  # minutes after now the guest wants it


STORIES = (
    Story(
        id="ord_89421", source="website", placed_min=18, guest_id="cus_anna",
        history=(("pending", 0), ("accepted", 2), ("preparing", 6)), items=(("itm_bacon_cheeseburger", 1),),
    ),
    Story(
        source="pos", placed_min=95, fulfillment="dine_in", table_id="tbl_waw_1", paid_by="cash",
        history=(("pending", 0), ("accepted", 0), ("preparing", 3), ("ready", 20), ("completed", 60)), items=(),
    ),
    Story(
        id="ord_89407", source="website", placed_min=190, guest_id="cus_piotr", paid_by="card", tip_minor=500, refund_minor=1000,
        history=(("pending", 0), ("accepted", 1), ("preparing", 5), ("ready", 18), ("picked_up", 25), ("completed", 26)),
        items=(),
    ),
    Story(source="app", placed_min=3, guest_id="cus_hanako", history=(("pending", 0),), items=()),
    Story(
        source="phone", placed_min=12, guest_id="cus_jonas", fulfillment="delivery",
        history=(("pending", 0), ("accepted", 4)), items=(),
    ),
    Story(
        source="pos", placed_min=35, fulfillment="dine_in", table_id="tbl_waw_2",
        history=(("pending", 0), ("accepted", 0), ("preparing", 4), ("ready", 22)), items=(),
    ),
    Story(
        source="website", placed_min=140, reason="customer_request",
        history=(("pending", 0), ("accepted", 2), ("cancelled", 5)), items=(),
    ),
    Story(
        source="website", placed_min=25, guest_id="cus_anna", requested_min=360, history=(("scheduled", 0),), items=(),
    ),
)  # fmt: skip
ORDER_IDS = tuple(story.id for story in STORIES if story.id is not None)
EXTRAS = ("itm_margherita", "itm_caesar_salad", "itm_veggie_wrap", "itm_fries", "itm_apple_pie", "itm_craft_beer")
ADDRESS = {"line1": "ul. Chmielna 20", "line2": "m. 4", "city": "Warszawa", "postal_code": "00-020", "country": "PL"}


def build_orders(
    scope: Scope, *, seeds: Seeds, location: Document, items: dict[str, dict[str, Any]], now_us: int
) -> list[str]:
    """Write every order with its lines, history and payments, without events, and return the ids."""
    numbers: Counter[str] = Counter()
    orders, lines, changes, payments, refunds = [], [], [], [], []
    for story in sorted(STORIES, key=lambda story: -story.placed_min):
        placed_us = now_us - story.placed_min * MINUTE_US
        day = business_date(location, from_us(placed_us))
        numbers[day] += 1
        order_id = story.id or seeds.id("ord")
        own_lines = _lines(story, seeds, items, order_id)
        priced = price([_price_line(line) for line in own_lines], tip_minor=story.tip_minor)
        for line, gross, net in zip(own_lines, priced.gross_minor, priced.net_minor, strict=True):
            line |= {"gross_minor": gross, "net_minor": net}
        order = _order(story, order_id, location, priced, placed_us, now_us)
        orders.append(order | {"number": numbers[day], "business_date": day})
        lines += own_lines
        changes += _changes(story, seeds, order_id, placed_us)
        if story.paid_by:
            payments.append(_payment(story, seeds, order))
        if story.refund_minor:
            refunds.append(_refund(story, seeds, order, payments[-1]))
    written = {Order: orders, OrderLine: lines, OrderStatusChange: changes, Payment: payments, Refund: refunds}
    for model, rows in written.items():
        append(scope, model, rows)
    # The next real order of the day goes on from here.
    append(scope, OrderCounter, [{"id": f"{location['id']}:{day}", "last_number": last} for day, last in numbers.items()])
    for order in orders:
        if order["status"] == "scheduled":
            set_order_timers(scope, order=order)
    return [order["id"] for order in orders]


def _lines(story: Story, seeds: Seeds, items: dict[str, dict[str, Any]], order_id: str) -> list[dict[str, Any]]:
    drawn = seeds.choices.sample(EXTRAS, k=seeds.choices.randint(1, 3))
    wanted = story.items or tuple((item_id, seeds.choices.randint(1, 2)) for item_id in drawn)
    return [_line(seeds, order_id, position, items[item_id], quantity) for position, (item_id, quantity) in enumerate(wanted)]


def _line(seeds: Seeds, order_id: str, position: int, item: dict[str, Any], quantity: int) -> dict[str, Any]:
    name, rate = TAX[item["tax_id"]]
    extras = [{"id": seeds.id("olm"), **BACON}] if item["id"] == "itm_bacon_cheeseburger" else []
    return {
        "id": seeds.id("oln"), "order_id": order_id, "position": position, "item_id": item["id"], "name": item["name"],
        "unit_minor": item["base_price_minor"], "quantity": quantity, "modifiers": extras, "tax_id": item["tax_id"],
        "tax_name": name, "tax_rate": rate, "allergens": item["allergens"],
    }  # fmt: skip


def _price_line(line: dict[str, Any]) -> PriceLine:
    extras = [(extra["price_minor"], extra["quantity"]) for extra in line["modifiers"]]
    return PriceLine(line["unit_minor"], line["quantity"], extras, line["tax_rate"])


def _order(
    story: Story, order_id: str, location: Document, priced: PricedOrder, placed_us: int, now_us: int
) -> dict[str, Any]:
    names = {rate: name for name, rate in TAX.values()}
    paid = priced.total_minor if story.paid_by else 0
    requested = None if story.requested_min is None else now_us + story.requested_min * MINUTE_US
    return {
        "id": order_id, "source": story.source, "location_id": location["id"], "currency": location["currency"],
        "price_mode": location["price_mode"], "table_id": story.table_id, "customer_id": story.guest_id,
        "fulfillment": {
            "type": story.fulfillment, "requested_at": requested, "promised_at": None,
            "address": ADDRESS if story.fulfillment == "delivery" else None,
        },
        "status": story.history[-1][0], "payment_status": _payment_status(story), "discounts": [], "charges": [],
        "tax_lines": [
            {"name": names[tax.rate], "rate": tax.rate, "base_minor": tax.base_minor, "amount_minor": tax.amount_minor,
             "included": False}
            for tax in priced.tax_lines
        ],
        "subtotal_minor": priced.subtotal_minor, "tax_minor": priced.tax_minor, "tip_minor": priced.tip_minor,
        "total_minor": priced.total_minor, "paid_minor": paid, "refunded_minor": story.refund_minor,
        "due_minor": priced.total_minor - paid, "metadata": {}, "cancel_reason": story.reason,
        "version": len(story.history) + bool(story.paid_by) + bool(story.refund_minor),
        "created_at": placed_us, "updated_at": placed_us + story.history[-1][1] * MINUTE_US,
    }  # fmt: skip


def _payment_status(story: Story) -> str:
    if story.refund_minor:
        return "partially_refunded"
    return "paid" if story.paid_by else "unpaid"


def _changes(story: Story, seeds: Seeds, order_id: str, placed_us: int) -> list[dict[str, Any]]:
    first = GUEST if story.source in ("website", "app") else STAFF
    return [
        {
            "id": seeds.id("osc"), "order_id": order_id, "position": position, "status": status,
            "at": placed_us + minutes * MINUTE_US,
            "actor_type": (STAFF if position else first)[0],
            "actor_id": STAFF[1] if position else story.guest_id or first[1],
            "reason": story.reason if status == "cancelled" else None,
        }
        for position, (status, minutes) in enumerate(story.history)
    ]  # fmt: skip


def _payment(story: Story, seeds: Seeds, order: dict[str, Any]) -> dict[str, Any]:
    at = order["updated_at"]
    amount = order["total_minor"] - story.tip_minor
    cash = {"tendered_minor": order["total_minor"], "change_minor": 0} if story.paid_by == "cash" else {}
    return {
        "id": seeds.id("pay"), "order_id": order["id"], "method": story.paid_by, "currency": order["currency"],
        "amount_minor": amount, "tip_minor": story.tip_minor, "refunded_minor": story.refund_minor,
        "status": "partially_refunded" if story.refund_minor else "confirmed", "provider_ref": seeds.id("prv"),
        "created_at": at, "updated_at": at, **cash,
    }  # fmt: skip


def _refund(story: Story, seeds: Seeds, order: dict[str, Any], payment: dict[str, Any]) -> dict[str, Any]:
    at = order["updated_at"] + 10 * MINUTE_US
    return {
        "id": seeds.id("rfd"), "payment_id": payment["id"], "order_id": order["id"], "currency": order["currency"],
        "amount_minor": story.refund_minor, "reason": "quality", "line_ids": [], "status": "succeeded",
        "created_at": at, "updated_at": at,
    }  # fmt: skip
