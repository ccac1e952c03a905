"""What becomes due when a sandbox clock jumps: suspensions end and scheduled orders start, in that order.

Reads need none of this for suspensions and pauses, which are over once their time has passed; it is here for the events.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from domain.locations.service import get_location
from domain.menus.service import get_item
from domain.menus.service import return_due_items
from domain.orders.service import change_order
from domain.orders.service import list_orders
from kit.documents import Document
from kit.scope import SYSTEM
from kit.scope import Scope
from kit.unit import tenant_now_us
from sandbox.worlds.seeds import MINUTE_US

_PAGE = 200


def fire_due(scope: Scope) -> list[str]:
    """Do what the tenant's clock has made due, with its events, and return the ids of the changed items and orders."""
    # The clock did it, whoever moved the clock.
    scope = replace(scope, actor=SYSTEM)
    changed = return_due_items(scope)
    now_us, prep_us = tenant_now_us(scope), {}
    due: list[tuple[int, Document]] = []
    for order in _scheduled(scope):
        location_id = order["location_id"]
        if location_id not in prep_us:
            prep_us[location_id] = get_location(scope, location_id=location_id)["prep_minutes"] * MINUTE_US
        starts_us = (order["fulfillment"]["requested_at"] or order["created_at"]) - prep_us[location_id]
        if starts_us <= now_us:
            due.append((starts_us, order))
    for _, order in sorted(due, key=lambda pair: (pair[0], pair[1]["id"])):
        _start(scope, order)
        changed.append(order["id"])
    return changed


def _start(scope: Scope, order: Document) -> None:
    """Hand a scheduled order to the restaurant, or cancel it when what it needs has been sold meanwhile."""
    if _is_in_stock(scope, order):
        change_order(scope, order_id=order["id"], status="pending")
    else:
        change_order(scope, order_id=order["id"], status="cancelled", reason="out_of_stock")


def _is_in_stock(scope: Scope, order: Document) -> bool:
    wanted: Counter[str] = Counter()
    for line in order["lines"]:
        if line["item_id"] is not None and line["state"] == "active":
            wanted[line["item_id"]] += line["quantity"]
    stock = {item_id: get_item(scope, item_id=item_id)["stock_count"] for item_id in wanted}
    return all(stock[item_id] is None or stock[item_id] >= count for item_id, count in wanted.items())


def _scheduled(scope: Scope) -> Iterator[Document]:
    after = None
    while True:
        page = list_orders(scope, limit=_PAGE, after=after, status=("scheduled",), sort="created_at")
        yield from page[:_PAGE]
        if len(page) <= _PAGE:
            return
        after = [page[_PAGE - 1]["created_at"], page[_PAGE - 1]["id"]]
