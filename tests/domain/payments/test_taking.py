"""Taking payments on a real database."""

from collections.abc import Callable

import pytest

from domain.orders.errors import CurrencyMismatch
from domain.orders.service import get_order
from domain.payments.errors import AmountExceedsDue
from domain.payments.errors import ProcessorUnavailable
from domain.payments.service import cancel_payment
from domain.payments.service import get_payment
from domain.payments.service import list_payments
from domain.payments.service import settle_payment
from domain.payments.service import take_payment
from kit.errors import Conflict
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.locations import create_location
from tests.factories.orders import create_order
from tests.factories.payments import create_payment


@pytest.fixture
def order_id(scope: Scope) -> str:
    """An order over 45.90."""
    with unit_of_work(scope):
        return create_order(scope, location_id=create_location(scope))


def _money(scope: Scope, order_id: str) -> dict:
    with unit_of_work(scope, writes=False):
        order = get_order(scope, order_id=order_id)
    return {name: order[name] for name in ("total_minor", "tip_minor", "paid_minor", "due_minor", "payment_status")}


def test_payment_of_all_that_is_due_pays_the_order(scope: Scope, order_id: str):
    with unit_of_work(scope):
        payment = take_payment(scope, order_id=order_id, method="card", source="tok_ok")
    assert (payment["status"], payment["amount_minor"], payment["version"]) == ("confirmed", 4590, 2)
    created, confirmed, updated = recorded_events(scope)
    assert [created.type, confirmed.type, updated.type] == ["payment.created", "payment.confirmed", "order.updated"]
    assert (created.body["object"]["status"], created.body["previous"]) == ("created", None)
    order = confirmed.body["object"].pop("order")
    assert (confirmed.body["object"], confirmed.body["previous"]) == (payment, {"status": "created"})
    assert (order["id"], order["due_minor"], order["payment_status"]) == (order_id, 0, "paid")
    assert updated.body["object"] == order
    assert updated.body["previous"] == {"payment_status": "unpaid", "paid_minor": 0, "due_minor": 4590}
    with unit_of_work(scope):
        assert updated.body["object"] == get_order(scope, order_id=order_id)


def test_tip_raises_total_and_what_is_charged(scope: Scope, order_id: str):
    with unit_of_work(scope):
        payment = take_payment(scope, order_id=order_id, method="card", amount_minor=2000, tip_minor=500)
    assert (payment["amount_minor"], payment["tip_minor"]) == (2000, 500)
    assert _money(scope, order_id) == {
        "total_minor": 5090, "tip_minor": 500, "paid_minor": 2500, "due_minor": 2590,
        "payment_status": "partially_paid",
    }  # fmt: skip


def test_cash_gives_change(scope: Scope, order_id: str):
    with unit_of_work(scope):
        payment = take_payment(scope, order_id=order_id, method="cash", tendered_minor=5000, tip_minor=10)
    assert (payment["amount_minor"], payment["tendered_minor"], payment["change_minor"]) == (4590, 5000, 400)
    assert _money(scope, order_id)["due_minor"] == 0


@pytest.mark.parametrize(
    ("source", "decline_code"),
    [
        ("tok_declined", "generic_decline"), ("tok_insufficient_funds", "insufficient_funds"),
        ("tok_expired_card", "expired_card"), ("tok_cvv", "incorrect_cvc"), ("tok_fraud", "fraudulent"),
    ],
)  # fmt: skip
def test_declined_payment_is_written_and_told(scope: Scope, order_id: str, source: str, decline_code: str):
    with unit_of_work(scope):
        payment = take_payment(scope, order_id=order_id, method="card", source=source)
    assert (payment["status"], payment["decline_code"]) == ("failed", decline_code)
    created, failed = recorded_events(scope)
    assert (created.type, created.body["object"]["decline_code"]) == ("payment.created", None)
    assert (failed.type, failed.body["object"]) == ("payment.failed", payment)
    assert failed.body["previous"] == {"status": "created", "decline_code": None}
    assert _money(scope, order_id)["due_minor"] == 4590


@pytest.mark.parametrize(
    ("amount_minor", "status", "decline_code"),
    [
        (4002, "failed", "generic_decline"),
        (4005, "failed", "insufficient_funds"),
        (4037, "created", None),
        (4001, "confirmed", None),
    ],
)
def test_magic_amount_decides_a_card_payment_without_token(
    scope: Scope, order_id: str, amount_minor: int, status: str, decline_code: str | None
):
    with unit_of_work(scope):
        payment = take_payment(scope, order_id=order_id, method="wallet", amount_minor=amount_minor)
    assert (payment["status"], payment["decline_code"]) == (status, decline_code)


