"""Joining, changing, leaving and importing, on a real database."""

from datetime import UTC
from datetime import datetime

import pytest

from domain.loyalty.service import change_member
from domain.loyalty.service import delete_member
from domain.loyalty.service import get_member
from domain.loyalty.service import import_members
from domain.loyalty.service import list_entries
from domain.loyalty.service import list_members
from domain.loyalty.service import move_customer
from domain.loyalty.service import post_points
from domain.timekeeping.service import fire_passed
from domain.timers.service import due_instant_us
from kit.clock import to_us
from kit.errors import DuplicateReference
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.clock import freeze_clock
from tests.factories.guests import create_guest
from tests.factories.loyalty import make_member
from tests.factories.loyalty import make_program

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)


def test_member_when_created_is_told_twice_and_shown_whole(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        program, customer_id = make_program(scope), create_guest(scope)
        member = make_member(scope, program_id=program["id"], customer_id=customer_id, code="R-1")
    now = to_us(NOON)
    assert member == {
        "id": member["id"], "program_id": program["id"], "code": "R-1", "tier_id": None, "tier": None, "points": 0,
        "lifetime_points": 0, "status": "active", "start_date": "2026-01-12", "expiry_date": None,
        "customer_ids": [customer_id], "refs": [], "version": 1, "created_at": now, "updated_at": now,
    }  # fmt: skip
    joined, created = recorded_events(scope)
    assert (joined.type, joined.body) == ("loyalty.member.created", {"object": member, "previous": None})
    assert (created.type, created.body) == ("membership.created", {"object": member, "previous": None})


def test_member_when_enrolled_ahead_joins_on_becoming_active(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope, status="pre_enrollment")
    assert recorded_types(scope) == ["membership.created"]
    with unit_of_work(scope):
        after = change_member(scope, member_id=member["id"], status="active")
    _, joined, updated = recorded_events(scope)
    assert (joined.type, joined.body) == ("loyalty.member.created", {"object": after, "previous": None})
    assert (updated.type, updated.body) == ("membership.updated", {"object": after, "previous": {"status": "pre_enrollment"}})


def test_member_when_cancelled_may_join_again(scope: Scope):
    with unit_of_work(scope):
        member_id = make_member(scope)["id"]
        change_member(scope, member_id=member_id, status="cancelled")
        assert change_member(scope, member_id=member_id, status="active")["version"] == 3
    assert recorded_types(scope)[2:] == ["membership.updated", "loyalty.member.created", "membership.updated"]


@pytest.mark.parametrize(
    ("at", "target"),
    [("pre_enrollment", "cancelled"), ("active", "pre_enrollment"), ("cancelled", "pre_enrollment")],
    ids=["pre_enrollment-cancelled", "active-pre_enrollment", "cancelled-pre_enrollment"],
)
def test_member_when_a_move_is_not_in_the_machine_stays(scope: Scope, at: str, target: str):
    with unit_of_work(scope):
        member = make_member(scope, status=at)
    with pytest.raises(InvalidTransition) as refused, unit_of_work(scope):
        change_member(scope, member_id=member["id"], status=target)
    assert (refused.value.data["from"], refused.value.data["to"]) == (at, target)
    with unit_of_work(scope):
        assert get_member(scope, member_id=member["id"]) == member


def test_member_when_nothing_differs_is_not_told(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope, code="R-1")
    with unit_of_work(scope):
        assert change_member(scope, member_id=member["id"], status="active", code="R-1") == member
    assert len(recorded_types(scope)) == 2


def test_customer_when_in_the_program_already_is_refused_with_the_membership(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope)
    with pytest.raises(DuplicateReference) as refused, unit_of_work(scope):
        make_member(scope, program_id=member["program_id"], customer_id=member["customer_ids"][0])
    assert refused.value.data == {"member_id": member["id"]}


def test_code_when_taken_is_refused_and_free_again_after_deletion(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope, code="R-1")
    with pytest.raises(DuplicateReference), unit_of_work(scope):
        make_member(scope, program_id=member["program_id"], code="R-1")
    with unit_of_work(scope):
        other = make_member(scope, program_id=member["program_id"])
    with pytest.raises(DuplicateReference), unit_of_work(scope):
        change_member(scope, member_id=other["id"], code="R-1")
    with unit_of_work(scope):
        delete_member(scope, member_id=member["id"])
        make_member(scope, program_id=member["program_id"], code="R-1")
    with pytest.raises(NotFound), unit_of_work(scope):
        get_member(scope, member_id=member["id"])
    deleted = recorded_events(scope)[4]
    assert (deleted.type, deleted.body) == ("membership.deleted", {"object": member, "previous": None})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "gone"}, "status"),
        ({"start_date": "2026-02-30"}, "start_date"),
        ({"start_date": "2026-02-03", "expiry_date": "2026-02-02"}, "expiry_date"),
        ({"points": -1}, "points"),
        ({"points": 5, "lifetime_points": 4}, "lifetime_points"),
        ({"program_id": "prg_none"}, "program_id"),
        ({"customer_id": "cus_none"}, "customer_id"),
    ],
    ids=["status", "date", "dates", "points", "lifetime", "program", "customer"],
)
def test_member_when_a_value_is_wrong_is_refused_without_trace(scope: Scope, changes: dict, field: str):
    with pytest.raises(Invalid) as refused, unit_of_work(scope):
        make_member(scope, **changes)
    assert [error.field for error in refused.value.errors] == [field]
    with unit_of_work(scope):
        assert list_members(scope, limit=1) == []
    assert recorded_types(scope) == []


