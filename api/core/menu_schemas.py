"""Representations of menus, items, modifiers, taxes, locations and customers in the Core API."""

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from api.core.schemas import PageQuery
from api.core.schemas import one_of
from api.fields import Body
from api.fields import CommaList
from api.fields import Flag
from api.fields import Instant
from api.fields import Integer
from api.fields import Money
from api.fields import Text
from domain.menus.allergens import BY_CODE


class MenuQuery(PageQuery):
    location_id = fields.String()
    updated_since = Instant()


class CategoryQuery(PageQuery):
    menu_id = fields.String()


class ItemQuery(PageQuery):
    location_id = fields.String()
    available = fields.String(validate=one_of("true", "false"))
    allergen_free = CommaList(allowed=tuple(BY_CODE), load_default=())
    diet = fields.String()
    q = Text(max_length=100, min_length=1)
    updated_since = Instant()


class AvailabilityIn(Body):
    available = Flag(required=True)
    reason = fields.String(validate=one_of("manual_86", "stock"))
    until = Instant(allow_none=True)
    stock_count = Integer(allow_none=True, validate=validate.Range(0, 1_000_000))


class VariationOut(Schema):
    id = fields.String()
    name = fields.String()
    price = Money(attribute="price_minor")
    sku = fields.String(allow_none=True)
    stock_count = fields.Integer(allow_none=True)
    is_default = fields.Boolean()


class ItemOut(Schema):
    id = fields.String()
    location_id = fields.String(allow_none=True)
    name = fields.String()
    description = fields.String(allow_none=True)
    kind = fields.String()
    currency = fields.String()
    price = Money(attribute="base_price_minor")
    tax_id = fields.String(allow_none=True)
    sku = fields.String(allow_none=True)
    image_url = fields.String(allow_none=True)
    category_ids = fields.List(fields.String())
    modifier_group_ids = fields.List(fields.String())
    variations = fields.List(fields.Nested(VariationOut))
    allergens = fields.Raw()
    diets = fields.Raw()
    calories = fields.Integer(allow_none=True)
    schedule = fields.Raw()
    available = fields.Boolean()
    unavailable_reason = fields.String(allow_none=True)
    available_again_at = Instant(allow_none=True)
    stock_count = fields.Integer(allow_none=True)
    is_active = fields.Boolean()
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class CategoryOut(Schema):
    id = fields.String()
    menu_id = fields.String()
    name = fields.String()
    subtitle = fields.String(allow_none=True)
    sort = fields.Integer()
    is_active = fields.Boolean()
    item_ids = fields.List(fields.String())


class MenuOut(Schema):
    id = fields.String()
    location_id = fields.String(allow_none=True)
    name = fields.String()
    subtitle = fields.String(allow_none=True)
    is_active = fields.Boolean()
    schedule = fields.Raw()
    service_types = fields.Raw()
    categories = fields.List(fields.Nested(CategoryOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class ModifierOut(Schema):
    id = fields.String()
    name = fields.String()
    price_minor = fields.Integer(metadata={"description": "Minor units; the currency is the item's"})
    max_quantity = fields.Integer()
    allergens = fields.Raw()
    modifier_group_ids = fields.Raw(attribute="group_ids")


class ModifierGroupOut(Schema):
    id = fields.String()
    name = fields.String()
    min = fields.Integer(attribute="min_selections")
    max = fields.Integer(attribute="max_selections")
    required = fields.Boolean(attribute="is_required")
    modifiers = fields.List(fields.Nested(ModifierOut))
    version = fields.Integer()


class TaxOut(Schema):
    id = fields.String()
    name = fields.String()
    rate = fields.String()
    country = fields.String(allow_none=True)
    code = fields.String(allow_none=True)
    version = fields.Integer()


class StoreStatusOut(Schema):
    status = fields.String()
    reason = fields.String(allow_none=True)
    until = Instant(allow_none=True)
    changed_at = Instant(allow_none=True)


class LocationQuery(PageQuery):
    active = fields.String(validate=one_of("true", "false"))


class LocationOut(Schema):
    id = fields.String()
    name = fields.String()
    internal_name = fields.String(allow_none=True)
    slug = fields.String()
    country = fields.String()
    currency = fields.String()
    time_zone = fields.String()
    address = fields.Raw()
    phone = fields.String(allow_none=True)
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)
    is_active = fields.Boolean()
    price_mode = fields.String()
    tax_rounding = fields.String()
    default_tax_id = fields.String(allow_none=True)
    day_cutover = fields.String()
    auto_accept = fields.Boolean()
    prep_minutes = fields.Integer()
    status = fields.Nested(StoreStatusOut)
    opening_hours = fields.Raw()
    special_hours = fields.Raw()
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class CustomerOut(Schema):
    id = fields.String()
    external_id = fields.String(allow_none=True)
    name = fields.String()
    first_name = fields.String(allow_none=True)
    last_name = fields.String(allow_none=True)
    phones = fields.Raw()
    emails = fields.Raw()
    locale = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    tags = fields.Raw()
    consents = fields.Raw()
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()
