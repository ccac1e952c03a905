"""Listeners over HTTP: one a machine, its own tenant's alone, outside the numbers of the plan."""

from typing import Any

import pytest

from accounts.logs.models import RequestLog
from accounts.webhooks.models import Subscription
from api.requestlog import request_log
from kit.unit import session
from kit.unit import unit_of_work
from sandbox.listeners import put_message
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner

LISTENERS = "/sandbox/v1/listeners"


@pytest.fixture
def partner() -> Partner:
    return sandbox_partner()


@pytest.fixture
def caller(caller_of: NewCaller, partner: Partner) -> Caller:
    return caller_of(partner.key)


def opened(caller: Caller, machine: str = "till", **more: Any) -> Any:
    answer = caller.post(LISTENERS, json={"machine": machine, **more})
    assert answer.status_code in (200, 201), answer.text
    return answer.json


def waiting(partner: Partner, listener_id: str, body: bytes = b"{}", wait_s: float = 10) -> str:
    with unit_of_work(partner.scope):
        return str(put_message(
            partner.scope, endpoint_id=listener_id, delivery_id="dlv_1", attempt=1, headers={"webhook-id": "evt_1"}, body=body,
            wait_s=wait_s,
        ))  # fmt: skip


def test_machine_keeps_its_listener_and_secret(caller: Caller) -> None:
    first, other = opened(caller), opened(caller, "laptop")
    again = opened(caller, events=["order.created"])
    assert (again["id"], again["secret"], again["events"]) == (first["id"], first["secret"], ["order.created"])
    assert other["secret"] != first["secret"]
    assert caller.get(f"/v1/webhooks/{first['id']}").json["description"] == "tableport listen on till"


def test_listeners_count_against_no_plan_and_stay_where_they_are(caller: Caller) -> None:
    ids = [opened(caller, f"machine {number}")["id"] for number in range(6)]  # a sandbox has room for five endpoints
    moved = caller.send("PATCH", f"/v1/webhooks/{ids[0]}", json={"url": "https://hooks.sandbox.invalid/ok"})
    assert (moved.status_code, moved.json["errors"][0]["field"]) == (422, "url")
    for number in range(6, 20):
        opened(caller, f"machine {number}")
    assert caller.post(LISTENERS, json={"machine": "one too many"}).status_code == 422
    assert caller.send("DELETE", f"{LISTENERS}/{ids[0]}").status_code == 204
    opened(caller, "one too many")


def test_waiting_webhook_is_told_until_it_is_answered(caller: Caller, partner: Partner) -> None:
    own = opened(caller)["id"]
    body = '{"name":"Żółw","note":"a\\u0000b"}'.encode()
    message_id = waiting(partner, own, body)
    for _ in range(2):
        [message] = caller.get(f"{LISTENERS}/{own}/messages").json["data"]
        assert (message["id"], message["body"].encode(), message["headers"]) == (message_id, body, {"webhook-id": "evt_1"})

    answer = {"status": 201, "headers": {"X-Till": "7"}, "body": "ok"}
    counted = [caller.post(f"{LISTENERS}/{own}/messages/{message_id}/answer", json=answer).json for _ in range(2)]
    assert counted == [{"is_counted": True}, {"is_counted": False}]
    assert caller.get(f"{LISTENERS}/{own}/messages").json["data"] == []


def test_answer_that_comes_too_late_does_not_count(caller: Caller, partner: Partner) -> None:
    own = opened(caller)["id"]
    message_id = waiting(partner, own, wait_s=0)
    assert caller.get(f"{LISTENERS}/{own}/messages").json["data"] == []
    answer = caller.post(f"{LISTENERS}/{own}/messages/{message_id}/answer", json={"reason": "timeout"})
    assert answer.json == {"is_counted": False}


