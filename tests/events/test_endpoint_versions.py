"""What a dated version decides: the answers of a credential pinned to it, and the bodies an endpoint receives."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from accounts.applications.revocations import revocations
from accounts.applications.service import seeding_side
from accounts.keys.models import ApiKey
from accounts.oauth.models import OAuthClient
from accounts.oauth.service import create_client
from accounts.oauth.service import issue_token
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.api.partners import Partner
from worker.deliver import pump

OLD, NEW = "2026-09-01", "2026-11-01"
TYPES = ["order.created", "order.updated", "payment.confirmed", "menu.item.updated"]


def endpoint(caller: Caller, **options: Any) -> tuple[str, str]:
    """A new endpoint that leads to an inbox of its own: (id, inbox token)."""
    inbox = caller.post("/sandbox/v1/inbox").json
    made = caller.post("/v1/webhooks", json={"url": inbox["url"], "events": TYPES, **options})
    assert made.status_code == 201, made.text
    return made.json["id"], inbox["token"]


def bodies(caller: Caller, token: str) -> dict[str, dict[str, Any]]:
    """The bodies an inbox holds by event type."""
    pump(Environment.SANDBOX)
    messages = caller.get(f"/sandbox/v1/inbox/{token}").json["data"]
    found = [orjson.loads(message["body"]) for message in messages]
    return {body["type"]: body for body in found}


def test_each_endpoint_receives_its_own_version(caller: Caller) -> None:
    _, old_token = endpoint(caller, api_version=OLD)
    _, new_token = endpoint(caller)
    order = caller.post("/v1/orders", json=BURGER).json
    due = order["totals"]["due"]
    caller.post("/v1/payments", json={"order_id": order["id"], "method": "cash", "tip": 2})
    item = caller.get("/v1/menu-items?limit=1").json["data"][0]
    level = {"code": "celery", "level": "contains"}
    assert caller.patch(f"/v1/menu-items/{item['id']}", json={"allergens": [level]}).status_code == 200
    old, new = bodies(caller, old_token), bodies(caller, new_token)
    assert set(old) == set(new) == {"order.created", "order.updated", "payment.confirmed", "menu.item.updated"}
    assert ({body["api_version"] for body in old.values()}, {body["api_version"] for body in new.values()}) == ({OLD}, {NEW})
    assert [old[name]["id"] for name in old] == [new[name]["id"] for name in old]

    created = [version["order.created"]["data"]["object"] for version in (old, new)]
    assert (created[0]["order_type"], "type" in created[0]["fulfillment"]) == ("pickup", False)
    assert (created[1]["fulfillment"]["type"], "order_type" in created[1]) == ("pickup", False)
    paid = [version["payment.confirmed"]["data"]["object"] for version in (old, new)]
    assert [payment["amount"] for payment in paid] == [due + 2, due]
    assert [("order_type" in payment["order"]) for payment in paid] == [True, False]
    changed = [version["menu.item.updated"]["data"] for version in (old, new)]
    assert [change["object"]["allergens"] for change in changed] == [["celery"], [level]]
    before = [allergen["code"] for allergen in item["allergens"] if allergen["level"] == "contains"]
    assert [change["previous"]["allergens"] for change in changed] == [before, item["allergens"]]


def test_endpoint_changes_its_version_for_what_is_sent_from_then_on(caller: Caller) -> None:
    endpoint_id, token = endpoint(caller)
    changed = caller.patch(f"/v1/webhooks/{endpoint_id}", json={"api_version": OLD})
    assert (changed.status_code, changed.json["api_version"], changed.json["version"]) == (200, OLD, 2)
    caller.post("/v1/orders", json=BURGER)
    assert bodies(caller, token)["order.created"]["api_version"] == OLD
    assert caller.get(f"/v1/webhooks/{endpoint_id}").json["api_version"] == OLD


@pytest.mark.parametrize("version", ["2025-01-01", "", "newest", None, 20261101])
def test_endpoint_is_refused_a_version_that_does_not_exist(caller: Caller, version: Any) -> None:
    body = {"url": "https://hooks.sandbox.invalid/ok", "events": ["order.created"], "api_version": version}
    refused = caller.post("/v1/webhooks", json=body)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "api_version")


def test_key_speaks_the_version_it_is_pinned_to(partner: Partner, caller_of: Callable[[str], Caller]) -> None:
    caller_of(partner.key).post("/v1/orders", json=BURGER)
    key = partner.issue()
    with control_unit():
        control().session.get(ApiKey, key.id).api_version = OLD
        revocations.announce()
    pinned = caller_of(key.text)
    answer = pinned.get("/v1/orders?limit=1")
    assert (answer.headers["Tableport-Version"], "paging" in answer.json) == (OLD, True)
    assert pinned.get("/v1/me").json["api_version"] == OLD
    event = pinned.get("/v1/events?types=order.created&limit=1").json["data"][0]
    assert (event["api_version"], "order_type" in event["data"]["object"]) == (OLD, True)
    newest = pinned.get("/v1/orders?limit=1", headers={"Tableport-Version": NEW})
    assert (newest.headers["Tableport-Version"], "paging" in newest.json) == (NEW, False)
    rolled = caller_of(partner.roll(key, 3600).text)
    assert rolled.get("/v1/me").headers["Tableport-Version"] == OLD


def test_token_speaks_the_version_its_client_is_pinned_to(partner: Partner, caller_of: Callable[[str], Caller]) -> None:
    with control_unit():
        side = seeding_side(
            application_id=partner.application_id, environment=partner.environment, tenant_id=partner.tenant_id
        )
        client = create_client(side, name="Nightly sync", scopes=["orders:read"]).client
    for pin in (NEW, OLD):
        with control_unit():
            held = control().session.get(OAuthClient, client.id)
            assert pin == OLD or held.api_version == NEW
            held.api_version = pin
            text, _ = issue_token(held, scopes=["orders:read"])
        assert caller_of(text).get("/v1/orders?limit=1").headers["Tableport-Version"] == pin


@pytest.mark.parametrize("header", ["Tableport-Version", "TM-Version"])
def test_call_is_refused_when_its_header_names_no_version(caller: Caller, header: str) -> None:
    refused = caller.get("/v1/me", headers={header: "2026-11-02"})
    assert (refused.status_code, refused.json["code"], refused.json["versions"]) == (400, "unsupported_version", [OLD, NEW])
