import json
from datetime import timedelta
from time import sleep

import pytest
from standardwebhooks import Webhook

from accounts.webhooks.models import Subscription
from kit.clock import day_of
from kit.clock import now
from kit.clock import to_us
from kit.crypto import signing_secret
from kit.crypto import vault
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from sandbox import inbox
from tests.worker.receiver import Receiver
from tests.worker.receiver import receiving
from tests.worker.rows import NewScope
from tests.worker.rows import attempts
from tests.worker.rows import change_delivery
from tests.worker.rows import create_events
from tests.worker.rows import create_subscription
from tests.worker.rows import deliveries
from tests.worker.rows import seal
from worker.deliver import pump
from worker.deliver import stop_requested
from worker.results import Result
from worker.results import record
from worker.stopping import Disabled

pytestmark = pytest.mark.usefixtures("clean_planes")
SANDBOX = Environment.SANDBOX


def subscription(scope: Scope) -> Subscription:
    with unit_of_work(scope, writes=False):
        return session(scope).scalars(Subscription.owned_by(scope)).one()


def test_pump_delivers_signed_events_in_commit_order(scope: Scope, receiver: Receiver):
    _, secret = create_subscription(scope, receiver.url)
    event_ids = create_events(scope, 3)
    assert pump(SANDBOX) == 3
    assert sorted(request.headers["webhook-id"] for request in receiver.requests) == sorted(event_ids)
    for request in receiver.requests:
        body = Webhook(secret).verify(request.body, request.headers)
        assert (body["type"], body["restaurant_id"], body["environment"]) == (
            "customer.tag.added",
            scope.tenant_id,
            "sandbox",
        )
    assert [(row.state, row.attempts, row.due_at, row.last_reason) for row in deliveries(scope)] == [
        ("succeeded", 1, None, "ok")
    ] * 3


def test_pump_records_the_exchange_when_an_attempt_is_made(scope: Scope, receiver: Receiver):
    endpoint_id, _ = create_subscription(scope, receiver.url, kept_days=30)
    receiver.answers = [(201, {"X-Note": "hi"}, b"\x00thanks\xff")]
    create_events(scope)
    pump(SANDBOX)
    [attempt] = attempts(scope)
    assert (attempt.endpoint_id, attempt.number, attempt.status, attempt.reason) == (endpoint_id, 1, 201, "ok")
    assert attempt.request_body == receiver.requests[0].body.decode()
    assert attempt.request_headers["webhook-signature"] == receiver.requests[0].headers["webhook-signature"]
    assert (attempt.request_method, attempt.request_url) == ("POST", receiver.url)
    assert attempt.response_headers["x-note"] == "hi"
    assert attempt.expires_on == day_of(to_us(attempt.started_at)) + 30
    assert attempt.response_body == "\N{REPLACEMENT CHARACTER}thanks\N{REPLACEMENT CHARACTER}"


def test_pump_retries_on_the_endpoint_schedule_and_gives_up_after_the_last(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url, retry_schedule=[5, 30, 180])
    receiver.answers = [(502, {}, b"")]
    create_events(scope)
    waits = []
    for _ in range(4):
        pump(SANDBOX)
        [row] = deliveries(scope)
        waits.append((row.due_at - now()).total_seconds() if row.due_at else None)
        change_delivery(scope, due_at=now() if row.due_at else None)
    assert 4 < waits[0] <= 6
    assert 29 < waits[1] <= 36
    assert 179 < waits[2] <= 216
    assert waits[3] is None
    assert (row.state, row.attempts, row.last_status, row.last_reason) == ("dead", 4, 502, "http_502")
    assert row.finished_at is not None
    assert [request.headers["x-tableport-attempt"] for request in receiver.requests] == ["1", "2", "3", "4"]
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert len(set(receiver.bodies())) == 1


