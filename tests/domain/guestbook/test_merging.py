"""Merging duplicates: victims vanish at once, their belongings move in steps, and nothing is lost."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from api.process import MODELS
from domain.bookings.models import Reservation
from domain.bookings.models import WaitlistEntry
from domain.campaigns.models import PromoUse
from domain.guestbook import moving
from domain.guestbook import moving_queries
from domain.guestbook.moving import move_merged
from domain.guests import service as guests
from domain.guests.errors import MergeConflict
from domain.guests.errors import SelfMerge
from domain.guests.merging import get_merge
from domain.guests.merging import merge_guests
from domain.integrations.mappings import ReferenceSeen
from domain.integrations.mappings import put_mappings
from domain.integrations.models import Mapping
from domain.integrations.service import create_integration
from domain.loyalty.models import LoyaltyMembership
from domain.loyalty.models import MembershipCustomer
from domain.loyalty.service import list_members
from domain.notifications.models import OutgoingMessage
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
from tests.factories.campaigns import create_promo
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.loyalty import make_program
from tests.factories.orders import create_order

REFS = count(1000)


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


def test_account_at_a_hotel_goes_with_the_guest(scope: Scope) -> None:
    with unit_of_work(scope):
        victor, victim = create_guest(scope), create_guest(scope)
        hotel = create_integration(scope, name="Hotel", kind="hotel")["id"]
        put_mappings(scope, integration_id=hotel, mappings=[ReferenceSeen("folio", "F-100", "A. Nowak", victim)])
        merge_id = merge_guests(scope, victor_id=victor, victim_ids=[victim])["id"]
    assert moved(scope, merge_id)["moved_counts"] == {"folios": 1}
    with unit_of_work(scope, writes=False):
        (mapping,) = session(scope).scalars(Mapping.owned_by(scope))
    assert mapping.object_id == victor


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


# What may belong to a guest, how a row of it is written, and its name in moved_counts.
BELONGINGS: dict[str, Callable[[Scope, str, "Ground"], None]] = {
    "orders": lambda scope, guest_id, ground: ground.order(guest_id),
    "reviews": lambda scope, guest_id, ground: review_of(scope, guest_id, ground.location_id),
    "reservations": lambda scope, guest_id, ground: ground.reservation(guest_id),
    "memberships": lambda scope, guest_id, ground: ground.card(guest_id),
    "promo_uses": lambda scope, guest_id, ground: ground.promo_use(guest_id),
    "waitlist_entries": lambda scope, guest_id, ground: ground.row(WaitlistEntry, guest_id, party_size=2),
    "messages": lambda scope, guest_id, ground: ground.row(
        OutgoingMessage, guest_id, channel="sms", kind="alert", recipient="x", body="x", status="sent"
    ),
}


class Ground:
    """Writes what belongs to guests, without events."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.count = scope, 0
        self.location_id = create_location(scope)
        self.program_id = make_program(scope)["id"]
        create_promo(scope, id="prm_1")

    def order(self, guest_id: str | None) -> str:
        self.count += 1
        return create_order(self.scope, location_id=self.location_id, customer_id=guest_id, number=self.count)

    def row(self, model: Any, guest_id: str, **columns: Any) -> None:
        dated = {name: tenant_now_us(self.scope) for name in ("created_at", "updated_at") if name in model.__table__.c}
        place = {"location_id": self.location_id} if "location_id" in model.__table__.c else {}
        append(self.scope, model, [{"id": new_id("row"), "customer_id": guest_id, **dated, **place, **columns}])

    def reservation(self, guest_id: str) -> None:
        start = tenant_now_us(self.scope)
        self.row(
            Reservation, guest_id, ref=f"R{next(REFS)}", source="api", start_at=start, end_at=start + 1, duration_minutes=90,
            local_date="2026-01-12", party_size=2, party={"adult": 2}, status="completed", currency="PLN",
        )  # fmt: skip

    def card(self, guest_id: str) -> None:
        member_id = new_id("mem")
        append(self.scope, LoyaltyMembership, [{
            "id": member_id, "program_id": self.program_id, "code": member_id, "points": 7, "lifetime_points": 7,
            "created_at": tenant_now_us(self.scope), "updated_at": tenant_now_us(self.scope),
        }])  # fmt: skip
        self.row(MembershipCustomer, guest_id, membership_id=member_id)

    def promo_use(self, guest_id: str) -> None:
        order_id = self.order(None)
        used_at = tenant_now_us(self.scope)
        self.row(PromoUse, guest_id, promo_id="prm_1", order_id=order_id, currency="PLN", discount_minor=100, used_at=used_at)


@pytest.fixture
def ground(scope: Scope) -> Ground:
    with unit_of_work(scope):
        return Ground(scope)


def held_by(scope: Scope, guest_id: str, nouns: set[str]) -> dict[str, int]:
    """How many rows of some kinds name a guest."""
    counts = {}
    for noun in nouns:
        model = next(mapper.class_ for mapper in db.Model.registry.mappers if mapper.local_table is moving_queries.MOVED[noun])
        counts[noun] = len(session(scope).scalars(model.owned_by(scope).where(model.customer_id == guest_id)).all())
    return counts


@pytest.mark.timeout(300)  # many statements, and PostgreSQL may share its machine
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    everybody=st.lists(st.lists(st.sampled_from(sorted(BELONGINGS)), max_size=4), min_size=2, max_size=3),
    step=st.integers(2, 6),
)
def test_nothing_is_lost_whatever_is_merged(
    scope: Scope, ground: Ground, everybody: list[list[str]], step: int
) -> None:
    with unit_of_work(scope):
        guest_ids = [create_guest(scope) for _ in everybody]
        for guest_id, nouns in zip(guest_ids, everybody, strict=True):
            for noun in nouns:
                BELONGINGS[noun](scope, guest_id, ground)
        merge_id = merge_guests(scope, victor_id=guest_ids[0], victim_ids=guest_ids[1:])["id"]
        merge = get_merge(scope, merge_id=merge_id)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(moving, "STEP", step)
            while merge["state"] != "done":
                move_merged(scope, merge_id)
                merge = get_merge(scope, merge_id=merge_id)
        session(scope).expire_all()
        everything = [noun for nouns in everybody for noun in nouns]
        moved_nouns = [noun for nouns in everybody[1:] for noun in nouns]
        assert held_by(scope, guest_ids[0], set(everything)) == {noun: everything.count(noun) for noun in set(everything)}
        assert merge["moved_counts"] == {noun: moved_nouns.count(noun) for noun in set(moved_nouns)}
        points = list_members(scope, limit=99, customer_id=guest_ids[0])
        assert [member["points"] for member in points] == [7] * everything.count("memberships")
