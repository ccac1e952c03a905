"""What requests about customers may hold in the Core API."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.schemas import PageQuery
from api.core.words import one_of
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Text
from api.fields import matching
from domain.guests.drafts import CHANNELS
from domain.guests.lists import MOST_ROWS
from kit.documents import Document

GENDERS = ("female", "male", "other")
CONSENT_WORDS = ("granted", "denied")
COUNTRY = matching(r"[A-Z]{2}", error="Expected two capital letters such as PL.")
LOCALE = matching(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", error="Expected a language tag such as pl or pt-BR.")
MOST_IMPORTED = 1000


class Tag(Text):
    """A word customers are filed under. It stands in paths, so it holds no slash."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=80, min_length=1, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        tag = super()._deserialize(value, attr, data, **kwargs).strip()
        if not tag or "/" in tag or "\n" in tag or "\t" in tag:
            raise ValidationError("A tag is a word or some, without slashes and line breaks.")
        return tag


class Entry(fields.Field[Document]):
    """An entry of `phones` or `emails`: the value alone, or an object with it, its id and its tag."""

    def __init__(self, key: str, max_length: int) -> None:
        properties = {"id": {"type": "string"}, key: {"type": "string"}, "tag": {"type": ["string", "null"]}}
        described = [{"type": "string", "maxLength": max_length}, {"type": "object", "properties": properties}]
        super().__init__(metadata={"oneOf": described})
        self._key = key
        self._value = Text(max_length=max_length, min_length=1)
        self._parts: dict[str, Text] = {"id": Identifier(), key: self._value, "tag": Text(max_length=40, allow_none=True)}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Document:
        if not isinstance(value, dict):
            return {"value": self._value.deserialize(value)}
        unknown = [name for name in value if name not in self._parts]
        if unknown:
            raise ValidationError({unknown[0]: ["Unknown field."]})
        entry = {name: self._parts[name].deserialize(given) for name, given in value.items()}
        if not {"id", self._key} & entry.keys():
            raise ValidationError(f"Send {self._key}, or the id of an entry.")
        return {"value" if name == self._key else name: given for name, given in entry.items()}


def _entries(field: fields.Field[Any]) -> fields.List:
    return fields.List(field, validate=validate.Length(max=MOST_ROWS))


def _word_list() -> fields.List:
    return fields.List(Text(max_length=120, min_length=1), validate=validate.Length(max=50))


class CompanyIn(Body):
    name = Text(max_length=255, allow_none=True)
    title = Text(max_length=255, allow_none=True)
    division = Text(max_length=255, allow_none=True)


class CustomerSocialIn(Body):
    id = Identifier()
    service = Text(max_length=40, min_length=1)
    username = Text(max_length=255, min_length=1)
    tag = Text(max_length=40, allow_none=True)


class CustomerDateIn(Body):
    id = Identifier()
    tag = Text(max_length=40, allow_none=True)
    month = Integer(validate=validate.Range(1, 12))
    day = Integer(validate=validate.Range(1, 31))
    year = Integer(allow_none=True, validate=validate.Range(1800, 2200), metadata={"description": "null: unknown"})
    memo = Text(max_length=500, allow_none=True)

    @validates_schema
    def is_a_day(self, data: dict[str, Any], **_: object) -> None:
        if ("month" in data) != ("day" in data):
            raise ValidationError("Send month and day together.", "day")


class CustomerAddressIn(Body):
    id = Identifier()
    tag = Text(max_length=40, allow_none=True)
    label = Text(max_length=80, allow_none=True)
    line1 = Text(max_length=255, allow_none=True)
    line2 = Text(max_length=255, allow_none=True)
    city = Text(max_length=120, allow_none=True)
    region = Text(max_length=120, allow_none=True)
    postal_code = Text(max_length=20, allow_none=True)
    country = fields.String(allow_none=True, validate=COUNTRY)
    lat = fields.Float(allow_nan=False, allow_none=True, validate=validate.Range(-90, 90))
    lng = fields.Float(allow_nan=False, allow_none=True, validate=validate.Range(-180, 180))
    instructions = Text(max_length=500, allow_none=True)


class LocationMemo(Body):
    location_id = Identifier(required=True)
    memo = Text(max_length=2000, min_length=1, required=True)


class ConsentsIn(Body):
    """What a customer said about being written to, with where it was said."""

    email_marketing = fields.String(validate=one_of(*CONSENT_WORDS))
    sms_marketing = fields.String(validate=one_of(*CONSENT_WORDS))
    direct_mail = fields.String(validate=one_of(*CONSENT_WORDS))
    surveys = fields.String(validate=one_of(*CONSENT_WORDS))
    source = Text(max_length=80, min_length=1, required=True)
    proof = Text(max_length=500, allow_none=True)

    @validates_schema
    def says_something(self, data: dict[str, Any], **_: object) -> None:
        if not any(channel in data for channel in CHANNELS):
            raise ValidationError(f"Send one of {', '.join(CHANNELS)}.")


