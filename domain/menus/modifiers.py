"""Modifier groups and their modifiers: reading and changing them, and how groups nest.

A group is shared: changing it changes every item that offers it, so the menus showing such items are told.
"""

from typing import Any

import orjson

from domain.menus import modifier_queries as queries
from domain.menus.checks import Values
from domain.menus.checks import check_food
from domain.menus.checks import check_groups
from domain.menus.checks import refused
from domain.menus.checks import selling_currency
from domain.menus.items import judged_item
from domain.menus.items import read_items
from domain.menus.models import GroupPlacement
from domain.menus.models import Modifier
from domain.menus.models import ModifierGroup
from domain.menus.nesting import problem_of
from domain.menus.nesting import within
from domain.menus.prices import announce_prices
from domain.menus.whole import announce_menu
from domain.menus.whole import menus_with
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now
from kit.unit import tenant_now_us

COLUMNS = ("name", "translations", "min_selections", "max_selections", "is_required", "sort")
OPTION_COLUMNS = ("name", "price_minor", "translations", "max_quantity", "allergens", "stock_count")
OPTION_DEFAULTS: Values = {"price_minor": 0, "translations": {}, "max_quantity": 1, "allergens": [], "stock_count": None}
ALWAYS_DIFFERENT = ("version", "updated_at")


def get_modifier_group(scope: Scope, *, group_id: str) -> Document:
    """Read one modifier group with its modifiers. Raises NotFound."""
    document = queries.group.document(scope, group_id=group_id)
    if document is None:
        raise NotFound(f"There is no modifier group {group_id}.")
    return _judged(scope, document)


def list_modifier_groups(
    scope: Scope, *, limit: int, after: list[Any] | None, ref: str | None = None
) -> list[Document]:
    """List up to limit + 1 modifier groups. `after` is [sort, id] of the last one of the page before."""
    value, last_id = after or (None, None)
    rows = queries.group_list.documents(
        scope, ref is not None, after is not None, ref=ref, after_value=value, after_id=last_id, rows=limit + 1
    )
    return [_judged(scope, row) for row in rows]


def read_modifier(scope: Scope, *, modifier_id: str) -> Document:
    """Read one modifier document: its columns, currency, group_ids nested under it, and whether it can be chosen.

    Raises NotFound.
    """
    document = queries.modifier.document(scope, modifier_id=modifier_id)
    if document is None:
        raise NotFound(f"There is no modifier {modifier_id}.")
    return judged_item(document, tenant_now_us(scope), "UTC")


def create_modifier_group(scope: Scope, *, values: Values) -> Document:
    """Create a modifier group and return its document. It is offered nowhere yet, so nothing is recorded.

    values: name, and any of translations, currency, min_selections, max_selections, is_required, sort, and modifiers
    ([{name, price_minor, translations, max_quantity, allergens, stock_count, group_ids}], order kept).
    Raises Invalid (422).
    """
    options = values.get("modifiers", [])
    _check_selections(values, len(options) if "modifiers" in values else None)
    now = tenant_now(scope)
    currency = values.get("currency") or selling_currency(scope, location_id=None)
    group = ModifierGroup(
        currency=currency, created_at=now, updated_at=now, **{name: values[name] for name in COLUMNS if name in values}
    )
    session(scope).add(group)
    session(scope).flush()  # its modifiers refer to it
    _replace_options(scope, group, options)
    return get_modifier_group(scope, group_id=group.id)


def change_modifier_group(
    scope: Scope, *, group_id: str, changes: Values, expected_version: int | None = None, tells_menus: bool = True
) -> Document:
    """Change a modifier group and return its document; equal values change nothing.

    changes: as create_modifier_group takes them. `modifiers` is the whole new list: an entry with the id of a present
    modifier changes it, one without makes a new one, what is missing goes.
    Records menu.updated for each menu that shows an item offering the group (unless tells_menus is False), and
    menu.price.updated for each such item when the price of a modifier changed.
    Raises NotFound, Conflict (409 version_conflict), Invalid (422).
    """
    if changes.get("modifiers") is not None:
        queries.group_locks.rows(scope)  # all of them before its own: two that nest each other would wait for each other
    group = session(scope).scalar(ModifierGroup.owned_by(scope).where(ModifierGroup.id == group_id).with_for_update())
    before = get_modifier_group(scope, group_id=group_id)
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The modifier group is at version {before['version']} now.", current_version=before["version"])
    options = changes.get("modifiers")
    _check_selections({**before, **changes}, len(before["modifiers"] if options is None else options))
    for name in COLUMNS:
        if name in changes:
            setattr(group, name, changes[name])
    if options is not None:
        _replace_options(scope, group, options)
    after = get_modifier_group(scope, group_id=group_id)
    if all(before[name] == after[name] for name in before if name not in ALWAYS_DIFFERENT):
        return after
    group.version += 1
    group.updated_at = tenant_now(scope)
    after = get_modifier_group(scope, group_id=group_id)
    _announce(scope, before, after, tells_menus)
    return after


