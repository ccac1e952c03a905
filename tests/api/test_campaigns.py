"""Campaigns, promo codes and alerts over HTTP."""

from typing import Any

import pytest

from domain.campaigns.sending import send_step
from kit.ids import new_id
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.factories.campaigns import create_segment
from tests.factories.guests import create_guest

GRANTED = {"status": "granted", "at": None, "source": "website", "proof": None}
CONSENTS = {"email_marketing": GRANTED, "sms_marketing": GRANTED}
MAIL = {"name": "Lunch week", "channel": "email", "message": {"subject": "Lunch", "body": "Soup for 9."}}
ORDER = {"location_id": "loc_waw_01", "items": [{"menu_item_id": "itm_bacon_cheeseburger"}]}


def events_about(caller: Caller, object_id: str) -> list[dict[str, Any]]:
    found, after = [], 0
    while rows := caller.get(f"/v1/events?limit=100&after_sequence={after}").json["data"]:
        found += [row for row in rows if object_id in str(row["data"]["object"])]
        after = rows[-1]["sequence"]
    return found


def test_campaign_is_written_planned_and_called_off(caller: Caller):
    answer = caller.post("/v1/campaigns", json=MAIL)
    campaign = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/campaigns/{campaign['id']}")
    assert (campaign["status"], campaign["message"]) == ("draft", {"subject": "Lunch", "body": "Soup for 9.", "link": None})
    assert set(campaign["stats"].values()) == {0}
    path = f"/v1/campaigns/{campaign['id']}"
    planned = caller.patch(path, json={"scheduled_at": "2100-01-01T12:00:00Z", "message": {"body": "Soup for 8."}}).json
    assert (planned["status"], planned["message"]["subject"], planned["message"]["body"]) == ("scheduled", "Lunch", "Soup for 8.")
    assert caller.patch(path, json={"scheduled_at": None}).json["status"] == "draft"
    assert caller.patch(path, json={"status": "cancelled"}).json["status"] == "cancelled"
    refused = caller.post(f"{path}/send")
    assert (refused.status_code, refused.json["from"], refused.json["to"], refused.json["allowed"]) == (
        409, "cancelled", "sending", [],
    )  # fmt: skip
    [event] = events_about(caller, campaign["id"])
    assert (event["type"], event["data"]) == ("campaign.created", {"object": campaign})
    assert caller.get(f"/v1/campaigns?status=cancelled&ref=partner:{campaign['id']}").json["data"] == []


def test_sent_campaign_tells_whom_it_reached(caller: Caller, partner: Partner):
    with unit_of_work(partner.scope):
        yes = create_guest(partner.scope, email="yes@example.com", consents=CONSENTS)
        no = create_guest(partner.scope, email="no@example.com")
        segment_id = create_segment(partner.scope, yes, no)
    path = f"/v1/campaigns/{caller.post('/v1/campaigns', json={**MAIL, 'segment_id': segment_id}).json['id']}"
    answer = caller.post(f"{path}/send")
    assert (answer.status_code, answer.json["status"]) == (202, "sending")
    with unit_of_work(partner.scope):
        send_step(partner.scope, answer.json["id"])
    stats = caller.get(f"{path}/stats").json
    assert [stats[name] for name in ("status", "recipients", "sent", "suppressed", "failed")] == ["sent", 2, 1, 1, 0]
    reached = caller.get(f"{path}/recipients?status=sent").json["data"]
    assert [row["customer_id"] for row in reached] == [yes]
    first, again = (caller.post(f"{path}/clicks", json={"customer_id": yes}).json for _ in range(2))
    assert (first["is_first"], again["is_first"], first["clicked_at"]) == (True, False, again["clicked_at"])
    stranger = caller.post(f"{path}/clicks", json={"customer_id": no})
    assert (stranger.status_code, stranger.json["errors"][0]["field"]) == (422, "customer_id")
    sent, clicked = events_about(caller, answer.json["id"])[1:]
    assert (sent["type"], sent["data"]["previous"]["status"], clicked["type"]) == ("campaign.sent", "sending", "campaign.clicked")
    assert clicked["data"]["object"]["campaign"] == caller.get(path).json


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"message": {"body": "Soup"}}, "message.subject", id="mail without subject"),
        pytest.param({"channel": "sms", "message": {"body": "x" * 481}}, "message.body", id="long text message"),
        pytest.param({"segment_id": "seg_none"}, "segment_id", id="unknown segment"),
        pytest.param({"scheduled_at": "2020-01-01T00:00:00Z"}, "scheduled_at", id="in the past"),
        pytest.param({"message": {"subject": "a", "body": "b", "link": "ftp://x"}}, "message.link", id="no web address"),
    ],
)
def test_campaign_is_refused_when_a_rule_is_broken(caller: Caller, change: dict[str, Any], field: str):
    answer = caller.post("/v1/campaigns", json={**MAIL, **change})
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])


