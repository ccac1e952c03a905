"""Orders in the Core API."""

from dataclasses import asdict
from typing import Any

import orjson

from api.core.blueprint import blueprint
from api.core.customers import print_customer
from api.core.customers import require_scope
from api.core.order_drafts import operations_of
from api.core.order_drafts import order_draft
from api.core.order_schemas import AmendmentsIn
from api.core.order_schemas import DecisionIn
from api.core.order_schemas import DeliveryIn
from api.core.order_schemas import DeliveryUpdateOut
from api.core.order_schemas import OrderDetailOut
from api.core.order_schemas import OrderHistoryOut
from api.core.order_schemas import SplitIn
from api.core.order_schemas import SplitOut
from api.core.payments import print_payment
from api.core.quotes import seal_quote
from api.core.reservations import print_reservation
from api.core.schemas import ExpandQuery
from api.core.schemas import OrderIn
from api.core.schemas import OrderOut
from api.core.schemas import OrderPatch
from api.core.schemas import OrderQuery
from api.core.schemas import PreviewOut
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.bookings.dining import linked
from domain.bookings.service import get_reservation
from domain.guests.service import guests_by_id
from domain.orders import service as orders
from domain.orders.machine import RESTAURANT_REASONS
from domain.payments import service as payments
from domain.references.service import parse_reference

EXPANDED_PAYMENTS = 100
EXPANDING = {"customer": "customers:read", "payments": "payments:read", "reservation": "reservations:read"}
SAID_WITH_STATUS = {"version", "cancel_reason", "reject_reason", "reason_detail"}
print_order = compile_view(OrderOut)


