"""POST /v1/webhooks/{id}/replay: the events of a window once more, with their own ids, through the pump."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from accounts.webhooks import replay
from accounts.webhooks.models import Delivery
from kit.planes import Environment
from kit.unit import session
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.api.partners import Partner
from worker.deliver import pump

CallerOf = Callable[[str], Caller]
NewPartner = Callable[..., Partner]
NOON = "2026-01-12T12:00:00Z"
WINDOW = {"from": "2026-01-12T11:00:00Z", "to": "2026-01-12T13:00:00Z"}


class Consumer:
    """A partner with an endpoint that leads to an inbox, at noon of a clock that stands still."""

    def __init__(self, partner: Partner, caller: Caller) -> None:
        self.partner, self.caller = partner, caller
        assert caller.post("/sandbox/v1/reset", json={}).status_code == 200
        inbox = caller.post("/sandbox/v1/inbox").json
        self._token = inbox["token"]
        made = caller.post("/v1/webhooks", json={"url": inbox["url"], "events": ["order.created", "order.cancelled"]})
        self.endpoint_id = made.json["id"]

    def place(self) -> str:
        placed = self.caller.post("/v1/orders", json=BURGER)
        assert placed.status_code == 201
        return str(placed.json["id"])

    def replay(self, body: dict[str, Any], **options: Any) -> Any:
        return self.caller.post(f"/v1/webhooks/{self.endpoint_id}/replay", json=body, **options)

    def deliveries(self, query: str = "") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.caller.get(f"/v1/webhooks/{self.endpoint_id}/deliveries?{query}").json["data"]
        return rows

    def mark(self, event_id: str, state: str) -> None:
        """Leave an event's newest delivery to the endpoint in a state, as the worker would."""
        newest = next(row["id"] for row in self.deliveries("limit=100") if row["event_id"] == event_id)
        with unit_of_work(self.partner.scope):
            chosen = update(Delivery).where(Delivery.tenant_id == self.partner.tenant_id, Delivery.id == newest)
            session(self.partner.scope).execute(chosen.values(state=state, due_at=None))

    def received(self) -> list[str]:
        """webhook-id of each message, oldest first. Empties the inbox."""
        pump(Environment.SANDBOX)
        messages = self.caller.get(f"/sandbox/v1/inbox/{self._token}").json["data"]
        assert self.caller.send("DELETE", f"/sandbox/v1/inbox/{self._token}").status_code == 204
        assert all(message["is_signature_valid"] for message in messages)
        return [message["headers"]["webhook-id"] for message in reversed(messages)]


@pytest.fixture
def consumer(new_partner: NewPartner, caller_of: CallerOf) -> Consumer:
    partner = new_partner()
    return Consumer(partner, caller_of(partner.key))


def test_events_of_the_window_are_delivered_again_with_their_ids(consumer: Consumer) -> None:
    kept, cancelled = consumer.place(), consumer.place()
    change = {"status": "cancelled", "cancel_reason": "duplicate"}
    assert consumer.caller.patch(f"/v1/orders/{cancelled}", json=change).status_code == 200
    first = consumer.received()
    assert len(first) == 3
    consumer.caller.post("/sandbox/v1/clock", json={"advance_seconds": 7200})
    consumer.place()
    [later] = consumer.received()
    answer = consumer.replay(WINDOW)
    assert (answer.status_code, answer.json) == (202, {
        "id": answer.json["id"], "webhook_id": consumer.endpoint_id, **WINDOW, "types": [], "deliveries": 3,
        "location_id": None, "object_id": None, "which": "all", "created_at": answer.json["created_at"],
    })  # fmt: skip
    assert sorted(consumer.received()) == sorted(first)
    again = consumer.deliveries(f"replay_id={answer.json['id']}")
    assert {(row["state"], row["replay_id"], row["attempts"]) for row in again} == {("succeeded", answer.json["id"], 1)}
    assert sorted(row["event_id"] for row in again) == sorted(first)
    assert [row["replay_id"] for row in consumer.deliveries() if row["event_id"] == later] == [None]
    chosen = consumer.replay({**WINDOW, "types": ["order.cancelled"]})
    assert (chosen.json["types"], chosen.json["deliveries"]) == (["order.cancelled"], 1)
    assert len({kept, cancelled}) == 2


