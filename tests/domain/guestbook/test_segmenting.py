"""Segments: who satisfies a rule enters, who does not any more leaves, each with an event."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.guestbook import segmenting
from domain.guestbook.segmenting import evaluate_guest
from domain.guestbook.segmenting import refresh_segment
from domain.guests import segments
from domain.guests import service as guests
from domain.timers.models import Timer
from kit.clock import to_us
from kit.errors import Conflict
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.clock import freeze_clock
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.orders import create_order

NOW = datetime(2026, 1, 12, 12, tzinfo=UTC)
EMAIL_GRANTED = {"email_marketing": {"status": "granted", "at": 1, "source": "website"}}


def days_ago(days: int) -> int:
    return to_us(NOW - timedelta(days=days))


@pytest.fixture
def world(scope: Scope) -> dict[str, str]:
    """Anna: two orders, the last ten days ago, 91.80 PLN. Bruno: one 100 days ago, 45.90. Clara: none."""
    with unit_of_work(scope):
        freeze_clock(scope, NOW)
        location_id = create_location(scope)
        anna = create_guest(
            scope, name="Anna", tags=["vip", "regular"], email="anna@example.com", country="PL", locale="pl", gender="female",
            consents=EMAIL_GRANTED, source="website", parent_location_id=location_id, created_at=days_ago(200),
            addresses=[{"city": "Warszawa"}], calendar_events=[{"tag": "birthday", "month": 3, "day": 1}],
        )  # fmt: skip
        bruno = create_guest(scope, name="Bruno", tags=["regular"], phone="+49305550101", country="DE", created_at=days_ago(150))
        clara = create_guest(scope, name="Clara", created_at=days_ago(1))
        guests.find_or_create_guest(scope, name="Temporary", phone="+48221234567")
        for number, (guest_id, days, status) in enumerate(
            [(anna, 10, "completed"), (anna, 40, "completed"), (bruno, 100, "completed"), (clara, 5, "cancelled")]
        ):
            create_order(
                scope, location_id=location_id, customer_id=guest_id, number=number, status=status, paid_minor=4590,
                due_minor=0, created_at=days_ago(days),
            )  # fmt: skip
    return {"anna": anna, "bruno": bruno, "clara": clara, "location": location_id}


RULES: dict[str, tuple[dict[str, Any], str]] = {
    "tags_any": ({"tags_any": ["vip", "other"]}, "anna"),
    "tags_all": ({"tags_all": ["vip", "regular", "vip"]}, "anna"),
    "tags_none": ({"tags_none": ["vip"]}, "bruno clara"),
    "consent granted": ({"consents": {"email_marketing": "granted"}}, "anna"),
    "consent unknown": ({"consents": {"email_marketing": "unknown", "surveys": "unknown"}}, "bruno clara"),
    "has_email": ({"has_email": True}, "anna"),
    "no phone": ({"has_phone": False}, "anna clara"),
    "countries": ({"countries": ["PL", "LT"]}, "anna"),
    "cities": ({"cities": ["Warszawa"]}, "anna"),
    "locales": ({"locales": ["pl"]}, "anna"),
    "genders": ({"genders": ["female", "other"]}, "anna"),
    "sources": ({"sources": ["website"]}, "anna"),
    "birthday_months": ({"birthday_months": [2, 3]}, "anna"),
    "min_orders": ({"min_orders": 1}, "anna bruno"),
    "max_orders": ({"max_orders": 1}, "bruno clara"),
    "min_visits": ({"min_visits": 1}, ""),
    "max_visits": ({"max_visits": 0}, "anna bruno clara"),
    "min_no_shows": ({"min_no_shows": 1}, ""),
    "min_cancels": ({"min_cancels": 1}, ""),
    "spend from": ({"lifetime_spend": {"currency": "PLN", "min_minor": 9180}}, "anna"),
    "spend between": ({"lifetime_spend": {"currency": "PLN", "min_minor": 1, "max_minor": 9179}}, "bruno"),
    "spend elsewhere": ({"lifetime_spend": {"currency": "EUR", "max_minor": 0}}, "anna bruno clara"),
    "gone quiet": ({"last_visit_before_days": 30}, "bruno"),
    "seen lately": ({"last_visit_within_days": 30}, "anna"),
    "known long": ({"created_before_days": 160}, "anna"),
    "new": ({"created_within_days": 7}, "clara"),
    "all must hold": ({"min_orders": 1, "tags_any": ["regular"], "countries": ["DE"]}, "bruno"),
}


@pytest.mark.parametrize(("rule", "members"), RULES.values(), ids=RULES)
def test_rule_gathers_who_satisfies_it(scope: Scope, world: dict[str, str], rule: dict[str, Any], members: str) -> None:
    with unit_of_work(scope):
        segment_id = segments.create_segment(scope, name="Some", rule=rule)["id"]
        refresh_segment(scope, segment_id)
        found = segments.segment_members(scope, segment_id=segment_id)
        segment = segments.get_segment(scope, segment_id=segment_id)
    wanted = {world[name] for name in members.split()}
    assert {guest["id"] for guest in found} == wanted
    assert (segment["members_count"], segment["evaluated_at"]) == (len(wanted), to_us(NOW))
    told = [(event.type, event.object_id, event.body["object"]["change"]) for event in recorded_events(scope)]
    assert set(told) == {("customer.segment.updated", guest_id, "entered") for guest_id in wanted}
    for name in ("anna", "bruno", "clara"):
        with unit_of_work(scope):
            evaluate_guest(scope, world[name])  # the same judgement, one by one
    assert len(recorded_events(scope)) == len(wanted)


def test_parent_location_is_a_predicate(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        rule = {"parent_location_ids": [world["location"]]}
        segment_id = segments.create_segment(scope, name="Home", rule=rule)["id"]
        refresh_segment(scope, segment_id)
        assert [guest["id"] for guest in segments.segment_members(scope, segment_id=segment_id)] == [world["anna"]]


def test_guest_who_changes_enters_and_leaves(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        segment_id = segments.create_segment(scope, name="VIPs", rule={"tags_any": ["vip"]})["id"]
        refresh_segment(scope, segment_id)
    with unit_of_work(scope):
        guests.change_guest(scope, guest_id=world["clara"], draft=guests.draft_of({"tags": ["vip"]}))
        guests.remove_tag(scope, guest_id=world["anna"], tag="vip")
    assert {"segment.evaluate:" + world[name] for name in ("anna", "clara")} <= waiting(scope)
    for name in ("anna", "clara"):
        with unit_of_work(scope):
            evaluate_guest(scope, world[name])
            evaluate_guest(scope, world[name])
    told = [event.body["object"] for event in recorded_events(scope) if event.type == "customer.segment.updated"]
    assert [(one["customer_id"], one["change"]) for one in told] == [
        (world["anna"], "entered"), (world["anna"], "left"), (world["clara"], "entered"),
    ]  # fmt: skip
    assert told[0]["segment"] == {"id": segment_id, "name": "VIPs"}


def waiting(scope: Scope) -> set[str]:
    with unit_of_work(scope, writes=False):
        return {timer.id for timer in session(scope).scalars(Timer.owned_by(scope))}


def test_guest_who_changes_where_there_are_no_segments_costs_no_task(scope: Scope) -> None:
    with unit_of_work(scope):
        guest_id = create_guest(scope)
        guests.history_changed(scope, guest_id=guest_id)
    assert waiting(scope) == set()


def test_new_rule_moves_members_and_a_deleted_segment_loses_them(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        segment_id = segments.create_segment(scope, name="Some", rule={"countries": ["PL"]})["id"]
        refresh_segment(scope, segment_id)
    with unit_of_work(scope):
        changed = segments.change_segment(scope, segment_id=segment_id, rule={"countries": ["DE"]}, expected_version=1)
        refresh_segment(scope, segment_id)
        with pytest.raises(Conflict):
            segments.change_segment(scope, segment_id=segment_id, name="x", expected_version=1)
    with unit_of_work(scope):
        segments.delete_segment(scope, segment_id=segment_id)
        with pytest.raises(NotFound):
            segments.get_segment(scope, segment_id=segment_id)
        refresh_segment(scope, segment_id)
    told = [(event.object_id, event.body["object"]["change"]) for event in recorded_events(scope)]
    assert changed["version"] == 2
    assert told == [
        (world["anna"], "entered"), (world["bruno"], "entered"), (world["anna"], "left"), (world["bruno"], "left"),
    ]  # fmt: skip


def test_many_guests_enter_in_steps(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmenting, "STEP", 2)
    with unit_of_work(scope):
        for _ in range(5):
            create_guest(scope, country="PL")
        segment_id = segments.create_segment(scope, name="Poles", rule={"countries": ["PL"]})["id"]
    counts = []
    for _ in range(3):
        with unit_of_work(scope):
            refresh_segment(scope, segment_id)
            segment = segments.get_segment(scope, segment_id=segment_id)
        counts.append((segment["members_count"], segment["evaluated_at"] is not None))
    assert counts == [(2, False), (4, False), (5, True)]


def test_rule_about_days_is_looked_at_every_day(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        by_days = segments.create_segment(scope, name="Lately", rule={"last_visit_within_days": 30})["id"]
        other = segments.create_segment(scope, name="Poles", rule={"countries": ["PL"]})["id"]
        refresh_segment(scope, by_days)
        refresh_segment(scope, other)
    daily = {timer for timer in waiting(scope) if timer.startswith("segment.daily")}
    assert daily == {f"segment.daily:{by_days}"}


def test_erased_guest_leaves_without_a_word(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        segment_id = segments.create_segment(scope, name="Poles", rule={"countries": ["PL"]})["id"]
        refresh_segment(scope, segment_id)
    with unit_of_work(scope):
        create_guest(scope, deleted_at=1, country="PL")
        refresh_segment(scope, segment_id)
    assert recorded_types(scope) == ["customer.segment.updated"]


def test_segment_refreshed_by_several_at_once_gathers_each_guest_once(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        segment_id = segments.create_segment(scope, name="All", rule={"max_visits": 0})["id"]
    at_once(scope, 4, lambda _: refresh_segment(scope, segment_id))
    with unit_of_work(scope, writes=False):
        assert segments.get_segment(scope, segment_id=segment_id)["members_count"] == 3
    assert recorded_types(scope) == ["customer.segment.updated"] * 3


WORDS = st.sets(st.sampled_from("abcd"), max_size=3)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    held=st.lists(WORDS, min_size=1, max_size=4), any_of=WORDS.filter(bool), all_of=WORDS.filter(bool), none_of=WORDS.filter(bool)
)
def test_members_are_exactly_those_who_satisfy_the_rule(
    new_scope: Any, held: list[set[str]], any_of: set[str], all_of: set[str], none_of: set[str]
) -> None:
    scope = new_scope()
    rule = {"tags_any": sorted(any_of), "tags_all": sorted(all_of), "tags_none": sorted(none_of)}
    with unit_of_work(scope):
        everyone = {create_guest(scope, tags=sorted(tags)): tags for tags in held}
        segment_id = segments.create_segment(scope, name="Some", rule=rule)["id"]
        refresh_segment(scope, segment_id)
        found = {guest["id"] for guest in segments.segment_members(scope, segment_id=segment_id)}
    assert found == {one for one, tags in everyone.items() if tags & any_of and all_of <= tags and not tags & none_of}
