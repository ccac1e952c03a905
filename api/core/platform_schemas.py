"""Representations of the platform's own resources in the Core API: me, webhooks, events, deliveries, logs."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.schemas import PageQuery
from api.core.schemas import one_of
from api.fields import Body
from api.fields import CommaList
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Text
from api.fields import matching
from api.versions import CURRENT
from api.versions import VERSIONS

PINNED = "The dated version event bodies are printed in"


class WebhookIn(Body):
    url = Text(max_length=1000, min_length=1, required=True)
    events = fields.List(Text(max_length=64, min_length=1), required=True, validate=validate.Length(1, 100))
    description = Text(max_length=255, load_default="")
    exclude_own = Flag(load_default=False)
    api_version = fields.String(load_default=CURRENT, validate=one_of(*VERSIONS), metadata={"description": PINNED})


class WebhookPatch(Body):
    url = Text(max_length=1000, min_length=1)
    events = fields.List(Text(max_length=64, min_length=1), validate=validate.Length(1, 100))
    description = Text(max_length=255)
    exclude_own = Flag()
    api_version = fields.String(validate=one_of(*VERSIONS), metadata={"description": PINNED})
    state = fields.String(validate=one_of("enabled", "disabled"))
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not set(data) - {"version"}:
            raise ValidationError("Send at least one field to change.")


class WebhookOut(Schema):
    id = fields.String()
    url = fields.String()
    description = fields.String()
    events = fields.List(fields.String(), attribute="event_types")
    api_version = fields.String(validate=one_of(*VERSIONS), metadata={"description": PINNED})
    exclude_own = fields.Boolean()
    state = fields.String()
    disabled_reason = fields.String(allow_none=True)
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class WebhookSecretOut(WebhookOut):
    secret = fields.String()


class MinuteLimitsOut(Schema):
    """Calls a minute; null: the plan has no such calls."""

    read = fields.Integer(allow_none=True)
    write = fields.Integer(allow_none=True)
    status = fields.Integer(allow_none=True)


class CallLimitsOut(Schema):
    per_minute = fields.Nested(MinuteLimitsOut)
    per_day = fields.Integer(allow_none=True)


class MeOut(Schema):
    credential_id = fields.String()
    application_id = fields.String()
    environment = fields.String()
    tenant_id = fields.String()
    plan = fields.String()
    product = fields.String()
    scopes = fields.List(fields.String())
    api_version = fields.String()
    limits = fields.Nested(CallLimitsOut)


class EventActorOut(Schema):
    type = fields.String()
    id = fields.String(allow_none=True)


class EventDataOut(Schema):
    object = fields.Dict(metadata={"description": "What the event is about, as the API answers with it"})
    previous = fields.Dict(metadata={"description": "The old values of what changed", "x-when-asked-for": True})
    synthetic = fields.Boolean(metadata={"description": "true: nothing happened, a test asked for it", "x-when-asked-for": True})
    truncated = fields.Boolean(metadata={"description": "true: too large, so only ids are left", "x-when-asked-for": True})


class EventOut(Schema):
    id = fields.String()
    type = fields.String()
    api_version = fields.String()
    environment = fields.String()
    created_at = Instant()
    sequence = fields.Integer()
    restaurant_id = fields.String()
    location_id = fields.String(allow_none=True)
    actor = fields.Nested(EventActorOut)
    request_id = fields.String(allow_none=True)
    data = fields.Nested(EventDataOut)


class SentTestOut(Schema):
    event_id = fields.String()
    type = fields.String()


class EventTypeOut(Schema):
    type = fields.String()
    scope = fields.String(metadata={"description": "What a subscriber's credential needs"})
    description = fields.String()


class EventTypesOut(Schema):
    data = fields.List(fields.Nested(EventTypeOut))
    has_more = fields.Boolean()
    next_cursor = fields.String(allow_none=True)


class EventsOut(Schema):
    data = fields.List(fields.Nested(EventOut))
    has_more = fields.Boolean()


class DeliveryQuery(PageQuery):
    state = fields.String(validate=one_of("pending", "succeeded", "dead", "held"))
    replay_id = Identifier()


class ReplayIn(Body):
    from_us = Instant(data_key="from", required=True, metadata={"description": "Events' `created_at`, included"})
    to_us = Instant(data_key="to", required=True, metadata={"description": "Included"})
    types = fields.List(Text(max_length=64, min_length=1), load_default=list, validate=validate.Length(max=100))


class ResendIn(Body):
    webhook_id = Identifier(required=True, metadata={"description": "The endpoint to send it to"})


class ReplayOut(Schema):
    id = fields.String()
    webhook_id = fields.String(attribute="endpoint_id")
    from_us = Instant(data_key="from")
    to_us = Instant(data_key="to")
    types = fields.List(fields.String(), metadata={"description": "Empty: all the endpoint receives"})
    deliveries = fields.Integer(metadata={"description": "How many were queued"})
    created_at = Instant()


class DeliveryOut(Schema):
    id = fields.String()
    event_id = fields.String()
    event_type = fields.String()
    webhook_id = fields.String(attribute="endpoint_id")
    state = fields.String()
    attempts = fields.Integer()
    next_attempt_at = Instant(attribute="due_at", allow_none=True)
    last_status = fields.Integer(allow_none=True)
    last_reason = fields.String(allow_none=True)
    replay_id = fields.String(allow_none=True, metadata={"description": "Set on deliveries a replay made"})
    created_at = Instant()
    finished_at = Instant(allow_none=True)


class EventQuery(Body):
    after_sequence = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**62))
    types = CommaList(load_default=())
    limit = fields.Integer(load_default=25, validate=validate.Range(1, 100))


class LogQuery(PageQuery):
    status = fields.String(validate=matching(r"([1-5]\d\d|[2345]xx)", error="Expected 404 or 4xx."))
    method = fields.String(validate=one_of("GET", "POST", "PATCH", "PUT", "DELETE"))
    path = fields.String(validate=validate.Length(max=200))


class LogOut(Schema):
    request_id = fields.String(attribute="id")
    method = fields.String()
    path = fields.String()
    query = fields.String()
    route = fields.String()
    status = fields.Integer()
    error_code = fields.String(allow_none=True)
    duration_us = fields.Integer()
    credential_id = fields.String()
    ip = fields.String()
    at = Instant()


class LogDetailOut(LogOut):
    request_headers = fields.Dict(keys=fields.String(), values=fields.String())
    request_body = fields.String()
    response_headers = fields.Dict(keys=fields.String(), values=fields.String())
    response_body = fields.String()
