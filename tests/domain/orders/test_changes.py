"""Changing orders and listing them on a real database."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from domain.menus.service import get_item
from domain.orders.service import LineDraft
from domain.orders.service import change_order
from domain.orders.service import get_order
from domain.orders.service import list_orders
from domain.orders.service import order_history
from domain.orders.service import place_order
from kit.clock import to_us
from kit.errors import Conflict
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location
from tests.factories.locations import create_table
from tests.factories.menus import create_item
from tests.factories.orders import build_draft
from tests.factories.orders import create_order

NOON = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)


def test_move_records_the_status_reached_with_what_it_was(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope), status="accepted")
    with unit_of_work(scope):
        order = change_order(scope, order_id=order_id, status="ready")
    (event,) = recorded_events(scope)
    assert (event.type, event.body["previous"], event.body["object"]) == ("order.ready", {"status": "accepted"}, order)
    assert (order["status"], order["version"]) == ("ready", 2)
    assert [entry["status"] for entry in order["status_history"]] == ["accepted", "ready"]


def test_same_status_changes_nothing(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope), status="cancelled")
    with unit_of_work(scope):
        before = get_order(scope, order_id=order_id)
        after = change_order(scope, order_id=order_id, status="cancelled", notes=None, metadata={})
    assert after == before
    assert recorded_types(scope) == []


def test_illegal_move_is_refused_and_changes_nothing(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope), status="completed")
        before = get_order(scope, order_id=order_id)
    with pytest.raises(InvalidTransition) as refused, unit_of_work(scope):
        change_order(scope, order_id=order_id, status="ready", notes="late")
    with unit_of_work(scope):
        assert get_order(scope, order_id=order_id) == before
    assert refused.value.data == {"from": "completed", "to": "ready", "allowed": []}
    assert recorded_types(scope) == []


@pytest.mark.parametrize(("status", "field"), [("rejected", "reject_reason"), ("cancelled", "cancel_reason")])
@pytest.mark.parametrize("reason", [None, "bored"], ids=["no reason", "unknown reason"])
def test_rejecting_and_cancelling_need_a_known_reason(scope: Scope, status: str, field: str, reason: str | None):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
        with pytest.raises(Invalid) as refused:
            change_order(scope, order_id=order_id, status=status, reason=reason)
    assert [error.field for error in refused.value.errors] == [field]


def test_cancelling_tells_who_and_why(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
    with unit_of_work(scope):
        order = change_order(
            scope, order_id=order_id, status="cancelled", reason="out_of_stock", reason_detail="No buns"
        )
    (event,) = recorded_events(scope)
    assert (event.type, event.body["previous"]) == (
        "order.cancelled", {"status": "pending", "cancel_reason": None, "reason_detail": None},
    )  # fmt: skip
    assert (order["cancel_reason"], order["reason_detail"]) == ("out_of_stock", "No buns")
    assert order["status_history"][-1]["reason"] == "out_of_stock"


def test_other_fields_record_order_updated_with_old_values_only(scope: Scope):
    with unit_of_work(scope):
        location_id = create_location(scope)
        table_id = create_table(scope, location_id=location_id)
        order_id = create_order(scope, location_id=location_id, notes="old")
        fulfillment = get_order(scope, order_id=order_id)["fulfillment"]
    with unit_of_work(scope):
        order = change_order(
            scope, order_id=order_id, notes="new", metadata={"bag": "7"}, table_id=table_id, promised_at=NOON
        )
    (event,) = recorded_events(scope)
    assert event.type == "order.updated"
    assert event.body["previous"] == {"notes": "old", "metadata": {}, "table_id": None, "fulfillment": fulfillment}
    assert order["fulfillment"] == fulfillment | {"promised_at": to_us(NOON)}
    assert (order["metadata"], order["notes"], order["version"]) == ({"bag": "7"}, "new", 2)


def test_move_together_with_fields_records_both_in_one_change(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
    with unit_of_work(scope):
        order = change_order(scope, order_id=order_id, status="accepted", notes="Go")
    updated, accepted = recorded_events(scope)
    assert (updated.type, updated.body["previous"]) == ("order.updated", {"notes": None})
    assert (accepted.type, accepted.body["previous"]) == ("order.accepted", {"status": "pending"})
    assert (accepted.body["object"], order["version"]) == (order, 2)


def test_change_with_an_old_version_is_a_conflict(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
        change_order(scope, order_id=order_id, expected_version=1, notes="first")
        with pytest.raises(Conflict) as refused:
            change_order(scope, order_id=order_id, expected_version=1, notes="second")
    assert (refused.value.code, refused.value.data) == ("version_conflict", {"current_version": 2})


def test_change_of_an_unknown_order_is_not_found_and_to_an_unknown_table_invalid(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
        with pytest.raises(NotFound):
            change_order(scope, order_id="ord_none", notes="x")
        with pytest.raises(Invalid) as refused:
            change_order(scope, order_id=order_id, table_id="tbl_none")
    assert [(error.field, error.code) for error in refused.value.errors] == [("table_id", "resource_not_found")]


def test_history_never_runs_backwards_when_the_clock_is_set_back(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        order_id = create_order(scope, location_id=create_location(scope))
        freeze_clock(scope, NOON - timedelta(hours=1))
        change_order(scope, order_id=order_id, status="accepted")
        history = order_history(scope, order_id=order_id)
    assert [(entry["status"], entry["at"]) for entry in history] == [
        ("pending", to_us(NOON)),
        ("accepted", to_us(NOON)),
    ]


@pytest.mark.parametrize("status", ["rejected", "cancelled", "failed"])
def test_stock_comes_back_when_the_order_is(scope: Scope, status: str):
    with unit_of_work(scope):
        location_id, item_id = create_location(scope), create_item(scope, stock_count=2)
    with unit_of_work(scope):
        draft = build_draft(location_id, LineDraft(item_id=item_id), LineDraft(item_id=item_id))
        order_id = place_order(scope, draft=draft).document["id"]
    with unit_of_work(scope):
        change_order(scope, order_id=order_id, status=status, reason="other")
    with unit_of_work(scope):
        item = get_item(scope, item_id=item_id)
    assert (item["stock_count"], item["available"]) == (2, True)
    assert recorded_types(scope) == ["order.created", "menu.item.unavailable", f"order.{status}", "menu.item.available"]


def test_scheduled_order_takes_its_stock_when_it_starts(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        location_id, item_id = create_location(scope), create_item(scope, stock_count=1)
        wanted = {"type": "pickup", "requested_at": NOON + timedelta(hours=2)}
        draft = replace(build_draft(location_id, LineDraft(item_id=item_id)), fulfillment=wanted)
        first, second = [place_order(scope, draft=draft).document["id"] for _ in range(2)]
        assert get_item(scope, item_id=item_id)["stock_count"] == 1
    with unit_of_work(scope):
        started = change_order(scope, order_id=first, status="pending")
    with pytest.raises(PlatformError) as refused, unit_of_work(scope):
        change_order(scope, order_id=second, status="pending")
    with unit_of_work(scope):
        change_order(scope, order_id=second, status="cancelled", reason="customer_request")
        assert get_item(scope, item_id=item_id)["stock_count"] == 0
    assert (started["status"], refused.value.code) == ("pending", "item_unavailable")
    assert recorded_types(scope)[2:] == ["order.updated", "menu.item.unavailable", "order.cancelled"]


def test_list_orders_pages_through_every_order_once(scope: Scope):
    with unit_of_work(scope):
        location_id = create_location(scope)
        ids = [
            create_order(scope, location_id=location_id, number=number, created_at=to_us(NOON) + number // 2)
            for number in range(7)
        ]  # fmt: skip
        for sort, expected in (("-created_at", sorted(ids, reverse=True)), ("created_at", sorted(ids))):
            seen, after = [], None
            while True:
                page = list_orders(scope, limit=2, after=after, sort=sort)
                seen += [order["id"] for order in page[:2]]
                if len(page) <= 2:
                    break
                after = [page[1]["created_at"], page[1]["id"]]
            assert seen == expected


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({"status": ("pending", "ready")}, [1, 2]),
        ({"source": "kiosk"}, [3]),
        ({"payment_status": "paid"}, [2]),
        ({"external_id": "x-3"}, [3]),
        ({"reservation_id": "res_1"}, [1]),
        ({"created_from_us": to_us(NOON) + 2}, [2, 3]),
        ({"created_to_us": to_us(NOON) + 2}, [1]),
        ({"updated_since_us": to_us(NOON) + 3, "sort": "updated_at"}, [3]),
        ({"status": ("failed",), "source": "website"}, []),
    ],
    ids=["status", "source", "payment status", "external id", "reservation", "from", "to", "updated", "none"],
)
def test_list_orders_filters_by(scope: Scope, filters: dict, numbers: list[int]):
    rows = [
        {"number": 1, "status": "pending", "reservation_id": "res_1"},
        {"number": 2, "status": "ready", "payment_status": "paid"},
        {"number": 3, "status": "failed", "source": "kiosk", "external_id": "x-3"},
    ]
    with unit_of_work(scope):
        location_id = create_location(scope)
        for row in rows:
            at = to_us(NOON) + row["number"]
            create_order(scope, location_id=location_id, created_at=at, updated_at=at, **row)
        found = list_orders(scope, limit=10, location_id=location_id, **filters)
        assert list_orders(scope, limit=10, location_id="loc_other", **filters) == []
    assert sorted(order["number"] for order in found) == numbers
