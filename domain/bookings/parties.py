"""Who a booking is for: how many, which customer, and how to reach them as they said this time."""

from collections.abc import Mapping
from typing import Any

from domain.bookings.drafts import Party
from domain.guests.service import find_or_create_guest
from domain.guests.service import get_guest
from domain.guests.service import normalize_email
from domain.guests.service import normalize_phone
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope


def checked_party(party: Party) -> Party:
    """Raise Invalid (422) unless somebody comes."""
    if party.total < 1 or min(party.as_document().values()) < 0:
        raise Invalid(errors=[FieldError("party_size", "validation_failed", "A party is at least one.")])
    return party


def checked_contact(contact: Mapping[str, Any], country: str | None) -> dict[str, str | None]:
    """The contact columns, phone and e-mail in their stored form. Raises PhoneInvalid, EmailInvalid (422)."""
    phone, email = contact.get("phone"), contact.get("email")
    return {
        "contact_name": contact.get("name"),
        "contact_phone": normalize_phone(phone, country=country) if phone else None,
        "contact_email": normalize_email(email) if email else None,
    }


def guest_columns(
    scope: Scope, *, customer_id: str | None, contact: Mapping[str, Any] | None, country: str | None
) -> dict[str, str | None]:
    """customer_id and the contact columns. A known customer fills what the contact leaves out; a name finds or makes one.

    Raises Invalid (422, field customer_id) for a customer that does not exist, PhoneInvalid, EmailInvalid.
    """
    given = {name: value for name, value in (contact or {}).items() if value}
    if customer_id is None:
        columns = checked_contact(given, country)
        if (name := columns["contact_name"]) is not None:
            customer_id = find_or_create_guest(
                scope, name=name, phone=given.get("phone"), email=given.get("email"), country=country
            )  # fmt: skip
        return columns | {"customer_id": customer_id}
    try:
        guest = get_guest(scope, guest_id=customer_id)
    except NotFound as error:
        raise Invalid(error.detail, errors=[FieldError("customer_id", error.code, error.detail)]) from error
    phones, emails = ([row["value"] for row in guest[kind]] for kind in ("phones", "emails"))
    known = {"name": guest["name"], "phone": next(iter(phones), None), "email": next(iter(emails), None)}
    return checked_contact(known | given, country) | {"customer_id": guest["id"]}
