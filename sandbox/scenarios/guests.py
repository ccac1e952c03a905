"""Scenarios of guests: duplicates that become one, and an evening when some do not come."""

from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.bookings.service import Party
from domain.bookings.service import ReservationDraft
from domain.bookings.service import advance_reservation
from domain.bookings.service import book
from domain.guestbook.moving import move_merged
from domain.guests.drafts import GuestDraft
from domain.guests.merging import DONE
from domain.guests.merging import get_merge
from domain.guests.merging import merge_guests
from domain.guests.service import create_guest
from domain.orders.service import place_order
from domain.reviews.service import ReviewDraft
from domain.reviews.service import submit_review
from kit.documents import Document
from kit.ids import new_id
from kit.unit import tenant_now
from sandbox.appetite import choice_of
from sandbox.attempts import attempt
from sandbox.scenarios.scene import NAMES
from sandbox.scenarios.scene import Scene

ABSENT = "No Show"
EVENING = time(19)
PARTIES = ((NAMES[0], 2), (ABSENT, 2), (NAMES[1], 3), (NAMES[2], 4), (ABSENT, 4), (NAMES[3], 2), (NAMES[4], 2), (ABSENT, 2))
SITTINGS = 3
APART = timedelta(hours=2)
# How the same person was entered twice.
PEOPLE = (
    ("Katarzyna Wójcik", "Kasia Wojcik", "katarzyna"),
    ("Seán O'Neill", "Sean ONeill", "sean"),
    ("Martín Núñez", "Nunez, Martin", "martin"),
)
MOST_STEPS = 20


def no_show_evening(scene: Scene) -> None:
    """Eight parties book the next evening in three sittings. Those named "No Show" do not come, the others eat and leave."""
    zone = ZoneInfo(scene.location["time_zone"])
    now = tenant_now(scene.scope).astimezone(zone)
    first = datetime.combine(now.date(), EVENING, zone)
    first += timedelta(days=first <= now)
    for number, (name, party) in enumerate(PARTIES):
        draft = ReservationDraft(
            source="phone", location_id=scene.location["id"], start=first + APART * (number % SITTINGS), party=Party(adult=party),
            contact={"name": name}, duration_minutes=90, deposit_minor=0, is_forced=True,
        )  # fmt: skip
        with attempt(scene.scope) as tried:
            _visit(scene, book(scene.guests, draft=draft).document)
        if tried.refusal is not None:
            scene.refuse(tried.refusal)
    scene.tell(f"Eight parties asked for {first:%A, %Y-%m-%d} from {first:%H:%M} in three sittings.")
    scene.tell(f"{scene.counts['reservations_no_show']} of them did not come; their tables are free again.")


def merge_duplicates(scene: Scene) -> None:
    """Three people were entered twice, with orders and a review on both; each pair is merged into the first entry."""
    choice = choice_of(scene.scope, location_id=scene.location["id"])
    for first, second, mailbox in PEOPLE:
        email = f"{mailbox}.{new_id('x')[-8:].lower()}@example.com"
        victor = _entered(scene, first, email, tags=("scenario",))
        victim = _entered(scene, second, email, tags=("newsletter",))
        for guest_id in (victor, victim, victim):
            order = place_order(scene.guests, draft=choice.draft(scene.luck, customer_id=guest_id)).document
            scene.note("orders", order["id"])
        submit_review(scene.guests, draft=ReviewDraft(
            overall=4, comment="Nice.", language="en", location_id=scene.location["id"], customer_id=victim,
        ))  # fmt: skip
        merge = merge_guests(scene.kitchen, victor_id=victor, victim_ids=[victim])
        moved = _finished(scene, merge["id"])
        scene.note("merges", merge["id"])
        scene.counts["merges_done"] += moved["state"] == DONE
        for noun, count in moved["moved_counts"].items():
            scene.counts[f"moved_{noun}"] += count
    scene.tell("Three people stood in the book twice with one e-mail address. What belonged to the second entry moved.")


def _visit(scene: Scene, reservation: Document) -> None:
    """Let a party come and go, or stay away."""
    scene.note("reservations", reservation["id"])
    scene.counts["reservations_booked"] += 1
    while reservation["status"] not in ("completed", "no_show"):
        reservation = advance_reservation(scene.kitchen, reservation_id=reservation["id"])
    scene.counts[f"reservations_{reservation['status']}"] += 1


def _entered(scene: Scene, name: str, email: str, *, tags: tuple[str, ...]) -> str:
    columns: dict[str, Any] = {"name": name, "country": scene.location["country"], "source": "website"}
    draft = GuestDraft(columns=columns, lists={"emails": [{"value": email}]}, tags=tags)
    return scene.note("customers", create_guest(scene.kitchen, draft=draft).document["id"])


def _finished(scene: Scene, merge_id: str) -> Document:
    """Do the steps of a merge here, which a worker does otherwise."""
    for _ in range(MOST_STEPS):
        merge = get_merge(scene.scope, merge_id=merge_id)
        if merge["state"] == DONE:
            break
        move_merged(scene.kitchen, merge_id)
    return get_merge(scene.scope, merge_id=merge_id)
