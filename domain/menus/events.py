"""Events of menus. Object: the item document, which carries reason and end of an unavailability."""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ItemBecameUnavailable(Event):
    """Suspended by hand or out of stock. A schedule that ends emits nothing."""

    type: ClassVar[str] = "menu.item.unavailable"


@dataclass(frozen=True, kw_only=True)
class ItemBecameAvailable(Event):
    """Back from a suspension or back in stock."""

    type: ClassVar[str] = "menu.item.available"
