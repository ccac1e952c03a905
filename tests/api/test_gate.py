"""What the gate adds to and expects of every request: headers, versions, conditions, methods, and its behaviour in a defect."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from accounts.webhooks import queries
from api.limits import limiter
from domain.orders import service as orders
from kit.documents import Document
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import BURGER
from tests.api.partners import Partner

LIMIT_HEADERS = (
    "RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Bucket",
)  # fmt: skip
ORDER_EVENTS = ("order.created", "order.updated")


@pytest.fixture
def order(caller: Caller) -> dict[str, Any]:
    answer = caller.post("/v1/orders", json=BURGER)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def last_sequence(partner: Partner) -> int:
    with unit_of_work(partner.scope, writes=False):
        events: list[Document] = []
        while page := queries.list_events(partner.scope, after_sequence=events[-1]["sequence"] if events else 0, limit=1000):
            events = page
        return int(events[-1]["sequence"]) if events else 0


REQUESTS: list[tuple[str, str, dict[str, Any], int]] = [
    ("GET", "/v1/orders?limit=1", {}, 200),
    ("GET", "/v1/orders/ord_none", {}, 404),
    ("GET", "/v1/orders?nonsense=1", {}, 400),
    ("GET", "/v1/me", {"headers": {"Tableport-Version": "1999-01-01"}}, 400),
    ("GET", "/v1/logs", {}, 403),
    ("POST", "/v1/orders", {"data": b"{", "content_type": "application/json"}, 400),
    ("POST", "/v1/orders", {"json": {}}, 422),
    ("POST", "/v1/orders", {"data": b"x" * 1_048_577, "content_type": "application/json"}, 413),
    ("PATCH", "/v1/orders/ord_none", {"data": b"x" * 1_048_577, "content_type": "application/json"}, 413),
    ("POST", "/v1/orders", {"data": b"<order/>", "content_type": "application/xml"}, 415),
]


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    REQUESTS,
    ids=["success", "missing", "parameter", "version", "scope", "broken-json", "invalid", "too-large", "patch-too-large", "xml"],
)
def test_answer_with_a_known_credential_has_the_platform_headers(
    app: Flask, partner: Partner, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    limiter.forget(f"sandbox:{partner.tenant_id}:")  # its limits are untouched
    unused = partner.issue({"orders:read", "orders:write"})
    answer = Caller(app, unused.text).send(method, path, **options)
    partner.revoke(unused)
    assert answer.status_code == status, answer.text
    assert answer.headers["X-Request-Id"].startswith("req_")
    assert answer.headers["X-Environment"] == "sandbox"
    assert answer.headers["Tableport-Version"] == "2026-11-01"
    assert [name for name in LIMIT_HEADERS if name not in answer.headers] == []
    bucket, limit = ("read", "1200") if method == "GET" else ("write", "600")
    assert (answer.headers["X-RateLimit-Bucket"], answer.headers["X-RateLimit-Limit"]) == (bucket, limit)
    assert answer.headers["X-RateLimit-Remaining"] == str(int(limit) - 1)
    policies = f'"{bucket}";q={limit};w=60, "burst";q=400;w=1, "day";q=2000000;w=86400'
    assert answer.headers["RateLimit-Policy"] == policies


@pytest.mark.parametrize("header", ["Tableport-Version", "TM-Version"])
def test_version_when_it_exists_is_accepted_under_both_names(caller: Caller, header: str) -> None:
    answer = caller.get("/v1/me", headers={header: "2026-11-01"})
    assert (answer.status_code, answer.headers["Tableport-Version"]) == (200, "2026-11-01")


@pytest.mark.parametrize("header", ["Tableport-Version", "TM-Version"])
@pytest.mark.parametrize("version", ["2026-11-02", "", "latest", "2026-11-01, 2026-11-01"])
def test_version_when_it_does_not_exist_is_refused(caller: Caller, header: str, version: str) -> None:
    answer = caller.get("/v1/me", headers={header: version})
    assert (answer.status_code, answer.json["code"]) == (400, "unsupported_version")
    assert answer.json["versions"] == ["2026-09-01", "2026-11-01"]


def test_etag_when_the_caller_has_the_object_saves_the_body(caller: Caller, order: dict[str, Any]) -> None:
    path = f"/v1/orders/{order['id']}"
    assert caller.get(path).headers["ETag"] == '"1"'
    for known in ('"1"', 'W/"1"', '"7", "1"', "*"):
        answer = caller.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"1"')
        assert "Content-Length" not in answer.headers
    assert caller.get(path, headers={"If-None-Match": '"2"'}).json["id"] == order["id"]


@pytest.mark.parametrize(
    "sent", [{"headers": {"If-Match": '"7"'}}, {"json": {"notes": "x", "version": 7}}], ids=["header", "body"]
)
def test_change_when_the_expected_version_is_gone_is_refused(
    caller: Caller, partner: Partner, order: dict[str, Any], sent: dict[str, Any]
) -> None:
    before = last_sequence(partner)
    answer = caller.patch(f"/v1/orders/{order['id']}", **{"json": {"notes": "x"}, **sent})
    assert (answer.status_code, answer.json["code"], answer.json["current_version"]) == (409, "version_conflict", 1)
    assert (caller.get(f"/v1/orders/{order['id']}").json, last_sequence(partner)) == (order, before)


@pytest.mark.parametrize("condition", ['"1"', 'W/"1"', "*"])
def test_change_when_the_expected_version_is_current_is_made(caller: Caller, order: dict[str, Any], condition: str) -> None:
    answer = caller.patch(f"/v1/orders/{order['id']}", json={"notes": "x"}, headers={"If-Match": condition})
    assert (answer.status_code, answer.json["version"], answer.headers["ETag"]) == (200, 2, '"2"')


@pytest.mark.parametrize("condition", ["abc", '"-1"', '"1", "2"', '"99999999999999999999"'])
def test_change_with_a_malformed_condition_is_refused(caller: Caller, order: dict[str, Any], condition: str) -> None:
    answer = caller.patch(f"/v1/orders/{order['id']}", json={"notes": "x"}, headers={"If-Match": condition})
    assert (answer.status_code, answer.json["code"], answer.json["parameter"]) == (400, "invalid_parameter", "If-Match")


def test_availability_when_the_expected_version_is_gone_is_refused(caller: Caller) -> None:
    item = caller.get("/v1/menu-items?limit=1").json["data"][0]
    path, body = f"/v1/menu-items/{item['id']}/availability", {"available": False}
    answer = caller.send("PUT", path, json=body, headers={"If-Match": f'"{item["version"] + 1}"'})
    assert (answer.status_code, answer.json["code"]) == (409, "version_conflict")
    assert caller.get(f"/v1/menu-items/{item['id']}").json == item


def test_payment_cancellation_when_the_expected_version_is_gone_is_refused(caller: Caller, order: dict[str, Any]) -> None:
    body = {"order_id": order["id"], "method": "card", "source": "tok_timeout"}
    payment = caller.post("/v1/payments", json=body).json
    path = f"/v1/payments/{payment['id']}/cancel"
    answer = caller.post(path, headers={"If-Match": '"9"'})
    assert (answer.status_code, answer.json["code"], answer.json["current_version"]) == (409, "version_conflict", 1)
    answer = caller.post(path, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json["status"], answer.json["version"]) == (200, "cancelled", 2)


def test_webhook_change_when_the_expected_version_is_gone_is_refused(caller: Caller) -> None:
    made = caller.post("/v1/webhooks", json={"url": "https://hooks.sandbox.invalid/ok", "events": ["*"]}).json
    answer = caller.patch(f"/v1/webhooks/{made['id']}", json={"description": "x"}, headers={"If-Match": '"5"'})
    assert (answer.status_code, answer.json["code"], answer.json["current_version"]) == (409, "version_conflict", 1)
    assert caller.get(f"/v1/webhooks/{made['id']}").json["description"] == ""


def test_head_answers_the_headers_of_get_and_no_body(caller: Caller, order: dict[str, Any]) -> None:
    path = f"/v1/orders/{order['id']}"
    full, bare = caller.get(path), caller.send("HEAD", path)
    assert (bare.status_code, bare.data) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "X-RateLimit-Bucket"):
        assert bare.headers[name] == full.headers[name]
    assert caller.send("HEAD", "/v1/orders/ord_none").status_code == 404
    assert caller.send("HEAD", path, headers={"If-None-Match": '"1"'}).status_code == 304


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/orders", ["GET", "HEAD", "OPTIONS", "POST"]),
        ("PUT", "/v1/me", ["GET", "HEAD", "OPTIONS"]),
        ("GET", "/sandbox/v1/reset", ["OPTIONS", "POST"]),
        ("GET", "/oauth/token", ["OPTIONS", "POST"]),
    ],
)
def test_method_when_a_resource_does_not_know_it_is_refused(
    caller_of: NewCaller, method: str, path: str, allowed: list[str]
) -> None:
    answer = caller_of(None).send(method, path)
    require_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == ", ".join(allowed)


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/v1/orders/a/b", "/v1/orders/", "/sandbox/v1/x", "/oauth/x"])
def test_path_when_nothing_is_there_is_a_problem(caller_of: NewCaller, path: str) -> None:
    require_problem(caller_of(None).get(path), 404, "resource_not_found")


def require_problem(answer: TestResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.content_type, answer.json["code"]) == (status, "application/problem+json", code)
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_defect_in_a_view_is_answered_without_details_and_nothing_is_committed(
    caller: Caller, partner: Partner, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = orders.change_order

    def change_and_fail(*arguments: Any, **options: Any) -> Document:
        changed(*arguments, **options)
        raise RuntimeError("secret: the pepper is 42")

    before = last_sequence(partner)
    with monkeypatch.context() as patch:
        patch.setattr(orders, "change_order", change_and_fail)
        answer = caller.patch(f"/v1/orders/{order['id']}", json={"notes": "lost"})
    require_problem(answer, 500, "internal_error")
    assert answer.json == {
        "type": "/docs/errors#internal_error", "title": "Something went wrong on our side", "status": 500,
        "code": "internal_error", "detail": "Something went wrong on our side",
        "request_id": answer.headers["X-Request-Id"], "doc_url": "/docs/errors#internal_error",
    }  # fmt: skip
    assert answer.headers["X-Environment"] == "sandbox"
    assert caller.get(f"/v1/orders/{order['id']}").json == order
    assert last_sequence(partner) == before


def test_declined_payment_is_refused_and_kept(caller: Caller, order: dict[str, Any]) -> None:
    answer = caller.post("/v1/payments", json={"order_id": order["id"], "method": "card", "source": "tok_declined"})
    require_problem(answer, 402, "payment_declined")
    kept = caller.get(f"/v1/payments/{answer.json['payment_id']}").json
    assert (kept["status"], kept["decline_code"]) == ("failed", "generic_decline")


def test_events_when_the_credential_may_read_none_are_none(
    restricted: Callable[..., Caller], order: dict[str, Any]
) -> None:
    blind = restricted("events:read")
    assert blind.get("/v1/events").json == {"data": [], "has_more": False}
    orders_only = restricted("events:read", "orders:read")
    assert orders_only.get("/v1/events?types=payment.created").json["data"] == []
    seen = {event["type"] for event in orders_only.get("/v1/events?limit=100").json["data"]}
    assert {"order.created"} <= seen <= set(ORDER_EVENTS)


def test_order_when_its_external_id_returns_is_the_first_one(caller: Caller) -> None:
    body = {**BURGER, "external_id": "till-7-0001"}
    first, again = caller.post("/v1/orders", json=body), caller.post("/v1/orders", json=body)
    assert (first.status_code, again.status_code, again.json) == (201, 200, first.json)
    assert again.headers["Location"] == first.headers["Location"] == f"/v1/orders/{first.json['id']}"
    other = caller.post("/v1/orders", json={**body, "notes": "another"})
    assert (other.status_code, other.json["code"]) == (409, "duplicate_reference")


def test_order_when_expanded_shows_customer_and_payments_as_documented(
    caller: Caller, restricted: Callable[..., Caller]
) -> None:
    body = {**BURGER, "customer": {"name": "Jane", "phone": "+37060012345", "email": "jane@example.com"}}
    order = caller.post("/v1/orders", json=body).json
    caller.post("/v1/payments", json={"order_id": order["id"], "method": "cash"})
    path = f"/v1/orders/{order['id']}?expand=customer,payments"
    shown = caller.get(path).json
    assert (shown["customer"]["phones"], shown["customer"]["emails"]) == (["+37060012345"], ["jane@example.com"])
    assert [payment["status"] for payment in shown["payments"]] == ["confirmed"]
    masked = restricted("orders:read", "customers:read", "payments:read").get(path).json["customer"]
    assert (masked["phones"], masked["emails"]) == (["+3706•••345"], ["j•••@example.com"])
    refused = restricted("orders:read", "payments:read").get(path)
    require_problem(refused, 403, "insufficient_scope")
    assert refused.json["required_scopes"] == ["customers:read"]


def test_app_when_asked_for_openapi_needs_no_credential(app: Flask) -> None:
    assert app.test_client().get("/openapi.json").json["openapi"] == "3.1.0"
