"""What must hold over the whole standard world: money, histories, tables, points, codes, opinions."""

from collections import Counter
from collections import defaultdict
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest

from domain.bookings.machine import BLOCKING
from domain.bookings.machine import MOVES as BOOKING_MOVES
from domain.bookings.models import Reservation
from domain.bookings.models import ReservationSlot
from domain.bookings.models import ReservationStatusChange
from domain.bookings.models import ReservationTable
from domain.campaigns.models import Campaign
from domain.campaigns.models import CampaignRecipient
from domain.campaigns.models import PromoCode
from domain.campaigns.models import PromoUse
from domain.guestbook.segmenting import refresh_segment
from domain.guests.models import Guest
from domain.locations.hours import business_date
from domain.locations.models import DiningTable
from domain.locations.models import Location
from domain.loyalty.models import LoyaltyMembership
from domain.loyalty.models import MembershipTier
from domain.loyalty.models import PointsTransaction
from domain.menus.models import MenuItem
from domain.orders.machine import MOVES as ORDER_MOVES
from domain.orders.models import Order
from domain.orders.models import OrderCounter
from domain.orders.models import OrderLine
from domain.orders.models import OrderStatusChange
from domain.orders.pricing import Charge
from domain.orders.pricing import Discount
from domain.orders.pricing import PricedOrder
from domain.orders.pricing import PriceLine
from domain.orders.pricing import price
from domain.orders.totals import payment_status
from domain.payments.models import Payment
from domain.payments.models import Refund
from domain.reviews.models import Review
from domain.reviews.sentiment import sentiment_of
from domain.timers.models import Timer
from kit.clock import from_us
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox.clock import START_US
from sandbox.worlds.seeds import MINUTE_US
from tests.sandbox.worlds.conftest import Rows
from tests.sandbox.worlds.conftest import Table

pytestmark = pytest.mark.timeout(600)  # the first test builds the world
SLOT_US = 5 * MINUTE_US
MAGIC = {4002, 4005, 4013, 4037}


class Undone(Exception):
    """Takes back what a look at the world wrote."""


def by(rows: Rows, name: str) -> dict[Any, Rows]:
    """Rows by the value of a column."""
    found: dict[Any, Rows] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found


def priced_again(order: dict[str, Any], lines: Rows) -> PricedOrder:
    return price(
        [
            PriceLine(
                line["unit_minor"], line["quantity"],
                [(extra["price_minor"], extra["quantity"]) for extra in line["modifiers"]], line["tax_rate"],
            )
            for line in lines
        ],
        discounts=[Discount(row["kind"], row["value"]) for row in order["discounts"]],
        charges=[Charge(row["kind"], row["value"], row["tax_rate"]) for row in order["charges"]],
        tip_minor=order["tip_minor"], price_mode=order["price_mode"], tax_rounding=order["tax_rounding"],
    )  # fmt: skip


def test_every_order_costs_what_the_price_list_says(table: Table):
    lines, places = by(table(OrderLine), "order_id"), {row["id"]: row for row in table(Location)}
    wrong = []
    for order in table(Order):
        served = sorted((row for row in lines[order["id"]] if row["state"] == "active"), key=lambda row: row["position"])
        again, place = priced_again(order, served), places[order["location_id"]]
        taxes = [(row["rate"], row["base_minor"], row["amount_minor"]) for row in order["tax_lines"]]
        is_right = (
            order["subtotal_minor"] == again.subtotal_minor and order["discount_minor"] == again.discount_minor
            and order["charges_minor"] == again.charges_minor and order["tax_minor"] == again.tax_minor
            and order["tax_included_minor"] == again.tax_included_minor and order["total_minor"] == again.total_minor
            and [row["gross_minor"] for row in served] == again.gross_minor
            and [row["net_minor"] for row in served] == again.net_minor
            and taxes == [(one.rate, one.base_minor, one.amount_minor) for one in again.tax_lines]
            and [row["amount_minor"] for row in order["discounts"]] == again.discounts_minor
            and (order["currency"], order["price_mode"]) == (place["currency"], place["price_mode"])
        )  # fmt: skip
        if not is_right or not served:
            wrong.append(order["id"])

    assert wrong == []


