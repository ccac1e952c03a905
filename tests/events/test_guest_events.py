"""Events of customers and loyalty: each by exactly its change, with the old values of what changed."""

from typing import Any

import pytest

from tests.api.partners import BURGER
from tests.events.conftest import Do
from tests.events.conftest import Tasks
from tests.events.feed import Feed

PROGRAM = "prg_regulars"


def create_customer(do: Do, feed: Feed, **body: Any) -> dict[str, Any]:
    customer = do("POST", "/v1/customers", {"name": "Ada Byron"} | body)
    feed.read()
    return customer


def create_member(do: Do, feed: Feed) -> dict[str, Any]:
    body = {"program_id": PROGRAM, "customer_id": create_customer(do, feed)["id"]}
    member = do("POST", "/v1/loyalty/members", body)
    feed.read()
    return member


@pytest.mark.emits("customer.created", "customer.updated")
def test_customer_tells_its_start_and_its_changes(do: Do, feed: Feed) -> None:
    customer = do("POST", "/v1/customers", {"name": "Ada Byron", "phones": [{"number": "+48 601 000 001"}]})
    [event] = feed.read()
    shown = {name: value for name, value in customer.items() if name not in ("stats", "loyalty")}
    assert (event["type"], event["data"]["object"]) == ("customer.created", shown)
    path = f"/v1/customers/{customer['id']}"
    do("PATCH", path, {"likes": ["soup"]})
    assert feed.told() == [("customer.updated", {"likes": []})]
    do("PATCH", path, {"likes": ["soup"]})
    assert feed.told() == []


@pytest.mark.emits("customer.tag.added", "customer.updated")
def test_tag_is_told_when_added_and_as_a_change_when_taken_away(do: Do, feed: Feed) -> None:
    customer = create_customer(do, feed)
    do("POST", f"/v1/customers/{customer['id']}/tags", {"tag": "window"})
    [event] = feed.read()
    assert (event["type"], event["data"]["object"]["tag"]) == ("customer.tag.added", "window")
    do("DELETE", f"/v1/customers/{customer['id']}/tags/window")
    assert feed.told() == [("customer.updated", {"tags": ["window"]})]


@pytest.mark.emits("customer.consent.updated")
def test_consent_is_told_with_what_it_was(do: Do, feed: Feed) -> None:
    path = f"/v1/customers/{create_customer(do, feed)['id']}/consents"
    do("PUT", path, {"sms_marketing": "granted", "source": "paper form"})
    do("PUT", path, {"sms_marketing": "denied", "email_marketing": "denied", "source": "call"})
    told = [(event["type"], event["data"]["object"]) for event in feed.read()]
    assert [(type_, flip["channel"], flip["from"], flip["to"], flip["source"]) for type_, flip in told] == [
        ("customer.consent.updated", "sms_marketing", "unknown", "granted", "paper form"),
        ("customer.consent.updated", "email_marketing", "unknown", "denied", "call"),
        ("customer.consent.updated", "sms_marketing", "granted", "denied", "call"),
    ]


@pytest.mark.emits("customer.segment.updated")
def test_segment_tells_who_entered_and_who_left(do: Do, feed: Feed, tasks: Tasks) -> None:
    customer = create_customer(do, feed, tags=["tenor"])
    segment = do("POST", "/v1/segments", {"name": "Singers", "rule": {"tags_any": ["tenor"]}})
    tasks()
    do("DELETE", f"/v1/customers/{customer['id']}/tags/tenor")
    tasks()
    told = [event["data"]["object"] for event in feed.read("customer.segment.updated")]
    assert [(one["customer_id"], one["segment"]["id"], one["change"]) for one in told] == [
        (customer["id"], segment["id"], "entered"), (customer["id"], segment["id"], "left"),
    ]  # fmt: skip


