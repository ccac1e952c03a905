"""Representations of the platform's own resources in the Core API: me, webhooks, events, deliveries, logs."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from accounts.webhooks.filters import OPERATORS
from accounts.webhooks.options import SIGNATURES
from accounts.webhooks.outlook import WaitingFor
from accounts.webhooks.replay import Which
from api.core.schemas import PageQuery
from api.core.schemas import one_of
from api.fields import Body
from api.fields import CommaList
from api.fields import Flag
from api.fields import HiddenTexts
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import JsonValue
from api.fields import Text
from api.fields import matching
from api.versions import CURRENT
from api.versions import VERSIONS

PINNED = "The dated version event bodies are printed in"


EVENTS = "Event types, families such as `order.*`, or `*` alone: of a wildcard, what your scopes and plan include, new types too"
LOCATIONS = (
    "Only events of these locations, and those of none; empty: all. Ids are not looked up, because an endpoint may serve "
    "several restaurants: one that does not exist lets nothing through"
)
FILTERS = "Only events whose object fulfils all of these; empty: all. Tests, resends and replays come anyway"
HEADERS = "Headers added to each request, such as `authorization`. Replaces all of them; never shown again"
SIGNATURE = "`v1`: HMAC-SHA256 with a secret; `v1a`: ed25519, verified with `public_key`"
COMPARED = {
    "description": "A text, number or boolean; for `in` a list of them, for `exists` a boolean",
    "type": ["string", "number", "boolean", "array"], "items": {"type": ["string", "number", "boolean"]},
}  # fmt: skip
IN_FLIGHT = "Most requests under way at a time"
PER_SECOND = "Most requests a second; null: no limit. What comes faster waits"


class WebhookFilterIn(Body):
    field = Text(
        max_length=100, min_length=1, required=True,
        metadata={"description": "A name in `data.object`; dots lead into objects: `totals.total`"},
    )  # fmt: skip
    operator = fields.String(required=True, validate=one_of(*OPERATORS))
    value = JsonValue(required=True, metadata=COMPARED)


class WebhookFilterOut(Schema):
    field = fields.String()
    operator = fields.String()
    value = fields.Raw(metadata=COMPARED)


class WebhookIn(Body):
    url = Text(max_length=1000, min_length=1, required=True)
    events = fields.List(
        Text(max_length=64, min_length=1), required=True, validate=validate.Length(1, 100), metadata={"description": EVENTS}
    )
    description = Text(max_length=255, load_default="")
    exclude_own = Flag(load_default=False)
    api_version = fields.String(load_default=CURRENT, validate=one_of(*VERSIONS), metadata={"description": PINNED})
    location_ids = fields.List(Identifier(), validate=validate.Length(max=50), metadata={"description": LOCATIONS})
    filters = fields.List(
        fields.Nested(WebhookFilterIn), validate=validate.Length(max=10), metadata={"description": FILTERS}
    )
    headers = HiddenTexts(metadata={"description": HEADERS, "additionalProperties": {"type": "string"}})
    signature = fields.String(load_default="v1", validate=one_of(*SIGNATURES), metadata={"description": SIGNATURE})
    max_in_flight = Integer(validate=validate.Range(1, 32), metadata={"description": IN_FLIGHT})
    max_per_second = Integer(allow_none=True, validate=validate.Range(1, 1000), metadata={"description": PER_SECOND})


class WebhookPatch(Body):
    url = Text(max_length=1000, min_length=1)
    events = fields.List(
        Text(max_length=64, min_length=1), validate=validate.Length(1, 100), metadata={"description": EVENTS}
    )
    description = Text(max_length=255)
    exclude_own = Flag()
    api_version = fields.String(validate=one_of(*VERSIONS), metadata={"description": PINNED})
    location_ids = fields.List(Identifier(), validate=validate.Length(max=50), metadata={"description": LOCATIONS})
    filters = fields.List(
        fields.Nested(WebhookFilterIn), validate=validate.Length(max=10), metadata={"description": FILTERS}
    )
    headers = HiddenTexts(metadata={"description": HEADERS, "additionalProperties": {"type": "string"}})
    signature = fields.String(validate=one_of(*SIGNATURES), metadata={"description": SIGNATURE})
    max_in_flight = Integer(validate=validate.Range(1, 32), metadata={"description": IN_FLIGHT})
    max_per_second = Integer(allow_none=True, validate=validate.Range(1, 1000), metadata={"description": PER_SECOND})
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
    location_ids = fields.List(fields.String())
    filters = fields.List(fields.Nested(WebhookFilterOut))
    header_names = fields.List(fields.String(), metadata={"description": "Headers added to each request, without their values"})
    signature = fields.String(metadata={"description": SIGNATURE})
    public_key = fields.String(allow_none=True, metadata={"description": "Verifies `v1a` signatures; no secret"})
    max_in_flight = fields.Integer()
    max_per_second = fields.Integer(allow_none=True)
    state = fields.String()
    disabled_reason = fields.String(allow_none=True)
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class WebhookFailingOut(WebhookOut):
    """A webhook endpoint that comes near to being disabled, in event webhook.endpoint.failing."""

    percent = fields.Integer(metadata={"description": "50, 70 or 90: how much of the way to being disabled it has gone"})
    failing_since = Instant()
    disabled_at_earliest = Instant()


class WebhookSecretOut(WebhookOut):
    secret = fields.String(allow_none=True, metadata={"description": "Shown this once; null where `public_key` verifies"})


class WebhookChangedOut(WebhookOut):
    secret = fields.String(
        metadata={"description": "Only when `signature` became `v1`: the new secret, this once", "x-when-asked-for": True}
    )


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
    location_id = Identifier(metadata={"description": "Only events of this location"})
    object_id = Identifier(metadata={"description": "Only events about this object, such as one order"})
    only_failed = Flag(
        load_default=False, metadata={"description": "Only events whose newest delivery to this endpoint was given up or is held"}
    )


class ResendIn(Body):
    webhook_id = Identifier(required=True, metadata={"description": "The endpoint to send it to"})


class ReplayOut(Schema):
    id = fields.String()
    webhook_id = fields.String(attribute="endpoint_id")
    from_us = Instant(data_key="from")
    to_us = Instant(data_key="to")
    types = fields.List(fields.String(), metadata={"description": "Empty: all the endpoint receives"})
    location_id = fields.String(allow_none=True)
    object_id = fields.String(allow_none=True)
    which = fields.String(
        validate=one_of(*Which),
        metadata={"description": "failed: those whose newest delivery failed; missed: those that were never taken"},
    )
    deliveries = fields.Integer(metadata={"description": "How many were queued"})
    created_at = Instant()


class DeliveryOut(Schema):
    id = fields.String()
    event_id = fields.String()
    event_type = fields.String()
    webhook_id = fields.String(attribute="endpoint_id")
    state = fields.String()
    attempts = fields.Integer()
    next_attempt_at = Instant(allow_none=True, metadata={"description": "null: none follows, or it is not known when"})
    attempts_left = fields.Integer(metadata={"description": "How many may still follow"})
    waiting_for = fields.String(
        allow_none=True, validate=one_of(*WaitingFor),
        metadata={"description": "Why it is not sent right now; null: it is finished, or nothing holds it up"},
    )
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
