"""Streams of orders: how many, when, and what becomes of them."""

import pytest

from domain.orders.service import list_orders
from domain.timers.service import next_due
from kit.clock import now_us
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import service
from sandbox import traffic
from sandbox.traffic import orders_due

SECOND_US = 1_000_000
ORDERS_OF_THE_WORLD = 8


@pytest.mark.parametrize(
    ("after_s", "attempted", "due"),
    [(0, 0, 0), (0.001, 0, 1), (1.999, 1, 1), (2.001, 1, 2), (59.5, 0, 20), (60, 55, 5), (600, 55, 5), (600, 60, 0)],
)
def test_orders_due_follows_the_clock_and_ends_with_the_run(after_s: float, attempted: int, due: int) -> None:
    run = {"starts_at": 0, "ends_at": 60 * SECOND_US, "per_minute": 60, "attempted": attempted}
    assert orders_due(run, at_us=int(after_s * SECOND_US)) == due


def test_stream_places_orders_and_the_kitchen_finishes_them(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work(scope):
        service.reset(scope)
        run = traffic.start_traffic(scope, per_minute=30, duration_s=10)
        assert next_due(scope, until_us=now_us() + SECOND_US, on_tenants_clock=False).kind == "sandbox.traffic"
    at = run["starts_at"]
    for turn in range(12):
        monkeypatch.setattr(traffic, "now_us", lambda turn=turn: at + (turn + 1) * 2 * SECOND_US)
        with unit_of_work(scope):
            traffic.go_on(scope, run["id"])
    with unit_of_work(scope, writes=False):
        shown = traffic.list_traffic(scope)[0]
        orders = list_orders(scope, limit=100)

    assert (shown["attempted"], shown["placed"], shown["refused"], shown["open_order_ids"]) == (5, 5, 0, [])
    made = [order for order in orders if order["metadata"] == {"made_by": "sandbox_traffic"}]
    assert len(made) == 5
    assert len(orders) == ORDERS_OF_THE_WORLD + 5
    assert {order["status"] for order in made} == {"completed"}


def test_stream_when_stopped_or_reset_places_nothing_more(scope: Scope) -> None:
    with unit_of_work(scope):
        service.reset(scope)
        first, second = (traffic.start_traffic(scope, per_minute=60, duration_s=60) for _ in range(2))
        traffic.stop_traffic(scope, run_id=first["id"])
        with pytest.raises(NotFound):
            traffic.stop_traffic(scope, run_id=first["id"])
    with unit_of_work(scope):
        service.reset(scope)
        for run in (first, second):
            traffic.go_on(scope, run["id"])
        assert traffic.list_traffic(scope) == []
        assert len(list_orders(scope, limit=100)) == ORDERS_OF_THE_WORLD


def test_stream_in_a_world_without_a_menu_is_refused(scope: Scope) -> None:
    with unit_of_work(scope), pytest.raises(NotFound):
        traffic.start_traffic(scope, per_minute=1, duration_s=1)


def test_streams_end_at_three(scope: Scope) -> None:
    with unit_of_work(scope):
        service.reset(scope)
        for _ in range(3):
            traffic.start_traffic(scope, per_minute=1, duration_s=60)
        with pytest.raises(Invalid):
            traffic.start_traffic(scope, per_minute=1, duration_s=60)
