"""The tier simulator: a sandbox that plays a plan, from the next call on."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.api.callers import Caller
from tests.api.partners import Partner


@pytest.fixture
def player(app: Flask, new_partner: Callable[..., Partner]) -> Caller:
    return Caller(app, new_partner().key)


def play(caller: Caller, tier: str | None) -> dict[str, object]:
    answer = caller.post("/sandbox/v1/plan", json={"tier": tier})
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def test_plan_gates_from_the_next_call_on(player: Caller) -> None:
    assert player.get("/v1/orders").status_code == 200
    shown = play(player, "smart")
    assert (shown["tier"], shown["is_simulated"], shown["daily_quota"]) == ("smart", True, 5000)
    assert shown["limits"] == {"read": 30, "write": 10, "status": None}

    refused = player.get("/v1/orders")
    assert (refused.status_code, refused.json["code"], refused.json["required_plan"]) == (403, "plan_required", "pro")
    allowed = player.get("/v1/me")
    assert (allowed.status_code, allowed.headers["X-RateLimit-Limit"]) == (200, "30")
    assert player.get("/sandbox/v1/state").json["plan"] == "smart"


def test_plan_when_ended_opens_everything_again(player: Caller) -> None:
    play(player, "basic")
    assert player.get("/v1/orders").status_code == 403
    shown = play(player, None)
    assert (shown["tier"], shown["is_simulated"]) == ("sandbox", False)
    assert player.get("/v1/orders").headers["X-RateLimit-Limit"] == "120"


def test_plan_ends_with_a_reset(player: Caller) -> None:
    play(player, "basic")
    assert player.post("/sandbox/v1/reset").json["fixtures"]["orders"] == ["ord_89421", "ord_89407"]
    assert player.get("/v1/orders").status_code == 200


def test_plan_of_a_sandbox_that_has_one_comes_back(app: Flask, new_partner: Callable[..., Partner]) -> None:
    caller = Caller(app, new_partner(plan_tier="smart").key)
    play(caller, "pro")
    assert caller.get("/v1/orders").headers["X-RateLimit-Limit"] == "300"
    assert play(caller, None)["tier"] == "smart"
    assert caller.get("/v1/orders").status_code == 403


def test_plan_limits_webhook_endpoints(player: Caller) -> None:
    play(player, "smart")
    answer = player.post("/v1/webhooks", json={"url": "https://hooks.sandbox.invalid/ok", "events": ["order.accepted"]})
    assert (answer.status_code, answer.json["code"]) == (403, "plan_required")


def test_unknown_plan_is_refused(player: Caller) -> None:
    assert player.post("/sandbox/v1/plan", json={"tier": "gold"}).status_code == 422
    assert player.post("/sandbox/v1/plan", json={}).json["errors"][0]["field"] == "tier"
