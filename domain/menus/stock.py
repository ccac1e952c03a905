"""Taking items off sale and putting them back, by hand and by stock.

Stock moves by conditional UPDATE, so two orders never sell the same portion. Events are recorded when an item really
goes on or off sale; a schedule that opens or closes emits nothing.
"""

from datetime import datetime
from enum import Enum
from typing import Any

from domain.menus import queries
from domain.menus.availability import MANUAL
from domain.menus.availability import STOCK
from domain.menus.errors import ItemUnavailable
from domain.menus.errors import unavailable_item
from domain.menus.events import ItemBecameAvailable
from domain.menus.events import ItemBecameUnavailable
from domain.menus.items import get_item
from domain.menus.items import is_sellable
from domain.menus.models import MenuItem
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.outbox import record
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now
from kit.unit import tenant_now_us


class Unset(Enum):
    """A change that was not asked for; None is a value of its own (untracked stock)."""

    UNSET = "unset"


UNSET = Unset.UNSET


def set_item_availability(
    scope: Scope,
    *,
    item_id: str,
    available: bool,
    reason: str | None = None,
    until: datetime | None = None,
    stock_count: int | Unset | None = UNSET,
    expected_version: int | None = None,
) -> Document:
    """Take an item off sale (until an instant or until further notice) or put it back; set its stock when given.

    Records menu.item.unavailable or menu.item.available when that really changes; schedules do not count.
    stock_count None stops tracking. Returns the item document. Raises NotFound, Conflict, Invalid (422).
    """
    _check_availability(scope, available=available, reason=reason, until=until, stock_count=stock_count)
    row = session(scope).scalar(MenuItem.owned_by(scope).where(MenuItem.id == item_id).with_for_update())
    if row is None:
        raise NotFound(f"There is no menu item {item_id}.")
    if expected_version is not None and row.version != expected_version:
        raise Conflict("The item has changed since you read it.", current_version=row.version)
    before = get_item(scope, item_id=item_id)
    wanted: dict[str, Any] = {
        "is_suspended": not available,
        "suspend_reason": None if available else reason or MANUAL,
        "suspended_until": None if available else until,
    }
    if stock_count is not UNSET:
        wanted["stock_count"] = stock_count
    if available and wanted.get("stock_count", row.stock_count) == 0:
        message = "The item is out of stock; send a stock_count above 0, or null to stop tracking it."
        raise Invalid(errors=[FieldError("stock_count", "validation_failed", message)])
    if all(getattr(row, name) == value for name, value in wanted.items()):
        return before
    for name, value in wanted.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = tenant_now(scope)
    return _announced(scope, before)


def return_due_items(scope: Scope) -> list[str]:
    """End every suspension whose time has come, recording menu.item.available, and return the item ids.

    Reads do not wait for this: an elapsed suspension already counts as over.
    """
    now = tenant_now(scope)
    due = MenuItem.owned_by(scope).where(MenuItem.is_suspended, MenuItem.suspended_until <= now)
    rows = list(session(scope).scalars(due.order_by(MenuItem.suspended_until, MenuItem.id).with_for_update()))
    for row in rows:
        row.is_suspended, row.suspended_until, row.suspend_reason = False, None, None
        row.version += 1
        row.updated_at = now
    for row in rows:
        document = get_item(scope, item_id=row.id)
        if is_sellable(document, tenant_now_us(scope)):
            record(scope, ItemBecameAvailable(
                object=document, previous={"available": False}, location_id=document["location_id"]
            ))  # fmt: skip
    return [row.id for row in rows]


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
            queries.suspend_out_of_stock.rows(scope, item_id=item_id)
            document = get_item(scope, item_id=item_id)
            record(scope, ItemBecameUnavailable(
                object=document, previous={"available": True}, location_id=document["location_id"]
            ))  # fmt: skip


def release_stock(scope: Scope, *, quantities: dict[str, int]) -> None:
    """Put portions back. Lifts a suspension with reason `stock` (recording menu.item.available) and no other."""
    now_us = tenant_now_us(scope) if quantities else 0
    for item_id, quantity in sorted(quantities.items()):
        if queries.give_stock.row(scope, item_id=item_id, quantity=quantity, now=now_us) is None:
            continue
        if queries.lift_out_of_stock.row(scope, item_id=item_id) is not None:
            document = get_item(scope, item_id=item_id)
            record(scope, ItemBecameAvailable(
                object=document, previous={"available": False}, location_id=document["location_id"]
            ))  # fmt: skip


def _announced(scope: Scope, before: Document) -> Document:
    """The item document after a change, with the event when it went on or off sale. Trusts that the row was changed."""
    after, now_us = get_item(scope, item_id=before["id"]), tenant_now_us(scope)
    was, now_is = is_sellable(before, now_us), is_sellable(after, now_us)
    if was == now_is:
        return after
    names = ("available", "unavailable_reason", "available_again_at", "stock_count")
    previous = {name: before[name] for name in names if before[name] != after[name]}
    event = ItemBecameAvailable if now_is else ItemBecameUnavailable
    record(scope, event(object=after, previous=previous, location_id=after["location_id"]))
    return after


def _check_availability(
    scope: Scope, *, available: bool, reason: str | None, until: datetime | None, stock_count: int | Unset | None
) -> None:
    errors = []
    if reason is not None and reason not in (MANUAL, STOCK):
        errors.append(FieldError("reason", "validation_failed", f"Expected {MANUAL} or {STOCK}."))
    if until is not None and (available or until <= tenant_now(scope)):
        errors.append(FieldError("until", "validation_failed", "Goes with available=false and lies in the future."))
    if isinstance(stock_count, int) and stock_count < 0:
        errors.append(FieldError("stock_count", "validation_failed", "Expected 0 or more, or null."))
    if errors:
        raise Invalid(errors=errors)
