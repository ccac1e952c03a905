"""What an endpoint asks for, over HTTP: shown as asked, headers never, and followed when events happen."""

import json
from base64 import b64decode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kit.planes import Environment
from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.events.conftest import Do
from worker.relay import relay

SINK = "https://hooks.sandbox.invalid/ok"
OPTIONS: dict[str, Any] = {
    "location_ids": ["loc_waw_01"], "max_in_flight": 4, "max_per_second": 20,
    "filters": [{"field": "totals.total", "operator": "gte", "value": 50.5}, {"field": "status", "operator": "in",
                 "value": ["pending", "accepted"]}, {"field": "table_id", "operator": "exists", "value": False}],
}  # fmt: skip
DEFAULTS = {"location_ids": [], "filters": [], "max_in_flight": 32, "max_per_second": None}


def relay_all() -> None:
    """Relay what happened, here and in other tests before."""
    while relay(Environment.SANDBOX).events:
        pass


def options_of(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in OPTIONS}


def made(do: Do, **options: Any) -> dict[str, Any]:
    return do("POST", "/v1/webhooks", {"url": SINK, "events": ["order.*"], **options})


def test_options_are_shown_as_asked_and_changed_one_by_one(do: Do) -> None:
    assert options_of(made(do)) == DEFAULTS
    endpoint = made(do, **OPTIONS)
    path = f"/v1/webhooks/{endpoint['id']}"
    assert (endpoint["events"], options_of(endpoint)) == (["order.*"], OPTIONS)
    assert options_of(do("GET", path)) == OPTIONS
    changed = do("PATCH", path, {"max_per_second": None, "events": ["menu.item.*", "order.created"]})
    assert options_of(changed) == {**OPTIONS, "max_per_second": None}
    assert changed["events"] == ["menu.item.*", "order.created"]
    assert options_of(do("PATCH", path, DEFAULTS)) == DEFAULTS


