"""Playing the other side through sandbox control, with the events partners receive."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.api.partners import Partner


@pytest.fixture
def shopper(app: Flask, new_partner: Callable[..., Partner]) -> Caller:
    return Caller(app, new_partner().key)


def placed(caller: Caller) -> str:
    return str(caller.post("/v1/orders", json=BURGER).json["id"])


def events(caller: Caller, after: int = 0) -> list[tuple[str, str]]:
    rows = caller.get(f"/v1/events?after_sequence={after}&limit=100").json["data"]
    return [(row["type"], row["actor"]["type"]) for row in rows]


def test_kitchen_accepts_and_finishes_an_order(shopper: Caller) -> None:
    order_id = placed(shopper)
    accepted = shopper.post(f"/sandbox/v1/orders/{order_id}/kitchen/accept")
    ready = shopper.post(f"/sandbox/v1/orders/{order_id}/kitchen/ready")

    assert [(answer.status_code, answer.json["status"]) for answer in (accepted, ready)] == [(200, "accepted"), (200, "ready")]
    assert events(shopper) == [("order.created", "api_key"), ("order.accepted", "staff"), ("order.ready", "staff")]


@pytest.mark.parametrize(("action", "status"), [("reject", "rejected"), ("cancel", "cancelled")])
def test_kitchen_turns_an_order_down_with_a_reason(shopper: Caller, action: str, status: str) -> None:
    order_id = placed(shopper)
    answer = shopper.post(f"/sandbox/v1/orders/{order_id}/kitchen/{action}", json={"reason": "out_of_stock"})
    assert (answer.status_code, answer.json["status"]) == (200, status)
    assert events(shopper)[-1] == (f"order.{status}", "staff")


def test_kitchen_when_the_order_is_over_is_refused(shopper: Caller) -> None:
    order_id = placed(shopper)
    shopper.post(f"/sandbox/v1/orders/{order_id}/advance", json={"to": "completed"})
    answer = shopper.post(f"/sandbox/v1/orders/{order_id}/kitchen/accept")
    assert (answer.status_code, answer.json["code"]) == (409, "invalid_transition")


def test_advance_goes_one_step_or_all_the_way_with_every_event(shopper: Caller) -> None:
    order_id = placed(shopper)
    assert shopper.post(f"/sandbox/v1/orders/{order_id}/advance").json["status"] == "accepted"
    assert shopper.post(f"/sandbox/v1/orders/{order_id}/advance", json={"to": "completed"}).json["status"] == "completed"
    assert [name for name, _ in events(shopper)] == [
        "order.created", "order.accepted", "order.preparing", "order.ready", "order.picked_up", "order.completed",
    ]  # fmt: skip
    again = shopper.post(f"/sandbox/v1/orders/{order_id}/advance")
    assert (again.status_code, again.json["code"]) == (409, "invalid_transition")


def test_store_goes_on_pause_and_refuses_orders(shopper: Caller) -> None:
    answer = shopper.post("/sandbox/v1/stores/loc_waw_01/status", json={"status": "paused", "reason": "Too busy"})
    assert (answer.status_code, answer.json["status"]["status"]) == (200, "paused")
    assert shopper.post("/v1/orders", json=BURGER).json["code"] == "store_unavailable"
    assert events(shopper) == [("store.status.updated", "staff")]


def test_item_is_86ed_and_comes_back(shopper: Caller) -> None:
    path = "/sandbox/v1/menu-items/itm_bacon_cheeseburger/86"
    off = shopper.post(path)
    assert (off.status_code, off.json["available"]) == (200, False)
    assert shopper.post("/v1/orders", json=BURGER).json["code"] == "item_unavailable"
    assert shopper.post(path, json={"available": True}).json["available"] is True
    assert [name for name, _ in events(shopper)] == ["menu.item.unavailable", "menu.item.available"]


@pytest.mark.parametrize(
    ("body", "status", "event"),
    [
        (None, "confirmed", "payment.confirmed"),
        ({"decline_code": "authentication_failed"}, "failed", "payment.failed"),
    ],
)
def test_payer_settles_a_pending_payment(shopper: Caller, body: Any, status: str, event: str) -> None:
    payment = shopper.post("/v1/payments", json={"order_id": placed(shopper), "method": "card", "source": "tok_3ds"}).json
    assert payment["status"] == "created"
    path = f"/sandbox/v1/payments/{payment['id']}/settle"
    settled = shopper.post(path, **({"json": body} if body else {}))
    assert (settled.status_code, settled.json["status"]) == (200, status)
    assert event in [name for name, _ in events(shopper)]
    assert shopper.post(path).json["code"] == "invalid_transition"


def test_stream_of_orders_is_started_listed_and_stopped(shopper: Caller) -> None:
    started = shopper.post("/sandbox/v1/traffic", json={"orders_per_min": 60, "duration_s": 1800})
    assert (started.status_code, started.json["orders_per_min"], started.json["placed"]) == (202, 60, 0)
    assert [run["id"] for run in shopper.get("/sandbox/v1/traffic").json["data"]] == [started.json["id"]]
    assert shopper.send("DELETE", f"/sandbox/v1/traffic/{started.json['id']}").status_code == 204
    assert shopper.get("/sandbox/v1/traffic").json["data"] == []


@pytest.mark.parametrize("body", [{"orders_per_min": 61, "duration_s": 60}, {"orders_per_min": 1, "duration_s": 1801}])
def test_stream_beyond_the_limits_is_refused(shopper: Caller, body: dict[str, int]) -> None:
    assert shopper.post("/sandbox/v1/traffic", json=body).status_code == 422
