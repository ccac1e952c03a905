"""The body of a whole menu, three levels of modifier groups deep, and the job that writes it."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.menu_parts import MOST_STOCK
from api.core.menu_parts import ItemFields
from api.core.menu_parts import NameIn
from api.core.menu_parts import TitleIn
from api.core.menu_parts import allergens
from api.core.menu_parts import language_map
from api.core.menu_parts import schedule
from api.core.menu_parts import service_types
from api.core.menu_schemas import MenuChangesOut
from api.core.modifier_schemas import SELECTIONS
from api.core.words import one_of
from api.fields import Amount
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Part
from api.fields import Text


class Entry(Body):
    """Something of the menu: with an id what is there already, without one found by its name or made."""

    id = Identifier()
    name = Text(max_length=255, min_length=1)

    @validates_schema
    def is_found(self, data: dict[str, Any], **_: object) -> None:
        if "id" not in data and "name" not in data:
            raise ValidationError("Send a name, or the id of what is there.", "name")


class ModifierEntry(Entry):
    price = Amount()
    translations = language_map(NameIn)
    max_quantity = Integer(validate=validate.Range(1, 20))
    allergens = allergens()
    stock_count = Integer(allow_none=True, validate=validate.Range(0, MOST_STOCK))


class GroupEntry(Entry):
    translations = language_map(NameIn)
    min = Integer(validate=SELECTIONS)
    max = Integer(validate=SELECTIONS)
    required = Flag()


class InnermostGroupEntry(GroupEntry):
    modifiers = fields.List(fields.Nested(ModifierEntry), validate=validate.Length(max=200))


class InnerModifierEntry(ModifierEntry):
    modifier_groups = fields.List(fields.Nested(InnermostGroupEntry), validate=validate.Length(max=20))


class InnerGroupEntry(GroupEntry):
    modifiers = fields.List(fields.Nested(InnerModifierEntry), validate=validate.Length(max=200))


class OuterModifierEntry(ModifierEntry):
    modifier_groups = fields.List(fields.Nested(InnerGroupEntry), validate=validate.Length(max=20))


class OuterGroupEntry(GroupEntry):
    modifiers = fields.List(fields.Nested(OuterModifierEntry), validate=validate.Length(max=200))


class ItemEntry(ItemFields):
    id = Identifier()
    stock_count = Integer(allow_none=True, validate=validate.Range(0, MOST_STOCK))
    modifier_groups = fields.List(fields.Nested(OuterGroupEntry), validate=validate.Length(max=50))

    @validates_schema
    def is_found(self, data: dict[str, Any], **_: object) -> None:
        if "id" not in data and not ("name" in data and "price" in data):
            raise ValidationError("Send name and price, or the id of what is there.", "name")


class CategoryEntry(Entry):
    subtitle = Text(max_length=255, allow_none=True)
    is_active = Flag()
    translations = language_map(TitleIn)
    items = fields.List(fields.Nested(ItemEntry), load_default=list, validate=validate.Length(max=1000))


class MenuDocumentIn(Body):
    name = Text(max_length=255, min_length=1)
    subtitle = Text(max_length=255, allow_none=True)
    is_active = Flag()
    schedule = schedule()
    service_types = service_types()
    translations = language_map(TitleIn)
    categories = fields.List(fields.Nested(CategoryEntry), required=True, validate=validate.Length(max=200))


class MenuJobAcceptedOut(Schema):
    job_id = fields.String(attribute="id")
    menu_id = fields.String()
    state = fields.String(validate=one_of("queued"))


class MenuJobProgressOut(Schema):
    total = fields.Integer()
    done = fields.Integer(attribute="position")


class MenuJobErrorOut(Schema):
    field = fields.String()
    code = fields.String()
    message = fields.String()


class MenuJobOut(Schema):
    id = fields.String()
    menu_id = fields.String()
    state = fields.String(validate=one_of("queued", "running", "done", "failed"))
    progress = Part(MenuJobProgressOut)
    counts = fields.Nested(MenuChangesOut)
    errors = fields.List(fields.Nested(MenuJobErrorOut))
    started_at = Instant(allow_none=True)
    finished_at = Instant(allow_none=True)
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()
