"""Representations of notices to staff in the Core API."""

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from api.core.order_parts import RefOut
from api.core.schemas import PageQuery
from api.core.words import one_of
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Text


class NotificationIn(Body):
    title = Text(max_length=255, min_length=1, required=True)
    body = Text(max_length=2000, min_length=1, required=True)
    kind = Text(max_length=40, min_length=1, load_default="notice")
    location_id = Identifier(allow_none=True, load_default=None, metadata={"description": "null: the staff of all locations"})


class NotificationPatch(Body):
    is_read = Flag(required=True)
    version = Integer(validate=validate.Range(min=1))


class NotificationQuery(PageQuery):
    location_id = fields.String(metadata={"description": "Notices to this location and those to all"})
    kind = fields.String()
    read = fields.String(validate=one_of("true", "false"))
    ref = fields.String(metadata={"description": "A name in another product: `<product>[:notification]:<id>`"})


class NotificationOut(Schema):
    id = fields.String()
    location_id = fields.String(allow_none=True)
    kind = fields.String()
    title = fields.String()
    body = fields.String()
    is_read = fields.Boolean()
    read_at = Instant(allow_none=True)
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()
