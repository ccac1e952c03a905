"""Scenarios of orders: a rush, items that run out, a day of refunds, a receiver that is down."""

from dataclasses import replace
from datetime import timedelta

from domain.menus.service import Wanted
from domain.menus.service import set_items_availability
from domain.orders.service import OrderDraft
from domain.orders.service import advance_order
from domain.orders.service import change_order
from domain.orders.service import place_order
from domain.orders.service import preview_order
from domain.payments.processor import FAILING_REFUND_MINOR
from domain.payments.service import refund_payment
from kit.documents import Document
from kit.errors import PlatformError
from kit.unit import tenant_now
from sandbox.appetite import choice_of
from sandbox.attempts import attempt
from sandbox.scenarios.scene import Scene

RUSH_ORDERS = 24
MOST_SOLD_OUT = 6
SOLD_OUT_FOR = timedelta(minutes=30)
REFUND_ORDERS = 6
DEAR_MINOR = 8_000  # what an order of the refund day comes to at least, so that the failing amount fits twice
MOST_OF_A_LINE = 50
OUTAGE_ORDERS = 5


def friday_rush(scene: Scene) -> None:
    """24 orders in one breath: the kitchen rejects some, finishes some, and has the rest in hand."""
    for number, order in enumerate(scene.place_orders(RUSH_ORDERS)):
        if number % 8 == 7:
            change_order(scene.kitchen, order_id=order["id"], status="rejected", reason="kitchen_busy")
            scene.counts["orders_rejected"] += 1
            continue
        target = ("completed", "ready", "preparing", "accepted")[number % 4]
        if target == "completed":
            scene.pay(order)
        advance_order(scene.kitchen, order_id=order["id"], to=target)
        scene.counts[f"orders_{target}"] += 1
    scene.tell("Guests ordered all at once. Every eighth order was rejected, a quarter is paid and gone, the rest is open.")


def eighty_six_storm(scene: Scene) -> None:
    """Up to six items go off sale at once, guests who want them are refused, and every second item comes back."""
    choice = choice_of(scene.scope, location_id=scene.location["id"])
    items = choice.items[: max(1, min(MOST_SOLD_OUT, len(choice.items) // 2))]
    until = tenant_now(scene.scope) + SOLD_OUT_FOR
    gone = [Wanted(item["id"], available=False, reason="manual_86", until=until) for item in items]
    scene.counts["items_taken_off"] = _switched(scene, gone)
    scene.tell(f"{len(gone)} items went off sale until {until:%H:%M} UTC.")
    for item in items:
        with attempt(scene.scope) as tried:
            lines = [choice.line(item, scene.luck)]
            place_order(scene.guests, draft=OrderDraft(source="app", location_id=scene.location["id"], lines=lines))
        if tried.refusal is not None:
            scene.refuse(tried.refusal)
    scene.tell("Guests who wanted one of them were refused.")
    back = [Wanted(item["id"], available=True) for item in items[::2]]
    scene.counts["items_put_back"] = _switched(scene, back)
    scene.tell(f"{len(back)} of them came back at once; the others return by themselves when the clock gets there.")


def refund_day(scene: Scene) -> None:
    """Six orders were eaten and paid: two refunded whole, two in part, one refund fails, one asks for too much."""
    choice = choice_of(scene.scope, location_id=scene.location["id"])
    payments = []
    for _ in range(REFUND_ORDERS):
        draft = choice.draft(scene.luck, metadata={"made_by": f"scenario_{scene.name}"})
        order = _dear(scene, draft)
        payments.append(scene.pay(order))
        advance_order(scene.kitchen, order_id=order["id"], to="completed")
    wishes: list[tuple[int | None, str]] = [
        (None, "quality"), (None, "late"), (1_000, "missing_item"), (1_500, "price_adjustment"),
        (FAILING_REFUND_MINOR, "customer_request"), (payments[5]["amount_minor"] + 1, "other"),
    ]  # fmt: skip
    for payment, (amount, reason) in zip(payments, wishes, strict=True):
        with attempt(scene.scope) as tried:
            refund = refund_payment(scene.kitchen, payment_id=payment["id"], amount_minor=amount, reason=reason)
            scene.note("refunds", refund["id"])
            scene.counts[f"refunds_{refund['status']}"] += 1
        if tried.refusal is not None:
            scene.refuse(tried.refusal)
    scene.tell("Two payments went back whole and two in part; one refund failed at the bank, one asked for more than was paid.")


def webhook_outage(scene: Scene, endpoint_ids: tuple[str, ...]) -> None:
    """Orders come and are finished while an endpoint is down: each delivery to it fails twice and then gets through."""
    for endpoint_id in endpoint_ids:
        scene.note("webhook_endpoints", endpoint_id)
    for order in scene.place_orders(OUTAGE_ORDERS):
        scene.pay(order)
        advance_order(scene.kitchen, order_id=order["id"], to="completed")
        scene.counts["orders_completed"] += 1
    scene.tell(
        "Every event of these orders is sent to an endpoint that answers 502 to the first two attempts of a delivery. Its "
        "deliveries and attempts show the retries; they take as long as they always do."
    )


def _switched(scene: Scene, wanted: list[Wanted]) -> int:
    """Put items off or on sale; how many of them went."""
    outcomes = set_items_availability(scene.kitchen, wanted=wanted)
    changed = [outcome for outcome in outcomes if not isinstance(outcome, PlatformError)]
    for item in changed:
        scene.note("menu_items", item["id"])
    return len(changed)


def _dear(scene: Scene, draft: OrderDraft) -> Document:
    """Place an order with so many of its first item that it comes to DEAR_MINOR at least, where that is possible."""
    first, *others = draft.lines
    each = preview_order(scene.guests, draft=replace(draft, lines=[replace(first, quantity=1)]))["total_minor"]
    quantity = min(MOST_OF_A_LINE, -(-DEAR_MINOR // max(1, each)))
    order = place_order(scene.guests, draft=replace(draft, lines=[replace(first, quantity=quantity), *others])).document
    scene.counts["orders_placed"] += 1
    scene.note("orders", order["id"])
    return order
