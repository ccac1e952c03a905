"""How much of everything the standard world holds, and in which mix."""

from collections import Counter

import pytest

from accounts.exports.models import ExportJob
from accounts.logs.models import RequestLog
from accounts.webhooks.models import Delivery
from domain.bookings.models import Reservation
from domain.campaigns.models import Campaign
from domain.campaigns.models import PromoCode
from domain.guests.models import Guest
from domain.guests.models import GuestContact
from domain.guests.models import GuestDate
from domain.guests.models import GuestTag
from domain.integrations.models import Integration
from domain.integrations.models import Mapping
from domain.locations.models import DiningTable
from domain.locations.models import Location
from domain.locations.models import OpeningHour
from domain.locations.models import SpecialHour
from domain.locations.models import StoreStatus
from domain.loyalty.models import LoyaltyMembership
from domain.loyalty.models import MembershipCustomer
from domain.menus.models import CategoryItem
from domain.menus.models import GroupPlacement
from domain.menus.models import Menu
from domain.menus.models import MenuItem
from domain.menus.models import Modifier
from domain.menus.models import ModifierGroup
from domain.menus.models import Tax
from domain.orders.models import Order
from domain.orders.models import OrderLine
from domain.payments.models import Payment
from domain.reviews.models import Review
from kit.outbox import EventRow
from sandbox.clock import START_US
from sandbox.worlds import minimal
from sandbox.worlds.seeds import DAY_US
from tests.sandbox.worlds.conftest import Rows
from tests.sandbox.worlds.conftest import Table

pytestmark = pytest.mark.timeout(600)  # the first test builds the world
FIXTURES = {id_ for ids in minimal.FIXTURES.values() for id_ in ids}
EU_CODES = {
    "gluten", "crustaceans", "eggs", "fish", "peanuts", "soybeans", "milk", "nuts", "celery", "mustard", "sesame",
    "sulphites", "lupin", "molluscs",
}  # fmt: skip
SUB_CODES = {"wheat": "gluten", "barley": "gluten", "walnut": "nuts", "hazelnut": "nuts", "cashew": "nuts", "pistachio": "nuts"}
PLACES = (
    "waw", "vno", "nyc", "phx", "lax", "lon", "tyo", "kwi", "ala", "bom", "ktm", "adl", "sao",
)  # fmt: skip


def own(rows: Rows) -> Rows:
    """Without the named fixtures."""
    return [row for row in rows if row["id"] not in FIXTURES]


def percent(rows: Rows, name: str) -> dict[str, float]:
    """The share of every value of a column, in percent."""
    counts = Counter(row[name] for row in rows)
    return {value: round(100 * count / len(rows), 1) for value, count in counts.items()}


def test_thirteen_places_in_as_many_zones_sell_by_their_own_rules(table: Table):
    places = table(Location)

    assert len(places) == len({place["time_zone"] for place in places}) == 13
    assert Counter(place["price_mode"] for place in places) == {"inclusive": 8, "exclusive": 5}
    assert {place["currency"] for place in places} == {
        "PLN", "EUR", "USD", "GBP", "JPY", "KWD", "KZT", "INR", "NPR", "AUD", "BRL",
    }  # fmt: skip
    assert all(place["is_active"] for place in places)
    assert {row["status"] for row in table(StoreStatus)} == {"paused", "offline"}
    assert len(table(SpecialHour)) == 2
    assert {row["closes"] for row in table(OpeningHour)} == {"24:00", "23:00", "02:00"}
    assert len({row["weekday"] for row in table(OpeningHour) if row["location_id"] == "loc_ktm_01"}) == 6
    rates = {row["rate"] for row in table(Tax) if row["id"].startswith("tax_tyo")}
    assert rates == {"0.08", "0.10"}


def test_tables_have_their_sizes_and_neighbours(table: Table):
    tables = table(DiningTable)
    used = [row for row in tables if row["is_active"]]
    by_place = Counter(row["location_id"] for row in used)
    sizes = Counter({2: "2", 4: "4"}.get(row["seats_max"], "6+") for row in used)

    assert (min(by_place.values()), max(by_place.values())) == (8, 24)
    assert [round(100 * sizes[size] / sum(sizes.values())) for size in ("2", "4", "6+")] == [
        pytest.approx(45, abs=4), pytest.approx(35, abs=4), pytest.approx(20, abs=4),
    ]  # fmt: skip
    assert Counter(row["location_id"] for row in tables if not row["is_active"]) == {f"loc_{key}_01": 1 for key in PLACES}
    pairs = Counter(row["location_id"] for row in own(tables) if row["combinable_with"])
    assert pairs == {f"loc_{key}_01": 4 for key in PLACES}


