"""Bodies and answers of what is about one order: the whole of it, amending, splitting, delivery, cancellation, history."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.customer_out_schemas import CustomerOut
from api.core.order_parts import CourierOut
from api.core.order_parts import DeliveryChangeOut
from api.core.order_parts import StatusChangeOut
from api.core.reservation_schemas import ReservationOut
from api.core.schemas import OrderItemIn
from api.core.schemas import OrderOut
from api.core.schemas import PaymentOut
from api.core.words import DELIVERY_STATUSES
from api.core.words import ORDER_STATUSES
from api.core.words import one_of
from api.fields import Body
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Money
from api.fields import Text

NEEDS = {"void": {"line_id"}, "quantity": {"line_id", "quantity"}, "add": {"item"}, "substitute": {"line_id", "item"}}


class OrderDetailOut(OrderOut):
    """An order with what `expand` asks for."""

    customer = fields.Nested(CustomerOut, allow_none=True, metadata={"x-when-asked-for": "expand=customer"})
    payments = fields.List(fields.Nested(PaymentOut), metadata={"x-when-asked-for": "expand=payments"})
    reservation = fields.Nested(ReservationOut, allow_none=True, metadata={"x-when-asked-for": "expand=reservation"})


class AmendmentIn(Body):
    op = fields.String(required=True, validate=one_of(*NEEDS))
    line_id = Identifier()
    quantity = Integer(validate=validate.Range(1, 999))
    item = fields.Nested(OrderItemIn)
    reason = Text(max_length=200, allow_none=True)

    @validates_schema
    def fits_its_operation(self, data: dict[str, Any], **_: object) -> None:
        op = data.get("op", "")
        if op not in NEEDS:
            return
        for name in sorted(NEEDS[op] - data.keys()):
            raise ValidationError(f"{op} needs {name}.", name)
        for name in sorted(data.keys() - NEEDS[op] - {"op", "reason"}):
            raise ValidationError(f"{op} has no {name}.", name)


class AmendmentsIn(Body):
    operations = fields.List(fields.Nested(AmendmentIn), required=True, validate=validate.Length(1, 100))
    version = Integer(validate=validate.Range(min=1))


class SplitIn(Body):
    mode = fields.String(required=True, validate=one_of("even", "by_line", "by_guest"))
    parts = Integer(validate=validate.Range(2, 20))
    groups = fields.List(
        fields.List(Identifier(), validate=validate.Length(1, 200)), validate=validate.Length(1, 20)
    )

    @validates_schema
    def fits_its_mode(self, data: dict[str, Any], **_: object) -> None:
        wanted = {"even": "parts", "by_line": "groups"}.get(data.get("mode", ""))
        if wanted is not None and wanted not in data:
            raise ValidationError(f"{data['mode']} needs {wanted}.", wanted)
        for name in ("parts", "groups"):
            if name in data and name != wanted:
                raise ValidationError(f"Does not go with {data.get('mode')}.", name)


class ShareOut(Schema):
    payer_label = fields.String()
    amount = Money(attribute="amount_minor")
    line_ids = fields.List(fields.String())


class SplitOut(Schema):
    order_id = fields.String()
    mode = fields.String()
    currency = fields.String()
    due = Money(attribute="due_minor")
    data = fields.List(fields.Nested(ShareOut), metadata={"description": "One share a payer; they sum to `due`"})


class CourierIn(Body):
    name = Text(max_length=120, allow_none=True)
    phone = Text(max_length=40, allow_none=True)
    vehicle = Text(max_length=60, allow_none=True)
    lat = fields.Float(allow_none=True, allow_nan=False, validate=validate.Range(-90, 90))
    lng = fields.Float(allow_none=True, allow_nan=False, validate=validate.Range(-180, 180))


class DeliveryIn(Body):
    status = fields.String(validate=one_of(*DELIVERY_STATUSES))
    courier = fields.Nested(CourierIn, allow_none=True)
    eta_at = Instant(allow_none=True)
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def says_something(self, data: dict[str, Any], **_: object) -> None:
        if not set(data) - {"version"}:
            raise ValidationError("Send status, courier or eta_at.")


class DeliveryUpdateOut(Schema):
    order_id = fields.String()
    order_status = fields.String(validate=one_of(*ORDER_STATUSES))
    status = fields.String(validate=one_of(*DELIVERY_STATUSES))
    courier = fields.Nested(CourierOut, allow_none=True)
    eta_at = Instant(allow_none=True)
    history = fields.List(fields.Nested(DeliveryChangeOut))
    ignored = fields.Boolean(metadata={"description": "The update was older than what is known and changed nothing"})
    version = fields.Integer(metadata={"description": "The order's version"})
    updated_at = Instant()


class DecisionIn(Body):
    version = Integer(validate=validate.Range(min=1))


class OrderHistoryOut(Schema):
    data = fields.List(fields.Nested(StatusChangeOut))
    has_more = fields.Boolean()
    next_cursor = fields.String(allow_none=True)
