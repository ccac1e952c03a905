"""Bodies and answers of sandbox control."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from accounts.plans.catalog import TIERS
from accounts.webhooks.catalog import EVENT_TYPES
from api.core.schemas import PageQuery
from api.core.schemas import one_of
from api.disturbances import LONGEST_LATENCY_MS
from api.disturbances import STATUSES
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import JsonObject
from api.fields import Part
from api.fields import Text
from sandbox.faults import AFTER
from sandbox.faults import BEFORE
from sandbox.faults import LONGEST_TTL_S
from sandbox.faults import WHOLE_PERMILLE
from sandbox.service import PROFILES
from sandbox.traffic import LONGEST_S
from sandbox.traffic import MOST_PER_MINUTE

PRODUCTS = ("core", "pos", "ordering", "mobile", "crm")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


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


class ClockOut(Schema):
    mode = fields.String(validate=one_of("frozen", "offset", "real"))
    now = fields.DateTime()


class WorldOut(Schema):
    state = fields.String(validate=one_of("building", "ready"))
    parts_done = fields.Integer()
    parts = fields.Integer()


class StateOut(Schema):
    profile = fields.String(metadata={"description": "World the sandbox was filled with"})
    seed = fields.Integer()
    world = fields.Nested(WorldOut, metadata={"description": "Whether the world is complete, and how far it is"})
    clock = fields.Nested(ClockOut)
    event_sequence = fields.Integer(metadata={"description": "Number of the newest event"})
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "Rows by table"})
    faults = fields.Integer(metadata={"description": "Injected faults that have not expired"})
    plan = fields.String(metadata={"description": "Plan the sandbox behaves as; `sandbox` where everything is open"})


def _named_ids() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), metadata={"description": "Ids of the fixtures by kind"}
    )


class ResetOut(StateOut):
    fixtures = _named_ids()


class FixturesOut(Schema):
    fixtures = _named_ids()


class PlanIn(Body):
    tier = fields.String(required=True, allow_none=True, validate=one_of(*TIERS))


class LimitsOut(Schema):
    """Calls a minute and key; null: the plan has no such calls."""

    read = fields.Integer(allow_none=True)
    write = fields.Integer(allow_none=True)
    status = fields.Integer(allow_none=True)


class PlanOut(Schema):
    tier = fields.String(metadata={"description": "The plan in force; `sandbox` where everything is open"})
    is_simulated = fields.Boolean()
    areas = fields.List(fields.String(), metadata={"description": "Parts of the Core API the plan includes"})
    limits = fields.Nested(LimitsOut)
    daily_quota = fields.Integer(allow_none=True)
    max_webhook_endpoints = fields.Integer()


class TriggerIn(Body):
    type = fields.String(required=True, validate=one_of(*EVENT_TYPES))
    object_id = Identifier()
    overrides = JsonObject(keys=fields.String(validate=validate.Length(1, 80)), validate=validate.Length(max=50))


class TriggeredOut(Schema):
    event_id = fields.String()
    type = fields.String()


class InboxOut(Schema):
    url = fields.String()
    token = fields.String()


class InboxMessageOut(Schema):
    id = fields.String()
    inbox_id = fields.String()
    webhook_id = fields.String(allow_none=True)
    method = fields.String()
    path = fields.String(metadata={"description": "What follows the inbox's address; `/` for the address itself"})
    headers = fields.Dict(keys=fields.String(), values=fields.String())
    body = fields.String(metadata={"description": "Exactly as sent"})
    is_signature_valid = fields.Boolean()
    is_replay = fields.Boolean(metadata={"description": "A webhook with this id was received before"})
    received_at = fields.DateTime()


class InboxPageOut(Schema):
    data = fields.List(fields.Nested(InboxMessageOut))
    has_more = fields.Boolean()
    next_cursor = fields.String(allow_none=True)


class OutboxQuery(PageQuery):
    channel = fields.String(validate=one_of("email", "sms", "push"))


class OutgoingMessageOut(Schema):
    id = fields.String()
    channel = fields.String(validate=one_of("email", "sms", "push"))
    kind = fields.String()
    recipient = fields.String(metadata={"description": "Phone, e-mail address or device"})
    subject = fields.String(allow_none=True)
    body = fields.String()
    customer_id = fields.String(allow_none=True)
    campaign_id = fields.String(allow_none=True)
    status = fields.String(validate=one_of("queued", "sent", "failed", "suppressed"))
    reason = fields.String(allow_none=True, metadata={"description": "Why it failed, or what came back"})
    created_at = Instant()


class Probability(fields.Float):
    """0 to 1 in JSON, thousandths inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= 1:
            raise ValidationError("Expected a number from 0 to 1.")
        return round(value * WHOLE_PERMILLE)


class FaultMatchIn(Body):
    product = fields.String(load_default=None, allow_none=True, validate=one_of(*PRODUCTS))
    method = fields.String(load_default=None, allow_none=True, validate=one_of(*METHODS))
    path = Text(
        load_default=None, allow_none=True, max_length=200, min_length=1,
        metadata={"description": "`/v1/orders`, `/v1/orders/{id}`, `/v1/orders*`"},
    )  # fmt: skip


