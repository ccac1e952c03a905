"""Payments and refunds over HTTP: what a partner sends, sees, and is told by events."""

from typing import Any

import pytest

from domain.references.service import add_reference
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.api.test_query_counts import statements
from tests.domain.recorded import recorded_events
from tests.factories.locations import create_location
from tests.factories.menus import create_item

TOKEN = {"method": "card", "source": "tok_ok"}
NONE = "pay_01J0000000000000000000000"


@pytest.fixture(scope="module")
def menu(shop: Partner) -> dict[str, str]:
    """A location that sells soup for 15.00, without tax."""
    with unit_of_work(shop.scope):
        return {"location_id": create_location(shop.scope), "soup": create_item(shop.scope)}


@pytest.fixture
def order(caller: Caller, menu: dict[str, str]) -> dict[str, Any]:
    """Four soups: 60.00."""
    items = [{"menu_item_id": menu["soup"], "quantity": 4}]
    answer = caller.post("/v1/orders", json={"location_id": menu["location_id"], "items": items})
    assert answer.status_code == 201, answer.text
    placed: dict[str, Any] = answer.json
    return placed


@pytest.fixture
def payment(caller: Caller, order: dict[str, Any]) -> dict[str, Any]:
    """All of it, paid by card."""
    paid: dict[str, Any] = caller.post("/v1/payments", json={"order_id": order["id"], **TOKEN}).json
    return paid


def money(caller: Caller, order: dict[str, Any]) -> tuple[Any, ...]:
    shown = caller.get(f"/v1/orders/{order['id']}").json
    return (shown["payment_status"], *(shown["totals"][name] for name in ("total", "paid", "refunded", "due")))


def told(shop: Partner, since: int = 0) -> list[str]:
    return [event.type for event in recorded_events(shop.scope)[since:]]


def test_payment_of_the_whole_due_is_shown_whole(caller: Caller, shop: Partner, order: dict[str, Any]) -> None:
    before = len(told(shop))
    body = {"order_id": order["id"], "method": "cash", "tip": 5, "tendered": 70, "payer_label": "Table 4"}
    answer = caller.post("/v1/payments", json=body)
    paid = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/payments/{paid['id']}")
    assert paid == {
        "id": paid["id"], "order_id": order["id"], "reservation_id": None, "purpose": "order", "method": "cash",
        "status": "confirmed", "currency": "PLN", "amount": 60.0, "tip": 5.0, "tendered": 70.0, "change": 5.0,
        "refunded": 0.0, "decline_code": None, "provider_ref": None, "payer_label": "Table 4", "refs": [], "version": 2,
        "created_at": paid["created_at"], "updated_at": paid["created_at"],
    }  # fmt: skip
    assert caller.get(f"/v1/payments/{paid['id']}").json == paid
    assert money(caller, order) == ("paid", 65.0, 65.0, 0.0, 0.0)
    assert told(shop, before) == ["payment.created", "payment.confirmed", "order.updated"]


