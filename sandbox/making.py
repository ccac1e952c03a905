"""Valid objects for events that a sandbox has nothing to be about: made by the services everybody uses, without a word.

A maker gets what it needs from `have`, which finds the newest object of a kind or makes one too. Records no events.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from accounts.exports.service import queue
from domain.bookings.service import Party
from domain.bookings.service import ReservationDraft
from domain.bookings.service import book
from domain.bookings.service import get_hold
from domain.bookings.service import hold_tables
from domain.bookings.service import release_hold
from domain.campaigns.promo_codes import create_promo_code
from domain.campaigns.service import create_campaign
from domain.guestbook.moving import move_merged
from domain.guests.drafts import GuestDraft
from domain.guests.merging import get_merge
from domain.guests.merging import merge_guests
from domain.guests.segments import create_segment
from domain.guests.service import create_guest
from domain.integrations.service import create_integration
from domain.integrations.syncing import get_run
from domain.integrations.syncing import run_sync
from domain.integrations.syncing import start_sync
from domain.locations.models import Location
from domain.locations.service import create_table
from domain.locations.service import get_location
from domain.loyalty.service import TierDraft
from domain.loyalty.service import create_member
from domain.loyalty.service import create_program
from domain.loyalty.service import create_reward
from domain.menus.service import create_item
from domain.menus.service import create_menu
from domain.menus.service import create_modifier_group
from domain.menus.service import read_modifier
from domain.notifications.service import notify_staff
from domain.orders.service import place_order
from domain.payments.service import take_payment
from domain.reviews.service import ReviewDraft
from domain.reviews.service import submit_review
from kit.documents import Document
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now
from kit.unit import tenant_now_us
from sandbox.appetite import Choice
from sandbox.appetite import choice_of

Have = Callable[[str], Document]
Maker = Callable[[Scope, Have], Document]
BRONZE, SILVER = TierDraft("bronze", 1, "Bronze", 0), TierDraft("silver", 2, "Silver", 500, 125)
CODE_CHARS = 6


def _location(scope: Scope, _have: Have) -> Document:
    location_id, now_us = new_id("loc"), tenant_now_us(scope)
    append(scope, Location, [{
        "id": location_id, "name": "Bistro", "slug": location_id.lower(), "country": "PL", "currency": "PLN",
        "time_zone": "Europe/Warsaw", "price_mode": "inclusive", "address": {"city": "Warszawa", "country": "PL"},
        "turn_minutes": {}, "deposit_policy": {"required": False}, "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    return get_location(scope, location_id=location_id)


def _item(scope: Scope, have: Have) -> Document:
    values = {"name": "Soup of the day", "base_price_minor": 1_800, "location_id": have("location")["id"]}
    return create_item(scope, values=values)


def _menu(scope: Scope, have: Have) -> Document:
    return create_menu(scope, values={"name": "All day", "location_id": have("location")["id"]})


def _modifier(scope: Scope, have: Have) -> Document:
    have("location")  # whose currency it is in
    values = {"name": "Extras", "modifiers": [{"name": "Extra cheese", "price_minor": 300}]}
    group = create_modifier_group(scope, values=values)
    return read_modifier(scope, modifier_id=group["modifiers"][0]["id"])


def _table(scope: Scope, have: Have) -> Document:
    values = {"location_id": have("location")["id"], "name": f"Table {new_id('t')[-CODE_CHARS:]}", "seats_max": 4}
    return create_table(scope, values=values)


def _customer(scope: Scope, _have: Have) -> Document:
    email = f"jane.{new_id('x')[-CODE_CHARS:].lower()}@example.com"
    draft = GuestDraft(columns={"name": "Jane Doe", "country": "PL"}, lists={"emails": [{"value": email}]}, tags=("regular",))
    return create_guest(scope, draft=draft).document


def _order(scope: Scope, have: Have) -> Document:
    draft = _choice(scope, have).draft(Random("trigger"), customer_id=have("customer")["id"])  # noqa: S311 - sample data
    return place_order(scope, draft=draft).document


def _choice(scope: Scope, have: Have) -> Choice:
    location_id = have("location")["id"]
    try:
        return choice_of(scope, location_id=location_id)
    except NotFound:
        _item(scope, have)
        return choice_of(scope, location_id=location_id)


def _payment(scope: Scope, have: Have) -> Document:
    return take_payment(scope, order_id=_order(scope, have)["id"], method="cash")


def _reservation(scope: Scope, have: Have) -> Document:
    table = _table(scope, have)  # a new one is free
    draft = ReservationDraft(
        source="website", location_id=table["location_id"], start=tenant_now(scope) + timedelta(days=1), party=Party(adult=2),
        table_ids=(table["id"],), customer_id=have("customer")["id"], deposit_minor=0, is_forced=True,
    )  # fmt: skip
    return book(scope, draft=draft).document


def _hold(scope: Scope, have: Have) -> Document:
    table = _table(scope, have)
    hold = hold_tables(
        scope, location_id=table["location_id"], start=tenant_now(scope) + timedelta(days=1), party_size=2,
        table_ids=(table["id"],),
    )  # fmt: skip
    release_hold(scope, hold_id=hold["id"])
    return get_hold(scope, hold_id=hold["id"])


def _review(scope: Scope, have: Have) -> Document:
    draft = ReviewDraft(
        overall=2, comment="The fries were cold.", language="en", location_id=have("location")["id"],
        customer_id=have("customer")["id"],
    )  # fmt: skip
    return submit_review(scope, draft=draft)


def _campaign(scope: Scope, _have: Have) -> Document:
    return create_campaign(scope, name="Lunch week", channel="email", subject="Lunch week", body="Two courses until Friday.")


def _promo_code(scope: Scope, _have: Have) -> Document:
    return create_promo_code(scope, code=f"TEN{new_id('x')[-CODE_CHARS:]}", kind="percent", value=1_000)


def _segment(scope: Scope, _have: Have) -> Document:
    return create_segment(scope, name="Regulars", rule={"tags_any": ["regular"]})


def _program(scope: Scope, _have: Have) -> Document:
    return create_program(scope, name="Regulars", tiers=(BRONZE, SILVER)).document


def _reward(scope: Scope, have: Have) -> Document:
    return create_reward(
        scope, program_id=have("loyalty_program")["id"], name="10 % off", points_cost=200, benefit="percent", benefit_value=1_000
    )  # fmt: skip


def _membership(scope: Scope, have: Have) -> Document:
    guest = _customer(scope, have)  # nobody joins a program twice
    return create_member(
        scope, program_id=have("loyalty_program")["id"], customer_ids=(guest["id"],), points=282, lifetime_points=640
    )  # fmt: skip


def _integration(scope: Scope, have: Have) -> Document:
    return create_integration(scope, name="Till", kind="pos", provider="Tills & Co", location_id=have("location")["id"])


def _sync_run(scope: Scope, have: Have) -> Document:
    run = start_sync(scope, integration_id=_integration(scope, have)["id"])
    run_sync(scope, run["id"])
    return get_run(scope, run_id=run["id"])


def _notification(scope: Scope, have: Have) -> Document:
    place = have("location")["id"]
    return notify_staff(scope, title="Table 2 asks for the bill", body="By card, please.", kind="service", location_id=place)


def _customer_merge(scope: Scope, have: Have) -> Document:
    victor, victim = _customer(scope, have), _customer(scope, have)
    merge = merge_guests(scope, victor_id=victor["id"], victim_ids=[victim["id"]])
    move_merged(scope, merge["id"])  # two new guests have less than a step holds
    return get_merge(scope, merge_id=merge["id"])


def _export(scope: Scope, _have: Have) -> Document:
    """Queued: a worker writes its file a moment later."""
    day = tenant_now(scope).date().isoformat()
    return queue(scope, {
        "application_id": scope.application_id or "", "dataset": "orders", "format": "csv", "has_bom": False, "from_date": day,
        "to_date": day, "location_ids": [], "is_masked": True,
    })  # fmt: skip


MAKERS: dict[str, Maker] = {
    "location": _location, "item": _item, "menu": _menu, "modifier": _modifier, "table": _table, "customer": _customer,
    "order": _order, "payment": _payment, "reservation": _reservation, "hold": _hold, "review": _review,
    "campaign": _campaign, "promo_code": _promo_code, "segment": _segment, "loyalty_program": _program,
    "loyalty_reward": _reward, "membership": _membership, "integration": _integration, "sync_run": _sync_run,
    "notification": _notification, "customer_merge": _customer_merge, "export": _export,
}  # fmt: skip
