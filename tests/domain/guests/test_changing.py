"""Entering guests and changing them: rows, events, and what is no change."""

from typing import Any

import pytest

from domain.guests import service as guests
from domain.guests.errors import PhoneInvalid
from kit.errors import Conflict
from kit.errors import DuplicateReference
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.guests import create_guest
from tests.factories.locations import create_location

GRANTED = {"status": "granted", "source": "website", "proof": "form 7"}


def create(scope: Scope, **values: Any) -> guests.Entered:
    return guests.create_guest(scope, draft=guests.draft_of({"name": "Anna Nowak", **values}))


def change(scope: Scope, guest_id: str, **values: Any) -> dict[str, Any]:
    return guests.change_guest(scope, guest_id=guest_id, draft=guests.draft_of(values))


def put(scope: Scope, **values: Any) -> guests.Entered:
    return guests.put_guest(scope, draft=guests.draft_of({"name": "Anna Nowak", **values}))


def told(scope: Scope) -> list[tuple[str, dict[str, Any] | None]]:
    return [(event.type, event.body["previous"]) for event in recorded_events(scope)]


def test_new_guest_carries_everything_it_was_given(scope: Scope) -> None:
    with unit_of_work(scope):
        create_location(scope, country="PL")
        entered = create(
            scope, phones=[{"value": "22 123 45 67", "tag": "home"}], emails=[{"value": "Anna@Example.com"}],
            addresses=[{"line1": "Nowy Świat 12", "city": "Warszawa"}], socials=[{"service": "line", "username": "anna"}],
            calendar_events=[{"tag": "birthday", "month": 2, "day": 29}], tags=["vip", "regular", "vip"],
            consents={"sms_marketing": GRANTED}, allergies=["milk"], company_name="Nowak sp. z o.o.",
        )  # fmt: skip
    guest = entered.document
    assert entered.outcome == "created"
    assert (guest["name"], guest["first_name"], guest["last_name"], guest["version"]) == ("Anna Nowak", "Anna", "Nowak", 1)
    assert [(row["value"], row["original"], row["tag"]) for row in guest["phones"]] == [("+48221234567", "22 123 45 67", "home")]
    assert [row["value"] for row in guest["emails"]] == ["anna@example.com"]
    assert (guest["addresses"][0]["city"], guest["socials"][0]["username"]) == ("Warszawa", "anna")
    assert (guest["calendar_events"][0]["month"], guest["calendar_events"][0]["year"]) == (2, None)
    assert (guest["tags"], guest["allergies"], guest["company_name"]) == (["regular", "vip"], ["milk"], "Nowak sp. z o.o.")
    assert guest["consents"]["sms_marketing"] == {**GRANTED, "at": guest["created_at"]}
    assert told(scope) == [("customer.created", None)]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"name": "Ludwig van Beethoven"}, ("Ludwig van Beethoven", "Ludwig van", "Beethoven")),
        ({"name": "田中花子"}, ("田中花子", None, "田中花子")),
        ({"name": None, "first_name": "Anna", "last_name": "Nowak"}, ("Anna Nowak", "Anna", "Nowak")),
        ({"name": None, "first_name": "花子", "last_name": "田中", "locale": "ja-JP"}, ("田中 花子", "花子", "田中")),
        ({"name": "Dr. Anna", "first_name": "Anna", "last_name": "N."}, ("Dr. Anna", "Anna", "N.")),
    ],
    ids=["split", "cjk", "joined", "family name first", "as given"],
)
def test_names_follow_from_each_other(scope: Scope, given: dict[str, Any], names: tuple[str, ...]) -> None:
    with unit_of_work(scope):
        guest = create(scope, **given).document
    assert (guest["name"], guest["first_name"], guest["last_name"]) == names


def test_external_id_when_it_returns_is_the_first_guest_or_a_conflict(scope: Scope) -> None:
    with unit_of_work(scope):
        first = create(scope, external_id="crm-1", tags=["vip"])
        again = create(scope, external_id="crm-1", tags=["vip"])
        with pytest.raises(DuplicateReference):
            create(scope, external_id="crm-1", tags=["other"])
    assert (again.outcome, again.document) == ("unchanged", first.document)
    assert recorded_types(scope) == ["customer.created"]


def test_external_id_when_twenty_send_it_at_once_makes_one_guest(scope: Scope) -> None:
    seen = at_once(scope, 8, lambda _: create(scope, external_id="crm-1").document["id"])
    assert len(set(seen)) == 1
    assert recorded_types(scope) == ["customer.created"]