def bucket_of(raw: bytes) -> str:
    """`status` for a body whose only effect is a status change, else `write`."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return "write"
    is_status = isinstance(body, dict) and set(body) - SAID_WITH_STATUS == {"status"}
    return "status" if is_status else "write"


@endpoint(blueprint, "GET", "/orders", scope="orders:read", area="orders", query=OrderQuery, returns=OrderOut, is_list=True)
def list_orders(call: Call) -> Reply:
    """List orders, newest first.

    Filter by status, location, customer, source, payment status or time, or find the order another product made with
    `ref`. Pages never overlap: pass `next_cursor` on.
    """
    query = call.query
    rows = orders.list_orders(
        call.scope, limit=query["limit"], after=call.after(), sort=query["sort"], status=query.get("status", ()),
        location_id=query.get("location_id"), source=query.get("source"), payment_status=query.get("payment_status"),
        customer_id=query.get("customer_id"), reservation_id=query.get("reservation_id"),
        table_id=query.get("table_id"), external_id=query.get("external_id"), ref=_ref(query),
        created_from_us=query.get("created_from"), created_to_us=query.get("created_to"),
        updated_since_us=query.get("updated_since"),
    )  # fmt: skip
    column = query["sort"].removeprefix("-")
    return call.page(rows, lambda order: [order[column], order["id"]])


@endpoint(
    blueprint, "POST", "/orders", scope="orders:write", area="orders", body=OrderIn, returns=OrderOut, status=201,
    repeat_status=200,
)  # fmt: skip
def create_order(call: Call) -> Reply:
    """Place an order.

    Prices come from the menu. The order starts `pending` (or `scheduled` for a later time) until staff accept it. The same
    `external_id` with the same content answers 200 with the first order.
    """
    placed = orders.place_order(call.scope, draft=linked(call.scope, draft=order_draft(call)))
    location = f"/v1/orders/{placed.document['id']}"
    return Reply(document=placed.document, status=201 if placed.is_new else 200, headers={"Location": location})


@endpoint(
    blueprint, "POST", "/orders/preview", scope="orders:read", area="orders", body=OrderIn, printed=PreviewOut, bucket="read"
)
def preview_order(call: Call) -> Reply:
    """Price an order without placing it.

    Answers as creating would, problems included, and changes nothing. The `quote_id` guarantees these prices for 15 minutes.
    """
    draft = linked(call.scope, draft=order_draft(call), is_preview=True)
    document = orders.preview_order(call.scope, draft=draft)
    return Reply(payload={**print_order(document), "quote_id": seal_quote(call.scope, document)})


@endpoint(
    blueprint, "GET", "/orders/<order_id>", scope="orders:read", area="orders", query=ExpandQuery, returns=OrderOut,
    printed=OrderDetailOut,
)  # fmt: skip
def read_order(call: Call, order_id: str) -> Reply:
    """Read one order.

    `expand` adds its customer, payments and reservation whole; each needs the scope to read such objects.
    """
    document = orders.get_order(call.scope, order_id=order_id)
    if not call.query["expand"]:
        return Reply(document=document)
    return Reply(payload=_expanded(call, document))


@endpoint(
    blueprint, "PATCH", "/orders/<order_id>", scope="orders:write", area="orders", body=OrderPatch, returns=OrderOut,
    bucket=bucket_of, repeat_status=202,
)  # fmt: skip
def change_order(call: Call, order_id: str) -> Reply:
    """Change an order: move its status, table, promised time, notes or metadata.

    Send `If-Match` (or `version`) to refuse the change when somebody else was faster. A marketplace order that was accepted
    more than 60 seconds ago is not cancelled at once for a reason of the guest's: the answer is 202 with an open
    `cancellation_request`. A restaurant's reason cancels at once; `store_closed` and `kitchen_busy` also pause the store for
    12 hours or 15 minutes, `out_of_stock` takes the items in `item_ids` off sale.
    """
    body = dict(call.body)
    body.pop("version", None)
    reason = body.pop("cancel_reason", None) or body.pop("reject_reason", None)
    body.pop("reject_reason", None)
    is_own = reason in RESTAURANT_REASONS or call.scope.actor.type == "staff"
    document = orders.change_order(
        call.scope, order_id=order_id, expected_version=expected_version(call), reason=reason, by_restaurant=is_own, **body
    )
    is_asked = body.get("status") == "cancelled" != document["status"]
    return Reply(document=document, status=202 if is_asked else None)


@endpoint(
    blueprint, "POST", "/orders/<order_id>/amendments", scope="orders:write", area="orders", body=AmendmentsIn, returns=OrderOut
)
def amend_order(call: Call, order_id: str) -> Reply:
    """Amend an order the kitchen can still change.

    Void, change in number, add or substitute lines while the order is pending, accepted or preparing. Operations apply in
    order and all together. The order is priced again: what it costs more becomes due, what was paid too much is refunded.
    """
    document = payments.amend_order(
        call.scope, order_id=order_id, operations=operations_of(call, order_id), expected_version=expected_version(call),
        allow_open_items=call.principal.allow_open_items,
    )  # fmt: skip
    return Reply(document=document)


@endpoint(
    blueprint, "POST", "/orders/<order_id>/split", scope="orders:read", area="orders", body=SplitIn, returns=SplitOut,
    bucket="read",
)  # fmt: skip
def split_order(call: Call, order_id: str) -> Reply:
    """Split what is due among payers.

    Evenly, by groups of lines, or by the guests named on the lines. The shares always sum to what is due. Nothing is
    written: take a payment for each share.
    """
    order, body = orders.get_order(call.scope, order_id=order_id), call.body
    shares = orders.split_due(order, mode=body["mode"], parts=body.get("parts"), groups=body.get("groups"))
    data = [asdict(share) for share in shares]
    return Reply(document={**order, "order_id": order_id, "mode": body["mode"], "data": data})


@endpoint(
    blueprint, "PUT", "/orders/<order_id>/delivery", scope="orders:write", area="orders", body=DeliveryIn,
    returns=DeliveryUpdateOut,
)  # fmt: skip
def update_delivery(call: Call, order_id: str) -> Reply:
    """Say where the delivery of an order is.

    The status only goes forward; an update that arrives late is ignored (`ignored: true`). A courier who picked the food up
    moves the order to `picked_up`, a delivery completes it.
    """
    body = {name: value for name, value in call.body.items() if name != "version"}
    update = orders.update_delivery(call.scope, order_id=order_id, expected_version=expected_version(call), **body)
    order = update.document
    told = {"order_id": order_id, "order_status": order["status"], "ignored": update.is_ignored}
    return Reply(document=order | order["delivery"] | told)


@endpoint(
    blueprint, "POST", "/orders/<order_id>/cancellation/approve", scope="orders:write", area="orders", body=DecisionIn,
    returns=OrderOut,
)  # fmt: skip
def approve_cancellation(call: Call, order_id: str) -> Reply:
    """Approve the open cancellation request of an order, which cancels it."""
    version = expected_version(call)
    return Reply(orders.decide_cancellation(call.scope, order_id=order_id, approve=True, expected_version=version))


@endpoint(
    blueprint, "POST", "/orders/<order_id>/cancellation/deny", scope="orders:write", area="orders", body=DecisionIn,
    returns=OrderOut,
)  # fmt: skip
def deny_cancellation(call: Call, order_id: str) -> Reply:
    """Deny the open cancellation request of an order, which goes on as it was."""
    version = expected_version(call)
    return Reply(orders.decide_cancellation(call.scope, order_id=order_id, approve=False, expected_version=version))


@endpoint(blueprint, "GET", "/orders/<order_id>/events", scope="orders:read", area="orders", printed=OrderHistoryOut)
def read_order_history(call: Call, order_id: str) -> Reply:
    """Read an order's status history: what happened, when and by whom."""
    history = print_order(orders.get_order(call.scope, order_id=order_id))["status_history"]
    return Reply(payload={"data": history, "has_more": False, "next_cursor": None})


def _expanded(call: Call, document: dict[str, Any]) -> dict[str, Any]:
    payload = print_order(document)
    wanted = call.query["expand"]
    for name in wanted:
        require_scope(call, EXPANDING[name])
    if "customer" in wanted:
        payload["customer"] = _customer(call, document["customer_id"])
    if "payments" in wanted:
        rows = payments.list_payments(call.scope, limit=EXPANDED_PAYMENTS, after=None, order_id=document["id"])
        payload["payments"] = [print_payment(row) for row in rows]
    if "reservation" in wanted:
        payload["reservation"] = _reservation(call, document["reservation_id"])
    return payload


def _customer(call: Call, guest_id: str | None) -> dict[str, Any] | None:
    """The customer as this credential may see it; None for no customer, and for one who was erased or merged away."""
    guest = guests_by_id(call.scope, guest_ids=[guest_id]).get(guest_id) if guest_id is not None else None
    return None if guest is None else print_customer(call.principal.scopes, guest)


def _reservation(call: Call, reservation_id: str | None) -> dict[str, Any] | None:
    if reservation_id is None:
        return None
    found = get_reservation(call.scope, reservation_id=reservation_id)
    return print_reservation(call.principal.scopes, found)


def _ref(query: dict[str, Any]) -> str | None:
    return parse_reference(query["ref"], noun="order") if "ref" in query else None
