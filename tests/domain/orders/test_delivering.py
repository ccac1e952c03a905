"""The delivery of an order on a real database: it goes one way and takes the order with it."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.orders.delivering import STATUSES
from domain.orders.service import DeliveryUpdate
from domain.orders.service import change_order
from domain.orders.service import get_order
from domain.orders.service import place_order
from domain.orders.service import update_delivery
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.orders import create_burger

HOME = {"type": "delivery", "address": {"line1": "ul. Chmielna 20", "city": "Warszawa"}}
COURIER = {"name": "Ola", "phone": "+48600100200", "vehicle": "bicycle", "lat": 52.2, "lng": 21.0}


def _placed(scope: Scope, *moves: str) -> dict:
    with unit_of_work(scope):
        order = place_order(scope, draft=replace(create_burger(scope), fulfillment=HOME)).document
        for status in moves:
            order = change_order(scope, order_id=order["id"], status=status)
        return order


def _update(scope: Scope, order: dict, **changes: object) -> DeliveryUpdate:
    with unit_of_work(scope):
        return update_delivery(scope, order_id=order["id"], **changes)


def test_first_update_opens_the_delivery_and_is_told(scope: Scope) -> None:
    placed = _placed(scope)
    update = _update(scope, placed, courier=COURIER, eta_at=1_768_222_800_000_000)
    order = update.document
    *_, event = recorded_events(scope)
    assert not update.is_ignored
    assert order["delivery"] == {
        "status": "requested", "courier": COURIER, "eta_at": 1_768_222_800_000_000,
        "history": [{"status": "requested", "at": order["updated_at"]}],
    }  # fmt: skip
    assert (event.type, event.body) == ("order.delivery.updated", {"object": order, "previous": {"delivery": None}})
    assert (order["status"], order["version"]) == ("pending", placed["version"] + 1)


def test_courier_on_the_way_has_picked_the_order_up(scope: Scope) -> None:
    placed = _placed(scope, "accepted")
    order = _update(scope, placed, status="en_route_to_customer").document
    assert (order["status"], order["delivery"]["status"]) == ("picked_up", "en_route_to_customer")
    assert [entry["status"] for entry in order["status_history"]] == ["pending", "accepted", "ready", "picked_up"]
    assert recorded_types(scope)[2:] == ["order.delivery.updated", "order.picked_up"]
    order = _update(scope, placed, status="delivered").document
    assert order["status"] == "completed"
    assert recorded_types(scope)[4:] == ["order.delivery.updated", "order.completed"]


def test_late_update_is_ignored(scope: Scope) -> None:
    placed = _placed(scope, "accepted")
    before = _update(scope, placed, status="arrived_at_store").document
    late = _update(scope, placed, status="assigned", courier=COURIER)
    assert late == DeliveryUpdate(before, True)
    same = _update(scope, placed, status="arrived_at_store")
    assert same == DeliveryUpdate(before, False)
    assert recorded_types(scope)[2:] == ["order.delivery.updated"]


@pytest.mark.parametrize("end", ["delivered", "cancelled"])
def test_nothing_comes_after_the_end(scope: Scope, end: str) -> None:
    placed = _placed(scope, "accepted")
    before = _update(scope, placed, status=end).document
    for status in set(STATUSES) - {end}:
        assert _update(scope, placed, status=status) == DeliveryUpdate(before, True)


def test_delivery_that_is_called_off_leaves_the_order(scope: Scope) -> None:
    placed = _placed(scope, "accepted")
    assert _update(scope, placed, status="cancelled").document["status"] == "accepted"


@pytest.mark.parametrize("status", ["picked_up", "en_route_to_customer", "delivered"])
def test_food_cannot_leave_before_the_order_is_accepted(scope: Scope, status: str) -> None:
    placed = _placed(scope)
    with pytest.raises(InvalidTransition) as refused:
        _update(scope, placed, status=status)
    assert refused.value.data["from"] == "pending"
    with unit_of_work(scope):
        assert get_order(scope, order_id=placed["id"]) == placed


def test_update_of_an_order_called_off_or_not_delivered_is_refused(scope: Scope) -> None:
    placed = _placed(scope)
    with unit_of_work(scope):
        change_order(scope, order_id=placed["id"], status="cancelled", reason="other")
        pickup = place_order(scope, draft=create_burger(scope)).document
    with pytest.raises(InvalidTransition):
        _update(scope, placed, status="assigned")
    for refused, changes in ((pickup, {"status": "assigned"}), (placed, {"status": "lost"})):
        with pytest.raises(Invalid):
            _update(scope, refused, **changes)
    with pytest.raises(NotFound):
        _update(scope, {"id": "ord_none"}, status="assigned")


def test_updates_at_once_end_at_the_furthest(scope: Scope) -> None:
    placed, wanted = _placed(scope, "accepted"), ["assigned", "arrived_at_store", "delivered", "en_route_to_store"]
    at_once(scope, 4, lambda index: update_delivery(scope, order_id=placed["id"], status=wanted[index]).is_ignored)
    with unit_of_work(scope):
        order = get_order(scope, order_id=placed["id"])
    assert (order["status"], order["delivery"]["status"]) == ("completed", "delivered")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STATUSES), min_size=1, max_size=8))
def test_history_of_a_delivery_only_goes_forward(new_scope: object, steps: list[str]) -> None:
    scope = new_scope()
    placed = _placed(scope, "accepted")
    for status in steps:
        try:
            _update(scope, placed, status=status)
        except PlatformError as refused:
            raise AssertionError from refused
    with unit_of_work(scope):
        delivery = get_order(scope, order_id=placed["id"])["delivery"]
    ranks = [STATUSES.index(entry["status"]) for entry in delivery["history"]]
    assert ranks == sorted(set(ranks))
    assert delivery["history"][-1]["status"] == delivery["status"]