def test_temporary_guest_when_entered_becomes_a_real_one(scope: Scope) -> None:
    with unit_of_work(scope):
        temporary = guests.find_or_create_guest(scope, name="A.", phone="+48221234567")
    with unit_of_work(scope):
        guest = create(scope, phones=[{"value": "+48221234567"}]).document
    assert (guest["id"], guest["is_temporary"], guest["name"]) == (temporary, False, "Anna Nowak")
    assert told(scope) == [("customer.created", None)]


def test_temporary_guest_when_told_so_becomes_a_real_one(scope: Scope) -> None:
    with unit_of_work(scope):
        temporary = guests.find_or_create_guest(scope, name="Anna Nowak")
    with unit_of_work(scope):
        assert change(scope, temporary, is_temporary=False)["is_temporary"] is False
        assert change(scope, temporary, is_temporary=False)["version"] == 2
    assert told(scope) == [("customer.created", None)]


def test_change_tells_what_was_before(scope: Scope) -> None:
    with unit_of_work(scope):
        guest_id = create_guest(scope, tags=["regular"], phone="+48221234567")
        before = guests.get_guest(scope, guest_id=guest_id)
    with unit_of_work(scope):
        after = change(scope, guest_id, memo="Window seat", tags=["regular", "vip"], phones=[{"value": "+48999999999"}])
    assert (after["memo"], after["tags"], after["version"]) == ("Window seat", ["regular", "vip"], 2)
    updated, added = recorded_events(scope)
    assert (updated.type, updated.body["previous"]) == ("customer.updated", {"memo": None, "phones": before["phones"]})
    assert (added.type, added.body["object"]["tag"], added.object_id) == ("customer.tag.added", "vip", guest_id)
    assert added.body["previous"] is None


def test_tag_when_removed_is_an_update(scope: Scope) -> None:
    with unit_of_work(scope):
        guest_id = create_guest(scope, tags=["regular", "vip"])
    with unit_of_work(scope):
        guests.remove_tag(scope, guest_id=guest_id, tag="vip")
        with pytest.raises(NotFound):
            guests.remove_tag(scope, guest_id=guest_id, tag="vip")
    assert told(scope) == [("customer.updated", {"tags": ["regular", "vip"]})]


def test_consent_when_it_flips_is_told_and_remembered(scope: Scope) -> None:
    with unit_of_work(scope):
        guest_id = create_guest(scope)
    denied = {"status": "denied", "source": "phone", "proof": None}
    for consents in ({"email_marketing": GRANTED}, {"email_marketing": GRANTED}, {"email_marketing": denied, "surveys": denied}):
        with unit_of_work(scope):
            after = change(scope, guest_id, consents=consents)
    assert (after["consents"]["email_marketing"]["status"], after["consents"]["direct_mail"]["status"]) == ("denied", "unknown")
    flips = [event.body["object"] for event in recorded_events(scope)]
    assert {event.type for event in recorded_events(scope)} == {"customer.consent.updated"}
    assert [(flip["channel"], flip["from"], flip["to"], flip["source"]) for flip in flips] == [
        ("email_marketing", "unknown", "granted", "website"), ("email_marketing", "granted", "denied", "phone"),
        ("surveys", "unknown", "denied", "phone"),
    ]  # fmt: skip


def test_what_is_already_so_is_no_change(scope: Scope) -> None:
    with unit_of_work(scope):
        guest = create(scope, phones=[{"value": "+48221234567"}], tags=["vip"], memo="x", consents={"surveys": GRANTED}).document
    with unit_of_work(scope):
        again = change(
            scope, guest["id"], name="Anna Nowak", phones=[{"value": "+48 22 123-45-67"}], tags=["vip"], memo="x",
            consents={"surveys": {**GRANTED, "source": "elsewhere"}},
        )  # fmt: skip
    assert (again["version"], recorded_types(scope)) == (2, ["customer.created", "customer.updated"])  # the number as typed
    with unit_of_work(scope):
        assert change(scope, guest["id"], memo="x", tags=["vip"])["version"] == 2
    assert len(recorded_types(scope)) == 2


