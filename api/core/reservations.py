"""Reservations, their deposits, and free times in the Core API."""

from typing import Any

import orjson

from api.amounts import Amounts
from api.core.blueprint import blueprint
from api.core.reservation_schemas import AvailabilityOut
from api.core.reservation_schemas import AvailabilityQuery
from api.core.reservation_schemas import DepositIn
from api.core.reservation_schemas import ReservationIn
from api.core.reservation_schemas import ReservationOut
from api.core.reservation_schemas import ReservationPatch
from api.core.reservation_schemas import ReservationQuery
from api.core.reservation_schemas import with_contact
from api.core.schemas import PaymentOut
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.bookings import service as bookings
from domain.bookings.drafts import Party
from domain.bookings.drafts import ReservationDraft
from domain.bookings.errors import HoldExpired
from domain.references.service import parse_reference
from kit.documents import Document
from kit.errors import PaymentDeclined

RESERVATION = "/reservations/<reservation_id>"
SAID_WITH_STATUS = {"version", "cancel"}
FILTERS = ("location_id", "customer_id", "table_id", "external_id", "source")
TAKEN_AS_IT_IS = (
    "customer_id", "duration_minutes", "status", "channel", "seat_kind", "special_request", "memo", "hold_id", "external_id",
)  # fmt: skip
_print = compile_view(ReservationOut)


def print_reservation(scopes: frozenset[str], document: Document) -> dict[str, Any]:
    """The representation of one reservation for a credential with these scopes."""
    return _print(with_contact(scopes, document))


