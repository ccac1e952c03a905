"""Customers in the Core API. Without customers:pii, contact data is masked."""

from typing import Any

from api.core.blueprint import blueprint
from api.core.customer_out_schemas import CustomerDetailOut
from api.core.customer_out_schemas import CustomerImportOut
from api.core.customer_out_schemas import CustomerMergeOut
from api.core.customer_out_schemas import CustomerOut
from api.core.customer_out_schemas import masked_guest
from api.core.customer_schemas import ConsentsIn
from api.core.customer_schemas import CustomerImportIn
from api.core.customer_schemas import CustomerIn
from api.core.customer_schemas import CustomerPatch
from api.core.customer_schemas import CustomerQuery
from api.core.customer_schemas import MergeIn
from api.core.customer_schemas import TagIn
from api.core.customer_schemas import consent_values
from api.core.customer_schemas import draft_values
from api.gate import endpoint
from api.gate import expected_version
from api.loading import Loader
from api.operations import Call
from api.operations import Reply
from api.reading import load_body
from api.views import compile_view
from domain.guestbook.erasing import erase
from domain.guestbook.service import with_stats
from domain.guests import service as guests
from domain.guests.errors import EmailInvalid
from domain.guests.errors import MergeConflict
from domain.guests.errors import NestedNotFound
from domain.guests.errors import PhoneInvalid
from domain.guests.errors import SelfMerge
from domain.guests.merging import get_merge
from domain.guests.merging import merge_guests
from domain.references.service import parse_reference
from kit.documents import Document
from kit.errors import DuplicateReference
from kit.errors import Forbidden
from kit.errors import PlatformError

PII = "customers:pii"
CUSTOMER = "/customers/<customer_id>"
_print = compile_view(CustomerOut)
_row = Loader(CustomerIn())


def print_customer(scopes: frozenset[str], guest: Document) -> dict[str, Any]:
    """The representation of one customer for a credential with these scopes."""
    return _print(guest if PII in scopes else masked_guest(guest))


def shown_customers(call: Call, found: list[Document]) -> list[Document]:
    """Customers as the caller may see them, with their statistics and memberships."""
    complete, held = with_stats(call.scope, guests=found), call.principal.scopes
    shown = complete if PII in held else [masked_guest(guest) for guest in complete]
    return shown if "loyalty:read" in held else [{**guest, "loyalty": None} for guest in shown]


def require_scope(call: Call, scope: str) -> None:
    """Raise Forbidden (403) unless the caller holds a scope beside the endpoint's own."""
    if scope not in call.principal.scopes:
        raise Forbidden(f"This needs the scope {scope}.", required_scopes=[scope])


@endpoint(
    blueprint, "GET", "/customers", scope="customers:read", area="customers", query=CustomerQuery, returns=CustomerDetailOut,
    is_list=True,
)  # fmt: skip
def list_customers(call: Call) -> Reply:
    """List or search customers, newest first.

    `q` finds words in any of a customer's names, whatever their case and accents. Searching contacts, with `q`, `email` or
    `phone`, needs the scope customers:pii; without it contact data is masked. To follow changes, sort by `updated_at`
    and pass `updated_since`. Temporary customers, made from the contact data of an order, are listed too unless
    `temporary=false`.
    """
    query = call.query
    if "email" in query or "phone" in query:
        require_scope(call, PII)
    rows = guests.list_guests(
        call.scope, limit=query["limit"], after=call.after(), q=query.get("q"), sort=query["sort"],
        is_contact_searched=PII in call.principal.scopes, tag=query.get("tag"), segment_id=query.get("segment_id"),
        external_id=query.get("external_id"), updated_since_us=query.get("updated_since"), **_found_by(query),
    )  # fmt: skip
    column = query["sort"].removeprefix("-")
    return call.page(shown_customers(call, rows), lambda guest: [guest[column], guest["id"]])


def _found_by(query: dict[str, Any]) -> dict[str, Any]:
    """The filters whose values are not stored as they are written."""
    return {
        "email": guests.normalize_email(query["email"]) if "email" in query else None,
        "phone": guests.normalize_phone(query["phone"], country=None) if "phone" in query else None,
        "ref": parse_reference(query["ref"], noun="customer") if "ref" in query else None,
        "is_temporary": query["temporary"] == "true" if "temporary" in query else None,
    }


@endpoint(
    blueprint, "POST", "/customers", scope="customers:write", area="customers", body=CustomerIn, returns=CustomerDetailOut,
    status=201, repeat_status=200, errors=(DuplicateReference, PhoneInvalid, EmailInvalid),
)  # fmt: skip
def create_customer(call: Call) -> Reply:
    """Enter a customer.

    Send `name`, or its parts: a full name is split and parts are joined as the `locale` does. National phone numbers are
    completed with the country. A temporary customer with the same phone or e-mail becomes this one and keeps its id. The
    same `external_id` with the same content answers 200 with the first customer, with other content 409.
    """
    entered = guests.create_guest(call.scope, draft=guests.draft_of(draft_values(call.body)))
    customer = shown_customers(call, [entered.document])[0]
    status = 200 if entered.outcome == "unchanged" else 201
    return Reply(document=customer, status=status, headers={"Location": f"/v1/customers/{customer['id']}"})


