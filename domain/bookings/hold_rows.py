"""Reading, locking and ending one hold. The tables it keeps are freed in the same transaction.

A hold whose time is over blocks nothing, whether or not anybody has noticed: whoever looks for tables ends it first, and
its timer ends it otherwise. reservation.hold_expired is recorded by the one that does.
"""

from domain.bookings import slot_queries
from domain.bookings.events import HoldRanOut
from kit.documents import Document
from kit.errors import NotFound
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

EXPIRY = "hold.expire"  # the kind of its timer


def read_hold(scope: Scope, *, hold_id: str) -> Document:
    """Read one hold document: its columns. Raises NotFound."""
    return _found(slot_queries.hold.document(scope, hold_id=hold_id), hold_id)


def lock_hold(scope: Scope, *, hold_id: str) -> Document:
    """Hold the row until the transaction ends and read it. Raises NotFound."""
    return _found(slot_queries.lock_hold.document(scope, hold_id=hold_id), hold_id)


def is_alive(scope: Scope, hold: Document) -> bool:
    """Whether a hold still keeps its tables."""
    return bool(hold["status"] == "active" and hold["expires_at"] > tenant_now_us(scope))


def write_hold(
    scope: Scope, before: Document, *, status: str, expires_at: int | None = None, reservation_id: str | None = None
) -> Document:
    """Change a locked hold; one that is not active afterwards frees its tables. Returns the document."""
    slot_queries.change_hold.rows(
        scope, hold_id=before["id"], new_status=status, new_reservation_id=reservation_id,
        new_expires_at=before["expires_at"] if expires_at is None else expires_at,
        changed_at=max(tenant_now_us(scope), before["updated_at"]),
    )  # fmt: skip
    if status != "active":
        slot_queries.release_hold.rows(scope, owner_id=before["id"])
    return read_hold(scope, hold_id=before["id"])


def run_out(scope: Scope, before: Document) -> None:
    """End a locked hold whose time is over and record reservation.hold_expired."""
    after = write_hold(scope, before, status="expired")
    record(scope, HoldRanOut(object=after, previous={"status": "active"}, location_id=after["location_id"]))


def end_those_over(scope: Scope, *, location_id: str) -> None:
    """End every hold of a location whose time is over."""
    for row in slot_queries.holds_over.rows(scope, location_id=location_id, now=tenant_now_us(scope)):
        run_out(scope, read_hold(scope, hold_id=row[0]))


def _found(document: Document | None, hold_id: str) -> Document:
    if document is None:
        raise NotFound(f"There is no hold {hold_id}.")
    return document
