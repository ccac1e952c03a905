"""How an order finds the booking of its table: the link between a bill and the deposit that lowers it."""

from dataclasses import replace

from domain.bookings import queries
from domain.bookings.deposits import unapplied_minor
from domain.bookings.rows import lock_reservation
from domain.bookings.rows import write_row
from domain.orders.drafts import OrderDraft
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope

WORTH_NOTHING = frozenset({"cancelled", "rejected", "no_show"})  # a deposit that was kept pays no bill


def linked(scope: Scope, *, draft: OrderDraft, is_preview: bool = False) -> OrderDraft:
    """The draft with the reservation it belongs to and what is left of that reservation's deposit.

    A dine-in draft without a reservation belongs to the one seated at its table. Locks the reservation, so that two orders
    at once cannot both use its deposit: call it in the transaction that places the order, just before. Other drafts come
    back as they are. Raises Invalid (422, field reservation_id) for one that does not exist or is of another location.
    """
    reservation = _asked_for(scope, draft) if draft.reservation_id is not None else _seated_at_table(scope, draft)
    if reservation is None:
        return draft
    worth = 0 if reservation["status"] in WORTH_NOTHING else unapplied_minor(scope, reservation)
    if worth and not is_preview:
        write_row(scope, reservation, {})  # what is left of the deposit is part of the representation
    return replace(draft, reservation_id=reservation["id"], deposit_minor=worth)


def _asked_for(scope: Scope, draft: OrderDraft) -> Document:
    try:
        reservation = lock_reservation(scope, reservation_id=draft.reservation_id or "")
    except NotFound as error:
        raise Invalid(error.detail, errors=[FieldError("reservation_id", error.code, error.detail)]) from error
    if draft.location_id not in (None, reservation["location_id"]):
        message = "The reservation is of another location."
        raise Invalid(message, errors=[FieldError("reservation_id", "validation_failed", message)])
    return reservation


def _seated_at_table(scope: Scope, draft: OrderDraft) -> Document | None:
    if draft.fulfillment["type"] != "dine_in" or draft.table_id is None:
        return None
    row = queries.seated.row(scope, table_id=draft.table_id)
    if row is None:
        return None
    reservation = lock_reservation(scope, reservation_id=row[0])
    return reservation if reservation["status"] == "seated" else None
