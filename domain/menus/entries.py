"""The entries of an uploaded menu: finding what each one means, and writing it.

Writes single categories, items and modifier groups through their own services; knows nothing of jobs and steps.
"""

from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

from domain.menus.checks import Values
from domain.menus.checks import refused
from domain.menus.item_changes import COLUMNS
from domain.menus.item_changes import change_item
from domain.menus.item_changes import create_item
from domain.menus.items import read_items
from domain.menus.models import Category
from domain.menus.models import Menu
from domain.menus.modifiers import change_modifier_group
from domain.menus.modifiers import create_modifier_group
from domain.menus.modifiers import get_modifier_group
from domain.menus.sections import CATEGORY_COLUMNS
from domain.menus.sections import change_category
from domain.menus.sections import create_category
from kit.documents import Document
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import session

LEAST = {"created": 0, "updated": 0, "deleted": 0}


class Place(NamedTuple):
    """Where an entry stands in the document; item None: it is the category itself."""

    category: int
    item: int | None

    @property
    def path(self) -> str:
        return f"categories[{self.category}]" + ("" if self.item is None else f".items[{self.item}]")


class Entries:
    """The entries of one document for one menu. notes: what earlier steps have found, by the document's own order."""

    def __init__(self, scope: Scope, menu_id: str, document: Values, notes: Document) -> None:
        self._scope = scope
        self._menu_id = menu_id
        self._document = document
        self._notes = notes
        self._categories: list[str | None] = list(notes["categories"])
        self._items: list[list[str | None]] = [list(ids) for ids in notes["items"]]
        self.counts = dict(LEAST)
        held = {item_id for item_ids in notes["held"].values() for item_id in item_ids}
        self._known = read_items(scope, item_ids=sorted(held)) if held else {}

    def places(self) -> list[Place]:
        """Every entry in order: each category before its items."""
        return [
            Place(index, item)
            for index, category in enumerate(self._document["categories"])
            for item in (None, *range(len(category["items"])))
        ]

    def notes(self) -> Document:
        """What the next step needs to know."""
        return {**self._notes, "categories": self._categories, "items": self._items}

    def write(self, place: Place) -> None:
        """Create or change what one entry describes. Raises the refusals of the services it is written through."""
        category, counts = self._document["categories"][place.category], dict(self.counts)
        try:
            if place.item is None:
                self._categories.append(self._write_category(category, place.category))
                self._items.append([])
            elif (category_id := self._categories[place.category]) is None:
                self._items[place.category].append(None)  # its category was refused, and that was said once
            else:
                self._items[place.category].append(self._write_item(category["items"][place.item], category_id))
        except PlatformError:
            self.counts = counts
            raise

    def leave_out(self, place: Place) -> None:
        """Note that an entry was refused."""
        if place.item is None:
            self._categories.append(None)
            self._items.append([])
        else:
            self._items[place.category].append(None)

    def _write_category(self, entry: Values, index: int) -> str:
        values = {name: entry[name] for name in CATEGORY_COLUMNS if name in entry} | {"sort": index}
        rows = session(self._scope).scalars(Category.owned_by(self._scope).where(Category.menu_id == self._menu_id))
        free = {row.id: row for row in rows if row.id not in self._categories}
        found = _found(entry, ((row.id, row.name) for row in free.values()), "category")
        if found is None:
            new = create_category(self._scope, values={**values, "menu_id": self._menu_id}, tells_menu=False)
            self.counts["created"] += 1
            return str(new["id"])
        version = free[found].version
        changed = change_category(self._scope, category_id=found, changes=values, tells_menu=False)
        self.counts["updated"] += changed["version"] != version
        return found

    def _write_item(self, entry: Values, category_id: str) -> str:
        item = self._matching(entry, category_id)
        if entry.keys() == {"id"}:
            if item is None:
                raise refused("id", f"There is no menu item {entry['id']}.")
            return str(item["id"])
        values = {name: entry[name] for name in (*COLUMNS, "variations", "stock_count") if name in entry}
        if "variations" in values:
            values["variations"] = _with_ids(values["variations"], item["variations"] if item else [])
        if "modifier_groups" in entry:
            offered = item["modifier_group_ids"] if item else []
            values["modifier_group_ids"] = self._write_groups(entry["modifier_groups"], offered)
        if item is None:
            menu = session(self._scope).scalar(Menu.owned_by(self._scope).where(Menu.id == self._menu_id))
            values |= {"location_id": menu.location_id, "category_ids": [category_id]}
            new = create_item(self._scope, values=values, stamps=False)
            self.counts["created"] += 1
            return str(new["id"])
        values.pop("stock_count", None)  # what is left of a known item is known better here
        changed = change_item(self._scope, item_id=item["id"], changes=values, stamps=False)
        self.counts["updated"] += changed["version"] != item["version"]
        return str(item["id"])

    def _matching(self, entry: Values, category_id: str) -> Document | None:
        """The item an entry means: by id anywhere, by sku on this menu, by name in the same category."""
        used = {item_id for item_ids in self._items for item_id in item_ids}
        if "id" in entry:
            found = read_items(self._scope, item_ids=[entry["id"]]).get(entry["id"])
            if found is None:
                raise refused("id", f"There is no menu item {entry['id']}.")
            return found
        free = [item for key, item in self._known.items() if key not in used]
        if entry.get("sku"):
            return next((item for item in free if item["sku"] == entry["sku"]), None)
        here = [item for item in free if category_id in item["category_ids"] and item["name"] == entry["name"]]
        return here[0] if here else None

    def _write_groups(self, entries: list[Values], offered: list[str]) -> list[str]:
        """Write modifier groups offered in one place, inner ones first, and return their ids."""
        present = {group_id: get_modifier_group(self._scope, group_id=group_id) for group_id in offered}
        ids: list[str] = []
        for index, entry in enumerate(entries):
            path = f"modifier_groups[{index}]"
            free = ((key, group["name"]) for key, group in present.items() if key not in ids)
            found = _found(entry, free, path, may_be_elsewhere=True)
            group = None if found is None else present.get(found) or self._group(found, path)
            ids.append(self._write_group(entry, group, path))
        return ids

    def _write_group(self, entry: Values, group: Document | None, path: str) -> str:
        if group is not None and entry.keys() == {"id"}:
            return str(group["id"])
        values = {name: value for name, value in entry.items() if name != "id"}
        if "modifiers" in values:
            known = group["modifiers"] if group else []
            options = _with_ids(values["modifiers"], known)
            nested = {row["id"]: row["group_ids"] for row in known}
            values["modifiers"] = [self._option(row, nested.get(row.get("id", ""), [])) for row in options]
        try:
            if group is None:
                self.counts["created"] += 1
                return str(create_modifier_group(self._scope, values=values)["id"])
            changed = change_modifier_group(self._scope, group_id=group["id"], changes=values, tells_menus=False)
        except Invalid as refusal:
            raise _within(path, refusal) from refusal
        self.counts["updated"] += changed["version"] != group["version"]
        return str(group["id"])

    def _option(self, entry: Values, offered: list[str]) -> Values:
        values = {name: value for name, value in entry.items() if name != "modifier_groups"}
        if "modifier_groups" in entry:
            values["group_ids"] = self._write_groups(entry["modifier_groups"], offered)
        return values

    def _group(self, group_id: str, path: str) -> Document:
        try:
            return get_modifier_group(self._scope, group_id=group_id)
        except NotFound as missing:
            raise refused(f"{path}.id", missing.detail) from missing


