"""Orders that earn and refunds that take back, through the services of orders and payments."""

from typing import Any

import pytest

from domain.loyalty.service import change_member
from domain.loyalty.service import delete_member
from domain.loyalty.service import earn_for_order
from domain.loyalty.service import end_calculation
from domain.loyalty.service import get_member
from domain.loyalty.service import list_entries
from domain.loyalty.service import post_points
from domain.loyalty.service import redeem_reward
from domain.orders.service import change_order
from domain.orders.service import get_order
from domain.orders.service import lock_order
from domain.payments.service import refund_payment
from domain.payments.service import take_payment
from domain.timers.queries import next_due
from kit.clock import now_us
from kit.documents import Document
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.loyalty import make_member
from tests.factories.loyalty import make_program
from tests.factories.loyalty import make_reward
from tests.factories.orders import create_order


def serve(scope: Scope, *, customer_id: str | None, total_minor: int = 10_000, **changes: Any) -> tuple[str, str]:
    """An order that is paid and then completed; returns its id and its payment's."""
    order_id = create_order(
        scope, location_id=create_location(scope), customer_id=customer_id, status="ready", subtotal_minor=total_minor,
        total_minor=total_minor, due_minor=total_minor, **changes,
    )  # fmt: skip
    payment = take_payment(scope, order_id=order_id, method="cash")
    change_order(scope, order_id=order_id, status="completed")
    return order_id, payment["id"]


def ledger_of(scope: Scope, member: Document) -> list[tuple[int, str]]:
    entries = list_entries(scope, member_id=member["id"], limit=20, after=None)
    return [(entry["delta"], entry["reason"]) for entry in reversed(entries)]


def test_order_when_completed_and_paid_earns_once(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope)
    before = len(recorded_types(scope))
    with unit_of_work(scope):
        order_id, _ = serve(scope, customer_id=member["customer_ids"][0], tax_minor=1000, tip_minor=500)
        earn_for_order(scope, order=lock_order(scope, order_id=order_id))
        assert ledger_of(scope, member) == [(85, "earn")]
        assert list_entries(scope, member_id=member["id"], limit=1, after=None)[0]["order_id"] == order_id
    loyal = [name for name in recorded_types(scope)[before:] if name.startswith(("loyalty", "membership"))]
    assert loyal == ["loyalty.points.earned"]


def test_order_when_completed_first_earns_on_payment(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope)
        order_id = create_order(
            scope, location_id=create_location(scope), customer_id=member["customer_ids"][0], status="ready"
        )  # fmt: skip
        change_order(scope, order_id=order_id, status="completed")
        assert ledger_of(scope, member) == []
        take_payment(scope, order_id=order_id, method="cash")
        assert ledger_of(scope, member) == [(45, "earn")]


def test_order_when_nobody_is_a_member_earns_nothing(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope, status="pre_enrollment")
        gone = make_member(scope)
        delete_member(scope, member_id=gone["id"])
        idle = make_member(scope)
        change_member(scope, member_id=idle["id"], status="cancelled")
        for customer_id in (None, create_guest(scope), *(one["customer_ids"][0] for one in (member, gone, idle))):
            serve(scope, customer_id=customer_id)
        assert [ledger_of(scope, one) for one in (member, idle)] == [[], []]


def test_gold_member_earns_with_its_multiplier_in_each_program(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope, points=500)
        stamps = make_program(scope, kind="stamps", tiers=())
        card = make_member(scope, program_id=stamps["id"], customer_id=member["customer_ids"][0])
        serve(scope, customer_id=member["customer_ids"][0])
        assert (ledger_of(scope, member)[1:], ledger_of(scope, card)) == ([(150, "earn")], [(1, "earn")])