def test_pump_waits_as_told_when_the_receiver_is_busy(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url)
    receiver.answers = [(429, {"Retry-After": "600"}, b"")]
    create_events(scope)
    pump(SANDBOX)
    [row] = deliveries(scope)
    assert timedelta(seconds=598) < row.due_at - now() <= timedelta(seconds=600)


def test_pump_waits_no_longer_than_the_endpoints_plan_allows(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url, timeout_s=1)
    receiver.delay_s = 3
    create_events(scope)
    pump(SANDBOX)
    [attempt] = attempts(scope)
    assert (attempt.status, attempt.reason, 900 < attempt.duration_ms < 2500) == (None, "timeout", True)


def test_pump_disables_the_endpoint_when_it_answers_gone(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url)
    receiver.answers = [(410, {}, b"")]
    create_events(scope)
    pump(SANDBOX)
    assert (subscription(scope).is_enabled, subscription(scope).disabled_reason) == (False, "stopped:gone_410")
    assert deliveries(scope)[0].state == "dead"
    create_events(scope)
    assert pump(SANDBOX) == 0


def test_pump_keeps_the_endpoint_when_it_was_changed_during_the_request(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url)
    receiver.answers = [(410, {}, b"")]
    receiver.on_request = lambda: _new_version(scope)
    create_events(scope)
    pump(SANDBOX)
    assert subscription(scope).is_enabled is True


def _new_version(scope: Scope) -> None:
    with unit_of_work(scope):
        session(scope).scalars(Subscription.owned_by(scope)).one().version = 2


@pytest.mark.parametrize(
    ("failures", "days", "is_enabled"),
    [(20, 6, False), (19, 6, True), (20, 4, True)],
    ids=["five-days-and-twenty", "too-few", "too-early"],
)
def test_pump_disables_the_endpoint_when_it_failed_for_days(
    scope: Scope, receiver: Receiver, failures: int, days: int, is_enabled: bool
):
    create_subscription(scope, receiver.url, retry_schedule=[], created_at=now() - timedelta(days=days))
    receiver.answers = [(404, {}, b"")]
    create_events(scope, failures)
    pump(SANDBOX)
    assert len(deliveries(scope)) == failures
    assert {row.state for row in deliveries(scope)} <= {"dead", "held"}
    assert subscription(scope).is_enabled is is_enabled


def test_pump_signs_with_both_secrets_when_one_was_rotated(scope: Scope, receiver: Receiver):
    old = signing_secret()
    endpoint_id, new = create_subscription(scope, receiver.url)
    with unit_of_work(scope):
        row = session(scope).scalars(Subscription.owned_by(scope)).one()
        row.sealed_previous_secret = seal(scope, endpoint_id, old)
        row.previous_secret_expires_at = now() + timedelta(hours=24)
    create_events(scope)
    pump(SANDBOX)
    [request] = receiver.requests
    assert len(request.headers["webhook-signature"].split()) == 2
    assert Webhook(new).verify(request.body, request.headers) == Webhook(old).verify(request.body, request.headers)


def test_pump_keeps_thirty_two_in_flight_when_an_endpoint_does_well(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url)
    receiver.delay_s = 0.1
    create_events(scope, 200)
    assert pump(SANDBOX) == 200
    assert receiver.most_at_once == 32


