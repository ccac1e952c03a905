"""Representations of deliveries in full, of what was done about those that failed, and of an endpoint's figures."""

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from accounts.webhooks.failures import ALL
from accounts.webhooks.failures import CLASSES
from accounts.webhooks.failures import MOST
from accounts.webhooks.metrics import MOST_HOURS
from accounts.webhooks.metrics import TARGET
from accounts.webhooks.outlook import Condition
from api.core.platform_schemas import DeliveryOut
from api.core.schemas import one_of
from api.fields import Body
from api.fields import Instant

SHARE = "0 to 1; null: nothing to divide"


class AttemptOut(Schema):
    id = fields.String()
    number = fields.Integer()
    started_at = Instant()
    duration_ms = fields.Integer()
    timings = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "Milliseconds of each step"})
    status = fields.Integer(allow_none=True, metadata={"description": "HTTP status; null: no answer came"})
    reason = fields.String(metadata={"description": "ok, http_502, timeout, dns, tls, connection, …"})
    meaning = fields.String(metadata={"description": "The reason in words"})
    advice = fields.String(metadata={"description": "What to do about it"})
    request_method = fields.String(metadata={"description": "Empty when nothing could be sent"})
    request_url = fields.String()
    request_headers = fields.Dict(keys=fields.String(), values=fields.String())
    request_body = fields.String(
        allow_none=True, metadata={"description": "null: the calling credential may not read this event"}
    )
    response_headers = fields.Dict(keys=fields.String(), values=fields.String())
    response_body = fields.String()


class DeliveryDetailOut(DeliveryOut):
    attempt_log = fields.List(fields.Nested(AttemptOut), metadata={"description": "Every attempt, first to last"})


class RecoverIn(Body):
    since_us = Instant(data_key="since", required=True, metadata={"description": "Events' `created_at`, included"})


class RetryFailedIn(Body):
    status_class = fields.String(
        required=True, validate=one_of(*CLASSES, ALL), metadata={"description": "Of the last answer; no_answer: none came"}
    )
    since_us = Instant(data_key="since", metadata={"description": "Deliveries' `created_at`, included"})
    until_us = Instant(data_key="until", metadata={"description": "Included"})


class RetryFailedOut(Schema):
    retried = fields.Integer(metadata={"description": "How many deliveries are due now"})
    has_more = fields.Boolean(metadata={"description": f"true: {MOST} were taken, as many as one call takes; call again"})


class MetricsQuery(Body):
    hours = fields.Integer(load_default=24, validate=validate.Range(1, MOST_HOURS))


class HealthOut(Schema):
    state = fields.String(validate=one_of(*Condition))
    reason = fields.String(allow_none=True, metadata={"description": "Of the failure that paused it, or why it is disabled"})
    paused_until = Instant(allow_none=True)
    failing_since = Instant(allow_none=True)


class BucketOut(Schema):
    at = Instant(metadata={"description": "Start of the hour the deliveries were made in"})
    deliveries = fields.Integer()
    succeeded = fields.Integer()
    dead = fields.Integer()
    attempts = fields.Integer()


class MetricsOut(Schema):
    webhook_id = fields.String(attribute="endpoint_id")
    hours = fields.Integer()
    from_us = Instant(data_key="from", metadata={"description": "Deliveries made since count; a whole hour"})
    to_us = Instant(data_key="to")
    deliveries = fields.Integer()
    succeeded = fields.Integer()
    dead = fields.Integer()
    attempts = fields.Integer()
    success_rate = fields.Float(allow_none=True, metadata={"description": f"Of those that ended. {SHARE}"})
    first_attempt_success_rate = fields.Float(allow_none=True, metadata={"description": f"Of those tried. {SHARE}"})
    delivered_within_24h = fields.Float(
        allow_none=True, metadata={"description": f"Of the events decided or a day old. The target is {TARGET}. {SHARE}"}
    )
    duration_p50_ms = fields.Integer(allow_none=True, metadata={"description": "Of one attempt"})
    duration_p95_ms = fields.Integer(allow_none=True)
    backlog = fields.Integer(metadata={"description": "Deliveries that wait, however old"})
    oldest_pending_age_s = fields.Integer(allow_none=True)
    health = fields.Nested(HealthOut)
    buckets = fields.List(fields.Nested(BucketOut), metadata={"description": "One an hour, oldest first"})
