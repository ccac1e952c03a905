"""Restaurants that take bookings, and drafts of bookings. Rows are written inside an open unit of work."""

from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from typing import Any

from domain.bookings.drafts import Party
from domain.bookings.drafts import ReservationDraft
from domain.bookings.service import book
from kit.scope import Scope
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location
from tests.factories.locations import create_opening_hour
from tests.factories.locations import create_table

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)  # a Monday; 13:00 in Warsaw
EVENING = datetime(2026, 1, 12, 18, tzinfo=UTC)  # 19:00 in Warsaw
TURNS = {"1-2": 90, "3-4": 105, "5-6": 120, "7+": 150}


@dataclass(frozen=True)
class House:
    """A location and its tables by name."""

    location_id: str
    tables: dict[str, str]


def create_house(scope: Scope, *, tables: dict[str, dict[str, Any]] | None = None, **location: Any) -> House:
    """A Warsaw house open from 12:00 to 23:00 with a clock at noon UTC; by default one table T1 for up to four."""
    freeze_clock(scope, NOON)
    location_id = create_location(scope, turn_minutes=TURNS, **location)
    for weekday in range(7):
        create_opening_hour(scope, location_id=location_id, weekday=weekday, opens="12:00", closes="23:00")
    rows = {"T1": {}} if tables is None else tables
    made = {name: create_table(scope, location_id=location_id, name=name, **row) for name, row in rows.items()}
    return House(location_id, made)


def build_booking(location_id: str, *, party_size: int = 2, **changes: Any) -> ReservationDraft:
    """Two guests at 19:00 in Warsaw."""
    draft = ReservationDraft(
        source="api", location_id=location_id, start=EVENING, party=Party(adult=party_size),
        contact={"name": "Jane Doe", "phone": "+370 600 12345"},
    )  # fmt: skip
    return replace(draft, **changes)


def create_reservation(scope: Scope, location_id: str, **changes: Any) -> str:
    """A booking taken through the service, with its event; returns the id."""
    return str(book(scope, draft=build_booking(location_id, **changes)).document["id"])