@pytest.mark.parametrize(
    ("wrong", "status", "code", "field"),
    [
        ({"amount": 60.01}, 422, "amount_exceeds_due", None), ({"amount": 0}, 422, "amount_exceeds_due", None),
        ({"amount": 1.234}, 422, "amount_precision", "amount"), ({"tip": -1}, 422, "validation_failed", "tip"),
        ({"amount": -1}, 422, "validation_failed", "amount"), ({"currency": "EUR"}, 422, "currency_mismatch", None),
        ({"method": "barter"}, 422, "validation_failed", "method"), ({"source": "tok_new"}, 422, "validation_failed", "source"),
        ({"tendered": 70}, 422, "validation_failed", "tendered"), ({"purpose": "deposit"}, 422, "validation_failed", "purpose"),
        ({"method": "cash", "source": None}, 422, "validation_failed", "source"),
        ({"reservation_id": "res_1"}, 422, "validation_failed", "order_id"),
        ({"payer_label": "x" * 61}, 422, "validation_failed", "payer_label"),
        ({"source": "tok_processing_error"}, 503, "payment_processor_unavailable", None),
    ],
    ids=["too much", "nothing", "precision", "negative tip", "negative", "currency", "method", "token", "change of a card",
         "purpose", "null", "two debts", "long label", "processor"],
)  # fmt: skip
def test_refused_payment_leaves_no_trace(
    caller: Caller, shop: Partner, order: dict[str, Any], wrong: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    before = len(told(shop))
    answer = caller.post("/v1/payments", json={"order_id": order["id"], **TOKEN, **wrong})
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert field is None or [error["field"] for error in answer.json["errors"]] == [field]
    assert caller.get(f"/v1/payments?order_id={order['id']}").json["data"] == []
    assert (money(caller, order), told(shop, before)) == (("unpaid", 60.0, 0.0, 0.0, 60.0), [])


def test_payment_of_nobody_or_of_an_order_called_off_is_refused(caller: Caller, order: dict[str, Any]) -> None:
    assert caller.post("/v1/payments", json=TOKEN).json["errors"][0]["field"] == "order_id"
    stranger = caller.post("/v1/payments", json={"order_id": "ord_none", **TOKEN})
    assert (stranger.status_code, [error["field"] for error in stranger.json["errors"]]) == (422, ["order_id"])
    caller.patch(f"/v1/orders/{order['id']}", json={"status": "rejected", "reject_reason": "other"})
    refused = caller.post("/v1/payments", json={"order_id": order["id"], **TOKEN})
    assert (refused.status_code, refused.json["code"], refused.json["from"]) == (409, "invalid_transition", "rejected")


def test_declined_payment_is_kept_and_told(caller: Caller, shop: Partner, order: dict[str, Any]) -> None:
    before = len(told(shop))
    body = {"order_id": order["id"], "method": "card", "source": "tok_insufficient_funds"}
    answer = caller.post("/v1/payments", json=body)
    assert (answer.status_code, answer.json["code"], answer.json["decline_code"]) == (
        402, "payment_declined", "insufficient_funds",
    )  # fmt: skip
    kept = caller.get(f"/v1/payments/{answer.json['payment_id']}").json
    assert (kept["status"], kept["amount"], kept["decline_code"]) == ("failed", 60.0, "insufficient_funds")
    assert told(shop, before) == ["payment.created", "payment.failed"]
    assert money(caller, order) == ("unpaid", 60.0, 0.0, 0.0, 60.0)


def test_pending_payment_is_cancelled_once(caller: Caller, shop: Partner, order: dict[str, Any]) -> None:
    before = len(told(shop))
    waiting = caller.post("/v1/payments", json={"order_id": order["id"], "method": "card", "source": "tok_3ds"}).json
    path = f"/v1/payments/{waiting['id']}/cancel"
    assert (waiting["status"], waiting["version"]) == ("created", 1)
    stale = caller.post(path, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json["code"]) == (409, "version_conflict")
    cancelled = caller.post(path, headers={"If-Match": '"1"'})
    assert (cancelled.status_code, cancelled.json["status"], cancelled.json["version"]) == (200, "cancelled", 2)
    assert caller.post(path).json == cancelled.json
    assert told(shop, before) == ["payment.created", "payment.cancelled"]


def test_confirmed_payment_is_not_cancelled(caller: Caller, shop: Partner, payment: dict[str, Any]) -> None:
    before = len(told(shop))
    answer = caller.post(f"/v1/payments/{payment['id']}/cancel")
    assert (answer.status_code, answer.json["code"], answer.json["allowed"]) == (
        409, "invalid_transition", ["partially_refunded", "refunded"],
    )  # fmt: skip
    assert (caller.get(f"/v1/payments/{payment['id']}").json, told(shop, before)) == (payment, [])


def test_refund_is_shown_whole_and_the_rest_follows(
    caller: Caller, shop: Partner, order: dict[str, Any], payment: dict[str, Any]
) -> None:
    before, path = len(told(shop)), f"/v1/payments/{payment['id']}/refunds"
    line_ids = [order["items"][0]["id"]]
    answer = caller.post(path, json={"amount": 15.5, "reason": "missing_item", "line_ids": line_ids})
    part = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/refunds/{part['id']}")
    assert part == {
        "id": part["id"], "payment_id": payment["id"], "order_id": order["id"], "currency": "PLN", "amount": 15.5,
        "reason": "missing_item", "line_ids": line_ids, "status": "succeeded", "refs": [], "version": 1,
        "created_at": part["created_at"], "updated_at": part["created_at"],
    }  # fmt: skip
    assert caller.get(f"/v1/refunds/{part['id']}").json == part
    assert money(caller, order) == ("partially_refunded", 60.0, 60.0, 15.5, 0.0)
    rest = caller.post(path, json={"reason": "other"}).json
    assert (rest["amount"], money(caller, order)) == (44.5, ("refunded", 60.0, 60.0, 60.0, 0.0))
    assert caller.get(f"/v1/refunds?payment_id={payment['id']}").json["data"] == [rest, part]
    assert caller.get(f"/v1/refunds?order_id={order['id']}&status=failed").json["data"] == []
    assert told(shop, before) == ["payment.partially_refunded", "payment.refunded"]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"reason": "late", "amount": 60.01}, "refund_exceeds_paid", None), ({"amount": 1}, "validation_failed", "reason"),
        ({"reason": "late", "amount": 0}, "validation_failed", "amount"), ({"reason": "mood"}, "validation_failed", "reason"),
        ({"reason": "late", "amount": 1.234}, "amount_precision", "amount"),
        ({"reason": "late", "line_ids": ["oln_none"]}, "validation_failed", "line_ids"),
    ],
    ids=["too much", "no reason", "nothing", "reason", "precision", "foreign line"],
)  # fmt: skip
def test_refused_refund_leaves_no_trace(
    caller: Caller, shop: Partner, order: dict[str, Any], payment: dict[str, Any], body: dict[str, Any], code: str,
    field: str | None,
) -> None:  # fmt: skip
    before = len(told(shop))
    answer = caller.post(f"/v1/payments/{payment['id']}/refunds", json=body)
    assert (answer.status_code, answer.json["code"]) == (422, code), answer.text
    assert field is None or [error["field"] for error in answer.json["errors"]] == [field]
    assert caller.get(f"/v1/refunds?payment_id={payment['id']}").json["data"] == []
    assert (money(caller, order), told(shop, before)) == (("paid", 60.0, 60.0, 0.0, 0.0), [])


