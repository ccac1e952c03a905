"""How the Core API shows customers, their merges and what is told about them, and how contact data is masked."""

from marshmallow import Schema
from marshmallow import fields

from api.core.customer_schemas import CONSENT_WORDS
from api.core.customer_schemas import GENDERS
from api.core.order_parts import RefOut
from api.core.words import one_of
from api.fields import Instant
from api.fields import Part
from api.fields import currency_divisor
from api.fields import money_of
from domain.guests.drafts import CHANNELS
from domain.guests.masking import HIDDEN
from domain.guests.masking import masked_email
from domain.guests.masking import masked_phone
from kit.documents import Document

CONSENT_STATES = (*CONSENT_WORDS, "unknown")
WORDS = {"type": "array", "items": {"type": "string"}}


class PhoneOut(Schema):
    id = fields.String()
    number = fields.String(attribute="value")
    tag = fields.String(allow_none=True)


class EmailOut(Schema):
    id = fields.String()
    email = fields.String(attribute="value")
    tag = fields.String(allow_none=True)


class CompanyOut(Schema):
    name = fields.String(attribute="company_name", allow_none=True)
    title = fields.String(attribute="company_title", allow_none=True)
    division = fields.String(attribute="company_division", allow_none=True)


class CustomerSocialOut(Schema):
    id = fields.String()
    service = fields.String()
    username = fields.String()
    tag = fields.String(allow_none=True)


class CustomerDateOut(Schema):
    id = fields.String()
    tag = fields.String(allow_none=True)
    month = fields.Integer()
    day = fields.Integer()
    year = fields.Integer(allow_none=True)
    memo = fields.String(allow_none=True)


class CustomerAddressOut(Schema):
    id = fields.String()
    tag = fields.String(allow_none=True)
    label = fields.String(allow_none=True)
    line1 = fields.String(allow_none=True)
    line2 = fields.String(allow_none=True)
    city = fields.String(allow_none=True)
    region = fields.String(allow_none=True)
    postal_code = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)
    instructions = fields.String(allow_none=True)


class LocationMemoOut(Schema):
    location_id = fields.String()
    memo = fields.String()


class ConsentOut(Schema):
    status = fields.String(validate=one_of(*CONSENT_STATES))
    at = Instant(allow_none=True)
    source = fields.String(allow_none=True)
    proof = fields.String(allow_none=True)


class ConsentsOut(Schema):
    email_marketing = fields.Nested(ConsentOut)
    sms_marketing = fields.Nested(ConsentOut)
    direct_mail = fields.Nested(ConsentOut)
    surveys = fields.Nested(ConsentOut)


def _values(key: str) -> fields.Function:
    return fields.Function(lambda guest: [row["value"] for row in guest[key] or ()], metadata=WORDS)


class CustomerOut(Schema):
    """A customer wherever one is shown: answers, events, orders that were asked to include theirs."""

    id = fields.String()
    external_id = fields.String(allow_none=True)
    parent_location_id = fields.String(allow_none=True)
    name_prefix = fields.String(allow_none=True)
    name = fields.String()
    first_name = fields.String(allow_none=True)
    last_name = fields.String(allow_none=True)
    alt_first_name = fields.String(allow_none=True)
    alt_last_name = fields.String(allow_none=True)
    alpha_first_name = fields.String(allow_none=True)
    alpha_last_name = fields.String(allow_none=True)
    display_name = fields.String(allow_none=True)
    company = Part(CompanyOut)
    gender = fields.String(allow_none=True, validate=one_of(*GENDERS))
    locale = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    phones = _values("phones")
    phone_objects = fields.List(fields.Nested(PhoneOut), attribute="phones")
    emails = _values("emails")
    email_objects = fields.List(fields.Nested(EmailOut), attribute="emails")
    socials = fields.List(fields.Nested(CustomerSocialOut))
    calendar_events = fields.List(fields.Nested(CustomerDateOut))
    addresses = fields.List(fields.Nested(CustomerAddressOut))
    memo = fields.String(allow_none=True)
    location_memos = fields.List(fields.Nested(LocationMemoOut))
    tags = fields.List(fields.String())
    likes = fields.List(fields.String())
    dislikes = fields.List(fields.String())
    allergies = fields.List(fields.String())
    consents = fields.Nested(ConsentsOut)
    is_incognito = fields.Boolean()
    is_temporary = fields.Boolean()
    source = fields.String(allow_none=True)
    merged_into = fields.String(attribute="merged_into_id", allow_none=True)
    merged_customer_ids = fields.List(fields.String())
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class SpendOut(Schema):
    currency = fields.String()
    amount = fields.Function(
        lambda row: money_of(row["amount_minor"], currency_divisor(row["currency"])), metadata={"type": "number"}
    )


class CustomerStatsOut(Schema):
    visits = fields.Integer(metadata={"description": "Reservations that were seated"})
    cancels = fields.Integer()
    no_shows = fields.Integer()
    orders = fields.Integer(metadata={"description": "Orders that were not rejected, cancelled or failed"})
    lifetime_spend = fields.List(fields.Nested(SpendOut), metadata={"description": "By currency, refunds taken off"})
    last_visit_at = Instant(allow_none=True)
    last_order_at = Instant(allow_none=True)
    next_visit_at = Instant(allow_none=True)


