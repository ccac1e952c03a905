"""Orders, payments and stock against a small model: legal and illegal calls over HTTP, and no difference after any of them."""

from dataclasses import dataclass
from dataclasses import field
from typing import Any

from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import multiple
from hypothesis.stateful import precondition
from hypothesis.stateful import rule
from hypothesis.stateful import run_state_machine_as_test

from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.factories.locations import create_location
from tests.factories.menus import create_item

CALLS_A_KEY = 150  # each key has a rate limit of its own
PRICES = {"soup": 1500, "steak": 4000}
LEGAL = {
    "pending": {"accepted", "rejected", "cancelled", "failed"},
    "accepted": {"preparing", "ready", "completed", "cancelled", "failed"},
    "preparing": {"ready", "completed", "cancelled", "failed"},
    "ready": {"picked_up", "completed", "cancelled", "failed"},
    "picked_up": {"completed", "failed"},
    "completed": set(), "rejected": set(), "cancelled": set(), "failed": set(),
}  # fmt: skip
OFF = {"rejected", "cancelled", "failed"}
STATUSES = st.sampled_from(["accepted", "preparing", "accepted", "preparing", *LEGAL, "scheduled", "draft"])
MOST_ORDERS = 3  # few, so that each of them sees much
AMENDABLE = {"pending", "accepted", "preparing"}


@dataclass
class Line:
    id: str
    item: str
    quantity: int
    is_active: bool = True


@dataclass
class Payment:
    id: str
    left: int
    order: "Order"


@dataclass
class Order:
    """What the model knows of an order; money in minor units."""

    id: str
    lines: list[Line]
    status: str = "pending"
    tip: int = 0
    paid: int = 0
    refunded: int = 0
    due: int = 0
    payments: list[Payment] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.tip + sum(PRICES[line.item] * line.quantity for line in self.lines if line.is_active)

    def soups(self) -> int:
        return sum(line.quantity for line in self.lines if line.is_active and line.item == "soup")

    def payment_status(self) -> str:
        if self.refunded:
            return "refunded" if self.refunded == self.paid else "partially_refunded"
        if self.due == 0:
            return "paid"
        return "partially_paid" if self.paid else "unpaid"


