"""Guests: contact forms and who an order's contact data belongs to."""

from collections.abc import Callable

import pytest

from domain.guests import service as guests
from domain.guests.errors import EmailInvalid
from domain.guests.errors import PhoneInvalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_types
from tests.factories.guests import create_guest


@pytest.mark.parametrize(
    ("raw", "country", "stored"),
    [
        ("+1234567890", None, "+1234567890"),
        ("+48 22 123-45.67", None, "+48221234567"),
        ("(22) 123 45 67", "PL", "+48221234567"),
        ("022 1234567", "PL", "+48221234567"),
        ("0048221234567", "PL", "+48221234567"),
        ("88002000600", "KZ", "+78002000600"),
        ("8 612 34345", "LT", "+37061234345"),
        ("206 555 0123", "US", "+12065550123"),
        ("1-206-555-0123", "US", "+12065550123"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("03-1234-5678", "JP", "+81312345678"),
    ],
)
def test_phone_is_stored_as_e164(raw: str, country: str | None, stored: str) -> None:
    assert guests.normalize_phone(raw, country=country) == stored


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        ("22 123 45 67", None), ("+0123456789", None), ("+123456", None), ("+1234567890123456", None), ("call me", "PL"),
        ("", "PL"), ("+４８221234567", None), ("+48 22 123 45 67 x9", "PL"), ("22 123 45 67", "XX"),
    ],
)  # fmt: skip
def test_phone_that_is_no_number_is_refused(raw: str, country: str | None) -> None:
    with pytest.raises(PhoneInvalid) as refusal:
        guests.normalize_phone(raw, country=country)

    assert (refusal.value.status, refusal.value.code) == (422, "phone_invalid")


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (" Anna.Nowak@Example.COM ", "anna.nowak@example.com"), ("o'neill+tag@example.co.uk", "o'neill+tag@example.co.uk"),
        ("kontakt@żurek.pl", "kontakt@żurek.pl"),
    ],
)  # fmt: skip
def test_email_is_stored_in_lower_case(raw: str, stored: str) -> None:
    assert guests.normalize_email(raw) == stored


@pytest.mark.parametrize(
    "raw",
    ["", "anna", "@example.com", "anna@", "a@b@c.com", "anna nowak@example.com", "anna@exa mple.com", "anna@-x.com",
     "anna@x..com", f"{'a' * 250}@x.com", "anna\n@example.com"],
)  # fmt: skip
def test_email_that_is_no_address_is_refused(raw: str) -> None:
    with pytest.raises(EmailInvalid):
        guests.normalize_email(raw)


def test_guest_document_carries_contacts(scope: Scope) -> None:
    with unit_of_work(scope):
        anna = create_guest(scope, phone="+48221234567", email="anna@example.com", allergies=["milk"])
        document = guests.get_guest(scope, guest_id=anna)

    assert (document["name"], document["allergies"], document["is_temporary"]) == ("Anna Nowak", ["milk"], False)
    assert [(row["value"], row["tag"]) for row in document["phones"]] == [("+48221234567", None)]
    assert [(row["value"], row["original"]) for row in document["emails"]] == [("anna@example.com", "anna@example.com")]
    assert document["consents"]["surveys"] == {"status": "unknown", "at": None, "source": None, "proof": None}


@pytest.mark.parametrize(
    ("contact", "whose"),
    [
        ({"phone": "022 123 45 67", "email": "piotr@example.com"}, "anna"),
        ({"phone": "+48999999999", "email": "Piotr@Example.com"}, "piotr"),
        ({"email": "ANNA@example.com"}, "anna"),
    ],
    ids=["phone first", "e-mail when the phone is new", "e-mail alone"],
)
def test_contact_data_finds_the_guest(scope: Scope, contact: dict[str, str], whose: str) -> None:
    with unit_of_work(scope):
        known = {
            "anna": create_guest(scope, phone="+48221234567", email="anna@example.com"),
            "piotr": create_guest(scope, name="Piotr", email="piotr@example.com"),
        }
        found = guests.find_or_create_guest(scope, name="Somebody Else", country="PL", **contact)

    assert found == known[whose]


