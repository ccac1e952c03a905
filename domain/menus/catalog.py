"""What pricing needs to know about the items and modifiers one order names, read in one statement and frozen.

Owns the shape only: domain/menus/service.py fills it, domain/orders judges an order by it. Prices are integer minor
units of the location's currency.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class CatalogItem:
    """One item at one location, now. variations: id → (name, price_minor); the price replaces the item's own."""

    id: str
    name: str
    currency: str
    location_id: str | None
    price_minor: int
    variations: dict[str, tuple[str, int]]
    tax_id: str | None
    tax_name: str | None
    tax_rate: str | None  # decimal string; None: not taxed
    allergens: list[dict[str, Any]]
    available: bool
    unavailable_reason: str | None
    available_again_at: int | None
    stock_count: int | None
    group_ids: list[str]


@dataclass(slots=True)
class CatalogGroup:
    """A choice: between min and max selections out of modifier_ids."""

    id: str
    name: str
    min_selections: int
    max_selections: int
    is_required: bool
    modifier_ids: list[str]


@dataclass(slots=True)
class CatalogModifier:
    """One option. group_ids are the groups nested under it, which count once it is selected."""

    id: str
    name: str
    price_minor: int
    max_quantity: int
    group_id: str
    available: bool
    group_ids: list[str]
    allergens: list[dict[str, Any]]


@dataclass(slots=True)
class CatalogTax:
    """A tax rate as a decimal string."""

    id: str
    name: str
    rate: str


@dataclass(slots=True)
class CatalogCharge:
    """An extra charge of the location. value: basis points for percent, minor units for fixed; no order_types: all."""

    id: str
    name: str
    kind: str
    value: int
    order_types: list[str]
    auto_apply: bool
    tax_id: str | None
    tax_name: str | None
    tax_rate: str | None


class Catalog:
    """The part of a location's menu that one order names. Holds only what was asked for."""

    __slots__ = ("_groups", "_items", "_modifiers", "charges", "default_tax")

    def __init__(
        self,
        *,
        items: dict[str, CatalogItem],
        groups: dict[str, CatalogGroup],
        modifiers: dict[str, CatalogModifier],
        charges: dict[str, CatalogCharge],
        default_tax: CatalogTax | None,
    ) -> None:
        self._items, self._groups, self._modifiers = items, groups, modifiers
        self.charges = charges  # every charge of the location by id, for auto_apply
        self.default_tax = default_tax  # of lines without an item

    def item(self, item_id: str) -> CatalogItem | None:
        """The item, or None when this location does not sell it."""
        return self._items.get(item_id)

    def group(self, group_id: str) -> CatalogGroup | None:
        """A group placed on an asked item or nested under an asked modifier."""
        return self._groups.get(group_id)

    def modifier(self, modifier_id: str) -> CatalogModifier | None:
        """An asked modifier, or None when it does not exist."""
        return self._modifiers.get(modifier_id)
