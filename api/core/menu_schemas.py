"""Representations of menus, categories and items in the Core API."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.menu_parts import KINDS
from api.core.menu_parts import MOST_STOCK
from api.core.menu_parts import REASONS
from api.core.menu_parts import UNAVAILABLE
from api.core.menu_parts import DeclaredAllergenOut
from api.core.menu_parts import DescriptionOut
from api.core.menu_parts import ItemFields
from api.core.menu_parts import TitleIn
from api.core.menu_parts import TitleOut
from api.core.menu_parts import VariationOut
from api.core.menu_parts import WindowOut
from api.core.menu_parts import changes_something
from api.core.menu_parts import ids
from api.core.menu_parts import language_map
from api.core.menu_parts import schedule
from api.core.menu_parts import service_types
from api.core.menu_parts import sort_number
from api.core.menu_parts import version_number
from api.core.modifier_schemas import NestedGroupOut
from api.core.order_parts import RefOut
from api.core.schemas import PageQuery
from api.core.words import one_of
from api.fields import Amount
from api.fields import Body
from api.fields import CommaList
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Money
from api.fields import Text
from domain.menus.allergens import BY_CODE
from domain.menus.allergens import DIETS

REF = {"description": "A name in another product: `<product>[:<type>]:<id>`"}
MOST_ITEMS = 1000


class MenuQuery(PageQuery):
    location_id = fields.String()
    updated_since = Instant()
    ref = fields.String(metadata=REF)


class CategoryQuery(PageQuery):
    menu_id = fields.String()
    ref = fields.String(metadata=REF)


class ItemQuery(PageQuery):
    location_id = fields.String()
    available = fields.String(validate=one_of("true", "false"))
    allergen_free = CommaList(allowed=tuple(BY_CODE), load_default=())
    diet = fields.String(validate=one_of(*DIETS))
    q = Text(max_length=100, min_length=1)
    updated_since = Instant()
    ref = fields.String(metadata=REF)


class MenuPatch(Body):
    name = Text(max_length=255, min_length=1)
    subtitle = Text(max_length=255, allow_none=True)
    is_active = Flag()
    schedule = schedule()
    service_types = service_types()
    translations = language_map(TitleIn)
    sort = sort_number()
    version = version_number()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send at least one field to change.")


class MenuIn(Body):
    location_id = Identifier(allow_none=True, metadata={"description": "Left out: offered at every location"})
    name = Text(max_length=255, min_length=1, required=True)
    subtitle = Text(max_length=255, allow_none=True)
    is_active = Flag()
    schedule = schedule()
    service_types = service_types()
    translations = language_map(TitleIn)
    sort = sort_number()


class CategoryPatch(Body):
    name = Text(max_length=255, min_length=1)
    subtitle = Text(max_length=255, allow_none=True)
    is_active = Flag()
    translations = language_map(TitleIn)
    sort = sort_number()
    item_ids = ids(MOST_ITEMS)
    version = version_number()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send at least one field to change.")


class CategoryIn(Body):
    menu_id = Identifier(required=True)
    name = Text(max_length=255, min_length=1, required=True)
    subtitle = Text(max_length=255, allow_none=True)
    is_active = Flag()
    translations = language_map(TitleIn)
    sort = sort_number()
    item_ids = ids(MOST_ITEMS)


class ItemIn(ItemFields):
    location_id = Identifier(allow_none=True, metadata={"description": "Left out: sold at every location"})
    name = Text(max_length=255, min_length=1, required=True)
    price = Amount(required=True)
    category_ids = ids(100)
    modifier_group_ids = ids(50)
    stock_count = Integer(allow_none=True, validate=validate.Range(0, MOST_STOCK))


class ItemPatch(ItemFields):
    category_ids = ids(100)
    modifier_group_ids = ids(50)
    version = version_number()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send at least one field to change.")


class AvailabilityIn(Body):
    available = Flag(required=True)
    reason = fields.String(validate=one_of(*REASONS))
    until = Instant(allow_none=True)
    stock_count = Integer(allow_none=True, validate=validate.Range(0, MOST_STOCK))


class ItemAvailabilityIn(AvailabilityIn):
    menu_item_id = Identifier(required=True)


class BulkAvailabilityIn(Body):
    items = fields.List(fields.Nested(ItemAvailabilityIn), required=True, validate=validate.Length(1, 500))


class AvailabilityProblemOut(Schema):
    code = fields.String()
    message = fields.String()
    field = fields.String(allow_none=True)


class AvailabilityResultOut(Schema):
    index = fields.Integer()
    status = fields.String(validate=one_of("updated", "refused"))
    id = fields.String()
    available = fields.Boolean(allow_none=True, metadata={"description": "Now, the schedule included; null when refused"})
    error = fields.Nested(AvailabilityProblemOut, allow_none=True)


class BulkAvailabilityOut(Schema):
    results = fields.List(fields.Nested(AvailabilityResultOut))


class ItemOut(Schema):
    id = fields.String()
    location_id = fields.String(allow_none=True)
    name = fields.String()
    description = fields.String(allow_none=True)
    translations = fields.Dict(keys=fields.String(), values=fields.Nested(DescriptionOut))
    kind = fields.String(validate=one_of(*KINDS))
    currency = fields.String()
    price = Money(attribute="base_price_minor")
    cost = Money(attribute="cost_minor", allow_none=True, metadata={"description": "What one costs to make"})
    tax_id = fields.String(allow_none=True)
    sku = fields.String(allow_none=True)
    image_url = fields.String(allow_none=True)
    category_ids = fields.List(fields.String())
    modifier_group_ids = fields.List(fields.String())
    variations = fields.List(fields.Nested(VariationOut))
    allergens = fields.List(fields.Nested(DeclaredAllergenOut))
    diets = fields.List(fields.String(validate=one_of(*DIETS)))
    calories = fields.Integer(allow_none=True)
    schedule = fields.List(fields.Nested(WindowOut))
    available = fields.Boolean()
    unavailable_reason = fields.String(allow_none=True, validate=one_of(*UNAVAILABLE))
    available_again_at = Instant(allow_none=True)
    stock_count = fields.Integer(allow_none=True)
    sort = fields.Integer()
    is_active = fields.Boolean()
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class CategoryOut(Schema):
    id = fields.String()
    menu_id = fields.String()
    name = fields.String()
    subtitle = fields.String(allow_none=True)
    translations = fields.Dict(keys=fields.String(), values=fields.Nested(TitleOut))
    sort = fields.Integer()
    is_active = fields.Boolean()
    item_ids = fields.List(fields.String())
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class MenuOut(Schema):
    id = fields.String()
    location_id = fields.String(allow_none=True)
    name = fields.String()
    subtitle = fields.String(allow_none=True)
    translations = fields.Dict(keys=fields.String(), values=fields.Nested(TitleOut))
    currency = fields.String()
    is_active = fields.Boolean()
    schedule = fields.List(fields.Nested(WindowOut))
    service_types = fields.List(fields.String())
    sort = fields.Integer()
    categories = fields.List(fields.Nested(CategoryOut))
    version_hash = fields.String(
        allow_none=True,
        metadata={"description": "Changes with everything the menu says, and not with what is available right now"},
    )
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class NestedItemOut(ItemOut):
    modifier_groups = fields.List(fields.Nested(NestedGroupOut))


class NestedCategoryOut(CategoryOut):
    items = fields.List(fields.Nested(NestedItemOut))


class WholeMenuOut(MenuOut):
    categories = fields.List(fields.Nested(NestedCategoryOut))


class MenuChangesOut(Schema):
    created = fields.Integer()
    updated = fields.Integer()
    deleted = fields.Integer()


class ChangedPriceOut(Schema):
    kind = fields.String(validate=one_of("base", "variation", "modifier"))
    id = fields.String()
    name = fields.String()
    old_price = Money(attribute="old_price_minor")
    new_price = Money(attribute="new_price_minor")


class PriceChangeOut(Schema):
    currency = fields.String()
    effective_at = Instant()
    changes = fields.List(fields.Nested(ChangedPriceOut))


class AllergenQuery(PageQuery):
    locale = fields.String(metadata={"description": "A language tag such as pl; else Accept-Language decides"})


class SubAllergenOut(Schema):
    code = fields.String()
    name = fields.String()
    names = fields.Dict(keys=fields.String(), values=fields.String())


class AllergenOut(SubAllergenOut):
    sub_codes = fields.List(fields.Nested(SubAllergenOut))
