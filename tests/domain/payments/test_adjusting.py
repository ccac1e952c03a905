"""Amending paid orders: what was paid too much goes back, what was added becomes due."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.orders.service import LineDraft
from domain.orders.service import Operation
from domain.orders.service import get_order
from domain.orders.service import place_order
from domain.payments.service import amend_order
from domain.payments.service import list_payments
from domain.payments.service import list_refunds
from domain.payments.service import refund_payment
from domain.payments.service import take_payment
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_types
from tests.factories.locations import create_location
from tests.factories.menus import create_item
from tests.factories.orders import build_draft


@pytest.fixture
def order(scope: Scope) -> dict:
    """An order of soup for 15.00 and steak for 60.00."""
    with unit_of_work(scope):
        lines = [LineDraft(item_id=create_item(scope, base_price_minor=price)) for price in (1500, 6000)]
        return place_order(scope, draft=build_draft(create_location(scope), *lines)).document


def _pay(scope: Scope, order: dict, **changes: object) -> dict:
    with unit_of_work(scope):
        return take_payment(scope, order_id=order["id"], **{"method": "card", **changes})


def _amend(scope: Scope, order: dict, *operations: Operation) -> dict:
    with unit_of_work(scope):
        return amend_order(scope, order_id=order["id"], operations=operations)


def _money(order: dict) -> tuple:
    return tuple(order[name] for name in ("total_minor", "paid_minor", "refunded_minor", "due_minor", "payment_status"))


def test_voided_line_of_a_paid_order_is_refunded(scope: Scope, order: dict) -> None:
    paid = _pay(scope, order)
    soup = order["lines"][0]["id"]
    after = _amend(scope, order, Operation("void", line_id=soup))
    assert _money(after) == (6000, 7500, 1500, 0, "partially_refunded")
    with unit_of_work(scope):
        (refund,) = list_refunds(scope, limit=5)
    assert (refund["payment_id"], refund["amount_minor"], refund["reason"], refund["line_ids"]) == (
        paid["id"], 1500, "price_adjustment", [soup],
    )  # fmt: skip
    assert recorded_types(scope)[-2:] == ["order.updated", "payment.partially_refunded"]


def test_what_is_added_after_such_a_refund_is_due_in_full(scope: Scope, order: dict) -> None:
    _pay(scope, order)
    _amend(scope, order, Operation("void", line_id=order["lines"][0]["id"]))
    after = _amend(scope, order, Operation("add", item=LineDraft(item_id=order["lines"][0]["item_id"])))
    assert _money(after) == (7500, 7500, 1500, 1500, "partially_refunded")
    _pay(scope, order)
    with unit_of_work(scope):
        assert _money(get_order(scope, order_id=order["id"])) == (7500, 9000, 1500, 0, "partially_refunded")


def test_cheaper_order_that_is_partly_paid_only_lowers_what_is_due(scope: Scope, order: dict) -> None:
    _pay(scope, order, amount_minor=5000)
    after = _amend(scope, order, Operation("void", line_id=order["lines"][0]["id"]))
    assert _money(after) == (6000, 5000, 0, 1000, "partially_paid")


def test_refund_takes_the_latest_payments_first(scope: Scope, order: dict) -> None:
    first, second = _pay(scope, order, amount_minor=5000), _pay(scope, order, amount_minor=2500)
    after = _amend(scope, order, Operation("void", line_id=order["lines"][1]["id"]))
    with unit_of_work(scope):
        refunds = list_refunds(scope, limit=5)
    assert _money(after) == (1500, 7500, 6000, 0, "partially_refunded")
    assert {row["payment_id"]: row["amount_minor"] for row in refunds} == {second["id"]: 2500, first["id"]: 3500}


def test_what_was_given_back_before_is_not_given_back_twice(scope: Scope, order: dict) -> None:
    payment = _pay(scope, order)
    with unit_of_work(scope):
        refund_payment(scope, payment_id=payment["id"], amount_minor=1500, reason="missing_item")
    after = _amend(scope, order, Operation("void", line_id=order["lines"][0]["id"]))
    assert _money(after) == (6000, 7500, 1500, 0, "partially_refunded")
    with unit_of_work(scope):
        assert len(list_refunds(scope, limit=5)) == 1


STEP = st.one_of(
    st.tuples(st.just("void"), st.integers(0, 4)), st.tuples(st.just("add"), st.integers(1, 3)),
    st.tuples(st.just("quantity"), st.integers(0, 4), st.integers(1, 5)),
    st.tuples(st.just("pay"), st.sampled_from([None, 100, 1999, 4000]), st.sampled_from([0, 0, 250])),
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=9))
def test_guest_has_paid_what_the_order_costs_less_what_is_due(new_scope: Callable[..., Scope], steps: list) -> None:
    scope = new_scope()
    with unit_of_work(scope):
        item_id = create_item(scope, base_price_minor=1999)
        order = place_order(scope, draft=build_draft(create_location(scope), LineDraft(item_id=item_id))).document
    for step in steps:
        _attempt(scope, order["id"], item_id, step)
        with unit_of_work(scope, writes=False):
            after = get_order(scope, order_id=order["id"])
            payments = list_payments(scope, limit=50)
        # Without refunds for other reasons the guest's money and the bill never drift apart.
        assert after["paid_minor"] - after["refunded_minor"] == after["total_minor"] - after["due_minor"]
        assert after["paid_minor"] == sum(row["amount_minor"] + row["tip_minor"] for row in payments)
        assert all(row["refunded_minor"] <= row["amount_minor"] + row["tip_minor"] for row in payments)


def _attempt(scope: Scope, order_id: str, item_id: str, step: tuple) -> None:
    try:
        with unit_of_work(scope):
            if step[0] == "pay":
                take_payment(scope, order_id=order_id, method="cash", amount_minor=step[1], tip_minor=step[2])
                return
            lines = get_order(scope, order_id=order_id)["lines"]
            line_id = lines[step[1]]["id"] if step[1] < len(lines) else "oln_none"
            operation = {
                "void": Operation("void", line_id=line_id),
                "quantity": Operation("quantity", line_id=line_id, quantity=step[-1]),
                "add": Operation("add", item=LineDraft(item_id=item_id, quantity=step[1])),
            }[step[0]]
            amend_order(scope, order_id=order_id, operations=[operation])
    except PlatformError:
        return
