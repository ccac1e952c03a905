"""Menus and their categories: creating, changing and deleting them. Items stay what they are when a section goes."""

from sqlalchemy import Select

from domain.menus import menu_queries as queries
from domain.menus.checks import Values
from domain.menus.checks import check_items
from domain.menus.checks import refused
from domain.menus.checks import selling_currency
from domain.menus.events import MenuCreated
from domain.menus.models import Category
from domain.menus.models import CategoryItem
from domain.menus.models import Menu
from domain.menus.whole import NOTHING
from domain.menus.whole import announce_menu
from domain.menus.whole import read_menu
from domain.menus.whole import stamp_menus
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import NotFound
from kit.outbox import record
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now

MENU_COLUMNS = ("name", "subtitle", "is_active", "schedule", "service_types", "translations", "sort")
CATEGORY_COLUMNS = ("name", "subtitle", "sort", "is_active", "translations")


def create_menu(scope: Scope, *, values: Values) -> Document:
    """Create an empty menu, record menu.created and return its document.

    values: name, and any of location_id (None: offered everywhere) and MENU_COLUMNS. Raises Invalid (422).
    """
    if values.get("location_id") is not None:
        selling_currency(scope, location_id=values["location_id"])
    now = tenant_now(scope)
    columns = {name: values[name] for name in MENU_COLUMNS if name in values}
    menu = Menu(location_id=values.get("location_id"), created_at=now, updated_at=now, **columns)
    session(scope).add(menu)
    stamp_menus(scope, menu_ids=[menu.id])
    document = read_menu(scope, menu_id=menu.id)
    shown = {**document, "menu_changes": NOTHING}
    record(scope, MenuCreated(object=shown, location_id=document["location_id"]))
    return document


def change_menu(scope: Scope, *, menu_id: str, changes: Values, expected_version: int | None = None) -> Document:
    """Change a menu's own fields (MENU_COLUMNS), record menu.updated and return its document. Equal values change nothing.

    Raises NotFound, Conflict (409 version_conflict).
    """
    menu = lock_menu(scope, menu_id=menu_id, expected_version=expected_version)
    previous = {name: getattr(menu, name) for name, value in changes.items() if getattr(menu, name) != value}
    if not previous:
        return read_menu(scope, menu_id=menu_id)
    for name in previous:
        setattr(menu, name, changes[name])
    _touch(scope, menu)
    return announce_menu(scope, menu_id=menu_id, previous=previous, counts={"updated": 1})


def delete_menu(scope: Scope, *, menu_id: str, expected_version: int | None = None) -> None:
    """Take a menu and its categories away and record menu.updated. Its items stay. Raises NotFound, Conflict."""
    menu = lock_menu(scope, menu_id=menu_id, expected_version=expected_version)
    before = read_menu(scope, menu_id=menu_id)
    for row in session(scope).scalars(Category.owned_by(scope).where(Category.menu_id == menu_id)):
        _remove(scope, row)
    menu.is_active, menu.deleted_at = False, tenant_now(scope)
    _touch(scope, menu)
    previous = {"is_active": before["is_active"], "deleted_at": None}
    announce_menu(scope, menu_id=menu_id, previous=previous, counts={"deleted": 1 + len(before["categories"])})


def get_category(scope: Scope, *, category_id: str) -> Document:
    """Read one category with the ids of its items. Raises NotFound."""
    document = queries.category.document(scope, category_id=category_id)
    if document is None:
        raise NotFound(f"There is no category {category_id}.")
    return document


def create_category(scope: Scope, *, values: Values, tells_menu: bool = True) -> Document:
    """Create a category of a menu and return its document; records menu.updated.

    values: menu_id, name, and any of CATEGORY_COLUMNS and item_ids (in order). Raises Invalid (422).
    """
    menu = session(scope).scalar(_menus(scope, values["menu_id"]).with_for_update())
    if menu is None:
        raise refused("menu_id", f"There is no menu {values['menu_id']}.")
    now = tenant_now(scope)
    columns = {name: values[name] for name in CATEGORY_COLUMNS if name in values}
    category = Category(menu_id=menu.id, created_at=now, updated_at=now, **columns)
    session(scope).add(category)
    session(scope).flush()  # the places in it refer to it
    _replace_items(scope, category, menu, values.get("item_ids", []))
    if tells_menu:
        _touch(scope, menu)
        announce_menu(scope, menu_id=menu.id, previous={"categories": {category.id: None}}, counts={"created": 1})
    return get_category(scope, category_id=category.id)