@endpoint(
    blueprint, "POST", "/customers/import", scope="customers:write", area="customers", body=CustomerImportIn,
    printed=CustomerImportOut, cost=5,
)  # fmt: skip
def import_customers(call: Call) -> Reply:
    """Import customers.

    Up to 1,000 rows in the form of a new customer. A row changes the customer it is about, found by `external_id`, then
    phone, then e-mail, and enters one otherwise. Lists only grow: what a row does not name stays. Each row has a result
    of its own, and a refused row leaves the others alone.
    """
    results = [_imported(call, row) for row in call.body["customers"]]
    return Reply(payload={"results": [{"index": index, **result} for index, result in enumerate(results)]})


def _imported(call: Call, row: Any) -> dict[str, Any]:
    try:
        draft = guests.draft_of(draft_values(load_body(_row, row)))
        entered = guests.put_guest(call.scope, draft=draft)
    except PlatformError as refusal:
        first = refusal.errors[0] if refusal.errors else None
        message = first.message if first else refusal.detail
        error = {"code": refusal.code, "message": message, "field": first.field if first else None}
        return {"status": "refused", "id": None, "error": error}
    return {"status": entered.outcome, "id": entered.document["id"], "error": None}


@endpoint(blueprint, "GET", CUSTOMER, scope="customers:read", area="customers", returns=CustomerDetailOut)
def read_customer(call: Call, customer_id: str) -> Document:
    """Read one customer with its statistics."""
    return shown_customers(call, [guests.get_guest(call.scope, guest_id=customer_id)])[0]


@endpoint(
    blueprint, "PATCH", CUSTOMER, scope="customers:write", area="customers", body=CustomerPatch, returns=CustomerDetailOut,
    errors=(DuplicateReference, PhoneInvalid, EmailInvalid, NestedNotFound),
)  # fmt: skip
def change_customer(call: Call, customer_id: str) -> Document:
    """Change a customer.

    A list you send replaces the one there is: an entry with an `id` keeps or changes that entry, one without is added, and
    what you do not name goes. Entries that are equal collapse to the first. Consents are set at their own address.
    """
    draft = guests.draft_of(draft_values(call.body))
    changed = guests.change_guest(call.scope, guest_id=customer_id, draft=draft, expected_version=expected_version(call))
    return shown_customers(call, [changed])[0]


@endpoint(blueprint, "DELETE", CUSTOMER, scope="customers:delete", area="customers", status=204)
def erase_customer(call: Call, customer_id: str) -> Reply:
    """Erase a customer.

    Everything personal is overwritten, also in orders, reservations, reviews, messages and past events, and within a minute
    in request logs; orders, reservations and ratings themselves stay. Customers merged into this one are erased with it, and
    a loyalty card that nobody else holds is closed. It cannot be undone, and the customer answers 404 from then on.
    """
    erase(call.scope, guest_id=customer_id)
    return Reply()


@endpoint(
    blueprint, "PUT", f"{CUSTOMER}/consents", scope="customers:write", area="customers", body=ConsentsIn,
    returns=CustomerDetailOut,
)  # fmt: skip
def set_consents(call: Call, customer_id: str) -> Document:
    """Say what a customer allowed or forbade.

    Channels you do not send stay as they are. Each that changes is kept in the customer's history with `source` and
    `proof`, and sends customer.consent.updated.
    """
    draft = guests.GuestDraft(consents=consent_values(call.body))
    return shown_customers(call, [guests.change_guest(call.scope, guest_id=customer_id, draft=draft)])[0]


@endpoint(
    blueprint, "POST", f"{CUSTOMER}/tags", scope="customers:write", area="customers", body=TagIn, returns=CustomerDetailOut,
    status=201,
)  # fmt: skip
def add_tag(call: Call, customer_id: str) -> Document:
    """Add a tag to a customer. One that is there already stays as it is."""
    draft = guests.GuestDraft(tags=(call.body["tag"],))
    changed = guests.change_guest(call.scope, guest_id=customer_id, draft=draft, is_overwriting=False)
    return shown_customers(call, [changed])[0]


@endpoint(blueprint, "DELETE", f"{CUSTOMER}/tags/<tag>", scope="customers:write", area="customers", status=204)
def remove_tag(call: Call, customer_id: str, tag: str) -> Reply:
    """Remove a tag from a customer. Answers 404 when the customer does not have it."""
    guests.remove_tag(call.scope, guest_id=customer_id, tag=tag)
    return Reply()


@endpoint(
    blueprint, "POST", f"{CUSTOMER}/merge", scope="customers:delete", area="customers", body=MergeIn,
    returns=CustomerMergeOut, status=202, errors=(SelfMerge, MergeConflict),
)  # fmt: skip
def merge_customers(call: Call, customer_id: str) -> Reply:
    """Merge duplicates into this customer.

    The victims answer 404 at once. Their orders, reservations, memberships, reviews and messages move to this customer
    within seconds; customer.merged tells when. Names, lists and consents are not combined: this customer's stand. What
    was merged into it before is left out.
    """
    merge = merge_guests(call.scope, victor_id=customer_id, victim_ids=call.body["victim_ids"])
    return Reply(document=merge, headers={"Location": f"/v1/customer-merges/{merge['id']}"})


@endpoint(
    blueprint, "GET", "/customer-merges/<merge_id>", scope="customers:read", area="customers", returns=CustomerMergeOut
)
def read_merge(call: Call, merge_id: str) -> Document:
    """Read how far a merge is."""
    return get_merge(call.scope, merge_id=merge_id)
