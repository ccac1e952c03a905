"""Orders: the door other capabilities and the edges use. Placing and changing live in their own modules.

Owns nothing itself but reading. A document is what every function returns; see queries.py for its keys.
"""

from typing import Any

from domain.orders import queries
from domain.orders.amending import Operation
from domain.orders.amending import amend_order
from domain.orders.cancelling import decide_cancellation
from domain.orders.cancelling import request_cancellation
from domain.orders.changes import lock_order
from domain.orders.changes import read_order
from domain.orders.changes import record_updated
from domain.orders.changes import settle
from domain.orders.consequences import earn_points
from domain.orders.consequences import note_history
from domain.orders.delivering import DeliveryUpdate
from domain.orders.delivering import update_delivery
from domain.orders.drafts import UNSET
from domain.orders.drafts import DiscountDraft
from domain.orders.drafts import LineDraft
from domain.orders.drafts import ModifierDraft
from domain.orders.drafts import OrderDraft
from domain.orders.moving import advance_order
from domain.orders.moving import change_order
from domain.orders.order_timers import set_order_timers
from domain.orders.placing import PlacedOrder
from domain.orders.placing import place_order
from domain.orders.placing import preview_order
from domain.orders.placing import quote_of
from domain.orders.splitting import Share
from domain.orders.splitting import split_due
from domain.orders.starting import expire_acceptance
from domain.orders.starting import start_scheduled
from domain.orders.totals import bill_minor
from kit.documents import Document
from kit.scope import Scope


def get_order(scope: Scope, *, order_id: str) -> Document:
    """Read one order with its lines (active ones first) and its status history. Raises NotFound."""
    return read_order(scope, order_id=order_id)


def list_orders(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    sort: str = "-created_at",
    status: tuple[str, ...] = (),
    location_id: str | None = None,
    source: str | None = None,
    payment_status: str | None = None,
    customer_id: str | None = None,
    reservation_id: str | None = None,
    table_id: str | None = None,
    external_id: str | None = None,
    ref: str | None = None,
    created_from_us: int | None = None,
    created_to_us: int | None = None,
    updated_since_us: int | None = None,
) -> list[Document]:
    """List up to limit + 1 orders.

    sort: -created_at, created_at or updated_at; `after` is [that instant in microseconds, id] of the last row before.
    created_from_us <= created_at < created_to_us, updated_since_us <= updated_at. ref: a name of the order in another
    product, as `references.parse_reference` gives it. Raises KeyError for another sort.
    """
    wanted = {
        "location_id": location_id, "source": source, "payment_status": payment_status, "customer_id": customer_id,
        "reservation_id": reservation_id, "table_id": table_id, "external_id": external_id,
        "created_from_us": created_from_us, "created_to_us": created_to_us, "updated_since_us": updated_since_us,
        "ref": ref,
    }  # fmt: skip
    filters = {name: value for name, value in wanted.items() if value is not None}
    statuses = {f"status_{index}": value for index, value in enumerate(status)}
    after_us, after_id = after or (None, None)
    return queries.listed.documents(
        scope, tuple(filters), len(status), sort, after is not None,
        **filters, **statuses, after_us=after_us, after_id=after_id, rows=limit + 1,
    )  # fmt: skip


def order_history(scope: Scope, *, order_id: str) -> list[Document]:
    """The status changes of an order, oldest first: {status, at, actor_type, actor_id, reason}. Raises NotFound."""
    history: list[Document] = read_order(scope, order_id=order_id)["status_history"]
    return history


def split_order(
    scope: Scope, *, order_id: str, mode: str, parts: int | None = None, groups: list[list[str]] | None = None
) -> list[Share]:
    """Split what is due on an order among payers, without writing anything: see splitting.split_due. Raises NotFound."""
    return split_due(read_order(scope, order_id=order_id), mode=mode, parts=parts, groups=groups)


__all__ = [
    "UNSET", "DeliveryUpdate", "DiscountDraft", "LineDraft", "ModifierDraft", "Operation", "OrderDraft",
    "PlacedOrder", "Share", "advance_order", "amend_order", "bill_minor", "change_order", "decide_cancellation",
    "earn_points", "expire_acceptance", "get_order", "list_orders", "lock_order", "note_history", "order_history",
    "place_order", "preview_order", "quote_of", "record_updated", "request_cancellation", "set_order_timers",
    "settle", "split_order", "start_scheduled", "update_delivery",
]  # fmt: skip
