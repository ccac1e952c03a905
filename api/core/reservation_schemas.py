"""Representations of reservations, holds, free times and the waitlist in the Core API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.order_parts import RefOut
from api.core.order_parts import StatusChangeOut
from api.core.schemas import PageQuery
from api.core.words import METHODS
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
from domain.bookings.machine import CANCEL_REASONS
from domain.bookings.machine import SEAT_KINDS
from domain.bookings.machine import SOURCES
from domain.bookings.machine import STATUSES
from domain.bookings.waitlist import STATUSES as WAITLIST_STATUSES
from domain.guests.masking import masked_email
from domain.guests.masking import masked_phone
from kit.documents import Document

LARGEST_PARTY = 50
STAY = validate.Range(15, 720)
DEPOSIT_STATUSES = ("none", "unpaid", "pending", "paid", "applied", "refunded", "kept")
HOLD_STATUSES = ("active", "used", "released", "expired")
SORTS = ("-created_at", "created_at", "start_at", "-start_at", "updated_at")


class Start(Instant):
    """ISO 8601 on input: with an offset an instant, without one the location's local time (a naive datetime)."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            local = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
        except ValueError:
            local = None
        if local is not None and local.tzinfo is None and 1970 < local.year < 9000:
            return local
        instant = super()._deserialize(value, attr, data, **kwargs)
        if not 0 <= instant < 220_000_000_000_000_000:
            raise ValidationError("The instant is out of range.")
        return instant


class PartyIn(Body):
    adult = Integer(load_default=0, validate=validate.Range(0, LARGEST_PARTY))
    senior = Integer(load_default=0, validate=validate.Range(0, LARGEST_PARTY))
    child = Integer(load_default=0, validate=validate.Range(0, LARGEST_PARTY))
    baby = Integer(load_default=0, validate=validate.Range(0, LARGEST_PARTY))

    @validates_schema
    def is_somebody(self, data: dict[str, Any], **_: object) -> None:
        if not 1 <= sum(data.values()) <= LARGEST_PARTY:
            raise ValidationError(f"A party is 1 to {LARGEST_PARTY}.")


class ContactIn(Body):
    name = Text(max_length=255, min_length=1, required=True)
    phone = Text(max_length=40, allow_none=True)
    email = Text(max_length=254, allow_none=True)


class ContactPatch(Body):
    name = Text(max_length=255, min_length=1)
    phone = Text(max_length=40, allow_none=True)
    email = Text(max_length=254, allow_none=True)


class CancelIn(Body):
    reason_type = fields.String(validate=one_of(*CANCEL_REASONS), allow_none=True)
    reason = Text(max_length=500, allow_none=True)
    by_customer = Flag()


def one_party(data: dict[str, Any], *, is_needed: bool) -> None:
    """Accept `party_size` or `party`, not both, and not neither when one is needed."""
    if "party_size" in data and "party" in data:
        raise ValidationError("Send party_size or party, not both.", "party_size")
    if is_needed and "party_size" not in data and "party" not in data:
        raise ValidationError("Missing data for required field.", "party_size")


def one_customer(data: dict[str, Any]) -> None:
    """Accept `customer_id` or `customer`, and exactly one of them."""
    if ("customer_id" in data) == ("customer" in data):
        raise ValidationError("Send customer_id or customer.", "customer")


def with_contact(scopes: frozenset[str], document: Document) -> Document:
    """The document as a credential with these scopes may see it: without customers:pii, contact values are masked."""
    contact = document["contact"]
    if "customers:pii" in scopes or contact is None:
        return document
    phone, email = contact["phone"], contact["email"]
    masked = {"phone": phone and masked_phone(phone), "email": email and masked_email(email)}
    return document | {"contact": contact | masked}


class ReservationIn(Body):
    location_id = Identifier(metadata={"description": "Needed without `hold_id`"})
    start_at = Start(metadata={"description": "Needed without `hold_id`. Without an offset: the location's local time"})
    party_size = Integer(validate=validate.Range(1, LARGEST_PARTY))
    party = fields.Nested(PartyIn)
    customer_id = Identifier()
    customer = fields.Nested(ContactIn)
    table_ids = fields.List(Identifier(), load_default=list, validate=validate.Length(max=10))
    duration_minutes = Integer(validate=STAY)
    status = fields.String(validate=one_of("confirmed", "requested"))
    source = fields.String(load_default="api", validate=one_of(*SOURCES))
    channel = Text(max_length=60, allow_none=True)
    seat_kind = fields.String(validate=one_of(*SEAT_KINDS), allow_none=True)
    special_request = Text(max_length=1000, allow_none=True)
    memo = Text(max_length=2000, allow_none=True)
    flags = fields.List(Text(max_length=40, min_length=1), load_default=list, validate=validate.Length(max=20))
    hold_id = Identifier()
    external_id = Text(max_length=64, min_length=1, allow_none=True)

    @validates_schema
    def is_complete(self, data: dict[str, Any], **_: object) -> None:
        one_party(data, is_needed="hold_id" not in data)
        one_customer(data)
        for name in ("location_id", "start_at"):
            if name not in data and "hold_id" not in data:
                raise ValidationError("Missing data for required field.", name)


