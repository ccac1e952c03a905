"""Scenarios: what each does in a tenant, and that each may be played again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from accounts.webhooks.queries import list_events
from domain.bookings.service import get_reservation
from domain.guests.service import get_guest
from domain.menus.service import get_item
from domain.orders.service import get_order
from domain.orders.service import list_orders
from domain.payments.service import get_payment
from domain.payments.service import get_refund
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import service
from sandbox.clock import set_clock
from sandbox.scenarios.nights import clock_changes
from sandbox.scenarios.service import SCENARIOS
from sandbox.scenarios.service import run_scenario


@pytest.fixture
def world(scope: Scope) -> Scope:
    with unit_of_work(scope):
        service.reset(scope)
    return scope


def read(scope: Scope, kind: Callable[..., Document], name: str, ids: list[str]) -> list[Document]:
    with unit_of_work(scope, writes=False):
        return [kind(scope, **{name: object_id}) for object_id in ids]


def events(scope: Scope) -> list[Document]:
    with unit_of_work(scope, writes=False):
        return list_events(scope, after_sequence=0, limit=500)


def test_all_eight_are_there() -> None:
    assert set(SCENARIOS) == {
        "friday_rush", "no_show_evening", "eighty_six_storm", "webhook_outage", "refund_day", "merge_duplicates", "dst_night",
        "double_booking_race",
    }  # fmt: skip


def test_friday_rush_leaves_orders_in_every_state_with_their_events(world: Scope) -> None:
    done = run_scenario(world, name="friday_rush")
    orders = read(world, get_order, "order_id", done["ids"]["orders"])
    payments = read(world, get_payment, "payment_id", done["ids"]["payments"])
    recorded = events(world)

    assert done["counts"] == {
        "orders_placed": 24, "orders_rejected": 3, "orders_completed": 6, "orders_ready": 6, "orders_preparing": 6,
        "orders_accepted": 3, "payments_taken": 6,
    }  # fmt: skip
    assert {(order["status"], order["payment_status"]) for order in orders} == {
        ("rejected", "unpaid"), ("completed", "paid"), ("ready", "unpaid"), ("preparing", "unpaid"), ("accepted", "unpaid"),
    }  # fmt: skip
    assert {payment["status"] for payment in payments} == {"confirmed"}
    assert sum(event["type"] == "order.created" for event in recorded) == 24
    assert {(event["actor_id"], event["application_id"]) for event in recorded} == {
        ("simulated_guest", None), ("simulated_kitchen", None),
    }  # fmt: skip


def test_no_show_evening_tells_who_came(world: Scope) -> None:
    done = run_scenario(world, name="no_show_evening")
    visits = read(world, get_reservation, "reservation_id", done["ids"]["reservations"])

    assert done["counts"] == {"reservations_booked": 8, "reservations_completed": 5, "reservations_no_show": 3}
    assert {(one["status"], one["contact"]["name"] == "No Show") for one in visits} == {("completed", False), ("no_show", True)}
    assert {one["local_date"] for one in visits} == {"2026-01-12"}
    assert sum(event["type"] == "reservation.no_show" for event in events(world)) == 3


def test_eighty_six_storm_refuses_orders_and_puts_half_back(world: Scope) -> None:
    done = run_scenario(world, name="eighty_six_storm")
    items = read(world, get_item, "item_id", done["ids"]["menu_items"])

    assert done["counts"] == {"items_taken_off": 4, "items_put_back": 2, "refused_item_unavailable": 4}
    assert sorted(item["available"] for item in items) == [False, False, True, True]
    with unit_of_work(world):
        set_clock(world, advance_s=1801)
    assert {item["available"] for item in read(world, get_item, "item_id", done["ids"]["menu_items"])} == {True}


def test_webhook_outage_makes_events_of_finished_orders(world: Scope) -> None:
    done = run_scenario(replace(world, application_id=None), name="webhook_outage")
    types = [event["type"] for event in events(world)]

    assert done["counts"] == {"orders_placed": 5, "orders_completed": 5, "payments_taken": 5}
    assert [types.count(name) for name in ("order.created", "payment.confirmed", "order.completed")] == [5, 5, 5]


def test_refund_day_shows_every_fate_of_a_refund(world: Scope) -> None:
    done = run_scenario(world, name="refund_day")
    payments = read(world, get_payment, "payment_id", done["ids"]["payments"])
    refunds = read(world, get_refund, "refund_id", done["ids"]["refunds"])

    assert done["counts"] == {
        "orders_placed": 6, "payments_taken": 6, "refunds_succeeded": 4, "refunds_failed": 1, "refused_refund_exceeds_paid": 1,
    }  # fmt: skip
    assert [payment["status"] for payment in payments] == [
        "refunded", "refunded", "partially_refunded", "partially_refunded", "confirmed", "confirmed",
    ]  # fmt: skip
    assert [(refund["status"], refund["amount_minor"]) for refund in refunds[2:]] == [
        ("succeeded", 1000), ("succeeded", 1500), ("failed", 4009),
    ]  # fmt: skip


def test_merge_duplicates_leaves_one_guest_of_each_pair_with_everything(world: Scope) -> None:
    done = run_scenario(world, name="merge_duplicates")
    victors, victims = done["ids"]["customers"][::2], done["ids"]["customers"][1::2]

    assert (done["counts"]["merges_done"], done["counts"]["moved_orders"], done["counts"]["moved_reviews"]) == (3, 6, 3)
    for victor, victim in zip(read(world, get_guest, "guest_id", victors), victims, strict=True):
        assert victor["merged_customer_ids"] == [victim]
        with unit_of_work(world, writes=False):
            assert len(list_orders(world, limit=9, after=None, customer_id=victor["id"])) == 3
            with pytest.raises(NotFound):
                get_guest(world, guest_id=victim)
    assert sum(event["type"] == "customer.merged" for event in events(world)) == 3


def test_dst_night_keeps_durations_and_refuses_the_hour_that_is_not_there(world: Scope) -> None:
    done = run_scenario(world, name="dst_night")
    visits = read(world, get_reservation, "reservation_id", done["ids"]["reservations"])
    orders = read(world, get_order, "order_id", done["ids"]["orders"])

    assert done["counts"] == {"orders_placed": 2, "reservations_booked": 2, "refused_nonexistent_local_time": 1}
    assert [(one["local_date"], one["end_at"] - one["start_at"]) for one in visits] == [
        ("2026-03-29", 7_200_000_000), ("2026-10-25", 7_200_000_000),
    ]  # fmt: skip
    assert [order["status"] for order in orders] == ["scheduled", "scheduled"]
    assert done["steps"][0] == "On 2026-03-29 the clocks go forward by 1:00:00 at 01:00 UTC."


def test_clock_changes_are_found_to_the_minute() -> None:
    assert clock_changes(ZoneInfo("America/Phoenix"), datetime(2026, 1, 12, tzinfo=UTC)) == []
    assert clock_changes(ZoneInfo("Australia/Adelaide"), datetime(2026, 1, 12, 7, 31, tzinfo=UTC)) == [
        datetime(2026, 4, 4, 16, 30, tzinfo=UTC), datetime(2026, 10, 3, 16, 30, tzinfo=UTC),
    ]  # fmt: skip


def test_double_booking_race_has_one_winner(world: Scope) -> None:
    done = run_scenario(world, name="double_booking_race")
    [winner] = read(world, get_reservation, "reservation_id", done["ids"]["reservations"])

    assert done["counts"] == {"reservations_booked": 1, "refused_table_unavailable": 5}
    assert (winner["table_ids"], winner["status"]) == (done["ids"]["tables"], "confirmed")
    assert [event["type"] for event in events(world)] == ["reservation.created"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_can_be_played_again(world: Scope, name: str) -> None:
    alone = replace(world, application_id=None)  # of no application, so without endpoints
    first, second = run_scenario(alone, name=name), run_scenario(alone, name=name)

    assert first["counts"].keys() <= second["counts"].keys() | {"reservations_booked"}
    kinds = first["ids"].keys() - {"menu_items", "tables", "webhook_endpoints"}
    assert not any(set(first["ids"][kind]) & set(second["ids"].get(kind, ())) for kind in kinds)


def test_unknown_scenario_place_and_empty_sandbox_are_not_found(scope: Scope, new_scope: Callable[..., Scope]) -> None:
    with unit_of_work(scope):
        service.reset(scope)
    with pytest.raises(NotFound, match="there are friday_rush"):
        run_scenario(scope, name="monday_lull")
    with pytest.raises(NotFound):
        run_scenario(scope, name="friday_rush", location_id="loc_elsewhere")
    with pytest.raises(NotFound, match="reset it"):
        run_scenario(new_scope(), name="friday_rush")