def test_refunds_take_back_pro_rata_and_all_in_the_end(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope)
        order_id, payment_id = serve(scope, customer_id=member["customer_ids"][0], total_minor=300)
        for _ in range(3):
            refund_payment(scope, payment_id=payment_id, amount_minor=100, reason="quality")
        assert ledger_of(scope, member) == [(3, "earn"), *[(-1, "refund_reversal")] * 3]
        after = get_member(scope, member_id=member["id"])
        assert (after["points"], after["lifetime_points"]) == (0, 0)
        assert get_order(scope, order_id=order_id)["payment_status"] == "refunded"


def test_failed_refund_takes_no_points_back(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope)
        _, payment_id = serve(scope, customer_id=member["customer_ids"][0])
        assert refund_payment(scope, payment_id=payment_id, amount_minor=4009, reason="late")["status"] == "failed"
        assert ledger_of(scope, member) == [(100, "earn")]


def test_refund_takes_back_no_more_than_the_balance_and_lowers_the_tier(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope)
        reward = make_reward(scope, program_id=member["program_id"])
        _, payment_id = serve(scope, customer_id=member["customer_ids"][0])
        redeem_reward(scope, member_id=member["id"], reward_id=reward["id"])
    before = len(recorded_types(scope))
    with unit_of_work(scope):
        refund_payment(scope, payment_id=payment_id, reason="quality")
        after = get_member(scope, member_id=member["id"])
        assert ledger_of(scope, member) == [(100, "earn"), (-50, "redeem"), (-50, "refund_reversal")]
    assert (after["points"], after["lifetime_points"], after["tier"]) == (0, 50, None)
    loyal = [name for name in recorded_types(scope)[before:] if name.startswith(("loyalty", "membership"))]
    assert loyal == ["loyalty.tier.updated", "membership.updated"]


def test_refund_takes_back_points_given_by_hand_for_an_order_without_customer(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope)
        order_id, payment_id = serve(scope, customer_id=None)
        post_points(
            scope, member_id=member["id"], delta=40, reason="earn", order=lock_order(scope, order_id=order_id)
        )  # fmt: skip
        for amount_minor in (2500, None):
            refund_payment(scope, payment_id=payment_id, amount_minor=amount_minor, reason="late")
        assert ledger_of(scope, member) == [(40, "earn"), (-10, "refund_reversal"), (-30, "refund_reversal")]


def test_order_when_earning_many_times_at_once_earns_once(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope)
        order_id, _ = serve(scope, customer_id=None)

    def earn(_: int) -> Any:
        order = lock_order(scope, order_id=order_id)
        return post_points(scope, member_id=member["id"], delta=7, reason="earn", order=order)["delta"]

    assert sorted(map(str, at_once(scope, 5, earn))) == ["7", *["duplicate_reference"] * 4]


@pytest.mark.parametrize(
    ("answer", "refunded_minor", "earned"),
    [(7, 0, 7), (0, 0, None), (None, 0, 100), (200, 5000, 100), (None, 10_000, None)],
    ids=["answered", "answered-nothing", "unanswered", "half-refunded-meanwhile", "refunded-meanwhile"],
)
def test_callback_program_earns_what_the_answer_says(
    scope: Scope, answer: int | None, refunded_minor: int, earned: int | None
):
    with unit_of_work(scope):
        program = make_program(scope, callback_url="https://hooks.sandbox.invalid/ok")
        member = make_member(scope, program_id=program["id"])
        order_id, payment_id = serve(scope, customer_id=member["customer_ids"][0])
        earn_for_order(scope, order=lock_order(scope, order_id=order_id))
        assert ledger_of(scope, member) == []
        _, kind, calculation_id, due_at, _ = next_due.row(scope, False, until=now_us())
        assert (kind, due_at) == ("loyalty.calculate", None)
        if refunded_minor:
            refund_payment(scope, payment_id=payment_id, amount_minor=refunded_minor, reason="late")
        for said in (answer, 99):
            order = lock_order(scope, order_id=order_id)
            end_calculation(scope, calculation_id=calculation_id, points=said, order=order)
        assert ledger_of(scope, member) == ([(earned, "earn")] if earned else [])
