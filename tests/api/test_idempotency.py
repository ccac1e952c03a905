"""Idempotency keys: one request sent twice happens once, also when the first one failed, hung or died."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

import api.idempotency
from api import gate
from api.idempotency import LEASE_US
from api.idempotency import RETENTION_US
from api.idempotency import Answer
from api.idempotency import IdempotencyRecord
from api.limits import limiter
from domain.orders import service as orders
from kit.clock import now_us
from kit.errors import IdempotencyInProgress
from kit.errors import RateLimited
from kit.ids import new_id
from kit.unit import Unit
from kit.unit import current
from kit.unit import session
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import BURGER
from tests.api.partners import Partner

EXTRA = {**BURGER, "notes": "no onions"}


@pytest.fixture
def key() -> str:
    return new_id("idem")


def order(caller: Caller, key: str, body: Any = BURGER, path: str = "/v1/orders") -> TestResponse:
    return caller.post(path, json=body, headers={"Idempotency-Key": key})


def orders_of(partner: Partner) -> int:
    with unit_of_work(partner.scope, writes=False):
        cursor = current(partner.scope).cursor()
        cursor.execute(f"SELECT count(*) FROM orders WHERE tenant_id = '{partner.tenant_id}'")
        return int(cursor.fetchone()[0])


def records_of(partner: Partner) -> list[IdempotencyRecord]:
    with unit_of_work(partner.scope, writes=False):
        return list(session(partner.scope).scalars(IdempotencyRecord.owned_by(partner.scope)))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets time pass for idempotency records."""
    passed = [0]
    monkeypatch.setattr(api.idempotency, "now_us", lambda: now_us() + passed[0])

    def let_pass(us: int) -> None:
        passed[0] += us

    return let_pass


def test_request_when_sent_again_is_answered_the_same_and_happens_once(caller: Caller, partner: Partner, key: str) -> None:
    before = orders_of(partner)
    first, again = order(caller, key), order(caller, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.data, again.data) == (again.data, first.data)
    for name in ("ETag", "Location", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert orders_of(partner) == before + 1


def test_body_when_only_written_differently_is_the_same(caller: Caller, key: str) -> None:
    first = order(caller, key)
    spaced = b'{ "items" : [ {"menu_item_id": "itm_bacon_cheeseburger"} ],\n "location_id":"loc_waw_01" }'
    again = caller.post("/v1/orders", data=spaced, content_type="application/json", headers={"Idempotency-Key": key})
    assert (again.status_code, again.data) == (201, first.data)


def test_key_when_used_with_another_body_is_refused(caller: Caller, partner: Partner, key: str) -> None:
    first = order(caller, key)
    before = orders_of(partner)
    answer = order(caller, key, EXTRA)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert orders_of(partner) == before
    assert order(caller, key).data == first.data


def test_refusal_is_kept_and_answered_again(caller: Caller, partner: Partner, key: str) -> None:
    unknown = {"location_id": "loc_waw_01", "items": [{"menu_item_id": "itm_none"}]}
    before = orders_of(partner)
    first, again = order(caller, key, unknown), order(caller, key, unknown)
    assert (first.status_code, first.json["code"]) == (again.status_code, again.json["code"]) == (422, "unknown_item")
    assert (again.json, again.content_type) == (first.json, "application/problem+json")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert orders_of(partner) == before


def test_declined_payment_is_kept_and_charged_once(caller: Caller, key: str) -> None:
    placed = caller.post("/v1/orders", json=BURGER).json
    body = {"order_id": placed["id"], "method": "card", "source": "tok_declined"}
    first, again = (order(caller, key, body, "/v1/payments") for _ in range(2))
    assert (first.status_code, again.status_code, again.json) == (402, 402, first.json)
    assert len(caller.get(f"/v1/payments?order_id={placed['id']}").json["data"]) == 1


def test_key_while_the_first_request_is_running_is_refused(
    caller: Caller, partner: Partner, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = gate.load_body, []

    def send_again_meanwhile(*arguments: Any) -> Any:
        if not seen:
            seen.append(None)
            seen[0] = order(caller, key)
        return real(*arguments)

    monkeypatch.setattr(gate, "load_body", send_again_meanwhile)
    before = orders_of(partner)
    assert order(caller, key).status_code == 201
    assert (seen[0].status_code, seen[0].json["code"]) == (409, "idempotency_in_progress")
    assert orders_of(partner) == before + 1


def test_key_when_two_threads_use_it_at_once_makes_one_order(app: Flask, partner: Partner, key: str) -> None:
    caller, barrier, before = Caller(app, partner.key), Barrier(4), orders_of(partner)

    def send(_: int) -> TestResponse:
        barrier.wait()
        return order(caller, key)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert orders_of(partner) == before + 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 201}) == 1


