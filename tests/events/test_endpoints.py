"""Webhook endpoints, their deliveries and the event feed over HTTP."""

import hashlib
import hmac
from base64 import b64decode
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from accounts.webhooks.catalog import EVENT_TYPES
from kit.planes import Environment
from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.api.partners import Partner
from tests.events.conftest import Do
from tests.events.feed import Feed
from worker.deliver import pump

OK = {"url": "https://hooks.sandbox.invalid/ok", "events": ["order.created"]}
CallerOf = Callable[[str], Caller]


def deliveries(do: Do, endpoint_id: str, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = do("GET", f"/v1/webhooks/{endpoint_id}/deliveries?{query}")["data"]
    return rows


def inbox_endpoint(do: Do, *events: str) -> tuple[str, str, str]:
    """An endpoint that leads to an inbox: (id, secret, inbox token)."""
    inbox = do("POST", "/sandbox/v1/inbox")
    made = do("POST", "/v1/webhooks", {"url": inbox["url"], "events": list(events)})
    return made["id"], made["secret"], inbox["token"]


def messages(do: Do, token: str) -> list[dict[str, Any]]:
    """What an inbox holds, oldest first."""
    pump(Environment.SANDBOX)
    found: list[dict[str, Any]] = do("GET", f"/sandbox/v1/inbox/{token}")["data"]
    return found[::-1]


def is_signed(message: dict[str, Any], secret: str) -> bool:
    """Whether one of the message's signatures is this secret's, as Standard Webhooks says."""
    headers = message["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{message['body']}".encode()
    mac = hmac.new(b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return f"v1,{b64encode(mac).decode()}" in headers["webhook-signature"].split(" ")


def test_endpoint_is_made_read_changed_and_deleted(caller: Caller, do: Do) -> None:
    made = caller.post("/v1/webhooks", json=OK)
    path = made.headers["Location"]
    assert (made.status_code, path) == (201, f"/v1/webhooks/{made.json['id']}")
    shown = {name: value for name, value in made.json.items() if name != "secret"}
    assert made.json["secret"].startswith("whsec_")
    assert do("GET", path) == shown
    assert shown["id"] in [row["id"] for row in do("GET", "/v1/webhooks?limit=100")["data"]]
    changed = do("PATCH", path, {"description": "Till", "events": ["*"], "exclude_own": True})
    assert (changed["description"], changed["events"], changed["exclude_own"], changed["version"]) == ("Till", ["*"], True, 2)
    assert caller.send("DELETE", path).status_code == 204
    assert caller.get(path).status_code == 404


def test_signature_is_right_and_both_secrets_sign_after_a_rotation(do: Do) -> None:
    endpoint_id, first, token = inbox_endpoint(do, "order.created")
    do("POST", "/v1/orders", BURGER)
    second = do("POST", f"/v1/webhooks/{endpoint_id}/rotate-secret")["secret"]
    do("POST", "/v1/orders", BURGER)
    found = messages(do, token)
    assert first != second
    assert [is_signed(message, first) for message in found] == [True, True]
    assert is_signed(found[1], second)
    assert found[1]["headers"]["x-tableport-event"] == "order.created"


def test_public_key_verifies_and_owners_headers_arrive(do: Do) -> None:
    inbox = do("POST", "/sandbox/v1/inbox")
    wanted = {"signature": "v1a", "headers": {"X-Gateway-Key": "k-1234"}}
    made = do("POST", "/v1/webhooks", {"url": inbox["url"], "events": ["order.created"], **wanted})
    do("POST", "/v1/orders", BURGER)
    [message] = messages(do, inbox["token"])
    headers = message["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{message['body']}".encode()
    public = Ed25519PublicKey.from_public_bytes(b64decode(made["public_key"].removeprefix("whpk_")))
    public.verify(b64decode(headers["webhook-signature"].removeprefix("v1a,")), signed)
    assert (headers["x-gateway-key"], message["is_signature_valid"], message["method"]) == ("k-1234", True, "POST")


def test_test_event_reaches_its_endpoint_alone_and_says_what_it_is(do: Do, feed: Feed) -> None:
    endpoint_id, _, token = inbox_endpoint(do, "review.submitted")
    _, _, other_token = inbox_endpoint(do, "*")
    sent = do("POST", f"/v1/webhooks/{endpoint_id}/test")
    assert sent["type"] == "review.submitted"
    [message] = messages(do, token)
    body = orjson.loads(message["body"])
    assert (body["id"], body["data"]["synthetic"]) == (sent["event_id"], True)
    assert messages(do, other_token) == []
    assert do("GET", f"/v1/events/{sent['event_id']}") == body


def test_failed_delivery_is_listed_and_sent_again_on_request(caller: Caller, do: Do) -> None:
    endpoint_id = do("POST", "/v1/webhooks", {**OK, "url": "https://hooks.sandbox.invalid/fail-502-then-ok"})["id"]
    do("POST", "/v1/orders", BURGER)
    pump(Environment.SANDBOX)
    [failed] = deliveries(do, endpoint_id, "state=pending")
    assert (failed["attempts"], failed["last_status"], failed["last_reason"]) == (1, 502, "http_502")
    path = f"/v1/deliveries/{failed['id']}/retry"
    again = caller.post(path)
    assert (again.status_code, again.json["state"]) == (202, "pending")
    pump(Environment.SANDBOX)
    [done] = deliveries(do, endpoint_id)
    assert (done["state"], done["attempts"], done["last_status"], done["next_attempt_at"]) == ("succeeded", 2, 200, None)
    refused = caller.post(path)
    assert (refused.status_code, refused.json["code"]) == (409, "delivery_not_retryable")


def test_event_that_happened_while_the_endpoint_was_disabled_is_not_sent_later(do: Do) -> None:
    endpoint_id, _, token = inbox_endpoint(do, "order.created")
    do("PATCH", f"/v1/webhooks/{endpoint_id}", {"state": "disabled"})
    do("POST", "/v1/orders", BURGER)
    assert messages(do, token) == []
    enabled = do("POST", f"/v1/webhooks/{endpoint_id}/enable")
    assert (enabled["state"], enabled["disabled_reason"]) == ("enabled", None)
    do("POST", "/v1/orders", BURGER)
    assert len(messages(do, token)) == 1


def test_endpoint_needs_the_scope_of_what_it_receives(partner: Partner, caller_of: CallerOf) -> None:
    caller = caller_of(partner.issue(["webhooks:write", "orders:read"]).text)
    refused = caller.post("/v1/webhooks", json={**OK, "events": ["order.created", "payment.created"]})
    assert (refused.status_code, refused.json["code"], refused.json["required_scopes"]) == (
        403, "insufficient_scope", ["payments:read"],
    )  # fmt: skip


def test_contacts_are_hidden_from_an_endpoint_that_may_not_see_them(partner: Partner, caller_of: CallerOf, do: Do) -> None:
    scopes = ["webhooks:write", "customers:read", "customers:write", "sandbox:control"]
    seen = {}
    for name, held in (("masked", scopes), ("whole", [*scopes, "customers:pii"])):
        caller = caller_of(partner.issue(held).text)
        inbox = do("POST", "/sandbox/v1/inbox")
        caller.post("/v1/webhooks", json={"url": inbox["url"], "events": ["customer.created"]})
        seen[name] = inbox["token"]
    do("POST", "/v1/customers", {"name": "Ada Byron", "phones": [{"number": "+48601998877"}]})
    phones = {name: orjson.loads(messages(do, token)[0]["body"])["data"]["object"]["phones"] for name, token in seen.items()}
    assert phones == {"masked": ["+4860•••877"], "whole": ["+48601998877"]}


def test_feed_goes_on_where_it_was_left(caller: Caller, do: Do, feed: Feed) -> None:
    for _ in range(3):
        do("POST", "/v1/orders", BURGER)
    events = feed.read()
    sequences = [event["sequence"] for event in events]
    assert sequences == list(range(sequences[0], sequences[0] + 3))
    page = do("GET", f"/v1/events?after_sequence={sequences[0]}&limit=1")
    assert (page["data"], page["has_more"]) == ([events[1]], True)
    last = do("GET", f"/v1/events?after_sequence={sequences[1]}&types=order.created,order.updated")
    assert (last["data"], last["has_more"]) == ([events[2]], False)
    assert do("GET", f"/v1/events/{events[0]['id']}") == events[0]
    assert caller.get("/v1/events/evt_01J0000000000000000000000").status_code == 404


def test_catalogue_lists_every_type_with_its_scope(do: Do) -> None:
    listed = do("GET", "/v1/event-types")
    assert len(listed["data"]) == 69
    assert {row["type"]: row["scope"] for row in listed["data"]} == {name: kind.scope for name, kind in EVENT_TYPES.items()}


@pytest.mark.parametrize("path", ["", "/deliveries"])
def test_endpoint_of_another_application_is_not_found(
    caller: Caller, do: Do, new_partner: Callable[..., Partner], caller_of: CallerOf, path: str
) -> None:
    endpoint_id = do("POST", "/v1/webhooks", OK)["id"]
    stranger = caller_of(new_partner(profile="empty").key)
    assert stranger.get(f"/v1/webhooks/{endpoint_id}{path}").status_code == 404
