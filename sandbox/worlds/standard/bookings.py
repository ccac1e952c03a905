"""Fourteen hundred reservations: past visits, tonight's guests at their tables, and the next thirty days.

Whoever still needs a table has its slots; visits that are over have freed theirs, and yet no table was ever taken twice.
"""

from dataclasses import dataclass
from dataclasses import field
from random import Random

from domain.bookings.booking import expect_no_show
from domain.bookings.hours import local_date
from domain.bookings.hours import on_grid
from domain.bookings.hours import slots_between
from domain.bookings.hours import turn_minutes
from domain.bookings.machine import BLOCKING
from domain.bookings.machine import CANCEL_REASONS
from domain.bookings.models import Reservation
from domain.bookings.models import ReservationSlot
from domain.bookings.models import ReservationStatusChange
from domain.bookings.models import ReservationTable
from domain.bookings.policy import refund_ends_at
from domain.bookings.seating import Choice
from domain.bookings.seating import choices
from domain.bookings.seating import first_free
from domain.payments.models import Payment
from domain.payments.models import Refund
from kit.documents import append
from kit.ids import CROCKFORD
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.seeds import MINUTE_US
from sandbox.worlds.seeds import Seeds
from sandbox.worlds.standard.floor import DEPOSIT_CENTS
from sandbox.worlds.standard.floor import location_document
from sandbox.worlds.standard.floor import tables_of
from sandbox.worlds.standard.guests import Known
from sandbox.worlds.standard.guests import known_guests
from sandbox.worlds.standard.hours import Calendar
from sandbox.worlds.standard.hours import clock_changes
from sandbox.worlds.standard.hours import local_instant
from sandbox.worlds.standard.money import local_minor
from sandbox.worlds.standard.places import PLACES
from sandbox.worlds.standard.places import Place
from sandbox.worlds.standard.setting import Row
from sandbox.worlds.standard.setting import Setting
from sandbox.worlds.standard.setting import dealt
from sandbox.worlds.standard.setting import weighted

STATUSES = {"completed": 940, "confirmed": 196, "cancelled": 126, "no_show": 56, "requested": 28, "rejected": 15}
SEATED_AGO = (25, 55, 80)  # minutes; the parties at the tables of each place now
PAID, REFUNDED, FAILED = 168, 28, 14
PARTIES = {1: 6, 2: 44, 3: 12, 4: 20, 5: 5, 6: 6, 7: 2, 8: 3, 9: 1, 10: 1}
SOURCES = {"website": 40, "phone": 22, "app": 16, "walk_in": 8, "api": 6, "marketplace": 5, "crm": 3}
REQUESTS = ("Window seat, please", "Birthday cake at ten", "Step-free access", "High chair", "Quiet corner", "Allergic to nuts")
DEPOSIT_PARTIES = {6: 5, 7: 2, 8: 3}
BANQUET, BANQUET_SHARE = 20, 0.04
LATE, LATE_MINUTE = "lon", 23 * 60 + 15  # a table across midnight, where the place closes at two


@dataclass(slots=True)
class Booking:
    """A drawn reservation. deposit: paid, refunded, failed or None. wish: when it has to be, else it is drawn."""

    status: str
    deposit: str | None = None
    wish: int | None = None
    party: int = 0
    start: int = 0
    minutes: int = 0
    tables: Choice = ()
    guest: Known | None = None
    id: str = ""
    deposit_minor: int = 0

    @property
    def end(self) -> int:
        """The instant the table is free again."""
        return self.start + self.minutes * MINUTE_US


@dataclass(slots=True)
class Ledger:
    """Rows by table, to be written together."""

    rows: dict[type, list[Row]] = field(default_factory=dict)

    def add(self, model: type, row: Row) -> None:
        self.rows.setdefault(model, []).append(row)

    def write(self, scope: Scope) -> None:
        """Write everything, in the order in which the tables were first named."""
        for model, rows in self.rows.items():
            append(scope, model, rows)


def bookings_of(setting: Setting, place: Place) -> list[Booking]:
    """The reservations of one place, with their tables. The same in every call."""
    seeds = setting.seeds(f"bookings:{place.key}")
    calendar = Calendar(setting, place, seeds.choices)
    mine = _deck(setting)[PLACES.index(place) :: len(PLACES)]
    on_grid_now = setting.now_us - setting.now_us % (5 * MINUTE_US)
    seated = [Booking("seated", wish=on_grid_now - minutes * MINUTE_US) for minutes in SEATED_AGO]
    follow = [one for one in mine if one.status == "confirmed" and one.deposit is None][:1]
    for one in follow:  # the next party has the table of the first one seated
        one.wish = _end_of(seated[0], place)
    _place_wishes(setting, place, mine)
    busy: dict[str, list[tuple[int, int]]] = {}
    ordered = [*seated, *follow, *(one for one in mine if one not in follow)]
    for one in ordered:
        _seat(seeds, setting, place, calendar, one, busy)
    return ordered