def test_pump_goes_on_when_results_are_written_slowly(scope: Scope, receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    create_subscription(scope, receiver.url, max_in_flight=2)
    create_events(scope, 5)
    slowly = iter([0.6])

    def write(environment: Environment, results: list[Result]) -> list[Disabled]:
        sleep(next(slowly, 0))
        return record(environment, results)

    monkeypatch.setattr("worker.deliver.record", write)
    assert pump(SANDBOX) == 5


def test_pump_delivers_to_others_when_one_receiver_hangs(new_scope: NewScope, receiver: Receiver):
    hung, healthy = new_scope(), new_scope()
    with receiving() as hanging:
        hanging.delay_s = 1.5
        create_subscription(hung, hanging.url)
        create_subscription(healthy, receiver.url)
        create_events(hung, 20)
        create_events(healthy, 60)
        receiver.on_request = lambda: stop_requested.set() if len(receiver.requests) == 60 else None
        pump(SANDBOX)
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 60
    assert [row.state for row in deliveries(healthy)] == ["succeeded"] * 60
    assert [row.state for row in deliveries(hung)].count("succeeded") == 8


def test_pump_finishes_what_is_under_way_when_told_to_stop(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url)
    receiver.delay_s = 0.2
    receiver.on_request = stop_requested.set
    create_events(scope, 30)
    pump(SANDBOX)
    states = [row.state for row in deliveries(scope)]
    assert states.count("succeeded") == len(receiver.requests) == 8
    assert all(row.lease_id is None for row in deliveries(scope))


def test_pump_gives_back_what_has_not_been_sent_when_told_to_stop(scope: Scope, receiver: Receiver):
    create_subscription(scope, receiver.url)
    receiver.delay_s = 0.05
    receiver.on_request = lambda: stop_requested.set() if len(receiver.requests) > 60 else None
    create_events(scope, 400)
    pump(SANDBOX)
    rows = deliveries(scope)
    waiting = [row for row in rows if row.state == "pending"]
    assert (len(rows) - len(waiting), len(receiver.requests)) == (sum(row.state == "succeeded" for row in rows),) * 2
    assert {(row.attempts, row.lease_id, row.due_at <= now()) for row in waiting} == {(0, None, True)}


def test_pump_serves_both_planes_when_given_both(new_scope: NewScope, receiver: Receiver):
    scopes = [new_scope(environment) for environment in Environment]
    for scope in scopes:
        create_subscription(scope, receiver.url)
        create_events(scope)
    assert pump(*Environment) == 2
    assert {json.loads(body)["environment"] for body in receiver.bodies()} == {"sandbox", "production"}


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("ok", 200, "ok"),
        ("fail-500", 500, "http_500"),
        ("redirect-302", 302, "http_302"),
        ("bad-tls", None, "tls"),
        ("unknown", 404, "http_404"),
    ],
)
def test_pump_asks_the_simulator_when_the_host_is_made_up(scope: Scope, path: str, status: int | None, reason: str):
    create_subscription(scope, f"https://hooks.sandbox.invalid/{path}")
    create_events(scope)
    pump(SANDBOX)
    [attempt] = attempts(scope)
    assert (attempt.status, attempt.reason) == (status, reason)


def test_pump_puts_the_webhook_into_the_inbox_when_the_url_is_one(scope: Scope):
    with unit_of_work(scope):
        url = inbox.open_inbox(scope)
    create_subscription(scope, url)
    [event_id] = create_events(scope)
    pump(SANDBOX)
    with unit_of_work(scope, writes=False):
        [message] = inbox.messages(scope, token=url.rpartition("/")[2])
    assert (message["is_signature_valid"], message["headers"]["webhook-id"]) == (True, event_id)
    assert attempts(scope)[0].status == 200


def test_pump_never_resolves_made_up_hosts_when_in_production(new_scope: NewScope):
    scope = new_scope(Environment.PRODUCTION)
    create_subscription(scope, "https://hooks.sandbox.invalid/ok")
    create_events(scope)
    pump(Environment.PRODUCTION)
    assert [(attempt.status, attempt.reason) for attempt in attempts(scope)] == [(None, "blocked_url")]


def test_pump_goes_on_when_one_delivery_cannot_be_signed(new_scope: NewScope, receiver: Receiver):
    broken, healthy = new_scope(), new_scope()
    create_subscription(broken, receiver.url, sealed_secret=vault.box.seal("whsec_AAAA", "another", "place"))
    create_subscription(healthy, receiver.url)
    create_events(broken)
    create_events(healthy)
    pump(SANDBOX)
    assert [(row.state, row.last_reason) for row in deliveries(broken)] == [("pending", "internal_error")]
    assert [row.state for row in deliveries(healthy)] == ["succeeded"]