def test_each_place_sells_seventy_items_with_the_usual_troubles(table: Table):
    items = [row for row in table(MenuItem) if row["location_id"] == "loc_nyc_01"]

    assert len(items) == 70
    assert sum(row["is_suspended"] for row in items) == 4
    assert sum(row["stock_count"] is not None and row["stock_count"] <= 3 for row in items) == 3
    assert sum(bool(row["schedule"]) for row in items) == 1
    assert sum(row["base_price_minor"] == 0 for row in items) == 2
    assert [row["base_price_minor"] for row in items if row["base_price_minor"] > 100_000] == [999_999]
    assert max(len(row["name"]) for row in items) == 120
    places = Counter(row["item_id"] for row in table(CategoryItem) if "_all_day_" in row["id"])
    assert [item for item, count in places.items() if count == 2 and "_nyc_" in item] == ["itm_nyc_fries"]
    menus = Counter(row["location_id"] for row in table(Menu))
    assert (min(menus.values()), max(menus.values())) == (1, 3)
    assert [row["is_active"] for row in table(Menu) if row["id"].endswith("_season")] == [False]
    assert Counter(row["currency"] for row in own(table(ModifierGroup)))["JPY"] == 9
    assert sum(row["modifier_id"] is not None for row in table(GroupPlacement)) == 13
    assert all(row["version_hash"] for row in table(Menu) if row["id"].startswith("mnu_nyc"))


def test_allergens_cover_every_code_and_hide_in_extras(table: Table):
    items = [row for row in table(MenuItem) if row["location_id"] == "loc_vno_01"]
    used = Counter(
        SUB_CODES.get(entry["code"], entry["code"]) for row in table(MenuItem) for entry in row["allergens"]
    )  # fmt: skip

    assert set(used) == EU_CODES
    assert min(used.values()) >= 5
    may = sum(any(entry["level"] == "may_contain" for entry in row["allergens"]) for row in items)
    assert 18 <= 100 * may / len(items) <= 24
    dangerous = {row["group_id"] for row in table(Modifier) if any(one["code"] == "peanuts" for one in row["allergens"])}
    safe = {row["id"] for row in items if not any(one["code"] == "peanuts" for one in row["allergens"])}
    assert len({row["item_id"] for row in table(GroupPlacement) if row["group_id"] in dangerous} & safe) >= 3


def test_six_hundred_guests_are_as_different_as_people_are(table: Table):
    guests = own(table(Guest))
    contacts = Counter((row["guest_id"], row["kind"]) for row in table(GuestContact))
    living = [row for row in guests if row["merged_into_id"] is None and row["deleted_at"] is None]

    assert len(guests) == 600
    assert Counter(row["parent_location_id"] for row in guests)["loc_ala_01"] >= 420
    assert sum(row["merged_into_id"] is not None for row in guests) == 6
    assert sum(row["deleted_at"] is not None for row in guests) == 3
    assert sum(row["is_incognito"] for row in guests) == 4
    assert sum(bool(row["allergies"]) for row in guests) == 40
    names = [row["name"] for row in guests]
    assert {min(map(len, names)), max(map(len, names))} == {1, 255}
    for script in ("ł", "ū", "田", "ة", "प", "Н", "김", "🦀", "O'Neill", "van der Berg", "Cher"):
        assert any(script in name for name in names), script
    assert any(row["alpha_last_name"] for row in guests)
    assert 10 <= 100 * sum(not contacts[row["id"], "phone"] for row in living) / 600 <= 16
    assert 7 <= 100 * sum(not contacts[row["id"], "email"] for row in living) / 600 <= 13
    assert 25 <= sum(contacts[row["id"], "phone"] == 2 for row in living) <= 30
    email = Counter(row["consents"].get("email_marketing", {}).get("status", "unknown") for row in living)
    assert [round(100 * email[status] / len(living)) for status in ("granted", "denied", "unknown")] == [
        pytest.approx(55, abs=2), pytest.approx(25, abs=2), pytest.approx(20, abs=2),
    ]  # fmt: skip
    assert len({row["tag"] for row in table(GuestTag)}) == 30
    days = table(GuestDate)
    assert any((row["month"], row["day"]) == (2, 29) for row in days)
    assert any(row["year"] is None for row in days)


