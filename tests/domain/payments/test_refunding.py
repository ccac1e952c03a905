"""Giving money back on a real database, and the money invariants 6 and 7."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.orders.service import get_order
from domain.payments.errors import RefundExceedsPaid
from domain.payments.service import get_payment
from domain.payments.service import list_payments
from domain.payments.service import list_refunds
from domain.payments.service import refund_payment
from domain.payments.service import settle_payment
from domain.payments.service import take_payment
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.locations import create_location
from tests.factories.orders import create_order
from tests.factories.payments import create_payment


@pytest.fixture
def payment(scope: Scope) -> dict:
    """A confirmed payment of 45.90 that pays its order."""
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
        return take_payment(scope, order_id=order_id, method="card", source="tok_ok")


def test_partial_refund_tells_the_payment_and_nothing_else(scope: Scope, payment: dict):
    with unit_of_work(scope):
        refund = refund_payment(scope, payment_id=payment["id"], amount_minor=1000, reason="quality")
    assert (refund["amount_minor"], refund["status"], refund["order_id"]) == (1000, "succeeded", payment["order_id"])
    *_, event = recorded_events(scope)
    assert recorded_types(scope)[3:] == ["payment.partially_refunded"]
    with unit_of_work(scope):
        after = get_payment(scope, payment_id=payment["id"])
        order = get_order(scope, order_id=payment["order_id"])
    assert event.body == {
        "object": after | {"refund": refund}, "previous": {"status": "confirmed", "refunded_minor": 0},
    }  # fmt: skip
    assert (after["status"], after["refunded_minor"]) == ("partially_refunded", 1000)
    assert (order["refunded_minor"], order["due_minor"], order["payment_status"]) == (1000, 0, "partially_refunded")


def test_rest_is_refunded_when_no_amount_is_given(scope: Scope, payment: dict):
    with unit_of_work(scope):
        refund_payment(scope, payment_id=payment["id"], amount_minor=1000, reason="quality")
    with unit_of_work(scope):
        refund = refund_payment(scope, payment_id=payment["id"], reason="quality")
        order = get_order(scope, order_id=payment["order_id"])
    assert refund["amount_minor"] == 3590
    assert recorded_types(scope)[3:] == ["payment.partially_refunded", "payment.refunded"]
    assert (order["payment_status"], order["due_minor"], order["paid_minor"]) == ("refunded", 0, 4590)


def test_tip_is_refundable_too(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
        payment = take_payment(scope, order_id=order_id, method="card", tip_minor=410)
        assert refund_payment(scope, payment_id=payment["id"], reason="other")["amount_minor"] == 5000


def test_magic_refund_fails_and_moves_no_money(scope: Scope, payment: dict):
    with unit_of_work(scope):
        refund = refund_payment(scope, payment_id=payment["id"], amount_minor=4009, reason="other")
        after = get_payment(scope, payment_id=payment["id"])
    assert (refund["status"], after) == ("failed", payment)
    assert len(recorded_types(scope)) == 3


@pytest.mark.parametrize("amount_minor", [4591, 10**12])
def test_refund_beyond_the_payment_is_refused(scope: Scope, payment: dict, amount_minor: int):
    with pytest.raises(RefundExceedsPaid) as refused, unit_of_work(scope):
        refund_payment(scope, payment_id=payment["id"], amount_minor=amount_minor, reason="other")
    assert (refused.value.status, refused.value.code) == (422, "refund_exceeds_paid")
    assert refused.value.data == {"refundable_minor": 4590, "currency": "PLN"}
    with unit_of_work(scope):
        assert list_refunds(scope, limit=5) == []


@pytest.mark.parametrize("status", ["created", "failed", "cancelled", "refunded"])
def test_nothing_is_refundable_on_a_payment_that_is(scope: Scope, status: str):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
        payment_id = create_payment(scope, order_id=order_id, status=status)
        with pytest.raises(RefundExceedsPaid):
            refund_payment(scope, payment_id=payment_id, reason="other")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"reason": "mood"}, "reason"), ({"amount_minor": 0}, "amount"), ({"amount_minor": -5}, "amount"),
     ({"line_ids": ["oln_none"]}, "line_ids")],
    ids=["reason", "zero", "negative", "foreign line"],
)  # fmt: skip
def test_refund_is_refused_for(scope: Scope, payment: dict, changes: dict, field: str):
    with pytest.raises(Invalid) as refused, unit_of_work(scope):
        refund_payment(scope, payment_id=payment["id"], **{"reason": "late", **changes})
    assert [error.field for error in refused.value.errors] == [field]


def test_refund_names_lines_of_its_order(scope: Scope, payment: dict):
    with unit_of_work(scope):
        line_id = get_order(scope, order_id=payment["order_id"])["lines"][0]["id"]
        refund = refund_payment(scope, payment_id=payment["id"], reason="late", amount_minor=5, line_ids=(line_id,))
        assert list_refunds(scope, limit=5, payment_id=payment["id"], order_id=payment["order_id"]) == [refund]
        assert list_refunds(scope, limit=5, status="failed") == []
    assert refund["line_ids"] == [line_id]


def test_refund_of_an_unknown_payment_is_not_found(scope: Scope):
    with unit_of_work(scope), pytest.raises(NotFound):
        refund_payment(scope, payment_id="pay_none", reason="late")


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("pay"), st.sampled_from([None, 1, 1000, 2000, 4590]), st.sampled_from([0, 0, 300]),
            st.sampled_from(["tok_ok", "tok_ok", "tok_declined", "tok_3ds"]),
        ),
        st.tuples(st.just("settle"), st.integers(0, 4)),
        st.tuples(st.just("refund"), st.integers(0, 4), st.sampled_from([None, 1, 700, 4009, 5000])),
    ),
    min_size=1, max_size=10,
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, deposit=st.sampled_from([0, 0, 1000]))
def test_amounts_of_an_order_follow_from_its_payments(new_scope: Callable[..., Scope], steps: list, deposit: int):
    scope = new_scope()
    with unit_of_work(scope):
        order_id = create_order(
            scope, location_id=create_location(scope), deposit_applied_minor=deposit, due_minor=4590 - deposit
        )
    for step in steps:
        _attempt(scope, order_id, step)
    with unit_of_work(scope, writes=False):
        order = get_order(scope, order_id=order_id)
        payments = list_payments(scope, limit=50)
        refunds = list_refunds(scope, limit=50, status="succeeded")
    confirmed = [row for row in payments if row["status"] in ("confirmed", "partially_refunded", "refunded")]
    paid = sum(row["amount_minor"] + row["tip_minor"] for row in confirmed)
    tips = sum(row["tip_minor"] for row in confirmed)
    assert (order["paid_minor"], order["tip_minor"], order["total_minor"]) == (paid, tips, 4590 + tips)
    assert paid <= order["total_minor"] - deposit
    assert order["due_minor"] == order["total_minor"] - deposit - paid
    assert order["refunded_minor"] == sum(row["amount_minor"] for row in refunds)
    for row in confirmed:
        given_back = sum(refund["amount_minor"] for refund in refunds if refund["payment_id"] == row["id"])
        assert row["refunded_minor"] == given_back <= row["amount_minor"] + row["tip_minor"]
        assert (row["status"] == "refunded") is (given_back == row["amount_minor"] + row["tip_minor"])


def _attempt(scope: Scope, order_id: str, step: tuple) -> None:
    """Do one step in a unit of its own; a refusal rolls it back."""
    try:
        with unit_of_work(scope):
            if step[0] == "pay":
                take_payment(
                    scope, order_id=order_id, method="card", amount_minor=step[1], tip_minor=step[2], source=step[3]
                )
                return
            payments = list_payments(scope, limit=50)
            if step[1] >= len(payments):
                return
            payment_id = payments[step[1]]["id"]
            if step[0] == "settle":
                settle_payment(scope, payment_id=payment_id)
            else:
                refund_payment(scope, payment_id=payment_id, amount_minor=step[2], reason="other")
    except PlatformError:
        return