def _announce(scope: Scope, before: Document, after: Document, tells_menus: bool) -> None:
    holders = within([after["id"]], [(row[0], row[1]) for row in queries.nestings.rows(scope)])
    rows = queries.items_offering.rows(scope, group_ids=orjson.dumps(sorted(holders)).decode())
    item_ids = sorted(row[0] for row in rows)
    if not item_ids:
        return
    old = {row["id"]: row for row in before["modifiers"]}
    new = {row["id"]: row for row in after["modifiers"]}
    repriced = [
        {"kind": "modifier", "id": key, "name": row["name"], "old_price_minor": old[key]["price_minor"],
         "new_price_minor": row["price_minor"]}
        for key, row in new.items() if key in old and old[key]["price_minor"] != row["price_minor"]
    ]  # fmt: skip
    if repriced:
        for _, item in sorted(read_items(scope, item_ids=item_ids).items()):
            announce_prices(scope, item=item, changes=repriced)
    if tells_menus:
        changed = [key for key in new if key in old and _lasting(old[key]) != _lasting(new[key])]
        counts = {"created": len(new.keys() - old.keys()), "updated": len(changed), "deleted": len(old.keys() - new.keys())}
        previous = {"modifier_groups": {after["id"]: _previous(before, after)}}
        for menu_id in sorted(menus_with(scope, item_ids=item_ids)):
            announce_menu(scope, menu_id=menu_id, previous=previous, counts=counts)


def _previous(before: Document, after: Document) -> Document:
    """What a group was like where it differs, its modifiers by id with their old prices."""
    previous: Document = {
        name: before[name] for name in COLUMNS if before[name] != after[name]
    } | {"currency": before["currency"]}
    new = {row["id"]: row for row in after["modifiers"]}
    options = {
        row["id"]: {name: row[name] for name in ("name", "price_minor")}
        for row in before["modifiers"] if _lasting(row) != _lasting(new.get(row["id"], {}))
    }  # fmt: skip
    return previous | ({"modifiers": options} if options else {})


def _lasting(row: Document) -> Document:
    return {name: value for name, value in row.items() if name not in ALWAYS_DIFFERENT}


def _check_selections(values: Values, count: int | None) -> None:
    most, least = values.get("max_selections", 1), values.get("min_selections", 0)
    if least > most:
        raise refused("min", "The minimum may not be above the maximum.")
    least = max(least, 1 if values.get("is_required") else 0)
    if least > most:
        raise refused("max", "A required group lets at least one modifier be chosen.")
    if count and least > count:
        raise refused("min", f"{least} of {count} modifiers can never be chosen.")


def _replace_options(scope: Scope, group: ModifierGroup, options: list[Values]) -> None:
    """Make a group's modifiers those given, in that order. Trusts that the group's row is locked or new."""
    asked = session(scope)
    # Whoever nests groups waits here for the others, so that two of them cannot close a circle together.
    queries.group_locks.rows(scope)
    present = {row.id: row for row in asked.scalars(Modifier.owned_by(scope).where(Modifier.group_id == group.id))}
    kept: set[str] = set()
    rows: list[tuple[Modifier, list[str]]] = []
    for index, values in enumerate(options):
        row = _option(scope, group, present, kept, values, index)
        kept.add(row.id)
        if "group_ids" in values:
            field = f"modifiers[{index}].modifier_group_ids"
            check_groups(scope, values["group_ids"], field, currency=group.currency)
            rows.append((row, values["group_ids"]))
    asked.flush()  # placements refer to the modifiers
    _place(scope, rows, gone=[row for key, row in present.items() if key not in kept])
    if problem := problem_of((row[0], row[1]) for row in queries.nestings.rows(scope)):
        raise refused("modifiers", problem)


def _option(
    scope: Scope, group: ModifierGroup, present: dict[str, Modifier], kept: set[str], values: Values, index: int
) -> Modifier:
    check_food(values, f"modifiers[{index}].")
    row_id, now = values.get("id"), tenant_now(scope)
    if row_id is not None and (row_id not in present or row_id in kept):
        raise refused(f"modifiers[{index}].id", f"The group has no modifier {row_id}, or it is named twice.")
    if row_id is None:
        row = Modifier(group_id=group.id, sort=index, created_at=now, updated_at=now)
        for name in OPTION_COLUMNS:
            setattr(row, name, values.get(name, OPTION_DEFAULTS.get(name)))
        session(scope).add(row)
        return row
    row = present[row_id]
    wanted = {"sort": index} | {name: values[name] for name in OPTION_COLUMNS if name in values}
    if any(getattr(row, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(row, name, value)
        row.version += 1
        row.updated_at = now
    return row


def _place(scope: Scope, rows: list[tuple[Modifier, list[str]]], *, gone: list[Modifier]) -> None:
    """Make the groups nested under modifiers those given, and remove modifiers that are gone."""
    asked = session(scope)
    ids = [row.id for row, _ in rows] + [row.id for row in gone]
    present = {
        (row.modifier_id, row.group_id): row
        for row in asked.scalars(GroupPlacement.owned_by(scope).where(GroupPlacement.modifier_id.in_(ids)))
    }
    wanted = {(row.id, group_id): sort for row, group_ids in rows for sort, group_id in enumerate(group_ids)}
    for key, row in present.items():
        if key not in wanted:
            asked.delete(row)
    for (modifier_id, group_id), sort in wanted.items():
        if (modifier_id, group_id) in present:
            present[modifier_id, group_id].sort = sort
        else:
            asked.add(GroupPlacement(modifier_id=modifier_id, group_id=group_id, sort=sort))
    asked.flush()  # the modifiers go after what refers to them
    for row in gone:
        asked.delete(row)
    asked.flush()  # nestings are read below


def _judged(scope: Scope, group: Document) -> Document:
    now_us = tenant_now_us(scope)
    for modifier in group["modifiers"]:
        modifier["currency"] = group["currency"]
        judged_item(modifier, now_us, "UTC")
    return group
