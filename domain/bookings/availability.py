"""When a party could come: the times of one day from which a whole stay fits the dining hours, and the tables free then."""

from datetime import date
from datetime import time
from zoneinfo import ZoneInfo

from domain.bookings.errors import PartyTooLarge
from domain.bookings.floor import active_tables
from domain.bookings.floor import fitting_starts
from domain.bookings.floor import taken
from domain.bookings.hours import MINUTE_US
from domain.bookings.hours import on_grid
from domain.bookings.hours import sittings
from domain.bookings.hours import turn_minutes
from domain.bookings.seating import Busy
from domain.bookings.seating import Choice
from domain.bookings.seating import choices
from domain.bookings.seating import is_free
from domain.bookings.seating import most_seats
from domain.bookings.seating import parties_left
from domain.bookings.seating import seats
from domain.locations.service import get_location
from kit.clock import from_us
from kit.documents import Document
from kit.scope import Scope
from kit.unit import tenant_now_us

NEAR_MIN = 120  # either side of the time asked for
MOST_OPTIONS = 20
DAY_MIN = 24 * 60


def availability(
    scope: Scope,
    *,
    location_id: str,
    day: date,
    party_size: int,
    near: time | None = None,
    seat_kind: str | None = None,
    duration_minutes: int | None = None,
) -> Document:
    """The free times of a day: {location_id, date, party_size, duration_minutes, seat_kind, slots}.

    slots: [{start_at, table_options: [{table_ids, seats}], remaining}] every quarter of an hour, also those after midnight
    of a sitting that begins on the day, never in the past; remaining: how many such parties could be seated. near: only
    within two hours of that local time. Promises nothing: see holds. Raises NotFound, PartyTooLarge (422).
    """
    location = get_location(scope, location_id=location_id)
    minutes = duration_minutes or turn_minutes(location, party_size)
    tables = [
        table for table in active_tables(scope, location_id=location_id) if seat_kind is None or table.kind == seat_kind
    ]  # fmt: skip
    options = choices(tables, party_size=party_size)
    if not options:
        most = most_seats(tables)
        raise PartyTooLarge(f"No table here seats {party_size}.", party_size=party_size, seats=most)
    starts = _starts(scope, location, day, near, minutes)
    busy: Busy = {}
    if starts:
        busy = taken(scope, location_id=location_id, from_us=starts[0], to_us=starts[-1] + minutes * MINUTE_US)
    slots = [_slot(options, busy, start, start + minutes * MINUTE_US) for start in starts]
    return {
        "location_id": location_id, "date": day.isoformat(), "party_size": party_size, "duration_minutes": minutes,
        "seat_kind": seat_kind, "slots": [slot for slot in slots if slot["table_options"]],
    }  # fmt: skip


def _starts(scope: Scope, location: Document, day: date, near: time | None, minutes: int) -> list[int]:
    now_us, zone, stay_us = tenant_now_us(scope), ZoneInfo(location["time_zone"]), minutes * MINUTE_US
    starts = [
        start
        for opens, closes in sittings(location, day)
        for start in fitting_starts(location, from_us=max(opens, now_us), to_us=closes, stay_us=stay_us)
    ]
    if near is None:
        return starts
    wanted = near.hour * 60 + near.minute

    def distance(start_us: int) -> int:
        local = from_us(start_us).astimezone(zone)
        apart = abs(local.hour * 60 + local.minute - wanted)
        return min(apart, DAY_MIN - apart)

    return [start for start in starts if distance(start) <= NEAR_MIN]


def _slot(options: list[Choice], busy: Busy, start_us: int, end_us: int) -> Document:
    free = [choice for choice in options if is_free(choice, busy, *on_grid(start_us, end_us))]
    shown = [{"table_ids": [table.id for table in choice], "seats": seats(choice)} for choice in free[:MOST_OPTIONS]]
    return {"start_at": start_us, "table_options": shown, "remaining": parties_left(free)}
