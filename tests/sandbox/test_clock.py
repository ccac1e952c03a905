"""The sandbox clock."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from accounts.webhooks.models import Delivery
from domain.bookings.service import Party
from domain.bookings.service import ReservationDraft
from domain.bookings.service import book
from domain.bookings.service import hold_tables
from domain.locations.service import set_store_status
from domain.menus.service import get_item
from domain.menus.service import set_item_availability
from domain.orders.service import LineDraft
from domain.orders.service import OrderDraft
from domain.orders.service import get_order
from domain.orders.service import list_orders
from domain.orders.service import place_order
from kit.clock import from_us
from kit.clock import now_us
from kit.clock import to_us
from kit.documents import append
from kit.errors import Invalid
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now_us
from kit.unit import unit_of_work
from sandbox import service
from sandbox.clock import START_US
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types

LATER = datetime(2026, 1, 13, 8, tzinfo=UTC)


def test_frozen_clock_advances_and_stands_again(scope: Scope) -> None:
    with unit_of_work(scope):
        service.reset(scope)
        assert service.set_clock(scope, advance_s=90) == {"mode": "frozen", "now": "2026-01-12T12:01:30Z"}
    with unit_of_work(scope, writes=False):
        assert tenant_now_us(scope) == START_US + 90_000_000


def test_clock_is_put_to_an_instant_and_then_released(scope: Scope) -> None:
    with unit_of_work(scope):
        service.reset(scope)
        assert service.set_clock(scope, now=LATER) == {"mode": "frozen", "now": "2026-01-13T08:00:00Z"}
    with unit_of_work(scope):
        assert service.set_clock(scope, mode="real")["mode"] == "real"
        assert abs(tenant_now_us(scope) - now_us()) < 5_000_000


def test_running_clock_advances_and_goes_on_running(scope: Scope) -> None:
    with unit_of_work(scope):
        assert service.set_clock(scope, advance_s=3600)["mode"] == "offset"
        first = tenant_now_us(scope)
        assert abs(first - now_us() - 3_600_000_000) < 5_000_000
        assert tenant_now_us(scope) >= first


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "now"),
        ({"advance_s": 1, "mode": "real"}, "now"),
        ({"now": datetime(2026, 1, 12, 11, tzinfo=UTC)}, "now"),
        ({"now": datetime(2030, 1, 1, tzinfo=UTC)}, "now"),
        ({"advance_s": -1}, "advance_seconds"),
        ({"advance_s": 400 * 86_400 + 1}, "advance_seconds"),
        ({"mode": "frozen"}, "mode"),
    ],
    ids=["nothing", "two things", "back", "too far", "negative", "too large a step", "unknown mode"],
)
def test_clock_refuses(scope: Scope, wanted: dict[str, Any], field: str) -> None:
    with unit_of_work(scope):
        service.reset(scope)
    with pytest.raises(Invalid) as refusal, unit_of_work(scope):
        service.set_clock(scope, **wanted)

    assert refusal.value.errors[0].field == field
    with unit_of_work(scope, writes=False):
        assert tenant_now_us(scope) == START_US


def test_real_mode_is_refused_while_the_clock_is_ahead_of_real_time(scope: Scope) -> None:
    with unit_of_work(scope):
        service.set_clock(scope, advance_s=86_400)
    with pytest.raises(Invalid), unit_of_work(scope):
        service.set_clock(scope, mode="real")


def test_advancing_past_a_suspension_returns_the_item_with_its_event(scope: Scope) -> None:
    with unit_of_work(scope):
        service.reset(scope)
        set_item_availability(scope, item_id="itm_fries", available=False, until=from_us(START_US + 600_000_000))
    with unit_of_work(scope):
        service.set_clock(scope, advance_s=599)
        assert get_item(scope, item_id="itm_fries")["available"] is False
    with unit_of_work(scope):
        service.set_clock(scope, advance_s=1)
        assert get_item(scope, item_id="itm_fries")["available"] is True

    assert recorded_types(scope) == ["menu.item.unavailable", "menu.item.available"]


def test_advancing_starts_a_scheduled_order_when_preparation_begins(scope: Scope) -> None:
    with unit_of_work(scope):
        service.reset(scope)
        [order] = list_orders(scope, limit=9, after=None, status=("scheduled",))
        # Wanted 360 minutes after the reset, with 20 minutes of preparation.
        service.set_clock(scope, advance_s=340 * 60 - 1)
        assert get_order(scope, order_id=order["id"])["status"] == "scheduled"
    with unit_of_work(scope):
        service.set_clock(scope, advance_s=1)
        after = get_order(scope, order_id=order["id"])

    assert after["status"] == "pending"
    assert after["status_history"][-1]["actor_type"] == "system"


def test_advancing_cancels_a_scheduled_order_whose_stock_is_gone(scope: Scope) -> None:
    draft = OrderDraft(
        location_id="loc_waw_01", source="api",
        fulfillment={"type": "pickup", "requested_at": START_US + 3_600_000_000},
        lines=[LineDraft(item_id="itm_limited", quantity=2)],
    )  # fmt: skip
    with unit_of_work(scope):
        service.reset(scope, seed=3)
        placed = place_order(scope, draft=draft).document
        set_item_availability(scope, item_id="itm_limited", available=True, stock_count=1)
        service.set_clock(scope, advance_s=3600)
        after = get_order(scope, order_id=placed["id"])

    assert (placed["status"], after["status"], after["cancel_reason"]) == ("scheduled", "cancelled", "out_of_stock")


def test_retries_that_wait_come_nearer_and_nothing_else(scope: Scope) -> None:
    due = now_us() + 7_200_000_000
    rows = {
        "dlv_waiting": {"attempts": 2}, "dlv_new": {"attempts": 0}, "dlv_sending": {"attempts": 2, "lease_id": "lea_1"},
        "dlv_held": {"attempts": 2, "state": "held"},
    }  # fmt: skip
    with unit_of_work(scope):
        service.reset(scope)
        event_id = service.trigger_event(scope, type="order.updated")
    with unit_of_work(scope):
        append(scope, Delivery, [
            {"id": id_, "event_id": event_id, "event_type": "order.updated", "endpoint_id": id_, "state": "pending",
             "due_at": due, "created_at": now_us(), **row}
            for id_, row in rows.items()
        ])  # fmt: skip
        service.set_clock(scope, advance_s=3600)
        found = session(scope).scalars(Delivery.owned_by(scope))
        shifts = {row.id: (due - to_us(row.due_at)) // 1_000_000 for row in found}

    assert shifts == {"dlv_waiting": 3600, "dlv_new": 0, "dlv_sending": 0, "dlv_held": 0}


def test_all_that_waits_for_the_clock_happens_in_order_at_its_own_instant(scope: Scope) -> None:
    with unit_of_work(scope):
        service.reset(scope)
        start, line = from_us(START_US), LineDraft(item_id="itm_margherita")
        for source, wanted in (("marketplace", None), ("website", start + timedelta(hours=3))):
            fulfillment = {"type": "pickup", "requested_at": wanted}
            draft = OrderDraft(source=source, location_id="loc_waw_01", lines=[line], fulfillment=fulfillment)
            place_order(scope, draft=draft)
        tonight = start + timedelta(hours=1)
        hold_tables(scope, location_id="loc_waw_01", start=tonight, party_size=2, table_ids=("tbl_waw_1",), ttl_s=600)
        book(scope, draft=ReservationDraft(
            source="phone", location_id="loc_waw_01", start=tonight, party=Party(adult=2), table_ids=("tbl_waw_2",),
            contact={"name": "Jane Doe"},
        ))  # fmt: skip
        set_item_availability(scope, item_id="itm_fries", available=False, until=start + timedelta(minutes=20))
        set_store_status(scope, location_id="loc_waw_01", status="paused", until=start + timedelta(minutes=30))
    before = len(recorded_events(scope))
    with unit_of_work(scope):
        service.set_clock(scope, advance_s=4 * 3600)
    happened = recorded_events(scope)[before:]

    assert [(event.type, (to_us(event.created_at) - START_US) // 60_000_000) for event in happened] == [
        ("reservation.hold_expired", 10), ("order.failed", 11), ("menu.item.available", 20), ("store.status.updated", 30),
        ("reservation.updated", 120), ("reservation.no_show", 120), ("order.updated", 160),
    ]  # fmt: skip
