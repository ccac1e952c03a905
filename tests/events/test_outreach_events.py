"""Events of campaigns, integrations, notices, exports and endpoints: each by exactly its change."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from accounts.exports import service as exports
from accounts.exports.running import claim_export
from accounts.exports.running import fail_export
from accounts.plans.catalog import SANDBOX
from accounts.webhooks.warnings import warn_endpoint
from kit.planes import Environment
from kit.unit import control_unit
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.api.partners import Partner
from tests.events.conftest import Do
from tests.events.conftest import Tasks
from tests.events.feed import Feed
from worker.deliver import pump

SOUP = {"name": "Soup", "channel": "sms", "message": {"body": "Soup!"}}


def create_campaign(do: Do) -> tuple[dict[str, Any], str]:
    """A draft for one customer who agreed to text messages: (campaign, customer id)."""
    number = do("GET", "/v1/customers?limit=100")["data"]
    guest = {"name": "Ada Byron", "phones": [{"number": f"+4860100{len(number):04}"}], "tags": ["soup lover"]}
    customer = do("POST", "/v1/customers", guest)
    do("PUT", f"/v1/customers/{customer['id']}/consents", {"sms_marketing": "granted", "source": "paper form"})
    segment = do("POST", "/v1/segments", {"name": f"Soup {customer['id']}", "rule": {"tags_any": ["soup lover"]}})
    return do("POST", "/v1/campaigns", {**SOUP, "segment_id": segment["id"]}), customer["id"]


@pytest.mark.emits("campaign.created", "campaign.sent", "campaign.clicked")
def test_campaign_tells_its_start_its_end_and_each_first_click(do: Do, feed: Feed, tasks: Tasks) -> None:
    campaign, customer_id = create_campaign(do)
    created = feed.read()[-1]
    assert (created["type"], created["data"]) == ("campaign.created", {"object": campaign})
    tasks()
    path = f"/v1/campaigns/{campaign['id']}"
    do("POST", f"{path}/send")
    tasks()
    [sent] = feed.read("campaign.")
    assert (sent["type"], sent["data"]["object"]["stats"]["sent"]) == ("campaign.sent", 1)
    assert (sent["data"]["previous"]["status"], sent["data"]["previous"]["sent_at"]) == ("sending", None)
    for _ in range(2):
        do("POST", f"{path}/clicks", {"customer_id": customer_id})
    [clicked] = feed.read()
    assert (clicked["type"], clicked["data"]["object"]["customer_id"]) == ("campaign.clicked", customer_id)
    assert clicked["data"]["object"]["campaign"]["id"] == campaign["id"]


@pytest.mark.emits("promo_code.used", "campaign.offer_redeemed")
def test_code_is_told_when_used_and_its_offer_when_the_order_is_completed(do: Do, feed: Feed) -> None:
    campaign, _ = create_campaign(do)
    code = f"SOUP-{campaign['id'][-8:]}".upper()
    do("POST", "/v1/promo-codes", {"code": code, "kind": "percent", "value": 10, "campaign_id": campaign["id"]})
    feed.read()
    order = do("POST", "/v1/orders", {**BURGER, "discounts": [{"type": "promo", "code": code}]})
    created, used = feed.read()
    assert (created["type"], used["type"]) == ("order.created", "promo_code.used")
    about = used["data"]["object"]
    assert (about["promo"]["code"], about["order"]["id"], about["discount"]) == (code, order["id"], order["totals"]["discount"])
    for status in ("accepted", "ready", "completed"):
        do("PATCH", f"/v1/orders/{order['id']}", {"status": status})
    *_, completed, redeemed = feed.read()
    assert (completed["type"], redeemed["type"]) == ("order.completed", "campaign.offer_redeemed")
    about = redeemed["data"]["object"]
    assert (about["campaign"]["id"], about["order"]["id"], about["order"]["status"]) == (
        campaign["id"], order["id"], "completed",
    )  # fmt: skip


@pytest.mark.emits(
    "integration.connected", "integration.mapping_required", "integration.sync_completed", "integration.sync_failed",
    "integration.disconnected",
)  # fmt: skip
def test_integration_tells_its_states_and_runs(do: Do, feed: Feed, tasks: Tasks) -> None:
    integration = do("POST", "/v1/integrations", {"name": "Till", "kind": "pos"})
    assert [(event["type"], event["data"]) for event in feed.read()] == [
        ("integration.connected", {"object": integration})
    ]
    path = f"/v1/integrations/{integration['id']}"
    soup = do("POST", "/v1/menu-items", {"name": "Barszcz", "price": 18})
    mapping = {"kind": "menu_item", "external_ref": "till-7", "external_name": "Soup", "object_id": None}
    do("PUT", f"{path}/mappings", {"mappings": [mapping]})
    feed.read()
    do("POST", f"{path}/sync")
    tasks()
    required, completed = feed.read("integration.")
    assert (required["type"], [ref["external_ref"] for ref in required["data"]["object"]["refs"]]) == (
        "integration.mapping_required", ["till-7"],
    )  # fmt: skip
    assert (completed["type"], completed["data"]["object"]["counts"]["unmapped"]) == ("integration.sync_completed", 1)
    do("PUT", f"{path}/mappings", {"mappings": [{**mapping, "object_id": soup["id"]}]})
    assert feed.told() == [("integration.connected", {"state": "mapping_required"})]
    do("DELETE", f"/v1/menu-items/{soup['id']}")
    feed.read()
    do("POST", f"{path}/sync")
    tasks()
    [failed] = feed.read("integration.")
    assert (failed["type"], failed["data"]["object"]["failures"][0]["external_ref"]) == ("integration.sync_failed", "till-7")
    do("DELETE", path)
    assert feed.told() == [("integration.disconnected", {"state": "degraded"})]


@pytest.mark.emits("staff.notification.created")
def test_notice_is_told_when_somebody_wrote_it_and_not_for_an_order(do: Do, feed: Feed) -> None:
    notice = do("POST", "/v1/notifications", {"title": "Soup", "body": "Soup is out"})
    assert [(event["type"], event["data"]) for event in feed.read()] == [("staff.notification.created", {"object": notice})]
    do("POST", "/v1/orders", BURGER)
    assert feed.types() == ["order.created"]


@pytest.mark.emits("export.completed")
def test_export_is_told_when_its_file_is_there(do: Do, feed: Feed, tasks: Tasks) -> None:
    export = do("POST", "/v1/exports", {"dataset": "orders", "from": "2026-01-01", "to": "2026-01-31"})
    assert feed.types() == []
    tasks()
    [event] = feed.read("export.")
    assert (event["type"], event["data"]["previous"]) == ("export.completed", {"status": "running"})
    assert event["data"]["object"] == do("GET", f"/v1/exports/{export['id']}")


@pytest.mark.emits("export.failed")
def test_export_is_told_when_it_failed(partner: Partner, do: Do, feed: Feed) -> None:
    with unit_of_work(partner.scope):
        export = exports.start_export(
            partner.scope, tier=SANDBOX, scopes=frozenset({"orders:read"}), dataset="orders", format="csv",
            from_date="2026-01-01", to_date="2026-01-31",
        )  # fmt: skip
    with unit_of_work(partner.scope):
        running = claim_export(partner.scope, export_id=export["id"], tier=SANDBOX)
        assert running is not None
        fail_export(partner.scope, export=running, failure="internal_error")
    [event] = feed.read()
    assert (event["type"], event["data"]["previous"]) == ("export.failed", {"status": "running"})
    assert event["data"]["object"]["failure"] == "internal_error"


@pytest.mark.emits("webhook.endpoint.failing")
def test_endpoint_is_told_when_it_comes_near_to_being_disabled(do: Do, feed: Feed) -> None:
    made = do("POST", "/v1/webhooks", {"url": "https://hooks.sandbox.invalid/fail-502", "events": ["order.created"]})
    failing = {
        "endpoint_id": made["id"], "version": 1, "percent": 90, "failing_since": datetime(2026, 11, 1, 9, tzinfo=UTC),
        "last_reason": "http_502",
    }  # fmt: skip
    for _ in range(2):
        with control_unit():
            warn_endpoint(**failing)
    [event] = feed.read()
    shown = do("GET", f"/v1/webhooks/{made['id']}")
    near = {"percent": 90, "failing_since": "2026-11-01T09:00:00Z", "disabled_at_earliest": "2026-11-06T09:00:00Z"}
    assert (event["type"], event["data"]) == ("webhook.endpoint.failing", {"object": shown | near})
    do("DELETE", f"/v1/webhooks/{made['id']}")


@pytest.mark.emits("webhook.endpoint.disabled")
def test_endpoint_is_told_when_it_is_gone(caller: Caller, do: Do, feed: Feed) -> None:
    made = do("POST", "/v1/webhooks", {"url": "https://hooks.sandbox.invalid/gone-410", "events": ["order.created"]})
    do("POST", "/v1/orders", BURGER)
    pump(Environment.SANDBOX)
    event = feed.read()[-1]
    shown = do("GET", f"/v1/webhooks/{made['id']}")
    assert (event["type"], event["data"]) == ("webhook.endpoint.disabled", {"object": shown})
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "gone_410")
    do("PATCH", f"/v1/webhooks/{made['id']}", {"state": "enabled"})
    do("PATCH", f"/v1/webhooks/{made['id']}", {"state": "disabled"})
    assert feed.types() == []
    do("DELETE", f"/v1/webhooks/{made['id']}")
