"""Choosing tables and taking their time. The only place that writes reservation_slots.

Bookings of one location queue up on a lock, so what is read as free stays free; the key of reservation_slots refuses a
double booking even if somebody came past the lock.
"""

from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError

from domain.bookings import slot_queries
from domain.bookings.errors import PartyTooLarge
from domain.bookings.hold_rows import end_those_over
from domain.bookings.hours import DAY
from domain.bookings.hours import MINUTE_US
from domain.bookings.hours import QUARTER_US
from domain.bookings.hours import local_date
from domain.bookings.hours import on_grid
from domain.bookings.hours import sittings
from domain.bookings.hours import slots_between
from domain.bookings.models import ReservationSlot
from domain.bookings.seating import Busy
from domain.bookings.seating import Choice
from domain.bookings.seating import Table
from domain.bookings.seating import are_combinable
from domain.bookings.seating import choices
from domain.bookings.seating import first_free
from domain.bookings.seating import most_seats
from domain.bookings.seating import seats
from domain.bookings.seating import tables_of
from domain.locations.errors import TableUnavailable
from domain.locations.service import get_location
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now_us

SEARCHED_US = 4 * 60 * MINUTE_US  # how far from the wanted time alternatives are looked for
ALTERNATIVES = 3


def open_floor(scope: Scope, *, location_id: str) -> Document:
    """Wait for other bookings of the location, end its holds whose time is over, and return the location document.

    Raises Invalid (422, field location_id) for a location that does not exist.
    """
    if slot_queries.lock_floor.row(scope, location_id=location_id) is None:
        message = f"There is no location {location_id}."
        raise Invalid(message, errors=[FieldError("location_id", "resource_not_found", message)])
    end_those_over(scope, location_id=location_id)
    return get_location(scope, location_id=location_id)


def choose_tables(
    scope: Scope, *, location: Document, start_us: int, end_us: int, party_size: int, table_ids: tuple[str, ...] = (),
    preferred_kind: str | None = None, kept: tuple[str, ...] = (),
) -> list[str]:  # fmt: skip
    """The ids of tables that are free in [start, end): those named, or the best there are.

    kept: tables to stay at if they are free and suit. Trusts that the location's floor is open. Raises PartyTooLarge
    (422), TableUnavailable (409, with alternatives), Invalid (422) for tables that do not exist or may not be combined.
    """
    tables = active_tables(scope, location_id=location["id"])
    if table_ids:
        options = [named_tables(tables, table_ids, party_size)]
    else:
        options = choices(tables, party_size=party_size, preferred_kind=preferred_kind)
        stay = tuple(table for table in tables if table.id in kept)
        if stay and len(stay) == len(kept) and seats(stay) >= party_size:
            options.insert(0, stay)
    if not options:
        raise PartyTooLarge(
            f"No table here, and no pair of tables, seats {party_size}.", party_size=party_size, seats=most_seats(tables)
        )
    busy = taken(scope, location_id=location["id"], from_us=start_us - SEARCHED_US, to_us=end_us + SEARCHED_US)
    chosen = first_free(options, busy, *on_grid(start_us, end_us))
    if chosen is None:
        raise _unavailable(scope, location, options, busy, start_us, end_us)
    return [table.id for table in chosen]


def active_tables(scope: Scope, *, location_id: str) -> list[Table]:
    """The tables of a location that are in use."""
    rows = slot_queries.tables_of.documents(scope, location_id=location_id)
    return tables_of(row for row in rows if row["is_active"])


def named_tables(tables: list[Table], table_ids: tuple[str, ...], party_size: int) -> Choice:
    """The tables a caller names, when they exist, belong together and seat the party.

    Raises Invalid (422) and PartyTooLarge (422).
    """
    known = {table.id: table for table in tables}
    missing = [index for index, table_id in enumerate(table_ids) if table_id not in known]
    if missing:
        raise Invalid(errors=[
            FieldError(f"table_ids[{index}]", "resource_not_found", f"There is no table {table_ids[index]} in use here.")
            for index in missing
        ])  # fmt: skip
    chosen = tuple(known[table_id] for table_id in dict.fromkeys(table_ids))
    if not are_combinable(chosen):
        raise Invalid(errors=[FieldError("table_ids", "validation_failed", "These tables may not be combined.")])
    if seats(chosen) < party_size:
        message = f"The tables seat {seats(chosen)}, not {party_size}."
        raise PartyTooLarge(message, party_size=party_size, seats=seats(chosen))
    return chosen


