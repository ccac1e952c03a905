"""The smallest world: one Warsaw restaurant with every named fixture, deterministic from its seed.

Fixtures carry fixed ids; the seed varies the rest. What is written is the past, so no events are recorded.
"""

from typing import NamedTuple

from domain.guests.models import ConsentChange
from domain.guests.rows import append_guests
from domain.locations.models import DiningTable
from domain.locations.models import Location
from domain.locations.models import OpeningHour
from domain.locations.service import get_location
from domain.menus.service import stamp_menus
from kit.documents import append
from kit.scope import Scope
from kit.unit import tenant_now_us
from sandbox.worlds.minimal_bookings import DEPOSIT_PAYMENT_ID
from sandbox.worlds.minimal_bookings import RESERVATION_IDS
from sandbox.worlds.minimal_bookings import build_bookings
from sandbox.worlds.minimal_menu import CATEGORIES
from sandbox.worlds.minimal_menu import CURRENCY
from sandbox.worlds.minimal_menu import GROUPS
from sandbox.worlds.minimal_menu import ITEM_IDS
from sandbox.worlds.minimal_menu import MODIFIERS
from sandbox.worlds.minimal_menu import VARIATIONS
from sandbox.worlds.minimal_menu import VAT_8
from sandbox.worlds.minimal_menu import VAT_23
from sandbox.worlds.minimal_menu import build_charges
from sandbox.worlds.minimal_menu import build_menu
from sandbox.worlds.minimal_menu import build_taxes
from sandbox.worlds.minimal_orders import ORDER_IDS
from sandbox.worlds.minimal_orders import build_orders
from sandbox.worlds.minimal_outreach import PROMOS
from sandbox.worlds.minimal_outreach import REVIEWS
from sandbox.worlds.minimal_outreach import build_outreach
from sandbox.worlds.minimal_regulars import CARDS
from sandbox.worlds.minimal_regulars import PROGRAM_ID
from sandbox.worlds.minimal_regulars import REWARDS
from sandbox.worlds.minimal_regulars import SEGMENTS
from sandbox.worlds.minimal_regulars import TIERS
from sandbox.worlds.minimal_regulars import build_regulars
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import Seeds

LOCATION_ID = "loc_waw_01"
INBOX = "inbox"


class FixtureEndpoint(NamedTuple):
    """A webhook endpoint of the world. url INBOX: the tenant's own inbox, whose address is not known before."""

    url: str
    description: str


ENDPOINTS = (
    FixtureEndpoint(INBOX, "Fixture: your sandbox inbox"),
    FixtureEndpoint("https://hooks.sandbox.invalid/ok", "Fixture: always answers 200"),
    FixtureEndpoint("https://hooks.sandbox.invalid/fail-502", "Fixture: always answers 502"),
)
GUESTS: tuple[tuple[str, str, str, str, str, str | None, str | None, list[str]], ...] = (
    # id, name, first, last, country, phone, email, allergies
    ("cus_anna", "Anna Nowak", "Anna", "Nowak", "PL", "+48221234567", "anna.nowak@example.com", ["peanuts"]),
    ("cus_piotr", "Piotr Zieliński", "Piotr", "Zieliński", "PL", "+48601234567", "piotr@example.com", []),
    ("cus_jonas", "Jonas Kazlauskas", "Jonas", "Kazlauskas", "LT", "+37061234345", None, []),
    ("cus_hanako", "田中 花子", "花子", "田中", "JP", None, "hanako@example.jp", []),
)
TABLES = (
    ("tbl_waw_1", "Table 1", 2, "indoor"),
    ("tbl_waw_2", "Table 2", 4, "indoor"),
    ("tbl_waw_3", "Table 3", 6, "indoor"),
    ("tbl_waw_4", "Terrace", 4, "outdoor"),
)
FIXTURES: dict[str, list[str]] = {
    "locations": [LOCATION_ID],
    "tables": [table_id for table_id, *_ in TABLES],
    "taxes": [VAT_8, VAT_23],
    "charges": ["chg_service", "chg_packaging"],
    "menus": ["mnu_all_day"],
    "categories": [category_id for category_id, *_ in CATEGORIES],
    "menu_items": list(ITEM_IDS),
    "modifier_groups": [group_id for group_id, *_ in GROUPS],
    "modifiers": [modifier_id for modifier_id, *_ in MODIFIERS],
    "customers": [guest_id for guest_id, *_ in GUESTS],
    "variations": [variation_id for variation_id, *_ in VARIATIONS],
    "orders": list(ORDER_IDS),
    "payments": [DEPOSIT_PAYMENT_ID],
    "reservations": list(RESERVATION_IDS),
    "segments": [segment_id for segment_id, *_ in SEGMENTS],
    "loyalty_programs": [PROGRAM_ID],
    "loyalty_tiers": [tier_id for tier_id, *_ in TIERS],
    "loyalty_rewards": [reward["id"] for reward in REWARDS],
    "memberships": [member_id for member_id, *_ in CARDS],
    "reviews": [review["id"] for review in REVIEWS],
    "campaigns": ["cam_lunch_week", "cam_winter"],
    "promo_codes": [promo["code"] for promo in PROMOS],
    "integrations": ["int_till"],
}