class CustomerFields(Body):
    """What a request may say about a customer."""

    external_id = Text(max_length=64, min_length=1, allow_none=True)
    parent_location_id = Identifier(allow_none=True)
    name_prefix = Text(max_length=40, allow_none=True)
    name = Text(max_length=255, min_length=1)
    first_name = Text(max_length=255, allow_none=True)
    last_name = Text(max_length=255, allow_none=True)
    alt_first_name = Text(max_length=255, allow_none=True)
    alt_last_name = Text(max_length=255, allow_none=True)
    alpha_first_name = Text(max_length=255, allow_none=True)
    alpha_last_name = Text(max_length=255, allow_none=True)
    display_name = Text(max_length=255, allow_none=True)
    company = fields.Nested(CompanyIn)
    gender = fields.String(allow_none=True, validate=one_of(*GENDERS))
    locale = fields.String(allow_none=True, validate=[validate.Length(max=20), LOCALE])
    country = fields.String(allow_none=True, validate=COUNTRY)
    phones = _entries(Entry("number", 40))
    emails = _entries(Entry("email", 254))
    socials = _entries(fields.Nested(CustomerSocialIn))
    calendar_events = _entries(fields.Nested(CustomerDateIn))
    addresses = _entries(fields.Nested(CustomerAddressIn))
    memo = Text(max_length=2000, allow_none=True)
    location_memos = fields.List(fields.Nested(LocationMemo), validate=validate.Length(max=100))
    tags = fields.List(Tag(), validate=validate.Length(max=100))
    likes = _word_list()
    dislikes = _word_list()
    allergies = _word_list()
    is_incognito = Flag()
    source = Text(max_length=40, min_length=1, allow_none=True)


class CustomerIn(CustomerFields):
    consents = fields.Nested(ConsentsIn)

    @validates_schema
    def has_a_name(self, data: dict[str, Any], **_: object) -> None:
        if not any((data.get(name) or "").strip() for name in ("name", "first_name", "last_name")):
            raise ValidationError("Send name, or first_name or last_name.", "name")


class CustomerPatch(CustomerFields):
    is_temporary = fields.Boolean(
        validate=validate.Equal(False), metadata={"description": "false makes a temporary customer a real one"}
    )
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not set(data) - {"version"}:
            raise ValidationError("Send at least one field to change.")
        if "name" in data and not data["name"].strip():
            raise ValidationError("A name is not blank.", "name")


class CustomerQuery(PageQuery):
    q = Text(max_length=100, min_length=1, metadata={"description": "Words of a name; with customers:pii also contacts"})
    tag = fields.String()
    segment_id = fields.String()
    email = Text(max_length=254)
    phone = Text(max_length=40, metadata={"description": "International, e.g. +48221234567"})
    external_id = fields.String()
    ref = fields.String()
    temporary = fields.String(validate=one_of("true", "false"))
    updated_since = Instant()
    sort = fields.String(load_default="-created_at", validate=one_of("-created_at", "created_at", "updated_at"))


class TagIn(Body):
    tag = Tag(required=True)


class MergeIn(Body):
    victim_ids = fields.List(Identifier(), required=True, validate=validate.Length(1, 20))


class ImportedCustomer(fields.Field[Any]):
    """A row of an import. It is checked by itself, so that a wrong row leaves the others alone."""

    def __init__(self) -> None:
        told = {"description": "A row that breaks a rule is refused alone, in its result"}
        super().__init__(metadata={"anyOf": [{"$ref": "#/components/schemas/CustomerIn"}, told]})


class CustomerImportIn(Body):
    customers = fields.List(ImportedCustomer(), required=True, validate=validate.Length(1, MOST_IMPORTED))


def draft_values(body: Document) -> Document:
    """A checked customer body as domain.guests takes it: company parts and consents under their columns."""
    values = {name: value for name, value in body.items() if name not in ("company", "consents", "version")}
    for name, value in (body.get("company") or {}).items():
        values[f"company_{name}"] = value
    if "consents" in body:
        values["consents"] = consent_values(body["consents"])
    return values


def consent_values(body: Document) -> Document:
    """A checked consents body as {channel: {status, source, proof}}."""
    said = {"source": body["source"], "proof": body.get("proof")}
    return {channel: {"status": body[channel], **said} for channel in CHANNELS if channel in body}
