"""Representations of the restaurant, its locations, their hours and status in the Core API."""

from datetime import date
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.menu_parts import CLOCK
from api.core.menu_parts import CLOCK_END
from api.core.menu_parts import COUNTRY
from api.core.menu_parts import CURRENCY
from api.core.menu_parts import LANGUAGE
from api.core.menu_parts import changes_something
from api.core.menu_parts import version_number
from api.core.order_parts import RefOut
from api.core.schemas import PageQuery
from api.core.words import one_of
from api.fields import Amount
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Money
from api.fields import Text
from api.fields import matching

STATUSES = ("online", "paused", "offline")
SERVICES = ("dine_in", "pickup", "delivery")
SLUG = matching(r"[a-z0-9]+(-[a-z0-9]+)*", error="Expected lower-case letters, digits and single hyphens.")
PARTY = matching(r"[1-9]\d?(-[1-9]\d?|\+)", error="Expected party sizes such as 3-4 or 7+.")
REF = {"description": "A name in another product: `<product>[:<type>]:<id>`"}


def names() -> fields.Dict:
    """Names by language."""
    values = Text(max_length=255, min_length=1)
    return fields.Dict(keys=fields.String(validate=LANGUAGE), values=values, validate=validate.Length(max=50))


class RestaurantPatch(Body):
    name = Text(max_length=255, min_length=1)
    name_translations = names()
    slug = Text(max_length=80, min_length=1, validate=SLUG)
    default_currency = fields.String(validate=CURRENCY)
    version = Integer(validate=validate.Range(min=0))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send at least one field to change.")


class RestaurantOut(Schema):
    id = fields.String(metadata={"description": "The `restaurant_id` of events"})
    name = fields.String()
    name_translations = fields.Dict(keys=fields.String(), values=fields.String())
    slug = fields.String()
    default_currency = fields.String()
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class LocationQuery(PageQuery):
    active = fields.String(validate=one_of("true", "false"))
    ref = fields.String(metadata=REF)


class LocationAddressIn(Body):
    line1 = Text(max_length=255, min_length=1, required=True)
    line2 = Text(max_length=255, allow_none=True)
    city = Text(max_length=120, min_length=1, required=True)
    postal_code = Text(max_length=20, allow_none=True)
    country = fields.String(allow_none=True, validate=COUNTRY)


class DepositPolicyIn(Body):
    required = Flag(required=True)
    min_party = Integer(validate=validate.Range(1, 50))
    amount = Amount()
    per_person = Flag()
    refundable_hours = Integer(validate=validate.Range(0, 24 * 60))

    @validates_schema
    def has_an_amount(self, data: dict[str, Any], **_: object) -> None:
        if data.get("required") and "amount" not in data:
            raise ValidationError("A required deposit has an amount.", "amount")


