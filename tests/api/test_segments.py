"""Segments and notices to staff over HTTP."""

from typing import Any

import pytest

from domain.guestbook.segmenting import evaluate_guest
from domain.guestbook.segmenting import refresh_segment
from domain.references.service import add_reference
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types


def entered(caller: Caller, **body: Any) -> str:
    answer = caller.post("/v1/customers", json={"name": "Jan Kos", **body})
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def members(caller: Caller, segment_id: str) -> list[str]:
    return [row["id"] for row in caller.get(f"/v1/segments/{segment_id}/customers").json["data"]]


def test_segment_holds_who_satisfies_its_rule_and_says_who_comes_and_goes(caller: Caller, partner: Partner) -> None:
    inside, outside = entered(caller, tags=["sg-vip"], emails=["sg@example.com"]), entered(caller, tags=["sg-vip"])
    body = {"name": "Reachable regulars", "rule": {"tags_any": ["sg-vip"], "has_email": True}}
    answer = caller.post("/v1/segments", json=body)
    segment = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/segments/{segment['id']}")
    said = {name: value for name, value in segment["rule"].items() if value is not None}
    assert (said, segment["members_count"], segment["evaluated_at"]) == (body["rule"], 0, None)
    with unit_of_work(partner.scope):
        refresh_segment(partner.scope, segment["id"])
    assert members(caller, segment["id"]) == [inside]
    assert caller.patch(f"/v1/customers/{outside}", json={"emails": ["other@example.com"]}).status_code == 200
    assert caller.send("DELETE", f"/v1/customers/{inside}/tags/sg-vip").status_code == 204
    with unit_of_work(partner.scope):
        for guest_id in (inside, outside):
            evaluate_guest(partner.scope, guest_id)
    assert members(caller, segment["id"]) == [outside]
    told = [event.body["object"] for event in recorded_events(partner.scope) if event.type == "customer.segment.updated"]
    own = [row for row in told if row["segment"]["id"] == segment["id"]]
    assert [(row["customer_id"], row["change"]) for row in own] == [(inside, "entered"), (inside, "left"), (outside, "entered")]
    changed = caller.patch(f"/v1/segments/{segment['id']}", json={"name": "Regulars", "version": 1}).json
    assert (changed["name"], changed["members_count"]) == ("Regulars", 1)
    assert [caller.send("DELETE", f"/v1/segments/{segment['id']}").status_code for _ in range(2)] == [204, 404]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({}, "rule"), ({"min_orders": -1}, "rule.min_orders"), ({"shoe_size": 44}, "rule.shoe_size"),
        ({"tags_any": []}, "rule.tags_any"),
    ],
    ids=["everybody", "negative", "unknown", "no-tag"],
)  # fmt: skip
def test_rule_that_says_nothing_is_refused(caller: Caller, partner: Partner, rule: dict[str, Any], field: str) -> None:
    count = len(caller.get("/v1/segments?limit=100").json["data"])
    answer = caller.post("/v1/segments", json={"name": "Wrong", "rule": rule})
    assert answer.status_code == 422, answer.text
    assert answer.json["errors"][0]["field"] == field
    assert len(caller.get("/v1/segments?limit=100").json["data"]) == count


def test_notice_to_staff_is_told_read_and_filtered(caller: Caller, partner: Partner) -> None:
    count = len(recorded_types(partner.scope))
    body = {"location_id": "loc_waw_01", "kind": "kitchen", "title": "Fryer", "body": "Out of order"}
    answer = caller.post("/v1/notifications", json=body)
    notice = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/notifications/{notice['id']}")
    assert {name: notice[name] for name in (*body, "is_read", "read_at")} == {**body, "is_read": False, "read_at": None}
    assert recorded_types(partner.scope)[count:] == ["staff.notification.created"]
    path = f"/v1/notifications/{notice['id']}"
    assert notice["id"] in [row["id"] for row in caller.get("/v1/notifications?read=false&kind=kitchen").json["data"]]
    assert caller.patch(path, json={"is_read": True}).json["is_read"] is True
    assert notice["id"] not in [row["id"] for row in caller.get("/v1/notifications?read=false&kind=kitchen").json["data"]]
    wrong = caller.post("/v1/notifications", json={**body, "location_id": "loc_nowhere"})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "location_id")
    assert recorded_types(partner.scope)[count:] == ["staff.notification.created"]


@pytest.mark.parametrize(
    ("path", "noun", "body"),
    [
        ("/v1/segments", "segment", {"name": "Named", "rule": {"has_email": True}}),
        ("/v1/loyalty/programs", "program", {"name": "Named"}),
        ("/v1/notifications", "notification", {"title": "Named", "body": "Named"}),
    ],
    ids=["segment", "program", "notification"],
)
def test_list_finds_what_another_product_calls_something(
    caller: Caller, partner: Partner, path: str, noun: str, body: dict[str, Any]
) -> None:
    own = caller.post(path, json=body).json["id"]
    with unit_of_work(partner.scope):
        add_reference(partner.scope, product="tablecheck", noun=noun, value="5ed6", object_id=own)
    (found,) = caller.get(f"{path}?ref=tablecheck:5ed6").json["data"]
    assert (found["id"], found["refs"]) == (own, [{"product": "tablecheck", "type": noun, "id": "5ed6"}])
    assert caller.get(f"{path}/{own}").json["refs"] == found["refs"]
    assert caller.get(f"{path}?ref=tablecheck:none").json["data"] == []
    assert caller.get(f"{path}?ref=nobody:5ed6").status_code == 400
