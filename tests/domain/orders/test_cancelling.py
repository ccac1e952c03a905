"""Cancelling on a real database: the channel's request, the restaurant's answer, and what its reasons entail."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from domain.locations.service import get_location
from domain.locations.service import set_store_status
from domain.menus.service import get_item
from domain.orders.service import change_order
from domain.orders.service import decide_cancellation
from domain.orders.service import get_order
from domain.orders.service import place_order
from domain.orders.service import request_cancellation
from kit.clock import to_us
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.scope import Actor
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.clock import freeze_clock
from tests.factories.orders import create_burger

NOON = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)


def _placed(scope: Scope, *, status: str = "accepted", **changes: object) -> dict:
    """A marketplace order placed at noon and moved on at once."""
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        draft = replace(create_burger(scope), **{"source": "marketplace", **changes})
        order = place_order(scope, draft=draft).document
        if status != "pending":
            order = change_order(scope, order_id=order["id"], status="accepted")
        return order if status in ("pending", "accepted") else change_order(scope, order_id=order["id"], status=status)


def _ask(scope: Scope, order: dict, *, after_s: int, reason: str = "customer_request") -> dict:
    with unit_of_work(replace(scope, actor=Actor("partner_app", "app_1"))) as unit:
        freeze_clock(unit.scope, NOON + timedelta(seconds=after_s))
        return request_cancellation(unit.scope, order_id=order["id"], reason=reason, reason_detail="Changed my mind")


@pytest.mark.parametrize(("status", "after_s"), [("pending", 600), ("accepted", 60), ("preparing", 60)])
def test_channel_cancels_at_once_before_and_shortly_after_acceptance(scope: Scope, status: str, after_s: int) -> None:
    order = _ask(scope, _placed(scope, status=status), after_s=after_s)
    assert (order["status"], order["cancel_reason"], order["cancellation_request"]) == ("cancelled", "customer_request", None)
    assert recorded_types(scope)[-1] == "order.cancelled"


def test_channel_only_asks_when_acceptance_is_over_a_minute_ago(scope: Scope) -> None:
    before = _placed(scope)
    order = _ask(scope, before, after_s=61)
    assert (order["status"], order["version"]) == ("accepted", before["version"] + 1)
    assert order["cancellation_request"] == {
        "status": "requested", "reason": "customer_request", "reason_detail": "Changed my mind",
        "actor_type": "partner_app", "actor_id": "app_1", "requested_at": to_us(NOON) + 61_000_000, "decided_at": None,
    }  # fmt: skip
    *_, event = recorded_events(scope)
    assert (event.type, event.body) == (
        "order.cancellation_requested", {"object": order, "previous": {"cancellation_request": None}},
    )  # fmt: skip


def test_order_that_no_channel_sold_is_cancelled_whenever_asked(scope: Scope) -> None:
    assert _ask(scope, _placed(scope, source="website"), after_s=3600)["status"] == "cancelled"


def test_order_a_channel_collected_for_is_a_channels_order(scope: Scope) -> None:
    order = _ask(scope, _placed(scope, source="api", collected_by="channel"), after_s=61)
    assert order["cancellation_request"]["status"] == "requested"


def test_asking_again_changes_nothing(scope: Scope) -> None:
    placed = _placed(scope)
    asked = _ask(scope, placed, after_s=61)
    assert _ask(scope, placed, after_s=90, reason="duplicate") == asked
    with unit_of_work(scope):
        cancelled = decide_cancellation(scope, order_id=placed["id"], approve=True)
    assert _ask(scope, placed, after_s=99) == cancelled
    assert recorded_types(scope)[-2:] == ["order.cancellation_requested", "order.cancelled"]


def test_approved_request_cancels_for_the_reason_asked(scope: Scope) -> None:
    placed = _placed(scope)
    asked = _ask(scope, placed, after_s=61)
    with unit_of_work(scope):
        order = decide_cancellation(scope, order_id=placed["id"], approve=True)
        assert decide_cancellation(scope, order_id=placed["id"], approve=True) == order
    *_, event = recorded_events(scope)
    assert (order["status"], order["cancel_reason"], order["reason_detail"]) == (
        "cancelled", "customer_request", "Changed my mind",
    )  # fmt: skip
    assert (order["cancellation_request"]["status"], order["cancellation_request"]["decided_at"]) == (
        "approved", to_us(NOON) + 61_000_000,
    )  # fmt: skip
    assert event.body["previous"] == {
        "status": "accepted", "cancel_reason": None, "reason_detail": None,
        "cancellation_request": asked["cancellation_request"],
    }  # fmt: skip


def test_denied_request_leaves_the_order_going(scope: Scope) -> None:
    placed = _placed(scope)
    asked = _ask(scope, placed, after_s=61)
    with unit_of_work(scope):
        order = decide_cancellation(scope, order_id=placed["id"], approve=False)
    *_, event = recorded_events(scope)
    assert (order["status"], order["cancellation_request"]["status"]) == ("accepted", "denied")
    assert (event.type, event.body["previous"]) == (
        "order.updated", {"cancellation_request": asked["cancellation_request"]},
    )  # fmt: skip
    with unit_of_work(scope), pytest.raises(InvalidTransition) as refused:
        decide_cancellation(scope, order_id=placed["id"], approve=True)
    assert refused.value.data == {"from": "denied", "to": "approved", "allowed": []}


def test_request_nobody_answered_is_denied_when_the_food_leaves(scope: Scope) -> None:
    placed = _placed(scope, status="ready")
    _ask(scope, placed, after_s=61)
    with unit_of_work(scope):
        order = change_order(scope, order_id=placed["id"], status="picked_up")
    assert (order["status"], order["cancellation_request"]["status"]) == ("picked_up", "denied")


def test_there_is_nothing_to_decide_without_a_request(scope: Scope) -> None:
    placed = _placed(scope)
    with unit_of_work(scope), pytest.raises(InvalidTransition):
        decide_cancellation(scope, order_id=placed["id"], approve=False)


def test_request_is_refused_for_an_order_that_left_or_an_unknown_reason(scope: Scope) -> None:
    placed = _placed(scope, status="completed")
    with pytest.raises(InvalidTransition):
        _ask(scope, placed, after_s=1)
    with pytest.raises(Invalid):
        _ask(scope, _placed(scope), after_s=1, reason="mood")


def test_one_of_two_contrary_answers_wins(scope: Scope) -> None:
    placed = _placed(scope)
    _ask(scope, placed, after_s=61)
    results = at_once(
        scope, 2, lambda index: decide_cancellation(scope, order_id=placed["id"], approve=index == 0)["status"]
    )
    assert results in (["cancelled", "invalid_transition"], ["invalid_transition", "accepted"])


@pytest.mark.parametrize(("reason", "pause_s"), [("store_closed", 43_200), ("kitchen_busy", 900)])
def test_restaurants_reason_pauses_the_store(scope: Scope, reason: str, pause_s: int) -> None:
    placed = _placed(scope, source="website")
    with unit_of_work(scope):
        change_order(scope, order_id=placed["id"], status="cancelled", reason=reason)
        status = get_location(scope, location_id=placed["location_id"])["status"]
    assert (status["status"], status["until"], status["reason"]) == (
        "paused", to_us(NOON) + pause_s * 1_000_000, reason,
    )  # fmt: skip
    assert recorded_types(scope)[-2:] == ["order.cancelled", "store.status.updated"]


@pytest.mark.parametrize(
    "known", [{"status": "offline"}, {"status": "paused"}, {"status": "paused", "until": NOON + timedelta(hours=1)}],
    ids=["offline", "paused", "paused for longer"],
)  # fmt: skip
def test_busy_kitchen_shortens_no_pause(scope: Scope, known: dict) -> None:
    placed = _placed(scope, source="website")
    with unit_of_work(scope):
        before = set_store_status(scope, location_id=placed["location_id"], **known)["status"]
        change_order(scope, order_id=placed["id"], status="cancelled", reason="kitchen_busy")
        assert get_location(scope, location_id=placed["location_id"])["status"] == before


def test_out_of_stock_takes_the_named_items_off_sale(scope: Scope) -> None:
    placed = _placed(scope, source="website")
    item_id = placed["lines"][0]["item_id"]
    with unit_of_work(scope):
        change_order(
            scope, order_id=placed["id"], status="cancelled", reason="out_of_stock", item_ids=[item_id, item_id]
        )
        item = get_item(scope, item_id=item_id)
    assert (item["available"], item["unavailable_reason"]) == (False, "manual_86")
    assert recorded_types(scope)[-2:] == ["order.cancelled", "menu.item.unavailable"]


@pytest.mark.parametrize(
    ("reason", "item_id"), [("out_of_stock", "itm_none"), ("other", None)], ids=["not on the order", "other reason"]
)
def test_items_go_with_out_of_stock_and_the_order(scope: Scope, reason: str, item_id: str | None) -> None:
    placed = _placed(scope, source="website")
    wanted = [item_id or placed["lines"][0]["item_id"]]
    with pytest.raises(Invalid) as refused, unit_of_work(scope):
        change_order(scope, order_id=placed["id"], status="cancelled", reason=reason, item_ids=wanted)
    assert [error.field for error in refused.value.errors] == ["item_ids[0]"]
    with unit_of_work(scope):
        assert get_order(scope, order_id=placed["id"])["status"] == "accepted"