class LocationPatch(Body):
    name = Text(max_length=255, min_length=1)
    name_translations = names()
    internal_name = Text(max_length=255, allow_none=True)
    slug = Text(max_length=80, min_length=1, validate=SLUG)
    country = fields.String(validate=COUNTRY)
    currency = fields.String(validate=CURRENCY)
    time_zone = Text(max_length=64, min_length=1)
    address = fields.Nested(LocationAddressIn)
    phone = Text(max_length=40, min_length=1, allow_none=True)
    latitude = fields.Float(allow_nan=False, allow_none=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(allow_nan=False, allow_none=True, validate=validate.Range(-180, 180))
    is_active = Flag()
    price_mode = fields.String(validate=one_of("inclusive", "exclusive"))
    tax_rounding = fields.String(validate=one_of("bucket", "line"))
    cash_rounding = Amount()
    default_tax_id = Identifier(allow_none=True)
    day_cutover = fields.String(validate=CLOCK)
    auto_accept = Flag()
    prep_minutes = Integer(validate=validate.Range(0, 24 * 60))
    turn_minutes = fields.Dict(
        keys=fields.String(validate=PARTY), values=Integer(validate=validate.Range(15, 720)),
        validate=validate.Length(max=20), metadata={"description": "How long a party keeps its table, by its size"},
    )  # fmt: skip
    deposit_policy = fields.Nested(DepositPolicyIn)
    no_show_grace_minutes = Integer(validate=validate.Range(0, 240))
    version = version_number()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send at least one field to change.")


class OpeningHourIn(Body):
    weekday = Integer(required=True, validate=validate.Range(0, 6), metadata={"description": "0 is Monday"})
    opens = fields.String(required=True, validate=CLOCK)
    closes = fields.String(
        required=True, validate=CLOCK_END, metadata={"description": "Not after `opens`: the next day"}
    )
    service = fields.String(load_default="dine_in", validate=one_of(*SERVICES))


class SpecialHourIn(Body):
    date = fields.String(required=True)
    is_closed = Flag(load_default=False)
    opens = fields.String(load_default=None, allow_none=True, validate=CLOCK)
    closes = fields.String(load_default=None, allow_none=True, validate=CLOCK_END)

    @validates_schema
    def is_whole(self, data: dict[str, Any], **_: object) -> None:
        try:
            day = date.fromisoformat(data["date"]).isoformat()
        except ValueError:
            day = ""
        if day != data["date"]:
            raise ValidationError("Expected a date such as 2026-12-24.", "date")
        if any((data.get(name) is None) is not data["is_closed"] for name in ("opens", "closes")):
            raise ValidationError("Send opens and closes, or is_closed.", "opens")


class HoursIn(Body):
    opening_hours = fields.List(fields.Nested(OpeningHourIn), validate=validate.Length(max=200))
    special_hours = fields.List(fields.Nested(SpecialHourIn), validate=validate.Length(max=1000))
    version = version_number()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send opening_hours, special_hours or both.")


class OpeningHourOut(Schema):
    weekday = fields.Integer()
    opens = fields.String()
    closes = fields.String()
    service = fields.String(validate=one_of(*SERVICES))


class SpecialHourOut(Schema):
    date = fields.String()
    is_closed = fields.Boolean()
    opens = fields.String(allow_none=True)
    closes = fields.String(allow_none=True)


class HoursOut(Schema):
    location_id = fields.String(attribute="id")
    time_zone = fields.String()
    is_open_now = fields.Boolean()
    opening_hours = fields.List(fields.Nested(OpeningHourOut))
    special_hours = fields.List(fields.Nested(SpecialHourOut))
    version = fields.Integer()


class StatusIn(Body):
    status = fields.String(required=True, validate=one_of(*STATUSES))
    until = Instant(allow_none=True)
    reason = Text(max_length=200, allow_none=True)


class StoreStatusOut(Schema):
    may_lack = True

    status = fields.String(validate=one_of(*STATUSES))
    reason = fields.String(allow_none=True)
    until = Instant(allow_none=True)
    changed_at = Instant(allow_none=True)
    changed_by = fields.String(allow_none=True)


class LocationStatusOut(StoreStatusOut):
    location_id = fields.String()
    is_open_now = fields.Boolean(metadata={"description": "By its hours, whatever the status"})
    takes_orders = fields.Boolean(metadata={"description": "Online, in service and open now"})


class LocationAddressOut(Schema):
    may_lack = True

    line1 = fields.String(allow_none=True)
    line2 = fields.String(allow_none=True)
    city = fields.String(allow_none=True)
    postal_code = fields.String(allow_none=True)
    country = fields.String(allow_none=True)


class DepositPolicyOut(Schema):
    may_lack = True

    required = fields.Boolean(allow_none=True)
    min_party = fields.Integer(allow_none=True)
    amount = Money(attribute="amount_minor", allow_none=True)
    per_person = fields.Boolean(allow_none=True)
    refundable_hours = fields.Integer(allow_none=True)


class LocationOut(Schema):
    id = fields.String()
    name = fields.String()
    name_translations = fields.Dict(keys=fields.String(), values=fields.String())
    internal_name = fields.String(allow_none=True)
    slug = fields.String()
    country = fields.String()
    currency = fields.String()
    time_zone = fields.String()
    address = fields.Nested(LocationAddressOut)
    phone = fields.String(allow_none=True)
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)
    is_active = fields.Boolean()
    price_mode = fields.String(validate=one_of("inclusive", "exclusive"))
    tax_rounding = fields.String(validate=one_of("bucket", "line"))
    cash_rounding = Money(attribute="cash_rounding_minor")
    default_tax_id = fields.String(allow_none=True)
    day_cutover = fields.String()
    auto_accept = fields.Boolean()
    prep_minutes = fields.Integer()
    turn_minutes = fields.Dict(keys=fields.String(), values=fields.Integer())
    deposit_policy = fields.Nested(DepositPolicyOut)
    no_show_grace_minutes = fields.Integer(attribute="no_show_grace_min")
    status = fields.Nested(StoreStatusOut)
    is_open_now = fields.Boolean()
    business_date = fields.String()
    opening_hours = fields.List(fields.Nested(OpeningHourOut))
    special_hours = fields.List(fields.Nested(SpecialHourOut))
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()