class HeldTierOut(Schema):
    id = fields.String()
    code = fields.String()
    tier = fields.Integer()
    name = fields.String()


class HeldMembershipOut(Schema):
    id = fields.String()
    program_id = fields.String()
    code = fields.String()
    status = fields.String(validate=one_of("pre_enrollment", "active", "cancelled"))
    tier = fields.Nested(HeldTierOut, allow_none=True)
    points = fields.Integer()
    lifetime_points = fields.Integer()


class CustomerLoyaltyOut(Schema):
    members = fields.List(fields.Nested(HeldMembershipOut))


class CustomerDetailOut(CustomerOut):
    stats = fields.Nested(CustomerStatsOut)
    loyalty = fields.Nested(
        CustomerLoyaltyOut, allow_none=True, metadata={"description": "null without the scope loyalty:read"}
    )


class TimelineOut(Schema):
    type = fields.String(validate=one_of("order", "reservation", "review", "consent", "tag"))
    id = fields.String(metadata={"description": "Of the order, reservation or review; of the entry otherwise"})
    at = Instant()
    location_id = fields.String(allow_none=True)
    status = fields.String(allow_none=True, metadata={"description": "Of the object; of a consent what was said"})
    label = fields.String(
        allow_none=True,
        metadata={"description": "An order's number, a party's size, a review's stars, a consent's channel, a tag"},
    )
    currency = fields.String(allow_none=True)
    amount = fields.Function(
        lambda row: money_of(row["amount_minor"], currency_divisor(row["currency"] or "EUR")),
        metadata={"type": ["number", "null"], "description": "An order's total"},
    )


class CustomerMergeOut(Schema):
    id = fields.String()
    victor_id = fields.String()
    victim_ids = fields.List(fields.String())
    status = fields.String(attribute="state", validate=one_of("queued", "moving", "done", "failed"))
    moved_counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    finished_at = Instant(allow_none=True)
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class DuplicateOut(Schema):
    customer = fields.Nested(CustomerOut)
    seen_at = Instant()


class DuplicatesOut(Schema):
    data = fields.List(fields.Nested(DuplicateOut))


class RowProblemOut(Schema):
    code = fields.String()
    message = fields.String()
    field = fields.String(allow_none=True)


class CustomerResultOut(Schema):
    index = fields.Integer()
    status = fields.String(validate=one_of("created", "updated", "unchanged", "refused"))
    id = fields.String(allow_none=True)
    error = fields.Nested(RowProblemOut, allow_none=True)


class CustomerImportOut(Schema):
    results = fields.List(fields.Nested(CustomerResultOut))


class CustomerNameOut(Schema):
    """How events that are about a customer and something else name the customer."""

    id = fields.String(attribute="customer_id")
    external_id = fields.String(attribute="customer_external_id", allow_none=True)


class CustomerTagEventOut(Schema):
    customer_id = fields.String()
    customer = Part(CustomerNameOut)
    tag = fields.String()


class CustomerConsentEventOut(Schema):
    customer_id = fields.String()
    customer = Part(CustomerNameOut)
    channel = fields.String(validate=one_of(*CHANNELS))
    from_status = fields.String(data_key="from", attribute="from", validate=one_of(*CONSENT_STATES))
    to = fields.String(validate=one_of(*CONSENT_STATES))
    source = fields.String(allow_none=True)
    at = Instant(allow_none=True)


class SegmentNameOut(Schema):
    id = fields.String()
    name = fields.String()


class CustomerSegmentEventOut(Schema):
    customer_id = fields.String()
    customer = Part(CustomerNameOut)
    segment = fields.Nested(SegmentNameOut)
    change = fields.String(validate=one_of("entered", "left"))


def masked_guest(guest: Document) -> Document:
    """A guest document for those who may not see contact data: how to reach the guest is hidden, the rest is not."""
    if guest.get("phones") is None:
        return guest  # made up by a sandbox trigger, without contacts
    consents = guest["consents"]
    return {
        **guest,
        "phones": [{**row, "value": masked_phone(row["value"]), "original": HIDDEN} for row in guest["phones"]],
        "emails": [{**row, "value": masked_email(row["value"]), "original": HIDDEN} for row in guest["emails"]],
        "socials": [{**row, "username": HIDDEN} for row in guest["socials"]],
        "calendar_events": [{**row, "year": None, "memo": None} for row in guest["calendar_events"]],
        "addresses": [_masked_address(row) for row in guest["addresses"]],
        "consents": {channel: {**consent, "proof": None} for channel, consent in consents.items()},
    }


def _masked_address(row: Document) -> Document:
    hidden = {name: HIDDEN if row[name] else None for name in ("line1", "line2", "postal_code", "instructions")}
    return {**row, **hidden, "lat": None, "lng": None}
