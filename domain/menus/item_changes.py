"""Creating, changing and deleting menu items, with their variations and their places in groups and categories.

Orders keep what they copied, so nothing here touches them. The change of an item stamps the menus that show it.
"""

from typing import Any

from domain.menus.checks import Values
from domain.menus.checks import check_categories
from domain.menus.checks import check_food
from domain.menus.checks import check_groups
from domain.menus.checks import check_tax
from domain.menus.checks import refused
from domain.menus.checks import selling_currency
from domain.menus.events import ItemCreated
from domain.menus.events import ItemUpdated
from domain.menus.items import find_item
from domain.menus.items import get_item
from domain.menus.models import CategoryItem
from domain.menus.models import GroupPlacement
from domain.menus.models import MenuItem
from domain.menus.models import Variation
from domain.menus.prices import announce_prices
from domain.menus.prices import price_changes
from domain.menus.suspension import announce_item
from domain.menus.whole import menus_with
from domain.menus.whole import stamp_menus
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import NotFound
from kit.outbox import record
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now

COLUMNS = (
    "name", "description", "translations", "base_price_minor", "cost_minor", "tax_id", "image_url", "kind", "sku", "allergens",
    "diets", "calories", "sort", "is_active", "schedule",
)  # fmt: skip
VARIATION_COLUMNS = ("name", "price_minor", "sku", "stock_count", "is_default")
NOT_TOLD = frozenset({
    "version", "updated_at", "refs", "available", "unavailable_reason", "available_again_at", "is_suspended",
    "suspended_until", "suspend_reason",
})  # fmt: skip


def create_item(scope: Scope, *, values: Values, stamps: bool = True) -> Document:
    """Create an item, record menu.item.created and return its document.

    values: name, base_price_minor, and any of location_id (None: sold everywhere), stock_count, the other COLUMNS,
    variations ([{name, price_minor, sku, stock_count, is_default}]), modifier_group_ids, category_ids.
    stamps False leaves the hashes of menus to the caller. Raises Invalid (422).
    """
    location_id = values.get("location_id")
    currency = selling_currency(scope, location_id=location_id)
    check_food(values)
    check_tax(scope, values.get("tax_id"))
    now = tenant_now(scope)
    item = MenuItem(
        location_id=location_id, currency=currency, stock_count=values.get("stock_count"), created_at=now, updated_at=now,
        **{name: values[name] for name in COLUMNS if name in values},
    )  # fmt: skip
    session(scope).add(item)
    session(scope).flush()  # what hangs on it refers to it
    _hang_on(scope, item, values)
    document = get_item(scope, item_id=item.id)
    record(scope, ItemCreated(object=document, location_id=location_id))
    if stamps and document["category_ids"]:
        stamp_menus(scope, menu_ids=menus_with(scope, item_ids=[item.id]))
    return document


def change_item(
    scope: Scope, *, item_id: str, changes: Values, expected_version: int | None = None, stamps: bool = True
) -> Document:
    """Change an item and return its document; equal values change nothing and record nothing.

    changes: COLUMNS, variations, modifier_group_ids, category_ids. A list is the whole new list: a variation with the id of
    a present one changes it, one without is new, what is missing goes.
    Records menu.price.updated when a price changed, then menu.item.updated, and when is_active moved it off or on sale
    menu.item.unavailable or menu.item.available.
    Raises NotFound, Conflict (409 version_conflict), Invalid (422).
    """
    item = _locked(scope, item_id)
    before = get_item(scope, item_id=item_id)
    if expected_version is not None and item.version != expected_version:
        raise Conflict(f"The item is at version {item.version} now.", current_version=item.version)
    check_food(changes)
    if changes.get("tax_id") not in (None, item.tax_id):
        check_tax(scope, changes["tax_id"])
    showing = menus_with(scope, item_ids=[item_id]) if stamps else set()
    for name in COLUMNS:
        if name in changes:
            setattr(item, name, changes[name])
    _hang_on(scope, item, changes)
    return _announced(scope, item, before, showing, stamps)


def delete_item(scope: Scope, *, item_id: str, expected_version: int | None = None, stamps: bool = True) -> None:
    """Take an item off every menu for good. Orders that name it stay as they are.

    Records menu.item.updated, and menu.item.unavailable when it was for sale. Raises NotFound, Conflict.
    """
    item = _locked(scope, item_id)
    before = get_item(scope, item_id=item_id)
    if expected_version is not None and item.version != expected_version:
        raise Conflict(f"The item is at version {item.version} now.", current_version=item.version)
    showing = menus_with(scope, item_ids=[item_id]) if stamps else set()
    _replace_categories(scope, item, [])
    item.is_active, item.deleted_at = False, tenant_now(scope)
    _announced(scope, item, before, showing, stamps)


