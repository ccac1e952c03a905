"""Deposits: what keeps a booking waiting, what confirms it, and what goes back."""

from datetime import timedelta

import pytest

from domain.bookings.drafts import Party
from domain.bookings.service import change_reservation
from domain.bookings.service import get_reservation
from domain.bookings.service import settle_deposit
from domain.bookings.service import take_deposit
from domain.orders.errors import CurrencyMismatch
from domain.payments.errors import AmountExceedsDue
from domain.payments.errors import ProcessorUnavailable
from domain.payments.service import list_payments
from domain.payments.service import refund_payment
from domain.payments.service import settle_payment
from kit.clock import to_us
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.bookings import EVENING
from tests.factories.bookings import House
from tests.factories.bookings import create_house
from tests.factories.bookings import create_reservation
from tests.factories.clock import freeze_clock

POLICY = {"required": True, "min_party": 2, "amount_minor": 1000, "per_person": True, "refundable_hours": 4}


@pytest.fixture
def house(scope: Scope) -> House:
    with unit_of_work(scope):
        return create_house(scope, deposit_policy=POLICY)


@pytest.fixture
def booked(scope: Scope, house: House) -> str:
    """Two guests who owe a deposit of 20.00."""
    with unit_of_work(scope):
        return create_reservation(scope, house.location_id)


def read(scope: Scope, reservation_id: str) -> dict:
    with unit_of_work(scope, writes=False):
        return get_reservation(scope, reservation_id=reservation_id)


def money_of(scope: Scope, reservation_id: str) -> tuple:
    deposit = read(scope, reservation_id)["deposit"]
    return tuple(deposit[name] for name in ("status", "paid_minor", "refunded_minor", "pending_minor"))


def told(scope: Scope, since: int) -> list[str]:
    return [name for name in recorded_types(scope)[since:] if name.startswith(("payment.", "reservation."))]


def test_unpaid_deposit_keeps_a_booking_requested(scope: Scope, booked: str):
    before = read(scope, booked)
    assert (before["status"], before["deposit"]["required_minor"], before["deposit"]["status"]) == ("requested", 2000, "unpaid")
    assert before["deposit"]["refund_ends_at"] == to_us(EVENING - timedelta(hours=4))
    with pytest.raises(InvalidTransition) as refused, unit_of_work(scope):
        change_reservation(scope, reservation_id=booked, status="confirmed")
    assert refused.value.data == {"from": "requested", "to": "confirmed", "allowed": ["rejected", "cancelled"]}


@pytest.mark.parametrize(
    ("policy", "party", "required"),
    [
        (POLICY, 1, 0), (POLICY, 3, 3000), (POLICY | {"per_person": False}, 3, 1000), (POLICY | {"required": False}, 3, 0),
        ({}, 3, 0),
    ],
    ids=["small party", "per person", "flat", "not required", "no policy"],
)  # fmt: skip
def test_policy_says_what_is_asked_for(scope: Scope, policy: dict, party: int, required: int):
    with unit_of_work(scope):
        house = create_house(scope, deposit_policy=policy)
        made = create_reservation(scope, house.location_id, party_size=party)
    after = read(scope, made)
    assert after["deposit"]["required_minor"] == required
    assert after["status"] == ("requested" if required else "confirmed")


def test_paid_deposit_confirms_the_booking(scope: Scope, booked: str):
    since = len(recorded_events(scope))
    with unit_of_work(scope):
        payment = take_deposit(scope, reservation_id=booked, method="card", source="tok_ok")
    assert (payment["status"], payment["amount_minor"], payment["purpose"], payment["reservation_id"]) == (
        "confirmed", 2000, "deposit", booked,
    )  # fmt: skip
    created, confirmed, updated = recorded_events(scope)[since:]
    assert (created.type, confirmed.type, updated.type) == (
        "payment.created", "payment.confirmed", "reservation.updated",
    )  # fmt: skip
    assert (created.body["object"]["status"], confirmed.body["object"]) == ("created", payment)
    after = read(scope, booked)
    assert (after["status"], after["deposit"]["status"], updated.body["object"]) == ("confirmed", "paid", after)
    assert updated.body["previous"]["status"] == "requested"
    assert updated.body["previous"]["deposit"]["status"] == "unpaid"
    assert created.location_id == after["location_id"]


def test_two_parts_confirm_with_the_second(scope: Scope, booked: str):
    with unit_of_work(scope):
        take_deposit(scope, reservation_id=booked, method="cash", amount_minor=500, tendered_minor=1000)
    assert (read(scope, booked)["status"], money_of(scope, booked)) == ("requested", ("unpaid", 500, 0, 0))
    with unit_of_work(scope):
        take_deposit(scope, reservation_id=booked, method="cash")
    assert (read(scope, booked)["status"], money_of(scope, booked)) == ("confirmed", ("paid", 2000, 0, 0))


def test_declined_deposit_is_written_and_changes_nothing(scope: Scope, booked: str):
    before, since = read(scope, booked), len(recorded_events(scope))
    with unit_of_work(scope):
        payment = take_deposit(scope, reservation_id=booked, method="card", source="tok_declined")
    assert (payment["status"], payment["decline_code"]) == ("failed", "generic_decline")
    assert told(scope, since) == ["payment.created", "payment.failed"]
    assert read(scope, booked) == before


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"method": "card", "amount_minor": 2001}, AmountExceedsDue), ({"method": "card", "amount_minor": 0}, AmountExceedsDue),
        ({"method": "barter"}, Invalid), ({"method": "card", "tendered_minor": 5000}, Invalid),
        ({"method": "cash", "tendered_minor": 1999}, Invalid), ({"method": "card", "currency": "EUR"}, CurrencyMismatch),
        ({"method": "card", "source": "tok_processing_error"}, ProcessorUnavailable),
    ],
    ids=["too much", "nothing", "method", "card change", "too little cash", "currency", "processor"],
)  # fmt: skip
def test_refused_deposit_writes_nothing(scope: Scope, booked: str, how: dict, error: type[Exception]):
    before, since = read(scope, booked), len(recorded_events(scope))
    with pytest.raises(error), unit_of_work(scope):
        take_deposit(scope, reservation_id=booked, **how)
    with unit_of_work(scope, writes=False):
        assert list_payments(scope, limit=10, reservation_id=booked) == []
    assert (read(scope, booked), told(scope, since)) == (before, [])