class Restaurant(RuleBasedStateMachine):
    """Does what callers do, says beforehand what must come of it, and compares."""

    orders = Bundle("orders")
    payments = Bundle("payments")

    def __init__(self, app: Flask, shop: Partner) -> None:
        super().__init__()
        self._app, self._shop, self._calls = app, shop, 0
        self._caller: Caller | None = None
        self.stock = self.placed = 0
        self.touched: Order | None = None

    @initialize(stock=st.integers(0, 8))
    def open(self, stock: int) -> None:
        self.stock = stock
        with unit_of_work(self._shop.scope):
            self.location_id = create_location(self._shop.scope)
            self.items = {
                "soup": create_item(self._shop.scope, base_price_minor=1500, stock_count=stock, is_suspended=not stock,
                                    suspend_reason=None if stock else "stock"),
                "steak": create_item(self._shop.scope, base_price_minor=4000),
            }  # fmt: skip

    @precondition(lambda self: self.placed < MOST_ORDERS)
    @rule(target=orders, soups=st.integers(0, 4), steaks=st.integers(0, 2))
    def place(self, soups: int, steaks: int) -> Any:
        wanted = {name: count for name, count in (("soup", soups), ("steak", steaks)) if count}
        items = [{"menu_item_id": self.items[name], "quantity": count} for name, count in wanted.items()]
        answer = self._send("POST", "/v1/orders", {"location_id": self.location_id, "items": items})
        if not wanted:
            return self._refused(answer, 422, "validation_failed")
        if soups > self.stock:
            return self._refused(answer, 422, "item_unavailable")
        assert answer.status_code == 201, answer.text
        self.stock -= soups
        self.placed += 1
        lines = [Line(row["id"], name, wanted[name]) for row, name in zip(answer.json["items"], wanted, strict=True)]
        order = Order(answer.json["id"], lines)
        order.due = order.total
        self.touched = order
        return order

    @rule(order=orders, status=STATUSES)
    def move(self, order: Order, status: str) -> None:
        body = {"status": status, "cancel_reason": "customer_request", "reject_reason": "other"}
        answer = self._send("PATCH", f"/v1/orders/{order.id}", body)
        self.touched = order
        if status != order.status and status not in LEGAL[order.status]:
            self._refused(answer, 409, "invalid_transition")
            assert answer.json["from"] == order.status
            assert set(answer.json["allowed"]) == LEGAL[order.status]
            return
        assert (answer.status_code, answer.json["status"]) == (200, status), answer.text
        if status in OFF and order.status not in OFF:
            self.stock += order.soups()
        order.status = status

    @rule(
        target=payments, order=orders, amount=st.sampled_from([None, None, 0, 1000, 1500, 99_900]),
        tip=st.sampled_from([0, 0, 300]), is_declined=st.sampled_from([False, False, False, True]),
    )  # fmt: skip
    def pay(self, order: Order, amount: int | None, tip: int, is_declined: bool) -> Any:
        body = {"order_id": order.id, "method": "card", "source": "tok_declined" if is_declined else "tok_ok", "tip": tip / 100}
        answer = self._send("POST", "/v1/payments", body if amount is None else {**body, "amount": amount / 100})
        self.touched = order
        charged = order.due if amount is None else amount
        if order.status in OFF:
            return self._refused(answer, 409, "invalid_transition")
        if charged > order.due or charged + tip == 0:
            return self._refused(answer, 422, "amount_exceeds_due")
        if is_declined:
            return self._refused(answer, 402, "payment_declined")
        assert (answer.status_code, answer.json["status"]) == (201, "confirmed"), answer.text
        order.due -= charged
        order.paid += charged + tip
        order.tip += tip
        order.payments.append(Payment(answer.json["id"], charged + tip, order))
        return order.payments[-1]

    @rule(payment=payments, amount=st.sampled_from([None, 100, 1500, 99_900]))
    def refund(self, payment: Payment, amount: int | None) -> None:
        body: dict[str, Any] = {"reason": "late"} if amount is None else {"reason": "late", "amount": amount / 100}
        answer = self._send("POST", f"/v1/payments/{payment.id}/refunds", body)
        self.touched = payment.order
        wanted = payment.left if amount is None else amount
        if wanted > payment.left or payment.left == 0:
            self._refused(answer, 422, "refund_exceeds_paid")
            return
        assert (answer.status_code, answer.json["amount"]) == (201, wanted / 100), answer.text
        self._give_back(payment, wanted)

    @rule(order=orders, place=st.integers(0, 3))
    def void(self, order: Order, place: int) -> None:
        line = order.lines[place] if place < len(order.lines) else None
        answer = self._amend(order, {"op": "void", "line_id": line.id if line else "oln_none"})
        last = line is not None and sum(one.is_active for one in order.lines) == 1
        if self._is_closed(order, answer) or self._is_unknown(line, answer):
            return
        if last:
            self._refused(answer, 422, "validation_failed")
            return
        self._changed(order, answer, line, 0)

    @rule(order=orders, place=st.integers(0, 2), quantity=st.integers(1, 4))
    def count(self, order: Order, place: int, quantity: int) -> None:
        line = order.lines[place] if place < len(order.lines) else None
        operation = {"op": "quantity", "line_id": line.id if line else "oln_none", "quantity": quantity}
        answer = self._amend(order, operation)
        if self._is_closed(order, answer) or self._is_unknown(line, answer) or line is None:
            return
        more = quantity - line.quantity
        if line.item == "soup" and more > 0 and more > self.stock:
            self._refused(answer, 422, "item_unavailable")
            return
        self._changed(order, answer, line, quantity)

    @rule(order=orders, name=st.sampled_from(["soup", "steak"]), quantity=st.integers(1, 3))
    def add(self, order: Order, name: str, quantity: int) -> None:
        operation = {"op": "add", "item": {"menu_item_id": self.items[name], "quantity": quantity}}
        answer = self._amend(order, operation)
        if self._is_closed(order, answer):
            return
        if name == "soup" and quantity > self.stock:
            self._refused(answer, 422, "item_unavailable")
            return
        assert answer.status_code == 200, answer.text
        known = {line.id for line in order.lines}
        (new_id,) = {row["id"] for row in answer.json["items"]} - known
        covered = order.total - order.due
        order.lines.append(Line(new_id, name, quantity))
        order.due = order.total - covered
        self.stock -= quantity if name == "soup" else 0

    @invariant()
    def nothing_differs(self) -> None:
        """The order that was touched last, and the stock, are as the model says."""
        order = self.touched
        if order is None:
            return
        shown = self._send("GET", f"/v1/orders/{order.id}").json
        totals = shown["totals"]
        assert (shown["status"], shown["payment_status"]) == (order.status, order.payment_status())
        assert {name: round(totals[name] * 100) for name in ("total", "tip", "paid", "refunded", "due")} == {
            "total": order.total, "tip": order.tip, "paid": order.paid, "refunded": order.refunded, "due": order.due,
        }  # fmt: skip
        assert {row["id"]: row["quantity"] for row in shown["items"] if row["status"] == "active"} == {
            line.id: line.quantity for line in order.lines if line.is_active
        }
        assert shown["status_history"][-1]["status"] == order.status
        soup = self._send("GET", f"/v1/menu-items/{self.items['soup']}").json
        assert (soup["stock_count"], soup["available"]) == (self.stock, self.stock > 0)

    def _changed(self, order: Order, answer: Any, line: Line | None, quantity: int) -> None:
        """Take over an amendment of one line; quantity 0 voids it. What is overpaid goes back, the latest payment first."""
        assert answer.status_code == 200, answer.text
        if line is None:
            return
        covered = order.total - order.due
        self.stock += line.quantity - quantity if line.item == "soup" else 0
        line.quantity, line.is_active = quantity or line.quantity, quantity > 0
        order.due = max(0, order.total - covered)
        excess = order.paid - order.refunded - order.total
        for payment in reversed(order.payments):
            part = min(payment.left, excess)
            if part > 0:
                self._give_back(payment, part)
                excess -= part

    def _give_back(self, payment: Payment, amount: int) -> None:
        payment.left -= amount
        payment.order.refunded += amount

    def _amend(self, order: Order, operation: dict[str, Any]) -> Any:
        self.touched = order
        return self._send("POST", f"/v1/orders/{order.id}/amendments", {"operations": [operation]})

    def _is_closed(self, order: Order, answer: Any) -> bool:
        if order.status not in AMENDABLE:
            self._refused(answer, 409, "invalid_transition")
        return order.status not in AMENDABLE

    def _is_unknown(self, line: Line | None, answer: Any) -> bool:
        if line is None or not line.is_active:
            self._refused(answer, 422, "validation_failed")
        return line is None or not line.is_active

    def _refused(self, answer: Any, status: int, code: str) -> Any:
        assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
        return multiple()

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if self._caller is None or self._calls % CALLS_A_KEY == 0:
            self._caller = Caller(self._app, self._shop.issue().text)
        self._calls += 1
        return self._caller.send(method, path, **({} if body is None else {"json": body}))


def test_orders_payments_and_stock_never_differ_from_the_model(app: Flask) -> None:
    shop = sandbox_partner(plan_tier="enterprise", profile="empty")
    run_state_machine_as_test(
        lambda: Restaurant(app, shop),
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
