"""What representations of menus share: words, schedules, translations, allergens, and the fields of an item."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from api.core.words import FULFILLMENTS
from api.core.words import one_of
from api.fields import Amount
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Integer
from api.fields import Money
from api.fields import Text
from api.fields import matching
from domain.menus.allergens import BY_CODE
from domain.menus.allergens import DIETS
from domain.menus.allergens import LEVELS

KINDS = ("food", "drink", "alcohol")
REASONS = ("manual_86", "stock")
UNAVAILABLE = ("manual_86", "stock", "schedule", "inactive")
LANGUAGE = matching(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", error="Expected a language tag such as pl or pt-BR.")
CLOCK = matching(r"([01]\d|2[0-3]):[0-5]\d", error="Expected a local time such as 09:30.")
CLOCK_END = matching(r"(([01]\d|2[0-3]):[0-5]\d|24:00)", error="Expected a local time such as 21:30, or 24:00.")
HTTPS = validate.Regexp(r"^https://[^\s/]+\.[^\s]+\Z", error="Expected an https address.")
CURRENCY = matching(r"[A-Z]{3}", error="Expected an ISO 4217 code such as PLN.")
COUNTRY = matching(r"[A-Z]{2}", error="Expected an ISO 3166 code such as PL.")
MOST_STOCK = 1_000_000
WEEK = tuple(range(7))


def version_number() -> Integer:
    """The version a write expects."""
    return Integer(validate=validate.Range(min=1))


def language_map(schema: type[Schema]) -> fields.Dict:
    """A map of language to what is translated."""
    return fields.Dict(keys=fields.String(validate=LANGUAGE), values=fields.Nested(schema), validate=validate.Length(max=50))


def sort_number() -> Integer:
    """A place in an order of the caller's choice; equal numbers follow the id."""
    return Integer(validate=validate.Range(-1_000_000, 1_000_000))


WindowIn = Body.from_dict(
    {
        "days": fields.List(
            Integer(validate=validate.Range(0, 6)), load_default=lambda: list(WEEK), validate=validate.Length(1, 7),
            metadata={"description": "0 is Monday"},
        ),
        "from": fields.String(required=True, validate=CLOCK),
        "to": fields.String(
            required=True, validate=CLOCK_END, metadata={"description": "Not after `from`: ends the next day"}
        ),
    },
    name="ScheduleWindowIn",
)  # fmt: skip
WindowOut = Schema.from_dict(
    {"days": fields.List(fields.Integer(), allow_none=True), "from": fields.String(), "to": fields.String()},
    name="ScheduleWindowOut",
)
WindowOut.may_lack = True  # type: ignore[attr-defined] # no days: every day


class NameIn(Body):
    name = Text(max_length=255, min_length=1, required=True)


class NameOut(Schema):
    name = fields.String()


class TitleIn(Body):
    name = Text(max_length=255, min_length=1)
    subtitle = Text(max_length=255)


class DescriptionIn(Body):
    name = Text(max_length=255, min_length=1)
    description = Text(max_length=2000)


class TitleOut(Schema):
    name = fields.String(metadata={"x-when-asked-for": "translated"})
    subtitle = fields.String(metadata={"x-when-asked-for": "translated"})


class DescriptionOut(Schema):
    name = fields.String(metadata={"x-when-asked-for": "translated"})
    description = fields.String(metadata={"x-when-asked-for": "translated"})


class AllergenIn(Body):
    code = fields.String(required=True, validate=one_of(*BY_CODE))
    level = fields.String(required=True, validate=one_of(*LEVELS))


class DeclaredAllergenOut(Schema):
    code = fields.String(validate=one_of(*BY_CODE))
    level = fields.String(validate=one_of(*LEVELS))


class VariationIn(Body):
    id = Identifier(metadata={"description": "Of a present variation that this one replaces"})
    name = Text(max_length=255, min_length=1, required=True)
    price = Amount(required=True)
    sku = Text(max_length=64, min_length=1, allow_none=True)
    stock_count = Integer(allow_none=True, validate=validate.Range(0, MOST_STOCK))
    is_default = Flag()


class VariationOut(Schema):
    id = fields.String()
    name = fields.String()
    price = Money(attribute="price_minor")
    sku = fields.String(allow_none=True)
    stock_count = fields.Integer(allow_none=True)
    is_default = fields.Boolean()


def schedule() -> fields.List:
    """When something is offered; an empty list means always."""
    return fields.List(fields.Nested(WindowIn), validate=validate.Length(max=50))


def allergens() -> fields.List:
    """Declared allergens on input."""
    return fields.List(fields.Nested(AllergenIn), validate=validate.Length(max=len(BY_CODE)))


def service_types() -> fields.List:
    """For which ways of ordering something is offered; an empty list means all."""
    return fields.List(fields.String(validate=one_of(*FULFILLMENTS)), validate=validate.Length(max=len(FULFILLMENTS)))


class ItemFields(Body):
    """What an item says about itself, all optional."""

    name = Text(max_length=255, min_length=1)
    description = Text(max_length=2000, allow_none=True)
    translations = language_map(DescriptionIn)
    price = Amount()
    cost = Amount(allow_none=True, metadata={"description": "What one costs to make; margins in reports come from it"})
    tax_id = Identifier(allow_none=True)
    image_url = Text(max_length=1000, allow_none=True, validate=HTTPS)
    kind = fields.String(validate=one_of(*KINDS))
    sku = Text(max_length=64, min_length=1, allow_none=True)
    allergens = allergens()
    diets = fields.List(fields.String(validate=one_of(*DIETS)), validate=validate.Length(max=len(DIETS)))
    calories = Integer(allow_none=True, validate=validate.Range(0, 100_000))
    sort = sort_number()
    is_active = Flag()
    schedule = schedule()
    variations = fields.List(fields.Nested(VariationIn), validate=validate.Length(max=100))


def ids(most: int) -> fields.List:
    """A list of ids."""
    return fields.List(Identifier(), validate=validate.Length(max=most))


def changes_something(data: dict[str, Any]) -> bool:
    """Whether a patch names anything but the version it expects."""
    return bool(data.keys() - {"version"})