class ReservationPatch(Body):
    status = fields.String(validate=one_of(*STATUSES))
    sub_status = Text(max_length=40, allow_none=True)
    start_at = Start()
    duration_minutes = Integer(validate=STAY)
    party_size = Integer(validate=validate.Range(1, LARGEST_PARTY))
    party = fields.Nested(PartyIn)
    table_ids = fields.List(Identifier(), validate=validate.Length(1, 10))
    customer = fields.Nested(ContactPatch, metadata={"description": "How to reach the party about this reservation"})
    seat_kind = fields.String(validate=one_of(*SEAT_KINDS), allow_none=True)
    special_request = Text(max_length=1000, allow_none=True)
    memo = Text(max_length=2000, allow_none=True)
    channel = Text(max_length=60, allow_none=True)
    flags = fields.List(Text(max_length=40, min_length=1), validate=validate.Length(max=20))
    cancel = fields.Nested(CancelIn)
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        one_party(data, is_needed=False)
        if not set(data) - {"version"}:
            raise ValidationError("Send at least one field to change.")


class ReservationQuery(PageQuery):
    status = CommaList(allowed=STATUSES)
    location_id = fields.String()
    customer_id = fields.String()
    table_id = fields.String()
    external_id = fields.String()
    source = fields.String(validate=one_of(*SOURCES))
    date = fields.Date(metadata={"description": "Local date of the start"})
    from_ = Instant(data_key="from", metadata={"description": "Starts then or later"})
    to = Instant(metadata={"description": "Starts before then"})
    updated_since = Instant()
    ref = fields.String(metadata={"description": "A name in another product: `<product>[:reservation]:<id>`"})
    sort = fields.String(load_default="-created_at", validate=one_of(*SORTS))


class ContactOut(Schema):
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)


class PartyOut(Schema):
    adult = fields.Integer()
    senior = fields.Integer()
    child = fields.Integer()
    baby = fields.Integer()
    total = fields.Integer()


class SeatedTableOut(Schema):
    id = fields.String()
    name = fields.String()


class DepositOut(Schema):
    status = fields.String(validate=one_of(*DEPOSIT_STATUSES))
    required = Money(attribute="required_minor")
    paid = Money(attribute="paid_minor")
    pending = Money(attribute="pending_minor", metadata={"description": "Waits for the payer's confirmation"})
    refunded = Money(attribute="refunded_minor")
    applied = Money(attribute="applied_minor", metadata={"description": "Has lowered bills of the party"})
    refund_ends_at = Instant(allow_none=True, metadata={"description": "Cancelled by then, the deposit goes back"})


class CancelOut(Schema):
    reason_type = fields.String(allow_none=True, validate=one_of(*CANCEL_REASONS))
    reason = fields.String(allow_none=True)
    by_customer = fields.Boolean()


class ReservationOut(Schema):
    id = fields.String()
    ref = fields.String(metadata={"description": "The code a guest is told"})
    external_id = fields.String(allow_none=True)
    status = fields.String(validate=one_of(*STATUSES))
    sub_status = fields.String(allow_none=True)
    is_late = fields.Boolean(metadata={"description": "Confirmed, and the location's grace is over"})
    location_id = fields.String()
    start_at = Instant()
    end_at = Instant()
    local_date = fields.String(metadata={"description": "Local date of the start"})
    duration_minutes = fields.Integer()
    party_size = fields.Integer()
    party = fields.Nested(PartyOut)
    table_ids = fields.List(fields.String())
    tables = fields.List(fields.Nested(SeatedTableOut))
    customer_id = fields.String(allow_none=True)
    contact = fields.Nested(ContactOut)
    source = fields.String(validate=one_of(*SOURCES))
    channel = fields.String(allow_none=True)
    seat_kind = fields.String(allow_none=True, validate=one_of(*SEAT_KINDS))
    special_request = fields.String(allow_none=True)
    memo = fields.String(allow_none=True)
    flags = fields.List(fields.String())
    currency = fields.String()
    deposit = fields.Nested(DepositOut)
    cancel = fields.Nested(CancelOut, allow_none=True)
    status_history = fields.List(fields.Nested(StatusChangeOut))
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class DepositIn(Body):
    method = fields.String(load_default="card", validate=one_of(*METHODS))
    amount = Amount(metadata={"description": "All that is missing unless given"})
    source = Text(max_length=80, min_length=1)
    tendered = Amount()
    currency = Text(max_length=3, min_length=3)
    payer_label = Text(max_length=60)


