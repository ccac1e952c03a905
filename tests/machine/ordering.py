"""Orders, their payments and refunds, and the stock they use up."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule

from tests.machine.calls import Calls
from tests.machine.model import AMENDABLE
from tests.machine.model import HOLDS_NO_STOCK
from tests.machine.model import ORDER_ENDS
from tests.machine.model import ORDER_MOVES
from tests.machine.model import PRICES
from tests.machine.model import Line
from tests.machine.model import Order
from tests.machine.model import Payment

MOST_ORDERS = 3  # few, so that each of them sees much
LATER = "2026-01-12T20:00:00Z"
REASONS = {"rejected": "reject_reason", "cancelled": "cancel_reason"}
STATUSES = st.sampled_from(["accepted", "preparing", "accepted", "preparing", "pending", "ready", "draft", *ORDER_MOVES])
AMOUNTS = st.sampled_from([None, None, 0, 1000, 1500, 99_900])


class Ordering(Calls):
    """Does what callers do, says beforehand what must come of it, and compares."""

    orders = Bundle("orders")
    payments = Bundle("payments")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.touched: Order | None = None
        self.paying: Payment | None = None
        self.placed = self.switched = 0
        self.is_shelf_touched = False

    @precondition(lambda self: self.placed < MOST_ORDERS)
    @rule(target=orders, soups=st.integers(0, 3), steaks=st.integers(0, 2), is_later=st.sampled_from([False, False, True]))
    def place(self, soups: int, steaks: int, is_later: bool) -> Any:
        wanted = {name: count for name, count in (("soup", soups), ("steak", steaks)) if count}
        items = [{"menu_item_id": self.items[name], "quantity": count} for name, count in wanted.items()]
        body: dict[str, Any] = {"location_id": self.location_id, "items": items}
        if is_later:
            body["fulfillment"] = {"type": "pickup", "requested_at": LATER}
        answer = self.send("POST", "/v1/orders", body)
        self.is_shelf_touched = True
        if not wanted:
            return self.refused(answer, 422, "validation_failed")
        if soups and (self.shelf.off is not None or (not is_later and soups > self.shelf.stock)):
            return self.refused(answer, 422, "item_unavailable")
        assert answer.status_code == 201, answer.text
        lines = [Line(row["id"], name, wanted[name]) for row, name in zip(answer.json["items"], wanted, strict=True)]
        order = self.touched = Order(answer.json["id"], lines, "scheduled" if is_later else "pending")
        order.due = order.total
        self.placed += 1
        self.tell("order.created", *self.shelf.take(order.soups()))
        return order

    @rule(order=orders, status=STATUSES, has_reason=st.sampled_from([True, True, True, False]))
    def move(self, order: Order, status: str, has_reason: bool) -> None:
        body = {"status": status} | ({REASONS[status]: "customer_request"} if has_reason and status in REASONS else {})
        answer = self.send("PATCH", f"/v1/orders/{order.id}", body)
        self.touched = order
        if status != order.status and status not in ORDER_MOVES[order.status]:
            self.refused(answer, 409, "invalid_transition")
            assert (answer.json["from"], set(answer.json["allowed"])) == (order.status, ORDER_MOVES[order.status])
            return
        if status != order.status and status in REASONS and not has_reason:
            self.refused(answer, 422, "validation_failed")
            return
        if order.status == "scheduled" and status == "pending" and order.wanted_soups() > self.shelf.stock:
            self.refused(answer, 422, "item_unavailable")
            return
        assert (answer.status_code, answer.json["status"]) == (200, status), answer.text
        if status == order.status:
            return
        had, order.status = order.soups(), status
        # An order's start has no event of its own: order.created told of it.
        self.tell("order.updated" if status == "pending" else f"order.{status}", *self.shelf.take(order.soups() - had))

    @rule(target=payments, order=orders, amount=AMOUNTS, tip=st.sampled_from([0, 0, 300]),
          source=st.sampled_from(["tok_ok", "tok_ok", "tok_3ds", "tok_3ds", "tok_declined"]))  # fmt: skip
    def pay(self, order: Order, amount: int | None, tip: int, source: str) -> Any:
        body = {"order_id": order.id, "method": "card", "source": source, "tip": tip / 100}
        answer = self.send("POST", "/v1/payments", body if amount is None else {**body, "amount": amount / 100})
        self.touched = order
        charged = order.due if amount is None else amount
        if order.status in ORDER_ENDS:
            return self.refused(answer, 409, "invalid_transition")
        if charged > order.due or charged + tip == 0:
            return self.refused(answer, 422, "amount_exceeds_due")
        self.tell("payment.created")
        if source == "tok_declined":
            self.tell("payment.failed")
            self.refused(answer, 402, "payment_declined")
            payment = Payment(answer.json["payment_id"], order, charged, tip, "failed")
        else:
            assert answer.status_code == 201, answer.text
            payment = Payment(answer.json["id"], order, charged, tip, "created")
        self.paying = payment
        order.payments.append(payment)
        if source == "tok_ok":
            self._confirm(payment)
        return payment

    @rule(payment=payments, is_declined=st.booleans())
    def settle(self, payment: Payment, is_declined: bool) -> None:
        body = {"decline_code": "authentication_failed"} if is_declined else {}
        answer = self.send("POST", f"/sandbox/v1/payments/{payment.id}/settle", body)
        self.touched, self.paying, order = payment.order, payment, payment.order
        if payment.status != "created":
            self.refused(answer, 409, "invalid_transition")
        elif is_declined:
            payment.status = "failed"
            self.tell("payment.failed")
        elif order.status in ORDER_ENDS:
            self.refused(answer, 409, "invalid_transition")
        elif payment.amount > order.due:
            self.refused(answer, 422, "amount_exceeds_due")
        else:
            self._confirm(payment)

    @rule(payment=payments)
    def give_up(self, payment: Payment) -> None:
        answer = self.send("POST", f"/v1/payments/{payment.id}/cancel", {})
        self.paying = payment
        if payment.status not in ("created", "cancelled"):
            self.refused(answer, 409, "invalid_transition")
            return
        assert answer.status_code == 200, answer.text
        self.tell(*(["payment.cancelled"] if payment.status == "created" else []))
        payment.status = "cancelled"

    @rule(payment=payments, amount=st.sampled_from([None, 100, 1500, 99_900, 4009]))
    def refund(self, payment: Payment, amount: int | None) -> None:
        body: dict[str, Any] = {"reason": "late"} if amount is None else {"reason": "late", "amount": amount / 100}
        answer = self.send("POST", f"/v1/payments/{payment.id}/refunds", body)
        self.touched, self.paying = payment.order, payment
        wanted = payment.left if amount is None else amount
        if wanted > payment.left or payment.left == 0:
            self.refused(answer, 422, "refund_exceeds_paid")
            return
        outcome = "failed" if wanted == 4009 else "succeeded"
        shown = (answer.status_code, answer.json["amount"], answer.json["status"])
        assert shown == (201, wanted / 100, outcome), answer.text
        if outcome == "succeeded":
            self._give_back(payment, wanted)

    @rule(order=orders, place=st.integers(0, 3), quantity=st.integers(0, 4))
    def change_line(self, order: Order, place: int, quantity: int) -> None:
        """Another number of a line; none voids it."""
        line = order.lines[place] if place < len(order.lines) else None
        operation = {"op": "quantity", "quantity": quantity} if quantity else {"op": "void"}
        answer = self._amend(order, operation | {"line_id": line.id if line else "oln_none"})
        if self._is_closed(order, answer):
            return
        if line is None or not line.is_active or (not quantity and sum(one.is_active for one in order.lines) == 1):
            self.refused(answer, 422, "validation_failed")
            return
        more = quantity - line.quantity
        if line.item == "soup" and more > 0 and not self.shelf.has(more):
            self.refused(answer, 422, "item_unavailable")
            return
        had, covered = order.soups(), order.total - order.due
        line.quantity, line.is_active = quantity or line.quantity, quantity > 0
        if more:
            self._amended(order, answer, had, covered)

    @rule(order=orders, place=st.integers(-2, 2), name=st.sampled_from(sorted(PRICES)), quantity=st.integers(1, 3))
    def put_on(self, order: Order, place: int, name: str, quantity: int) -> None:
        """One more line; in place of another one where there is one."""
        line = order.lines[place] if 0 <= place < len(order.lines) else None
        item = {"item": {"menu_item_id": self.items[name], "quantity": quantity}}
        operation = {"op": "substitute", "line_id": line.id} if line is not None else {"op": "add"}
        answer = self._amend(order, operation | item)
        if self._is_closed(order, answer):
            return
        if line is not None and not line.is_active:
            self.refused(answer, 422, "validation_failed")
            return
        if name == "soup" and not self.shelf.has(quantity):
            self.refused(answer, 422, "item_unavailable")
            return
        had, covered = order.soups(), order.total - order.due
        if line is not None:
            line.is_active = False
        assert answer.status_code == 200, answer.text
        (new_id,) = {row["id"] for row in answer.json["items"]} - {one.id for one in order.lines}
        order.lines.append(Line(new_id, name, quantity))
        self._amended(order, answer, had, covered)

    @precondition(lambda self: self.placed and self.switched < self.placed * 2)
    @rule(is_sold=st.booleans())
    def take_off_sale(self, is_sold: bool) -> None:
        self.switched += 1
        self.is_shelf_touched = True
        path = f"/v1/menu-items/{self.items['soup']}/availability"
        answer = self.send("PUT", path, {"available": is_sold})
        if is_sold and self.shelf.stock == 0:
            self.refused(answer, 422, "validation_failed")
            return
        assert answer.status_code == 200, answer.text
        if is_sold == (self.shelf.off is not None):
            self.tell("menu.item.available" if is_sold else "menu.item.unavailable")
        self.shelf.off = None if is_sold else "manual"

    @invariant()
    def orders_payments_and_stock_are_as_the_model_says(self) -> None:
        """What was touched last: the order, the payment, and the soup."""
        if self.touched is not None:
            self._compare_order(self.touched)
        if self.paying is not None:
            shown = self.send("GET", f"/v1/payments/{self.paying.id}").json
            assert (shown["status"], round(shown["amount"] * 100)) == (self.paying.status, self.paying.amount)
        if self.is_shelf_touched:
            soup = self.send("GET", f"/v1/menu-items/{self.items['soup']}").json
            assert (soup["stock_count"], soup["available"]) == (self.shelf.stock, self.shelf.off is None)
        self.touched = self.paying = None
        self.is_shelf_touched = False

    def _compare_order(self, order: Order) -> None:
        self.is_shelf_touched = True
        shown = self.send("GET", f"/v1/orders/{order.id}").json
        totals = shown["totals"]
        assert (shown["status"], shown["payment_status"]) == (order.status, order.payment_status())
        assert {name: round(totals[name] * 100) for name in ("total", "tip", "paid", "refunded", "due")} == {
            "total": order.total, "tip": order.tip, "paid": order.paid, "refunded": order.refunded, "due": order.due,
        }  # fmt: skip
        assert {row["id"]: row["quantity"] for row in shown["items"] if row["status"] == "active"} == {
            line.id: line.quantity for line in order.lines if line.is_active
        }
        assert shown["status_history"][-1]["status"] == order.status

    def _confirm(self, payment: Payment) -> None:
        order = payment.order
        payment.status, payment.left = "confirmed", payment.amount + payment.tip
        order.due -= payment.amount
        order.paid += payment.left
        order.tip += payment.tip
        self.tell("payment.confirmed", "order.updated")

    def _give_back(self, payment: Payment, amount: int) -> None:
        payment.left -= amount
        payment.order.refunded += amount
        payment.status = "partially_refunded" if payment.left else "refunded"
        self.tell(f"payment.{payment.status}")

    def _amend(self, order: Order, operation: dict[str, Any]) -> Any:
        self.touched = order
        return self.send("POST", f"/v1/orders/{order.id}/amendments", {"operations": [operation]})

    def _is_closed(self, order: Order, answer: Any) -> bool:
        if order.status not in AMENDABLE:
            self.refused(answer, 409, "invalid_transition")
        return order.status not in AMENDABLE

    def _amended(self, order: Order, answer: Any, had: int, covered: int) -> None:
        """Price the order anew. What is overpaid goes back, the latest payment first."""
        assert answer.status_code == 200, answer.text
        assert order.status not in HOLDS_NO_STOCK
        order.due = max(0, order.total - covered)
        self.tell("order.updated", *self.shelf.take(order.soups() - had))
        excess = order.paid - order.refunded - order.total
        for payment in reversed([one for one in order.payments if one.left]):
            part = min(payment.left, max(0, excess))
            if part:
                self._give_back(payment, part)
                excess -= part
