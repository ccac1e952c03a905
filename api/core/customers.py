"""How the Core API shows customers. Without customers:pii, contact values are masked."""

from typing import Any

from api.core.menu_schemas import CustomerOut
from api.views import compile_view
from kit.documents import Document

_print = compile_view(CustomerOut)


def print_customer(scopes: frozenset[str], guest: Document) -> dict[str, Any]:
    """The representation of one customer for a credential with these scopes."""
    shown = _print(guest)
    phones = [contact["value"] for contact in guest.get("phones", [])]
    emails = [contact["value"] for contact in guest.get("emails", [])]
    may_see = "customers:pii" in scopes
    shown["phones"] = phones if may_see else [masked_phone(phone) for phone in phones]
    shown["emails"] = emails if may_see else [masked_email(email) for email in emails]
    return shown


def masked_phone(value: str) -> str:
    """+37060012345 as +3706•••345."""
    return f"{value[:5]}•••{value[-3:]}"


def masked_email(value: str) -> str:
    """jane@example.com as j•••@example.com."""
    name, _, domain = value.partition("@")
    return f"{name[:1]}•••@{domain}"
