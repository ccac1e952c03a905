"""What callers meet when their sandbox was told to let things go wrong."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from api import disturbances
from domain.orders.service import list_orders
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import BURGER
from tests.api.partners import Partner

FORCE, LATENCY = "X-Sandbox-Force-Status", "X-Sandbox-Latency-Ms"


@pytest.fixture
def shop(new_partner: Callable[..., Partner]) -> Partner:
    return new_partner()


@pytest.fixture
def shopper(app: Flask, shop: Partner) -> Caller:
    return Caller(app, shop.key)


def inject(caller: Caller, effect: dict[str, Any], **fault: Any) -> dict[str, Any]:
    answer = caller.post("/sandbox/v1/faults", json={"effect": effect, **fault})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def order_count(shop: Partner) -> int:
    with unit_of_work(shop.scope, writes=False):
        return len(list_orders(shop.scope, limit=100))


def test_status_fault_answers_instead_of_the_call_as_often_as_told(shop: Partner, shopper: Caller) -> None:
    fault = inject(shopper, {"status": 500}, match={"method": "POST", "path": "/v1/orders"}, times=2)
    assert fault["match"] == {"product": None, "method": "POST", "path": "/v1/orders"}
    assert (fault["probability"], fault["times"], fault["matched"], fault["struck"]) == (1.0, 2, 0, 0)
    before = order_count(shop)
    answers = [shopper.post("/v1/orders", json=BURGER, headers={"Idempotency-Key": "once"}) for _ in range(3)]

    assert [(answer.status_code, answer.json.get("code")) for answer in answers[:2]] == [(500, "injected_fault")] * 2
    assert answers[2].status_code == 201
    assert order_count(shop) == before + 1
    assert [shopper.get("/sandbox/v1/faults").json["data"][0][name] for name in ("matched", "struck")] == [2, 2]
    assert shopper.get("/v1/orders").status_code == 200


def test_fault_after_the_call_loses_the_answer_and_a_retry_finds_it(shop: Partner, shopper: Caller) -> None:
    inject(shopper, {"status": 502, "when": "after"}, match={"path": "/v1/orders"}, times=1)
    before = order_count(shop)
    lost, found = (shopper.post("/v1/orders", json=BURGER, headers={"Idempotency-Key": "lost"}) for _ in range(2))

    assert (lost.status_code, lost.json["code"]) == (502, "injected_fault")
    assert (found.status_code, found.headers["Idempotent-Replayed"]) == (201, "true")
    assert order_count(shop) == before + 1


def test_drop_ends_the_connection_before_the_announced_body(shop: Partner, shopper: Caller) -> None:
    inject(shopper, {"drop": True}, match={"path": "/v1/orders"})
    before = order_count(shop)
    answer = shopper.post("/v1/orders", json=BURGER)
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) > 1
    assert order_count(shop) == before


def test_malformed_json_cuts_the_body_of_a_call_that_was_carried_out(shop: Partner, app: Flask) -> None:
    caller = Caller(app, shop.key)
    inject(caller, {"malformed_json": True}, match={"path": "/v1/orders/{id}"})
    client = app.test_client()
    answer = client.get("/v1/orders/ord_89421", headers={"Authorization": f"Bearer {shop.key}"})
    assert answer.status_code == 200
    assert answer.data.startswith(b'{"id":"ord_89421"')
    assert not answer.data.endswith(b"}")


def test_rate_limit_fault_says_when_to_come_back(shopper: Caller) -> None:
    inject(shopper, {"rate_limit": 17}, match={"path": "/v1/menus*"})
    answer = shopper.get("/v1/menus")
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (429, "rate_limited", "17")
    assert answer.headers["X-RateLimit-Bucket"] == "read"


def test_latency_fault_waits(shopper: Caller) -> None:
    inject(shopper, {"latency_ms": 120}, match={"path": "/v1/menus"})
    started = time.monotonic()
    assert shopper.get("/v1/menus").status_code == 200
    assert time.monotonic() - started >= 0.12


def test_faults_spare_sandbox_control_and_end_when_removed(shopper: Caller) -> None:
    fault = inject(shopper, {"status": 503})
    assert shopper.get("/v1/me").status_code == 503
    assert shopper.get("/sandbox/v1/state").json["faults"] == 1
    assert shopper.send("DELETE", f"/sandbox/v1/faults/{fault['id']}").status_code == 204
    assert shopper.get("/v1/me").status_code == 200


def test_reset_clears_faults(shopper: Caller) -> None:
    inject(shopper, {"status": 503})
    assert shopper.post("/sandbox/v1/reset").status_code == 200
    assert shopper.get("/v1/me").status_code == 200
    assert shopper.get("/sandbox/v1/faults").json["data"] == []


def test_faults_of_one_sandbox_leave_others_alone(shopper: Caller, caller: Caller) -> None:
    inject(shopper, {"status": 503})
    assert caller.get("/v1/me").status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "effect"),
        ({"effect": {}}, "effect"),
        ({"effect": {"status": 200}}, "effect.status"),
        ({"effect": {"status": 500, "drop": True}}, "effect"),
        ({"effect": {"latency_ms": 30_001}}, "effect.latency_ms"),
        ({"effect": {"status": 500}, "probability": 1.5}, "probability"),
        ({"effect": {"status": 500}, "times": 0}, "times"),
        ({"effect": {"status": 500}, "ttl_s": 86_401}, "ttl_s"),
        ({"effect": {"status": 500}, "match": {"method": "BREW"}}, "match.method"),
        ({"effect": {"status": 500}, "match": {"path": "orders"}}, "match.path"),
    ],
)
def test_fault_that_makes_no_sense_is_refused(caller: Caller, body: dict[str, Any], field: str) -> None:
    answer = caller.post("/sandbox/v1/faults", json=body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_forced_status_answers_one_call_only(shop: Partner, shopper: Caller) -> None:
    before = order_count(shop)
    answer = shopper.post("/v1/orders", json=BURGER, headers={FORCE: "418"})
    assert (answer.status_code, answer.json["code"], answer.json["status"]) == (418, "injected_fault", 418)
    assert order_count(shop) == before
    assert shopper.get("/v1/me").status_code == 200


def test_forced_status_in_production_is_ignored(live: Partner, caller_of: NewCaller) -> None:
    answer = caller_of(live.key).get("/v1/me", headers={FORCE: "503", LATENCY: "30000"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("header", "value"), [(FORCE, "200"), (FORCE, "9999"), (FORCE, "x"), (LATENCY, "30001"), (LATENCY, "-1"), (LATENCY, "")]
)
def test_malformed_header_is_refused(caller: Caller, header: str, value: str) -> None:
    answer = caller.get("/v1/me", headers={header: value})
    assert (answer.status_code, answer.json["code"], answer.json["parameter"]) == (400, "invalid_parameter", header)


def test_calls_that_wait_leave_threads_to_others(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disturbances, "_waiting", disturbances.BoundedSemaphore(1))
    with disturbances._waiting:
        answer = caller.get("/v1/me", headers={LATENCY: "5"})
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (429, "rate_limited", "1")
    assert caller.get("/v1/me", headers={LATENCY: "5"}).status_code == 200
