"""Representations of modifier groups, modifiers, taxes and extra charges in the Core API."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.menu_parts import COUNTRY
from api.core.menu_parts import CURRENCY
from api.core.menu_parts import MOST_STOCK
from api.core.menu_parts import UNAVAILABLE
from api.core.menu_parts import DeclaredAllergenOut
from api.core.menu_parts import NameIn
from api.core.menu_parts import NameOut
from api.core.menu_parts import allergens
from api.core.menu_parts import changes_something
from api.core.menu_parts import ids
from api.core.menu_parts import language_map
from api.core.menu_parts import sort_number
from api.core.menu_parts import version_number
from api.core.order_parts import RefOut
from api.core.schemas import PageQuery
from api.core.words import FULFILLMENTS
from api.core.words import one_of
from api.fields import Amount
from api.fields import Body
from api.fields import DiscountValue
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Money
from api.fields import Text
from api.fields import matching

RATE = matching(r"(0(\.\d{1,6})?|1(\.0{1,6})?)", error="Expected a decimal between 0 and 1; 0.08 is 8 %.")
REF = {"description": "A name in another product: `<product>[:<type>]:<id>`"}
SELECTIONS = validate.Range(0, 100)


class NamedQuery(PageQuery):
    ref = fields.String(metadata=REF)


class ChargeQuery(NamedQuery):
    location_id = fields.String()


class ModifierIn(Body):
    id = Identifier(metadata={"description": "Of a present modifier that this one replaces"})
    name = Text(max_length=255, min_length=1, required=True)
    price = Amount()
    translations = language_map(NameIn)
    max_quantity = Integer(validate=validate.Range(1, 20))
    allergens = allergens()
    stock_count = Integer(allow_none=True, validate=validate.Range(0, MOST_STOCK))
    modifier_group_ids = ids(20)


class ModifierGroupPatch(Body):
    name = Text(max_length=255, min_length=1)
    translations = language_map(NameIn)
    min = Integer(validate=SELECTIONS)
    max = Integer(validate=SELECTIONS)
    required = Flag()
    sort = sort_number()
    modifiers = fields.List(fields.Nested(ModifierIn), validate=validate.Length(max=200))
    version = version_number()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send at least one field to change.")


class ModifierGroupIn(Body):
    name = Text(max_length=255, min_length=1, required=True)
    currency = fields.String(validate=CURRENCY, metadata={"description": "Left out: the currency all locations share"})
    translations = language_map(NameIn)
    min = Integer(validate=SELECTIONS)
    max = Integer(validate=SELECTIONS)
    required = Flag()
    sort = sort_number()
    modifiers = fields.List(fields.Nested(ModifierIn), validate=validate.Length(max=200))


class ModifierOut(Schema):
    id = fields.String()
    group_id = fields.String()
    name = fields.String()
    translations = fields.Dict(keys=fields.String(), values=fields.Nested(NameOut))
    currency = fields.String()
    price = Money(attribute="price_minor")
    max_quantity = fields.Integer()
    allergens = fields.List(fields.Nested(DeclaredAllergenOut))
    available = fields.Boolean()
    unavailable_reason = fields.String(allow_none=True, validate=one_of(*UNAVAILABLE))
    available_again_at = Instant(allow_none=True)
    stock_count = fields.Integer(allow_none=True)
    modifier_group_ids = fields.List(fields.String(), attribute="group_ids")
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class GroupFieldsOut(Schema):
    id = fields.String()
    name = fields.String()
    translations = fields.Dict(keys=fields.String(), values=fields.Nested(NameOut))
    currency = fields.String()
    min = fields.Integer(attribute="min_selections")
    max = fields.Integer(attribute="max_selections")
    required = fields.Boolean(attribute="is_required")
    sort = fields.Integer()


class ModifierGroupOut(GroupFieldsOut):
    modifiers = fields.List(fields.Nested(ModifierOut))
    item_ids = fields.List(fields.String(), metadata={"description": "Items that offer the group themselves"})
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class NestedModifierOut(ModifierOut):
    modifier_groups = fields.List(fields.Nested(lambda: NestedGroupOut()))  # noqa: PLW0108 - the class comes below


class NestedGroupOut(GroupFieldsOut):
    modifiers = fields.List(fields.Nested(NestedModifierOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class TaxIn(Body):
    name = Text(max_length=80, min_length=1, required=True)
    rate = fields.String(required=True, validate=RATE)
    country = fields.String(allow_none=True, validate=COUNTRY)
    code = Text(max_length=40, min_length=1, allow_none=True)


class TaxPatch(Body):
    name = Text(max_length=80, min_length=1)
    rate = fields.String(validate=RATE)
    country = fields.String(allow_none=True, validate=COUNTRY)
    code = Text(max_length=40, min_length=1, allow_none=True)
    version = version_number()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send at least one field to change.")


class TaxOut(Schema):
    id = fields.String()
    name = fields.String()
    rate = fields.String(metadata={"description": "A decimal; 0.08 is 8 %"})
    country = fields.String(allow_none=True)
    code = fields.String(allow_none=True)
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class ChargeIn(Body):
    location_id = Identifier(allow_none=True, metadata={"description": "Left out: charged at every location"})
    name = Text(max_length=80, min_length=1, required=True)
    kind = fields.String(required=True, validate=one_of("percent", "fixed"))
    value = Amount(required=True, metadata={"description": "Percent (10 is 10 %), or an amount, by `kind`"})
    order_types = fields.List(fields.String(validate=one_of(*FULFILLMENTS)), validate=validate.Length(max=len(FULFILLMENTS)))
    tax_id = Identifier(allow_none=True, metadata={"description": "Left out or null: not taxed"})
    auto_apply = Flag()


class ChargePatch(Body):
    name = Text(max_length=80, min_length=1)
    value = Amount()
    order_types = fields.List(fields.String(validate=one_of(*FULFILLMENTS)), validate=validate.Length(max=len(FULFILLMENTS)))
    tax_id = Identifier(allow_none=True)
    auto_apply = Flag()
    version = version_number()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not changes_something(data):
            raise ValidationError("Send at least one field to change.")


class ChargeOut(Schema):
    id = fields.String()
    location_id = fields.String(allow_none=True)
    name = fields.String()
    kind = fields.String(validate=one_of("percent", "fixed"))
    currency = fields.String()
    value = DiscountValue()
    order_types = fields.List(fields.String())
    tax_id = fields.String(allow_none=True)
    taxable = fields.Function(lambda charge: charge["tax_id"] is not None, metadata={"type": "boolean"})
    auto_apply = fields.Boolean()
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()
