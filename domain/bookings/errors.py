"""Refusals of bookings."""

from kit.errors import Gone
from kit.errors import Invalid


class OutsideOpeningHours(Invalid):
    """Data: location_id, start_at."""

    code, title = "outside_opening_hours", "The location is closed at that time"


class PartyTooLarge(Invalid):
    """Data: party_size, seats (the most that the tables hold)."""

    code, title = "party_too_large", "The party does not fit the tables"


class NonexistentLocalTime(Invalid):
    """The clocks are put forward over that local time. Data: time_zone."""

    code, title = "nonexistent_local_time", "That local time does not exist"


class HoldExpired(Gone):
    """The hold has run out, was released or has been used. Data: hold_id, hold_status."""

    code, title = "hold_expired", "The hold no longer keeps its tables"
