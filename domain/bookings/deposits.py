"""Deposits of reservations: charging one, and confirming the booking that waited for it."""

from typing import Any

from domain.bookings import queries
from domain.bookings.changes import apply_change
from domain.bookings.machine import EXPECTED
from domain.bookings.rows import deposit_columns
from domain.bookings.rows import lock_reservation
from domain.bookings.rows import owed_minor
from domain.bookings.rows import read_reservation
from domain.payments import deposits
from domain.timers.service import set_task
from kit.documents import Document
from kit.errors import InvalidTransition
from kit.scope import Scope

SUMS = ("deposit_paid_minor", "deposit_refunded_minor", "deposit_pending_minor")
SETTLED = "reservation.deposit"  # the kind of the task that payments set when a deposit's payment ends later
BUSY_S = 5.0


def take_deposit(
    scope: Scope,
    *,
    reservation_id: str,
    method: str,
    amount_minor: int | None = None,
    source: str | None = None,
    tendered_minor: int | None = None,
    payer_label: str | None = None,
    currency: str | None = None,
) -> Document:
    """Charge the deposit of a reservation and return the payment document: confirmed, failed or created (pending).

    amount_minor None: all that is missing. A booking that waited only for it becomes confirmed. Records the payment's
    events, then reservation.updated. Raises NotFound, InvalidTransition (409) for a reservation that is not expected any
    more, AmountExceedsDue, CurrencyMismatch, Invalid (422), ProcessorUnavailable (503, nothing written).
    """
    before = lock_reservation(scope, reservation_id=reservation_id)
    if before["status"] not in EXPECTED:
        data: dict[str, Any] = {"from": before["status"], "to": "paid", "allowed": []}
        raise InvalidTransition(f"A {before['status']} reservation takes no deposit.", **data)
    payment = deposits.take_deposit(
        scope, reservation_id=reservation_id, location_id=before["location_id"], currency=before["currency"],
        owed_minor=max(0, owed_minor(before) - before["deposit"]["pending_minor"]), given_currency=currency,
        method=method, amount_minor=amount_minor, source=source, tendered_minor=tendered_minor, payer_label=payer_label,
    )  # fmt: skip
    _take_notice(scope, before)
    return payment


def settle_deposit(scope: Scope, reservation_id: str) -> None:
    """Task: take notice of a deposit whose payment has ended, or of money given back."""
    if queries.try_lock.row(scope, reservation_id=reservation_id) is not None:
        _take_notice(scope, read_reservation(scope, reservation_id=reservation_id))
    elif queries.one.document(scope, reservation_id=reservation_id) is not None:
        # Waiting here could block whoever has the row and wants this task.
        set_task(scope, kind=SETTLED, object_id=reservation_id, delay_s=BUSY_S)


def unapplied_minor(scope: Scope, reservation: Document) -> int:
    """What a locked reservation's deposit is still worth, by its payments and orders at this moment."""
    columns = deposit_columns(scope, reservation_id=reservation["id"])
    left = columns["deposit_paid_minor"] - columns["deposit_refunded_minor"] - reservation["deposit"]["applied_minor"]
    return max(0, left)


def _take_notice(scope: Scope, before: Document) -> None:
    """Write down what the payments of a locked reservation amount to, and confirm it if it waited only for them."""
    known = {name: before["deposit"][name.removeprefix("deposit_")] for name in SUMS}
    columns = deposit_columns(scope, reservation_id=before["id"])
    left = columns["deposit_paid_minor"] - columns["deposit_refunded_minor"]
    is_complete = 0 < before["deposit"]["required_minor"] <= left
    is_waiting = before["status"] == "requested" and not before["is_on_request"]
    if columns != known:
        apply_change(scope, before=before, columns=columns, target="confirmed" if is_complete and is_waiting else None)