def test_payments_are_found_by_what_they_are(
    caller: Caller, shop: Partner, order: dict[str, Any], payment: dict[str, Any]
) -> None:
    with unit_of_work(shop.scope):
        add_reference(shop.scope, product="tabletrack", noun="payment", value=payment["id"], object_id=payment["id"])

    def found(asked: str) -> list[str]:
        return [row["id"] for row in caller.get(f"/v1/payments?{asked}").json["data"]]

    assert found(f"order_id={order['id']}") == [payment["id"]]
    assert found(f"order_id={order['id']}&status=confirmed&method=card") == [payment["id"]]
    assert found(f"order_id={order['id']}&method=cash") == []
    assert found(f"ref=tabletrack:payment:{payment['id']}") == [payment["id"]]
    assert found(f"order_id={order['id']}&created_to=2020-01-01T00:00:00Z") == []
    assert caller.get("/v1/payments?status=gone").json["code"] == "invalid_parameter"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/v1/payments/{NONE}", None), ("POST", f"/v1/payments/{NONE}/cancel", None), ("GET", "/v1/refunds/rfd_0", None),
        ("POST", f"/v1/payments/{NONE}/refunds", {"reason": "late"}),
        ("POST", f"/v1/payments/{NONE}/refunds", {"reason": "late", "amount": 1}),
    ],
    ids=["payment", "cancel", "refund", "refund of", "part of"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(caller: Caller, method: str, path: str, body: dict[str, Any] | None) -> None:
    answer = caller.send(method, path, **({} if body is None else {"json": body}))
    assert (answer.status_code, answer.json["code"]) == (404, "resource_not_found")


def test_refund_needs_a_scope_of_its_own(caller_of: NewCaller, shop: Partner, payment: dict[str, Any]) -> None:
    clerk = caller_of(shop.issue({"payments:read", "payments:write"}).text)
    answer = clerk.post(f"/v1/payments/{payment['id']}/refunds", json={"reason": "late"})
    assert (answer.status_code, answer.json["required_scopes"]) == (403, ["refunds:write"])


def test_reads_ask_few_questions(caller: Caller, payment: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (f"/v1/payments/{payment['id']}", f"/v1/payments?order_id={payment['order_id']}"):
        caller.get(path)
        with statements(monkeypatch) as seen:
            caller.get(path)
        assert len(seen) == 1, seen
