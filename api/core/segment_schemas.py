"""Representations of customer segments and their rules in the Core API."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.amounts import Amounts
from api.core.customer_schemas import CONSENT_WORDS
from api.core.customer_schemas import GENDERS
from api.core.order_parts import RefOut
from api.core.schemas import PageQuery
from api.core.words import one_of
from api.fields import Amount
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Text
from api.fields import currency_divisor
from api.fields import matching
from api.fields import money_of
from kit.documents import Document

CONSENT_STATES = (*CONSENT_WORDS, "unknown")
MOST_DAYS = 36_500
MOST_COUNTED = 1_000_000


def _words(max_length: int = 120) -> fields.List:
    inner = Text(max_length=max_length, min_length=1)
    return fields.List(inner, allow_none=True, validate=validate.Length(1, 100))


def _count() -> Integer:
    return Integer(allow_none=True, validate=validate.Range(0, MOST_COUNTED))


def _days() -> Integer:
    return Integer(allow_none=True, validate=validate.Range(0, MOST_DAYS))


class ConsentRule(Body):
    email_marketing = fields.String(validate=one_of(*CONSENT_STATES))
    sms_marketing = fields.String(validate=one_of(*CONSENT_STATES))
    direct_mail = fields.String(validate=one_of(*CONSENT_STATES))
    surveys = fields.String(validate=one_of(*CONSENT_STATES))


class SpendRuleIn(Body):
    currency = fields.String(required=True, validate=matching(r"[A-Z]{3}", error="Expected a code such as PLN."))
    min = Amount(allow_none=True)
    max = Amount(allow_none=True)

    @validates_schema
    def has_a_bound(self, data: dict[str, Any], **_: object) -> None:
        if data.get("min") is None and data.get("max") is None:
            raise ValidationError("Send min or max.", "min")


class SegmentRuleIn(Body):
    """Predicates; a customer must satisfy all that are given. null is as good as absent."""

    tags_any = _words(80)
    tags_all = _words(80)
    tags_none = _words(80)
    consents = fields.Nested(ConsentRule, allow_none=True)
    has_email = Flag(allow_none=True)
    has_phone = Flag(allow_none=True)
    countries = _words(2)
    cities = _words()
    locales = _words(20)
    genders = fields.List(fields.String(validate=one_of(*GENDERS)), allow_none=True, validate=validate.Length(1, 3))
    sources = _words(40)
    parent_location_ids = fields.List(Identifier(), allow_none=True, validate=validate.Length(1, 100))
    birthday_months = fields.List(
        Integer(validate=validate.Range(1, 12)), allow_none=True, validate=validate.Length(1, 12)
    )
    min_orders = _count()
    max_orders = _count()
    min_visits = _count()
    max_visits = _count()
    min_no_shows = _count()
    min_cancels = _count()
    lifetime_spend = fields.Nested(SpendRuleIn, allow_none=True)
    last_visit_before_days = _days()
    last_visit_within_days = _days()
    created_before_days = _days()
    created_within_days = _days()

    @validates_schema
    def says_something(self, data: dict[str, Any], **_: object) -> None:
        if all(value is None or value == {} for value in data.values()):
            raise ValidationError("Send at least one predicate.")


class SegmentIn(Body):
    name = Text(max_length=120, min_length=1, required=True)
    description = Text(max_length=500, allow_none=True)
    rule = fields.Nested(SegmentRuleIn, required=True)


class SegmentPatch(Body):
    name = Text(max_length=120, min_length=1)
    description = Text(max_length=500, allow_none=True)
    rule = fields.Nested(SegmentRuleIn)
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not set(data) - {"version"}:
            raise ValidationError("Send at least one field to change.")


class ConsentRuleOut(Schema):
    may_lack = True

    email_marketing = fields.String(allow_none=True, validate=one_of(*CONSENT_STATES))
    sms_marketing = fields.String(allow_none=True, validate=one_of(*CONSENT_STATES))
    direct_mail = fields.String(allow_none=True, validate=one_of(*CONSENT_STATES))
    surveys = fields.String(allow_none=True, validate=one_of(*CONSENT_STATES))


def _bound(key: str) -> fields.Function:
    return fields.Function(
        lambda rule: money_of(rule.get(key), currency_divisor(rule["currency"])), metadata={"type": ["number", "null"]}
    )


class SpendRuleOut(Schema):
    currency = fields.String()
    min = _bound("min_minor")
    max = _bound("max_minor")


def _texts() -> fields.List:
    return fields.List(fields.String(), allow_none=True)


class SegmentRuleOut(Schema):
    may_lack = True  # a rule holds the predicates it was given

    tags_any = _texts()
    tags_all = _texts()
    tags_none = _texts()
    consents = fields.Nested(ConsentRuleOut, allow_none=True)
    has_email = fields.Boolean(allow_none=True)
    has_phone = fields.Boolean(allow_none=True)
    countries = _texts()
    cities = _texts()
    locales = _texts()
    genders = _texts()
    sources = _texts()
    parent_location_ids = _texts()
    birthday_months = fields.List(fields.Integer(), allow_none=True)
    min_orders = fields.Integer(allow_none=True)
    max_orders = fields.Integer(allow_none=True)
    min_visits = fields.Integer(allow_none=True)
    max_visits = fields.Integer(allow_none=True)
    min_no_shows = fields.Integer(allow_none=True)
    min_cancels = fields.Integer(allow_none=True)
    lifetime_spend = fields.Nested(SpendRuleOut, allow_none=True)
    last_visit_before_days = fields.Integer(allow_none=True)
    last_visit_within_days = fields.Integer(allow_none=True)
    created_before_days = fields.Integer(allow_none=True)
    created_within_days = fields.Integer(allow_none=True)


class SegmentQuery(PageQuery):
    ref = fields.String(metadata={"description": "A name in another product: `<product>[:segment]:<id>`"})


class SegmentOut(Schema):
    id = fields.String()
    name = fields.String()
    description = fields.String(allow_none=True)
    rule = fields.Nested(SegmentRuleOut)
    members_count = fields.Integer()
    evaluated_at = Instant(
        allow_none=True, metadata={"description": "When all customers were last looked at; null: not yet"}
    )
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


def rule_values(rule: Document) -> Document:
    """A checked rule as the domain keeps it: only what was given, amounts in minor units."""
    given = {name: value for name, value in rule.items() if value is not None and value != {}}
    spend = given.get("lifetime_spend")
    if spend is not None:
        to = Amounts(lambda: str(spend["currency"]))
        bounds = {name: to.minor_or_none(spend.get(name), f"rule.lifetime_spend.{name}") for name in ("min", "max")}
        kept = {f"{name}_minor": minor for name, minor in bounds.items() if minor is not None}
        given["lifetime_spend"] = {"currency": spend["currency"], **kept}
    return given
