"""Holds in the Core API."""

from api.core.blueprint import blueprint
from api.core.reservation_schemas import HoldIn
from api.core.reservation_schemas import HoldOut
from api.core.reservation_schemas import HoldRenewal
from api.gate import endpoint
from api.operations import Call
from api.operations import Reply
from domain.bookings import service as bookings
from domain.bookings.errors import HoldExpired
from kit.documents import Document

HOLD = "/holds/<hold_id>"


@endpoint(
    blueprint, "POST", "/holds", scope="reservations:write", area="reservations", body=HoldIn, returns=HoldOut, status=201
)
def create_hold(call: Call) -> Reply:
    """Keep a table for a guest who is still deciding.

    The table is kept for `ttl_seconds` (five minutes unless said otherwise); book it with `hold_id`. A hold that runs out sends
    `reservation.hold_expired`.
    """
    body = call.body
    hold = bookings.hold_tables(
        call.scope, location_id=body["location_id"], start=body["start_at"], party_size=body["party_size"],
        duration_minutes=body.get("duration_minutes"), table_ids=tuple(body["table_ids"]), ttl_s=body["ttl_seconds"],
    )  # fmt: skip
    return Reply(document=hold, headers={"Location": f"/v1/holds/{hold['id']}"})


@endpoint(blueprint, "GET", HOLD, scope="reservations:read", area="reservations", returns=HoldOut)
def read_hold(call: Call, hold_id: str) -> Document:
    """Read one hold, also one that is over."""
    return bookings.get_hold(call.scope, hold_id=hold_id)


@endpoint(
    blueprint, "PUT", HOLD, scope="reservations:write", area="reservations", body=HoldRenewal, returns=HoldOut,
    errors=(HoldExpired,),
)  # fmt: skip
def renew_hold(call: Call, hold_id: str) -> Document:
    """Renew a hold: it lasts `ttl_seconds` from now."""
    return bookings.renew_hold(call.scope, hold_id=hold_id, ttl_s=call.body["ttl_seconds"])


@endpoint(
    blueprint, "DELETE", HOLD, scope="reservations:write", area="reservations", status=204, errors=(HoldExpired,)
)  # fmt: skip
def release_hold(call: Call, hold_id: str) -> Reply:
    """Release a hold before it runs out."""
    bookings.release_hold(call.scope, hold_id=hold_id)
    return Reply()