def test_membership_when_its_last_day_is_over_expires_with_its_points(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        member = make_member(scope, points=30, expiry_date="2026-01-31")
        due = due_instant_us(scope, kind="loyalty.expire", object_id=member["id"])
    assert due == to_us(datetime(2026, 2, 1, tzinfo=UTC))
    with unit_of_work(scope):
        freeze_clock(scope, datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
        assert fire_passed(scope) == []
        freeze_clock(scope, datetime(2026, 2, 1, tzinfo=UTC))
        assert fire_passed(scope) == [member["id"]]
        after = get_member(scope, member_id=member["id"])
        entries = list_entries(scope, member_id=member["id"], limit=10, after=None)
    assert (after["status"], after["points"], after["lifetime_points"]) == ("cancelled", 0, 30)
    assert [(entry["delta"], entry["reason"]) for entry in entries] == [(-30, "expire"), (30, "adjust")]
    expired = recorded_events(scope)[-1]
    assert (expired.type, expired.body["previous"]) == ("membership.updated", {"status": "active", "points": 30})


def test_expiry_when_prolonged_waits_for_the_new_day(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        member = make_member(scope, expiry_date="2026-01-31")
        change_member(scope, member_id=member["id"], expiry_date="2027-01-31")
        freeze_clock(scope, datetime(2026, 3, 1, tzinfo=UTC))
        assert fire_passed(scope) == []
        change_member(scope, member_id=member["id"], expiry_date=None)
        assert due_instant_us(scope, kind="loyalty.expire", object_id=member["id"]) is None


def test_import_when_rows_differ_gives_each_its_own_result(scope: Scope):
    with unit_of_work(scope):
        program = make_program(scope)
        customer_id = create_guest(scope)
        known = make_member(scope, program_id=program["id"], code="OLD", points=10)
    before = len(recorded_types(scope))
    rows = [
        {"program_id": program["id"], "customer_id": customer_id, "code": "NEW", "points": 40, "lifetime_points": 160},
        {"program_id": program["id"], "customer_id": customer_id, "code": "TWICE", "points": 1},
        {"program_id": program["id"], "customer_id": customer_id, "code": "OLD", "points": 25},
        {"program_id": "prg_none", "customer": {"name": "Jane", "phone": "+48500100200"}},
        {"program_id": program["id"], "customer": {"name": "Jane", "phone": "+48500100200"}},
    ]
    with unit_of_work(scope):
        results = import_members(scope, rows=rows)
        new, old, jane = (get_member(scope, member_id=results[index].member_id) for index in (0, 2, 4))
        entries = list_entries(scope, member_id=new["id"], limit=10, after=None)
    assert [result.status for result in results] == ["created", "refused", "updated", "refused", "created"]
    assert [one.refusal.code for one in results if one.refusal] == ["duplicate_reference", "validation_failed"]
    assert (new["points"], new["lifetime_points"], new["tier"]["code"]) == (40, 160, "silver")
    rows = [(one["delta"], one["reason"], one["balance_after"]) for one in entries]
    assert rows == [(-120, "redeem", 40), (160, "adjust", 160)]
    assert (old["id"], old["points"], old["customer_ids"]) == (known["id"], 25, known["customer_ids"])
    assert jane["points"] == 0
    pair = ["loyalty.member.created", "membership.created"]
    assert [name for name in recorded_types(scope)[before:] if "customer" not in name] == [*pair, "membership.updated", *pair]


def test_memberships_when_customers_merge_move_with_their_points(scope: Scope):
    with unit_of_work(scope):
        victim, victor = create_guest(scope), create_guest(scope)
        card = make_member(scope, customer_id=victim, points=30)
        own = make_member(scope, program_id=card["program_id"], customer_id=victor, points=5)
    with unit_of_work(scope):
        assert move_customer(scope, victim_id=victim, victor_id=victor) == 1
        assert move_customer(scope, victim_id=victim, victor_id=victor) == 0
        held = list_members(scope, limit=10, customer_id=victor)
    assert {(one["id"], one["points"]) for one in held} == {(card["id"], 30), (own["id"], 5)}


def test_members_when_listed_follow_their_filters_and_pages(scope: Scope):
    with unit_of_work(scope):
        program_id = make_program(scope)["id"]
        made = [make_member(scope, program_id=program_id, points=points) for points in (0, 150, 600)]
        other = make_member(scope, status="pre_enrollment")
        gold = list_members(scope, limit=10, tier="gold")
        waiting = list_members(scope, limit=10, status="pre_enrollment")
        first = list_members(scope, limit=2, program_id=program_id)
        rest = list_members(scope, limit=2, program_id=program_id, after=[first[1]["created_at"], first[1]["id"]])
    assert ([one["id"] for one in gold], [one["id"] for one in waiting]) == ([made[2]["id"]], [other["id"]])
    assert [one["id"] for one in (*first[:2], *rest)] == [one["id"] for one in reversed(made)]


def test_customer_when_joining_many_times_at_once_joins_once(scope: Scope):
    with unit_of_work(scope):
        program_id, customer_id = make_program(scope)["id"], create_guest(scope)

    def join(_: int) -> str:
        return make_member(scope, program_id=program_id, customer_id=customer_id)["status"]

    assert sorted(at_once(scope, 6, join)) == ["active", *["duplicate_reference"] * 5]


def test_code_when_taken_by_many_at_once_belongs_to_one(scope: Scope):
    with unit_of_work(scope):
        program_id = make_program(scope)["id"]
        customers = [create_guest(scope) for _ in range(6)]

    def join(index: int) -> str:
        return make_member(scope, program_id=program_id, customer_id=customers[index], code="ONE")["status"]

    assert sorted(at_once(scope, 6, join)) == ["active", *["duplicate_reference"] * 5]


def test_points_when_the_member_is_gone_are_refused(scope: Scope):
    with unit_of_work(scope):
        member = make_member(scope)
        delete_member(scope, member_id=member["id"])
    with pytest.raises(PlatformError) as refused, unit_of_work(scope):
        post_points(scope, member_id=member["id"], delta=5, reason="earn")
    assert refused.value.code == "resource_not_found"
