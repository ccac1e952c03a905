"""Scenarios of time: the nights when the clocks change, and several guests who want one table at one moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from datetime import datetime
from datetime import timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

from domain.bookings.availability import availability
from domain.bookings.service import Party
from domain.bookings.service import ReservationDraft
from domain.bookings.service import book
from domain.locations.errors import TableUnavailable
from kit.clock import from_us
from kit.documents import Document
from kit.errors import Invalid
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import tenant_now
from kit.unit import unit_of_work
from sandbox.attempts import attempt
from sandbox.scenarios.scene import Scene

LOOK_AHEAD_DAYS = 400
HALF_HOUR = timedelta(minutes=30)
STAY_MIN = 120
RIVALS = 6
RACE_IN_DAYS = range(2, 30)
PARTY = 2


def dst_night(scene: Scene) -> None:
    """A table and an order across each of the next two changes of the clocks, and a time that does not exist.

    Raises Invalid (422) where the clocks never change.
    """
    zone = ZoneInfo(scene.location["time_zone"])
    changes = clock_changes(zone, tenant_now(scene.scope))
    if not changes:
        raise Invalid(f"The clocks of {scene.location['time_zone']} do not change; choose another location.")
    for at in changes[:2]:
        local = at.astimezone(zone)
        shift = _offset(zone, at) - _offset(zone, at - timedelta(minutes=1))
        word = "forward" if shift > timedelta(0) else "back"
        scene.tell(f"On {local:%Y-%m-%d} the clocks go {word} by {abs(shift)} at {at:%H:%M} UTC.")
        booked = _book(scene, at - HALF_HOUR)
        if booked is not None:
            begin, end = (from_us(booked[name]).astimezone(zone) for name in ("start_at", "end_at"))
            scene.tell(f"A table from {begin:%H:%M} to {end:%H:%M} local time is taken for {STAY_MIN} minutes.")
        scene.place_orders(1, fulfillment={"type": "pickup", "requested_at": at + HALF_HOUR, "address": None}, table_id=None)
        if shift > timedelta(0):
            skipped = (at - timedelta(minutes=1)).astimezone(zone).replace(tzinfo=None) + HALF_HOUR
            _book(scene, skipped)
            scene.tell(f"{skipped:%H:%M} local time does not exist that night, and nobody can book it.")


def double_booking_race(scope: Scope, location: Document) -> Scene:
    """Six guests ask for one table at the same moment, each in a transaction of its own; one gets it.

    Call outside any unit of work. Raises NotFound, Invalid (422) when no table is free for two in the coming weeks.
    """
    scene = Scene(scope, "double_booking_race", location)
    with unit_of_work(scope, writes=False):
        start_us, table_ids = _free_table(scene)
    draft = ReservationDraft(
        source="website", location_id=location["id"], start=start_us, party=Party(adult=PARTY), table_ids=table_ids,
        deposit_minor=0, is_forced=True,
    )  # fmt: skip
    ready = Barrier(RIVALS)

    def ask(_number: int) -> Document | PlatformError:
        ready.wait()
        try:
            with unit_of_work(scene.guests):
                return book(scene.guests, draft=draft).document
        except PlatformError as refusal:
            return refusal

    with ThreadPoolExecutor(RIVALS) as pool:
        outcomes = list(pool.map(ask, range(RIVALS)))
    for outcome in outcomes:
        if isinstance(outcome, PlatformError):
            scene.refuse(outcome)
            continue
        scene.counts["reservations_booked"] += 1
        scene.note("reservations", outcome["id"])
    for table_id in table_ids:
        scene.note("tables", table_id)
    losers = scene.counts[f"refused_{TableUnavailable.code}"]
    scene.tell(f"{RIVALS} guests wanted the same table at {from_us(start_us):%Y-%m-%d %H:%M} UTC; {losers} were refused.")
    return scene


def clock_changes(zone: ZoneInfo, after: datetime) -> list[datetime]:
    """The instants in the next 400 days, to the minute, at which a zone's offset from UTC changes."""
    found = []
    start = after.replace(minute=0, second=0, microsecond=0)
    for days in range(LOOK_AHEAD_DAYS):
        early, late = start + timedelta(days=days), start + timedelta(days=days + 1)
        if _offset(zone, early) == _offset(zone, late):
            continue
        while late - early > timedelta(minutes=1):
            middle = early + (late - early) // 2
            middle = middle.replace(second=0, microsecond=0)
            early, late = (middle, late) if _offset(zone, middle) == _offset(zone, early) else (early, middle)
        found.append(late)
    return found


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _book(scene: Scene, start: datetime) -> Document | None:
    booked = None
    draft = ReservationDraft(
        source="app", location_id=scene.location["id"], start=start, party=Party(adult=PARTY), duration_minutes=STAY_MIN,
        contact={"name": "Noor van der Berg"}, deposit_minor=0, is_forced=True,
    )  # fmt: skip
    with attempt(scene.scope) as tried:
        booked = book(scene.guests, draft=draft).document
        scene.note("reservations", booked["id"])
        scene.counts["reservations_booked"] += 1
    if tried.refusal is not None:
        scene.refuse(tried.refusal)
    return booked


def _free_table(scene: Scene) -> tuple[int, tuple[str, ...]]:
    """The first free table for two, from the day after tomorrow on."""
    today: date = tenant_now(scene.scope).date()
    for days in RACE_IN_DAYS:
        slots = availability(
            scene.scope, location_id=scene.location["id"], day=today + timedelta(days=days), party_size=PARTY
        )["slots"]  # fmt: skip
        for slot in slots:
            for option in slot["table_options"]:
                return slot["start_at"], tuple(option["table_ids"])
    raise Invalid("No table is free for two in the coming weeks.")