def test_headers_are_named_and_their_values_never_come_back(caller: Caller, do: Do) -> None:
    answers = [caller.post("/v1/webhooks", json={
        "url": SINK, "events": ["*"], "headers": {"Authorization": "Bearer hunter2", "x-shop": "hunter2"},
    })]  # fmt: skip
    path = answers[0].headers["Location"]
    answers += [
        caller.get(path),
        caller.send("PATCH", path, json={"headers": {"X-Other": "hunter2"}}),
        caller.get("/v1/webhooks?limit=100"),
        caller.send("PATCH", path, json={"headers": {"x-a": "hunter2\n", "content-type": "hunter2", "x-b": ["hunter2"]}}),
        caller.send("PATCH", path, json={"headers": {"x-a": "hunter2\n", "content-type": "hunter2"}}),
        caller.send("PATCH", path, json={"headers": {}}),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 422, 422, 200]
    assert [answer.json["header_names"] for answer in (*answers[:3], answers[-1])] == [
        ["authorization", "x-shop"], ["authorization", "x-shop"], ["x-other"], [],
    ]  # fmt: skip
    assert [error["field"] for error in answers[5].json["errors"]] == ["headers.x-a", "headers.content-type"]
    assert [answer.text for answer in answers if "hunter2" in answer.text] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"events": ["order.created", "orders.*"]}, "events[1]"),
        ({"location_ids": ["loc_1", ""]}, "location_ids[1]"),
        ({"location_ids": ["a b"]}, "location_ids[0]"),
        ({"filters": [{"field": "a", "operator": "near", "value": 1}]}, "filters[0].operator"),
        ({"filters": [{"field": "a..b", "operator": "eq", "value": 1}]}, "filters[0].field"),
        ({"filters": [{"field": "a", "operator": "eq", "value": None}]}, "filters[0].value"),
        ({"filters": [{"field": "a", "operator": "eq"}]}, "filters[0].value"),
        ({"filters": [{"field": "a", "operator": "gt", "value": {"b": 1}}]}, "filters[0].value"),
        ({"filters": [{"field": "a", "operator": "eq", "value": 10**17}]}, "filters[0].value"),
        ({"filters": "status eq ready"}, "filters"),
        ({"headers": ["x"]}, "headers"),
        ({"headers": {"webhook-id": "1"}}, "headers.webhook-id"),
        ({"signature": "v2"}, "signature"),
        ({"max_in_flight": 33}, "max_in_flight"),
        ({"max_in_flight": None}, "max_in_flight"),
        ({"max_per_second": 0}, "max_per_second"),
        ({"max_per_second": "10"}, "max_per_second"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_option_is_refused_with_its_field(caller: Caller, do: Do, change: dict[str, Any], field: str) -> None:
    answers = [caller.post("/v1/webhooks", json={"url": SINK, "events": ["*"], **change})]
    endpoint_id = next(row["id"] for row in do("GET", "/v1/webhooks")["data"])
    answers.append(caller.send("PATCH", f"/v1/webhooks/{endpoint_id}", json=change))
    for answer in answers:
        assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
        assert [error["field"] for error in answer.json["errors"]] == [field]


def test_scheme_is_changed_and_a_secret_shown_once(caller: Caller, do: Do) -> None:
    endpoint = made(do, signature="v1a")
    path = f"/v1/webhooks/{endpoint['id']}"
    assert (endpoint["signature"], endpoint["secret"]) == ("v1a", None)
    Ed25519PublicKey.from_public_bytes(b64decode(endpoint["public_key"].removeprefix("whpk_"), validate=True))
    assert do("GET", path)["public_key"] == endpoint["public_key"]
    rotated = do("POST", f"{path}/rotate-secret")
    assert (rotated["secret"], rotated["public_key"] == endpoint["public_key"]) == (None, False)
    same = do("PATCH", path, {"signature": "v1a"})
    assert (same["public_key"], same["version"], "secret" in same) == (rotated["public_key"], 2, False)
    hashed = do("PATCH", path, {"signature": "v1", "description": "Till"})
    assert (hashed["signature"], hashed["public_key"], hashed["secret"][:6]) == ("v1", None, "whsec_")
    assert "secret" not in do("GET", path)
    assert "whsk_" not in json.dumps([endpoint, rotated, same, hashed])


def test_only_events_that_an_endpoint_asked_for_are_delivered_to_it(do: Do) -> None:
    at_least = {"field": "totals.total", "operator": "gte"}
    wanted = {
        "all": made(do), "large": made(do, filters=[{**at_least, "value": 10_000}]),
        "small": made(do, filters=[{**at_least, "value": "0.01"}, {"field": "status", "operator": "ne", "value": "draft"}]),
        "elsewhere": made(do, location_ids=["loc_none"]), "menus": made(do, events=["menu.item.*"]),
    }  # fmt: skip
    do("POST", "/v1/orders", BURGER)
    relay_all()
    types = {
        name: [row["event_type"] for row in do("GET", f"/v1/webhooks/{one['id']}/deliveries")["data"]]
        for name, one in wanted.items()
    }
    assert types == {"all": ["order.created"], "large": [], "small": ["order.created"], "elsewhere": [], "menus": []}


def test_test_event_is_one_the_endpoint_receives_whatever_it_filters(do: Do) -> None:
    narrow = [{"field": "id", "operator": "eq", "value": "none"}]
    endpoint = made(do, events=["menu.item.*", "store.status.updated"], filters=narrow, location_ids=["loc_none"])
    sent = do("POST", f"/v1/webhooks/{endpoint['id']}/test")
    relay_all()
    [delivery] = do("GET", f"/v1/webhooks/{endpoint['id']}/deliveries")["data"]
    assert (sent["type"], delivery["event_type"]) == ("menu.item.created", "menu.item.created")
    assert delivery["event_id"] == sent["event_id"]
