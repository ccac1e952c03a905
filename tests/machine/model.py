"""What a restaurant is, as plainly as it can be said: dictionaries and lists, whole minor units, no database.

Written from the rules alone. It shares no code with the application, so that the two can be held against each other.
"""

from dataclasses import dataclass
from dataclasses import field

PRICES = {"soup": 1500, "steak": 4000}  # soup is counted, steak is not
SEATS = {"A": 2, "B": 4, "C": 6}
MOST_SEATS = max(SEATS.values())
STARTS = 8  # a half hour apart
STAY = 2  # half hours

ORDER_MOVES = {
    "scheduled": {"pending", "cancelled"},
    "pending": {"accepted", "rejected", "cancelled", "failed"},
    "accepted": {"preparing", "ready", "completed", "cancelled", "failed"},
    "preparing": {"ready", "completed", "cancelled", "failed"},
    "ready": {"picked_up", "completed", "cancelled", "failed"},
    "picked_up": {"completed", "failed"},
    "completed": set(), "rejected": set(), "cancelled": set(), "failed": set(),
}  # fmt: skip
ORDER_ENDS = {"rejected", "cancelled", "failed"}
AMENDABLE = {"pending", "accepted", "preparing"}
HOLDS_NO_STOCK = {"scheduled", *ORDER_ENDS}

BOOKING_MOVES = {
    "requested": {"confirmed", "rejected", "cancelled"},
    "confirmed": {"arrived", "seated", "cancelled", "no_show", "requested"},
    "arrived": {"seated", "cancelled", "no_show"},
    "seated": {"completed"},
    "no_show": {"arrived", "seated"},
    "completed": set(), "cancelled": set(), "rejected": set(),
}  # fmt: skip
BLOCKING = {"requested", "confirmed", "arrived", "seated"}
BOOKING_ENDS = {
    "cancelled": "reservation.cancelled", "rejected": "reservation.cancelled", "completed": "reservation.completed",
    "no_show": "reservation.no_show",
}  # fmt: skip


@dataclass
class Line:
    id: str
    item: str
    quantity: int
    is_active: bool = True


@dataclass
class Payment:
    """left: what can still be given back of it."""

    id: str
    order: "Order"
    amount: int
    tip: int
    status: str
    left: int = 0


@dataclass
class Order:
    id: str
    lines: list[Line]
    status: str
    tip: int = 0
    paid: int = 0
    refunded: int = 0
    due: int = 0
    payments: list[Payment] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.tip + sum(PRICES[line.item] * line.quantity for line in self.lines if line.is_active)

    def soups(self) -> int:
        """Portions the order has taken off the stock."""
        if self.status in HOLDS_NO_STOCK:
            return 0
        return sum(line.quantity for line in self.lines if line.is_active and line.item == "soup")

    def wanted_soups(self) -> int:
        return sum(line.quantity for line in self.lines if line.is_active and line.item == "soup")

    def payment_status(self) -> str:
        if self.refunded:
            return "refunded" if self.refunded == self.paid else "partially_refunded"
        if self.due == 0:
            return "paid"
        return "partially_paid" if self.paid else "unpaid"


@dataclass
class Shelf:
    """The soup: how many portions there are, and why it is not sold (None: it is)."""

    stock: int
    off: str | None = None  # manual | stock

    def has(self, portions: int) -> bool:
        return not portions or (self.off is None and portions <= self.stock)

    def take(self, portions: int) -> list[str]:
        """Take portions (fewer than none: put back); returns the events this has."""
        before, self.stock = self.off, self.stock - portions
        if portions > 0 and self.stock == 0 and self.off is None:
            self.off = "stock"
        elif portions < 0 and self.off == "stock":
            self.off = None
        return [] if before == self.off else ["menu.item.unavailable" if self.off else "menu.item.available"]


@dataclass
class Booking:
    """A reservation, or (status held) a hold. start counts half hours."""

    id: str
    table: str
    start: int
    party: int
    status: str

    def is_in_the_way_at(self, start: int) -> bool:
        return self.status in (*BLOCKING, "held") and start < self.start + STAY and self.start < start + STAY


@dataclass
class Floor:
    bookings: list[Booking] = field(default_factory=list)

    def free(self, start: int, *, but: Booking | None = None) -> set[str]:
        """The tables nobody else has at any moment of a stay."""
        return set(SEATS) - {one.table for one in self.bookings if one is not but and one.is_in_the_way_at(start)}

    def table_for(self, start: int, party: int, *, wanted: str | None = None, stays: Booking | None = None) -> str | None:
        """The table wanted; else the one a party has, if it suits; else the smallest that does. None: nothing is free."""
        free = {name for name in self.free(start, but=stays) if SEATS[name] >= party}
        if wanted is not None:
            return wanted if wanted in free else None
        if stays is not None and stays.table in free:
            return stays.table
        return min(free, key=SEATS.__getitem__, default=None)