def test_fifteen_guests_stand_twice_in_the_book(table: Table):
    owners: dict[tuple[str, str], set[str]] = {}
    for row in table(GuestContact):
        owners.setdefault((row["kind"], row["value"]), set()).add(row["guest_id"])

    assert sum(len(guests) == 2 for guests in owners.values()) == 15
    assert max(len(guests) for guests in owners.values()) == 2


def test_members_stand_in_their_tiers(table: Table):
    members = own(table(LoyaltyMembership))
    tiers = Counter(row["tier_id"].rsplit("_", 1)[1] for row in members)

    assert len(members) == 220
    assert Counter(row["program_id"] for row in members) == {"prg_medeu": 150, "prg_table": 70}
    assert [round(100 * tiers[tier] / 220) for tier in ("bronze", "silver", "gold", "platinum")] == [60, 25, 12, 3]
    assert sum(row["status"] == "cancelled" for row in members) == 5
    assert sum((row["expiry_date"] or "9") <= "2026-01-19" for row in members) == 3
    assert Counter(Counter(row["membership_id"] for row in table(MembershipCustomer)).values())[2] == 2


def test_reservations_have_their_outcomes_parties_and_deposits(table: Table):
    bookings = own(table(Reservation))
    deposits = Counter(
        row["status"] for row in table(Payment) if row["purpose"] == "deposit" and row["id"] not in FIXTURES
    )  # fmt: skip

    assert len(bookings) == 1400
    assert Counter(row["status"] for row in bookings) == {
        "completed": 940, "confirmed": 196, "cancelled": 126, "no_show": 56, "seated": 39, "requested": 28, "rejected": 15,
    }  # fmt: skip
    assert deposits == {"confirmed": 168, "refunded": 28, "failed": 14}
    assert {row["party_size"] for row in bookings} >= {1, 2, 3, 4, 5, 6, 7, 8, 20}
    starts = [row["start_at"] for row in bookings]
    assert START_US - 91 * DAY_US < min(starts) < START_US - 85 * DAY_US
    assert START_US + 25 * DAY_US < max(starts) < START_US + 31 * DAY_US


def test_some_reservations_stand_where_clocks_change_and_days_end(table: Table):
    bookings = {place: [row for row in table(Reservation) if row["location_id"] == f"loc_{place}_01"] for place in PLACES}
    change = {"waw": 1_761_440_400, "lon": 1_761_440_400, "nyc": 1_762_063_200}  # 2025-10-26 and 2025-11-02

    for place, instant in change.items():
        assert any(row["start_at"] < instant * 1_000_000 < row["end_at"] for row in bookings[place]), place
    midnight = START_US - START_US % DAY_US - 8 * DAY_US
    assert any(row["start_at"] < midnight < row["end_at"] for row in bookings["lon"])
    ends = {row["end_at"] for row in bookings["vno"] if row["status"] == "seated"}
    assert ends & {row["start_at"] for row in bookings["vno"] if row["status"] == "confirmed"}


def test_orders_have_their_kinds_outcomes_and_sources(table: Table):
    orders = own(table(Order))
    live = [row for row in orders if row["status"] not in ("completed", "rejected", "cancelled", "failed")]
    past = [row for row in orders if row not in live]

    assert len(past) == 3500 + 2  # two of the fixtures' orders have no fixed id
    assert percent(past, "status") == {
        "completed": pytest.approx(90, abs=0.2), "rejected": pytest.approx(4, abs=0.2),
        "cancelled": pytest.approx(5, abs=0.2), "failed": pytest.approx(1, abs=0.2),
    }  # fmt: skip
    kinds = Counter(row["fulfillment"]["type"] for row in past)
    assert [100 * kinds[kind] / len(past) for kind in ("dine_in", "delivery", "pickup")] == [
        pytest.approx(48, abs=1), pytest.approx(30, abs=1), pytest.approx(22, abs=1),
    ]  # fmt: skip
    assert len({row["source"] for row in past}) == 9
    for place in PLACES[1:]:
        here = Counter(row["status"] for row in live if row["location_id"] == f"loc_{place}_01")
        assert here == dict.fromkeys(("scheduled", "pending", "accepted", "preparing", "ready", "picked_up"), 1), place
    today = [row for row in past if row["created_at"] > START_US - DAY_US]
    assert len(today) >= 20
    assert min(row["created_at"] for row in past) > START_US - 91 * DAY_US


