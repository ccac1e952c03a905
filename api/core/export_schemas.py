"""Representations of exports and their schedules in the Core API, and the calendar date as a field."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate

from accounts.plans.catalog import DATASETS
from accounts.plans.catalog import FORMATS
from api.core.schemas import PageQuery
from api.core.schemas import one_of
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer

FREQUENCIES = ("daily", "hourly")
STATUSES = ("queued", "running", "ready", "failed", "expired")


class Day(fields.String):
    """A calendar date, `2026-01-12`, as text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {**self.metadata, "format": "date"}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        try:
            day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
        except ValueError:
            day = None
        if day is None or not 1970 <= day.year <= 2200:
            raise ValidationError("Expected a date such as 2026-01-12.")
        return day.isoformat()


class ExportIn(Body):
    dataset = fields.String(required=True, validate=one_of(*DATASETS))
    format = fields.String(load_default="csv", validate=one_of(*FORMATS))
    from_date = Day(data_key="from", required=True, metadata={"description": "First business date"})
    to_date = Day(data_key="to", required=True, metadata={"description": "Last business date, included"})
    location_ids = fields.List(Identifier(), load_default=list, validate=validate.Length(max=100))
    bom = Flag(load_default=False, metadata={"description": "Begin a CSV file with a byte order mark, for Excel"})


class ExportQuery(PageQuery):
    status = fields.String(validate=one_of(*STATUSES))
    dataset = fields.String(validate=one_of(*DATASETS))


class ExportOut(Schema):
    id = fields.String()
    dataset = fields.String(validate=one_of(*DATASETS))
    format = fields.String(validate=one_of(*FORMATS))
    bom = fields.Boolean(attribute="has_bom")
    from_date = Day(data_key="from")
    to_date = Day(data_key="to")
    location_ids = fields.List(fields.String(), metadata={"description": "Empty: all"})
    status = fields.String(validate=one_of(*STATUSES))
    masked = fields.Boolean(attribute="is_masked", metadata={"description": "Contacts are hidden in the file"})
    rows = fields.Integer(attribute="row_count", allow_none=True)
    bytes = fields.Integer(attribute="size_bytes", allow_none=True)
    sha256 = fields.String(allow_none=True)
    failure = fields.String(allow_none=True)
    schedule_id = fields.String(allow_none=True)
    started_at = Instant(allow_none=True)
    finished_at = Instant(allow_none=True)
    expires_at = Instant(allow_none=True)
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class ExportScheduleIn(Body):
    dataset = fields.String(required=True, validate=one_of(*DATASETS))
    format = fields.String(load_default="csv", validate=one_of(*FORMATS))
    frequency = fields.String(required=True, validate=one_of(*FREQUENCIES))
    hour = Integer(validate=validate.Range(0, 23), metadata={"description": "Hour of a daily run, UTC; 6 when absent"})
    days = Integer(
        load_default=1, validate=validate.Range(1, 400), metadata={"description": "Business dates each file covers"}
    )
    location_ids = fields.List(Identifier(), load_default=list, validate=validate.Length(max=100))
    bom = Flag(load_default=False)


class ExportScheduleOut(Schema):
    id = fields.String()
    dataset = fields.String(validate=one_of(*DATASETS))
    format = fields.String(validate=one_of(*FORMATS))
    bom = fields.Boolean(attribute="has_bom")
    frequency = fields.String(validate=one_of(*FREQUENCIES))
    hour = fields.Integer(allow_none=True)
    days = fields.Integer()
    location_ids = fields.List(fields.String())
    masked = fields.Boolean(attribute="is_masked")
    last_export_id = fields.String(allow_none=True)
    next_run_at = Instant()
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()
