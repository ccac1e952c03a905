"""Operating webhooks over the API: a delivery in full and to whom, an endpoint's figures, and retrying what failed."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.webhooks.models import DeliveryAttempt
from kit.clock import day_of
from kit.clock import now
from kit.clock import now_us
from kit.documents import append
from kit.ids import new_id
from kit.unit import unit_of_work
from tests.api import samples
from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.api.partners import Partner

BODY = '{"data":{"object":{"customer":{"email":"ada@example.com"}}}}'


@pytest.fixture
def given_up(partner: Partner, caller: Caller) -> dict[str, Any]:
    """A delivery of an order that was given up, with its last attempt."""
    caller.post("/v1/orders", json=BURGER)
    event = caller.get("/v1/events?types=order.created&limit=1").json["data"][0]
    endpoint_id = caller.post("/v1/webhooks", json=samples.WEBHOOK).json["id"]
    delivery_id = samples.build_delivery(partner, endpoint_id, event["id"])
    with unit_of_work(partner.scope):
        append(partner.scope, DeliveryAttempt, [{
            "id": new_id("att"), "delivery_id": delivery_id, "endpoint_id": endpoint_id, "number": 4, "started_at": now(),
            "duration_ms": 31, "timings": {"connect": 5}, "status": 502, "reason": "http_502",
            "request_headers": {"webhook-id": "evt_1"}, "request_body": BODY, "response_headers": {"server": "nginx"},
            "response_body": "call +48600100200", "expires_on": day_of(now_us()) + 7,
        }])  # fmt: skip
    return {"endpoint": endpoint_id, "delivery": delivery_id}


def test_delivery_is_read_with_what_was_sent_and_what_it_means(caller: Caller, given_up: dict[str, Any]) -> None:
    shown = caller.get(f"/v1/deliveries/{given_up['delivery']}").json
    [attempt] = shown.pop("attempt_log")
    assert {name: shown[name] for name in ("state", "attempts", "attempts_left", "waiting_for", "next_attempt_at")} == {
        "state": "dead", "attempts": 4, "attempts_left": 0, "waiting_for": None, "next_attempt_at": None,
    }  # fmt: skip
    assert (attempt["number"], attempt["status"], attempt["timings"], attempt["request_body"]) == (4, 502, {"connect": 5}, BODY)
    assert attempt["meaning"] == "A proxy in front of the endpoint got no valid answer from it."
    assert (attempt["response_headers"], attempt["response_body"]) == ({"server": "nginx"}, "call +48600100200")


def test_body_of_an_attempt_shows_no_more_than_its_reader_may_read(
    restricted: Callable[..., Caller], given_up: dict[str, Any]
) -> None:
    path = f"/v1/deliveries/{given_up['delivery']}"
    [bare] = restricted("webhooks:read").get(path).json["attempt_log"]
    [masked] = restricted("webhooks:read", "orders:read").get(path).json["attempt_log"]
    assert bare["request_body"] is None
    assert "ada@example.com" not in masked["request_body"]
    assert '"customer"' in masked["request_body"]
    assert ["+48600100200" in one["response_body"] for one in (bare, masked)] == [False, False]


def test_given_up_deliveries_are_retried_and_counted(caller: Caller, given_up: dict[str, Any]) -> None:
    path = f"/v1/webhooks/{given_up['endpoint']}"
    before = caller.get(f"{path}/metrics?hours=1").json
    assert (before["dead"], before["backlog"], before["attempts"], before["duration_p95_ms"]) == (1, 0, 4, 31)
    assert (before["success_rate"], before["delivered_within_24h"], before["health"]["state"]) == (0.0, 0.0, "healthy")

    assert caller.post(f"{path}/retry-failed", json={"status_class": "4xx"}).json == {"retried": 0, "has_more": False}
    answer = caller.post(f"{path}/retry-failed", json={"status_class": "5xx"})
    assert (answer.status_code, answer.json) == (202, {"retried": 1, "has_more": False})
    [row] = caller.get(f"{path}/deliveries").json["data"]
    assert (row["state"], row["attempts_left"], row["waiting_for"]) == ("pending", 6, None)
    assert caller.get(f"{path}/metrics").json["backlog"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "status_class"),
        ({"status_class": "2xx"}, "status_class"),
        ({"status_class": "all", "since": "yesterday"}, "since"),
        ({"status_class": "all", "since": "2026-01-12T12:00:00Z", "until": "2026-01-12T11:00:00Z"}, "since"),
        ({"status_class": "all", "type": "order.created"}, "type"),
    ],
    ids=["no-class", "unknown-class", "no-instant", "turned-round", "unknown-field"],
)
def test_retry_is_refused_with_its_field(
    caller: Caller, given_up: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    refused = caller.post(f"/v1/webhooks/{given_up['endpoint']}/retry-failed", json=body)
    assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (422, [field])
    assert caller.get(f"/v1/deliveries/{given_up['delivery']}").json["state"] == "dead"


def test_disabled_endpoint_is_not_retried(caller: Caller, given_up: dict[str, Any]) -> None:
    path = f"/v1/webhooks/{given_up['endpoint']}"
    caller.patch(path, json={"state": "disabled"})
    refused = caller.post(f"{path}/retry-failed", json={"status_class": "all"})
    assert (refused.status_code, refused.json["code"]) == (409, "endpoint_disabled")
    health = caller.get(f"{path}/metrics").json["health"]
    assert (health["state"], health["reason"]) == ("disabled", "disabled_by_owner")


@pytest.mark.parametrize("hours", ["0", "169", "many"])
def test_figures_of_too_many_hours_are_refused(caller: Caller, given_up: dict[str, Any], hours: str) -> None:
    refused = caller.get(f"/v1/webhooks/{given_up['endpoint']}/metrics?hours={hours}")
    assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (400, ["hours"])
