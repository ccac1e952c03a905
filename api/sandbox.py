"""Sandbox control: `/sandbox/v1`. Every sandbox credential may call it with sandbox:control; production answers 404."""

from typing import Any

from flask import Blueprint
from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from accounts.webhooks.catalog import EVENT_TYPES
from api.core.schemas import one_of
from api.fields import Body
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.gate import endpoint
from api.limits import limiter
from api.operations import Call
from api.operations import Reply
from kit.clock import from_us
from kit.clock import iso
from kit.unit import unit_of_work
from sandbox import endpoints
from sandbox import inbox
from sandbox import service as sandbox
from sandbox.service import PROFILES

blueprint = Blueprint("sandbox", __name__, url_prefix="/sandbox/v1")


class ResetIn(Body):
    profile = fields.String(load_default=None, validate=one_of(*PROFILES), metadata={"description": "Default: the same again"})
    seed = Integer(load_default=7, validate=validate.Range(0, 2**31 - 1))


class ClockIn(Body):
    now = Instant()
    advance_seconds = Integer(validate=validate.Range(0, 400 * 86_400))
    mode = fields.String(validate=one_of("real"))

    @validates_schema
    def says_one_thing(self, data: dict[str, Any], **_: object) -> None:
        if len(data) != 1:
            raise ValidationError("Send exactly one of now, advance_seconds and mode.")


class TriggerIn(Body):
    type = fields.String(required=True, validate=one_of(*EVENT_TYPES))
    object_id = Identifier()
    overrides = fields.Dict(keys=fields.String(validate=validate.Length(1, 80)), validate=validate.Length(max=50))


def _control(method: str, path: str, *, body: type[Schema] | None = None, status: int = 200, plane: str = "data") -> Any:
    return endpoint(
        blueprint, method, path, scope="sandbox:control", body=body, status=status, plane=plane, bucket="control",
        sandbox_only=True,
    )  # fmt: skip


@_control("POST", "/reset", body=ResetIn, plane="none")
def reset(call: Call) -> Reply:
    """Rebuild the sandbox from its seeded world.

    The clock stands at 2026-01-12T12:00:00Z afterwards, rate-limit windows are empty, fixtures are as documented.
    """
    with unit_of_work(call.scope):
        fixtures = sandbox.reset(call.scope, profile=call.body["profile"], seed=call.body["seed"])
        state = sandbox.state(call.scope)
    endpoints.after_reset(call.scope.tenant_id)
    limiter.forget(f"{call.scope.environment}:{call.scope.tenant_id}:")
    return Reply(payload={**state, "fixtures": fixtures})


@_control("GET", "/state")
def read_state(call: Call) -> Reply:
    """Read what the sandbox holds: counts, clock, profile."""
    return Reply(payload=sandbox.state(call.scope))


@_control("GET", "/fixtures")
def read_fixtures(call: Call) -> Reply:
    """Read the ids of the named fixtures."""
    return Reply(payload=sandbox.fixtures(call.scope))


@_control("POST", "/clock", body=ClockIn)
def set_clock(call: Call) -> Reply:
    """Set, advance or release the sandbox clock. Webhook delivery and rate limits stay on real time."""
    body = call.body
    now = from_us(body["now"]) if "now" in body else None
    return Reply(
        payload=sandbox.set_clock(call.scope, now=now, advance_s=body.get("advance_seconds"), mode=body.get("mode"))
    )


@_control("POST", "/events/trigger", body=TriggerIn, status=202)
def trigger(call: Call) -> Reply:
    """Make an event of any type, through the real outbox and delivery path."""
    body = call.body
    event_id = sandbox.trigger_event(
        call.scope, type=body["type"], object_id=body.get("object_id"), overrides=body.get("overrides")
    )
    return Reply(payload={"event_id": event_id, "type": body["type"]})


@_control("POST", "/inbox", status=201)
def open_inbox(call: Call) -> Reply:
    """Open an inbox: a webhook URL that needs no server. Point an endpoint at it and read what arrives."""
    url = inbox.open_inbox(call.scope)
    return Reply(payload={"url": url, "token": url.rsplit("/", 1)[1]})


@_control("GET", "/inbox/<token>")
def read_inbox(call: Call, token: str) -> Reply:
    """Read the webhooks an inbox received, newest first, with the verdict on each signature."""
    messages = inbox.messages(call.scope, token=token)
    data = [{**message, "received_at": iso(message["received_at"])} for message in messages]
    return Reply(payload={"data": data, "has_more": False, "next_cursor": None})


@_control("DELETE", "/inbox/<token>", status=204)
def clear_inbox(call: Call, token: str) -> Reply:
    """Empty an inbox."""
    inbox.clear(call.scope, token=token)
    return Reply(status=204)
