"""What happened with a customer, and everything that is known about one, in the Core API."""

from api.core.blueprint import blueprint
from api.core.bundle_schemas import BundleOut
from api.core.bundle_schemas import print_bundle
from api.core.customer_out_schemas import DuplicateOut
from api.core.customer_out_schemas import DuplicatesOut
from api.core.customer_out_schemas import TimelineOut
from api.core.customer_out_schemas import masked_guest
from api.core.customers import CUSTOMER
from api.core.customers import PII
from api.core.customers import require_scope
from api.core.reservation_schemas import ReservationOut
from api.core.reservation_schemas import with_contact
from api.core.review_schemas import ReviewOut
from api.core.schemas import OrderOut
from api.core.schemas import PageQuery
from api.gate import endpoint
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.bookings import service as bookings
from domain.guestbook import service as guestbook
from domain.guests.service import list_duplicates
from domain.guests.service import require_guest
from domain.orders import service as orders
from domain.reviews import service as reviews
from kit.documents import Document

# What a timeline tells beside consents and tags, and the scope each kind needs.
TOLD_WITH = {"order": "orders:read", "reservation": "reservations:read", "review": "reviews:read"}
_print_duplicate = compile_view(DuplicateOut)


def _position(row: Document) -> list[object]:
    return [row["created_at"], row["id"]]


@endpoint(
    blueprint, "GET", f"{CUSTOMER}/orders", scope="customers:read", area="customers", query=PageQuery, returns=OrderOut,
    is_list=True,
)  # fmt: skip
def list_customer_orders(call: Call, customer_id: str) -> Reply:
    """List a customer's orders, newest first. Needs orders:read as well."""
    require_scope(call, "orders:read")
    require_guest(call.scope, guest_id=customer_id)
    rows = orders.list_orders(call.scope, limit=call.query["limit"], after=call.after(), customer_id=customer_id)
    return call.page(rows, _position)


@endpoint(
    blueprint, "GET", f"{CUSTOMER}/reservations", scope="customers:read", area="customers", query=PageQuery,
    returns=ReservationOut, is_list=True,
)  # fmt: skip
def list_customer_reservations(call: Call, customer_id: str) -> Reply:
    """List a customer's reservations, newest first. Needs reservations:read as well."""
    require_scope(call, "reservations:read")
    require_guest(call.scope, guest_id=customer_id)
    rows = bookings.list_reservations(call.scope, limit=call.query["limit"], after=call.after(), customer_id=customer_id)
    return call.page([with_contact(call.principal.scopes, row) for row in rows], _position)


@endpoint(
    blueprint, "GET", f"{CUSTOMER}/reviews", scope="customers:read", area="customers", query=PageQuery, returns=ReviewOut,
    is_list=True,
)  # fmt: skip
def list_customer_reviews(call: Call, customer_id: str) -> Reply:
    """List a customer's reviews, newest first. Needs reviews:read as well."""
    require_scope(call, "reviews:read")
    require_guest(call.scope, guest_id=customer_id)
    rows = reviews.list_reviews(call.scope, limit=call.query["limit"], after=call.after(), customer_id=customer_id)
    return call.page(rows, _position)


@endpoint(
    blueprint, "GET", f"{CUSTOMER}/timeline", scope="customers:read", area="customers", query=PageQuery, returns=TimelineOut,
    is_list=True,
)  # fmt: skip
def read_timeline(call: Call, customer_id: str) -> Reply:
    """List what happened with a customer, newest first.

    Orders, reservations, reviews, consents and tags in one order of time; a reservation stands at its start. Orders,
    reservations and reviews are left out for credentials without orders:read, reservations:read, reviews:read.
    """
    held = call.principal.scopes
    kinds = tuple(kind for kind in guestbook.KINDS if kind not in TOLD_WITH or TOLD_WITH[kind] in held)
    rows = guestbook.timeline(
        call.scope, guest_id=customer_id, limit=call.query["limit"], after=call.after(), kinds=kinds
    )
    return call.page(rows, lambda row: [row["at"], row["id"]])


@endpoint(blueprint, "GET", f"{CUSTOMER}/duplicates", scope="customers:read", area="customers", printed=DuplicatesOut)
def list_customer_duplicates(call: Call, customer_id: str) -> Reply:
    """List customers that may be the same person.

    A pair is suggested when the phone number of one request belonged to one customer and its e-mail address to another.
    Nothing is merged by itself.
    """
    may_see = PII in call.principal.scopes
    found = list_duplicates(call.scope, guest_id=customer_id)
    shown = [{**row, "customer": row["customer"] if may_see else masked_guest(row["customer"])} for row in found]
    return Reply(payload={"data": [_print_duplicate(row) for row in shown]})


@endpoint(blueprint, "GET", f"{CUSTOMER}/export", scope="customers:read", area="customers", printed=BundleOut)
def export_customer(call: Call, customer_id: str) -> Reply:
    """Read everything that is held about a customer, to hand it to the person.

    Customer, consent history, orders, reservations, reviews, memberships and messages, complete and unmasked; so it needs
    customers:pii as well.
    """
    require_scope(call, PII)
    return Reply(payload=print_bundle(guestbook.everything_about(call.scope, guest_id=customer_id)))