@pytest.mark.parametrize(
    ("values", "refusal", "field"),
    [
        ({"phones": [{"value": "call me"}]}, PhoneInvalid, "phones[0]"),
        ({"parent_location_id": "loc_nowhere"}, Invalid, "parent_location_id"),
        ({"location_memos": [{"location_id": "loc_no", "memo": "x"}]}, Invalid, "location_memos[0].location_id"),
        ({"first_name": None, "last_name": None}, Invalid, "name"),
    ],
    ids=["phone", "location", "memo's location", "no name left"],
)
def test_refused_change_leaves_no_trace(scope: Scope, values: dict[str, Any], refusal: type[Invalid], field: str) -> None:
    with unit_of_work(scope):
        guest_id = create_guest(scope)
        before = guests.get_guest(scope, guest_id=guest_id)
    with pytest.raises(refusal) as refused, unit_of_work(scope):
        change(scope, guest_id, memo="new", **values)
    with unit_of_work(scope, writes=False):
        assert guests.get_guest(scope, guest_id=guest_id) == before
    assert ([error.field for error in refused.value.errors], recorded_types(scope)) == ([field], [])


def test_external_id_of_another_guest_is_refused(scope: Scope) -> None:
    with unit_of_work(scope):
        create_guest(scope, external_id="crm-1")
        guest_id = create_guest(scope, external_id="crm-2")
        with pytest.raises(DuplicateReference):
            change(scope, guest_id, external_id="crm-1")


def test_stale_version_is_refused(scope: Scope) -> None:
    with unit_of_work(scope):
        guest_id = create_guest(scope)
        with pytest.raises(Conflict) as refusal:
            guests.change_guest(scope, guest_id=guest_id, draft=guests.draft_of({"memo": "x"}), expected_version=7)
    assert (refusal.value.code, refusal.value.data) == ("version_conflict", {"current_version": 1})


def test_changes_made_at_once_all_count(scope: Scope) -> None:
    with unit_of_work(scope):
        guest_id = create_guest(scope)
    add = [{"tags": [f"tag {number}"]} for number in range(6)]

    def work(index: int) -> None:
        draft = guests.draft_of(add[index])
        guests.change_guest(scope, guest_id=guest_id, draft=draft, is_overwriting=False)

    at_once(scope, 6, work)
    with unit_of_work(scope, writes=False):
        after = guests.get_guest(scope, guest_id=guest_id)
    assert (len(after["tags"]), after["version"]) == (6, 7)
    assert recorded_types(scope) == ["customer.tag.added"] * 6


def test_import_finds_the_guest_by_external_id_phone_and_email(scope: Scope) -> None:
    with unit_of_work(scope):
        by_id = create_guest(scope, external_id="crm-1")
        by_phone = create_guest(scope, phone="+48221234567", tags=["regular"])
        by_email = create_guest(scope, email="anna@example.com")
    with unit_of_work(scope):
        entered = [
            put(scope, external_id="crm-1", memo="a"),
            put(scope, phones=[{"value": "+48221234567"}, {"value": "+48999999999"}], tags=["vip"]),
            put(scope, emails=[{"value": "ANNA@example.com"}]),
            put(scope, external_id="crm-4"),
        ]
    assert [one.document["id"] for one in entered[:3]] == [by_id, by_phone, by_email]
    assert [one.outcome for one in entered] == ["updated", "updated", "updated", "created"]
    assert (entered[1].document["tags"], len(entered[1].document["phones"])) == (["regular", "vip"], 2)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("lukasz", ["Łukasz Żak"]), ("ŻAK łuk", ["Łukasz Żak"]), ("mueller", []), ("muller", ["Jörg Müller"]),
        ("ﾀﾅｶ", ["田中花子"]),
        ("hanako", ["田中花子"]), ("100%", []), ("_", []), ("a", ["田中花子", "Łukasz Żak"]), ("555", ["Jörg Müller"]),
        ("MULLER@", ["Jörg Müller"]),
    ],
)  # fmt: skip
def test_search_finds_names_in_every_form_and_contacts(scope: Scope, q: str, found: list[str]) -> None:
    with unit_of_work(scope):
        create_guest(scope, name="Jörg Müller", phone="+49305550101", email="muller@example.com", created_at=1)
        create_guest(scope, name="Łukasz Żak", created_at=2)
        create_guest(scope, name="田中花子", alt_last_name="タナカ", alpha_first_name="Hanako", created_at=3)
        rows = guests.list_guests(scope, limit=9, q=q, is_contact_searched=True)
        blind = guests.list_guests(scope, limit=9, q=q)
    assert [row["name"] for row in rows] == found
    assert [row["name"] for row in blind] == [name for name in found if q not in ("555", "MULLER@")]
