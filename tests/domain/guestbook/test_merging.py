"""Merging duplicates: victims vanish at once, their belongings move in steps, and nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from api.process import MODELS
from domain.guestbook import moving
from domain.guestbook import moving_queries
from domain.guestbook.moving import move_merged
from domain.guests import service as guests
from domain.guests.errors import MergeConflict
from domain.guests.errors import SelfMerge
from domain.guests.merging import get_merge
from domain.guests.merging import merge_guests
from domain.orders import service as orders
from domain.references.service import add_reference
from domain.reviews.models import Review
from domain.timers.models import Timer
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.planes import db
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now_us
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.orders import create_order


@pytest.fixture
def location_id(scope: Scope) -> str:
    with unit_of_work(scope):
        return create_location(scope)


def order_of(scope: Scope, guest_id: str, location_id: str, number: int) -> str:
    return create_order(scope, location_id=location_id, customer_id=guest_id, number=number)


def review_of(scope: Scope, guest_id: str, location_id: str) -> None:
    now = tenant_now_us(scope)
    append(scope, Review, [{
        "id": new_id("rev"), "location_id": location_id, "customer_id": guest_id, "overall": 5, "created_at": now,
        "updated_at": now,
    }])  # fmt: skip


def moved(scope: Scope, merge_id: str) -> dict[str, Any]:
    """Let the task run until the merge is done."""
    for _ in range(20):
        with unit_of_work(scope):
            move_merged(scope, merge_id)
            merge = get_merge(scope, merge_id=merge_id)
        if merge["state"] == "done":
            return merge
    raise AssertionError(merge)


def kinds_waiting(scope: Scope) -> list[str]:
    with unit_of_work(scope, writes=False):
        return sorted(timer.kind for timer in session(scope).scalars(Timer.owned_by(scope)))


def test_victims_vanish_at_once_and_their_belongings_move(scope: Scope, location_id: str) -> None:
    with unit_of_work(scope):
        victor, victim, earlier = (create_guest(scope, name=name) for name in ("Anna", "A. Nowak", "Ania"))
        merge_guests(scope, victor_id=victim, victim_ids=[earlier])
        add_reference(scope, product="tablespot", noun="customer", value="c1", object_id=victim)
        theirs = [order_of(scope, victim, location_id, number) for number in (1, 2)]
        review_of(scope, victim, location_id)
    before = len(recorded_types(scope))
    merge_id = first_merge(scope, victim)
    moved(scope, merge_id)
    with unit_of_work(scope):
        merge = merge_guests(scope, victor_id=victor, victim_ids=[victim])
    assert (merge["state"], merge["moved_counts"], merge["victim_ids"]) == ("queued", {}, [victim])
    with unit_of_work(scope, writes=False):
        with pytest.raises(NotFound):
            guests.get_guest(scope, guest_id=victim)
        shown = guests.get_guest(scope, guest_id=victor)
    assert shown["merged_customer_ids"] == sorted([victim, earlier])
    assert shown["refs"] == [{"product": "tablespot", "type": "customer", "id": "c1"}]
    done = moved(scope, merge["id"])
    assert (done["state"], done["moved_counts"]) == ("done", {"orders": 2, "reviews": 1})
    with unit_of_work(scope, writes=False):
        found = orders.list_orders(scope, limit=9, after=None, customer_id=victor)
        assert {order["id"] for order in found} == set(theirs)
        assert [order["version"] for order in found] == [2, 2]
    deleted, updated, merged = recorded_events(scope)[before + 1 :]
    assert [event.type for event in (deleted, updated, merged)] == ["customer.deleted", "customer.updated", "customer.merged"]
    assert (deleted.object_id, deleted.body["object"]["merged_into_id"]) == (victim, victor)
    assert updated.body["previous"] == {"merged_customer_ids": [], "refs": []}
    assert merged.body["object"]["moved_counts"] == {"orders": 2, "reviews": 1}


def first_merge(scope: Scope, victor_id: str) -> str:
    with unit_of_work(scope):
        again = guests.get_guest(scope, guest_id=victor_id)["merged_customer_ids"]
        return str(merge_guests(scope, victor_id=victor_id, victim_ids=again)["id"])


def test_merge_of_many_rows_goes_in_steps(scope: Scope, location_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "STEP", 3)
    with unit_of_work(scope):
        victor, victim, other = (create_guest(scope) for _ in range(3))
        for number in range(5):
            order_of(scope, victim, location_id, number)
        order_of(scope, other, location_id, 9)
        review_of(scope, other, location_id)
        merge_id = merge_guests(scope, victor_id=victor, victim_ids=[victim, other])["id"]
    states = []
    for _ in range(3):
        with unit_of_work(scope):
            move_merged(scope, merge_id)
            merge = get_merge(scope, merge_id=merge_id)
        states.append((merge["state"], dict(merge["moved_counts"])))
    assert states == [
        ("moving", {"orders": 3}), ("moving", {"orders": 6}), ("done", {"orders": 6, "reviews": 1}),
    ]  # fmt: skip
    assert kinds_waiting(scope) == ["customer.merge"]  # one more look for latecomers


def test_latecomer_is_moved_without_a_second_event(scope: Scope, location_id: str) -> None:
    with unit_of_work(scope):
        victor, victim = create_guest(scope), create_guest(scope)
        merge_id = merge_guests(scope, victor_id=victor, victim_ids=[victim])["id"]
    moved(scope, merge_id)
    with unit_of_work(scope):
        order_of(scope, victim, location_id, 1)
        move_merged(scope, merge_id)
        merge = get_merge(scope, merge_id=merge_id)
        assert len(orders.list_orders(scope, limit=9, after=None, customer_id=victor)) == 1
    assert (merge["state"], merge["moved_counts"]) == ("done", {"orders": 1})
    assert recorded_types(scope).count("customer.merged") == 1


def test_merge_that_was_done_before_is_no_merge(scope: Scope) -> None:
    with unit_of_work(scope):
        victor, victim = create_guest(scope), create_guest(scope)
        first = merge_guests(scope, victor_id=victor, victim_ids=[victim])
        again = merge_guests(scope, victor_id=victor, victim_ids=[victim, victim])
    assert again["id"] == first["id"]
    assert recorded_types(scope) == ["customer.deleted", "customer.updated"]


def test_customer_into_itself_is_refused(scope: Scope) -> None:
    with unit_of_work(scope):
        victor, victim = create_guest(scope), create_guest(scope)
        with pytest.raises(SelfMerge) as refusal:
            merge_guests(scope, victor_id=victor, victim_ids=[victim, victor])
    assert (refusal.value.status, refusal.value.errors[0].field, recorded_types(scope)) == (422, "victim_ids[1]", [])


def test_unknown_and_foreign_customers_are_not_found(scope: Scope, new_scope: Callable[..., Scope]) -> None:
    other = new_scope()
    with unit_of_work(other):
        theirs = create_guest(other)
    with unit_of_work(scope):
        own = create_guest(scope)
        for victor, victim in ((own, "cus_none"), (own, theirs), ("cus_none", own)):
            with pytest.raises(NotFound):
                merge_guests(scope, victor_id=victor, victim_ids=[victim])
    assert recorded_types(scope) == []


def test_victim_of_another_merge_is_a_conflict(scope: Scope) -> None:
    with unit_of_work(scope):
        one, two, victim = (create_guest(scope) for _ in range(3))
        merge_id = merge_guests(scope, victor_id=one, victim_ids=[victim])["id"]
        with pytest.raises(MergeConflict) as elsewhere:
            merge_guests(scope, victor_id=two, victim_ids=[victim])
        with pytest.raises(MergeConflict) as unfinished:
            merge_guests(scope, victor_id=two, victim_ids=[one])
    assert elsewhere.value.errors[0].field == "victim_ids[0]"
    assert unfinished.value.data == {"merge_id": merge_id}


def test_two_who_merge_each_other_at_once_do_it_once(scope: Scope) -> None:
    with unit_of_work(scope):
        pair = [create_guest(scope), create_guest(scope)]

    def work(index: int) -> str:
        return str(merge_guests(scope, victor_id=pair[index], victim_ids=[pair[1 - index]])["state"])

    assert sorted(at_once(scope, 2, work)) == ["queued", "resource_not_found"]
    assert recorded_types(scope) == ["customer.deleted", "customer.updated"]


def test_every_table_that_names_a_guest_is_moved_or_says_why_not() -> None:
    tables = db.metadatas["plane"].tables.values() if MODELS else ()
    naming = {table.name for table in tables for key in table.foreign_key_constraints if key.referred_table.name == "guests"}
    naming |= {table.name for table in tables if "customer_id" in table.c}
    moved_tables = {table.name for table in moving_queries.MOVED.values()}
    assert naming == moved_tables | set(moving_queries.LEFT)
    assert moved_tables & set(moving_queries.LEFT) == set()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    counts=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=4), step=st.integers(1, 6)
)
def test_nothing_is_lost_whatever_is_merged(
    new_scope: Callable[..., Scope], counts: list[tuple[int, int]], step: int
) -> None:
    scope = new_scope()
    with unit_of_work(scope):
        location_id = create_location(scope)
        everyone = [create_guest(scope) for _ in counts]
        number = 0
        for guest_id, (many_orders, many_reviews) in zip(everyone, counts, strict=True):
            for _ in range(many_orders):
                number += 1
                order_of(scope, guest_id, location_id, number)
            for _ in range(many_reviews):
                review_of(scope, guest_id, location_id)
        merge_id = merge_guests(scope, victor_id=everyone[0], victim_ids=everyone[1:])["id"]
        merge = get_merge(scope, merge_id=merge_id)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(moving, "STEP", step)
            while merge["state"] != "done":
                move_merged(scope, merge_id)
                merge = get_merge(scope, merge_id=merge_id)
        found = orders.list_orders(scope, limit=99, after=None, customer_id=everyone[0])
        assert len(found) == sum(orders_of for orders_of, _ in counts)
        assert merge["moved_counts"].get("orders", 0) == sum(orders_of for orders_of, _ in counts[1:])
        assert merge["moved_counts"].get("reviews", 0) == sum(reviews_of for _, reviews_of in counts[1:])
