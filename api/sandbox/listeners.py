"""Listeners: webhooks for a machine that has no address, fetched by the command-line client."""

from dataclasses import replace

from accounts.applications.service import Side
from accounts.webhooks import listeners as endpoints
from accounts.webhooks.errors import EndpointIsDisabled
from accounts.webhooks.errors import ReplayInProgress
from accounts.webhooks.models import LISTENER
from accounts.webhooks.replay import Selection
from accounts.webhooks.replay import replay_events
from accounts.webhooks.sync import UNTOLD
from api import events as rendering
from api.core.webhooks import side_of
from api.operations import Call
from api.operations import Reply
from api.sandbox.door import control
from api.sandbox.listener_schemas import AnsweredOut
from api.sandbox.listener_schemas import ListenerAnswerIn
from api.sandbox.listener_schemas import ListenerIn
from api.sandbox.listener_schemas import ListenerMessagesOut
from api.sandbox.listener_schemas import ListenerOut
from kit.clock import SECOND_US
from kit.clock import iso
from kit.jobs import doorbell
from kit.unit import control_unit
from kit.unit import tenant_now_us
from kit.unit import unit_of_work
from sandbox import listeners


@control(
    "POST", "/listeners", body=ListenerIn, printed=ListenerOut, status=201, repeat_status=200, plane="none",
    errors=(EndpointIsDisabled, ReplayInProgress),
)  # fmt: skip
def open_listener(call: Call) -> Reply:
    """Listen on a machine: webhooks wait here until its client fetches them.

    A listener is a webhook endpoint: it has deliveries, attempts and a signing secret, and a delivery that is sent again
    from the portal reaches it. It counts against no plan. After 15 seconds without a question it is switched off, what is
    under way is held, and opening it again lets that go out; what happened meanwhile comes with `since_seconds`.
    """
    body, scope = call.body, call.scope
    with unit_of_work(scope):
        listeners.expect_client(scope, machine=endpoints.checked_machine(body["machine"]))
    with control_unit():
        opened = endpoints.open_listener(
            _side(call), machine=body["machine"], event_types=body["events"], api_version=call.version
        )
        endpoint = opened.endpoint
    backfilled = _backfill(call, endpoint.id, body["since_seconds"])
    doorbell.ring("pump", scope.environment)
    return Reply(
        payload={
            "id": endpoint.id, "url": endpoint.url, "machine": body["machine"].strip(), "events": endpoint.event_types,
            "api_version": endpoint.api_version, "secret": opened.secret, "backfilled": backfilled,
        },
        status=201 if opened.is_new else 200,
    )  # fmt: skip


@control(
    "GET", "/listeners/<listener_id>/messages", printed=ListenerMessagesOut, plane="none", bucket="listener", is_background=True
)
def read_messages(call: Call, listener_id: str) -> Reply:
    """Fetch the webhooks that wait for this listener's client.

    The call answers at once, so ask several times a second. What is not answered yet is told again. These calls are not
    logged and are no part of a day's quota.
    """
    scope = call.scope
    with unit_of_work(scope, writes=False):
        listener = listeners.get_listener(scope, endpoint_id=listener_id)
        rows = listeners.waiting_messages(scope, endpoint_id=listener_id)
    if listeners.needs_noting(listener):
        with unit_of_work(scope):
            listeners.note_client(scope, endpoint_id=listener_id)
    data = [{**row, "created_at": iso(row["created_at"]), "expires_at": iso(row["expires_at"])} for row in rows]
    why = listener["disabled_reason"]
    return Reply(
        payload={
            "data": data, "has_more": False, "next_cursor": None,
            "state": "enabled" if listener["is_enabled"] else "disabled",
            "disabled_reason": why.removeprefix(UNTOLD) if why else None,
        }
    )  # fmt: skip


@control(
    "POST", "/listeners/<listener_id>/messages/<message_id>/answer", body=ListenerAnswerIn, printed=AnsweredOut,
    bucket="listener", is_background=True,
)  # fmt: skip
def answer_message(call: Call, listener_id: str, message_id: str) -> Reply:
    """Say what your receiver answered: this becomes the answer of the attempt.

    The first answer counts. One that comes after `expires_at`, or to a message that does not exist, changes nothing.
    """
    body = call.body
    status = body["status"]
    reason = body["reason"] or ("ok" if 200 <= status < 300 else f"http_{status}")
    headers = {name.lower(): value for name, value in body["headers"].items()}
    is_counted = listeners.answer_message(
        call.scope, endpoint_id=listener_id, message_id=message_id,
        outcome=listeners.Outcome(status, reason, headers, body["body"]),
    )  # fmt: skip
    return Reply(payload={"is_counted": is_counted})


@control("DELETE", "/listeners/<listener_id>", status=204, plane="control")
def remove_listener(call: Call, listener_id: str) -> Reply:
    """Remove a machine's listener. What was still waiting for it is given up."""
    endpoints.remove_listener(_side(call), endpoint_id=listener_id)
    return Reply(status=204)


def _side(call: Call) -> Side:
    return replace(side_of(call), made_by=LISTENER)


def _backfill(call: Call, endpoint_id: str, since_s: int) -> int:
    """Queue the events of the last seconds, by the tenant's clock, for a listener. Returns how many."""
    if not since_s:
        return 0
    with unit_of_work(call.scope):
        now = tenant_now_us(call.scope)
        chosen = Selection(now - since_s * SECOND_US, now)
        replay = replay_events(
            call.scope, tier=call.principal.tier, endpoint_id=endpoint_id, chosen=chosen, represent=rendering.represent
        )
    return int(replay["deliveries"])
