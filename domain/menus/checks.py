"""What values of a menu must hold, whichever product sends them. References are read, nothing is written."""

from collections.abc import Iterable
from typing import Any

import orjson

from domain.menus import menu_queries
from domain.menus.allergens import BY_CODE
from domain.menus.allergens import DIETS
from domain.menus.allergens import LEVELS
from domain.menus.models import MenuItem
from domain.menus.models import ModifierGroup
from domain.menus.models import Tax
from kit.errors import FieldError
from kit.errors import Invalid
from kit.scope import Scope
from kit.unit import session

Values = dict[str, Any]


def refused(field: str, message: str) -> Invalid:
    """The refusal of one field."""
    return Invalid(f"{field}: {message}", errors=[FieldError(field, "validation_failed", message)])


def check_food(values: Values, path: str = "") -> None:
    """Check allergens and diets, when given. Raises Invalid (422)."""
    seen: set[str] = set()
    for index, row in enumerate(values.get("allergens") or ()):
        if row["code"] not in BY_CODE or row["level"] not in LEVELS:
            raise refused(f"{path}allergens[{index}]", f"{row['code']} ({row['level']}) is not a declared allergen.")
        if row["code"] in seen:
            raise refused(f"{path}allergens[{index}].code", f"{row['code']} is declared twice.")
        seen.add(row["code"])
    for index, diet in enumerate(values.get("diets") or ()):
        if diet not in DIETS:
            raise refused(f"{path}diets[{index}]", f"Expected one of {', '.join(DIETS)}.")


def check_tax(scope: Scope, tax_id: str | None) -> None:
    """Check that a tax exists. Raises Invalid (422)."""
    if tax_id is not None and session(scope).scalar(Tax.owned_by(scope).where(Tax.id == tax_id)) is None:
        raise refused("tax_id", f"There is no tax {tax_id}.")


def check_groups(scope: Scope, group_ids: list[str], field: str, *, currency: str | None) -> None:
    """Check that modifier groups exist, are named once and are priced in this currency. Raises Invalid (422)."""
    query = ModifierGroup.owned_by(scope).where(ModifierGroup.id.in_(group_ids))
    rows = {row.id: row for row in session(scope).scalars(query)} if group_ids else {}
    _check_known(group_ids, rows, field, "modifier group")
    for index, group_id in enumerate(group_ids):
        if None not in (currency, its := rows[group_id].currency) and its != currency:
            raise refused(f"{field}[{index}]", f"Modifier group {group_id} is priced in {its}.")


def check_items(scope: Scope, item_ids: list[str], field: str, *, location_id: str | None) -> None:
    """Check that items exist, are named once and may stand on the menu of a location. Raises Invalid (422)."""
    query = MenuItem.owned_by(scope).where(MenuItem.id.in_(item_ids), MenuItem.deleted_at.is_(None))
    rows = {row.id: row for row in session(scope).scalars(query)} if item_ids else {}
    _check_known(item_ids, rows, field, "menu item")
    currency = None if location_id is None or not rows else selling_currency(scope, location_id=location_id)
    for index, item_id in enumerate(item_ids):
        item = rows[item_id]
        if location_id is not None and item.location_id not in (None, location_id):
            raise refused(f"{field}[{index}]", f"Menu item {item_id} is sold at another location.")
        if currency not in (None, item.currency):
            raise refused(f"{field}[{index}]", f"Menu item {item_id} is priced in {item.currency}.")


def check_categories(scope: Scope, category_ids: list[str], *, location_id: str | None, currency: str) -> None:
    """Check that an item of this location and currency may stand in these categories. Raises Invalid (422)."""
    rows = menu_queries.category_homes.rows(scope, category_ids=orjson.dumps(category_ids).decode()) if category_ids else []
    _check_known(category_ids, {row[0] for row in rows}, "category_ids", "category")
    for category_id, _, home, its_currency in rows:
        field = f"category_ids[{category_ids.index(category_id)}]"
        if home is not None and location_id not in (None, home):
            raise refused(field, f"Category {category_id} belongs to the menu of another location.")
        if its_currency not in (None, currency):
            raise refused(field, f"Category {category_id} belongs to a menu in {its_currency}.")


def selling_currency(scope: Scope, *, location_id: str | None) -> str:
    """The currency something sold at a location, or (None) at every location, is priced in.

    Raises Invalid (422) for an unknown location, and without one where locations sell in several currencies or none exists.
    """
    rows = dict(menu_queries.currencies.rows(scope))
    if location_id is not None:
        if location_id not in rows:
            raise refused("location_id", f"There is no location {location_id}.")
        return str(rows[location_id])
    if len(set(rows.values())) != 1:
        raise refused("location_id", "Name the location: this restaurant sells in several currencies or has no location yet.")
    return str(next(iter(rows.values())))


def _check_known(asked: list[str], known: Iterable[str], field: str, noun: str) -> None:
    known = set(known)
    for index, one in enumerate(asked):
        if one not in known:
            raise refused(f"{field}[{index}]", f"There is no {noun} {one}.")
        if one in asked[:index]:
            raise refused(f"{field}[{index}]", f"{one} is named twice.")