def test_magic_amounts_mean_nothing_for_cash_or_with_a_token(scope: Scope, order_id: str):
    with unit_of_work(scope):
        cash = take_payment(scope, order_id=order_id, method="cash", amount_minor=4002)
        other = create_order(scope, location_id=create_location(scope), number=2)
        card = take_payment(scope, order_id=other, method="card", amount_minor=4002, source="tok_ok")
    assert (cash["status"], card["status"]) == ("confirmed", "confirmed")


def test_magic_amounts_and_tokens_mean_nothing_in_production(new_scope: Callable[..., Scope]):
    live = new_scope(Environment.PRODUCTION)
    with unit_of_work(live):
        order_id = create_order(live, location_id=create_location(live))
        with pytest.raises(Invalid) as refused:
            take_payment(live, order_id=order_id, method="card", source="tok_ok")
        payment = take_payment(live, order_id=order_id, method="card", amount_minor=4002)
    assert [error.field for error in refused.value.errors] == ["source"]
    assert payment["status"] == "confirmed"


@pytest.mark.parametrize("how", [{"source": "tok_processing_error"}, {"amount_minor": 4013}], ids=["token", "amount"])
def test_processing_error_writes_nothing_and_may_be_repeated(scope: Scope, order_id: str, how: dict):
    with pytest.raises(ProcessorUnavailable) as refused, unit_of_work(scope):
        take_payment(scope, order_id=order_id, method="card", **how)
    with unit_of_work(scope):
        assert list_payments(scope, limit=10) == []
    assert (refused.value.status, refused.value.code) == (503, "payment_processor_unavailable")
    assert recorded_types(scope) == []


@pytest.mark.parametrize("source", ["tok_timeout", "tok_3ds"])
def test_pending_payment_counts_once_it_is_settled(scope: Scope, order_id: str, source: str):
    with unit_of_work(scope):
        payment = take_payment(scope, order_id=order_id, method="card", source=source, tip_minor=100)
    assert (payment["status"], payment["version"]) == ("created", 1)
    assert (recorded_types(scope), _money(scope, order_id)["total_minor"]) == (["payment.created"], 4590)
    with unit_of_work(scope):
        settled = settle_payment(scope, payment_id=payment["id"])
    assert (settled["status"], settled["version"]) == ("confirmed", 2)
    assert (_money(scope, order_id)["total_minor"], _money(scope, order_id)["due_minor"]) == (4690, 0)
    assert recorded_types(scope) == ["payment.created", "payment.confirmed", "order.updated"]


def test_pending_payment_fails_with_the_code_it_is_settled_with(scope: Scope, order_id: str):
    with unit_of_work(scope):
        payment_id = create_payment(scope, order_id=order_id)
    with unit_of_work(scope):
        failed = settle_payment(scope, payment_id=payment_id, decline_code="expired_card")
        with pytest.raises(InvalidTransition):
            settle_payment(scope, payment_id=payment_id)
    assert (failed["status"], failed["decline_code"]) == ("failed", "expired_card")
    assert recorded_types(scope) == ["payment.failed"]


def test_pending_payment_is_not_settled_when_others_have_covered_the_bill(scope: Scope, order_id: str):
    with unit_of_work(scope):
        pending = take_payment(scope, order_id=order_id, method="card", source="tok_3ds")
        take_payment(scope, order_id=order_id, method="cash", amount_minor=1)
        with pytest.raises(AmountExceedsDue):
            settle_payment(scope, payment_id=pending["id"])
    assert _money(scope, order_id)["paid_minor"] == 1


def test_cancelling_a_pending_payment_is_told_once(scope: Scope, order_id: str):
    with unit_of_work(scope):
        payment_id = create_payment(scope, order_id=order_id)
    with unit_of_work(scope):
        cancelled = cancel_payment(scope, payment_id=payment_id)
        assert cancel_payment(scope, payment_id=payment_id) == cancelled
    (event,) = recorded_events(scope)
    assert (event.type, event.body) == ("payment.cancelled", {"object": cancelled, "previous": {"status": "created"}})


def test_payment_at_another_version_is_not_cancelled(scope: Scope, order_id: str):
    with unit_of_work(scope):
        payment = take_payment(scope, order_id=order_id, method="card", source="tok_3ds")
    with pytest.raises(Conflict) as refused, unit_of_work(scope):
        cancel_payment(scope, payment_id=payment["id"], expected_version=2)
    assert refused.value.data == {"current_version": 1}
    with unit_of_work(scope):
        assert get_payment(scope, payment_id=payment["id"]) == payment
        assert cancel_payment(scope, payment_id=payment["id"], expected_version=1)["version"] == 2


