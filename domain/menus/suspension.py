"""Taking items and modifiers off sale and putting them back, by hand and by the end of a suspension.

Events are recorded when something really goes on or off sale; a schedule that opens or closes emits nothing. A suspension
with an end has a timer, which records the return; reads do not wait for it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from domain.menus.availability import MANUAL
from domain.menus.availability import STOCK
from domain.menus.events import ItemBecameAvailable
from domain.menus.events import ItemBecameUnavailable
from domain.menus.events import ModifierBecameAvailable
from domain.menus.events import ModifierBecameUnavailable
from domain.menus.items import is_sellable
from domain.menus.items import read_items
from domain.menus.models import MenuItem
from domain.menus.models import Modifier
from domain.menus.modifiers import read_modifier
from domain.timers.service import set_task
from domain.timers.service import set_timer
from kit.clock import to_us
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.outbox import Event
from kit.outbox import record
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now
from kit.unit import tenant_now_us

ITEM_RETURN, MODIFIER_RETURN = "item.return", "modifier.return"
TOLD = ("available", "unavailable_reason", "available_again_at", "stock_count")
BUSY_S = 5.0


class Unset(Enum):
    """A change that was not asked for; None is a value of its own (untracked stock)."""

    UNSET = "unset"


UNSET = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an item's or modifier's availability is to be. stock_count None stops tracking."""

    id: str
    available: bool
    reason: str | None = None
    until: datetime | None = None
    stock_count: int | Unset | None = UNSET


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
    wanted = Wanted(item_id, available, reason, until, stock_count)
    [outcome] = set_items_availability(scope, wanted=[wanted], expected_version=expected_version)
    if isinstance(outcome, PlatformError):
        raise outcome
    return outcome


def set_items_availability(
    scope: Scope, *, wanted: list[Wanted], expected_version: int | None = None
) -> list[Document | PlatformError]:
    """Do what set_item_availability does for many items, with as many statements as for one.

    Returns for each of them, in order, the item document or why it was refused; the others are done all the same.
    """
    ids = sorted({one.id for one in wanted})
    query = MenuItem.owned_by(scope).where(MenuItem.id.in_(ids), MenuItem.deleted_at.is_(None)).order_by(MenuItem.id)
    rows = {row.id: row for row in session(scope).scalars(query.with_for_update())}
    before = read_items(scope, item_ids=rows)
    outcomes: list[Document | PlatformError] = []
    changed: set[str] = set()
    seen: set[str] = set()
    for one in wanted:
        try:
            if one.id in seen:
                raise _refused("menu_item_id", "The item is named twice; send each one once.")
            seen.add(one.id)
            if one.id not in rows:
                raise NotFound(f"There is no menu item {one.id}.")
            if _apply(scope, rows[one.id], one, ITEM_RETURN, expected_version):
                changed.add(one.id)
            outcomes.append(before[one.id])
        except PlatformError as refusal:
            outcomes.append(refusal)
    after = read_items(scope, item_ids=changed) if changed else {}
    for item_id in (one.id for one in wanted if one.id in changed):
        announce_item(scope, before[item_id], after[item_id])
        changed.discard(item_id)
    return [after.get(one["id"], one) if isinstance(one, dict) else one for one in outcomes]


def set_modifier_availability(
    scope: Scope,
    *,
    modifier_id: str,
    available: bool,
    reason: str | None = None,
    until: datetime | None = None,
    stock_count: int | Unset | None = UNSET,
    expected_version: int | None = None,
) -> Document:
    """Take a modifier off sale or put it back; set its stock when given. As set_item_availability.

    Records menu.modifier.unavailable or menu.modifier.available when that really changes. Returns the modifier document.
    Raises NotFound, Conflict, Invalid (422).
    """
    query = Modifier.owned_by(scope).where(Modifier.id == modifier_id).with_for_update()
    row = session(scope).scalar(query)
    before = read_modifier(scope, modifier_id=modifier_id)
    wanted = Wanted(modifier_id, available, reason, until, stock_count)
    if not _apply(scope, row, wanted, MODIFIER_RETURN, expected_version):
        return before
    after = read_modifier(scope, modifier_id=modifier_id)
    _announce(scope, before, after, (ModifierBecameUnavailable, ModifierBecameAvailable))
    return after