def change_category(
    scope: Scope, *, category_id: str, changes: Values, expected_version: int | None = None, tells_menu: bool = True
) -> Document:
    """Change a category and return its document; records menu.updated. Equal values change nothing.

    changes: CATEGORY_COLUMNS and item_ids, which is the whole new list in order.
    Raises NotFound, Conflict (409 version_conflict), Invalid (422).
    """
    category, menu = _lock_category(scope, category_id, expected_version)
    before = get_category(scope, category_id=category_id)
    for name in CATEGORY_COLUMNS:
        if name in changes:
            setattr(category, name, changes[name])
    if "item_ids" in changes:
        _replace_items(scope, category, menu, changes["item_ids"])
    after = get_category(scope, category_id=category_id)
    previous = {name: value for name, value in before.items() if after[name] != value}
    if not previous:
        return after
    _touch(scope, category)
    if tells_menu:
        _touch(scope, menu)
        announce_menu(scope, menu_id=menu.id, previous={"categories": {category_id: previous}}, counts={"updated": 1})
    return get_category(scope, category_id=category_id)


def delete_category(
    scope: Scope, *, category_id: str, expected_version: int | None = None, tells_menu: bool = True
) -> None:
    """Take a category away and record menu.updated. Its items stay. Raises NotFound, Conflict."""
    category, menu = _lock_category(scope, category_id, expected_version)
    before = get_category(scope, category_id=category_id)
    _remove(scope, category)
    if tells_menu:
        _touch(scope, menu)
        previous = {"categories": {category_id: {name: before[name] for name in ("name", "item_ids")}}}
        announce_menu(scope, menu_id=menu.id, previous=previous, counts={"deleted": 1})


def lock_menu(scope: Scope, *, menu_id: str, expected_version: int | None = None) -> Menu:
    """Hold a menu's row until the transaction ends. Raises NotFound, Conflict for another version."""
    menu: Menu | None = session(scope).scalar(_menus(scope, menu_id).with_for_update())
    if menu is None:
        raise NotFound(f"There is no menu {menu_id}.")
    if expected_version is not None and menu.version != expected_version:
        raise Conflict(f"The menu is at version {menu.version} now.", current_version=menu.version)
    return menu


def _menus(scope: Scope, menu_id: str) -> Select[tuple[Menu]]:
    return Menu.owned_by(scope).where(Menu.id == menu_id, Menu.deleted_at.is_(None))


def _lock_category(scope: Scope, category_id: str, expected_version: int | None) -> tuple[Category, Menu]:
    """Hold a category's menu, then the category itself: always in this order."""
    menu_id = get_category(scope, category_id=category_id)["menu_id"]
    menu = lock_menu(scope, menu_id=menu_id)
    category = session(scope).scalar(Category.owned_by(scope).where(Category.id == category_id).with_for_update())
    if category is None:
        raise NotFound(f"There is no category {category_id}.")
    if expected_version is not None and category.version != expected_version:
        raise Conflict(f"The category is at version {category.version} now.", current_version=category.version)
    return category, menu


def _replace_items(scope: Scope, category: Category, menu: Menu, item_ids: list[str]) -> None:
    check_items(scope, item_ids, "item_ids", location_id=menu.location_id)
    query = CategoryItem.owned_by(scope).where(CategoryItem.category_id == category.id)
    present = {row.item_id: row for row in session(scope).scalars(query)}
    for item_id, row in present.items():
        if item_id not in item_ids:
            session(scope).delete(row)
    for sort, item_id in enumerate(item_ids):
        if item_id in present:
            present[item_id].sort = sort
        else:
            session(scope).add(CategoryItem(category_id=category.id, item_id=item_id, sort=sort))


def _remove(scope: Scope, category: Category) -> None:
    for row in session(scope).scalars(CategoryItem.owned_by(scope).where(CategoryItem.category_id == category.id)):
        session(scope).delete(row)
    session(scope).flush()  # the category goes after what refers to it
    session(scope).delete(category)


def _touch(scope: Scope, row: Menu | Category) -> None:
    row.version += 1
    row.updated_at = tenant_now(scope)
