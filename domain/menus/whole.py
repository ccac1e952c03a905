"""A menu with everything in it, put together from one statement, and the hash of what it says.

The hash covers what is sold and how: names, prices, structure, schedules. What can be ordered right now is not part of it.
"""

from collections import defaultdict
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import orjson

from domain.menus import menu_queries
from domain.menus.events import MenuUpdated
from domain.menus.items import judged_item
from domain.menus.nesting import DEEPEST
from kit.documents import Document
from kit.errors import NotFound
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

NOTHING = {"created": 0, "updated": 0, "deleted": 0}
_FLEETING = frozenset({
    "version", "created_at", "updated_at", "deleted_at", "version_hash", "stock_count", "is_suspended", "suspended_until",
    "suspend_reason", "refs",
})  # fmt: skip


def get_whole_menu(scope: Scope, *, menu_id: str) -> Document:
    """Read a menu document whose categories hold `items`, those `modifier_groups`, those `modifiers`, and so on.

    Groups nest down to the third level. Item, group and modifier documents are those of the single reads. Raises NotFound.
    """
    parts = _read(scope, menu_id)
    menu, zones, items, variations, seats, placements, groups, modifiers, nestings, refs = parts
    now_us = tenant_now_us(scope)
    first_zone = zones[min(zones)] if zones else "UTC"
    menu["version_hash"] = menu["version_hash"] or _hash_of(parts)
    for group in groups.values():
        group["modifiers"] = []
    for modifier in modifiers:
        group = groups[modifier["group_id"]]
        modifier["group_ids"] = nestings[modifier["id"]]
        modifier["currency"] = group["currency"]
        group["modifiers"].append(judged_item(modifier, now_us, "UTC"))
    nested: dict[tuple[str, int], Document] = {}
    for item in items.values():
        judged_item(item, now_us, zones.get(item["location_id"], first_zone))
        item["variations"], item["refs"] = variations[item["id"]], refs[item["id"]]
        item["category_ids"], item["modifier_group_ids"] = sorted(seats[item["id"]]), placements[item["id"]]
        item["modifier_groups"] = [_nested(groups, group_id, 1, nested) for group_id in placements[item["id"]]]
    for category in menu["categories"]:
        category["items"] = [items[item_id] for item_id in category["item_ids"] if item_id in items]
    return menu


def _nested(groups: dict[str, Document], group_id: str, depth: int, known: dict[tuple[str, int], Document]) -> Document:
    """A group whose modifiers hold the groups under them. A group at one depth is one object, however often it is offered."""
    key = group_id, depth
    if key not in known:
        group = groups[group_id]
        modifiers = [
            {**modifier, "modifier_groups": [
                _nested(groups, inner, depth + 1, known) for inner in modifier["group_ids"] if depth < DEEPEST
            ]}
            for modifier in group["modifiers"]
        ]  # fmt: skip
        known[key] = {**group, "modifiers": modifiers}
    return known[key]


def _read(scope: Scope, menu_id: str) -> tuple[Any, ...]:
    row = menu_queries.whole_menu.row(scope, menu_id=menu_id)
    if row is None:
        raise NotFound(f"There is no menu {menu_id}.")
    menu, zones, items, variations, seats, placements, groups, modifiers, nestings, refs = (orjson.loads(part) for part in row)
    return (
        menu,
        {row["id"]: row["time_zone"] for row in zones},
        {row["id"]: row for row in items if row["deleted_at"] is None},
        _by(variations, "item_id", lambda row: {key: value for key, value in row.items() if key != "item_id"}),
        _by(seats, "item_id", lambda row: row["category_id"]),
        _by(placements, "item_id", lambda row: row["group_id"], "group_id"),
        {row["id"]: row for row in groups},
        sorted(modifiers, key=lambda row: (row["sort"], row["id"])),
        _by(nestings, "modifier_id", lambda row: row["group_id"], "group_id"),
        _by(refs, "object_id", lambda row: {"product": row["product"], "type": row["type"], "id": row["id"]}),
    )


def _by(rows: list[Document], owner: str, shown: Any, tie: str = "id") -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.get("sort", 0), row.get(tie, ""))):
        grouped[row[owner]].append(shown(row))
    return grouped


def _hash_of(parts: tuple[Any, ...]) -> str:
    menu, _, items, variations, _, placements, groups, modifiers, nestings, _ = parts
    content = {
        "menu": _lasting(menu), "categories": [_lasting(row) for row in menu["categories"]],
        "items": {key: _lasting(row) for key, row in items.items()},
        "variations": {key: [_lasting(row) for row in rows] for key, rows in variations.items()},
        "placements": placements, "groups": {key: _lasting(row) for key, row in groups.items()},
        "modifiers": [_lasting(row) for row in modifiers], "nestings": nestings,
    }  # fmt: skip
    return blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _lasting(row: Document) -> Document:
    return {key: value for key, value in row.items() if key not in _FLEETING and key not in ("categories", "modifiers")}


def stamp_menus(scope: Scope, *, menu_ids: Iterable[str] | None = None) -> None:
    """Compute the content hash of menus anew (None: of all) and write it where it changed."""
    if menu_ids is None:
        rows = menu_queries.menu_list.documents(scope, False, False, False, False, rows=1000)
        menu_ids = [row["id"] for row in rows]
    for menu_id in sorted(set(menu_ids)):
        digest = _hash_of(_read(scope, menu_id))
        menu_queries.stamp.rows(scope, menu_id=menu_id, version_hash=digest, now=tenant_now_us(scope))


def menus_with(scope: Scope, *, item_ids: Iterable[str]) -> set[str]:
    """The ids of the menus that show one of these items."""
    return {row[0] for row in menu_queries.menus_with.rows(scope, item_ids=orjson.dumps(list(item_ids)).decode())}


def read_menu(scope: Scope, *, menu_id: str) -> Document:
    """Read one menu document, a deleted one too. Raises NotFound."""
    document = menu_queries.menu.document(scope, True, menu_id=menu_id)
    if document is None:
        raise NotFound(f"There is no menu {menu_id}.")
    return document


def announce_menu(scope: Scope, *, menu_id: str, previous: Document | None, counts: Document) -> Document:
    """Stamp a menu that changed and record menu.updated with how many parts were created, updated and deleted.

    Returns its document.
    """
    before = read_menu(scope, menu_id=menu_id)
    if before["deleted_at"] is None:
        stamp_menus(scope, menu_ids=[menu_id])
    document = read_menu(scope, menu_id=menu_id)
    shown = {**document, "menu_changes": {**NOTHING, **counts}}
    record(scope, MenuUpdated(object=shown, previous=previous, location_id=document["location_id"]))
    return document