def test_money_takes_every_way(table: Table):
    payments = [row for row in table(Payment) if row["purpose"] == "order"]
    taken = [row for row in payments if row["status"] != "failed"]
    payers = Counter(row["order_id"] for row in taken)
    methods: dict[str, set[str]] = {}
    for row in taken:
        methods.setdefault(row["order_id"], set()).add(row["method"])
    orders = {row["id"]: row for row in table(Order)}
    past = [row for row in orders.values() if row["status"] == "completed"]

    shares = percent(taken, "method")
    assert {name: shares[name] for name in ("card", "cash", "wallet", "voucher", "room_charge")} == {
        "card": pytest.approx(62, abs=2), "cash": pytest.approx(24, abs=2), "wallet": pytest.approx(9, abs=1.5),
        "voucher": pytest.approx(3, abs=1), "room_charge": pytest.approx(2, abs=1),
    }  # fmt: skip
    assert 100 * sum(row["status"] == "failed" for row in payments) / len(payments) == pytest.approx(3, abs=0.3)
    assert sum(row["payer_label"] == "Guest 1" for row in taken) == pytest.approx(350, abs=20)
    assert max(payers.values()) == 6
    assert sum(found >= {"cash", "card"} and payers[order_id] == 2 for order_id, found in methods.items()) >= 105
    assert sum(row["tip_minor"] > 0 for row in past) == pytest.approx(1225, abs=5)
    assert sum(bool(row["discounts"]) for row in past) == 280
    assert sum(row["payment_status"] == "partially_refunded" for row in past) == pytest.approx(88, abs=2)
    assert sum(row["payment_status"] == "refunded" for row in past) == pytest.approx(35, abs=2)
    assert sum(row["total_minor"] == 0 for row in past) == 18
    assert sum(row["metadata"].get("totals_match") == "false" for row in orders.values()) == 18
    states = Counter(row["state"] for row in table(OrderLine))
    assert 1.3 <= 100 * states["voided"] / sum(states.values()) <= 2.5
    assert states["substituted"] == 70
    assert sum(row["fulfillment"]["requested_at"] is not None for row in past) == 105


def test_guests_have_said_what_they_think(table: Table):
    reviews = own(table(Review))
    stars = Counter(row["overall"] for row in reviews)

    assert len(reviews) == 420
    assert [stars[count] for count in (5, 4, 3, 2, 1)] == [189, 126, 55, 29, 21]
    assert sum(row["comment"] is not None for row in reviews) == 252
    assert len({row["language"] for row in reviews if row["language"]}) == 8
    assert sum(row["status"] == "response_needed" for row in reviews) == 38
    assert sum(row["order_id"] is None for row in reviews) == 17


def test_campaigns_codes_and_integrations_stand_in_every_state(table: Table):
    codes = {row["code"]: row for row in table(PromoCode) if not {row["id"], row["code"]} & FIXTURES}

    assert Counter(row["status"] for row in own(table(Campaign))) == {"sent": 3, "scheduled": 1, "draft": 1, "cancelled": 1}
    assert len(codes) == 9
    assert codes["FIRST40"]["used_count"] == codes["FIRST40"]["max_uses"] == 40
    assert codes["SUMMER20"]["ends_at"] < START_US < codes["SPRING25"]["starts_at"]
    assert all(codes[code]["used_count"] for code in ("AUTUMN15", "STAFFPICK10", "ONCE10", "SUMMER20", "FIVEOFF", "BIGTABLE20"))
    assert Counter(row["state"] for row in own(table(Integration))) == {
        "connected": 1, "degraded": 2, "disconnected": 1, "mapping_required": 1,
    }  # fmt: skip
    assert sum(row["object_id"] is None for row in table(Mapping)) == 2


def test_platform_remembers_deliveries_calls_and_exports(table: Table):
    deliveries = table(Delivery)
    states = Counter(row["state"] for row in deliveries)
    logs = table(RequestLog)

    assert len(deliveries) == 12_840
    assert states == {"succeeded": 12_830, "dead": 10}
    assert round(100 * states["succeeded"] / len(deliveries), 2) == 99.92
    assert [row["sequence"] for row in sorted(table(EventRow), key=lambda row: row["sequence"])] == list(range(1, 6416))
    assert len(logs) == 2000
    assert {row["status"] for row in logs} >= {200, 201, 401, 403, 404, 409, 422, 429}
    assert {row["status"] for row in table(ExportJob)} == {"queued", "failed", "expired"}