class FaultEffectIn(Body):
    status = Integer(load_default=None, allow_none=True, validate=validate.Range(STATUSES.start, STATUSES.stop - 1))
    latency_ms = Integer(load_default=None, allow_none=True, validate=validate.Range(0, LONGEST_LATENCY_MS))
    drop = Flag(load_default=False, metadata={"description": "End the connection without an answer"})
    malformed_json = Flag(
        load_default=False, metadata={"description": "Carry the call out and cut its answer's body in half"}
    )
    rate_limit = Integer(
        load_default=None, allow_none=True, validate=validate.Range(1, 3600),
        metadata={"description": "429 with this Retry-After, in seconds"},
    )  # fmt: skip
    when = fields.String(
        load_default=BEFORE, validate=one_of(BEFORE, AFTER),
        metadata={"description": "Instead of the call, or after it was carried out"},
    )  # fmt: skip

    @validates_schema
    def does_something(self, data: dict[str, Any], **_: object) -> None:
        chosen = [name for name in ("status", "drop", "malformed_json", "rate_limit") if data.get(name)]
        if len(chosen) > 1:
            raise ValidationError("Choose one of status, drop, malformed_json and rate_limit; latency_ms goes with each.")
        if not chosen and not data.get("latency_ms"):
            raise ValidationError("Send one of status, latency_ms, drop, malformed_json and rate_limit.")


class FaultIn(Body):
    match = fields.Nested(FaultMatchIn, load_default=lambda: dict.fromkeys(("product", "method", "path")))
    effect = fields.Nested(FaultEffectIn, required=True)
    probability = Probability(load_default=WHOLE_PERMILLE)
    times = Integer(load_default=None, allow_none=True, validate=validate.Range(1, 1_000_000))
    ttl_s = Integer(load_default=3600, validate=validate.Range(1, LONGEST_TTL_S))


class FaultMatchOut(Schema):
    product = fields.String(allow_none=True)
    method = fields.String(allow_none=True)
    path = fields.String(allow_none=True)


class FaultEffectOut(Schema):
    status = fields.Integer(allow_none=True)
    latency_ms = fields.Integer(allow_none=True)
    drop = fields.Boolean()
    malformed_json = fields.Boolean()
    rate_limit = fields.Integer(allow_none=True)
    when = fields.String(validate=one_of(BEFORE, AFTER))


class FaultOut(Schema):
    id = fields.String()
    match = Part(FaultMatchOut)
    effect = fields.Nested(FaultEffectOut)
    probability = fields.Function(lambda fault: fault["permille"] / WHOLE_PERMILLE, metadata={"type": "number"})
    times = fields.Integer(allow_none=True, metadata={"description": "Strikes at most; null: any number"})
    matched = fields.Integer(metadata={"description": "Calls it matched so far"})
    struck = fields.Integer(metadata={"description": "Calls it disturbed so far"})
    expires_at = Instant()
    created_at = Instant()


class FaultPageOut(Schema):
    data = fields.List(fields.Nested(FaultOut))
    has_more = fields.Boolean()
    next_cursor = fields.String(allow_none=True)


class AdvanceIn(Body):
    to = Text(max_length=20, min_length=1, metadata={"description": "Status to reach; default: the next one"})


class RefusalIn(Body):
    reason = Text(max_length=40, min_length=1, load_default="kitchen_busy")
    reason_detail = Text(max_length=500, load_default=None)


class StoreStatusIn(Body):
    status = fields.String(required=True, validate=one_of("online", "paused", "offline"))
    until = Instant(load_default=None)
    reason = Text(max_length=200, load_default=None, allow_none=True)


class EightySixIn(Body):
    available = Flag(load_default=False)
    until = Instant(load_default=None)


class SettleIn(Body):
    decline_code = Text(
        max_length=40, min_length=1, load_default=None, allow_none=True,
        metadata={"description": "Fail the payment with this code; default: it is confirmed"},
    )  # fmt: skip


class TrafficIn(Body):
    orders_per_min = Integer(required=True, validate=validate.Range(1, MOST_PER_MINUTE))
    duration_s = Integer(required=True, validate=validate.Range(1, LONGEST_S))
    location_id = Identifier(load_default=None)


class TrafficOut(Schema):
    id = fields.String()
    orders_per_min = fields.Integer(attribute="per_minute")
    starts_at = Instant()
    ends_at = Instant()
    attempted = fields.Integer()
    placed = fields.Integer()
    refused = fields.Integer()


class TrafficPageOut(Schema):
    data = fields.List(fields.Nested(TrafficOut))
    has_more = fields.Boolean()
    next_cursor = fields.String(allow_none=True)


class ScenarioIn(Body):
    location_id = Identifier(
        load_default=None, metadata={"description": "Where; default: the first location that sells something"}
    )


class ScenarioOut(Schema):
    name = fields.String()
    location_id = fields.String()
    started_at = Instant()
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "What happened, by kind; refusals by code"}
    )
    ids = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()),
        metadata={"description": "Objects the run made or changed, by kind"},
    )  # fmt: skip
    steps = fields.List(fields.String(), metadata={"description": "What happened, in sentences"})
