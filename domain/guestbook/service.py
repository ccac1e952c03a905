"""What the restaurant knows about one guest, put together from every capability. Reads, but for erasing and moving."""

from typing import Any

import orjson

from domain.bookings.service import list_reservations
from domain.guestbook import queries
from domain.guests.service import get_guest
from domain.guests.service import require_guest
from domain.loyalty.service import list_members
from domain.notifications.service import list_messages
from domain.orders.service import list_orders
from domain.reviews.service import list_reviews
from kit.documents import Document
from kit.scope import Scope
from kit.unit import tenant_now_us

NOTHING: Document = {
    "visits": 0, "cancels": 0, "no_shows": 0, "orders": 0, "lifetime_spend": [], "last_visit_at": None,
    "last_order_at": None, "next_visit_at": None,
}  # fmt: skip
EVERYTHING = 100_000
KINDS = queries.KINDS


def with_stats(scope: Scope, *, guests: list[Document]) -> list[Document]:
    """Put `stats` and `loyalty` ({members}) into guest documents; one statement for all of them.

    visits, cancels and no_shows count reservations, orders those not given up; lifetime_spend is [{currency,
    amount_minor}]: what was kept of payments and deposits, or an order's total where a channel collected it.
    """
    if guests:
        ids = orjson.dumps([guest["id"] for guest in guests]).decode()
        found = queries.stats.documents(scope, guest_ids=ids, now_us=tenant_now_us(scope))
        stats = {document.pop("id"): document for document in found}
        for guest in guests:
            found_for = stats.get(guest["id"], {"members": [], **NOTHING})
            guest["loyalty"] = {"members": found_for.pop("members")}
            guest["stats"] = found_for
    return guests


def timeline(
    scope: Scope, *, guest_id: str, limit: int, after: list[Any] | None = None, kinds: tuple[str, ...] = queries.KINDS
) -> list[Document]:
    """List up to limit + 1 things that happened with a guest, newest first. `after` is [at, id] of the last one before.

    Entries: {type, id, at, location_id, status, label, currency, amount_minor}; a reservation stands at its start.
    label: an order's number, a party's size, a review's stars, a consent's channel, a tag. Raises NotFound.
    """
    require_guest(scope, guest_id=guest_id)
    after_us, after_id = after or (None, None)
    return queries.timeline.documents(
        scope, kinds, after is not None, guest_id=guest_id, after_us=after_us, after_id=after_id, rows=limit + 1
    )


def everything_about(scope: Scope, *, guest_id: str) -> dict[str, Any]:
    """All the restaurant holds about a guest, for the guest: customer with stats, consent history and what else names it.

    Raises NotFound.
    """
    customer = with_stats(scope, guests=[get_guest(scope, guest_id=guest_id)])[0]
    return {
        "generated_at": tenant_now_us(scope),
        "customer": customer,
        "consent_history": queries.consent_history.documents(scope, guest_id=guest_id),
        "orders": list_orders(scope, limit=EVERYTHING, after=None, customer_id=guest_id),
        "reservations": list_reservations(scope, limit=EVERYTHING, after=None, customer_id=guest_id),
        "reviews": list_reviews(scope, limit=EVERYTHING, after=None, customer_id=guest_id),
        "memberships": list_members(scope, limit=EVERYTHING, after=None, customer_id=guest_id),
        "messages": list_messages(scope, limit=EVERYTHING, after=None, customer_id=guest_id),
    }
