"""What happens to orders by themselves, on the tenant's own clock."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from domain.menus.service import set_item_availability
from domain.orders.service import LineDraft
from domain.orders.service import advance_order
from domain.orders.service import change_order
from domain.orders.service import get_order
from domain.orders.service import place_order
from domain.timekeeping.service import fire_passed
from kit.clock import to_us
from kit.errors import InvalidTransition
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_types
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location
from tests.factories.menus import create_item
from tests.factories.orders import build_draft
from tests.factories.orders import create_burger

NOON = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)
IN_TWO_HOURS = {"type": "pickup", "requested_at": NOON + timedelta(hours=2)}


def _place(scope: Scope, *, item: dict | None = None, location: dict | None = None, **changes: object) -> dict:
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        location_id = create_location(scope, **(location or {}))
        draft = build_draft(location_id, LineDraft(item_id=create_item(scope, **(item or {}))))
        return place_order(scope, draft=replace(draft, **changes)).document


def _wait(scope: Scope, order: dict, *, seconds: int) -> dict:
    """Move the clock to so many seconds after noon; returns the order then."""
    with unit_of_work(scope):
        freeze_clock(scope, NOON + timedelta(seconds=seconds))
        fire_passed(scope)
        return get_order(scope, order_id=order["id"])


def test_scheduled_order_starts_when_preparation_begins(scope: Scope) -> None:
    order = _place(scope, fulfillment=IN_TWO_HOURS, location={"prep_minutes": 30})
    assert _wait(scope, order, seconds=5399)["status"] == "scheduled"
    started = _wait(scope, order, seconds=5400)
    assert (started["status"], started["status_history"][-1]["at"]) == ("pending", to_us(NOON) + 5_400_000_000)
    assert recorded_types(scope) == ["order.created", "order.updated"]


def test_scheduled_order_is_accepted_at_its_start_where_that_is_automatic(scope: Scope) -> None:
    order = _place(scope, fulfillment=IN_TWO_HOURS, location={"auto_accept": True})
    assert _wait(scope, order, seconds=7200)["status"] == "accepted"
    assert recorded_types(scope) == ["order.created", "order.updated", "order.accepted"]


def test_scheduled_order_is_cancelled_when_its_stock_is_gone(scope: Scope) -> None:
    order = _place(scope, fulfillment=IN_TWO_HOURS, item={"stock_count": 1})
    with unit_of_work(scope):
        item_id = order["lines"][0]["item_id"]
        set_item_availability(scope, item_id=item_id, available=False, stock_count=0)
    after = _wait(scope, order, seconds=7200)
    assert (after["status"], after["cancel_reason"]) == ("cancelled", "out_of_stock")
    assert after["status_history"][-1]["actor_type"] == "system"


def test_order_that_left_the_schedule_otherwise_is_left_alone(scope: Scope) -> None:
    order = _place(scope, fulfillment=IN_TWO_HOURS)
    with unit_of_work(scope):
        change_order(scope, order_id=order["id"], status="cancelled", reason="customer_request")
    assert _wait(scope, order, seconds=7200)["version"] == 2


@pytest.mark.parametrize(
    "changes", [{"source": "marketplace"}, {"collected_by": "channel"}], ids=["marketplace", "paid at a channel"]
)
def test_channels_order_fails_when_nobody_accepts_it(scope: Scope, changes: dict) -> None:
    order = _place(scope, **changes)
    assert _wait(scope, order, seconds=689)["status"] == "pending"
    failed = _wait(scope, order, seconds=690)
    assert (failed["status"], failed["cancel_reason"]) == ("failed", "acceptance_timeout")
    assert failed["status_history"][-1]["reason"] == "acceptance_timeout"
    assert recorded_types(scope) == ["order.created", "order.failed"]


def test_acceptance_ends_the_waiting_and_other_orders_never_wait(scope: Scope) -> None:
    accepted, own = _place(scope, source="marketplace"), _place(scope)
    with unit_of_work(scope):
        change_order(scope, order_id=accepted["id"], status="accepted")
    assert _wait(scope, accepted, seconds=3600)["status"] == "accepted"
    assert _wait(scope, own, seconds=3600)["status"] == "pending"


def test_scheduled_channels_order_waits_for_acceptance_from_its_start(scope: Scope) -> None:
    order = _place(scope, fulfillment=IN_TWO_HOURS, source="marketplace", location={"prep_minutes": 60})
    assert _wait(scope, order, seconds=3600 + 689)["status"] == "pending"
    assert _wait(scope, order, seconds=3600 + 690)["status"] == "failed"


def test_advance_goes_step_by_step(scope: Scope) -> None:
    order = _place(scope)
    seen = []
    for _ in range(5):
        with unit_of_work(scope):
            seen.append(advance_order(scope, order_id=order["id"])["status"])
    assert seen == ["accepted", "preparing", "ready", "picked_up", "completed"]
    with unit_of_work(scope), pytest.raises(InvalidTransition) as refused:
        advance_order(scope, order_id=order["id"])
    assert refused.value.data["from"] == "completed"


def test_advance_to_a_status_passes_every_one_on_the_way(scope: Scope) -> None:
    with unit_of_work(scope):
        draft = replace(create_burger(scope), fulfillment={"type": "dine_in"}, table_less=True)
        order = place_order(scope, draft=draft).document
        advance_order(scope, order_id=order["id"], to="completed")
    assert recorded_types(scope) == [
        "order.created", "order.accepted", "order.preparing", "order.ready", "order.completed",
    ]  # fmt: skip


def test_advance_calls_off_but_does_not_go_back(scope: Scope) -> None:
    order = _place(scope)
    with unit_of_work(scope), pytest.raises(InvalidTransition):
        advance_order(scope, order_id=order["id"], to="pending")
    with unit_of_work(scope):
        assert advance_order(scope, order_id=order["id"], to="rejected")["status"] == "rejected"