def write_bookings(scope: Scope, setting: Setting, place: Place) -> None:
    """Write the reservations of one place with tables, slots, history, deposits and timers."""
    seeds, ledger = setting.seeds(f"bookings:{place.key}:rows"), Ledger()
    bookings = bookings_of(setting, place)
    for booking in bookings:
        _add(ledger, seeds, setting, place, booking)
    ledger.write(scope)
    for booking in bookings:
        expect_no_show(scope, reservation_id=booking.id, status=booking.status, start_us=booking.start)


def _deck(setting: Setting) -> list[Booking]:
    """Every reservation of the world except for those seated now, before it has a place."""
    draw = setting.seeds("bookings:deck").choices
    deck = [Booking(status) for status in dealt(draw, STATUSES)]
    for deposit, status, count in (
        ("paid", "completed", PAID - 40), ("paid", "confirmed", 30), ("paid", "no_show", 10), ("refunded", "cancelled", REFUNDED),
        ("failed", "requested", FAILED),
    ):  # fmt: skip
        for one in draw.sample([one for one in deck if one.status == status], count):
            one.deposit = deposit
    return deck


def _place_wishes(setting: Setting, place: Place, mine: list[Booking]) -> None:
    """Put some past visits where something is special: a night the clocks change, across midnight."""
    plain = [one for one in mine if one.status == "completed" and one.deposit is None]
    wishes = [instant - 45 * MINUTE_US for instant in clock_changes(setting, place) if instant < setting.now_us - DAY_US]
    if place.key == LATE:
        wishes.append(local_instant(setting, place, days=-9, minute=LATE_MINUTE))
    for one, wish in zip(plain, wishes, strict=False):
        one.wish = wish


def _end_of(seated: Booking, place: Place) -> int:
    return (seated.wish or 0) + turn_minutes(location_document(place), 2) * MINUTE_US


def _seat(
    seeds: Seeds, setting: Setting, place: Place, calendar: Calendar, one: Booking, busy: dict[str, list[tuple[int, int]]]
) -> None:
    """Draw time, party and guest until there is a free table for them."""
    draw, location = seeds.choices, location_document(place)
    one.id, one.guest = seeds.id("res"), draw.choice(known_guests(setting)) if draw.random() < 0.9 else None
    while True:
        one.party = 2 if one.wish is not None else _party(draw, place, one)
        one.start = one.wish if one.wish is not None else _start(setting, calendar, draw, one)
        one.minutes = turn_minutes(location, one.party)
        one.tables = first_free(_options(place, one.party), busy, *on_grid(one.start, one.end)) or ()
        if one.tables:
            break
    if one.status not in ("cancelled", "rejected"):
        for table in one.tables:
            busy.setdefault(table.id, []).append(on_grid(one.start, one.end))
    if one.deposit is not None:
        one.deposit_minor = local_minor(place, DEPOSIT_CENTS) * one.party


def _options(place: Place, party: int) -> list[Choice]:
    return choices(tables_of(place), party_size=party)


def _party(draw: Random, place: Place, one: Booking) -> int:
    if one.deposit is not None:
        return weighted(draw, DEPOSIT_PARTIES)
    return BANQUET if place.has_banquets and draw.random() < BANQUET_SHARE else weighted(draw, PARTIES)


def _start(setting: Setting, calendar: Calendar, draw: Random, one: Booking) -> int:
    is_future = one.status in ("confirmed", "requested") or (one.status == "cancelled" and draw.random() < 0.3)
    return calendar.future() if is_future else calendar.quarter(calendar.past())


