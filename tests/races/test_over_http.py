"""Twenty requests at the same moment against the whole application: exactly as many succeed as there is room for."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from datetime import datetime
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from domain.campaigns.promo_codes import create_promo_code
from kit.ids import new_id
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.domain.recorded import recorded_events
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location
from tests.factories.locations import create_table
from tests.factories.menus import create_item

MANY = 20
NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
EVENING = "2026-01-12T18:00:00Z"
TRIES, PAUSE_S = 20, 0.05  # of a request whose key is busy


@pytest.fixture(scope="module")
def shop(app: Flask) -> Partner:
    shop = sandbox_partner(plan_tier="enterprise", profile="empty")
    with unit_of_work(shop.scope):
        freeze_clock(shop.scope, NOON)
    return shop


@pytest.fixture
def caller(app: Flask, shop: Partner) -> Caller:
    """With a key of its own, so that no test meets another's rate limit."""
    return Caller(app, shop.issue().text)


@pytest.fixture
def location_id(shop: Partner) -> str:
    with unit_of_work(shop.scope):
        return create_location(shop.scope)


def at_once(send: Callable[[int], TestResponse]) -> list[TestResponse]:
    """The answers to twenty requests that start together."""
    barrier = Barrier(MANY)

    def run(index: int) -> TestResponse:
        barrier.wait()
        return send(index)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(run, range(MANY)))


def outcomes(answers: list[TestResponse]) -> Counter[tuple[int, str | None]]:
    return Counter((answer.status_code, answer.json.get("code")) for answer in answers)


def told(shop: Partner, type_: str, location_id: str) -> int:
    return sum(event.type == type_ and event.location_id == location_id for event in recorded_events(shop.scope))


def order_of(location_id: str, item_id: str, **more: Any) -> dict[str, Any]:
    return {"location_id": location_id, "items": [{"menu_item_id": item_id}], **more}


def test_one_of_twenty_gets_the_table_and_the_others_are_shown_other_times(
    caller: Caller, shop: Partner, location_id: str
) -> None:
    with unit_of_work(shop.scope):
        table_id = create_table(shop.scope, location_id=location_id)
    wish = {"location_id": location_id, "start_at": EVENING, "party_size": 2, "customer": {"name": "Jane Doe"}}
    answers = at_once(lambda _: caller.post("/v1/reservations", json=wish))
    assert outcomes(answers) == {(201, None): 1, (409, "table_unavailable"): 19}
    for answer in answers:
        if answer.status_code == 409:
            assert [row["table_ids"] for row in answer.json["alternatives"]] == [[table_id]] * 3
            assert EVENING not in {row["start_at"] for row in answer.json["alternatives"]}
    assert len(caller.get(f"/v1/reservations?location_id={location_id}").json["data"]) == 1
    assert told(shop, "reservation.created", location_id) == 1


def test_hold_and_nineteen_bookings_do_not_share_a_table(caller: Caller, shop: Partner, location_id: str) -> None:
    with unit_of_work(shop.scope):
        create_table(shop.scope, location_id=location_id)
    wish = {"location_id": location_id, "start_at": EVENING, "party_size": 2}
    booking = {**wish, "customer": {"name": "Jane Doe"}}
    answers = at_once(
        lambda index: caller.post("/v1/reservations", json=booking) if index % 2 else caller.post("/v1/holds", json=wish)
    )
    assert outcomes(answers) == {(201, None): 1, (409, "table_unavailable"): 19}


def test_three_portions_are_sold_three_times(caller: Caller, shop: Partner, location_id: str) -> None:
    with unit_of_work(shop.scope):
        item_id = create_item(shop.scope, location_id=location_id, stock_count=3)
    answers = at_once(lambda _: caller.post("/v1/orders", json=order_of(location_id, item_id)))
    assert outcomes(answers) == {(201, None): 3, (422, "item_unavailable"): 17}
    soup = caller.get(f"/v1/menu-items/{item_id}").json
    assert (soup["stock_count"], soup["available"]) == (0, False)
    assert len(caller.get(f"/v1/orders?location_id={location_id}").json["data"]) == 3
    assert sorted(answer.json["number"] for answer in answers if answer.status_code == 201) == [1, 2, 3]
    assert (told(shop, "order.created", location_id), told(shop, "menu.item.unavailable", location_id)) == (3, 1)


def test_promo_code_for_one_is_used_once(caller: Caller, shop: Partner, location_id: str) -> None:
    code = new_id("p")[-12:].upper()
    with unit_of_work(shop.scope):
        item_id = create_item(shop.scope)
        create_promo_code(shop.scope, code=code, kind="percent", value=1000, max_uses=1)
    body = order_of(location_id, item_id, discounts=[{"type": "promo", "code": code}])
    answers = at_once(lambda _: caller.post("/v1/orders", json=body))
    assert outcomes(answers) == {(201, None): 1, (422, "promo_invalid"): 19}
    assert len(caller.get(f"/v1/orders?location_id={location_id}").json["data"]) == 1
    assert caller.get(f"/v1/promo-codes/{code}").json["used_count"] == 1


def test_one_idempotency_key_makes_one_order_and_one_answer(caller: Caller, shop: Partner, location_id: str) -> None:
    key = {"Idempotency-Key": new_id("key")}
    with unit_of_work(shop.scope):
        body = order_of(location_id, create_item(shop.scope))

    def send(_: int) -> TestResponse:
        for _ in range(TRIES):
            answer = caller.post("/v1/orders", json=body, headers=key)
            if answer.status_code != 409:
                return answer
            assert answer.json["code"] == "idempotency_in_progress"
            sleep(PAUSE_S)
        raise AssertionError("the key stayed busy")

    answers = at_once(send)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert len(caller.get(f"/v1/orders?location_id={location_id}").json["data"]) == 1
    assert told(shop, "order.created", location_id) == 1


def test_bill_is_paid_once(caller: Caller, shop: Partner, location_id: str) -> None:
    with unit_of_work(shop.scope):
        body = order_of(location_id, create_item(shop.scope))
    order_id = caller.post("/v1/orders", json=body).json["id"]
    payment = {"order_id": order_id, "method": "cash", "amount": 15}
    answers = at_once(lambda _: caller.post("/v1/payments", json=payment))
    assert outcomes(answers) == {(201, None): 1, (422, "amount_exceeds_due"): 19}
    order = caller.get(f"/v1/orders/{order_id}").json
    assert (order["payment_status"], order["totals"]["paid"], order["totals"]["due"]) == ("paid", 15.0, 0.0)


def test_payment_is_given_back_once(caller: Caller, shop: Partner, location_id: str) -> None:
    with unit_of_work(shop.scope):
        body = order_of(location_id, create_item(shop.scope))
    order_id = caller.post("/v1/orders", json=body).json["id"]
    payment_id = caller.post("/v1/payments", json={"order_id": order_id, "method": "cash"}).json["id"]
    answers = at_once(lambda _: caller.post(f"/v1/payments/{payment_id}/refunds", json={"reason": "late"}))
    assert outcomes(answers) == {(201, None): 1, (422, "refund_exceeds_paid"): 19}
    assert caller.get(f"/v1/orders/{order_id}").json["totals"]["refunded"] == 15.0
