"""The reservations of the minimal world: one at the table now, one tonight, two tomorrow of which one has paid a deposit.

Times follow the tenant's clock. All of them are at the two tables that the world's orders do not use.
"""

from dataclasses import dataclass
from typing import Any

from domain.bookings.booking import expect_no_show
from domain.bookings.hours import local_date
from domain.bookings.hours import slots_between
from domain.bookings.hours import turn_minutes
from domain.bookings.models import Reservation
from domain.bookings.models import ReservationSlot
from domain.bookings.models import ReservationStatusChange
from domain.bookings.models import ReservationTable
from domain.payments.models import Payment
from kit.documents import Document
from kit.documents import append
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.seeds import MINUTE_US
from sandbox.worlds.seeds import Seeds

GRID_US = 30 * MINUTE_US  # bookings start on the half hour
BOOKED_US = 2 * DAY_US  # before now
HOUSE = ("staff", "usr_waw_anka")


@dataclass(frozen=True, kw_only=True)
class Booking:
    """One reservation. start_us: from now, rounded down to the half hour."""

    id: str
    guest_id: str
    contact: tuple[str, str | None, str | None]  # name, phone, e-mail
    table_id: str
    party: int
    start_us: int
    statuses: tuple[str, ...]
    source: str = "website"
    request: str | None = None
    deposit_minor: int = 0


BOOKINGS = (
    Booking(
        id="res_waw_1", guest_id="cus_piotr", contact=("Piotr Zieliński", "+48601234567", "piotr@example.com"),
        table_id="tbl_waw_3", party=5, start_us=0, statuses=("confirmed", "arrived", "seated"), source="phone",
    ),
    Booking(
        id="res_waw_2", guest_id="cus_anna", contact=("Anna Nowak", "+48221234567", "anna.nowak@example.com"),
        table_id="tbl_waw_4", party=2, start_us=6 * HOUR_US, statuses=("confirmed",), request="By the window, please",
    ),
    Booking(
        id="res_waw_3", guest_id="cus_jonas", contact=("Jonas Kazlauskas", "+37061234345", None), table_id="tbl_waw_3",
        party=6, start_us=DAY_US + 6 * HOUR_US, statuses=("requested", "confirmed"), source="app", deposit_minor=6000,
    ),
    Booking(
        id="res_waw_4", guest_id="cus_hanako", contact=("田中 花子", None, "hanako@example.jp"), table_id="tbl_waw_4",
        party=3, start_us=DAY_US + 7 * HOUR_US, statuses=("requested",),
    ),
)  # fmt: skip
RESERVATION_IDS = tuple(booking.id for booking in BOOKINGS)
DEPOSIT_PAYMENT_ID = "pay_waw_deposit"


def build_bookings(scope: Scope, *, seeds: Seeds, location: Document, now_us: int) -> None:
    """Write every reservation with its table, slots, history and deposit, and the timers the service would set."""
    rows = [_row(booking, location, now_us) for booking in BOOKINGS]
    append(scope, Reservation, rows)
    append(scope, ReservationTable, [
        {"id": seeds.id("rtb"), "reservation_id": booking.id, "table_id": booking.table_id, "position": 0}
        for booking in BOOKINGS
    ])  # fmt: skip
    append(scope, ReservationSlot, [
        {"table_id": booking.table_id, "slot_at": slot_us, "reservation_id": booking.id}
        for booking, row in zip(BOOKINGS, rows, strict=True)
        for slot_us in slots_between(row["start_at"], row["end_at"])
    ])  # fmt: skip
    append(scope, ReservationStatusChange, [change for booking in BOOKINGS for change in _changes(booking, seeds, now_us)])
    append(scope, Payment, [_deposit(booking, seeds, now_us) for booking in BOOKINGS if booking.deposit_minor])
    for row in rows:
        expect_no_show(scope, reservation_id=row["id"], status=row["status"], start_us=row["start_at"])


def _row(booking: Booking, location: Document, now_us: int) -> dict[str, Any]:
    start_us = now_us + booking.start_us
    start_us -= start_us % GRID_US
    minutes = turn_minutes(location, booking.party)
    name, phone, email = booking.contact
    moves = len(booking.statuses) - 1
    return {
        "id": booking.id, "ref": booking.id.replace("_", "-").upper(), "source": booking.source,
        "location_id": location["id"], "customer_id": booking.guest_id, "contact_name": name, "contact_phone": phone,
        "contact_email": email, "start_at": start_us, "end_at": start_us + minutes * MINUTE_US, "duration_minutes": minutes,
        "local_date": local_date(location, start_us), "party_size": booking.party,
        "party": {"adult": booking.party, "senior": 0, "child": 0, "baby": 0}, "status": booking.statuses[-1],
        "special_request": booking.request, "currency": location["currency"],
        "deposit_required_minor": booking.deposit_minor, "deposit_paid_minor": booking.deposit_minor,
        "deposit_refund_ends_at": start_us - DAY_US // 2 if booking.deposit_minor else None,
        "is_on_request": booking.statuses == ("requested",), "version": 1 + moves,
        "created_at": now_us - BOOKED_US, "updated_at": _at(booking, moves, now_us),
    }  # fmt: skip


def _at(booking: Booking, position: int, now_us: int) -> int:
    """When a status was reached: the first at the booking, those of a visit around its start, else an hour later."""
    if position == 0:
        return now_us - BOOKED_US
    if booking.statuses[-1] == "seated":
        return now_us - (10 - position) * MINUTE_US
    return now_us - BOOKED_US + HOUR_US


def _changes(booking: Booking, seeds: Seeds, now_us: int) -> list[dict[str, Any]]:
    actors = (("guest", booking.guest_id), HOUSE)
    return [
        {
            "id": seeds.id("rsc"), "reservation_id": booking.id, "position": position, "status": status,
            "at": _at(booking, position, now_us), "actor_type": actors[position > 0][0], "actor_id": actors[position > 0][1],
        }
        for position, status in enumerate(booking.statuses)
    ]  # fmt: skip


def _deposit(booking: Booking, seeds: Seeds, now_us: int) -> dict[str, Any]:
    at = now_us - BOOKED_US + HOUR_US
    return {
        "id": DEPOSIT_PAYMENT_ID, "reservation_id": booking.id, "purpose": "deposit", "method": "card", "currency": "PLN",
        "amount_minor": booking.deposit_minor, "status": "confirmed", "provider_ref": seeds.id("prv"),
        "created_at": at, "updated_at": at,
    }  # fmt: skip