def _found(
    entry: Values, free: Iterable[tuple[str, str]], path: str, *, may_be_elsewhere: bool = False
) -> str | None:
    """The id of what an entry means among (id, name) pairs, or None when it is new. Raises Invalid for an unknown id."""
    names = list(free)
    if "id" in entry:
        if not may_be_elsewhere and entry["id"] not in dict(names):
            raise refused("id", f"The menu has no {path} {entry['id']}, or it is named twice.")
        return str(entry["id"])
    return next((key for key, name in names if name == entry["name"]), None)


def _with_ids(entries: list[Values], present: list[Document]) -> list[Values]:
    """Give entries without an id that of the present one with the same name."""
    used = {entry["id"] for entry in entries if "id" in entry}
    named: list[Values] = []
    for entry in entries:
        free: Any = next((row["id"] for row in present if row["name"] == entry.get("name") and row["id"] not in used), None)
        if "id" not in entry and free is not None:
            used.add(free)
            named.append({**entry, "id": free})
        else:
            named.append(entry)
    return named


def _within(path: str, refusal: Invalid) -> Invalid:
    return type(refusal)(
        refusal.detail, errors=[error.__class__(f"{path}.{error.field}", error.code, error.message, error.extra)
                                for error in refusal.errors]
    )  # fmt: skip