def test_lines_that_are_gone_cost_nothing(table: Table):
    gone = [row for row in table(OrderLine) if row["state"] != "active"]
    given = {row["replaces_id"] for row in table(OrderLine)} - {None}

    assert {row["net_minor"] for row in gone} == {0}
    assert {row["id"] for row in gone if row["state"] == "substituted"} == given


def test_lines_name_items_of_their_place_at_the_price_they_have(table: Table):
    items = {row["id"]: row for row in table(MenuItem)}
    place_of = {row["id"]: row["location_id"] for row in table(Order)}

    for line in table(OrderLine):
        item = items[line["item_id"]]
        assert item["location_id"] == place_of[line["order_id"]]
        if line["variation_id"] is None:
            assert (line["name"], line["unit_minor"]) == (item["name"], item["base_price_minor"])


def test_money_of_every_order_adds_up(table: Table):
    payments, refunds = by(table(Payment), "order_id"), by(table(Refund), "payment_id")
    for order in table(Order):
        taken = [row for row in payments[order["id"]] if row["status"] not in ("failed", "created", "cancelled")]
        paid = sum(row["amount_minor"] + row["tip_minor"] for row in taken)
        bill = order["total_minor"] - order["deposit_applied_minor"]
        assert order["paid_minor"] == paid <= bill, order["id"]
        assert order["refunded_minor"] == sum(row["refunded_minor"] for row in taken)
        assert order["due_minor"] == (0 if order["collected_by"] == "channel" else bill - paid), order["id"]
        assert order["payment_status"] == payment_status(
            paid_minor=paid, refunded_minor=order["refunded_minor"], due_minor=order["due_minor"]
        )
    for payment in table(Payment):
        given_back = sum(row["amount_minor"] for row in refunds[payment["id"]] if row["status"] == "succeeded")
        charged = payment["amount_minor"] + payment["tip_minor"]
        assert payment["refunded_minor"] == given_back <= charged
        if payment["tendered_minor"] is not None:
            assert payment["method"] == "cash"
            assert payment["change_minor"] == payment["tendered_minor"] - charged >= 0
        assert payment["method"] not in ("card", "wallet") or payment["status"] == "failed" or charged not in MAGIC


def test_completed_orders_are_settled_and_others_took_no_money(table: Table):
    past = {row["id"]: row for row in table(Order)}
    completed = [row for row in past.values() if row["status"] == "completed"]

    assert {row["due_minor"] for row in completed} == {0}
    ended = ("rejected", "cancelled", "failed")
    assert {row["paid_minor"] for row in past.values() if row["status"] in ended} == {0}


def test_histories_end_where_things_stand_and_take_legal_steps(table: Table):
    kinds = (
        (Order, OrderStatusChange, "order_id", ORDER_MOVES),
        (Reservation, ReservationStatusChange, "reservation_id", BOOKING_MOVES),
    )
    for model, change, name, moves in kinds:
        histories = by(table(change), name)
        for row in table(model):
            history = sorted(histories[row["id"]], key=lambda entry: entry["position"])
            assert [entry["position"] for entry in history] == list(range(len(history)))
            assert history[-1]["status"] == row["status"]
            assert history[0]["at"] == row["created_at"]
            assert row["created_at"] <= history[-1]["at"] <= row["updated_at"] <= START_US, row["id"]
            assert row["version"] >= len(history)
            for before, after in pairwise(history):
                assert before["at"] <= after["at"]
                assert after["status"] in moves[before["status"]], (row["id"], before["status"], after["status"])


