"""Statistics, the timeline and erasing: everything that names a guest, put together."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from domain.bookings.models import Reservation
from domain.guestbook.erasing import erase
from domain.guestbook.service import everything_about
from domain.guestbook.service import timeline
from domain.guestbook.service import with_stats
from domain.guests import service as guests
from domain.guests.merging import merge_guests
from domain.guests.models import ConsentChange
from domain.guests.models import Guest
from domain.guests.models import GuestContact
from domain.notifications.service import list_messages
from domain.notifications.service import send_message
from domain.orders import service as orders
from domain.reviews.models import Review
from kit.clock import to_us
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.outbox import EventRow
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.clock import freeze_clock
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.orders import create_order

NOW = datetime(2026, 1, 12, 12, tzinfo=UTC)


def days(count: int) -> int:
    return to_us(NOW + timedelta(days=count))


def create_reservation(scope: Scope, *, location_id: str, customer_id: str, status: str, start_at: int, **changes: Any) -> str:
    row = {
        "id": new_id("res"), "ref": new_id("x")[-12:], "source": "api", "location_id": location_id, "customer_id": customer_id,
        "start_at": start_at, "end_at": start_at + 5_400_000_000, "duration_minutes": 90, "local_date": "2026-01-12",
        "party_size": 2, "party": {"adult": 2}, "status": status, "currency": "PLN", "created_at": start_at,
        "updated_at": start_at, **changes,
    }  # fmt: skip
    append(scope, Reservation, [row])
    return str(row["id"])


@pytest.fixture
def world(scope: Scope) -> dict[str, str]:
    with unit_of_work(scope):
        freeze_clock(scope, NOW)
        location_id = create_location(scope)
        anna = create_guest(scope, name="Anna Nowak", phone="+48221234567", tags=["vip"], created_at=days(-90))
        other = create_guest(scope, name="Other")
        paid = {"location_id": location_id, "customer_id": anna, "due_minor": 0}
        create_order(scope, number=1, status="completed", paid_minor=4590, refunded_minor=590, created_at=days(-30), **paid)
        create_order(scope, number=2, status="cancelled", paid_minor=0, created_at=days(-20), **paid)
        create_order(scope, number=3, status="pending", collected_by="channel", created_at=days(-2), **paid)
        create_order(scope, number=4, status="completed", paid_minor=1000, currency="JPY", created_at=days(-3), **paid)
        create_order(scope, location_id=location_id, customer_id=other, number=5)
        starts = {"completed": -40, "seated": -1, "cancelled": -15, "no_show": -14, "confirmed": 3, "requested": 9}
        for status, start in starts.items():
            create_reservation(scope, location_id=location_id, customer_id=anna, status=status, start_at=days(start))
        append(scope, Review, [{
            "id": "rev_1", "location_id": location_id, "customer_id": anna, "author_name": "Anna N.", "overall": 4,
            "comment": "Good", "created_at": days(-29), "updated_at": days(-29),
        }])  # fmt: skip
    return {"anna": anna, "other": other, "location": location_id}


def test_stats_count_what_happened(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        both = [guests.get_guest(scope, guest_id=world[name]) for name in ("anna", "other")]
        anna, other = (guest["stats"] for guest in with_stats(scope, guests=both))
    assert anna == {
        "visits": 2, "cancels": 1, "no_shows": 1, "orders": 3,
        "lifetime_spend": [{"currency": "JPY", "amount_minor": 1000}, {"currency": "PLN", "amount_minor": 4000 + 4590}],
        "last_visit_at": days(-1), "last_order_at": days(-2), "next_visit_at": days(3),
    }  # fmt: skip
    assert (other["visits"], other["orders"], other["lifetime_spend"]) == (0, 1, [{"currency": "PLN", "amount_minor": 0}])


def test_timeline_tells_everything_in_order_page_by_page(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        consent = {"status": "granted", "source": "phone", "proof": None}
        guests.change_guest(scope, guest_id=world["anna"], draft=guests.GuestDraft(consents={"surveys": consent}))
        whole = timeline(scope, guest_id=world["anna"], limit=50)
        pages: list[dict[str, Any]] = []
        after = None
        while len(page := timeline(scope, guest_id=world["anna"], limit=3, after=after)) > 3:
            pages += page[:3]
            after = [page[2]["at"], page[2]["id"]]
        few = timeline(scope, guest_id=world["anna"], limit=50, kinds=("tag", "consent"))
        with pytest.raises(NotFound):
            timeline(scope, guest_id="cus_none", limit=1)
    assert [*pages, *page] == whole
    assert [entry["at"] for entry in whole] == sorted((entry["at"] for entry in whole), reverse=True)
    kinds = [entry["type"] for entry in whole]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"order": 4, "reservation": 6, "review": 1, "consent": 1, "tag": 1}
    assert [(entry["type"], entry["status"], entry["label"]) for entry in few] == [
        ("consent", "granted", "surveys"), ("tag", None, "vip"),
    ]  # fmt: skip
    oldest_order = [entry for entry in whole if entry["type"] == "order"][-1]
    assert (oldest_order["label"], oldest_order["amount_minor"], oldest_order["currency"]) == ("1", 4590, "PLN")


def test_bundle_holds_everything_about_the_guest(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        send_message(scope, channel="sms", to="+48221234567", body="Hi", kind="alert", customer_id=world["anna"])
        bundle = everything_about(scope, guest_id=world["anna"])
    counts = {name: len(part) for name, part in bundle.items() if isinstance(part, list)}
    assert counts == {"consent_history": 0, "orders": 4, "reservations": 6, "reviews": 1, "memberships": 0, "messages": 1}
    assert (bundle["customer"]["id"], bundle["customer"]["stats"]["orders"]) == (world["anna"], 3)


def test_erased_guest_leaves_nothing_personal(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        victim = create_guest(scope, name="Anna N. Zwei", email="zwei@example.com")
        entered = guests.create_guest(scope, draft=guests.draft_of({
            "name": "Secret Person", "phones": [{"value": "+48555000111"}], "external_id": "crm-9", "memo": "secret memo",
            "addresses": [{"line1": "Secret Street 1"}], "allergies": ["secret"], "tags": ["secret"],
            "consents": {"surveys": {"status": "granted", "source": "secret site", "proof": "10.0.0.1"}},
        })).document  # fmt: skip
        guest_id = entered["id"]
        merge_guests(scope, victor_id=guest_id, victim_ids=[victim])
        order_id = create_order(
            scope, location_id=world["location"], customer_id=guest_id, number=9, notes="secret", allergy_notes="secret",
            fulfillment={"type": "delivery", "requested_at": None, "promised_at": None, "address": {"line1": "Secret Street 1"}},
        )  # fmt: skip
        create_reservation(
            scope, location_id=world["location"], customer_id=guest_id, status="completed", start_at=days(-3),
            contact_name="Secret Person", contact_phone="+48555000111", special_request="secret", memo="secret",
        )  # fmt: skip
        send_message(scope, channel="sms", to="+48555000111", body="secret", kind="alert", customer_id=guest_id)
    with unit_of_work(scope):
        erase(scope, guest_id=guest_id)
    with unit_of_work(scope, writes=False):
        for gone in (guest_id, victim):
            with pytest.raises(NotFound):
                guests.get_guest(scope, guest_id=gone)
        order = orders.get_order(scope, order_id=order_id)
        assert (order["customer_id"], order["notes"], order["fulfillment"]["address"]) == (guest_id, None, None)
        assert order["fulfillment"]["type"] == "delivery"
        assert [message["body"] for message in list_messages(scope, limit=9, customer_id=guest_id)] == ["•••"]
        left = everything_in(scope)
    for word in ("secret", "Secret", "48555000111", "10.0.0.1", "zwei@", "Zwei"):
        assert word not in left, word
    last = recorded_events(scope)[-1]
    assert (last.type, last.object_id, last.body["object"]["external_id"]) == ("customer.deleted", guest_id, "crm-9")
    assert last.body["object"]["name"] == "Erased customer"


def everything_in(scope: Scope) -> str:
    """All rows about guests, bookings, orders and events as one text."""
    models: tuple[Any, ...] = (Guest, GuestContact, ConsentChange, Reservation, EventRow)
    rows = [row for model in models for row in session(scope).scalars(model.owned_by(scope))]
    return "\n".join(str({key: value for key, value in vars(row).items() if key[0] != "_"}) for row in rows)


def test_erasing_twice_is_not_found(scope: Scope, world: dict[str, str]) -> None:
    with unit_of_work(scope):
        erase(scope, guest_id=world["anna"])
        with pytest.raises(NotFound):
            erase(scope, guest_id=world["anna"])
    assert recorded_types(scope) == ["customer.deleted"]


def test_external_id_of_an_erased_guest_is_free_again(scope: Scope) -> None:
    with unit_of_work(scope):
        erase(scope, guest_id=create_guest(scope, external_id="crm-1"))
        again = guests.create_guest(scope, draft=guests.draft_of({"name": "Anna", "external_id": "crm-1"}))
    assert again.outcome == "created"