class HoldIn(Body):
    location_id = Identifier(required=True)
    start_at = Start(required=True, metadata={"description": "Without an offset: the location's local time"})
    party_size = Integer(required=True, validate=validate.Range(1, LARGEST_PARTY))
    duration_minutes = Integer(validate=STAY)
    table_ids = fields.List(Identifier(), load_default=list, validate=validate.Length(max=10))
    ttl_seconds = Integer(load_default=300, validate=validate.Range(59, 86_400))


class HoldRenewal(Body):
    ttl_seconds = Integer(load_default=300, validate=validate.Range(59, 86_400))


class HoldOut(Schema):
    id = fields.String()
    status = fields.String(validate=one_of(*HOLD_STATUSES))
    location_id = fields.String()
    table_ids = fields.List(fields.String())
    start_at = Instant()
    end_at = Instant()
    duration_minutes = fields.Integer()
    party_size = fields.Integer()
    expires_at = Instant()
    reservation_id = fields.String(allow_none=True, metadata={"description": "What it was used for"})
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class AvailabilityQuery(Body):
    location_id = fields.String(required=True)
    date = fields.Date(required=True, metadata={"description": "Local date"})
    party_size = fields.Integer(required=True, validate=validate.Range(1, LARGEST_PARTY))
    time = fields.Time(metadata={"description": "Local time, `19:00`: only what is within two hours of it"})
    seat_kind = fields.String(validate=one_of(*SEAT_KINDS))
    duration_minutes = fields.Integer(validate=STAY)


class TableOptionOut(Schema):
    table_ids = fields.List(fields.String())
    seats = fields.Integer()


class FreeTimeOut(Schema):
    start_at = Instant()
    table_options = fields.List(fields.Nested(TableOptionOut), metadata={"description": "Best first, 20 at most"})
    remaining = fields.Integer(metadata={"description": "How many such parties could still be seated then"})


class AvailabilityOut(Schema):
    location_id = fields.String()
    date = fields.String()
    party_size = fields.Integer()
    duration_minutes = fields.Integer()
    seat_kind = fields.String(allow_none=True, validate=one_of(*SEAT_KINDS))
    slots = fields.List(fields.Nested(FreeTimeOut))


class WaitlistIn(Body):
    location_id = Identifier(required=True)
    party_size = Integer(required=True, validate=validate.Range(1, LARGEST_PARTY))
    customer_id = Identifier()
    customer = fields.Nested(ContactIn)
    quoted_minutes = Integer(
        validate=validate.Range(0, 600), metadata={"description": "The wait the party was told; estimated unless given"}
    )
    seat_kind = fields.String(validate=one_of(*SEAT_KINDS), allow_none=True)
    notes = Text(max_length=1000, allow_none=True)

    @validates_schema
    def names_somebody(self, data: dict[str, Any], **_: object) -> None:
        one_customer(data)


class WaitlistStep(Body):
    version = Integer(validate=validate.Range(min=1))


class WaitlistSeatIn(WaitlistStep):
    table_ids = fields.List(Identifier(), load_default=list, validate=validate.Length(max=10))
    duration_minutes = Integer(validate=STAY)


class WaitlistQuery(PageQuery):
    status = CommaList(allowed=WAITLIST_STATUSES)
    location_id = fields.String()
    customer_id = fields.String()
    ref = fields.String(metadata={"description": "A name in another product: `<product>[:waitlist_entry]:<id>`"})


class WaitlistOut(Schema):
    id = fields.String()
    status = fields.String(validate=one_of(*WAITLIST_STATUSES))
    position = fields.Integer(allow_none=True, metadata={"description": "1 is next; null once it is over"})
    location_id = fields.String()
    party_size = fields.Integer()
    customer_id = fields.String(allow_none=True)
    contact = fields.Nested(ContactOut)
    quoted_minutes = fields.Integer(allow_none=True)
    seat_kind = fields.String(allow_none=True, validate=one_of(*SEAT_KINDS))
    notes = fields.String(allow_none=True)
    called_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    reservation_id = fields.String(allow_none=True, metadata={"description": "The visit it became"})
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()
