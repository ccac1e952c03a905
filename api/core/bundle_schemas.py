"""Everything that is held about one customer, in the representations each part has elsewhere."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields

from api.core.customer_out_schemas import CONSENT_STATES
from api.core.customer_out_schemas import CustomerDetailOut
from api.core.loyalty_schemas import MemberOut
from api.core.order_parts import ActorOut
from api.core.reservation_schemas import ReservationOut
from api.core.review_schemas import ReviewOut
from api.core.schemas import OrderOut
from api.core.words import one_of
from api.fields import Instant
from api.fields import Part
from api.views import compile_view
from domain.guests.drafts import CHANNELS
from kit.clock import iso
from kit.documents import Document


class ConsentChangeOut(Schema):
    id = fields.String()
    channel = fields.String(validate=one_of(*CHANNELS))
    old_status = fields.String(data_key="from", validate=one_of(*CONSENT_STATES))
    new_status = fields.String(data_key="to", validate=one_of(*CONSENT_STATES))
    source = fields.String(allow_none=True)
    proof = fields.String(allow_none=True)
    actor = Part(ActorOut)
    at = Instant()


class SentMessageOut(Schema):
    id = fields.String()
    channel = fields.String(validate=one_of("email", "sms", "push"))
    kind = fields.String()
    recipient = fields.String()
    subject = fields.String(allow_none=True)
    body = fields.String()
    campaign_id = fields.String(allow_none=True)
    status = fields.String(validate=one_of("queued", "sent", "failed", "suppressed"))
    reason = fields.String(allow_none=True)
    created_at = Instant()


class BundleOut(Schema):
    generated_at = Instant()
    customer = fields.Nested(CustomerDetailOut)
    consent_history = fields.List(fields.Nested(ConsentChangeOut))
    orders = fields.List(fields.Nested(OrderOut))
    reservations = fields.List(fields.Nested(ReservationOut))
    reviews = fields.List(fields.Nested(ReviewOut))
    memberships = fields.List(fields.Nested(MemberOut))
    messages = fields.List(fields.Nested(SentMessageOut))


_print_customer = compile_view(CustomerDetailOut)
# Each row by itself: amounts are printed in the row's own currency.
_PRINT_ROW = {
    "consent_history": compile_view(ConsentChangeOut), "orders": compile_view(OrderOut),
    "reservations": compile_view(ReservationOut), "reviews": compile_view(ReviewOut), "memberships": compile_view(MemberOut),
    "messages": compile_view(SentMessageOut),
}  # fmt: skip


def print_bundle(bundle: Document) -> dict[str, Any]:
    """The representation of everything about one customer."""
    rows = {name: [print_row(row) for row in bundle[name]] for name, print_row in _PRINT_ROW.items()}
    return {"generated_at": iso(bundle["generated_at"]), "customer": _print_customer(bundle["customer"]), **rows}
