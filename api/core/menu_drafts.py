"""Turns bodies about menus into the values the domain takes: its column names, and minor units for amounts."""

from typing import Any

from api.amounts import Amounts
from api.operations import Call
from domain.menus import service as menus

Values = dict[str, Any]
CONVERTED = ("price", "cost", "version", "variations", "modifier_groups")
RENAMED = {"min": "min_selections", "max": "max_selections", "required": "is_required", "modifier_group_ids": "group_ids"}


def item_values(body: Values, to: Amounts, path: str = "") -> Values:
    """The values of an item's body: price → base_price_minor, cost → cost_minor, those of variations → price_minor."""
    values = {name: value for name, value in body.items() if name not in CONVERTED}
    if "price" in body:
        values["base_price_minor"] = to.minor(body["price"], f"{path}price")
    if "cost" in body:
        values["cost_minor"] = None if body["cost"] is None else to.minor(body["cost"], f"{path}cost")
    if "variations" in body:
        values["variations"] = [
            _priced(row, to, f"{path}variations[{index}].") for index, row in enumerate(body["variations"])
        ]
    if "modifier_groups" in body:
        values["modifier_groups"] = _groups(body["modifier_groups"], to, path)
    return values


def group_values(body: Values, to: Amounts, path: str = "") -> Values:
    """The values of a modifier group's body, its modifiers and what is nested in them included."""
    values = {RENAMED.get(name, name): value for name, value in body.items() if name not in ("version", "modifiers")}
    if "modifiers" in body:
        values["modifiers"] = [
            _modifier(row, to, f"{path}modifiers[{index}].") for index, row in enumerate(body["modifiers"])
        ]
    return values


def document_values(body: Values, to: Amounts) -> Values:
    """The values of a whole menu's body."""
    categories = [
        {**category, "items": [
            item_values(item, to, f"categories[{index}].items[{place}].") for place, item in enumerate(category["items"])
        ]}
        for index, category in enumerate(body["categories"])
    ]  # fmt: skip
    return {**body, "categories": categories}


def charge_value(amount: Any, kind: str, to: Amounts) -> int:
    """A charge's value: percent in basis points, an amount in minor units."""
    return to.minor(amount, "value") if kind == "fixed" else Amounts(lambda: "EUR").minor(amount, "value")


def priced_at(call: Call, location_id: str | None) -> Amounts:
    """Converter for what is sold at a location, or (None) at all of them."""
    return Amounts(lambda: menus.selling_currency(call.scope, location_id=location_id))


def _groups(rows: list[Values], to: Amounts, path: str) -> list[Values]:
    return [group_values(row, to, f"{path}modifier_groups[{index}].") for index, row in enumerate(rows)]


def _modifier(row: Values, to: Amounts, path: str) -> Values:
    values = {RENAMED.get(name, name): value for name, value in _priced(row, to, path).items() if name != "modifier_groups"}
    if "modifier_groups" in row:
        values["modifier_groups"] = _groups(row["modifier_groups"], to, path)
    return values


def _priced(row: Values, to: Amounts, path: str) -> Values:
    values = {name: value for name, value in row.items() if name != "price"}
    if "price" in row:
        values["price_minor"] = to.minor(row["price"], f"{path}price")
    return values
