"""Payments that are confirmed by themselves, half a minute later on the tenant's clock."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from domain.orders.service import change_order
from domain.orders.service import get_order
from domain.payments.service import cancel_payment
from domain.payments.service import get_payment
from domain.payments.service import take_payment
from domain.timekeeping.service import fire_passed
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_types
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location
from tests.factories.orders import create_order

NOON = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)


@pytest.fixture
def order_id(scope: Scope) -> str:
    """An order over 45.90, at noon."""
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        return create_order(scope, location_id=create_location(scope))


def _take(scope: Scope, order_id: str, **changes: object) -> str:
    with unit_of_work(scope):
        return str(take_payment(scope, order_id=order_id, **{"method": "card", "source": "tok_timeout", **changes})["id"])


def _wait(scope: Scope, payment_id: str, *, seconds: int) -> tuple:
    with unit_of_work(scope):
        freeze_clock(scope, NOON + timedelta(seconds=seconds))
        fire_passed(scope)
        payment = get_payment(scope, payment_id=payment_id)
        return payment["status"], payment["decline_code"]


def test_slow_payment_confirms_after_thirty_seconds(scope: Scope, order_id: str) -> None:
    payment_id = _take(scope, order_id)
    assert _wait(scope, payment_id, seconds=29) == ("created", None)
    assert _wait(scope, payment_id, seconds=30) == ("confirmed", None)
    with unit_of_work(scope):
        assert get_order(scope, order_id=order_id)["payment_status"] == "paid"
    assert recorded_types(scope) == ["payment.created", "payment.confirmed", "order.updated"]


def test_amount_4037_confirms_by_itself_and_3ds_does_not(scope: Scope, order_id: str) -> None:
    slow = _take(scope, order_id, source=None, amount_minor=4037)
    waiting = _take(scope, order_id, source="tok_3ds", amount_minor=100)
    assert _wait(scope, slow, seconds=30) == ("confirmed", None)
    assert _wait(scope, waiting, seconds=86_400) == ("created", None)


def test_slow_payment_fails_when_the_bill_was_paid_meanwhile(scope: Scope, order_id: str) -> None:
    payment_id = _take(scope, order_id)
    _take(scope, order_id, source="tok_ok")
    assert _wait(scope, payment_id, seconds=30) == ("failed", "amount_exceeds_due")
    assert recorded_types(scope)[-1] == "payment.failed"


def test_slow_payment_fails_when_the_order_was_called_off_meanwhile(scope: Scope, order_id: str) -> None:
    payment_id = _take(scope, order_id)
    with unit_of_work(scope):
        change_order(scope, order_id=order_id, status="cancelled", reason="other")
    assert _wait(scope, payment_id, seconds=30) == ("failed", "order_called_off")


def test_slow_payment_that_was_given_up_stays_so(scope: Scope, order_id: str) -> None:
    payment_id = _take(scope, order_id)
    with unit_of_work(scope):
        cancel_payment(scope, payment_id=payment_id)
    assert _wait(scope, payment_id, seconds=30) == ("cancelled", None)