def _add(ledger: Ledger, seeds: Seeds, setting: Setting, place: Place, one: Booking) -> None:
    draw = seeds.choices
    created = min(one.start - draw.randint(3, 14) * DAY_US + draw.randint(0, 20) * HOUR_US, setting.now_us - 4 * HOUR_US)
    history = _history(one, setting, created, draw)
    guest = one.guest
    row: Row = {
        "id": one.id, "ref": "".join(draw.choices(CROCKFORD, k=10)), "source": weighted(draw, SOURCES),
        "location_id": place.id, "customer_id": guest.id if guest else None, "contact_name": guest.name if guest else "Walk-in",
        "contact_phone": guest.phone if guest else None, "contact_email": guest.email if guest else None,
        "start_at": one.start, "end_at": one.end, "duration_minutes": one.minutes,
        "local_date": local_date(location_document(place), one.start), "party_size": one.party, "party": _shares(one.party),
        "status": one.status, "seat_kind": None, "special_request": draw.choice(REQUESTS) if draw.random() < 0.15 else None,
        "currency": place.currency, "deposit_required_minor": one.deposit_minor,
        "deposit_refund_ends_at": refund_ends_at(location_document(place), one.start) if one.deposit_minor else None,
        "is_on_request": one.status in ("requested", "rejected") and one.deposit is None, "cancel": _cancel(one, draw),
        "created_at": created, "updated_at": history[-1][1], "version": len(history) + (one.deposit is not None),
    }  # fmt: skip
    if one.deposit in ("paid", "refunded"):
        row["deposit_paid_minor"] = one.deposit_minor
    if one.deposit == "refunded":
        row["deposit_refunded_minor"] = one.deposit_minor
    ledger.add(Reservation, row)
    for position, table in enumerate(one.tables):
        ledger.add(ReservationTable, {
            "id": seeds.id("rtb"), "reservation_id": one.id, "table_id": table.id, "position": position,
        })  # fmt: skip
        for slot_at in slots_between(one.start, one.end) if one.status in BLOCKING else ():
            ledger.add(ReservationSlot, {"table_id": table.id, "slot_at": slot_at, "reservation_id": one.id})
    for position, (status, at, reason) in enumerate(history):
        ledger.add(ReservationStatusChange, {
            "id": seeds.id("rsc"), "reservation_id": one.id, "position": position, "status": status, "at": at,
            "actor_type": "guest" if position == 0 else "staff", "actor_id": guest.id if guest else f"usr_{place.key}_host",
            "reason": reason,
        })  # fmt: skip
    if one.deposit is not None:
        _add_deposit(ledger, seeds, place, one, created, history[-1][1])


def _history(one: Booking, setting: Setting, created: int, draw: Random) -> list[tuple[str, int, str | None]]:
    first = "requested" if one.deposit is not None or one.status in ("requested", "rejected") else "confirmed"
    steps: list[tuple[str, int, str | None]] = [(first, created, None)]
    if first == "requested" and one.status not in ("requested", "rejected"):
        steps.append(("confirmed", created + 2 * MINUTE_US, None))
    late = draw.randint(0, 12) * MINUTE_US
    if one.status in ("seated", "completed"):
        steps += [("arrived", one.start + late - MINUTE_US, None), ("seated", one.start + late, None)]
    if one.status == "completed":
        steps.append(("completed", max(one.start + late, one.end - draw.randint(0, 20) * MINUTE_US), None))
    elif one.status == "no_show":
        steps.append(("no_show", one.start + HOUR_US, None))
    elif one.status in ("cancelled", "rejected"):
        at = max(created + 10 * MINUTE_US, min(one.start - 26 * HOUR_US, setting.now_us - HOUR_US))
        steps.append((one.status, at, "guest_request" if one.status == "cancelled" else "overbooked"))
    return steps


def _cancel(one: Booking, draw: Random) -> Row | None:
    if one.status == "cancelled":
        return {"reason_type": draw.choice(CANCEL_REASONS), "reason": None, "by_customer": True}
    return {"reason_type": "overbooked", "reason": None, "by_customer": False} if one.status == "rejected" else None


def _add_deposit(ledger: Ledger, seeds: Seeds, place: Place, one: Booking, created: int, ended: int) -> None:
    payment_id = seeds.id("pay")
    is_refunded, is_failed = one.deposit == "refunded", one.deposit == "failed"
    ledger.add(Payment, {
        "id": payment_id, "reservation_id": one.id, "purpose": "deposit", "method": "card", "currency": place.currency,
        "amount_minor": one.deposit_minor, "refunded_minor": one.deposit_minor if is_refunded else 0,
        "status": "failed" if is_failed else "refunded" if is_refunded else "confirmed",
        "decline_code": "insufficient_funds" if is_failed else None, "provider_ref": seeds.id("sim"),
        "created_at": created + MINUTE_US, "updated_at": ended if is_refunded else created + MINUTE_US,
        "version": 3 if is_refunded else 2,
    })  # fmt: skip
    if is_refunded:
        ledger.add(Refund, {
            "id": seeds.id("rfd"), "payment_id": payment_id, "currency": place.currency, "amount_minor": one.deposit_minor,
            "reason": "customer_request", "status": "succeeded", "created_at": ended, "updated_at": ended,
        })  # fmt: skip


def _shares(party: int) -> Row:
    children = party // 4
    return {"adult": party - children, "senior": 0, "child": children, "baby": 0}