def _announced(scope: Scope, item: MenuItem, before: Document, showing: set[str], stamps: bool) -> Document:
    """The document of an item that may have changed, with version, events and hashes. Trusts that its row is locked."""
    after = find_item(scope, item_id=item.id) or {}
    if all(before[name] == after[name] for name in before if name not in NOT_TOLD):
        return after
    item.version += 1
    item.updated_at = tenant_now(scope)
    after = find_item(scope, item_id=item.id) or {}
    if repriced := price_changes(before, after):
        announce_prices(scope, item=after, changes=repriced)
    record(scope, ItemUpdated(object=after, previous=_previous(before, after), location_id=after["location_id"]))
    announce_item(scope, before, after)
    if stamps:
        stamp_menus(scope, menu_ids=showing | menus_with(scope, item_ids=[item.id]))
    return after


def _previous(before: Document, after: Document) -> Document:
    """The changed fields with their old values; variations by id, None for one that is new."""
    previous = {name: before[name] for name in before if name not in NOT_TOLD and before[name] != after[name]}
    if "base_price_minor" in previous:
        previous["price_minor"] = previous.pop("base_price_minor")
    if "variations" in previous:
        old, new = ({row["id"]: _lasting(row) for row in document["variations"]} for document in (before, after))
        previous["variations"] = {key: old.get(key) for key in sorted(old | new) if old.get(key) != new.get(key)}
    return previous


def _lasting(row: Document) -> Document:
    return {name: value for name, value in row.items() if name not in ("version", "created_at", "updated_at", "id")}


def _locked(scope: Scope, item_id: str) -> MenuItem:
    query = MenuItem.owned_by(scope).where(MenuItem.id == item_id, MenuItem.deleted_at.is_(None)).with_for_update()
    item: MenuItem | None = session(scope).scalar(query)
    if item is None:
        raise NotFound(f"There is no menu item {item_id}.")
    return item


def _hang_on(scope: Scope, item: MenuItem, values: Values) -> None:
    """Make variations, groups and categories those given, where they are."""
    if "variations" in values:
        _replace_variations(scope, item, values["variations"])
    if "modifier_group_ids" in values:
        check_groups(scope, values["modifier_group_ids"], "modifier_group_ids", currency=item.currency)
        _replace_groups(scope, item, values["modifier_group_ids"])
    if "category_ids" in values:
        check_categories(scope, values["category_ids"], location_id=item.location_id, currency=item.currency)
        _replace_categories(scope, item, values["category_ids"])


def _replace_variations(scope: Scope, item: MenuItem, variations: list[Values]) -> None:
    if sum(1 for values in variations if values.get("is_default")) > 1:
        raise refused("variations", "At most one variation is the default.")
    asked, now = session(scope), tenant_now(scope)
    present = {row.id: row for row in asked.scalars(Variation.owned_by(scope).where(Variation.item_id == item.id))}
    kept: set[str] = set()
    for index, values in enumerate(variations):
        row = present.get(values.get("id", ""))
        if "id" in values and (row is None or row.id in kept):
            raise refused(f"variations[{index}].id", f"The item has no variation {values['id']}, or it is named twice.")
        wanted: dict[str, Any] = {"sort": index} | {name: values[name] for name in VARIATION_COLUMNS if name in values}
        if row is None:
            row = Variation(item_id=item.id, created_at=now, updated_at=now, **wanted)
            asked.add(row)
        elif any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            row.version += 1
            row.updated_at = now
        kept.add(row.id)
    for key, row in present.items():
        if key not in kept:
            asked.delete(row)


def _replace_groups(scope: Scope, item: MenuItem, group_ids: list[str]) -> None:
    query = GroupPlacement.owned_by(scope).where(GroupPlacement.item_id == item.id)
    present = {row.group_id: row for row in session(scope).scalars(query)}
    for group_id, row in present.items():
        if group_id not in group_ids:
            session(scope).delete(row)
    for sort, group_id in enumerate(group_ids):
        if group_id in present:
            present[group_id].sort = sort
        else:
            session(scope).add(GroupPlacement(group_id=group_id, item_id=item.id, sort=sort))


def _replace_categories(scope: Scope, item: MenuItem, category_ids: list[str]) -> None:
    query = CategoryItem.owned_by(scope).where(CategoryItem.item_id == item.id)
    present = {row.category_id: row for row in session(scope).scalars(query)}
    for category_id, row in present.items():
        if category_id not in category_ids:
            session(scope).delete(row)
    new = [category_id for category_id in category_ids if category_id not in present]
    query = CategoryItem.owned_by(scope).where(CategoryItem.category_id.in_(new))
    last: dict[str, int] = {}
    for row in session(scope).scalars(query) if new else ():
        last[row.category_id] = max(row.sort, last.get(row.category_id, -1))
    for category_id in new:
        session(scope).add(CategoryItem(category_id=category_id, item_id=item.id, sort=last.get(category_id, -1) + 1))
