"""Bookings: the door other capabilities and the edges use. Taking, changing, holding and waiting live in their own modules.

Owns nothing itself but reading. A document is what every function returns; see rows.py for its keys.
"""

from typing import Any

from domain.bookings import queries
from domain.bookings.arrivals import advance_reservation
from domain.bookings.arrivals import call_no_show
from domain.bookings.availability import availability
from domain.bookings.booking import Booked
from domain.bookings.booking import book
from domain.bookings.changes import change_reservation
from domain.bookings.deposits import settle_deposit
from domain.bookings.deposits import take_deposit
from domain.bookings.drafts import UNSET
from domain.bookings.drafts import Party
from domain.bookings.drafts import ReservationDraft
from domain.bookings.holds import expire_hold
from domain.bookings.holds import get_hold
from domain.bookings.holds import hold_tables
from domain.bookings.holds import release_hold
from domain.bookings.holds import renew_hold
from domain.bookings.rows import dressed
from domain.bookings.rows import read_reservation
from domain.bookings.waitlist import call_waiting
from domain.bookings.waitlist import get_waiting
from domain.bookings.waitlist import join_waitlist
from domain.bookings.waitlist import list_waitlist
from domain.bookings.waitlist import remove_waiting
from domain.bookings.waitlist import seat_waiting
from kit.documents import Document
from kit.scope import Scope


def get_reservation(scope: Scope, *, reservation_id: str) -> Document:
    """Read one reservation with its tables, deposit and status history. Raises NotFound."""
    return read_reservation(scope, reservation_id=reservation_id)


def list_reservations(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    sort: str = "-created_at",
    status: tuple[str, ...] = (),
    location_id: str | None = None,
    customer_id: str | None = None,
    table_id: str | None = None,
    external_id: str | None = None,
    source: str | None = None,
    local_date: str | None = None,
    from_us: int | None = None,
    to_us: int | None = None,
    updated_since_us: int | None = None,
    ref: str | None = None,
) -> list[Document]:
    """List up to limit + 1 reservations.

    sort: -created_at, created_at, start_at, -start_at or updated_at; `after` is [that instant in microseconds, id] of the
    last row before. from_us <= start_at < to_us; local_date (YYYY-MM-DD) is that of the location. Raises KeyError for
    another sort.
    """
    wanted = {
        "location_id": location_id, "customer_id": customer_id, "table_id": table_id, "external_id": external_id,
        "source": source, "local_date": local_date, "from_us": from_us, "to_us": to_us,
        "updated_since_us": updated_since_us, "ref": ref,
    }  # fmt: skip
    filters = {name: value for name, value in wanted.items() if value is not None}
    statuses = {f"is_status_{index}": value for index, value in enumerate(status)}
    after_us, after_id = after or (None, None)
    rows = queries.listed.documents(
        scope, tuple(filters), len(status), sort, after is not None,
        **filters, **statuses, after_us=after_us, after_id=after_id, rows=limit + 1,
    )  # fmt: skip
    return [dressed(scope, row) for row in rows]


__all__ = [
    "UNSET", "Booked", "Party", "ReservationDraft", "advance_reservation", "availability", "book", "call_no_show",
    "call_waiting", "change_reservation", "expire_hold", "get_hold", "get_reservation", "get_waiting", "hold_tables",
    "join_waitlist", "list_reservations", "list_waitlist", "release_hold", "remove_waiting", "renew_hold", "seat_waiting",
    "settle_deposit", "take_deposit",
]  # fmt: skip
