"""Portions of tracked items, taken by orders and given back.

Stock moves by conditional UPDATE, so two orders never sell the same portion. Reaching 0 takes an item off sale with reason
`stock`; portions given back lift that reason and no other.
"""

from domain.menus import queries
from domain.menus.availability import STOCK
from domain.menus.errors import ItemUnavailable
from domain.menus.errors import unavailable_item
from domain.menus.events import ItemBecameAvailable
from domain.menus.events import ItemBecameUnavailable
from domain.menus.items import find_item
from domain.menus.items import is_sellable
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us


def reserve_stock(scope: Scope, *, quantities: dict[str, int]) -> None:
    """Take portions of tracked items off the stock. Name tracked items only: each costs one statement.

    Reaching 0 suspends the item with reason `stock` and records menu.item.unavailable.
    Raises ItemUnavailable (422) when one of them has too few left.
    """
    now_us = tenant_now_us(scope) if quantities else 0
    # Sorted: two orders that name the same items lock them in the same order.
    for item_id, quantity in sorted(quantities.items()):
        row = queries.take_stock.row(scope, item_id=item_id, quantity=quantity, now=now_us)
        if row is None:
            if queries.tracked_stock.row(scope, item_id=item_id) is None:
                continue
            raise ItemUnavailable(errors=[unavailable_item(field="items", item_id=item_id, reason=STOCK)])
        if row[0] == 0:
            _sell_out(scope, item_id, now_us)


def release_stock(scope: Scope, *, quantities: dict[str, int]) -> None:
    """Put portions back. Lifts a suspension with reason `stock` (recording menu.item.available) and no other."""
    now_us = tenant_now_us(scope) if quantities else 0
    for item_id, quantity in sorted(quantities.items()):
        if queries.give_stock.row(scope, item_id=item_id, quantity=quantity, now=now_us) is None:
            continue
        if queries.lift_out_of_stock.row(scope, item_id=item_id) is None:
            continue
        document = find_item(scope, item_id=item_id)
        if document is not None and is_sellable(document, now_us):
            record(scope, ItemBecameAvailable(
                object=document, previous={"available": False}, location_id=document["location_id"]
            ))  # fmt: skip


def _sell_out(scope: Scope, item_id: str, now_us: int) -> None:
    # What a person has taken off sale stays so for that person's reason.
    if queries.suspend_out_of_stock.row(scope, item_id=item_id, now=now_us) is None:
        return
    document = find_item(scope, item_id=item_id)
    if document is not None and document["is_active"] and document["deleted_at"] is None:
        record(scope, ItemBecameUnavailable(
            object=document, previous={"available": True}, location_id=document["location_id"]
        ))  # fmt: skip
