"""The waitlist in the Core API."""

from api.core.blueprint import blueprint
from api.core.reservation_schemas import WaitlistIn
from api.core.reservation_schemas import WaitlistOut
from api.core.reservation_schemas import WaitlistQuery
from api.core.reservation_schemas import WaitlistSeatIn
from api.core.reservation_schemas import WaitlistStep
from api.core.reservation_schemas import with_contact
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.bookings import service as bookings
from domain.references.service import parse_reference
from kit.documents import Document

ENTRY = "/waitlist/<entry_id>"


@endpoint(
    blueprint, "GET", "/waitlist", scope="reservations:read", area="reservations", query=WaitlistQuery, returns=WaitlistOut,
    is_list=True,
)  # fmt: skip
def list_waitlist(call: Call) -> Reply:
    """List waiting parties, first come first.

    `status=waiting,called` leaves out those who are seated or gone.
    """
    query = call.query
    rows = bookings.list_waitlist(
        call.scope, limit=query["limit"], after=call.after(), status=query.get("status", ()),
        location_id=query.get("location_id"), customer_id=query.get("customer_id"),
        ref=parse_reference(query["ref"], noun="waitlist_entry") if "ref" in query else None,
    )  # fmt: skip
    shown = [with_contact(call.principal.scopes, row) for row in rows]
    return call.page(shown, lambda row: [row["created_at"], row["id"]])


@endpoint(
    blueprint, "POST", "/waitlist", scope="reservations:write", area="reservations", body=WaitlistIn, returns=WaitlistOut,
    status=201,
)  # fmt: skip
def join_waitlist(call: Call) -> Reply:
    """Put a party on the waitlist.

    Without `quoted_minutes` the wait is estimated from the bookings of the next four hours; null when no table comes free.
    """
    body = call.body
    entry = bookings.join_waitlist(
        call.scope, location_id=body["location_id"], party_size=body["party_size"], customer_id=body.get("customer_id"),
        contact=body.get("customer"), quoted_minutes=body.get("quoted_minutes"), seat_kind=body.get("seat_kind"),
        notes=body.get("notes"),
    )  # fmt: skip
    return Reply(document=_seen(call, entry), headers={"Location": f"/v1/waitlist/{entry['id']}"})


@endpoint(blueprint, "GET", ENTRY, scope="reservations:read", area="reservations", returns=WaitlistOut)
def read_waitlist_entry(call: Call, entry_id: str) -> Document:
    """Read one waiting party."""
    return _seen(call, bookings.get_waiting(call.scope, entry_id=entry_id))


@endpoint(
    blueprint, "POST", f"{ENTRY}/call", scope="reservations:write", area="reservations", body=WaitlistStep,
    returns=WaitlistOut, bucket="status",
)  # fmt: skip
def call_waiting(call: Call, entry_id: str) -> Document:
    """Call a waiting party to its table."""
    return _seen(call, bookings.call_waiting(call.scope, entry_id=entry_id, expected_version=expected_version(call)))


@endpoint(
    blueprint, "POST", f"{ENTRY}/seat", scope="reservations:write", area="reservations", body=WaitlistSeatIn,
    returns=WaitlistOut,
)  # fmt: skip
def seat_waiting(call: Call, entry_id: str) -> Document:
    """Seat a waiting party now.

    Makes a seated reservation at the named tables or the best free ones; its id is `reservation_id` of the answer.
    """
    entry = bookings.seat_waiting(
        call.scope, entry_id=entry_id, table_ids=tuple(call.body["table_ids"]),
        duration_minutes=call.body.get("duration_minutes"), expected_version=expected_version(call),
    )  # fmt: skip
    return _seen(call, entry)


@endpoint(
    blueprint, "POST", f"{ENTRY}/remove", scope="reservations:write", area="reservations", body=WaitlistStep,
    returns=WaitlistOut, bucket="status",
)  # fmt: skip
def remove_waiting(call: Call, entry_id: str) -> Document:
    """Take a party off the waitlist."""
    return _seen(call, bookings.remove_waiting(call.scope, entry_id=entry_id, expected_version=expected_version(call)))


def _seen(call: Call, entry: Document) -> Document:
    return with_contact(call.principal.scopes, entry)
