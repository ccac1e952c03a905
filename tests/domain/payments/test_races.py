"""Money that two requests move at the same time. Each thread has its own transaction."""

from domain.orders.service import get_order
from domain.payments.service import refund_payment
from domain.payments.service import take_payment
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.together import at_once
from tests.factories.locations import create_location
from tests.factories.orders import create_order


def test_bill_is_paid_once(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
    pay = {"order_id": order_id, "method": "cash", "amount_minor": 4590}
    results = at_once(scope, 4, lambda _: take_payment(scope, **pay)["status"])
    with unit_of_work(scope, writes=False):
        order = get_order(scope, order_id=order_id)
    assert sorted(results) == ["amount_exceeds_due"] * 3 + ["confirmed"]
    assert (order["paid_minor"], order["due_minor"], order["version"]) == (4590, 0, 2)


def test_payment_is_given_back_once(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
        payment_id = take_payment(scope, order_id=order_id, method="cash")["id"]
    refund = {"payment_id": payment_id, "amount_minor": 3000, "reason": "late"}
    results = at_once(scope, 4, lambda _: refund_payment(scope, **refund)["status"])
    with unit_of_work(scope, writes=False):
        order = get_order(scope, order_id=order_id)
    assert sorted(results) == ["refund_exceeds_paid"] * 3 + ["succeeded"]
    assert (order["refunded_minor"], order["payment_status"]) == (3000, "partially_refunded")
