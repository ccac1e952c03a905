"""What happens to an order when its timer fires. Handlers look first: what they wait for may have happened otherwise."""

from collections import Counter

from domain.locations.service import get_location
from domain.menus.service import get_item
from domain.orders.changes import find_locked
from domain.orders.changes import write_change
from domain.orders.machine import ACCEPTANCE_TIMEOUT
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Scope


def start_scheduled(scope: Scope, order_id: str) -> None:
    """Hand a scheduled order to the restaurant, or cancel it when what it needs has been sold meanwhile."""
    order = find_locked(scope, order_id=order_id)
    if order is None or order["status"] != "scheduled":
        return
    if not _is_in_stock(scope, order):
        write_change(scope, before=order, fields={}, target="cancelled", reason="out_of_stock")
        return
    started = write_change(scope, before=order, fields={}, target="pending")
    if get_location(scope, location_id=order["location_id"])["auto_accept"]:
        write_change(scope, before=started, fields={}, target="accepted")


def expire_acceptance(scope: Scope, order_id: str) -> None:
    """Fail a channel's order that nobody has accepted or rejected in time."""
    order = find_locked(scope, order_id=order_id)
    if order is not None and order["status"] == "pending":
        write_change(scope, before=order, fields={}, target="failed", reason=ACCEPTANCE_TIMEOUT)


def _is_in_stock(scope: Scope, order: Document) -> bool:
    wanted: Counter[str] = Counter()
    for line in order["lines"]:
        if line["item_id"] is not None and line["state"] == "active":
            wanted[line["item_id"]] += line["quantity"]
    return all(_has(scope, item_id, quantity) for item_id, quantity in wanted.items())


def _has(scope: Scope, item_id: str, quantity: int) -> bool:
    try:
        stock = get_item(scope, item_id=item_id)["stock_count"]
    except NotFound:
        return False
    return stock is None or stock >= quantity