def build(scope: Scope, *, seed: int) -> dict[str, list[str]]:
    """Write the world into the tenant, which has no restaurant data yet, and return the named fixtures by kind.

    Everything is dated relative to the tenant's clock.
    """
    seeds, now_us = Seeds(seed), tenant_now_us(scope)
    long_ago = {"created_at": now_us - 90 * DAY_US, "updated_at": now_us - 30 * DAY_US}
    build_taxes(scope, dated=long_ago)
    _build_location(scope, seeds, long_ago)
    items = build_menu(scope, seeds=seeds, location_id=LOCATION_ID, dated=long_ago)
    build_charges(scope, location_id=LOCATION_ID, dated=long_ago)
    stamp_menus(scope)
    _build_guests(scope, seeds, long_ago)
    location = get_location(scope, location_id=LOCATION_ID)
    build_orders(scope, seeds=seeds, location=location, items=items, now_us=now_us)
    build_bookings(scope, seeds=seeds, location=location, now_us=now_us)
    build_regulars(scope, seeds=seeds, dated=long_ago, now_us=now_us)
    build_outreach(scope, seeds=seeds, location_id=LOCATION_ID, dated=long_ago, now_us=now_us)
    return {kind: list(ids) for kind, ids in FIXTURES.items()}


def _build_location(scope: Scope, seeds: Seeds, dated: dict[str, int]) -> None:
    append(scope, Location, [{
        "id": LOCATION_ID, "name": "Bistro Warszawa", "internal_name": "WAW-01", "slug": "bistro-warszawa", "country": "PL",
        "currency": CURRENCY, "time_zone": "Europe/Warsaw", "price_mode": "exclusive", "default_tax_id": VAT_8,
        "address": {"line1": "ul. Nowy Świat 12", "city": "Warszawa", "postal_code": "00-400", "country": "PL"},
        "phone": "+48225550101", "latitude": 52.2329, "longitude": 21.0181,
        "turn_minutes": {"1-2": 90, "3-4": 105, "5-6": 120, "7+": 150}, "deposit_policy": {"required": False}, **dated,
    }])  # fmt: skip
    append(scope, OpeningHour, [
        {"id": seeds.id("hrs"), "location_id": LOCATION_ID, "weekday": day, "opens": "00:00", "closes": "24:00",
         "service": service}
        for day in range(7)
        for service in ("dine_in", "pickup", "delivery")
    ])  # fmt: skip
    append(scope, DiningTable, [
        {"id": table_id, "location_id": LOCATION_ID, "name": name, "seats_max": seats, "kind": kind, **dated}
        for table_id, name, seats, kind in TABLES
    ])  # fmt: skip


def _build_guests(scope: Scope, seeds: Seeds, dated: dict[str, int]) -> None:
    granted = {"status": "granted", "at": dated["created_at"], "source": "website"}
    append_guests(scope, [
        {
            "id": guest_id, "name": name, "first_name": first, "last_name": last, "country": country, "tags": ["regular"],
            "allergies": allergies, "consents": {"email_marketing": granted} if email else {}, "source": "website",
            "phones": [{"id": seeds.id("gct"), "value": phone}] if phone else [],
            "emails": [{"id": seeds.id("gct"), "value": email}] if email else [], **dated,
        }
        for guest_id, name, first, last, country, phone, email, allergies in GUESTS
    ])  # fmt: skip
    append(scope, ConsentChange, [
        {"id": seeds.id("cns"), "guest_id": guest_id, "channel": "email_marketing", "old_status": "unknown",
         "new_status": "granted", "source": "website", "actor_type": "guest", "actor_id": guest_id,
         "at": dated["created_at"]}
        for guest_id, *_, email, _ in GUESTS
        if email
    ])  # fmt: skip