def test_confirmed_payment_cannot_be_cancelled(scope: Scope, order_id: str):
    with unit_of_work(scope):
        payment = take_payment(scope, order_id=order_id, method="cash")
        with pytest.raises(InvalidTransition) as refused:
            cancel_payment(scope, payment_id=payment["id"])
    assert refused.value.data == {
        "from": "confirmed", "to": "cancelled", "allowed": ["partially_refunded", "refunded"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "amounts", [[4591], [4590, 1], [4590, None], [0]], ids=["over", "then 1", "then rest", "nothing"]
)
def test_payment_beyond_what_is_due_is_refused(scope: Scope, order_id: str, amounts: list[int | None]):
    *taken, refused_amount = amounts
    with unit_of_work(scope):
        for amount in taken:
            take_payment(scope, order_id=order_id, method="cash", amount_minor=amount)
        with pytest.raises(AmountExceedsDue) as refused:
            take_payment(scope, order_id=order_id, method="cash", amount_minor=refused_amount)
    due = 4590 - sum(amount or 0 for amount in taken)
    assert (refused.value.status, refused.value.code) == (422, "amount_exceeds_due")
    assert refused.value.data == {"due_minor": due, "currency": "PLN"}


@pytest.mark.parametrize("status", ["rejected", "cancelled", "failed"])
def test_order_that_was_called_off_takes_no_payment(scope: Scope, status: str):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope), status=status)
        with pytest.raises(InvalidTransition) as refused:
            take_payment(scope, order_id=order_id, method="cash")
    assert refused.value.data["from"] == status


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"method": "gold"}, "method"),
        ({"method": "card", "source": "tok_unknown"}, "source"),
        ({"method": "cash", "source": "tok_ok"}, "source"),
        ({"method": "card", "tendered_minor": 5000}, "tendered"),
        ({"method": "cash", "tendered_minor": 4589}, "tendered"),
        ({"method": "cash", "amount_minor": -1}, "amount"),
        ({"method": "cash", "tip_minor": -1}, "tip"),
        ({"method": "cash", "purpose": "deposit"}, "purpose"),
    ],
    ids=["method", "token", "cash token", "card tendered", "too little", "negative amount", "negative tip", "purpose"],
)
def test_payment_is_refused_for(scope: Scope, order_id: str, changes: dict, field: str):
    with pytest.raises(Invalid) as refused, unit_of_work(scope):
        take_payment(scope, order_id=order_id, **changes)
    assert [error.field for error in refused.value.errors] == [field]
    assert recorded_types(scope) == []


def test_payment_in_another_currency_or_of_an_unknown_order_is_refused(scope: Scope, order_id: str):
    with unit_of_work(scope):
        with pytest.raises(CurrencyMismatch):
            take_payment(scope, order_id=order_id, method="cash", currency="EUR")
        with pytest.raises(NotFound):
            take_payment(scope, order_id="ord_none", method="cash")


def test_payment_of_another_tenant_does_not_exist(scope: Scope, order_id: str, new_scope: Callable[..., Scope]):
    with unit_of_work(scope):
        payment_id = create_payment(scope, order_id=order_id)
    stranger = new_scope()
    with unit_of_work(stranger):
        for refused in (get_payment, cancel_payment, settle_payment):
            with pytest.raises(NotFound):
                refused(stranger, payment_id=payment_id)


def test_list_payments_pages_newest_first_and_filters(scope: Scope, order_id: str):
    with unit_of_work(scope):
        ids = [
            create_payment(scope, order_id=order_id, created_at=100 + index // 2, method="cash") for index in range(3)
        ]
        ids.append(create_payment(scope, order_id=order_id, created_at=200, status="failed"))
        first = list_payments(scope, limit=2)
        rest = list_payments(scope, limit=2, after=[first[1]["created_at"], first[1]["id"]])
        assert [row["id"] for row in first[:2] + rest] == ids[::-1]
        assert [row["id"] for row in list_payments(scope, limit=5, status="failed", method="card")] == ids[3:]
        assert list_payments(scope, limit=5, created_from_us=100, created_to_us=101, order_id="ord_none") == []
        assert len(list_payments(scope, limit=5, created_from_us=100, created_to_us=101, order_id=order_id)) == 2