def return_item(scope: Scope, item_id: str) -> None:
    """Timer: end an item's suspension when its time has come, and record menu.item.available when it is for sale again."""
    row = _taken(scope, MenuItem, item_id, ITEM_RETURN)
    if row is None or row.deleted_at is not None or not _is_over(scope, row):
        return
    _lift(scope, row)
    document = read_items(scope, item_ids=[item_id])[item_id]
    if is_sellable(document, tenant_now_us(scope)):
        previous = {"available": False}
        record(scope, ItemBecameAvailable(object=document, previous=previous, location_id=document["location_id"]))


def return_modifier(scope: Scope, modifier_id: str) -> None:
    """Timer: end a modifier's suspension when its time has come, and record menu.modifier.available when it is back."""
    row = _taken(scope, Modifier, modifier_id, MODIFIER_RETURN)
    if row is None or not _is_over(scope, row):
        return
    _lift(scope, row)
    document = read_modifier(scope, modifier_id=modifier_id)
    if is_sellable(document, tenant_now_us(scope)):
        record(scope, ModifierBecameAvailable(object=document, previous={"available": False}))


def _taken(scope: Scope, model: type[Any], row_id: str, timer: str) -> Any:
    """Lock the row a timer is about, or try again soon when somebody has it; None when there is nothing to do now."""
    query = model.owned_by(scope).where(model.id == row_id)
    row = session(scope).scalar(query.with_for_update(skip_locked=True))
    if row is None and session(scope).scalar(query) is not None:
        # Waiting here could block whoever has the row and sets this timer anew.
        set_task(scope, kind=timer, object_id=row_id, delay_s=BUSY_S)
    return row


def announce_item(scope: Scope, before: Document, after: Document) -> None:
    """Record that an item went on or off sale, if it did between two documents of it."""
    _announce(scope, before, after, (ItemBecameUnavailable, ItemBecameAvailable))


def _announce(scope: Scope, before: Document, after: Document, events: tuple[type[Event], type[Event]]) -> None:
    now_us = tenant_now_us(scope)
    was, now_is = is_sellable(before, now_us), is_sellable(after, now_us)
    if was == now_is:
        return
    previous = {name: before[name] for name in TOLD if before[name] != after[name]}
    record(scope, events[now_is](object=after, previous=previous, location_id=after.get("location_id")))


def _apply(scope: Scope, row: Any, one: Wanted, timer: str, expected_version: int | None) -> bool:
    """Write what is wanted into a locked row and its timer; False when it is so already. Raises Conflict, Invalid."""
    _check(scope, one, row.stock_count)
    if expected_version is not None and row.version != expected_version:
        raise Conflict("It has changed since you read it.", current_version=row.version)
    values: dict[str, Any] = {
        "is_suspended": not one.available,
        "suspend_reason": None if one.available else one.reason or MANUAL,
        "suspended_until": None if one.available else one.until,
    }
    if one.stock_count is not UNSET:
        values["stock_count"] = one.stock_count
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    if one.until is not None:  # a timer set before finds nothing to do and is left alone
        set_timer(scope, kind=timer, object_id=row.id, due_at_us=to_us(one.until))
    for name, value in values.items():
        setattr(row, name, value)
    _touch(scope, row)
    return True


def _check(scope: Scope, one: Wanted, present_stock: int | None) -> None:
    if one.reason is not None and one.reason not in (MANUAL, STOCK):
        raise _refused("reason", f"Expected {MANUAL} or {STOCK}.")
    if one.until is not None and (one.available or one.until <= tenant_now(scope)):
        raise _refused("until", "Goes with available=false and lies in the future.")
    stock = present_stock if isinstance(one.stock_count, Unset) else one.stock_count
    if stock is not None and stock < 0:
        raise _refused("stock_count", "Expected 0 or more, or null.")
    if one.available and stock == 0:
        raise _refused("stock_count", "It is out of stock; send a stock_count above 0, or null to stop tracking it.")


def _is_over(scope: Scope, row: Any) -> bool:
    return row.is_suspended and row.suspended_until is not None and row.suspended_until <= tenant_now(scope)


def _lift(scope: Scope, row: Any) -> None:
    row.is_suspended, row.suspended_until, row.suspend_reason = False, None, None
    _touch(scope, row)


def _touch(scope: Scope, row: Any) -> None:
    row.version += 1
    row.updated_at = tenant_now(scope)


def _refused(field: str, message: str) -> Invalid:
    return Invalid(errors=[FieldError(field, "validation_failed", message)])