def test_replay_is_made_once_when_its_request_is_repeated(consumer: Consumer) -> None:
    consumer.place()
    consumer.received()
    headers = {"Idempotency-Key": "replay-1"}
    first, second = (consumer.replay(WINDOW, headers=headers) for _ in range(2))
    assert (second.status_code, second.json, second.headers["Idempotent-Replayed"]) == (202, first.json, "true")
    assert len(consumer.deliveries(f"replay_id={first.json['id']}")) == 1


def test_second_replay_is_refused_until_the_first_is_delivered(consumer: Consumer) -> None:
    consumer.place()
    first = consumer.replay(WINDOW).json
    refused = consumer.replay(WINDOW)
    assert (refused.status_code, refused.json["code"], refused.json["replay_id"]) == (409, "replay_in_progress", first["id"])
    assert len(consumer.received()) == 2  # the event itself and its replay
    assert consumer.replay(WINDOW).status_code == 202


def test_disabled_endpoint_gets_no_replay(consumer: Consumer) -> None:
    consumer.place()
    path = f"/v1/webhooks/{consumer.endpoint_id}"
    assert consumer.caller.patch(path, json={"state": "disabled"}).status_code == 200
    refused = consumer.replay(WINDOW)
    assert (refused.status_code, refused.json["code"]) == (409, "endpoint_disabled")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": WINDOW["to"], "to": WINDOW["from"]}, "from"),
        ({"from": "2026-01-05T11:59:59Z", "to": NOON}, "from"),
        ({"from": "yesterday", "to": NOON}, "from"),
        ({"from": NOON}, "to"),
        ({**WINDOW, "types": ["payment.created"]}, "types[0]"),
        ({**WINDOW, "types": ["order.created", "no.such"]}, "types[1]"),
    ],
    ids=["turned-round", "older-than-the-plan-keeps", "no-instant", "no-end", "not-subscribed", "unknown-type"],
)
def test_window_is_refused_with_its_field(consumer: Consumer, body: dict[str, Any], field: str) -> None:
    refused = consumer.replay(body)
    assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")
    assert [error["field"] for error in refused.json["errors"]] == [field]
    assert consumer.deliveries() == []


def test_window_with_too_many_events_is_refused_whole(consumer: Consumer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "MOST_EVENTS", 2)
    for _ in range(3):
        consumer.place()
    consumer.received()
    refused = consumer.replay(WINDOW)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "to")
    assert [row["replay_id"] for row in consumer.deliveries()] == [None] * 3


def test_own_events_are_left_out_when_the_endpoint_leaves_them_out(consumer: Consumer) -> None:
    consumer.place()
    path = f"/v1/webhooks/{consumer.endpoint_id}"
    assert consumer.caller.patch(path, json={"exclude_own": True}).status_code == 200
    assert consumer.replay(WINDOW).json["deliveries"] == 0


def test_replay_is_narrowed_to_a_location_and_an_object(consumer: Consumer) -> None:
    first, _ = consumer.place(), consumer.place()
    consumer.received()
    found = []
    for narrow in ({"location_id": "loc_waw_01"}, {"location_id": "loc_krk_01"}, {"object_id": first}, {"object_id": "ord_none"}):
        found.append(consumer.replay({**WINDOW, **narrow}).json["deliveries"])
        consumer.received()  # one replay at a time
    assert found == [2, 0, 1, 0]


def test_only_events_whose_newest_delivery_failed_are_sent_again(consumer: Consumer) -> None:
    for _ in range(4):
        consumer.place()
    _, dead, held, sent_since = consumer.received()
    for event_id, state in ((dead, "dead"), (held, "held"), (sent_since, "dead")):
        consumer.mark(event_id, state)
    body = {"webhook_id": consumer.endpoint_id}
    assert consumer.caller.post(f"/v1/events/{sent_since}/resend", json=body).status_code == 202
    assert consumer.received() == [sent_since]

    answer = consumer.replay({**WINDOW, "only_failed": True})
    assert (answer.json["which"], answer.json["deliveries"]) == ("failed", 2)
    assert sorted(consumer.received()) == sorted([dead, held])
    assert consumer.replay({**WINDOW, "only_failed": True}).json["deliveries"] == 0
    consumer.mark(sent_since, "dead")
    assert consumer.replay({**WINDOW, "only_failed": True}).json["deliveries"] == 1


