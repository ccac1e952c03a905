"""Representation of a credential's and its application's usage in the Core API."""

from datetime import date
from datetime import timedelta
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validates_schema

from accounts.logs.usage import KEPT_DAYS
from accounts.plans.catalog import AREAS
from api.core.export_schemas import Day
from api.core.words import one_of
from api.fields import Body
from api.fields import Instant
from kit.clock import now

BUCKETS = ("read", "write", "status", "control", "listener")


class UsageQuery(Body):
    from_date = Day(data_key="from", metadata={"description": "First UTC day; six days before `to` when absent"})
    to_date = Day(data_key="to", metadata={"description": "Last UTC day, included; today when absent"})

    @validates_schema
    def has_days(self, data: dict[str, Any], **_: object) -> None:
        first, last = window_of(data)
        if first > last:
            raise ValidationError("Expected a day that is not after `to`.", "from")
        if (last - first).days >= KEPT_DAYS:
            raise ValidationError(f"Expected at most {KEPT_DAYS} days.", "from")


def window_of(query: dict[str, Any]) -> tuple[date, date]:
    """First and last day asked for; without any, the last seven."""
    last = date.fromisoformat(query["to_date"]) if query.get("to_date") else now().date()
    first = date.fromisoformat(query["from_date"]) if query.get("from_date") else last - timedelta(days=6)
    return first, last


class CallsOut(Schema):
    calls = fields.Integer()
    refused = fields.Integer(metadata={"description": "Answered with 4xx, limited ones included"})
    limited = fields.Integer(metadata={"description": "Answered with 429"})
    failed = fields.Integer(metadata={"description": "Answered with 5xx"})
    average_ms = fields.Float(allow_none=True, metadata={"description": "Mean time to answer; null without a call"})


class AreaUsageOut(CallsOut):
    area = fields.String(validate=one_of(*sorted(AREAS)))
    bucket = fields.String(validate=one_of(*BUCKETS), metadata={"description": "Rate limit the calls were counted against"})


class DayUsageOut(CallsOut):
    date = Day(metadata={"description": "UTC"})
    areas = fields.List(fields.Nested(AreaUsageOut))


class RateLimitOut(Schema):
    bucket = fields.String(validate=one_of(*BUCKETS))
    limit = fields.Integer(metadata={"description": "Calls a minute with all credentials"})
    remaining = fields.Integer(allow_none=True, metadata={"description": "null while the counters cannot be reached"})


class QuotaOut(Schema):
    limit = fields.Integer(allow_none=True, metadata={"description": "Calls a UTC day with all credentials; null: no quota"})
    used = fields.Integer(allow_none=True, metadata={"description": "null while the counters cannot be reached"})
    remaining = fields.Integer(allow_none=True)
    resets_at = Instant()


class AllowanceOut(Schema):
    limit = fields.Integer()
    used = fields.Integer()


class DeliveriesTodayOut(Schema):
    pending = fields.Integer()
    succeeded = fields.Integer()
    dead = fields.Integer()
    held = fields.Integer()


class WebhookUsageOut(Schema):
    endpoints = fields.Nested(AllowanceOut)
    event_types = fields.Integer(metadata={"description": "How many types the plan delivers"})
    retry_schedule_s = fields.List(fields.Integer(), metadata={"description": "Waits after each failed attempt"})
    events_kept_days = fields.Integer(metadata={"description": "How far back the event feed and replays reach"})
    deliveries_today = fields.Nested(DeliveriesTodayOut)


class UsageOut(Schema):
    plan = fields.String()
    from_date = Day(data_key="from")
    to_date = Day(data_key="to")
    totals = fields.Nested(CallsOut)
    days = fields.List(fields.Nested(DayUsageOut), metadata={"description": "Every day of the window, oldest first"})
    rate_limits = fields.List(fields.Nested(RateLimitOut))
    quota = fields.Nested(QuotaOut)
    webhooks = fields.Nested(WebhookUsageOut)
    exports_today = fields.Nested(AllowanceOut)
