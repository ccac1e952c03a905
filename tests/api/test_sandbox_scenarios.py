"""Playing a scenario through sandbox control."""

from collections.abc import Callable

import pytest
from flask import Flask

from kit.unit import unit_of_work
from sandbox.service import reset
from tests.api.callers import Caller
from tests.api.partners import Partner


@pytest.fixture
def partner(new_partner: Callable[..., Partner]) -> Partner:
    return new_partner()


@pytest.fixture
def caller(app: Flask, partner: Partner) -> Caller:
    return Caller(app, partner.key)


def test_answer_says_what_was_done_and_where(caller: Caller) -> None:
    answer = caller.post("/sandbox/v1/scenarios/double_booking_race/run", json={"location_id": "loc_waw_01"})

    assert answer.status_code == 200, answer.text
    assert answer.json.keys() == {"name", "location_id", "started_at", "counts", "ids", "steps"}
    assert (answer.json["name"], answer.json["location_id"]) == ("double_booking_race", "loc_waw_01")
    assert answer.json["counts"] == {"refused_table_unavailable": 5, "reservations_booked": 1}
    [winner] = answer.json["ids"]["reservations"]
    assert caller.get(f"/v1/reservations/{winner}").json["status"] == "confirmed"


def test_outage_brings_an_endpoint_that_fails_twice_and_a_reset_removes_it(caller: Caller, partner: Partner) -> None:
    first, again = (caller.post("/sandbox/v1/scenarios/webhook_outage/run") for _ in range(2))

    assert first.json["counts"] == {"orders_completed": 5, "orders_placed": 5, "payments_taken": 5}
    [endpoint_id] = first.json["ids"]["webhook_endpoints"]
    assert again.json["ids"]["webhook_endpoints"] == [endpoint_id]
    endpoint = caller.get(f"/v1/webhooks/{endpoint_id}").json
    assert (endpoint["url"], endpoint["state"]) == ("https://hooks.sandbox.invalid/fail-502-then-ok?n=3", "enabled")
    assert caller.post("/sandbox/v1/reset").status_code == 200
    assert caller.get(f"/v1/webhooks/{endpoint_id}").status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [("monday_lull", {}), ("friday_rush", {"location_id": "loc_elsewhere"})],
    ids=["scenario", "location"],
)
def test_unknown_scenario_or_place_is_not_found(caller: Caller, path: str, body: dict[str, str]) -> None:
    answer = caller.post(f"/sandbox/v1/scenarios/{path}/run", json=body)
    assert (answer.status_code, answer.json["code"]) == (404, "resource_not_found")


def test_empty_sandbox_has_no_stage(caller: Caller, partner: Partner) -> None:
    with unit_of_work(partner.scope):
        reset(partner.scope, profile="empty")
    assert caller.post("/sandbox/v1/scenarios/friday_rush/run").status_code == 404


def test_needs_the_control_scope(app: Flask, partner: Partner) -> None:
    answer = Caller(app, partner.issue({"orders:write"}).text).post("/sandbox/v1/scenarios/friday_rush/run")
    assert (answer.status_code, answer.json["required_scopes"]) == (403, ["sandbox:control"])


def test_repeated_with_its_idempotency_key_it_is_played_once(caller: Caller) -> None:
    headers = {"Idempotency-Key": "one evening"}
    first, again = (caller.post("/sandbox/v1/scenarios/no_show_evening/run", headers=headers) for _ in range(2))
    assert first.json["ids"] == again.json["ids"]