def bucket_of(raw: bytes) -> str:
    """`status` for a body whose only effect is a status change, else `write`."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return "write"
    return "status" if isinstance(body, dict) and set(body) - SAID_WITH_STATUS == {"status"} else "write"


def party_of(body: dict[str, Any]) -> Party | None:
    """The party of a body with `party` or `party_size`; None when it has neither."""
    if "party" in body:
        return Party(**body["party"])
    return Party(adult=body["party_size"]) if "party_size" in body else None


@endpoint(
    blueprint, "GET", "/reservations", scope="reservations:read", area="reservations", query=ReservationQuery,
    returns=ReservationOut, is_list=True,
)  # fmt: skip
def list_reservations(call: Call) -> Reply:
    """List reservations, newest first.

    Filter by status, location, customer, table, local `date`, start (`from` included, `to` not) or the name a reservation has
    in another product (`ref`). Use `sort=start_at` for the order in which guests come.
    """
    query = call.query
    day = query["date"].isoformat() if "date" in query else None
    rows = bookings.list_reservations(
        call.scope, limit=query["limit"], after=call.after(), sort=query["sort"], status=query.get("status", ()),
        local_date=day, from_us=query.get("from_"), to_us=query.get("to"), updated_since_us=query.get("updated_since"),
        ref=parse_reference(query["ref"], noun="reservation") if "ref" in query else None,
        **{name: query.get(name) for name in FILTERS},
    )  # fmt: skip
    column = query["sort"].removeprefix("-")
    shown = [with_contact(call.principal.scopes, row) for row in rows]
    return call.page(shown, lambda row: [row[column], row["id"]])


@endpoint(
    blueprint, "POST", "/reservations", scope="reservations:write", area="reservations", body=ReservationIn,
    returns=ReservationOut, status=201, repeat_status=200, errors=(HoldExpired,),
)  # fmt: skip
def create_reservation(call: Call) -> Reply:
    """Book a table.

    Without `table_ids` the smallest free table that suits is chosen, or a pair that may be combined. A booking whose deposit is
    not paid stays `requested`; send `status: requested` to have staff confirm it in any case. When nothing is free the answer
    is 409 `table_unavailable` with up to three `alternatives`. A `hold_id` gives what the hold keeps. The same `external_id`
    with the same content answers 200 with the first reservation.
    """
    booked = bookings.book(call.scope, draft=_draft(call.body))
    document = with_contact(call.principal.scopes, booked.document)
    headers = {"Location": f"/v1/reservations/{document['id']}"}
    return Reply(document=document, status=201 if booked.is_new else 200, headers=headers)


@endpoint(blueprint, "GET", RESERVATION, scope="reservations:read", area="reservations", returns=ReservationOut)
def read_reservation(call: Call, reservation_id: str) -> Document:
    """Read one reservation."""
    document = bookings.get_reservation(call.scope, reservation_id=reservation_id)
    return with_contact(call.principal.scopes, document)


@endpoint(
    blueprint, "PATCH", RESERVATION, scope="reservations:write", area="reservations", body=ReservationPatch,
    returns=ReservationOut, bucket=bucket_of,
)  # fmt: skip
def change_reservation(call: Call, reservation_id: str) -> Document:
    """Change a reservation: its status, time, party, tables, contact or notes.

    A party keeps its tables at another time if they are free then, and gets the best free ones otherwise. Cancelling by
    `deposit.refund_ends_at` gives the deposit back. Send `If-Match` (or `version`) to refuse the change when somebody else was
    faster.
    """
    body = {name: value for name, value in call.body.items() if name not in ("version", "party_size", "party")}
    renamed = {"start_at": "start", "customer": "contact"}
    change = {renamed.get(name, name): value for name, value in body.items()}
    if (party := party_of(call.body)) is not None:
        change["party"] = party
    document = bookings.change_reservation(
        call.scope, reservation_id=reservation_id, expected_version=expected_version(call), **change
    )
    return with_contact(call.principal.scopes, document)


@endpoint(
    blueprint, "POST", f"{RESERVATION}/deposit", scope="reservations:write", area="reservations", body=DepositIn,
    returns=PaymentOut, status=201, errors=(PaymentDeclined,),
)  # fmt: skip
def take_deposit(call: Call, reservation_id: str) -> Reply:
    """Charge the deposit of a reservation.

    Without `amount` all that is missing is charged. A booking that waited only for its deposit becomes `confirmed`. In the
    sandbox `tok_ok` succeeds and `tok_declined` answers 402; a declined payment is kept with status `failed`.
    """
    body = call.body
    to = Amounts(lambda: str(bookings.get_reservation(call.scope, reservation_id=reservation_id)["currency"]))
    payment = bookings.take_deposit(
        call.scope, reservation_id=reservation_id, method=body["method"], source=body.get("source"),
        amount_minor=to.minor_or_none(body.get("amount"), "amount"), currency=body.get("currency"),
        tendered_minor=to.minor_or_none(body.get("tendered"), "tendered"), payer_label=body.get("payer_label"),
    )  # fmt: skip
    if payment["status"] == "failed":
        declined = PaymentDeclined(
            f"The payment was declined: {payment['decline_code']}.",
            decline_code=payment["decline_code"], payment_id=payment["id"],
        )  # fmt: skip
        return Reply(refusal=declined)
    return Reply(document=payment, headers={"Location": f"/v1/payments/{payment['id']}"})


@endpoint(
    blueprint, "GET", "/availability", scope="reservations:read", area="reservations", query=AvailabilityQuery,
    returns=AvailabilityOut,
)  # fmt: skip
def read_availability(call: Call) -> Document:
    """Find free times of a day.

    Every quarter of an hour from which the party's whole stay fits the opening hours, with the tables that are free then. What
    is shown is not kept: make a hold, or book.
    """
    query = call.query
    return bookings.availability(
        call.scope, location_id=query["location_id"], day=query["date"], party_size=query["party_size"],
        near=query.get("time"), seat_kind=query.get("seat_kind"), duration_minutes=query.get("duration_minutes"),
    )  # fmt: skip


def _draft(body: dict[str, Any]) -> ReservationDraft:
    return ReservationDraft(
        source=body["source"], location_id=body.get("location_id"), start=body.get("start_at"), party=party_of(body),
        contact=body.get("customer"), table_ids=tuple(body["table_ids"]), flags=tuple(body["flags"]),
        **{name: body[name] for name in TAKEN_AS_IT_IS if name in body},
    )  # fmt: skip