def test_orders_are_numbered_by_place_and_business_day(table: Table):
    places = {row["id"]: row for row in table(Location)}
    counters = {row["id"]: row["last_number"] for row in table(OrderCounter)}
    numbers: dict[str, list[int]] = defaultdict(list)
    for order in table(Order):
        at = order["fulfillment"]["requested_at"] or order["created_at"]
        assert order["business_date"] == business_date(places[order["location_id"]], from_us(at))
        numbers[f"{order['location_id']}:{order['business_date']}"].append(order["number"])

    assert all(sorted(used) == list(range(1, len(used) + 1)) for used in numbers.values())
    assert {day: len(used) for day, used in numbers.items()} == counters


def test_exactly_the_visits_to_come_hold_their_tables(table: Table):
    bookings = {row["id"]: row for row in table(Reservation)}
    at_tables = by(table(ReservationTable), "reservation_id")
    held: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for slot in table(ReservationSlot):
        held[slot["reservation_id"]].add((slot["table_id"], slot["slot_at"]))

    for booking in bookings.values():
        wanted = {
            (row["table_id"], at)
            for row in at_tables[booking["id"]]
            for at in range(booking["start_at"] // SLOT_US * SLOT_US, booking["end_at"], SLOT_US)
        }
        assert held.get(booking["id"], set()) == (wanted if booking["status"] in BLOCKING else set()), booking["id"]


def test_no_table_was_ever_taken_twice_and_everybody_had_a_seat(table: Table):
    tables = {row["id"]: row for row in table(DiningTable)}
    at_tables = by(table(ReservationTable), "reservation_id")
    stays: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for booking in table(Reservation):
        chosen = [tables[row["table_id"]] for row in at_tables[booking["id"]]]
        assert {one["location_id"] for one in chosen} <= {booking["location_id"]}
        if chosen:
            assert booking["party_size"] <= sum(one["seats_max"] for one in chosen), booking["id"]
        if len(chosen) == 2:
            assert chosen[1]["id"] in chosen[0]["combinable_with"]
        if booking["status"] not in ("cancelled", "rejected"):
            for one in chosen:
                stays[one["id"]].append((booking["start_at"], booking["end_at"]))

    for periods in stays.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(periods)))


def test_deposits_stand_in_their_reservations_and_lower_one_bill(table: Table):
    deposits = by([row for row in table(Payment) if row["purpose"] == "deposit"], "reservation_id")
    applied: Counter[str] = Counter()
    for order in table(Order):
        if order["deposit_applied_minor"]:
            applied[order["reservation_id"]] += order["deposit_applied_minor"]
    for booking in table(Reservation):
        mine = deposits[booking["id"]]
        paid = sum(row["amount_minor"] for row in mine if row["status"] in ("confirmed", "refunded", "partially_refunded"))
        assert booking["deposit_paid_minor"] == paid
        assert booking["deposit_refunded_minor"] == sum(row["refunded_minor"] for row in mine)
        assert applied[booking["id"]] <= paid
        if booking["status"] not in ("requested", "cancelled", "rejected"):
            assert booking["deposit_required_minor"] <= paid, booking["id"]

    assert len(applied) >= 60


def test_points_are_what_the_ledgers_say(table: Table):
    ledgers, tiers = by(table(PointsTransaction), "membership_id"), by(table(MembershipTier), "program_id")
    for member in table(LoyaltyMembership):
        entries = sorted(ledgers[member["id"]], key=lambda row: row["position"])
        assert [row["position"] for row in entries] == list(range(1, member["entries"] + 1))
        balance = 0
        for entry in entries:
            balance += entry["delta"]
            assert entry["balance_after"] == balance >= 0
        lifetime = sum(row["delta"] for row in entries if row["reason"] not in ("redeem", "expire"))
        reached = max((row for row in tiers[member["program_id"]] if row["threshold"] <= lifetime), key=lambda row: row["tier"])
        assert (member["points"], member["lifetime_points"], member["tier_id"]) == (balance, lifetime, reached["id"])
        times = [row["created_at"] for row in entries]
        assert times == sorted(times)