def test_unknown_contact_makes_a_temporary_guest_without_an_event(scope: Scope) -> None:
    with unit_of_work(scope):
        made = guests.find_or_create_guest(scope, name="Ludwig van Beethoven", phone="(22) 765 43 21", country="PL")
        again = guests.find_or_create_guest(scope, name="L. Beethoven", phone="+48 22 765 43 21")
        document = guests.get_guest(scope, guest_id=made)

    assert again == made
    assert (document["name"], document["first_name"], document["last_name"]) == (
        "Ludwig van Beethoven", "Ludwig van", "Beethoven",
    )  # fmt: skip
    assert document["is_temporary"] is True
    assert [(row["value"], row["original"]) for row in document["phones"]] == [("+48227654321", "(22) 765 43 21")]
    assert recorded_types(scope) == []


def test_name_alone_never_finds_anybody(scope: Scope) -> None:
    with unit_of_work(scope):
        anna = create_guest(scope, name="Anna Nowak")
        assert guests.find_or_create_guest(scope, name="Anna Nowak") != anna


def test_erased_guests_are_neither_read_nor_found(scope: Scope) -> None:
    with unit_of_work(scope):
        gone = create_guest(scope, phone="+48221234567", deleted_at=1)
        with pytest.raises(NotFound):
            guests.get_guest(scope, guest_id=gone)
        with pytest.raises(NotFound):
            guests.require_guest(scope, guest_id=gone)
        assert guests.find_or_create_guest(scope, name="Anna", phone="+48221234567") != gone
        assert [row["phones"][0]["value"] for row in guests.list_guests(scope, limit=5, after=None)] == ["+48221234567"]


def test_contacts_of_a_merged_guest_lead_to_its_victor(scope: Scope) -> None:
    with unit_of_work(scope):
        victor = create_guest(scope, phone="+48221234567")
        victim = create_guest(scope, phone="+48999999999", merged_into_id=victor)
        with pytest.raises(NotFound):
            guests.get_guest(scope, guest_id=victim)
        assert guests.find_or_create_guest(scope, name="Anna", phone="+48999999999") == victor
        assert [row["id"] for row in guests.list_guests(scope, limit=5)] == [victor]


def test_phone_of_one_and_email_of_another_attach_by_phone_and_suggest_the_pair(scope: Scope) -> None:
    with unit_of_work(scope):
        anna = create_guest(scope, phone="+48221234567")
        piotr = create_guest(scope, name="Piotr", email="piotr@example.com")
        contact = {"name": "Someone", "phone": "+48221234567", "email": "piotr@example.com"}
        found = [guests.find_or_create_guest(scope, **contact) for _ in range(2)]
        suggested = [guests.list_duplicates(scope, guest_id=guest_id) for guest_id in (anna, piotr)]

    assert found == [anna, anna]
    assert [[row["customer"]["id"] for row in rows] for rows in suggested] == [[piotr], [anna]]


def test_another_tenants_guest_is_neither_read_nor_found(scope: Scope, new_scope: Callable[..., Scope]) -> None:
    other = new_scope()
    with unit_of_work(other):
        theirs = create_guest(other, phone="+48221234567")
    with unit_of_work(scope):
        with pytest.raises(NotFound):
            guests.get_guest(scope, guest_id=theirs)
        assert guests.find_or_create_guest(scope, name="Anna", phone="+48221234567") != theirs


def test_guests_are_listed_newest_first_in_pages(scope: Scope) -> None:
    with unit_of_work(scope):
        ids = [create_guest(scope, created_at=number) for number in (1, 2, 3)]
        first = guests.list_guests(scope, limit=1, after=None)
        second = guests.list_guests(scope, limit=5, after=[first[0]["created_at"], first[0]["id"]])

    assert [row["id"] for row in first] == [ids[2], ids[1]]
    assert [row["id"] for row in second] == [ids[1], ids[0]]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Anna Nowak", ("Anna", "Nowak")), ("Prince", (None, "Prince")), ("田中花子", (None, "田中花子")),
        ("Ana de Armas", ("Ana de", "Armas")),
    ],
)  # fmt: skip
def test_name_is_split_at_its_last_word(name: str, parts: tuple[str | None, str]) -> None:
    assert guests.split_name(name) == parts
