"""`tableport listen` against a running platform: what is triggered arrives here, and what is answered here is in the log."""

import json
import time
from collections.abc import Callable
from collections.abc import Iterator

import httpx
import pytest
from standardwebhooks import Webhook

from tests.cli.conftest import NewMachine
from tests.worker.receiver import Receiver
from tests.worker.receiver import receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def deliveries(api: httpx.Client, listener_id: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = api.get(f"/v1/webhooks/{listener_id}/deliveries").raise_for_status().json()["data"]
    return rows


def attempted(api: httpx.Client, listener_id: str) -> dict[str, object]:
    """The listener's only delivery, once an attempt of it has been written down."""
    wait_until(lambda: all(row["last_reason"] for row in deliveries(api, listener_id)))
    [delivery] = deliveries(api, listener_id)
    return delivery


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.5)  # the platform gives a key a number of calls a minute


def listener_id(api: httpx.Client, machine: str) -> str:
    endpoints = api.get("/v1/webhooks?limit=100").raise_for_status().json()["data"]
    return next(str(one["id"]) for one in endpoints if one["description"] == f"tableport listen on {machine}")


def test_triggered_event_is_forwarded_as_signed_and_its_answer_is_the_attempts(
    api: httpx.Client, new_machine: NewMachine, receiver: Receiver
) -> None:
    machine = new_machine("till")
    secret = machine.run("listen", "--print-secret").out.strip()
    receiver.answers = [(202, {"x-till": "7"}, "żółw".encode())]
    listen = machine.start("listen", "--forward-to", receiver.url, "--events", "order.*")
    assert listen.line("Signing secret").endswith(secret)

    made = machine.run("trigger", "order.created", "--object", "ord_89421", "--override", "status=ready", "--json")
    event_id = json.loads(made.out)["event_id"]
    told = listen.line("order.created", event_id)

    assert "-> 202" in told
    [request] = receiver.requests
    body = Webhook(secret).verify(request.body, request.headers)
    assert (body["id"], body["data"]["object"]["status"]) == (event_id, "ready")
    assert (request.headers["x-tableport-event"], request.headers["content-type"]) == ("order.created", "application/json")
    delivery = attempted(api, listener_id(api, "till"))
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("succeeded", 1, 202)
    assert listen.interrupt() == 0


def test_event_is_sent_again_by_command_and_refused_ones_are_retried(
    api: httpx.Client, new_machine: NewMachine, receiver: Receiver
) -> None:
    machine = new_machine("laptop")
    receiver.answers = [(500, {}, b"no"), (204, {}, b"")]
    listen = machine.start("listen", "--forward-to", receiver.url)
    listen.line("Signing secret")
    event_id = json.loads(machine.run("trigger", "order.ready", "--json").out)["event_id"]
    assert "-> 500" in listen.line("order.ready", event_id)
    assert "-> 204" in listen.line("order.ready", event_id, "attempt 2")

    again = machine.run("resend", event_id)
    assert (again.code, event_id in again.out) == (0, True)
    listen.line("order.ready", event_id)

    assert [request.headers["webhook-id"] for request in receiver.requests] == [event_id] * 3


def test_machine_that_slept_gets_what_it_missed_when_it_wakes(
    api: httpx.Client, new_machine: NewMachine, receiver: Receiver
) -> None:
    machine = new_machine("sleeper")
    listen = machine.start("listen", "--forward-to", receiver.url, "--events", "payment.*")
    listen.line("Signing secret")
    listen.pause()
    own = listener_id(api, "sleeper")
    missed = [json.loads(machine.run("trigger", "payment.confirmed", "--json").out)["event_id"]]
    wait_until(lambda: api.get(f"/v1/webhooks/{own}").raise_for_status().json()["state"] == "disabled")
    assert api.get(f"/v1/webhooks/{own}").json()["disabled_reason"] == "listener_away"
    assert [row["state"] for row in deliveries(api, own)] == ["held"]
    told = api.get("/v1/events?types=webhook.endpoint.disabled").raise_for_status().json()["data"]
    assert told == []  # a closed laptop is no fault

    missed.append(json.loads(machine.run("trigger", "payment.failed", "--json").out)["event_id"])
    listen.wake()
    listen.line("this machine was away")
    listen.line("payment.failed", missed[1], "-> 200")

    wait_until(lambda: {request.headers["webhook-id"] for request in receiver.requests} == set(missed))


def test_since_brings_what_happened_before(api: httpx.Client, new_machine: NewMachine, receiver: Receiver) -> None:
    machine = new_machine("late")
    event_id = json.loads(machine.run("trigger", "payment.confirmed", "--json").out)["event_id"]
    listen = machine.start("listen", "--forward-to", receiver.url, "--since", "1h", "--events", "payment.confirmed")
    listen.line("payment.confirmed", event_id, "-> 200")
    [request] = receiver.requests
    assert request.headers["webhook-id"] == event_id


def test_receiver_that_is_not_there_is_an_attempt_without_an_answer(api: httpx.Client, new_machine: NewMachine) -> None:
    machine = new_machine("empty")
    listen = machine.start("listen", "--forward-to", "http://127.0.0.1:9/")
    listen.line("Signing secret")
    machine.run("trigger", "review.submitted")
    assert "-> no answer (connection)" in listen.line("review.submitted")
    delivery = attempted(api, listener_id(api, "empty"))
    assert (delivery["last_status"], delivery["last_reason"]) == (None, "connection")


def test_other_locations_are_left_out(api: httpx.Client, new_machine: NewMachine, receiver: Receiver) -> None:
    machine = new_machine("one-place")
    listen = machine.start("listen", "--forward-to", receiver.url, "--location", "loc_elsewhere")
    listen.line("Signing secret")
    machine.run("trigger", "order.created", "--object", "ord_89421")
    assert "-> 204" in listen.line("order.created")
    assert receiver.requests == []


def test_command_ends_when_somebody_pauses_or_removes_its_listener(api: httpx.Client, new_machine: NewMachine) -> None:
    machine = new_machine("paused")
    for end in (lambda own: api.patch(own, json={"state": "disabled"}), api.delete):
        listen = machine.start("listen")
        listen.line("Signing secret")
        end(f"/v1/webhooks/{listener_id(api, 'paused')}").raise_for_status()
        assert listen.line("tableport:").startswith("tableport: this listener was paused or removed")
        assert listen.wait() == 1
