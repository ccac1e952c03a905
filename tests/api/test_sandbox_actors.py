"""Playing the other side through sandbox control, with the events partners receive."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from accounts.keys.models import ApiKey
from domain.notifications.service import send_message
from domain.orders.service import request_cancellation
from domain.references.service import add_reference
from kit.unit import control_unit
from kit.unit import unit_of_work
from sandbox.clock import set_clock
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


def test_courier_brings_a_delivery_to_its_guest(shopper: Caller) -> None:
    address = {"line1": "Nowy Świat 1", "city": "Warszawa"}
    order = {**BURGER, "fulfillment": {"type": "delivery", "address": address}}
    order_id = shopper.post("/v1/orders", json=order).json["id"]
    shopper.post(f"/sandbox/v1/orders/{order_id}/kitchen/accept")
    path = f"/sandbox/v1/orders/{order_id}/courier"
    assert shopper.post(f"{path}/assigned").json["delivery"]["courier"]["name"] == "Rui Almeida"
    delivered = shopper.post(f"{path}/delivered")
    assert (delivered.json["status"], delivered.json["delivery"]["status"]) == ("completed", "delivered")
    assert shopper.post(f"{path}/assigned").json["delivery"]["status"] == "delivered"
    assert shopper.post(f"{path}/flying").status_code == 404
    assert events(shopper)[-1] == ("order.completed", "system")


@pytest.mark.parametrize(("action", "status"), [("deny_cancel", "accepted"), ("approve_cancel", "cancelled")])
def test_restaurant_answers_a_channels_cancellation(
    app: Flask, new_partner: Callable[..., Partner], action: str, status: str
) -> None:
    partner = new_partner()
    caller = Caller(app, partner.key)
    order_id = caller.post("/v1/orders", json={**BURGER, "source": "marketplace"}).json["id"]
    caller.post(f"/sandbox/v1/orders/{order_id}/kitchen/accept")
    with unit_of_work(partner.scope):
        set_clock(partner.scope, advance_s=120)
        asked = request_cancellation(partner.scope, order_id=order_id, reason="customer_request")
    assert (asked["status"], asked["cancellation_request"]["status"]) == ("accepted", "requested")
    answer = caller.post(f"/sandbox/v1/orders/{order_id}/kitchen/{action}")
    assert (answer.status_code, answer.json["status"]) == (200, status)


def test_guests_come_and_the_one_named_no_show_does_not(shopper: Caller) -> None:
    body = {"location_id": "loc_waw_01", "start_at": "2030-01-14T12:00:00Z", "party_size": 2}
    for name, statuses in (("Jane Doe", ["arrived", "seated", "completed"]), ("No Show", ["no_show"])):
        booked = shopper.post("/v1/reservations", json={**body, "customer": {"name": name}})
        assert (booked.status_code, booked.json["status"]) == (201, "confirmed"), booked.text
        path = f"/sandbox/v1/reservations/{booked.json['id']}/advance"
        assert [shopper.post(path).json["status"] for _ in statuses] == statuses


def test_ids_are_the_callers_products_own_first(app: Flask, new_partner: Callable[..., Partner]) -> None:
    partner = new_partner()
    key = partner.issue()
    order_id = placed(Caller(app, partner.key))
    with unit_of_work(partner.scope):
        add_reference(partner.scope, product="tablespot", noun="order", value="ord_456", object_id=order_id)
        add_reference(partner.scope, product="tabletrack", noun="order", value="ord_89421", object_id=order_id)
    with control_unit() as unit:
        unit.session.get(ApiKey, key.id).product = "pos"
    pos = Caller(app, key.text)

    named = pos.post("/sandbox/v1/orders/ord_456/kitchen/accept")
    assert (named.status_code, named.json["id"], named.json["status"]) == (200, order_id, "accepted")
    assert pos.post(f"/sandbox/v1/orders/{order_id}/advance").json["status"] == "preparing"
    # A name of another product means nothing here: this is the canonical order of that id.
    assert pos.post("/sandbox/v1/orders/ord_89421/advance").json["id"] == "ord_89421"
    assert Caller(app, partner.key).post("/sandbox/v1/orders/ord_456/advance").status_code == 404
    event_id = pos.post("/sandbox/v1/events/trigger", json={"type": "order.updated", "object_id": "ord_456"}).json["event_id"]
    assert Caller(app, partner.key).get(f"/v1/events/{event_id}").json["data"]["object"]["id"] == order_id


def test_guest_writes_a_review(shopper: Caller) -> None:
    written = shopper.post("/sandbox/v1/reviews/submit", json={"overall": 1, "order_id": "ord_89421", "comment": "Cold."})
    assert (written.status_code, written.json["status"]) == (201, "response_needed")
    assert [event for event in events(shopper) if event[0].startswith("review.")] == [
        ("review.submitted", "guest"), ("review.sentiment.updated", "guest"), ("review.response_needed", "guest"),
    ]  # fmt: skip


def test_outbox_shows_what_would_have_left(shopper: Caller, new_partner: Callable[..., Partner], app: Flask) -> None:
    partner = new_partner()
    with unit_of_work(partner.scope):
        for channel, to in (("email", "bounce@sandbox.invalid"), ("sms", "+15005550006")):
            send_message(partner.scope, channel=channel, to=to, body="Soup!", kind="receipt")
    rows = Caller(app, partner.key).get("/sandbox/v1/outbox?channel=email").json["data"]
    assert (rows[0]["channel"], rows[0]["recipient"], rows[0]["status"]) == ("email", "bounce@sandbox.invalid", "failed")
    assert {(row["recipient"], row["status"]) for row in rows[1:]} == {
        ("piotr@example.com", "sent"), ("hanako@example.jp", "sent"), ("anna.nowak@example.com", "sent"),
    }  # fmt: skip
    assert {row["campaign_id"] for row in shopper.get("/sandbox/v1/outbox").json["data"]} == {"cam_winter"}
