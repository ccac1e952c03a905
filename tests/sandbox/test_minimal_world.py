"""What the minimal world holds besides menu and orders: every named fixture can be read, and its numbers fit together."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from domain.bookings.hours import slots_between
from domain.bookings.models import ReservationSlot
from domain.bookings.service import availability
from domain.bookings.service import get_reservation
from domain.campaigns.promo_codes import get_promo_code
from domain.campaigns.service import get_campaign
from domain.campaigns.service import list_recipients
from domain.guestbook.segmenting import refresh_segment
from domain.guests.segments import get_segment
from domain.guests.service import get_guest
from domain.integrations.service import get_integration
from domain.integrations.syncing import run_sync
from domain.integrations.syncing import start_sync
from domain.locations.service import get_location
from domain.locations.service import read_table
from domain.loyalty.service import get_member
from domain.loyalty.service import get_program
from domain.loyalty.service import get_reward
from domain.loyalty.service import list_entries
from domain.menus.service import get_category
from domain.menus.service import get_charge
from domain.menus.service import get_item
from domain.menus.service import get_menu
from domain.menus.service import get_modifier_group
from domain.menus.service import get_tax
from domain.menus.service import read_modifier
from domain.orders.service import DiscountDraft
from domain.orders.service import LineDraft
from domain.orders.service import OrderDraft
from domain.orders.service import get_order
from domain.orders.service import place_order
from domain.payments.service import get_payment
from domain.reviews.sentiment import sentiment_of
from domain.reviews.service import get_review
from domain.timers.service import due_instant_us
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from sandbox import service
from sandbox.clock import START_US
from sandbox.worlds import minimal
from tests.domain.recorded import recorded_types

READERS: dict[str, tuple[Callable[..., Any], str]] = {
    "locations": (get_location, "location_id"), "tables": (read_table, "table_id"), "taxes": (get_tax, "tax_id"),
    "charges": (get_charge, "charge_id"), "menus": (get_menu, "menu_id"), "categories": (get_category, "category_id"),
    "menu_items": (get_item, "item_id"), "modifier_groups": (get_modifier_group, "group_id"),
    "modifiers": (read_modifier, "modifier_id"), "customers": (get_guest, "guest_id"), "orders": (get_order, "order_id"),
    "payments": (get_payment, "payment_id"), "reservations": (get_reservation, "reservation_id"),
    "segments": (get_segment, "segment_id"), "loyalty_programs": (get_program, "program_id"),
    "loyalty_rewards": (get_reward, "reward_id"), "memberships": (get_member, "member_id"), "reviews": (get_review, "review_id"),
    "campaigns": (get_campaign, "campaign_id"), "promo_codes": (get_promo_code, "code"),
    "integrations": (get_integration, "integration_id"),
}  # fmt: skip
INSIDE = {"variations", "loyalty_tiers"}  # read with the item or program they belong to
HOUR_US = 3_600_000_000


@pytest.fixture
def world(scope: Scope) -> Scope:
    with unit_of_work(scope):
        service.reset(scope)
    return scope


def test_every_fixture_is_listed_by_kind_and_can_be_read(world: Scope) -> None:
    with unit_of_work(world, writes=False):
        named = service.fixtures(world)
        for kind in named.keys() - INSIDE:
            read, parameter = READERS[kind]
            for name in named[kind]:
                found = read(world, **{parameter: name})
                assert name in (found["id"], found.get("code"))
        tiers = {tier["id"] for tier in get_program(world, program_id="prg_regulars")["tiers"]}
        variations = {one["id"] for one in get_item(world, item_id="itm_lemonade")["variations"]}

    assert named.keys() == READERS.keys() | INSIDE
    assert (tiers, variations) == (set(named["loyalty_tiers"]), set(named["variations"]))
    assert all(named.values())


def test_reservations_are_one_at_the_table_one_tonight_and_two_tomorrow(world: Scope) -> None:
    with unit_of_work(world, writes=False):
        found = [get_reservation(world, reservation_id=name) for name in minimal.FIXTURES["reservations"]]
        due = [due_instant_us(world, kind="reservation.no_show", object_id=one["id"]) for one in found]
        taken = session(world).execute(
            select(ReservationSlot.reservation_id, ReservationSlot.slot_at).where(ReservationSlot.tenant_id == world.tenant_id)
        ).all()  # fmt: skip

    assert [(one["status"], one["local_date"], one["table_ids"], one["deposit"]["status"]) for one in found] == [
        ("seated", "2026-01-12", ["tbl_waw_3"], "none"), ("confirmed", "2026-01-12", ["tbl_waw_4"], "none"),
        ("confirmed", "2026-01-13", ["tbl_waw_3"], "paid"), ("requested", "2026-01-13", ["tbl_waw_4"], "none"),
    ]  # fmt: skip
    assert [[change["status"] for change in one["status_history"]][-1] for one in found] == [one["status"] for one in found]
    assert due == [None, *(one["start_at"] + HOUR_US for one in found[1:])]
    for one in found:
        slots = set(slots_between(one["start_at"], one["end_at"]))
        assert {slot for owner, slot in taken if owner == one["id"]} == slots


def test_tables_of_reservations_are_not_offered(world: Scope) -> None:
    with unit_of_work(world, writes=False):
        tonight = get_reservation(world, reservation_id="res_waw_2")
        slots = availability(world, location_id="loc_waw_01", day=date(2026, 1, 12), party_size=2)["slots"]
        [slot] = [one for one in slots if one["start_at"] == tonight["start_at"]]

    assert ["tbl_waw_4"] not in [option["table_ids"] for option in slot["table_options"]]


def test_ledgers_explain_points_and_tiers(world: Scope) -> None:
    with unit_of_work(world, writes=False):
        program = get_program(world, program_id="prg_regulars")
        for member_id in minimal.FIXTURES["memberships"]:
            member = get_member(world, member_id=member_id)
            entries = list_entries(world, member_id=member_id, limit=50, after=None)[::-1]
            balances = [sum(entry["delta"] for entry in entries[: number + 1]) for number in range(len(entries))]
            reached = [tier["id"] for tier in program["tiers"] if tier["threshold"] <= member["lifetime_points"]]

            assert [entry["balance_after"] for entry in entries] == balances
            assert [entry["position"] for entry in entries] == list(range(1, len(entries) + 1))
            assert (member["points"], member["tier_id"]) == (balances[-1], reached[-1])
            assert member["lifetime_points"] == sum(one["delta"] for one in entries if one["reason"] not in ("redeem", "expire"))


def test_segments_hold_whom_their_rules_name(world: Scope) -> None:
    with unit_of_work(world):
        counts = [get_segment(world, segment_id=name)["members_count"] for name in minimal.FIXTURES["segments"]]
        for name in minimal.FIXTURES["segments"]:
            refresh_segment(world, name)

    assert counts == [4, 3]
    assert recorded_types(world) == []  # nobody had to enter or leave


def test_reviews_sound_as_judged(world: Scope) -> None:
    with unit_of_work(world, writes=False):
        reviews = [get_review(world, review_id=name) for name in minimal.FIXTURES["reviews"]]

    assert [(one["overall"], one["status"], one["sentiment"]["label"]) for one in reviews] == [
        (5, "new", "positive"), (2, "response_needed", "negative"), (4, "responded", "positive"),
    ]  # fmt: skip
    for one in reviews:
        assert one["sentiment"]["score"] == sentiment_of(one["comment"], language=one["language"]).thousandths / 1000
    assert reviews[0]["order_id"] == "ord_89407"


def test_sent_campaign_reached_the_newsletter(world: Scope) -> None:
    with unit_of_work(world, writes=False):
        draft, sent = (get_campaign(world, campaign_id=name) for name in ("cam_lunch_week", "cam_winter"))
        recipients = list_recipients(world, campaign_id="cam_winter", limit=10)

    assert (draft["status"], sent["status"], sent["recipients"], sent["sent"]) == ("draft", "sent", 3, 3)
    assert [one["customer_id"] for one in recipients] == ["cus_anna", "cus_hanako", "cus_piotr"]


@pytest.mark.parametrize(("code", "total"), [("WELCOME10", 3742), ("EXPIRED5", None)])
def test_promo_code_is_taken_or_refused(world: Scope, code: str, total: int | None) -> None:
    lines = [LineDraft(item_id="itm_bacon_cheeseburger")]
    draft = OrderDraft(source="website", location_id="loc_waw_01", lines=lines, discounts=[DiscountDraft("promo", code=code)])
    if total is None:
        with pytest.raises(PlatformError, match="not valid any more"), unit_of_work(world):
            place_order(world, draft=draft)
        return
    with unit_of_work(world):
        assert place_order(world, draft=draft).document["total_minor"] == total


def test_till_compares_as_its_last_run_says(world: Scope) -> None:
    with unit_of_work(world):
        run = start_sync(world, integration_id="int_till")
        run_sync(world, run["id"])
        till = get_integration(world, integration_id="int_till")

    assert (till["state"], till["last_sync_status"], till["last_sync_at"]) == ("connected", "succeeded", START_US)