def test_every_settled_order_of_a_member_has_earned_once(table: Table):
    earned = Counter(row["order_id"] for row in table(PointsTransaction) if row["reason"] == "earn")
    orders = {row["id"]: row for row in table(Order)}

    assert set(earned.values()) == {1}
    assert len(earned) >= 150
    assert {orders[order_id]["status"] for order_id in earned} == {"completed"}


def test_codes_were_used_as_they_allow(table: Table):
    codes = {row["id"]: row for row in table(PromoCode)}
    orders, uses = {row["id"]: row for row in table(Order)}, table(PromoUse)
    seen: set[tuple[str, str]] = set()
    for use in uses:
        code, order = codes[use["promo_id"]], orders[use["order_id"]]
        assert use["discount_minor"] == order["discounts"][0]["amount_minor"]
        assert (code["starts_at"] or 0) <= use["used_at"] < (code["ends_at"] or START_US)
        assert code["currency"] in (None, order["currency"])
        assert order["subtotal_minor"] >= (code["min_subtotal_minor"] or 0)
        if code["per_customer"]:
            assert (code["id"], use["customer_id"]) not in seen
            seen.add((code["id"], use["customer_id"]))

    assert {row["id"]: row["used_count"] for row in codes.values() if row["used_count"]} == Counter(
        row["promo_id"] for row in uses
    )
    assert {row["order_id"] for row in uses} == {row["id"] for row in orders.values() if row["discounts"]}


def test_campaigns_reached_only_who_allowed_it(table: Table):
    guests, recipients = {row["id"]: row for row in table(Guest)}, by(table(CampaignRecipient), "campaign_id")
    for campaign in table(Campaign):
        counts = Counter(row["status"] for row in recipients[campaign["id"]])
        assert (campaign["sent"], campaign["suppressed"], campaign["failed"]) == (
            counts["sent"], counts["suppressed"], counts["failed"],
        )  # fmt: skip
        for row in recipients[campaign["id"]]:
            assert guests[row["customer_id"]]["consents"]["email_marketing"]["status"] == "granted"


def test_reviews_are_judged_by_their_words(table: Table):
    for review in table(Review):
        if review["comment"] is not None:
            heard = sentiment_of(review["comment"], language=review["language"])
            assert (review["sentiment_thousandths"], review["sentiment_label"]) == (heard.thousandths, heard.label)
        needs_answer = review["overall"] <= 2 or review["sentiment_label"] == "negative"
        assert (review["status"] in ("response_needed", "responded")) >= needs_answer, review["id"]
        assert (review["response_text"] is not None) == (review["status"] == "responded")


@pytest.mark.parametrize("segment_id", ["seg_regulars", "seg_newsletter"])
def test_segments_hold_whom_their_rules_mean(world: Scope, segment_id: str):
    recorded: list[object] = []
    with suppress(Undone), unit_of_work(world) as unit:
        refresh_segment(world, segment_id)
        recorded += unit.memo.get("events", ())
        raise Undone

    assert recorded == []


def test_nothing_belongs_to_guests_who_are_gone(table: Table):
    gone = {row["id"] for row in table(Guest) if row["merged_into_id"] or row["deleted_at"]}

    for model in (Order, Reservation, Review, PromoUse, CampaignRecipient):
        assert not gone & {row["customer_id"] for row in table(model)}


def test_what_is_on_the_way_has_its_timers(table: Table):
    timers = Counter(row["kind"] for row in table(Timer))
    pending = sum(row["status"] == "pending" and row["source"] == "marketplace" for row in table(Order))
    expected = [row for row in table(Reservation) if row["status"] in ("requested", "confirmed") and row["start_at"] > START_US]

    assert timers["order.start"] == sum(row["status"] == "scheduled" for row in table(Order))
    assert timers["order.acceptance"] == pending >= 12
    assert timers["reservation.no_show"] == len(expected)
    assert timers["campaign.start"] == 1
    assert timers["world.build"] == 0