@pytest.mark.parametrize(
    "body",
    [{}, {"status": 200, "reason": "dns"}, {"status": 199}, {"reason": "bored"}, {"status": 200, "headers": {"a": 1}},
     {"status": 200, "body": "x" * 16_385}],
    ids=["nothing", "both", "low", "word", "header", "long"],
)  # fmt: skip
def test_malformed_answer_is_refused_and_leaves_the_message(caller: Caller, partner: Partner, body: dict[str, Any]) -> None:
    own = opened(caller)["id"]
    message_id = waiting(partner, own)
    assert caller.post(f"{LISTENERS}/{own}/messages/{message_id}/answer", json=body).status_code == 422
    assert len(caller.get(f"{LISTENERS}/{own}/messages").json["data"]) == 1


def test_another_tenants_listener_answers_like_none(caller: Caller, partner: Partner, caller_of: NewCaller) -> None:
    own = opened(caller)["id"]
    message_id = waiting(partner, own)
    stranger = caller_of(sandbox_partner(profile="empty").key)
    theirs = opened(stranger)["id"]
    endpoint = stranger.post("/v1/webhooks", json={"url": "https://hooks.sandbox.invalid/ok", "events": ["*"]}).json["id"]

    for listener_id in (own, endpoint, "we_none"):
        statuses = (
            stranger.get(f"{LISTENERS}/{listener_id}/messages").status_code,
            stranger.post(f"{LISTENERS}/{listener_id}/messages/{message_id}/answer", json={"status": 200}).status_code,
            stranger.send("DELETE", f"{LISTENERS}/{listener_id}").status_code,
        )
        assert statuses == (404, 404, 404)
    answered = stranger.post(f"{LISTENERS}/{theirs}/messages/{message_id}/answer", json={"status": 200})
    assert answered.json == {"is_counted": False}
    assert [message["id"] for message in caller.get(f"{LISTENERS}/{own}/messages").json["data"]] == [message_id]
    assert caller.get(f"/v1/webhooks/{endpoint}").status_code == 404


def test_smaller_key_that_listens_sees_no_more_than_it_may(caller: Caller, partner: Partner, caller_of: NewCaller) -> None:
    opened(caller)
    small = caller_of(partner.issue({"sandbox:control", "menus:read", "webhooks:read"}).text)
    refused = small.post(LISTENERS, json={"machine": "till", "events": ["order.created"]})
    assert (refused.status_code, refused.json["required_scopes"]) == (403, ["orders:read"])
    own = opened(small)["id"]
    with unit_of_work(partner.scope, writes=False):
        assert subscription_scopes(partner, own) == ["menus:read", "sandbox:control", "webhooks:read"]


def subscription_scopes(partner: Partner, endpoint_id: str) -> list[str]:
    row = session(partner.scope).scalar(Subscription.owned_by(partner.scope).where(Subscription.id == endpoint_id))
    return list(row.scopes)


def test_listener_survives_a_reset(caller: Caller) -> None:
    own = opened(caller)
    assert caller.post("/sandbox/v1/reset", json={"profile": "minimal"}).status_code == 200
    assert caller.get(f"{LISTENERS}/{own['id']}/messages").json["state"] == "enabled"
    assert opened(caller)["secret"] == own["secret"]


def test_questions_of_a_client_are_logged_when_they_are_refused_only(caller: Caller, partner: Partner) -> None:
    own = opened(caller)["id"]
    for _ in range(3):
        caller.get(f"{LISTENERS}/{own}/messages")
    assert caller.get(f"{LISTENERS}/we_none/messages").status_code == 404
    request_log.flush()
    with unit_of_work(partner.scope, writes=False):
        rows = session(partner.scope).scalars(RequestLog.owned_by(partner.scope))
        logged = [(row.path, row.status) for row in rows if "/messages" in row.path]
    assert logged == [(f"{LISTENERS}/we_none/messages", 404)]


def test_paused_listener_says_so(caller: Caller) -> None:
    own = opened(caller)["id"]
    caller.send("PATCH", f"/v1/webhooks/{own}", json={"state": "disabled"})
    told = caller.get(f"{LISTENERS}/{own}/messages").json
    assert (told["state"], told["disabled_reason"]) == ("disabled", "disabled_by_owner")
    opened(caller)
    assert caller.get(f"{LISTENERS}/{own}/messages").json["state"] == "enabled"
