"""Reading, locking and writing one reservation: its row, tables and history. Judges nothing and frees no slots.

The document adds to the row: contact, tables and table_ids, deposit (what was asked for and what became of it), the status
history, refs, and is_late (confirmed, and the location's grace is over).
"""

from typing import Any

from domain.bookings import queries
from domain.bookings.hours import MINUTE_US
from domain.bookings.models import ReservationStatusChange
from domain.bookings.models import ReservationTable
from kit.documents import Document
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us


def read_reservation(scope: Scope, *, reservation_id: str) -> Document:
    """Read one reservation document. Raises NotFound."""
    return _found(scope, queries.one.document(scope, reservation_id=reservation_id), reservation_id)


def lock_reservation(scope: Scope, *, reservation_id: str) -> Document:
    """Hold the reservation's row until the transaction ends and read it after that. Raises NotFound.

    Two statements: PostgreSQL re-reads a row it waited for, but not the subqueries of the same statement.
    """
    if queries.lock.row(scope, reservation_id=reservation_id) is None:
        raise NotFound(f"There is no reservation {reservation_id}.")
    return read_reservation(scope, reservation_id=reservation_id)


def dressed(scope: Scope, document: Document) -> Document:
    """Complete a document as it comes from the database."""
    document["party"]["total"] = document["party_size"]
    document["table_ids"] = [table["id"] for table in document["tables"]]
    document["deposit"]["status"] = deposit_status(document)
    late_from = document["start_at"] + document.pop("no_show_grace_min") * MINUTE_US
    document["is_late"] = document["status"] == "confirmed" and tenant_now_us(scope) > late_from
    return document


def deposit_status(document: Document) -> str:
    """none, unpaid, pending (the payer has to confirm), paid, applied (to a bill), refunded or kept."""
    deposit = document["deposit"]
    if deposit["paid_minor"] == 0 or (owed_minor(document) and not deposit["refunded_minor"]):
        if deposit["required_minor"] == 0:
            return "none"
        return "pending" if deposit["pending_minor"] else "unpaid"
    if deposit["refunded_minor"] == deposit["paid_minor"]:
        return "refunded"
    if deposit["applied_minor"]:
        return "applied"
    return "kept" if document["status"] in ("cancelled", "rejected", "no_show") else "paid"


def owed_minor(document: Document) -> int:
    """What is missing of the required deposit."""
    deposit = document["deposit"]
    return max(0, deposit["required_minor"] - deposit["paid_minor"] + deposit["refunded_minor"])


def deposit_columns(scope: Scope, *, reservation_id: str) -> dict[str, int]:
    """The columns that say what the payments of a reservation amount to at this moment."""
    sums = queries.deposit_sums.row(scope, reservation_id=reservation_id) or (0, 0, 0)
    names = ("deposit_paid_minor", "deposit_refunded_minor", "deposit_pending_minor")
    return {name: int(amount) for name, amount in zip(names, sums, strict=True)}


def write_row(scope: Scope, before: Document, columns: dict[str, Any]) -> int:
    """Update the row; returns the time of change, never behind the history (a sandbox clock can be set back)."""
    at: int = max(tenant_now_us(scope), before["updated_at"], before["status_history"][-1]["at"])
    values = queries.parameters(columns, "new_")
    queries.change.rows(scope, tuple(columns), reservation_id=before["id"], changed_at=at, **values)
    return at


def put_at_tables(scope: Scope, *, reservation_id: str, table_ids: list[str]) -> None:
    """Say which tables a reservation has, instead of those it had."""
    queries.leave_tables.rows(scope, reservation_id=reservation_id)
    append(scope, ReservationTable, [
        {"id": new_id("rtb"), "reservation_id": reservation_id, "table_id": table_id, "position": position}
        for position, table_id in enumerate(table_ids)
    ])  # fmt: skip


def add_to_history(
    scope: Scope, *, reservation_id: str, position: int, status: str, at: int, reason: str | None = None
) -> None:
    """Write the next entry of the status history."""
    append(scope, ReservationStatusChange, [{
        "id": new_id("rsc"), "reservation_id": reservation_id, "position": position, "status": status, "at": at,
        "actor_type": scope.actor.type, "actor_id": scope.actor.id, "reason": reason,
    }])  # fmt: skip


def _found(scope: Scope, document: Document | None, reservation_id: str) -> Document:
    if document is None:
        raise NotFound(f"There is no reservation {reservation_id}.")
    return dressed(scope, document)
