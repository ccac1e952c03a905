"""Integrations over HTTP."""

from typing import Any

import pytest
from flask import Flask

from api.requestlog import request_log
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.domain.recorded import recorded_events
from worker.timekeeping import keep_time

TILL = {"name": "Till", "kind": "pos", "config": {"url": "https://till.example"}, "secrets": {"pass": "s3kret-value"}}
BURGER_ITEM = "itm_bacon_cheeseburger"


@pytest.fixture
def shop(app: Flask) -> Partner:
    return sandbox_partner()


def connected(caller: Caller, **changes: Any) -> dict[str, Any]:
    answer = caller.post("/v1/integrations", json={**TILL, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def test_integration_is_connected_mapped_synchronised_and_ended(shop: Partner, caller_of: NewCaller) -> None:
    caller = caller_of(shop.key)
    made = connected(caller, location_id="loc_waw_01")
    assert (made["state"], made["secret_names"], made["unmapped"]) == ("connected", ["pass"], 0)
    path = f"/v1/integrations/{made['id']}"
    put = caller.send("PUT", f"{path}/mappings", json={"mappings": [
        {"kind": "menu_item", "external_ref": "1", "object_id": BURGER_ITEM},
        {"kind": "menu_item", "external_ref": "2", "external_name": "Tea", "object_id": None},
    ]})  # fmt: skip
    assert (put.status_code, put.json["unmapped"]) == (200, 1)
    assert [row["status"] for row in caller.get(f"{path}/mappings").json["data"]] == ["mapped", "unmapped"]
    [open_one] = caller.get(f"{path}/mappings?unresolved=true").json["data"]
    assert open_one["external_name"] == "Tea"
    run = caller.post(f"{path}/sync")
    assert (run.status_code, run.json["status"], run.json["counts"]) == (202, "queued", None)
    keep_time(shop.environment)
    [done] = caller.get(f"{path}/runs").json["data"]
    assert (done["status"], done["counts"]["mapped"], done["counts"]["unmapped"]) == ("succeeded", 1, 1)
    assert caller.get("/v1/integrations/health").json["counts"]["mapping_required"] == 1
    assert caller.send("DELETE", path).status_code == 204
    assert caller.get(path).status_code == 404
    types = [event.type for event in recorded_events(shop.scope) if event.type.startswith("integration.")]
    assert types == [
        "integration.connected", "integration.mapping_required", "integration.sync_completed", "integration.disconnected",
    ]  # fmt: skip


def test_secrets_appear_in_no_answer_and_no_log(shop: Partner, caller_of: NewCaller) -> None:
    caller = caller_of(shop.key)
    made = connected(caller)
    caller.patch(f"/v1/integrations/{made['id']}", json={"secrets": {"pass": "s3kret-value-2"}})
    request_log.flush()
    calls = caller.get("/v1/logs?path=/v1/integrations").json["data"]
    logged = [caller.get(f"/v1/logs/{call['request_id']}").text for call in calls]
    assert len(logged) == 2
    assert "s3kret-value" not in "".join(logged) + caller.get("/v1/integrations").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"kind": "fax"}, "kind"), ({"config": {"api_key": "x"}}, "config"), ({"name": ""}, "name")],
    ids=["unknown kind", "secret in the open", "no name"],
)
def test_integration_is_refused_when_it_makes_no_sense(caller: Caller, changes: dict[str, Any], field: str) -> None:
    answer = caller.post("/v1/integrations", json={**TILL, **changes})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_hotel_needs_enterprise(app: Flask, caller_of: NewCaller) -> None:
    caller = caller_of(sandbox_partner(plan_tier="pro").key)
    answer = caller.post("/v1/integrations", json={**TILL, "kind": "hotel"})
    assert (answer.status_code, answer.json["required_plan"]) == (403, "enterprise")


def test_change_of_an_old_version_is_refused(caller: Caller) -> None:
    path = f"/v1/integrations/{connected(caller)['id']}"
    assert caller.patch(path, json={"name": "Main till", "version": 1}).json["version"] == 2
    stale = caller.patch(path, json={"name": "Other", "version": 1})
    assert (stale.status_code, stale.json["code"]) == (409, "version_conflict")