def test_what_was_never_taken_is_recovered(consumer: Consumer) -> None:
    path = f"/v1/webhooks/{consumer.endpoint_id}"
    consumer.caller.patch(path, json={"state": "disabled"})
    consumer.place()
    pump(Environment.SANDBOX)  # nobody wants it, so that there is no delivery at all
    consumer.caller.patch(path, json={"state": "enabled"})
    consumer.place()
    consumer.place()
    taken, dead = consumer.received()
    consumer.mark(dead, "dead")
    consumer.place()  # not relayed yet: it comes by itself

    answer = consumer.caller.post(f"{path}/recover", json={"since": WINDOW["from"]})
    assert answer.status_code == 202
    shown = [answer.json[name] for name in ("which", "from", "to", "deliveries")]
    assert shown == ["missed", WINDOW["from"], NOON, 2]
    came = consumer.received()
    assert (len(came), dead in came, taken in came) == (3, True, False)
    assert consumer.caller.post(f"{path}/recover", json={"since": WINDOW["from"]}).json["deliveries"] == 0


@pytest.mark.parametrize(
    ("narrowing", "count"),
    [
        ({"location_ids": ["loc_waw_01"]}, 1),
        ({"location_ids": ["loc_krk_01"]}, 0),
        ({"filters": [{"field": "status", "operator": "ne", "value": "draft"}]}, 1),
        ({"filters": [{"field": "status", "operator": "eq", "value": "draft"}]}, 0),
    ],
    ids=["its-own", "another", "let-through", "filtered"],
)
def test_what_an_endpoint_does_not_receive_is_not_missed(consumer: Consumer, narrowing: dict[str, Any], count: int) -> None:
    consumer.place()
    consumer.mark(*consumer.received(), "dead")
    path = f"/v1/webhooks/{consumer.endpoint_id}"
    assert consumer.caller.patch(path, json=narrowing).status_code == 200
    assert consumer.caller.post(f"{path}/recover", json={"since": WINDOW["from"]}).json["deliveries"] == count


@pytest.mark.parametrize("since", ["2026-01-12T12:00:01Z", "2026-01-05T11:59:59Z"], ids=["not-yet", "older-than-the-plan-keeps"])
def test_recovery_is_refused_with_its_field(consumer: Consumer, since: str) -> None:
    refused = consumer.caller.post(f"/v1/webhooks/{consumer.endpoint_id}/recover", json={"since": since})
    assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (422, ["since"])


def test_endpoint_of_another_is_not_found(consumer: Consumer, partner: Partner, caller: Caller) -> None:
    answer = caller.post(f"/v1/webhooks/{consumer.endpoint_id}/replay", json=WINDOW)
    assert (answer.status_code, answer.json["code"]) == (404, "resource_not_found")


def test_one_event_is_sent_again_as_a_delivery_of_its_own(consumer: Consumer) -> None:
    consumer.place()
    [event_id] = consumer.received()
    answer = consumer.caller.post(f"/v1/events/{event_id}/resend", json={"webhook_id": consumer.endpoint_id})
    assert (answer.status_code, answer.json["state"], answer.json["event_id"]) == (202, "pending", event_id)
    assert consumer.replay(WINDOW).status_code == 202  # which waits for no single event
    assert consumer.received() == [event_id] * 2
    assert [(row["state"], row["attempts"]) for row in consumer.deliveries()] == [("succeeded", 1)] * 3


def test_event_is_not_sent_again_where_it_does_not_belong(
    consumer: Consumer, new_partner: NewPartner, caller_of: CallerOf
) -> None:
    consumer.place()
    [event_id] = consumer.received()
    path, body = f"/v1/events/{event_id}/resend", {"webhook_id": consumer.endpoint_id}
    stranger = caller_of(new_partner(profile="empty").key)
    other = consumer.caller.post("/v1/webhooks", json={"url": "https://hooks.sandbox.invalid/ok", "events": ["menu.updated"]})

    unwanted = consumer.caller.post(path, json={"webhook_id": other.json["id"]})
    assert (unwanted.status_code, unwanted.json["errors"][0]["field"]) == (422, "webhook_id")
    assert stranger.post(path, json=body).status_code == 404
    assert consumer.caller.post(path, json={"webhook_id": "we_none"}).status_code == 404
    consumer.caller.patch(f"/v1/webhooks/{consumer.endpoint_id}", json={"state": "disabled"})
    assert consumer.caller.post(path, json=body).json["code"] == "endpoint_disabled"
    assert len(consumer.deliveries()) == 1
