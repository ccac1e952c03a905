"""The other actors of a sandbox, played on demand: kitchen, couriers, staff, guests and payers."""

from api.core.location_schemas import LocationOut
from api.core.menu_schemas import ItemOut
from api.core.reservation_schemas import ReservationOut
from api.core.review_schemas import ReviewIn
from api.core.review_schemas import ReviewOut
from api.core.schemas import OrderOut
from api.core.schemas import PaymentOut
from api.operations import Call
from api.sandbox.door import control
from api.sandbox.door import own_id
from api.sandbox.schemas import AdvanceIn
from api.sandbox.schemas import EightySixIn
from api.sandbox.schemas import RefusalIn
from api.sandbox.schemas import SettleIn
from api.sandbox.schemas import StoreStatusIn
from domain.bookings import service as bookings
from domain.locations.service import set_store_status
from domain.menus.service import set_item_availability
from domain.orders import service as orders
from domain.payments.service import settle_payment
from domain.reviews import service as reviews
from kit.clock import from_us
from kit.documents import Document
from kit.errors import InvalidTransition
from kit.scope import Scope
from sandbox.restaurant import GUEST
from sandbox.restaurant import KITCHEN
from sandbox.restaurant import acting
from sandbox.restaurant import move_courier


@control("POST", "/orders/<order_id>/advance", body=AdvanceIn, returns=OrderOut, errors=(InvalidTransition,))
def advance_order(call: Call, order_id: str) -> Document:
    """Let the restaurant move an order on by one status, or up to the status `to`, each with its event."""
    return orders.advance_order(_kitchen(call), order_id=own_id(call, "order", order_id), to=call.body.get("to"))


@control("POST", "/orders/<order_id>/kitchen/accept", returns=OrderOut, errors=(InvalidTransition,))
def accept_order(call: Call, order_id: str) -> Document:
    """The kitchen accepts a pending order."""
    return orders.change_order(_kitchen(call), order_id=own_id(call, "order", order_id), status="accepted")


@control("POST", "/orders/<order_id>/kitchen/reject", body=RefusalIn, returns=OrderOut, errors=(InvalidTransition,))
def reject_order(call: Call, order_id: str) -> Document:
    """The kitchen rejects a pending order."""
    return orders.change_order(_kitchen(call), order_id=own_id(call, "order", order_id), status="rejected", **call.body)


@control("POST", "/orders/<order_id>/kitchen/ready", returns=OrderOut, errors=(InvalidTransition,))
def finish_order(call: Call, order_id: str) -> Document:
    """The kitchen says that an order is ready."""
    return orders.change_order(_kitchen(call), order_id=own_id(call, "order", order_id), status="ready")


@control("POST", "/orders/<order_id>/kitchen/cancel", body=RefusalIn, returns=OrderOut, errors=(InvalidTransition,))
def cancel_order(call: Call, order_id: str) -> Document:
    """The restaurant cancels an order, with what its reason entails: a pause, or items off sale."""
    return orders.change_order(_kitchen(call), order_id=own_id(call, "order", order_id), status="cancelled", **call.body)


@control("POST", "/orders/<order_id>/kitchen/approve_cancel", returns=OrderOut, errors=(InvalidTransition,))
def approve_cancellation(call: Call, order_id: str) -> Document:
    """The restaurant agrees to the cancellation a channel has asked for."""
    return orders.decide_cancellation(_kitchen(call), order_id=own_id(call, "order", order_id), approve=True)


@control("POST", "/orders/<order_id>/kitchen/deny_cancel", returns=OrderOut, errors=(InvalidTransition,))
def deny_cancellation(call: Call, order_id: str) -> Document:
    """The restaurant refuses the cancellation a channel has asked for; the order goes on."""
    return orders.decide_cancellation(_kitchen(call), order_id=own_id(call, "order", order_id), approve=False)


@control("POST", "/orders/<order_id>/courier/<delivery_status>", returns=OrderOut, errors=(InvalidTransition,))
def courier(call: Call, order_id: str, delivery_status: str) -> Document:
    """The courier of an order reaches a status.

    requested, assigned, en_route_to_store, arrived_at_store, picked_up, en_route_to_customer, delivered or cancelled. A
    courier never goes back: an earlier status than the known one changes nothing.
    """
    return move_courier(call.scope, order_id=own_id(call, "order", order_id), status=delivery_status)


@control("POST", "/reservations/<reservation_id>/advance", returns=ReservationOut, errors=(InvalidTransition,))
def advance_reservation(call: Call, reservation_id: str) -> Document:
    """The guests of a reservation do the usual next thing: confirmed, arrived, seated, completed.

    A guest named "No Show" never arrives.
    """
    return bookings.advance_reservation(_kitchen(call), reservation_id=own_id(call, "reservation", reservation_id))


@control("POST", "/reviews/submit", body=ReviewIn, returns=ReviewOut, status=201)
def submit_review(call: Call) -> Document:
    """A guest writes a review, with its sentiment and the events that follow."""
    return reviews.submit_review(acting(call.scope, GUEST), draft=reviews.ReviewDraft(**call.body))


@control("POST", "/stores/<location_id>/status", body=StoreStatusIn, returns=LocationOut)
def put_store_status(call: Call, location_id: str) -> Document:
    """Staff put a location online, on pause or offline."""
    body = call.body
    until = None if body["until"] is None else from_us(body["until"])
    own = own_id(call, "location", location_id)
    return set_store_status(_kitchen(call), location_id=own, status=body["status"], until=until, reason=body["reason"])


@control("POST", "/menu-items/<item_id>/86", body=EightySixIn, returns=ItemOut)
def take_off_sale(call: Call, item_id: str) -> Document:
    """The kitchen takes an item off sale (86), until an instant or further notice; available=true puts it back."""
    body = call.body
    until = None if body["until"] is None else from_us(body["until"])
    return set_item_availability(_kitchen(call), item_id=own_id(call, "item", item_id), available=body["available"], until=until)


@control("POST", "/payments/<payment_id>/settle", body=SettleIn, returns=PaymentOut, errors=(InvalidTransition,))
def settle(call: Call, payment_id: str) -> Document:
    """The payer or the bank ends a pending payment (tok_3ds, tok_timeout): confirmed, or failed with a decline code."""
    payer = acting(call.scope, GUEST)
    return settle_payment(payer, payment_id=own_id(call, "payment", payment_id), decline_code=call.body["decline_code"])


def _kitchen(call: Call) -> Scope:
    return acting(call.scope, KITCHEN)
