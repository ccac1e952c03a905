"""Representations of areas, tables and the live floor in the Core API."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.menu_parts import changes_something
from api.core.menu_parts import ids
from api.core.menu_parts import sort_number
from api.core.menu_parts import version_number
from api.core.order_parts import RefOut
from api.core.schemas import PageQuery
from api.core.words import one_of
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Money
from api.fields import Part
from api.fields import Text
from domain.floor.states import STATES

TABLE_KINDS = ("indoor", "outdoor", "bar", "private", "counter", "tatami")
REF = {"description": "A name in another product: `<product>[:<type>]:<id>`"}
MOST_FLOOR = 100_000


class AreaQuery(PageQuery):
    location_id = fields.String()
    ref = fields.String(metadata=REF)


class AreaIn(Body):
    location_id = Identifier(required=True)
    name = Text(max_length=80, min_length=1, required=True)
    sort = sort_number()


class AreaPatch(Body):
    name = Text(max_length=80, min_length=1)
    sort = sort_number()
    version = version_number()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send at least one field to change.")


class AreaOut(Schema):
    id = fields.String()
    location_id = fields.String()
    name = fields.String()
    sort = fields.Integer()
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class LocationTableQuery(PageQuery):
    area_id = fields.String()
    ref = fields.String(metadata=REF)


class TableQuery(LocationTableQuery):
    location_id = fields.String()


class SeatsIn(Body):
    min = Integer(validate=validate.Range(1, 100))
    max = Integer(required=True, validate=validate.Range(1, 100))


class TableFields(Body):
    name = Text(max_length=80, min_length=1)
    seats = fields.Nested(SeatsIn)
    kind = fields.String(validate=one_of(*TABLE_KINDS))
    is_active = Flag()
    area_id = Identifier(allow_none=True)
    x = fields.Float(allow_nan=False, allow_none=True, validate=validate.Range(-MOST_FLOOR, MOST_FLOOR))
    y = fields.Float(allow_nan=False, allow_none=True, validate=validate.Range(-MOST_FLOOR, MOST_FLOOR))
    combinable_with = ids(20)


class TableIn(TableFields):
    location_id = Identifier(required=True)
    name = Text(max_length=80, min_length=1, required=True)
    seats = fields.Nested(SeatsIn, required=True)


class TablePatch(TableFields):
    version = version_number()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send at least one field to change.")


class LockIn(Body):
    staff = Text(max_length=64, min_length=1, metadata={"description": "Who works on it; left out: the credential"})
    ttl_seconds = Integer(load_default=300, validate=validate.Range(10, 3600))
    force = Flag(load_default=False)


class UnlockIn(Body):
    staff = Text(max_length=64, min_length=1, metadata={"description": "Who worked on it; left out: the credential"})
    force = Flag(load_default=False)


class SeatsOut(Schema):
    min = fields.Integer(attribute="seats_min")
    max = fields.Integer(attribute="seats_max")


class LockOut(Schema):
    staff = fields.String(attribute="locked_by")
    expires_at = Instant()


class TableOut(Schema):
    id = fields.String()
    location_id = fields.String()
    area_id = fields.String(allow_none=True)
    name = fields.String()
    seats = Part(SeatsOut)
    kind = fields.String(validate=one_of(*TABLE_KINDS))
    is_active = fields.Boolean()
    x = fields.Float(allow_none=True)
    y = fields.Float(allow_none=True)
    combinable_with = fields.List(fields.String())
    lock = fields.Nested(LockOut, allow_none=True)
    cleaned_at = Instant(allow_none=True)
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class FloorOrderOut(Schema):
    id = fields.String()
    number = fields.Integer()
    status = fields.String()
    total = Money(attribute="total_minor")
    due = Money(attribute="due_minor")


class FloorReservationOut(Schema):
    id = fields.String()
    status = fields.String(validate=one_of("requested", "confirmed", "arrived", "seated"))
    start_at = Instant()
    end_at = Instant()
    party_size = fields.Integer()


class FloorHoldOut(Schema):
    id = fields.String()
    start_at = Instant()
    expires_at = Instant()


class FloorTableOut(Schema):
    table_id = fields.String(attribute="id")
    name = fields.String()
    area_id = fields.String(allow_none=True)
    kind = fields.String(validate=one_of(*TABLE_KINDS))
    seats = Part(SeatsOut)
    x = fields.Float(allow_none=True)
    y = fields.Float(allow_none=True)
    state = fields.String(validate=one_of(*STATES))
    lock = fields.Nested(LockOut, allow_none=True)
    order = fields.Nested(FloorOrderOut, allow_none=True)
    reservation = fields.Nested(FloorReservationOut, allow_none=True)
    hold = fields.Nested(FloorHoldOut, allow_none=True)


class FloorCountsOut(Schema):
    free = fields.Integer()
    held = fields.Integer()
    reserved = fields.Integer()
    seated = fields.Integer()
    bill = fields.Integer()
    dirty = fields.Integer()


class FloorOut(Schema):
    location_id = fields.String()
    currency = fields.String()
    at = Instant()
    counts = fields.Nested(FloorCountsOut)
    tables = fields.List(fields.Nested(FloorTableOut))