def taken(scope: Scope, *, location_id: str, from_us: int, to_us: int) -> Busy:
    """When the tables of a location are taken within a window, by table id. Holds whose time is over do not count."""
    start, end = on_grid(from_us, to_us)
    busy: dict[str, list[tuple[int, int]]] = {}
    rows = slot_queries.taken.rows(scope, location_id=location_id, from_us=start, to_us=end, now=tenant_now_us(scope))
    for table_id, taken_from, taken_to in rows:
        busy.setdefault(table_id, []).append((taken_from, taken_to))
    return busy


def take(
    scope: Scope, *, table_ids: list[str], start_us: int, end_us: int, reservation_id: str | None = None,
    hold_id: str | None = None,
) -> None:  # fmt: skip
    """Take the time of tables for a reservation or a hold. Raises TableUnavailable (409) when any of it is taken."""
    rows = [
        ReservationSlot(table_id=table_id, slot_at=slot_at, reservation_id=reservation_id, hold_id=hold_id)
        for table_id in sorted(table_ids)
        for slot_at in slots_between(start_us, end_us)
    ]
    here = session(scope)
    try:
        with here.begin_nested():
            here.add_all(rows)
    except IntegrityError as error:
        raise TableUnavailable(conflict=None, alternatives=[]) from error
    for row in rows:
        here.expunge(row)  # the same time may be freed and taken again within this transaction


def release(scope: Scope, *, reservation_id: str) -> None:
    """Free the time a reservation has taken."""
    slot_queries.release_reservation.rows(scope, owner_id=reservation_id)


def fitting_starts(location: Document, *, from_us: int, to_us: int, stay_us: int) -> list[int]:
    """Every quarter of an hour in [from, to) from which a whole stay lies within the dining hours."""
    found: list[int] = []
    for opens, closes in _open_between(location, from_us, to_us):
        start = max(opens, from_us)
        found += range(start + -start % QUARTER_US, min(closes - stay_us + 1, to_us), QUARTER_US)
    return found


def _open_between(location: Document, from_us: int, to_us: int) -> list[tuple[int, int]]:
    """The dining hours that touch a window, those that meet made one (a house that never closes)."""
    first, last = (date.fromisoformat(local_date(location, instant)) for instant in (from_us, to_us))
    periods: list[tuple[int, int]] = []
    for index in range(-1, (last - first).days + 2):
        for opens, closes in sittings(location, first + DAY * index):
            if periods and opens <= periods[-1][1]:
                periods[-1] = (periods[-1][0], max(periods[-1][1], closes))
            else:
                periods.append((opens, closes))
    return periods


def _unavailable(
    scope: Scope, location: Document, options: list[Choice], busy: Busy, start_us: int, end_us: int
) -> TableUnavailable:
    stay_us, now_us = end_us - start_us, tenant_now_us(scope)
    starts = fitting_starts(location, from_us=start_us - SEARCHED_US, to_us=start_us + SEARCHED_US, stay_us=stay_us)
    alternatives: list[dict[str, Any]] = []
    for start in sorted(starts, key=lambda start: (abs(start - start_us), start)):
        free = first_free(options, busy, *on_grid(start, start + stay_us)) if start >= now_us else None
        if free is not None:
            alternatives.append({"start_at": start, "table_ids": [table.id for table in free]})
        if len(alternatives) == ALTERNATIVES:
            break
    return TableUnavailable(conflict=_conflict(options[0], busy, start_us, end_us), alternatives=alternatives)


def _conflict(wanted: Choice, busy: Busy, start_us: int, end_us: int) -> dict[str, Any]:
    start, end = on_grid(start_us, end_us)
    table_id, (taken_from, taken_to) = next(
        (table.id, period) for table in wanted for period in busy.get(table.id, ()) if start < period[1] and period[0] < end
    )
    return {"table_id": table_id, "start_at": taken_from, "end_at": taken_to}
