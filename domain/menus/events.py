"""Events of menus.

Object: the menu, item or modifier document. An item's document carries reason and end of an unavailability. Two objects say
more: a menu's `menu_changes` counts what was created, updated and deleted, an item's `price_change` lists old and new prices.
"""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class MenuCreated(Event):
    """A menu exists. Its object names items, it does not hold them."""

    type: ClassVar[str] = "menu.created"


@dataclass(frozen=True, kw_only=True)
class MenuUpdated(Event):
    """A menu, its categories, structure or schedule changed; once for a whole uploaded document."""

    type: ClassVar[str] = "menu.updated"


@dataclass(frozen=True, kw_only=True)
class ItemCreated(Event):
    """An item exists."""

    type: ClassVar[str] = "menu.item.created"


@dataclass(frozen=True, kw_only=True)
class ItemUpdated(Event):
    """Anything about an item changed but its availability."""

    type: ClassVar[str] = "menu.item.updated"


@dataclass(frozen=True, kw_only=True)
class PriceUpdated(Event):
    """The price of an item, of one of its variations or of a modifier offered with it changed."""

    type: ClassVar[str] = "menu.price.updated"


@dataclass(frozen=True, kw_only=True)
class ItemBecameUnavailable(Event):
    """Suspended by hand, out of stock or taken off the menu. A schedule that ends emits nothing."""

    type: ClassVar[str] = "menu.item.unavailable"


@dataclass(frozen=True, kw_only=True)
class ItemBecameAvailable(Event):
    """Back from a suspension or back in stock."""

    type: ClassVar[str] = "menu.item.available"


@dataclass(frozen=True, kw_only=True)
class ModifierBecameUnavailable(Event):
    """A modifier was suspended or ran out."""

    type: ClassVar[str] = "menu.modifier.unavailable"


@dataclass(frozen=True, kw_only=True)
class ModifierBecameAvailable(Event):
    """A modifier can be chosen again."""

    type: ClassVar[str] = "menu.modifier.available"