@pytest.mark.emits("customer.deleted", "customer.updated", "customer.merged")
def test_merge_tells_the_victim_the_victor_and_its_end(do: Do, feed: Feed, tasks: Tasks) -> None:
    victor, victim = (create_customer(do, feed) for _ in range(2))
    order = do("POST", "/v1/orders", {**BURGER, "customer_id": victim["id"]})
    feed.read()
    do("POST", f"/v1/customers/{victor['id']}/merge", {"victim_ids": [victim["id"]]})
    deleted, updated = feed.read()
    assert (deleted["type"], deleted["data"]["previous"]) == ("customer.deleted", {"merged_into": None})
    assert deleted["data"]["object"]["merged_into"] == victor["id"]
    assert (updated["type"], updated["data"]["previous"]) == ("customer.updated", {"merged_customer_ids": []})
    tasks()
    merged = [event["data"]["object"] for event in feed.read("customer.merged")]
    assert [(one["victor_id"], one["victim_ids"], one["moved_counts"]["orders"]) for one in merged] == [
        (victor["id"], [victim["id"]], 1)
    ]
    assert do("GET", f"/v1/orders/{order['id']}")["customer_id"] == victor["id"]


@pytest.mark.emits("customer.deleted", "membership.deleted")
def test_erasure_tells_the_customer_and_the_membership(do: Do, feed: Feed) -> None:
    member = create_member(do, feed)
    do("DELETE", f"/v1/customers/{member['customer_ids'][0]}")
    told = {event["type"]: event["data"]["object"] for event in feed.read()}
    assert set(told) == {"customer.deleted", "membership.deleted"}
    assert (told["membership.deleted"]["id"], told["customer.deleted"]["phones"]) == (member["id"], [])
    assert "Ada" not in str(told["customer.deleted"])


@pytest.mark.emits("loyalty.member.created", "membership.created", "membership.updated")
def test_member_tells_joining_changes_and_coming_back(do: Do, feed: Feed) -> None:
    body = {"program_id": PROGRAM, "customer_id": create_customer(do, feed)["id"]}
    member = do("POST", "/v1/loyalty/members", body)
    assert [(event["type"], event["data"]) for event in feed.read()] == [
        ("loyalty.member.created", {"object": member}), ("membership.created", {"object": member}),
    ]  # fmt: skip
    path = f"/v1/loyalty/members/{member['id']}"
    do("PATCH", path, {"code": f"CARD-{member['id'][-6:]}"})
    assert feed.told() == [("membership.updated", {"code": member["code"]})]
    do("PATCH", path, {"status": "cancelled"})
    assert feed.told() == [("membership.updated", {"status": "active"})]
    do("PATCH", path, {"status": "active"})
    assert feed.told() == [("loyalty.member.created", None), ("membership.updated", {"status": "cancelled"})]


@pytest.mark.emits(
    "loyalty.points.earned", "loyalty.reward.unlocked", "loyalty.reward.redeemed", "loyalty.tier.updated", "membership.updated"
)
def test_points_tell_what_they_did(do: Do, feed: Feed) -> None:
    member = create_member(do, feed)
    path = f"/v1/loyalty/members/{member['id']}"
    do("POST", f"{path}/points", {"delta": 5000, "reason": "earn"})
    earned, *unlocked, tier = feed.read()
    assert (earned["type"], earned["data"]["previous"]) == ("loyalty.points.earned", {"balance": 0})
    assert [earned["data"]["object"][name] for name in ("delta", "balance", "order_id")] == [5000, 5000, None]
    rewards = do("GET", f"/v1/loyalty/rewards?program_id={PROGRAM}")["data"]
    assert {event["type"] for event in unlocked} == {"loyalty.reward.unlocked"}
    assert {event["data"]["object"]["reward"]["id"] for event in unlocked} == {reward["id"] for reward in rewards}
    assert (tier["type"], tier["data"]["object"]["from"]) == ("loyalty.tier.updated", None)
    do("POST", f"{path}/points", {"delta": -10, "reason": "adjust"})
    assert feed.told() == [("membership.updated", {"points": 5000, "lifetime_points": 5000})]
    do("POST", f"{path}/rewards/{rewards[0]['id']}/redeem", {})
    assert feed.told() == [("loyalty.reward.redeemed", {"balance": 4990})]