def test_paid_deposit_is_not_taken_again_nor_from_a_cancelled_booking(scope: Scope, booked: str):
    with unit_of_work(scope):
        take_deposit(scope, reservation_id=booked, method="cash")
    with pytest.raises(AmountExceedsDue), unit_of_work(scope):
        take_deposit(scope, reservation_id=booked, method="cash")
    with unit_of_work(scope):
        change_reservation(scope, reservation_id=booked, status="cancelled")
    with pytest.raises(InvalidTransition), unit_of_work(scope):
        take_deposit(scope, reservation_id=booked, method="cash")


def test_pending_deposit_confirms_when_it_is_settled(scope: Scope, booked: str):
    with unit_of_work(scope):
        payment = take_deposit(scope, reservation_id=booked, method="card", source="tok_3ds")
    assert (read(scope, booked)["status"], money_of(scope, booked)) == ("requested", ("pending", 0, 0, 2000))
    with pytest.raises(AmountExceedsDue), unit_of_work(scope):
        take_deposit(scope, reservation_id=booked, method="cash")
    with unit_of_work(scope):
        settle_payment(scope, payment_id=payment["id"])
        settle_deposit(scope, booked)
    assert (read(scope, booked)["status"], money_of(scope, booked)) == ("confirmed", ("paid", 2000, 0, 0))


@pytest.mark.parametrize(
    ("hours_before", "status", "refunded"), [(4, "refunded", 2000), (3.9, "kept", 0)], ids=["in time", "too late"]
)
def test_cancelling_gives_the_deposit_back_in_the_free_period_only(
    scope: Scope, booked: str, hours_before: float, status: str, refunded: int
):
    with unit_of_work(scope):
        take_deposit(scope, reservation_id=booked, method="card", source="tok_ok")
    with unit_of_work(scope):
        freeze_clock(scope, EVENING - timedelta(hours=hours_before))
    since = len(recorded_events(scope))
    with unit_of_work(scope):
        after = change_reservation(scope, reservation_id=booked, status="cancelled")
    assert money_of(scope, booked) == (status, 2000, refunded, 0)
    payments = ["payment.refunded"] if refunded else []
    assert told(scope, since) == [*payments, "reservation.updated", "reservation.cancelled"]
    assert recorded_events(scope)[-1].body["object"] == after


def test_rejected_booking_always_gets_its_deposit_back(scope: Scope, house: House):
    with unit_of_work(scope):
        asked = create_reservation(scope, house.location_id, status="requested")
        take_deposit(scope, reservation_id=asked, method="cash")
        freeze_clock(scope, EVENING - timedelta(hours=1))
    assert read(scope, asked)["status"] == "requested"
    with unit_of_work(scope):
        change_reservation(scope, reservation_id=asked, status="rejected")
    assert money_of(scope, asked) == ("refunded", 2000, 2000, 0)


def test_cancelling_gives_up_a_pending_deposit(scope: Scope, booked: str):
    with unit_of_work(scope):
        payment = take_deposit(scope, reservation_id=booked, method="card", source="tok_3ds")
        change_reservation(scope, reservation_id=booked, status="cancelled")
    with unit_of_work(scope, writes=False):
        (row,) = list_payments(scope, limit=10, reservation_id=booked)
    assert (row["id"], row["status"], money_of(scope, booked)) == (payment["id"], "cancelled", ("unpaid", 0, 0, 0))


def test_refund_by_hand_is_noticed_once(scope: Scope, booked: str):
    with unit_of_work(scope):
        payment = take_deposit(scope, reservation_id=booked, method="cash")
        refund_payment(scope, payment_id=payment["id"], amount_minor=500, reason="other")
    since = len(recorded_events(scope))
    for _ in range(2):
        with unit_of_work(scope):
            settle_deposit(scope, booked)
    assert money_of(scope, booked) == ("paid", 2000, 500, 0)
    (event,) = recorded_events(scope)[since:]
    assert (event.type, event.body["previous"]["deposit"]["refunded_minor"]) == ("reservation.updated", 0)


def test_date_moved_too_late_does_not_make_the_deposit_refundable(scope: Scope, booked: str):
    with unit_of_work(scope):
        take_deposit(scope, reservation_id=booked, method="cash")
        freeze_clock(scope, EVENING - timedelta(hours=1))
    before = read(scope, booked)["deposit"]["refund_ends_at"]
    with unit_of_work(scope):
        after = change_reservation(scope, reservation_id=booked, start=EVENING + timedelta(days=7))
    assert after["deposit"]["refund_ends_at"] == before


def test_larger_party_owes_more_until_it_has_paid(scope: Scope, booked: str):
    with unit_of_work(scope):
        larger = change_reservation(scope, reservation_id=booked, party=Party(adult=4))
        take_deposit(scope, reservation_id=booked, method="cash")
        paid = change_reservation(scope, reservation_id=booked, party=Party(adult=3))
    assert (larger["deposit"]["required_minor"], paid["deposit"]["required_minor"]) == (4000, 4000)