def test_promo_code_is_used_by_an_order(caller: Caller):
    body = {"code": new_id("save").replace("_", "-")[:20], "kind": "percent", "value": 12.5, "max_uses": 1}
    answer = caller.post("/v1/promo-codes", json=body)
    promo, code = answer.json, body["code"].upper()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/promo-codes/{code}")
    assert (promo["code"], promo["value"], promo["used_count"]) == (code, 12.5, 0)
    twice = caller.post("/v1/promo-codes", json=body)
    assert (twice.status_code, twice.json["code"]) == (409, "duplicate_reference")
    valid = caller.post(f"/v1/promo-codes/{code.lower()}/validate", json=ORDER).json
    assert (valid["valid"], valid["discount"], valid["reason"]) == (True, 4.81, None)
    order = caller.post("/v1/orders", json={**ORDER, "discounts": [{"type": "promo", "code": code}]}).json
    assert order["totals"]["discount"] == 4.81
    over = caller.post(f"/v1/promo-codes/{code}/validate", json=ORDER).json
    assert (over["valid"], over["discount"], over["reason"]) == (False, 0, "exhausted")
    refused = caller.post("/v1/orders", json={**ORDER, "discounts": [{"type": "promo", "code": code}]})
    assert (refused.status_code, refused.json["code"], refused.json["reason"]) == (422, "promo_invalid", "exhausted")
    used = [event for event in events_about(caller, order["id"]) if event["type"] == "promo_code.used"]
    told = [event["data"]["object"] for event in used]
    assert [(one["promo"]["used_count"], one["discount"]) for one in told] == [(1, 4.81)]
    cancel = {"status": "cancelled", "cancel_reason": "customer_request"}
    assert caller.patch(f"/v1/orders/{order['id']}", json=cancel).status_code == 200
    assert caller.get(f"/v1/promo-codes/{code}").json["used_count"] == 0
    assert caller.patch(f"/v1/promo-codes/{code}", json={"is_active": False}).json["is_active"] is False
    assert caller.post(f"/v1/promo-codes/{code}/validate", json=ORDER).json["reason"] == "inactive"


def test_offer_of_a_campaign_is_redeemed_by_a_completed_order(caller: Caller):
    campaign = caller.post("/v1/campaigns", json=MAIL).json
    code = new_id("offer").replace("_", "-").upper()
    promo = {"code": code, "kind": "fixed", "value": 5, "currency": "PLN", "campaign_id": campaign["id"]}
    assert caller.post("/v1/promo-codes", json=promo).status_code == 201
    order = caller.post("/v1/orders", json={**ORDER, "discounts": [{"type": "promo", "code": code}]}).json
    for status in ("accepted", "completed"):
        assert caller.patch(f"/v1/orders/{order['id']}", json={"status": status}).status_code == 200
    redeemed = [event for event in events_about(caller, order["id"]) if event["type"] == "campaign.offer_redeemed"]
    assert [event["data"]["object"]["campaign"]["stats"]["redeemed"] for event in redeemed] == [1]
    assert redeemed[0]["data"]["object"]["order"]["status"] == "completed"


def test_alert_counts_whom_it_may_reach(caller: Caller, partner: Partner):
    with unit_of_work(partner.scope):
        ids = [create_guest(partner.scope, phone="+48600000077", consents=one) for one in (CONSENTS, {})]
        segment_id = create_segment(partner.scope, *ids)
    answer = caller.post("/v1/alerts/sms", json={"segment_id": segment_id, "text": "Soup!"})
    assert (answer.status_code, answer.json["accepted"], answer.json["suppressed"]) == (202, 1, 1)
    assert caller.get(answer.headers["Location"]).json == answer.json
    alone = caller.post("/v1/alerts/sms", json={"customer_id": ids[0], "text": "Your table is ready."}).json
    assert (alone["status"], alone["sent"]) == ("sent", 1)
    assert caller.post("/v1/alerts/sms", json={"text": "Nobody"}).status_code == 422