def test_defect_is_not_kept_and_the_key_may_be_used_again(
    caller: Caller, partner: Partner, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = orders_of(partner)
    with monkeypatch.context() as patch:
        patch.setattr(orders, "place_order", lambda *_, **__: 1 / 0)
        assert order(caller, key).status_code == 500
    assert order(caller, key).status_code == 201
    assert orders_of(partner) == before + 1


def test_commit_that_fails_gives_the_key_back(
    caller: Caller, partner: Partner, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, before = Unit.commit, orders_of(partner)

    def fail_after_work(unit: Unit) -> None:
        if unit.memo.get("events"):
            raise OSError("disk full")
        real(unit)

    with monkeypatch.context() as patch:
        patch.setattr(Unit, "commit", fail_after_work)
        assert order(caller, key).status_code == 500
    assert orders_of(partner) == before
    assert order(caller, key).status_code == 201


def test_rate_limit_is_not_kept(caller: Caller, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(orders, "place_order", refuse_for_a_second)
        assert order(caller, key).status_code == 429
    with monkeypatch.context() as patch:
        patch.setattr(limiter, "take", refuse_for_a_second)
        assert order(caller, key).status_code == 429
    assert order(caller, key).status_code == 201


def refuse_for_a_second(*_: Any, **__: Any) -> None:
    raise RateLimited(retry_after_s=1)


class Killed(BaseException):
    """What stands for a process that dies: nothing may catch it."""


def killed_after_claim(caller: Caller, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send a request whose process dies between its claim and its commit."""

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(gate, "load_body", die)
        with pytest.raises(Killed):
            order(caller, key)


def test_claim_of_a_dead_process_is_taken_over_when_its_lease_ends(
    caller: Caller, partner: Partner, key: str, monkeypatch: pytest.MonkeyPatch, later: Any
) -> None:
    before = orders_of(partner)
    killed_after_claim(caller, key, monkeypatch)
    assert any(record.status is None for record in records_of(partner))
    answer = order(caller, key)
    assert (answer.status_code, answer.json["code"], orders_of(partner)) == (409, "idempotency_in_progress", before)
    later(LEASE_US - 5_000_000)
    assert order(caller, key).status_code == 409
    later(6_000_000)
    assert order(caller, key).status_code == 201
    assert order(caller, key).headers["Idempotent-Replayed"] == "true"
    assert orders_of(partner) == before + 1


def test_request_that_outlived_its_lease_is_undone_when_another_took_over(
    caller: Caller, partner: Partner, key: str, monkeypatch: pytest.MonkeyPatch, later: Any
) -> None:
    real, taken_over = gate.load_body, []

    def hang(*arguments: Any) -> Any:
        if not taken_over:
            later(LEASE_US + 1)
            taken_over.append(None)
            taken_over[0] = order(caller, key)
        return real(*arguments)

    monkeypatch.setattr(gate, "load_body", hang)
    before = orders_of(partner)
    slow = order(caller, key)
    assert (taken_over[0].status_code, slow.status_code, slow.json["code"]) == (201, 409, "idempotency_in_progress")
    assert orders_of(partner) == before + 1
    assert order(caller, key).json == taken_over[0].json


def test_request_that_outlived_its_lease_may_neither_answer_for_its_successor_nor_give_its_key_away(
    partner: Partner, key: str, later: Any
) -> None:
    def claim() -> Any:
        return api.idempotency.claim(
            partner.scope, key=key, credential_id="key_1", method="POST", target="/v1/orders?", raw=b"{}"
        )

    slow = claim()
    later(LEASE_US + 1)
    successor = claim()
    slow.release()
    slow.store_aside(422, {}, b"{}")
    with pytest.raises(IdempotencyInProgress):
        claim()
    successor.store_aside(201, {"ETag": '"1"'}, b'{"id":1}')
    assert claim() == Answer(201, {"ETag": '"1"'}, b'{"id":1}')


def test_key_is_kept_for_a_day(caller: Caller, key: str, later: Any) -> None:
    first = order(caller, key)
    later(RETENTION_US - 60_000_000)
    assert order(caller, key).data == first.data
    later(61_000_000)
    fresh = order(caller, key, EXTRA)
    assert (fresh.status_code, fresh.json["notes"]) == (201, "no onions")
    assert "Idempotent-Replayed" not in fresh.headers


def test_key_is_bound_to_credential_and_concrete_target(
    caller: Caller, caller_of: NewCaller, partner: Partner, key: str
) -> None:
    first = order(caller, key).json
    assert order(caller_of(partner.issue().text), key).json["id"] != first["id"]
    paths = [f"/v1/orders/{first['id']}", f"/v1/orders/{caller.post('/v1/orders', json=BURGER).json['id']}"]
    changed = [caller.patch(path, json={"notes": "x"}, headers={"Idempotency-Key": key}) for path in paths]
    assert [answer.json["version"] for answer in changed] == [2, 2]
    assert not any("Idempotent-Replayed" in answer.headers for answer in changed)
    queried = order(caller, key, path="/v1/orders?x=1")
    assert (queried.status_code, queried.json["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize("bad", ["", "x" * 256, "caf\xe9", "a\tb"], ids=["empty", "long", "not-ascii", "control"])
def test_key_when_malformed_is_refused(caller: Caller, bad: str) -> None:
    answer = order(caller, bad)
    assert (answer.status_code, answer.json["code"], answer.json["parameter"]) == (400, "invalid_parameter", "Idempotency-Key")


@pytest.mark.parametrize("good", ["x", "~" * 255, "a b"], ids=["short", "longest", "blank-inside"])
def test_key_when_well_formed_is_taken(caller: Caller, good: str) -> None:
    assert order(caller, good).status_code == 201


def test_key_on_a_read_is_ignored(caller: Caller, key: str) -> None:
    answers = [caller.get("/v1/me", headers={"Idempotency-Key": key}) for _ in range(2)]
    assert ["Idempotent-Replayed" in answer.headers for answer in answers] == [False, False]


@pytest.mark.parametrize("depth", [300, 1200], ids=["deep", "deeper"])
def test_body_when_nested_too_deep_is_refused_and_the_refusal_kept(caller: Caller, key: str, depth: int) -> None:
    body = b'{"items":' + b"[" * depth + b"]" * depth + b"}"
    options = {"data": body, "content_type": "application/json", "headers": {"Idempotency-Key": key}}
    first, again = caller.post("/v1/orders", **options), caller.post("/v1/orders", **options)
    assert (first.status_code, first.json["code"], again.json) == (400, "malformed_json", first.json)


def test_webhook_when_created_again_shows_its_secret_which_is_kept_sealed(
    caller: Caller, partner: Partner, key: str
) -> None:
    body = {"url": "https://hooks.sandbox.invalid/ok", "events": ["order.created"]}
    first, again = (order(caller, key, body, "/v1/webhooks") for _ in range(2))
    assert (first.status_code, again.json) == (201, first.json)
    secret = first.json["secret"]
    assert secret.startswith("whsec_")
    kept = [record.body for record in records_of(partner) if record.body]
    assert [text for text in kept if secret in text or "whsec_" in text] == []


def test_reset_with_a_key_is_done_although_it_clears_the_records(new_partner: Any, caller_of: NewCaller, key: str) -> None:
    caller = caller_of(new_partner().key)
    answers = [caller.post("/sandbox/v1/reset", json={}, headers={"Idempotency-Key": key}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
