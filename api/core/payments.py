"""Payments and refunds in the Core API."""

from typing import Any

from api.amounts import Amounts
from api.core.blueprint import blueprint
from api.core.schemas import PaymentIn
from api.core.schemas import PaymentOut
from api.core.schemas import PaymentQuery
from api.core.schemas import RefundIn
from api.core.schemas import RefundOut
from api.core.schemas import RefundQuery
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.bookings import service as bookings
from domain.bookings.service import get_reservation
from domain.orders.service import get_order
from domain.payments import service as payments
from domain.references.service import parse_reference
from kit.documents import Document
from kit.errors import PaymentDeclined
from kit.errors import said_in

print_payment = compile_view(PaymentOut)


def _position(row: Document) -> list[object]:
    return [row["created_at"], row["id"]]


def _ref(query: dict[str, Any], noun: str) -> str | None:
    return parse_reference(query["ref"], noun=noun) if "ref" in query else None


@endpoint(
    blueprint, "GET", "/payments", scope="payments:read", area="payments", query=PaymentQuery, returns=PaymentOut, is_list=True
)
def list_payments(call: Call) -> Reply:
    """List payments, newest first, of one order or all."""
    query = call.query
    rows = payments.list_payments(
        call.scope, limit=query["limit"], after=call.after(), order_id=query.get("order_id"),
        reservation_id=query.get("reservation_id"), status=query.get("status"), method=query.get("method"),
        ref=_ref(query, "payment"),
        created_from_us=query.get("created_from"), created_to_us=query.get("created_to"),
    )  # fmt: skip
    return call.page(rows, _position)


@endpoint(
    blueprint, "POST", "/payments", scope="payments:write", area="payments", body=PaymentIn, returns=PaymentOut, status=201,
    errors=(PaymentDeclined,),
)  # fmt: skip
def take_payment(call: Call) -> Reply:
    """Take a payment for an order, or the deposit of a reservation (`reservation_id`).

    Without `amount` the whole due is paid. Card payments take a `source` token; in the sandbox `tok_ok` succeeds and
    `tok_declined` answers 402. A declined payment is kept with status `failed`.
    """
    body = call.body
    debt = "order_id" if "order_id" in body else "reservation_id"
    with said_in(debt):
        payment = _take_for_order(call, body[debt]) if debt == "order_id" else _take_deposit(call, body[debt])
    if payment["status"] == "failed":
        declined = PaymentDeclined(
            f"The payment was declined: {payment['decline_code']}.",
            decline_code=payment["decline_code"], payment_id=payment["id"],
        )  # fmt: skip
        return Reply(refusal=declined)
    return Reply(document=payment, headers={"Location": f"/v1/payments/{payment['id']}"})


def _take_for_order(call: Call, order_id: str) -> Document:
    body = call.body
    to = Amounts(lambda: str(get_order(call.scope, order_id=order_id)["currency"]))
    return payments.take_payment(
        call.scope, order_id=order_id, purpose=body["purpose"], tip_minor=to.minor(body.get("tip"), "tip"), **_means(body, to)
    )


def _take_deposit(call: Call, reservation_id: str) -> Document:
    body = call.body
    to = Amounts(lambda: str(get_reservation(call.scope, reservation_id=reservation_id)["currency"]))
    return bookings.take_deposit(call.scope, reservation_id=reservation_id, **_means(body, to))


def _means(body: dict[str, Any], to: Amounts) -> dict[str, Any]:
    """How and how much is paid."""
    return {
        "method": body["method"], "source": body.get("source"), "payer_label": body.get("payer_label"),
        "amount_minor": to.minor_or_none(body.get("amount"), "amount"),
        "tendered_minor": to.minor_or_none(body.get("tendered"), "tendered"), "currency": body.get("currency"),
    }  # fmt: skip


@endpoint(blueprint, "GET", "/payments/<payment_id>", scope="payments:read", area="payments", returns=PaymentOut)
def read_payment(call: Call, payment_id: str) -> Document:
    """Read one payment."""
    return payments.get_payment(call.scope, payment_id=payment_id)


@endpoint(blueprint, "POST", "/payments/<payment_id>/cancel", scope="payments:write", area="payments", returns=PaymentOut)
def cancel_payment(call: Call, payment_id: str) -> Document:
    """Cancel a payment that is not confirmed yet."""
    return payments.cancel_payment(call.scope, payment_id=payment_id, expected_version=expected_version(call))


@endpoint(
    blueprint, "POST", "/payments/<payment_id>/refunds", scope="refunds:write", area="payments", body=RefundIn,
    returns=RefundOut, status=201,
)  # fmt: skip
def refund_payment(call: Call, payment_id: str) -> Reply:
    """Refund a payment, in full (no `amount`) or in part."""
    to = Amounts(lambda: str(payments.get_payment(call.scope, payment_id=payment_id)["currency"]))
    refund = payments.refund_payment(
        call.scope, payment_id=payment_id, amount_minor=to.minor_or_none(call.body.get("amount"), "amount"),
        reason=call.body["reason"], line_ids=call.body["line_ids"],
    )  # fmt: skip
    return Reply(document=refund, headers={"Location": f"/v1/refunds/{refund['id']}"})


@endpoint(
    blueprint, "GET", "/refunds", scope="payments:read", area="payments", query=RefundQuery, returns=RefundOut, is_list=True
)
def list_refunds(call: Call) -> Reply:
    """List refunds, newest first, of one payment, one order or all."""
    rows = payments.list_refunds(
        call.scope, limit=call.query["limit"], after=call.after(), payment_id=call.query.get("payment_id"),
        order_id=call.query.get("order_id"), status=call.query.get("status"), ref=_ref(call.query, "refund"),
        created_from_us=call.query.get("created_from"), created_to_us=call.query.get("created_to"),
    )  # fmt: skip
    return call.page(rows, _position)


@endpoint(blueprint, "GET", "/refunds/<refund_id>", scope="payments:read", area="payments", returns=RefundOut)
def read_refund(call: Call, refund_id: str) -> Document:
    """Read one refund."""
    return payments.get_refund(call.scope, refund_id=refund_id)
